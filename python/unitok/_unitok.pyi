# The types of the compiled module, whose docstrings are in it.

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Encoding",
    "Index",
    "TextEncoder",
    "TextModelNotFoundError",
    "Tokenizer",
    "Trie",
    "__version__",
    "audit",
    "export",
]

__version__: str

_Path: TypeAlias = str | PathLike[str]
_Policy: TypeAlias = Literal["keep", "suffix", "sinkhorn", "assign"]
_Layout: TypeAlias = Literal["expert-last", "expert-first", "with-shared"]
_CodeVocabulary: TypeAlias = Literal["shared", "per-expert"]

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

_Vectors: TypeAlias = ArrayLike | _ArrowArray | _ArrowStream

class TextModelNotFoundError(FileNotFoundError): ...

@final
class Tokenizer:
    @staticmethod
    def from_pretrained(path: _Path = "default") -> Tokenizer: ...
    @staticmethod
    def from_buffers(config: str, weights: bytes) -> Tokenizer: ...
    def encode(
        self,
        vectors: _Vectors,
        *,
        collisions: _Policy = "keep",
        layout: _Layout = "expert-last",
        code_vocabulary: _CodeVocabulary = "shared",
        beam: int = 1,
    ) -> Encoding: ...
    def encode_texts(
        self,
        texts: Iterable[str],
        *,
        text_model: _Path | TextEncoder | None = None,
        collisions: _Policy = "keep",
        layout: _Layout = "expert-last",
        code_vocabulary: _CodeVocabulary = "shared",
        beam: int = 1,
    ) -> Encoding: ...
    @overload
    def decode(self, tokens: list[str] | tuple[str, ...], index: Index) -> list[str]: ...
    @overload
    def decode(self, tokens: Sequence[list[str] | tuple[str, ...]], index: Index) -> list[list[str]]: ...
    def save(self, path: _Path) -> None: ...
    @property
    def config(self) -> dict[str, Any]: ...

@final
class Encoding:
    @property
    def tokens(self) -> list[list[str]]: ...
    @property
    def codes(self) -> NDArray[np.int32]: ...
    @property
    def experts(self) -> NDArray[np.int32]: ...
    @property
    def gates(self) -> NDArray[np.float32]: ...
    @property
    def collisions(self) -> dict[str, Any]: ...
    def to_index(self, ids: Sequence[str]) -> Index: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...

@final
class TextEncoder:
    @staticmethod
    def from_pretrained(path: _Path | None = None) -> TextEncoder: ...
    def encode(self, texts: Iterable[str]) -> NDArray[np.float32]: ...
    @property
    def width(self) -> int: ...

@final
class Index:
    @staticmethod
    def from_file(path: _Path, *, ignore_lock: bool = False) -> Index: ...
    @staticmethod
    def from_dict(items: dict[str, list[str]]) -> Index: ...
    def save(self, path: _Path, *, replace: bool = True) -> None: ...
    @overload
    def decode(self, tokens: list[str] | tuple[str, ...]) -> list[str]: ...
    @overload
    def decode(self, tokens: Sequence[list[str] | tuple[str, ...]]) -> list[list[str]]: ...
    @property
    def made_of(self) -> dict[str, Any] | None: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def width(self) -> int: ...
    @property
    def vocabulary(self) -> list[str]: ...
    def to_dict(self) -> dict[str, list[str]]: ...
    def __getitem__(self, id: str, /) -> list[str]: ...
    def __contains__(self, id: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...

@final
class Trie:
    def __new__(cls, index: Index) -> Trie: ...
    def allowed(self, prefix: Sequence[str] = ()) -> list[str]: ...
    def items(self, codeword: Sequence[str]) -> list[str]: ...
    def __contains__(self, codeword: Sequence[str], /) -> bool: ...
    def to_arrays(self) -> dict[str, Any]: ...
    @property
    def nodes(self) -> int: ...

def export(
    index: Index | _Path,
    out: _Path,
    target: Literal["hf", "trie", "static", "flashrec", "sid-gr"],
    *,
    only: AbstractSet[str] | None = None,
    codes: int | Sequence[int] | None = None,
    after: _Path | None = None,
    base: _Path | None = None,
    tokenizer: Tokenizer | None = None,
    hidden_size: int | None = None,
    deviation: float = 0.02,
    layout: _Layout | None = None,
    code_vocabulary: _CodeVocabulary | None = None,
    ignore_lock: bool = False,
) -> dict[str, Any]: ...
def audit(
    index: Index | _Path,
    *,
    codes: int | Sequence[int] | None = None,
    sequences: _Path | None = None,
    embeddings: _Vectors | None = None,
) -> dict[str, Any]: ...
