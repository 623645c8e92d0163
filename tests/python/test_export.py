"""What is handed over to decoders is what they read."""

import json
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer as BaseTokenizer
from transformers import AutoTokenizer

import unitok
from conftest import ROOT

BASE = ROOT / "tests/text/tiny/tokenizer.json"
CODES = [256, 256, 256, 256, 256, 6]


@pytest.fixture(scope="module")
def many(tokenizer) -> unitok.Index:
    """An index of 3,000 items, whose tokens are spread over all codes."""
    vectors = np.random.default_rng(1).standard_normal((3000, 384), dtype="float32")
    return tokenizer.encode(vectors).to_index([f"item {item}" for item in range(3000)])


def test_a_language_models_tokenizer_knows_the_items(index, tmp_path):
    summary = unitok.export(index, tmp_path, "hf", base=BASE, codes=CODES)
    base, extended = (BaseTokenizer.from_file(str(path)) for path in (BASE, tmp_path / "tokenizer.json"))
    added = json.loads((tmp_path / "added_tokens.json").read_text())
    assert summary["tokens"] == len(added) == sum(CODES)
    # In the order, and with the numbers, that the base tokenizer itself would give them.
    base.add_tokens(sorted(added))
    assert extended.get_vocab(with_added_tokens=True) == base.get_vocab(with_added_tokens=True)
    for tokens in index.to_dict().values():
        ids = extended.encode("buy " + "".join(tokens), add_special_tokens=False).ids
        assert [extended.id_to_token(id) for id in ids[-len(tokens) :]] == tokens
        assert ids[-len(tokens) :] == [added[token] for token in tokens]
    # Later, with fewer sizes told, every token is where it was.
    assert unitok.export(index, tmp_path, "hf", base=BASE, after=tmp_path) == summary
    with pytest.raises(ValueError, match="has the number"):
        unitok.export(unitok.Index.from_dict({"a": ["red"]}), tmp_path, "hf", base=BASE)


