"""Indexes, tries, saved and pickled tokenizers, threads and processes, types."""

import json
import multiprocessing
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import unitok
from conftest import SAMPLES


def test_an_index_is_a_mapping_and_reads_back(index, tmp_path):
    items = index.to_dict()
    assert list(index) == index.ids == list(items)
    assert len(index) == 60
    assert all(index[id] == items[id] and len(index[id]) == index.width for id in index)
    assert index.ids[0] in index
    assert "nowhere" not in index and 0 not in index and None not in index
    with pytest.raises(KeyError):
        index["nowhere"]
    for name in ["index.json", "index.parquet"]:
        index.save(tmp_path / name)
        assert unitok.Index.from_file(tmp_path / name) == index
    assert unitok.Index.from_dict(items) == index


def test_an_index_keeps_its_lockfile(tokenizer, books, index, program, tmp_path):
    """The lockfile is the program's, and both sides refuse what does not belong together."""
    index.save(tmp_path / "index.json")
    program("tokenize", "--embeddings", SAMPLES / "books.npy", "--out", tmp_path / "its.json", "--device", "cpu")
    ours, its = (json.loads((tmp_path / f"{name}.json.lock").read_text()) for name in ["index", "its"])
    # What an array cannot say, the text model and the template, and the seal over it; and the vectors of the file are halves.
    for lock in ours, its:
        for unknown in ["text_model", "template", "seal"]:
            del lock[unknown]
        lock["tokenizer"].pop("name")
    assert ours == its
    program("audit", tmp_path / "index.json")
    read = unitok.Index.from_file(tmp_path / "index.json")
    assert read.made_of == index.made_of
    assert read.made_of["layout"] == "expert-last"
    read.save(tmp_path / "index.parquet")
    assert (tmp_path / "index.parquet.lock").read_text() == (tmp_path / "index.json.lock").read_text()
    assert unitok.Index.from_dict({"a": ["<a_1>"]}).made_of is None
    # Another index under the same name.
    lines = (tmp_path / "index.json").read_text().splitlines()
    (tmp_path / "index.json").write_text("\n".join([lines[0], *lines[2:]]))
    for wrong in [unitok.Index.from_file, unitok.audit]:
        with pytest.raises(ValueError, match=r"is not the index that index\.json\.lock was written with"):
            wrong(tmp_path / "index.json")
    assert len(unitok.Index.from_file(tmp_path / "index.json", ignore_lock=True)) == 59
    first = tokenizer.encode(books, layout="expert-first").to_index(index.ids)
    with pytest.raises(ValueError, match="was made with the layout expert-first, it is handed over with expert-last"):
        unitok.export(first, tmp_path / "out", "trie", layout="expert-last")
    assert unitok.export(first, tmp_path / "out", "trie", layout="expert-last", ignore_lock=True)["items"] == 60


def test_tokens_lead_back_to_items(tokenizer, index):
    for id, tokens in index.to_dict().items():
        assert id in index.decode(tokens)
    pairs = list(index.to_dict().values())[:2]
    assert tokenizer.decode(pairs, index) == [index.decode(tokens) for tokens in pairs]
    assert index.decode(["<a_1>"]) == index.decode(["no token"]) == []
    with pytest.raises(TypeError, match="list of str"):
        index.decode(3)


def test_a_random_walk_through_the_trie_ends_at_an_item(index):
    trie, random = unitok.Trie(index), np.random.default_rng(0)
    for _ in range(200):
        codeword: list[str] = []
        while allowed := trie.allowed(codeword):
            codeword.append(str(random.choice(allowed)))
        assert codeword in trie
        assert trie.items(codeword) == index.decode(codeword) != []
    assert trie.allowed(["no token"]) == []


def test_a_saved_or_pickled_tokenizer_is_the_same(tokenizer, books, tmp_path):
    tokenizer.save(tmp_path / "model")
    for same in [unitok.Tokenizer.from_pretrained(tmp_path / "model"), pickle.loads(pickle.dumps(tokenizer))]:
        assert same.config == tokenizer.config
        assert np.array_equal(same.encode(books).codes, tokenizer.encode(books).codes)


def test_an_encoding_is_an_arrow_table(tokenizer, books):
    encoding = tokenizer.encode(books)
    expected = {"tokens": encoding.tokens, "codes": encoding.codes.tolist()}
    assert pa.record_batch(encoding).to_pydict() == pa.table(encoding).to_pydict() == expected
    assert pl.DataFrame(encoding).to_dict(as_series=False) == expected
    assert duckdb.sql("select count(*) from encoding").fetchall() == [(60,)]


def test_the_numbers_of_an_encoding(tokenizer, books):
    encoding = tokenizer.encode(books)
    numbers = [[int(token.strip("<>").split("_")[1]) for token in tokens] for tokens in encoding.tokens]
    assert encoding.codes.dtype == encoding.experts.dtype == np.int32
    assert encoding.codes.tolist() == numbers
    assert np.array_equal(encoding.experts, encoding.codes[:, -1:])
    assert (encoding.gates > 1 / 6).all()
    assert len(encoding) == len(books)


def test_threads_share_a_tokenizer_and_python_goes_on(tokenizer, books):
    many = np.vstack([books] * 500)
    expected, ticks, done = tokenizer.encode(many).codes, 0, threading.Event()
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(tokenizer.encode, many) for _ in range(4)]
        # With the GIL held by an encoding, this would not run before all of them are done.
        while not all(future.done() for future in running):
            ticks += 1
            done.wait(0.001)
    assert ticks > 1
    assert all(np.array_equal(future.result().codes, expected) for future in running)


def encode_in_child(tokenizer, books, queue):
    queue.put(tokenizer.encode(books).codes)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_encodes_after_its_parent_did(tokenizer, books):
    context = multiprocessing.get_context("fork")
    expected, queue = tokenizer.encode(books).codes, context.Queue()
    child = context.Process(target=encode_in_child, args=(tokenizer, books, queue))
    child.start()
    assert np.array_equal(queue.get(timeout=120), expected)
    child.join(timeout=120)
    assert child.exitcode == 0


def test_the_types_are_those_of_the_module():
    # Fails where the stubs lack something, name something else, or take other arguments.
    check = [sys.executable, "-m", "mypy.stubtest", "unitok._unitok"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_knows_the_types(tmp_path):
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(Path(__file__).with_name("typed.py"))]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # The lines that are wrong on purpose must be found: mypy reports unused ignores in strict mode.


def test_everything_has_a_docstring():
    for name in unitok.__all__:
        member = getattr(unitok, name)
        assert isinstance(member, str) or member.__doc__, name
    shapes = [unitok.Tokenizer.encode, unitok.TextEncoder.encode, unitok.Encoding.codes, unitok.Encoding.tokens]
    assert all("[items]" in (shape.__doc__ or "") or "[texts]" in (shape.__doc__ or "") for shape in shapes)
