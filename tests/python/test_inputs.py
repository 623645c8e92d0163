"""Every form of vectors gives the same codes, and bad input is an exception that says what to do."""

import os
import re
import tracemalloc

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import unitok


def lists(array: np.ndarray) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])


FORMS = {
    "float64": lambda x: x.astype("float64"),
    "big endian": lambda x: x.astype(">f4"),
    "column by column": np.asfortranarray,
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "read only": lambda x: np.frombuffer(x.tobytes(), "float32").reshape(x.shape),
    "lists": np.ndarray.tolist,
    "memoryview": memoryview,
    "arrow": lists,
    "arrow slice": lambda x: lists(np.vstack([x[:5], x, x[:3]]))[5:-3],
    "arrow lists": lambda x: pa.array(list(x), type=pa.list_(pa.float32()))[:],
    "arrow large lists": lambda x: pa.array(list(x.astype("float64")), type=pa.large_list(pa.float64())),
    "arrow chunks": lambda x: pa.chunked_array([lists(x[:7]), lists(x[7:7]), lists(x[7:])]),
    "arrow batch": lambda x: pa.record_batch({"id": range(len(x)), "any name": lists(x)}),
    "arrow table": lambda x: pa.table({"other": lists(x[:, :9]), "embedding": lists(x)}),
    "arrow reader": lambda x: pa.table({"v": lists(x)}).to_reader(7),
    "polars table": lambda x: pl.DataFrame({"id": range(len(x)), "v": x}),
    "polars column": lambda x: pl.Series(x),
    "duckdb": lambda x: duckdb.from_arrow(pa.table({"v": lists(x)})),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_vectors(form, tokenizer, books):
    assert np.array_equal(tokenizer.encode(FORMS[form](books)).codes, tokenizer.encode(books).codes)


def test_float32_is_read_where_it_lies(tokenizer):
    vectors = np.random.default_rng(0).standard_normal((20_000, 384), dtype="float32")
    tracemalloc.start()
    tokenizer.encode(vectors)
    assert tracemalloc.get_traced_memory()[1] < vectors.nbytes / 10
    tracemalloc.stop()


def test_half_floats_are_converted(tokenizer, books):
    halves = books.astype("float16")
    arrow = pa.array(list(halves), type=pa.list_(pa.float16(), 384))
    assert tokenizer.encode(halves).tokens == tokenizer.encode(arrow).tokens


@pytest.mark.parametrize("nothing", [np.zeros((0, 384)), lists(np.ones((1, 384)))[:0], pa.table({"v": lists(np.ones((1, 384)))})[:0]])
def test_no_items_are_no_codewords(nothing, tokenizer):
    encoding = tokenizer.encode(nothing)
    assert (encoding.tokens, encoding.codes.shape, encoding.experts.shape) == ([], (0, 6), (0, 1))


def with_value(value, row=40, column=3):
    def change(books):
        changed = books.copy()
        changed[row, column] = value
        return changed

    return change


BAD = {
    "NaN": (with_value(np.nan), ValueError, "row 40, column 3: the value is not a finite number"),
    "infinity": (with_value(-np.inf), ValueError, "row 40, column 3"),
    "float64 beyond float32": (lambda x: with_value(1e300)(x.astype("float64")), ValueError, "row 40, column 3"),
    "far row": (lambda x: with_value(np.nan, 39_999)(np.vstack([x] * 700)), ValueError, "row 39999, column 3"),
    "zeros": (lambda x: x * 0, ValueError, "row 0, column 0: the whole row is zero"),
    "width": (lambda x: x[:, :100], ValueError, "the vectors have 100 values, the tokenizer reads 384"),
    "no width": (lambda x: x[:, :0], ValueError, "the vectors have 0 values"),
    "one vector": (lambda x: x[0], ValueError, "reshape(1, -1)"),
    "three axes": (lambda x: x[None], ValueError, "shape [items][width]"),
    "numbers": (lambda x: x.astype("int8"), TypeError, 'astype("float32")'),
    "complex": (lambda x: x.astype(complex), TypeError, "dtype complex128"),
    "text": (lambda x: "vectors", TypeError, "this is str"),
    "nothing": (lambda x: None, TypeError, "this is NoneType"),
    "ragged": (lambda x: [[1.0], [1.0, 2.0]], ValueError, "inhomogeneous"),
    "arrow numbers": (lambda x: pa.array([1, 2]), TypeError, "Arrow's Int64"),
    "arrow null row": (lambda x: pa.array([None, *x], type=pa.list_(pa.float32(), 384)), ValueError, "row 0 is null"),
    "arrow null value": (lambda x: pa.array([[None] * 384], type=pa.list_(pa.float32())), ValueError, "row 0, column 0"),
    "arrow ragged": (lambda x: pa.array([[1.0], [1.0, 2.0]]), ValueError, "row 1 of its chunk has 2 values"),
    "arrow ragged chunks": (lambda x: pa.chunked_array([pa.array([[1.0]]), pa.array([[1.0, 2.0]])]), ValueError, "has 2 values"),
    "no column": (lambda x: pa.table({"price": [1.0]}), TypeError, "no column holds lists of floats; columns: price"),
    "several columns": (lambda x: pa.table({"a": lists(x), "b": lists(x)}), TypeError, "(a, b)"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_vectors_are_refused(name, tokenizer, books):
    make, error, message = BAD[name]
    with np.errstate(all="ignore"), pytest.raises(error, match=re.escape(message)):
        tokenizer.encode(make(books))


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("one text", TypeError, "one text is [text]"),
        (["book", 7], TypeError, "text 1 is int, not str"),
        (["book", " "], ValueError, "text 1 is empty"),
        (3, TypeError, "not iterable"),
    ],
)
def test_bad_texts_are_refused(texts, error, message, tokenizer):
    with pytest.raises(error, match=re.escape(message)):
        tokenizer.encode_texts(texts)


def test_a_missing_text_model_is_named(tokenizer, tmp_path):
    with pytest.raises(unitok.TextModelNotFoundError, match="cargo xtask text-model") as caught:
        tokenizer.encode_texts(["a book"], text_model=tmp_path)
    assert isinstance(caught.value, FileNotFoundError)


def test_bad_choices_are_refused(tokenizer, books, index, tmp_path):
    for choice in [{"collisions": "drop"}, {"layout": "none"}, {"code_vocabulary": "own"}, {"beam": 0}, {"beam": 65}]:
        with pytest.raises(ValueError, match="use one of|from 1 to 64"):
            tokenizer.encode(books, **choice)
    with pytest.raises(ValueError, match="2 ids for 60 items"):
        tokenizer.encode(books).to_index(["a", "b"])
    with pytest.raises(ValueError, match="appears twice"):
        tokenizer.encode(books).to_index(["a"] * 60)
    with pytest.raises(ValueError, match="id 1 is empty"):
        tokenizer.encode(books).to_index(["a", " "] + [str(item) for item in range(58)])
    with pytest.raises(ValueError, match="3 vectors for an index of 60 items"):
        unitok.audit(index, embeddings=books[:3])
    with pytest.raises(ValueError, match="vocabulary sizes"):
        unitok.audit(index, codes=[256, 256])


def test_bad_files_are_refused(tokenizer, index, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"<!doctype html>")
    (tmp_path / "index.json").write_text('{"a": ["<a_1>"], "b": []}')
    with pytest.raises(ValueError, match=r"config\.json"):
        unitok.Tokenizer.from_pretrained(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape("nowhere")):
        unitok.Tokenizer.from_pretrained(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="item «b» has no tokens"):
        unitok.Index.from_file(tmp_path / "index.json")
    with pytest.raises(OSError, match=re.escape("nowhere")):
        unitok.Index.from_file(tmp_path / "nowhere.json")
    with pytest.raises(OSError, match=re.escape("nowhere")):
        index.save(tmp_path / "nowhere/index.json")
    if os.path.isdir("/proc"):
        with pytest.raises(OSError):
            tokenizer.save("/proc/model")
