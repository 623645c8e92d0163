"""What the tests share: the program, the catalogues and the tokenizer."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import unitok

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "www/samples"
CATALOGUES = ROOT / "../shared/data"


def missing(what: str) -> None:
    """Skips a test whose data is not here; in CI it must be."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"this test needs {what}")


@pytest.fixture(scope="session")
def program():
    """Runs the program with arguments."""
    path = os.environ.get("UNITOK", str(ROOT / "target/debug/unitok"))
    if not Path(path).is_file():
        missing("the program: cargo build --bin unitok")

    def run(*arguments: object) -> str:
        command = [path, *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout

    return run


@pytest.fixture(scope="session")
def tokenizer() -> unitok.Tokenizer:
    return unitok.Tokenizer.from_pretrained("default")


@pytest.fixture(scope="session")
def books() -> np.ndarray:
    """[60][384] embeddings, float32."""
    return np.load(SAMPLES / "books.npy").astype("float32")


@pytest.fixture(scope="session")
def index(tokenizer: unitok.Tokenizer, books: np.ndarray) -> unitok.Index:
    ids = (SAMPLES / "books.npy.ids.txt").read_text().split()
    return tokenizer.encode(books).to_index(ids)
