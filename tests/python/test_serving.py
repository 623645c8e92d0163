"""The logits processors for vLLM and sglang, on stand-ins: both engines take many gigabytes and a GPU.

The stand-ins have the classes that the processors derive from, with the methods that the engines' documentation names, and call
them as it says. What is generated is drawn at random, and every codeword must be one of an item.
"""

import enum
import importlib
import json
import re
import sys
import types
from abc import ABC, abstractmethod
from types import SimpleNamespace

import numpy as np
import pytest
from transformers import AutoTokenizer

import unitok
from conftest import ROOT

BASE = ROOT / "tests/text/tiny/tokenizer.json"


def module(monkeypatch: pytest.MonkeyPatch, name: str, **members: object) -> None:
    """A module of this name, inside the packages that it names."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        inner = types.ModuleType(".".join(parts[:length]))
        inner.__path__ = []
        monkeypatch.setitem(sys.modules, inner.__name__, inner)
    for member, value in members.items():
        setattr(sys.modules[name], member, value)


@pytest.fixture
def served(tokenizer, tmp_path, monkeypatch):
    """The environment of a server with all items and those in stock; the items, those in stock and the model's tokenizer."""
    vectors = np.random.default_rng(1).standard_normal((3000, 384), dtype="float32")
    index = tokenizer.encode(vectors).to_index([f"item {item}" for item in range(3000)])
    stock = set(index.ids[::7])
    unitok.export(index, tmp_path / "base", "hf", base=BASE)
    unitok.export(index, tmp_path / "tries/all", "trie")
    unitok.export(index, tmp_path / "tries/stock", "trie", only=stock)
    words = AutoTokenizer.from_pretrained(str(tmp_path / "base"))
    words.add_special_tokens({"eos_token": "</s>"})
    words.save_pretrained(str(tmp_path / "base"))
    monkeypatch.setenv("UNITOK_TRIES", str(tmp_path / "tries"))
    monkeypatch.setenv("UNITOK_BASE", str(tmp_path / "base"))
    return SimpleNamespace(index=index, stock=stock, words=words, random=np.random.default_rng(2))


def test_the_commands_of_the_page_run_as_they_stand(index, program, tmp_path, monkeypatch):
    page = (ROOT / "python/SERVING.md").read_text()
    commands = [line.split()[1:] for line in re.findall(r"^unitok .*$", page, re.M)]
    assert len(commands) == 3
    index.save(tmp_path / "index.json")
    (tmp_path / "my-llm").mkdir()
    (tmp_path / "my-llm/tokenizer.json").write_bytes(BASE.read_bytes())
    (tmp_path / "in-stock.txt").write_text("\n".join(index.ids[:9]))
    for command in commands:
        # The program runs where the sources are.
        program(*(tmp_path / word if word[0].isalpha() and ("." in word or "/" in word or "my-llm" in word) else word for word in command))
    token_ids = json.loads((tmp_path / "tries/all/added_tokens.json").read_text())
    stock, every = (unitok.ItemConstraint.from_export(tmp_path / "tries" / name, token_ids, end=9999) for name in ["stock", "all"])
    assert set(stock.allowed([])) < set(every.allowed([]))
    assert unitok.ItemConstraint.of_nothing(end=9999).allowed([]).tolist() == [9999]
    with pytest.raises(ValueError, match="the language model lacks"):
        unitok.ItemConstraint.from_export(tmp_path / "tries/all", {}, end=9999)


def check(served: SimpleNamespace, generated: list[int], items: set[str]) -> None:
    assert generated[-1] == served.words.eos_token_id
    tokens = served.words.convert_ids_to_tokens(generated[:-1])
    assert items & set(served.index.decode(tokens)), tokens


def draw(served: SimpleNamespace, logits: np.ndarray) -> int:
    return int((logits + served.random.gumbel(size=len(logits))).argmax())


