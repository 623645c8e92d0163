"""Saving an index where another is: what is said, what is refused, and what becomes of lockfiles."""

import fcntl
import json
import warnings

import numpy as np
import pytest
import safetensors.numpy

import unitok
from conftest import SAMPLES


@pytest.fixture
def place(index, tmp_path):
    index.save(tmp_path / "index.json")
    return tmp_path / "index.json"


def state(place):
    return {path.name: path.read_bytes() for path in place.parent.iterdir()}


def test_what_moves_is_said_and_refused(tokenizer, books, index, place):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index.save(place)
        index.save(place, replace=False)
    before = state(place)
    # The items in another order have each other's tokens.
    other = tokenizer.encode(books).to_index([*index.ids[1:], index.ids[0]])
    with pytest.raises(ValueError, match=r"index\.json is to be written over, and of its 60 items \d+ have other tokens"):
        other.save(place, replace=False)
    first = tokenizer.encode(books, layout="expert-first").to_index(index.ids)
    with pytest.raises(ValueError, match=r"index\.json was made with the layout expert-last, the one that is saved with expert-first"):
        first.save(place, replace=False)
    # A warning that is an error keeps what is there.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="have other tokens and 0 are gone"):
            other.save(place)
    assert state(place) == before
    with pytest.warns(UserWarning, match=r"index\.json is written over, and of its 60 items") as said:
        other.save(place)
    assert said[0].filename == __file__
    assert unitok.Index.from_file(place) == other


def test_an_index_of_unknown_origin_leaves_no_lockfile_of_another(index, place):
    plain = unitok.Index.from_dict(index.to_dict())
    with pytest.raises(ValueError, match=r"index\.json has a lockfile and what is to take its place has none"):
        plain.save(place, replace=False)
    with pytest.warns(UserWarning, match="by an index without a lockfile"):
        plain.save(place)
    assert list(state(place)) == ["index.json"]
    assert unitok.Index.from_file(place).made_of is None
    # Of two without lockfiles the tokens are compared.
    plain.save(place, replace=False)
    with pytest.raises(ValueError, match="of its 60 items 0 have other tokens and 59 are gone"):
        unitok.Index.from_dict({index.ids[0]: index[index.ids[0]]}).save(place, replace=False)
    with pytest.raises(ValueError, match=r"index\.json has no lockfile, so nobody knows what its tokens mean"):
        index.save(place, replace=False)
    index.save(place)
    assert unitok.Index.from_file(place).made_of == index.made_of


def test_pins_and_retired_codewords_go_on(index, place, program, tmp_path):
    first, second = index.ids[:2]
    log = tmp_path / "edits.jsonl"
    program("edit", place, "--pin", first, "--remove", second, "--out", place, "--log", log)
    kept = json.loads((tmp_path / "index.json.lock").read_text())
    assert (kept["pinned"], kept["retired"][0]["item"]) == ([first], second)
    # What is encoded anew knows of neither; the item that left has its own codeword again.
    index.save(place, replace=False)
    lock = json.loads((tmp_path / "index.json.lock").read_text())
    assert (lock["pinned"], lock.get("retired")) == ([first], None)
    program("edit", place, "--remove", second, "--out", place, "--log", tmp_path / "again.jsonl")
    read = unitok.Index.from_file(place)
    read.save(place, replace=False)
    assert json.loads((tmp_path / "index.json.lock").read_text())["retired"] == kept["retired"]


def test_what_a_lockfile_keeps_is_not_lost_with_its_index(index, place, program, tmp_path):
    program("edit", place, "--remove", index.ids[0], "--out", place, "--log", tmp_path / "edits.jsonl")
    lock = place.with_name("index.json.lock")
    content, sealed = place.read_text(), lock.read_text()
    changed = content.replace("<a_", "<a_9", 1)
    cases = [
        (None, sealed, r"index\.json, which is not there: restore the index"),
        ("{", sealed, r"index\.json, which cannot be read"),
        (changed, sealed, r"index\.json is not the index that index\.json\.lock was written with"),
        (content, sealed.replace('"beam": 1', '"beam": 2'), r"index\.json\.lock was changed after it was written"),
    ]
    for there, locked, words in cases:
        place.unlink(missing_ok=True)
        if there is not None:
            place.write_text(there)
        lock.write_text(locked)
        with pytest.raises(ValueError, match=words):
            index.save(place)
        assert lock.read_text() == locked


def test_a_tokenizer_with_one_more_expert_goes_on(tokenizer, books, tmp_path):
    tokenizer.save(tmp_path / "wide")
    weights = safetensors.numpy.load_file(tmp_path / "wide/model.safetensors")
    last = len(weights["router.bias"]) - 1
    for name in ["experts.codebooks", "router.weight", "router.bias"]:
        weights[name] = np.ascontiguousarray(weights[name][:last])
    config = tokenizer.config
    config["model"]["experts"] = last
    narrow = unitok.Tokenizer.from_buffers(json.dumps(config), safetensors.numpy.save(weights))
    # The items of the other experts, whose tokens are the same.
    rows = books[tokenizer.encode(books).experts[:, 0] != last]
    ids = [str(row) for row in range(len(rows))]
    narrow.encode(rows).to_index(ids).save(tmp_path / "index.json")
    before = unitok.Index.from_file(tmp_path / "index.json")
    tokenizer.encode(rows).to_index(ids).save(tmp_path / "index.json", replace=False)
    after = unitok.Index.from_file(tmp_path / "index.json")
    assert before == after and before.made_of["tokenizer"] != after.made_of["tokenizer"]
    # The other way round, items could have lost their expert.
    with pytest.raises(ValueError, match="was made with the tokenizer"):
        narrow.encode(rows).to_index(ids).save(tmp_path / "index.json", replace=False)


def test_one_process_at_a_time_and_nothing_of_killed_ones(index, place):
    for name in [".index.json.aB3dE6.partial", ".index.json.lock.aB3dE6.partial", ".other.json.aB3dE6.partial"]:
        (place.parent / name).write_text("{")
    index.save(place)
    assert sorted(state(place)) == [".other.json.aB3dE6.partial", "index.json", "index.json.lock"]
    with (place.parent / "index.json.partial").open("w") as claimed:
        fcntl.flock(claimed, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match=r"another run .*is writing .*index\.json"):
            index.save(place)


def test_a_lockfile_that_a_killed_run_left_is_put_in_its_place(index, place):
    lock = place.with_name("index.json.lock")
    content = lock.read_bytes()
    lock.rename(place.with_name(".index.json.lock.aB3dE6.partial"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index.save(place, replace=False)
    assert lock.read_bytes() == content


def test_what_cannot_be_written(tokenizer, index, tmp_path):
    for wrong in [tmp_path, tmp_path / "nowhere" / "index.json", SAMPLES / "books.npy" / "x.json"]:
        with pytest.raises((OSError, ValueError)):
            index.save(wrong)
    for wrong in [3, None, ["index.json"]]:
        with pytest.raises(TypeError):
            index.save(wrong)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="cannot write .*file"):
        tokenizer.save(tmp_path / "file")
    (tmp_path / "file").write_text("{")
    with pytest.raises(ValueError, match="file: not a readable index: EOF") as error:
        unitok.Index.from_file(tmp_path / "file")
    assert str(error.value).count("EOF") == 1
    with pytest.raises(TypeError):
        index.save(tmp_path / "index.json", False)
