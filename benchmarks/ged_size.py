"""A file of the size of all of GED, and how long it takes to read and check it.

    python benchmarks/ged_size.py CANDIDATE.csv [--rows 400000]

The file repeats real rows of a Candidate release with new ids, quoted line ends and commas included.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 400_000

_CHILD = """
import json, resource, sys, time
start = time.perf_counter()
from tocsin.sources import read
imported = time.perf_counter()
reading = read(sys.argv[1])
done = time.perf_counter()
print(json.dumps({
    "seconds": round(done - imported, 2),
    "import_seconds": round(imported - start, 2),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "rows": reading.report.rows,
    "kept": reading.report.kept,
}))
"""


def make(candidate: Path, out: Path, rows: int = ROWS) -> Path:
    """Write a CSV of `rows` rows to `out`: those of `candidate` over and over, each with a new id."""
    with candidate.open(encoding="utf-8", newline="") as stream:
        header, *records = csv.reader(stream)
    at = header.index("id")
    with out.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(header)
        bodies = [_around(record, at) for record in records]
        for number in range(rows):
            before, after = bodies[number % len(bodies)]
            stream.write(f"{before}{number + 1}{after}")
    return out


def candidate() -> Path:
    """Return the Candidate release among the development data; FileNotFoundError where they are absent."""
    shared = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = shared / "data/ucdp/GEDEvent_v23_0_10.csv"
    if not path.is_file():
        raise FileNotFoundError(f"no development data at {shared}: set TOCSIN_SHARED")
    return path


def run() -> dict[str, object]:
    """Return what reading a file of the size of all of GED takes, made from the development data."""
    with tempfile.TemporaryDirectory() as folder:
        # A name that tells no release: the rows are one month's, however often they are repeated.
        return {"benchmark": "ged_size", **measure(make(candidate(), Path(folder) / "repeated.csv"))}


def measure(path: Path) -> dict[str, float]:
    """Return seconds, peak memory (MB) and rows of reading `path` in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(run.stdout)
    return {**result, "megabytes": round(path.stat().st_size / 1e6)}


def _around(record: list[str], at: int) -> tuple[str, str]:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([*record[:at], "\0", *record[at + 1 :]])
    before, _, after = text.getvalue().partition("\0")
    return before, after


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("candidate", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # A name that tells no release: the rows are one month's, however often they are repeated.
        print(json.dumps(measure(make(asked.candidate, Path(folder) / "repeated.csv", asked.rows)), indent=2))