def test_transformers_round_trip(index, tmp_path):
    unitok.export(index, tmp_path, "hf", base=BASE)
    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path))
    tokens = index[index.ids[0]]
    ids = tokenizer("".join(tokens), add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == tokens
    assert index.decode(tokenizer.convert_ids_to_tokens(ids)) == index.decode(tokens)
    # A message of a chat, of which the item is a part.
    tokenizer.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    chat = [{"role": "user", "content": "I bought " + "".join(tokens)}]
    assert set(ids) <= set(tokenizer.apply_chat_template(chat, tokenize=True, return_dict=False))


def test_first_embeddings_keep_the_codebooks_geometry(tokenizer, index, tmp_path):
    options = {"base": BASE, "codes": CODES, "tokenizer": tokenizer, "hidden_size": 512, "deviation": 0.03}
    summary = unitok.export(index, tmp_path, "hf", **options)
    rows = load_file(tmp_path / "embeddings.safetensors")["embeddings"]
    assert rows.shape == (summary["tokens"], 512)
    assert np.allclose(np.sqrt((rows**2).mean(axis=1)), 0.03, rtol=1e-4)
    # Of one position, tokens are as near to each other as the means of their codes are.
    tokenizer.save(tmp_path / "model")
    codebooks = load_file(tmp_path / "model/model.safetensors")["experts.codebooks"].astype("float32")
    numbers = np.array([[int(token.strip("<>").split("_")[1]) for token in tokens] for tokens in index.to_dict().values()])
    weights = np.ones((6, 256), "float32")
    np.add.at(weights, (numbers[:, 5], numbers[:, 0]), 1)
    means = (weights[:, :, None] * codebooks[:, 0]).sum(axis=0) / weights.sum(axis=0)[:, None]
    first = json.loads((tmp_path / "added_tokens.json").read_text())
    of_position = rows[[first[f"<a_{code}>"] - summary["first_token"] for code in range(256)]]
    assert np.abs(cosines(means - means.mean(axis=0)) - cosines(of_position)).max() < 0.25


def cosines(rows: np.ndarray) -> np.ndarray:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def test_the_programs_files_are_the_same(program, index, tokenizer, tmp_path):
    index.save(tmp_path / "index.json")
    only = tmp_path / "stock.txt"
    only.write_text("\n".join(index.ids[:20]))
    model = {"base": BASE, "tokenizer": tokenizer, "hidden_size": 32}
    for target, options in {"hf": model, "trie": {}, "static": {}, "flashrec": {}, "sid-gr": {}}.items():
        here, there = tmp_path / "here" / target, tmp_path / "there" / target
        summary = unitok.export(index, here, target, only=set(index.ids[:20]), **options)
        arguments = ["--base", BASE, "--hidden-size", 32] if target == "hf" else []
        command = ["export", tmp_path / "index.json", "--for", target, "--only", only, "--out", there, "--json", *arguments]
        assert json.loads(program(*command)) == summary
        for name in summary["files"]:
            assert (here / name).read_bytes() == (there / name).read_bytes(), name


def beams(random: np.random.Generator, step, width: int, vocabulary: int, count: int = 32) -> list[list[int]]:
    """Beam search with random scores; step(beam) gives the tokens that may follow."""
    found: list[tuple[float, list[int]]] = [(0.0, [])]
    for _ in range(width):
        scores = random.standard_normal((len(found), vocabulary))
        longer = [(score + row[t], [*beam, int(t)]) for (score, beam), row in zip(found, scores) for t in step(beam)]
        found = sorted(longer, reverse=True)[:count]
    return [beam for _, beam in found]


def test_no_beam_over_the_trie_is_illegal(many, tmp_path):
    stock = set(many.ids[::7])
    unitok.export(many, tmp_path, "trie", only=stock)
    trie, ids = np.load(tmp_path / "trie.npz"), json.loads((tmp_path / "ids.json").read_text())
    names = {number: token for token, number in json.loads((tmp_path / "added_tokens.json").read_text()).items()}

    def node(beam):
        node = 0
        for token in beam:
            edges = slice(trie["indptr"][node], trie["indptr"][node + 1])
            node = int(edges.start + np.flatnonzero(trie["tokens"][edges] == token)[0]) + 1
        return node

    def step(beam):
        return trie["tokens"][trie["indptr"][node(beam)] : trie["indptr"][node(beam) + 1]]

    for seed in range(5):
        for beam in beams(np.random.default_rng(seed), step, many.width, len(names)):
            items = trie["items"][trie["item_indptr"][node(beam)] : trie["item_indptr"][node(beam) + 1]]
            found = {ids[item] for item in items}
            assert found
            assert found == stock & set(many.decode([names[token] for token in beam]))


def test_statics_arrays_lead_to_items_alone(many, tmp_path):
    """A reader of the form that STATIC documents: dense tables for two tokens, then transitions; state 0 ends a codeword."""
    unitok.export(many, tmp_path, "static")
    static = np.load(tmp_path / "static.npz")
    names = {number: token for token, number in json.loads((tmp_path / "added_tokens.json").read_text()).items()}
    transitions, indptr, size = static["packed_csr"], static["indptr"], len(names)
    assert static["dense_states"].shape == (size, size)
    assert (transitions[indptr[-2] :] == [size, 0]).all()
    assert len(transitions) - indptr[-2] == size

    def state(beam):
        state = static["dense_states"][tuple(beam[:2])]
        for token in beam[2:]:
            row = transitions[indptr[state] : indptr[state + 1]]
            state = row[row[:, 0] == token, 1].item()
        return state

    def step(beam):
        if len(beam) < 2:
            found = np.flatnonzero(static["dense_mask"][beam[0]] if beam else static["start_mask"])
        else:
            found = transitions[indptr[state(beam)] : indptr[state(beam) + 1], 0]
        assert len(found) <= static["layer_max_branches"][len(beam)]
        return found

    for seed in range(5):
        for beam in beams(np.random.default_rng(seed), step, many.width, size):
            assert state(beam) == 0
            assert many.decode([names[token] for token in beam])
    codewords = {tuple(tokens) for tokens in many.to_dict().values()}
    assert static["start_mask"].sum() == len({codeword[0] for codeword in codewords})
    assert static["dense_mask"].sum() == len({codeword[:2] for codeword in codewords})
    # Every prefix of two and more tokens is reached by one transition.
    prefixes = {codeword[:length] for codeword in codewords for length in range(2, many.width + 1)}
    assert indptr[-2] == len(prefixes)


def test_flashrecs_catalogue_has_each_codeword_once(many, tmp_path):
    unitok.export(many, tmp_path, "flashrec")
    catalogue = json.loads((tmp_path / "catalog.json").read_text())
    codes = {",".join(token.strip("<>").split("_")[1] for token in tokens) for tokens in many.to_dict().values()}
    assert set(catalogue) == codes
    assert set(catalogue.values()) == {1}


class TensorUnpickler(pickle.Unpickler):
    """Reads what torch.load reads, which allows a file these names alone unless it is told to trust it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        super().__init__(archive.open("items/data.pkl"))
        self.archive = archive

    def find_class(self, module: str, name: str) -> object:
        return {
            ("torch._utils", "_rebuild_tensor_v2"): self.tensor,
            ("torch", "LongStorage"): np.dtype("<i8"),
            ("collections", "OrderedDict"): OrderedDict,
        }[module, name]

    def persistent_load(self, key: tuple) -> np.ndarray:
        kind, dtype, name, device, length = key
        assert (kind, device) == ("storage", "cpu")
        assert self.archive.getinfo(f"items/data/{name}").compress_type == zipfile.ZIP_STORED
        values = np.frombuffer(self.archive.read(f"items/data/{name}"), dtype)
        assert len(values) == length
        return values

    def tensor(self, storage, offset, shape, strides, requires_grad, hooks) -> np.ndarray:
        assert (offset, requires_grad, hooks) == (0, False, OrderedDict())
        assert strides == (shape[1], 1)
        return storage.reshape(shape)


def test_sid_grs_tensor_has_each_items_codes(many, tmp_path):
    unitok.export(many, tmp_path, "sid-gr")
    with zipfile.ZipFile(tmp_path / "items.pt") as archive:
        assert archive.testzip() is None
        assert archive.read("items/byteorder") == b"little"
        assert archive.read("items/version") == b"3\n"
        mapping = TensorUnpickler(archive).load()
    assert json.loads((tmp_path / "ids.json").read_text()) == many.ids
    codes = [[int(token.strip("<>").split("_")[1]) for token in tokens] for tokens in many.to_dict().values()]
    assert mapping.T.tolist() == codes
    settings = dict(line.split(" = ") for line in (tmp_path / "items.gin").read_text().splitlines())
    assert settings["DatasetArgs.num_hierarchies"] == "6"
    sizes = json.loads(settings["DatasetArgs.codebook_sizes"])
    assert (mapping.max(axis=1) < sizes).all()


def test_a_constrained_decoder_only_generates_items(many):
    ids = {token: 1000 + number for number, token in enumerate(many.vocabulary)}
    names = {id: token for token, id in ids.items()}
    random, end, start = np.random.default_rng(3), 7, 5
    constraint = unitok.ItemConstraint(many, ids, end=end, start=start)
    for _ in range(50):
        generated = [11, 12]
        assert constraint.allowed(generated) is None
        generated.append(start)
        while generated[-1] != end:
            logits = constraint(generated, random.standard_normal(1000 + len(ids)))
            generated.append(int(logits.argmax()))
        assert many.decode([names[id] for id in generated[3:-1]])
        assert constraint.allowed(generated) is None
    assert len(constraint.allowed([start, 3])) == 0
    with pytest.raises(ValueError, match="the language model lacks"):
        unitok.ItemConstraint(many, {}, end=end)


def test_what_cannot_be_handed_over_is_refused(tokenizer, index, tmp_path):
    unitok.export(index, tmp_path / "hf", "hf", base=BASE)
    (tmp_path / "list.json").write_text("[]")
    words = unitok.Index.from_dict({"a": ["red", "round"], "b": ["red", "square"]})
    refused = [
        (index, "hf", {}, "needs the language model's tokenizer.json"),
        (index, "gguf", {}, "not a target: use one of hf, trie"),
        (index, "trie", {"base": BASE}, "belong to the target hf: leave them out for trie"),
        (index, "trie", {"only": {"nowhere"}}, "none of the ids"),
        (index, "trie", {"codes": [256, 256]}, "2 vocabulary sizes for codewords of 6 tokens"),
        (index, "hf", {"base": tmp_path / "list.json"}, "no model.vocab"),
        (index, "hf", {"base": BASE, "hidden_size": 8}, "need both tokenizer and hidden_size"),
        (words, "hf", {"base": BASE, "tokenizer": tokenizer, "hidden_size": 8}, "its codewords have 6 tokens"),
        (words, "flashrec", {}, "red has no number"),
    ]
    for given, target, options, message in refused:
        with pytest.raises(ValueError, match=message):
            unitok.export(given, tmp_path / "out", target, **options)
    with pytest.raises(FileNotFoundError, match="base tokenizer"):
        unitok.export(index, tmp_path / "out", "hf", base=tmp_path / "nowhere")
    # Words are tokens too, where numbers are not needed.
    assert unitok.export(words, tmp_path / "words", "trie")["tokens"] == 3


def test_ids_that_the_index_lacks_are_said(index, tmp_path):
    with pytest.warns(UserWarning, match="only: 1 of 2 ids is not in the index") as said:
        assert unitok.export(index, tmp_path, "trie", only={index.ids[0], "nowhere"})["items"] == 1
    assert said[0].filename == __file__
