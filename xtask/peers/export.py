"""Time and memory of `unitok export` for each target, on a made-up index of many items.

    python xtask/peers/export.py --items 20000000 --unitok target/release/unitok --folder /tmp/export

Codes are drawn evenly from five levels of 256 and six experts, the hardest case for a trie: nearly every prefix of four tokens is
an item's alone. Beside the index lies its lockfile, as the program writes it. Both stay in the folder; what is exported is removed.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SIZES = [256] * 5 + [6]
ROWS = 1_000_000
TARGETS = ["trie", "static", "flashrec", "sid-gr"]


def sized(text: str) -> bytes:
    """A text after its length, as the sum of an index counts it."""
    return len(text.encode()).to_bytes(8, "little") + text.encode()


def lock(path: Path, items: int, sha256: str) -> None:
    """Writes the lockfile of an index with this sum (FORMATS.md, Lockfile)."""
    members = {
        "format": 2,
        "index": {"items": items, "width": len(SIZES), "sha256": sha256},
        "expert": len(SIZES),
        "sizes": SIZES,
        "tokenizer": {"name": "made up", "sha256": "0" * 64},
        "text_model": None,
        "template": None,
        "layout": "expert-last",
        "code_vocabulary": "shared",
        "policy": "keep",
        "beam": 1,
        "interactions": None,
        "reads": "vectors",
        "catalogue_sha256": "0" * 64,
        "fingerprints": os.urandom(4 * items).hex(),
    }
    members["seal"] = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).hexdigest()
    path.write_text(json.dumps(members, indent=2) + "\n")


def make(path: Path, items: int) -> None:
    """Writes an index as Parquet, and its lockfile."""
    texts = [f"<{'abcdef'[position]}_{code}>" for position, size in enumerate(SIZES) for code in range(size)]
    words, pieces, sha256 = pa.array(texts), [sized(text) for text in texts], hashlib.sha256()
    first = np.cumsum([0, *SIZES[:-1]]).astype("int32")
    random = np.random.default_rng(0)
    schema = pa.schema({"item_id": pa.string(), "tokens": pa.list_(pa.string())})
    with pq.ParquetWriter(path, schema) as out:
        for start in range(0, items, ROWS):
            rows = min(ROWS, items - start)
            codes = np.stack([random.integers(0, size, rows, dtype="int32") for size in SIZES], axis=1)
            tokens = pa.DictionaryArray.from_arrays(pa.array((codes + first).ravel()), words).cast(pa.string())
            ends = pa.array(np.arange(0, codes.size + 1, len(SIZES), dtype="int32"))
            ids = [f"B{item:09}" for item in range(start, start + rows)]
            out.write_table(pa.table([pa.array(ids), pa.ListArray.from_arrays(ends, tokens)], schema=schema))
            for id, row in zip(ids, (codes + first).tolist(), strict=True):
                sha256.update(sized(id) + b"".join([pieces[word] for word in row]))
    lock(path.with_name(path.name + ".lock"), items, sha256.hexdigest())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--items", type=int, default=20_000_000)
    arguments.add_argument("--unitok", type=Path, required=True)
    arguments.add_argument("--folder", type=Path, required=True)
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    index = options.folder / f"{options.items}.parquet"
    if not index.with_name(index.name + ".lock").exists():
        make(index, options.items)
    print("| target | seconds | core seconds | memory | written |\n|---|---|---|---|---|")
    for target in TARGETS:
        out = options.folder / target
        started = time.monotonic()
        process = subprocess.Popen([options.unitok, "export", index, "--for", target, "--out", out], stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        assert status == 0, target
        written = sum(path.stat().st_size for path in out.iterdir()) / 1e6
        cores, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
        print(f"| `{target}` | {seconds:.1f} | {cores:.1f} | {memory:.0f} MB | {written:.0f} MB |", flush=True)
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
