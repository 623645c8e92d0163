"""Shared by the peers' scripts: the number of threads, the timing of repeated runs, and the output as one line of JSON.

Every contender runs in a process of its own, so that the thread pools of two libraries never compete.
"""

import json
import os
import resource
import time


def set_threads(count):
    """Must be called before NumPy, torch or FAISS are imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(count)


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(run, items, seconds):
    """Repeats `run` for about `seconds` after one untimed run. Returns rates by wall and CPU time."""
    run()
    walls, cpu, started = [], cpu_seconds(), time.perf_counter()
    while len(walls) < 3 or time.perf_counter() - started < seconds:
        start = time.perf_counter()
        run()
        walls.append(time.perf_counter() - start)
    cpu = cpu_seconds() - cpu
    walls.sort()
    return {
        "items": items,
        "items_per_second": items / walls[len(walls) // 2],
        "best_items_per_second": items / walls[0],
        "items_per_cpu_second": items * len(walls) / cpu,
        "runs": len(walls),
    }


def report(**values):
    print(json.dumps(values), flush=True)
