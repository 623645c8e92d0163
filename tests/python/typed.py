"""Lines that mypy must accept in strict mode, and some that it must refuse. Nothing here runs."""

from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

import unitok

tokenizer: unitok.Tokenizer = unitok.Tokenizer.from_pretrained(Path("model"))
encoding = tokenizer.encode(np.zeros((2, 384), dtype=np.float32), collisions="assign", layout="expert-first")
tokens: list[list[str]] = encoding.tokens
experts: np.ndarray[tuple[int, ...], np.dtype[np.int32]] = encoding.experts
index = encoding.to_index(["a", "b"])
one: list[str] = index.decode(["<a_1>", "<b_2>"])
several: list[list[str]] = tokenizer.decode([["<a_1>"], ["<b_2>"]], index)
rate: float = unitok.audit(index, codes=256)["collision_rate"]
allowed: list[str] = unitok.Trie(index).allowed(["<a_1>"])
table = pa.table({"embedding": []})
tokenizer.encode(table)
tokenizer.encode(pa.array([[1.0]]))
tokenizer.encode_texts(text for text in ["a book"])

tokenizer.encode(np.zeros((2, 384)), layout="last")  # type: ignore[arg-type]
tokenizer.encode_texts([1])  # type: ignore[list-item]
unitok.Tokenizer.from_pretrained(3)  # type: ignore[arg-type]
