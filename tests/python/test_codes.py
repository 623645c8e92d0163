"""The package gives the tokens that the program writes."""

import json

import numpy as np
import pytest

import unitok
from conftest import CATALOGUES, SAMPLES, missing

VECTORS = sorted(path.stem for path in SAMPLES.glob("*.npy") if path.with_suffix(".npy.ids.txt").is_file())
DOMAINS = ["beauty", "cellphones", "clothing-bundles", "games", "grocery", "office", "toys", "yelp"]


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_get_the_programs_tokens(name, program, tokenizer, tmp_path):
    vectors = SAMPLES / f"{name}.npy"
    program("tokenize", "--embeddings", vectors, "--out", tmp_path / "index.json", "--device", "cpu")
    expected = json.loads((tmp_path / "index.json").read_text())
    encoding = tokenizer.encode(np.load(vectors))
    assert encoding.tokens == list(expected.values())
    assert encoding.to_index(list(expected)) == unitok.Index.from_file(tmp_path / "index.json")


@pytest.mark.parametrize("collisions", ["suffix", "sinkhorn", "assign"])
@pytest.mark.parametrize("layout", ["expert-first", "with-shared"])
def test_choices_are_the_programs(collisions, layout, program, tokenizer, tmp_path):
    vectors, out = SAMPLES / "garden.npy", tmp_path / "index.parquet"
    choices = {"collisions": collisions, "layout": layout, "code_vocabulary": "per-expert", "beam": 3}
    options = [word for name, value in choices.items() for word in (f"--{name.replace('_', '-')}", value)]
    summary = json.loads(program("tokenize", "--embeddings", vectors, "--out", out, "--json", *options))
    encoding = tokenizer.encode(np.load(vectors), **choices)
    assert encoding.tokens == list(unitok.Index.from_file(out).to_dict().values())
    assert encoding.collisions == summary["collisions"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_texts_get_the_programs_tokens(domain, program, tokenizer, tmp_path):
    catalogue = CATALOGUES / domain / "items.jsonl"
    if not catalogue.is_file():
        missing(f"../shared/data/{domain}")
    with catalogue.open() as lines:
        items = [json.loads(line) for _, line in zip(range(200), lines, strict=False)]
    # Items of one field, whose text is that field in any template.
    texts = {str(item["id"]): text for item in items if (text := (item.get("brand") or item.get("title") or "").strip())}
    texts = dict(list(texts.items())[:20])
    lines = [json.dumps({"id": id, "title": text}) for id, text in texts.items()]
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    try:
        encoding = tokenizer.encode_texts(texts.values())
    except unitok.TextModelNotFoundError:
        missing("the text model: cargo xtask text-model")
    program("tokenize", "--items", tmp_path / "items.jsonl", "--out", tmp_path / "index.json", "--device", "cpu")
    assert dict(zip(texts, encoding.tokens, strict=True)) == json.loads((tmp_path / "index.json").read_text())


def test_an_audit_is_the_programs(program, index, books, tmp_path):
    path = tmp_path / "index.json"
    index.save(path)
    users = [f"user{user} " + " ".join(index.ids[user : user + 8]) for user in range(40)]
    (tmp_path / "users.txt").write_text("\n".join(users))
    np.save(tmp_path / "vectors.npy", books)
    (tmp_path / "vectors.npy.ids.txt").write_text("\n".join(index.ids))
    options = ["--codes", 256, "--sequences", tmp_path / "users.txt", "--embeddings", tmp_path / "vectors.npy"]
    expected = json.loads(program("audit", path, "--json", *options))
    del expected["read"]
    assert unitok.audit(index, codes=256, sequences=tmp_path / "users.txt", embeddings=books) == expected
    assert unitok.audit(path) == json.loads(program("audit", path, "--json"))