def test_vllms_processor_follows_requests_and_generates_items_alone(served, monkeypatch):
    class LogitsProcessor(ABC):
        @abstractmethod
        def __init__(self, vllm_config, device, is_pin_memory): ...
        @abstractmethod
        def apply(self, logits): ...
        @abstractmethod
        def is_argmax_invariant(self): ...
        @abstractmethod
        def update_state(self, batch_update): ...

    class MoveDirectionality(enum.Enum):
        UNIDIRECTIONAL = 0
        SWAP = 1

    name = "vllm.v1.sample.logits_processor"
    module(monkeypatch, name, LogitsProcessor=LogitsProcessor, MoveDirectionality=MoveDirectionality)
    monkeypatch.delitem(sys.modules, "unitok.vllm", raising=False)
    processors = importlib.import_module("unitok.vllm")
    config = SimpleNamespace(model_config=SimpleNamespace(tokenizer=None, model="not-this-one"))
    processor = processors.ItemLogitsProcessor(config, "cpu", False)
    assert not processor.is_argmax_invariant()
    assert processor.update_state(None) is None

    def params(items):
        return SimpleNamespace(extra_args=None if items is None else {"items": items})

    processors.ItemLogitsProcessor.validate_params(params("stock"))
    processors.ItemLogitsProcessor.validate_params(params(None))
    for wrong in ["nowhere", "../tries/stock", 3]:
        with pytest.raises(ValueError, match="use one of all, stock"):
            processors.ItemLogitsProcessor.validate_params(params(wrong))

    kinds = ["all", "stock", None, "stock"]
    rows: list[tuple[str | None, list[int]]] = [(kind, []) for kind in kinds]
    added = [(row, params(kind), [1, 2], generated) for row, (kind, generated) in enumerate(rows)]
    processor.update_state(SimpleNamespace(removed=[], added=added, moved=[]))
    size, finished = len(served.words), 0
    for step in range(300):
        logits = served.random.standard_normal((len(rows), size))
        before = logits.copy()
        logits = processor.apply(logits)
        removed = []
        for row, (kind, generated) in enumerate(rows):
            if kind is None:
                assert np.array_equal(logits[row], before[row])
            generated.append(draw(served, logits[row]))
            if kind is not None and generated[-1] == served.words.eos_token_id:
                check(served, generated, served.stock if kind == "stock" else set(served.index.ids))
                removed.append(row)
        # Requests that are done leave, new ones take their rows, and two rows change places, as vLLM keeps a batch dense.
        finished += len(removed)
        added = []
        for row in removed:
            rows[row] = (["all", "stock"][step % 2], [])
            added.append((row, params(rows[row][0]), [1, 2], rows[row][1]))
        first, second = served.random.integers(0, len(rows), 2)
        rows[first], rows[second] = rows[second], rows[first]
        moved = [(int(first), int(second), MoveDirectionality.SWAP)] if first != second else []
        processor.update_state(SimpleNamespace(removed=removed, added=added, moved=moved))
        for kind, generated in rows:
            # The request without items goes on for ever; others end.
            if kind is None and len(generated) > 20:
                generated.clear()
    assert finished > 100


def test_sglangs_processor_generates_items_alone(served, monkeypatch):
    class CustomLogitProcessor(ABC):
        @abstractmethod
        def __call__(self, logits, custom_param_list=None): ...

    module(monkeypatch, "sglang.srt.sampling.custom_logit_processor", CustomLogitProcessor=CustomLogitProcessor)
    monkeypatch.delitem(sys.modules, "unitok.sglang", raising=False)
    processor = importlib.import_module("unitok.sglang").ItemLogitProcessor()
    size = len(served.words)
    for _ in range(30):
        requests = [SimpleNamespace(output_ids=[]) for _ in range(4)]
        names = ["all", "stock", None, "../tries/stock"]
        params = [{"__req__": request, "items": name} for request, name in zip(requests, names, strict=True)]
        params[2] = None
        for _ in range(served.index.width + 1):
            logits = processor(served.random.standard_normal((4, size)), params)
            assert np.isfinite(logits[2]).all()
            for row, request in enumerate(requests):
                if served.words.eos_token_id not in request.output_ids:
                    request.output_ids.append(draw(served, logits[row]))
        check(served, requests[0].output_ids, set(served.index.ids))
        check(served, requests[1].output_ids, served.stock)
        # A name that is not there generates nothing.
        assert requests[3].output_ids == [served.words.eos_token_id]
    assert processor(np.zeros((1, size)), None).shape == (1, size)
