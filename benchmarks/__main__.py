"""Run every benchmark, one after the other, and write what they found to one JSON file.

    python -m benchmarks [NAME ...] [--out benchmarks/results.json]

A benchmark is a file in this folder with a function `run() -> dict`. Each runs in a process of its own. One
that lacks its input (FileNotFoundError) is recorded as skipped, with the reason; one that fails is recorded
too, and makes the exit code 1.
Ratios against a baseline are taken by the benchmark itself, within its own run. Nothing else of weight should
run on the machine meanwhile; the load before each benchmark is recorded.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ("tocsin", "numpy", "scipy", "polars", "pyarrow", "duckdb", "matplotlib")

_CHILD = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
try:
    found = {"status": "done", **importlib.import_module(sys.argv[2]).run()}
except FileNotFoundError as error:
    found = {"status": "skipped", "reason": str(error)}
print(json.dumps(found))
"""


def names() -> list[str]:
    """Return the benchmarks of this folder: files that define `run`."""
    files = (f for f in HERE.glob("*.py") if not f.name.startswith("__"))
    return sorted(f.stem for f in files if "\ndef run() " in f.read_text(encoding="utf-8"))


def machine() -> dict[str, object]:
    """Return what the figures depend on: processor, cores, memory, Python and packages."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
        if hasattr(os, "sysconf")
        else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def measure(name: str) -> dict[str, object]:
    """Return what one benchmark found, run in a process of its own, with the load before it."""
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD, str(HERE), name], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        return {"status": "failed", "reason": ran.stderr.strip()[-2000:], "load_before": load}
    found: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return found | {"load_before": load, "benchmark_seconds": round(time.perf_counter() - start, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to run: {', '.join(names())}")
    parser.add_argument("--out", type=Path, default=HERE / "results.json", help="file for the results")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    results: dict[str, dict[str, object]] = {}
    for name in options.names or names():
        print(f"{name} ...", end=" ", flush=True)
        results[name] = measure(name)
        print(results[name]["status"], results[name].get("reason", ""), flush=True)
    stamp = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    whole = {"measured_at": stamp, "machine": machine(), "results": results}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    print(f"-> {options.out}")
    return int(any(found["status"] == "failed" for found in results.values()))


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


if __name__ == "__main__":
    sys.exit(main())
