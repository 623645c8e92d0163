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


# A task that is lost after its first batch, in a Spark that repeats tasks.
LOST_TASK = """
        from pathlib import Path
        if not (lost := Path("lost")).exists():
            lost.touch()
            raise RuntimeError("the machine is gone")
"""
REPEATING = '.master("local[2, 3]").config("spark.sql.execution.arrow.maxRecordsPerBatch", 16)'


@pytest.fixture
def run(program, tmp_path):
    """Runs a recipe on a sample, and gives its index and the program's."""
    vectors = SAMPLES / "books.npy"
    ids = vectors.with_suffix(".npy.ids.txt").read_text().split()
    lists = pa.array(list(np.load(vectors).astype("float32")), type=pa.list_(pa.float32()))
    pq.write_table(pa.table({"item_id": ids, "embedding": lists, "price": [1.0] * len(ids)}), tmp_path / "items.parquet")

    def run(name: str, recipe: str) -> tuple[Index, Index]:
        if name in ENGINES and importlib.util.find_spec(ENGINES[name]) is None:
            missing(f"{ENGINES[name]}, which tests/python/engines.txt installs")
        # Spark's workers are started by name, and need not be of this environment.
        python = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        command = [sys.executable, "-c", recipe]
        done = subprocess.run(command, cwd=tmp_path, env=python, capture_output=True, text=True, check=False, timeout=900)
        assert done.returncode == 0, done.stderr
        program("tokenize", "--embeddings", vectors, "--out", tmp_path / "index.json", "--device", "cpu")
        return Index.from_file(tmp_path / "tokens.parquet"), Index.from_file(tmp_path / "index.json")

    return run


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_the_programs_tokens(name, run):
    found, expected = run(name, RECIPES[name])
    assert found == expected


def test_a_task_of_spark_that_fails_is_repeated_without_duplicates(run, tmp_path):
    recipe = RECIPES["Spark"]
    yielded = re.search(r"^        yield .*\n", recipe, re.M)
    assert yielded and recipe.count("SparkSession.builder") == 1
    recipe = recipe[: yielded.end()] + LOST_TASK + recipe[yielded.end() :]
    found, expected = run("Spark", recipe.replace("SparkSession.builder", "SparkSession.builder" + REPEATING))
    assert (tmp_path / "lost").exists()
    assert found == expected
