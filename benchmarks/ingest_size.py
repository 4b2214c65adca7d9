"""Seconds and peak memory of bringing a file of the size of all of GED into a vault.

    python benchmarks/ingest_size.py CANDIDATE.csv [--rows 400000]

The file (see `ged_size`) is brought into an empty vault by a process of its own; the time runs from the
call to the receipt, with every byte on the disk. `read_back` is what `resolve` then needs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import ged_size

RELEASE = "23.0.10"
SECONDS, PEAK_GB = 20, 2

_CHILD = """
import datetime, json, resource, sys, time
from tocsin.vault import Vault
vault = Vault.open(sys.argv[2])
start = time.perf_counter()
receipt = vault.ingest(sys.argv[1], release=sys.argv[3])
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
events = vault.resolve(as_of=datetime.date.max).events
read = time.perf_counter()
print(json.dumps({
    "seconds": round(done - start, 2),
    "peak_rss_gb": round(peak / 1024 / 1024, 2),
    "read_back_seconds": round(read - done, 2),
    "rows": receipt.report["kept"],
}))
"""


def measure(candidate: Path, rows: int = ged_size.ROWS) -> dict[str, object]:
    """Return seconds, peak memory (GB) and sizes of one ingest of `rows` rows."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        path = ged_size.make(candidate, Path(folder) / "repeated.csv", rows)
        command = [sys.executable, "-c", _CHILD, str(path), str(home), RELEASE]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, float] = json.loads(run.stdout)
        table = sum(part.stat().st_size for part in (home / "events").iterdir())
        return {
            "benchmark": "ingest_size",
            **found,
            "megabytes": round(path.stat().st_size / 1e6),
            "event_table_megabytes": round(table / 1e6, 1),
            "within_target": found["seconds"] < SECONDS and found["peak_rss_gb"] < PEAK_GB,
        }


def run() -> dict[str, object]:
    """Return what the ingest takes, with a file made from the development data."""
    return measure(ged_size.candidate())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("candidate", type=Path)
    parser.add_argument("--rows", type=int, default=ged_size.ROWS)
    options = parser.parse_args()
    print(json.dumps(measure(options.candidate, options.rows), indent=2))


if __name__ == "__main__":
    main()
