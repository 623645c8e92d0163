"""Decoding under constraints: a language model that only generates items of an index."""

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._unitok import Index, Trie


class ItemConstraint:
    """Which tokens a language model may generate next, so that every codeword it completes is one of an item.

    It looks at generated token ids alone, so it can be shared by all requests, and by beams that are reordered. Sub-catalogues,
    such as items in stock, are constraints of their own: unitok.export(..., "trie", only=...), then from_export.

    Args:
        index: The items.
        token_ids: Id of every item token in the language model, such as transformers' tokenizer.get_vocab().
        end: Id that follows a whole codeword: of the end of the text, or of what stands between items.
        start: Id after which a codeword begins. Without it a codeword is the first that is generated, and again after end.
    """

    def __init__(self, index: Index, token_ids: Mapping[str, int], *, end: int, start: int | None = None) -> None:
        arrays = Trie(index).to_arrays()
        self._set(arrays, arrays["vocabulary"], token_ids, end, start)

    @classmethod
    def from_export(
        cls, folder: str | PathLike[str], token_ids: Mapping[str, int], *, end: int, start: int | None = None
    ) -> "ItemConstraint":
        """The constraint of a folder that `unitok export --for trie` wrote, which may have some of the items only."""
        made = cls.__new__(cls)
        names = json.loads(Path(folder, "added_tokens.json").read_text(encoding="utf-8"))
        with np.load(Path(folder, "trie.npz")) as arrays:
            made._set(arrays, sorted(names, key=names.__getitem__), token_ids, end, start)
        return made

    @classmethod
    def of_nothing(cls, *, end: int) -> "ItemConstraint":
        """The constraint under which nothing but the end is generated."""
        made = cls.__new__(cls)
        made._set({"indptr": np.zeros(2, np.int32), "tokens": np.zeros(0, np.int32)}, [], {}, end, None)
        return made

    def _set(
        self, arrays: Mapping[str, Any], vocabulary: list[str], token_ids: Mapping[str, int], end: int, start: int | None
    ) -> None:
        tokens = arrays["tokens"]
        used = np.zeros(len(vocabulary), dtype=bool)
        used[tokens] = True
        missing = [token for token, is_used in zip(vocabulary, used, strict=True) if is_used and token not in token_ids]
        if missing:
            raise ValueError(f"the language model lacks {len(missing)} item tokens, {missing[0]} first: export the index for it")
        ids = np.array([token_ids.get(token, -1) for token in vocabulary], dtype=np.int64)
        self._indptr: NDArray[np.int32] = arrays["indptr"]
        self._tokens: NDArray[np.int64] = ids[tokens]
        self._end = np.array([end], dtype=np.int64)
        self._start = start

    def allowed(self, generated: Sequence[int]) -> NDArray[np.int64] | None:
        """Ids that may follow the generated ones; none may after tokens that no item has. None where anything may."""
        codeword = self._codeword(generated)
        if codeword is None:
            return None
        node = 0
        for token in codeword:
            first, last = self._indptr[node], self._indptr[node + 1]
            found = np.flatnonzero(self._tokens[first:last] == token)
            if not len(found):
                return self._end[:0]
            node = int(first + found[0]) + 1
        next_tokens = self._tokens[self._indptr[node] : self._indptr[node + 1]]
        return next_tokens if len(next_tokens) else self._end

    def _codeword(self, generated: Sequence[int]) -> Sequence[int] | None:
        """What is generated of the codeword that is being generated, if one is."""
        ids = list(generated)
        after_end = _after_last(ids, int(self._end[0]))
        if self._start is None:
            return ids[after_end:]
        after_start = _after_last(ids, self._start)
        return ids[after_start:] if after_start > after_end else None

    def __call__(self, generated: Sequence[int], logits: Any) -> Any:
        """Sets the logits [vocabulary] of all other tokens to -inf, in place: a NumPy array or a torch tensor."""
        allowed = self.allowed(generated)
        if allowed is not None:
            kept = logits[allowed]
            logits[:] = float("-inf")
            logits[allowed] = kept
        return logits


def _after_last(ids: Sequence[int], id: int) -> int:
    """Position after the last such id; 0 without one."""
    return next((position for position in range(len(ids), 0, -1) if ids[position - 1] == id), 0)
