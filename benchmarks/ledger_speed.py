"""The ledger: 10,000 appends, a million entries verified, one of them proved.

    python benchmarks/ledger_speed.py [--entries 1000000]

The appends go to SQLite in batches of 100, each batch forced onto the disk. The million is appended in
batches of 10,000, which takes minutes; it is verified in a process of its own, so that the peak memory is its
own, with every checkpoint's signature. Targets: appends under 10 s, verification under 30 s and 1 GB, a proof
under 5 ms (median; the slowest is told too).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ENTRIES = 1_000_000
APPENDS = 10_000
PROOFS = 200

_VERIFY = """
import json, resource, sys, time
from tocsin.ledger import Ledger
with Ledger.open(sys.argv[1], create=False) as ledger:
    start, worked = time.perf_counter(), time.process_time()
    found = ledger.verify()
    seconds, cpu = time.perf_counter() - start, time.process_time() - worked
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"ok": found.ok, "signatures": found.signatures, "seconds": round(seconds, 2),
                  "cpu_seconds": round(cpu, 2), "peak_rss_gb": round(peak / 1e9, 3)}))
"""


def run() -> dict[str, object]:
    return measure(ENTRIES)


def measure(entries: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOCSIN_HOME"] = folder
        os.environ.pop("TOCSIN_LEDGER_URL", None)
        from tocsin.ledger import make_key

        make_key(Path(folder), "example.org/ledger")
        appends = _append(Path(folder) / "appends.sqlite", APPENDS, batch=100)
        large = Path(folder) / "large.sqlite"
        built = _append(large, entries, batch=10_000)
        verified = json.loads(
            subprocess.run(
                [sys.executable, "-c", _VERIFY, str(large)], check=True, capture_output=True, text=True
            ).stdout
        )
        proofs = _prove(large, entries)
        size = large.stat().st_size
    within = (
        appends["seconds"] < 10
        and verified["ok"]
        and verified["seconds"] < 30
        and verified["peak_rss_gb"] < 1
        and proofs["median_ms"] < 5
    )
    return {
        "benchmark": "ledger_speed",
        "appends": {"entries": APPENDS, "batch": 100, **appends},
        "build": {"entries": entries, "batch": 10_000, **built, "megabytes": round(size / 1e6)},
        "verify": {"entries": entries, **verified},
        "inclusion_proof": proofs,
        "within_target": bool(within),
    }


def _append(path: Path, count: int, *, batch: int) -> dict[str, float]:
    from tocsin.ledger import Ledger

    with Ledger.open(path) as ledger:
        start, worked = time.perf_counter(), time.process_time()
        for first in range(0, count, batch):
            ledger.extend(_entries(first, min(batch, count - first)))
        seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}


def _entries(first: int, count: int) -> Iterator[dict[str, object]]:
    for number in range(first, first + count):
        follows = [f"follows:attack-{number - 1}"] if number and number % 5 == 0 else []
        yield {
            "type": "event",
            "id": f"attack-{number}",
            "date": "2012-03-21",
            "areas": ["gw:432"],
            "text": f"Attack number {number}, told in a sentence or two as an analyst would write it down.",
            "language": "en",
            "sources": [{"citation": "An invented bulletin", "url": "https://example.org/bulletin"}],
            "author": "Situation room",
            "confidence": "moderate",
            "form": "attack",
            "deaths": number % 40,
            "links": follows,
        }


def _prove(path: Path, entries: int) -> dict[str, float]:
    from tocsin.ledger import Ledger

    taken = []
    with Ledger.open(path, create=False) as ledger:
        for number in range(PROOFS):
            id = f"attack-{number * entries // PROOFS}"
            start = time.perf_counter()
            ledger.prove(id)
            taken.append(1000 * (time.perf_counter() - start))
    return {
        "proofs": PROOFS,
        "median_ms": round(statistics.median(taken), 2),
        "slowest_ms": round(max(taken), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=ENTRIES)
    print(json.dumps(measure(parser.parse_args().entries), indent=2))
