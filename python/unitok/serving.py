"""What the logits processors of serving engines share: constraints by name, and the language model that they are for.

Two variables of the server's environment say what they need: UNITOK_TRIES, a folder of folders that `unitok export --for trie`
wrote, one for each set of items ("all", "stock", "stock-fr"); and UNITOK_BASE, the language model whose tokenizer has the item
tokens, if the engine does not tell it. A request names the folder; one that names none is left alone.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .decoding import ItemConstraint

TRIES = "UNITOK_TRIES"
BASE = "UNITOK_BASE"


def check_name(name: Any) -> None:
    """Refuses what is no name of a set of items: a request must neither stop the server nor reach other files of it."""
    folder = Path(os.environ.get(TRIES, "."))
    known = sorted(path.parent.name for path in folder.glob("*/trie.npz"))
    if name not in known:
        raise ValueError(f"items {name!r}: use one of {', '.join(known)}" if known else f"{TRIES}={folder} has no tries")


class Constraints:
    """Constraints by the names of their folders, each read when it is first asked for.

    Args:
        token_ids: Id of every token in the language model.
        end: Id that follows a whole codeword.
    """

    def __init__(self, token_ids: Mapping[str, int], *, end: int) -> None:
        self._token_ids, self._end = token_ids, end
        self._read: dict[str, ItemConstraint] = {}

    @classmethod
    def of_model(cls, base: str | None) -> "Constraints":
        """Constraints of the language model that the engine serves, or of that which UNITOK_BASE names."""
        from transformers import AutoTokenizer

        base = os.environ.get(BASE, base)
        if base is None or TRIES not in os.environ:
            raise ValueError(f"set {TRIES} to a folder of what `unitok export --for trie` wrote, and {BASE} to the language model")
        tokenizer = AutoTokenizer.from_pretrained(base)
        return cls(tokenizer.get_vocab(), end=tokenizer.eos_token_id)

    def __getitem__(self, name: Any) -> ItemConstraint:
        """The constraint of a name; of an unknown one that which generates no item, for a server that cannot refuse."""
        try:
            check_name(name)
        except ValueError:
            return ItemConstraint.of_nothing(end=self._end)
        if name not in self._read:
            folder = Path(os.environ[TRIES], name)
            self._read[name] = ItemConstraint.from_export(folder, self._token_ids, end=self._end)
        return self._read[name]
