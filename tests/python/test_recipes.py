"""The recipes are run as they stand, and give the program's tokens."""

import importlib.util
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import ROOT, SAMPLES, missing
from unitok import Index

RECIPES = dict(re.findall(r"^## (.+?)\n.*?```python\n(.*?)```", (ROOT / "python/RECIPES.md").read_text(), re.M | re.S))
# These come with engines of hundreds of megabytes, which are installed where CI is set.
ENGINES = {"DataFusion": "datafusion", "Spark": "pyspark", "Ray Data": "ray"}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_the_programs_tokens(name, program, tmp_path):
    if name in ENGINES and importlib.util.find_spec(ENGINES[name]) is None:
        missing(f"{ENGINES[name]}, which tests/python/engines.txt installs")
    vectors = SAMPLES / "books.npy"
    ids = vectors.with_suffix(".npy.ids.txt").read_text().split()
    lists = pa.array(list(np.load(vectors).astype("float32")), type=pa.list_(pa.float32()))
    pq.write_table(pa.table({"item_id": ids, "embedding": lists, "price": [1.0] * len(ids)}), tmp_path / "items.parquet")
    # Spark's workers are started by name, and need not be of this environment.
    python = {**os.environ, "PYSPARK_PYTHON": sys.executable}
    recipe = [sys.executable, "-c", RECIPES[name]]
    done = subprocess.run(recipe, cwd=tmp_path, env=python, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    program("tokenize", "--embeddings", vectors, "--out", tmp_path / "index.json", "--device", "cpu")
    assert Index.from_file(tmp_path / "tokens.parquet") == Index.from_file(tmp_path / "index.json")
