"""Item tokens for generative recommenders.

>>> import unitok
>>> tokenizer = unitok.Tokenizer.from_pretrained("default")
>>> encoding = tokenizer.encode(embeddings)  # [items][384] float32, by all-MiniLM-L6-v2
>>> encoding.tokens[0]
['<a_117>', '<b_229>', '<c_3>', '<d_76>', '<e_214>', '<f_3>']
"""

from ._unitok import (
    Encoding,
    Index,
    TextEncoder,
    TextModelNotFoundError,
    Tokenizer,
    Trie,
    __version__,
    audit,
    export,
)
from .decoding import ItemConstraint

__all__ = [
    "Encoding",
    "Index",
    "ItemConstraint",
    "TextEncoder",
    "TextModelNotFoundError",
    "Tokenizer",
    "Trie",
    "__version__",
    "audit",
    "export",
]
