"""Seconds for a full delay table: five moments and never, six responses, 2,000 draws of the inputs.

    python benchmarks/decide_speed.py [--all]

The table is that of Mali at January 2012, everything included (transitions, break-even points, the rule of
watching and waiting, tornados); the forecast and the counts, made once for all countries, are timed apart.
With --all every country of that month is priced in the same way, in at most two processes. The target is
judged by processor time, so that what else the machine does has no part in it; the clock stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

OPTIONS = ("none", "peacekeeping-100", "mediation", "security-assistance", "development-aid", "sanctions")
MOMENTS = (0, 1, 3, 6, 12)
SAMPLES = 2000
SECONDS, MINUTES = 3.0, 5.0


def run(*, everywhere: bool = False) -> dict[str, Any]:
    """Return the measured figures."""
    began = time.perf_counter()
    evidence = _evidence()
    ready, used = time.perf_counter(), time.process_time()
    from tocsin.decide import decide

    made = decide(evidence, "MLI", options=OPTIONS, moments=MOMENTS)
    seconds, processor = time.perf_counter() - ready, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result: dict[str, Any] = {
        "benchmark": "decide_speed",
        "moments": len(MOMENTS),
        "responses": len(OPTIONS),
        "samples": SAMPLES,
        "evidence_seconds": round(ready - began, 3),
        "table_seconds": round(seconds, 3),
        "table_processor_seconds": round(processor, 3),
        "peak_rss_gb": round(peak / 1e9, 3),
        "digest": made.digest,
        "within_target": processor < SECONDS,
    }
    if everywhere:
        result |= _everywhere()
        result["within_target"] = result["within_target"] and result["all_processor_minutes_each"] < MINUTES
    return result


def _evidence() -> Any:
    import datetime as dt

    from tocsin import figures, months
    from tocsin.decide import Evidence

    panel = figures.panel(as_of=dt.date(2025, 12, 31)).known(dt.date(2012, 1, 31), 1)
    return Evidence.of(panel, month=months.parse("2012-01"), samples=SAMPLES)


def _everywhere() -> dict[str, Any]:
    from tocsin import areas, months

    codes = [c.gw for c in areas.countries(month=months.parse("2011-11"))]
    workers = min(2, os.cpu_count() or 1)
    began = time.perf_counter()
    # Forking a process that has threads (polars) can hang it.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_some, [codes[start::workers] for start in range(workers)]))
    return {
        "all_countries": len(codes),
        "all_not_assessed": sum(left for left, _ in found),
        "all_processes": workers,
        "all_minutes": round((time.perf_counter() - began) / 60, 2),
        "all_processor_minutes_each": round(max(used for _, used in found) / 60, 2),
    }


def _some(codes: list[int]) -> tuple[int, float]:
    """Price countries, and return how many were not assessed and the seconds of processor it took."""
    from tocsin.decide import decide
    from tocsin.errors import NotAssessed

    evidence = _evidence()
    left = 0
    for code in codes:
        try:
            decide(evidence, code, options=OPTIONS, moments=MOMENTS)
        except NotAssessed:
            left += 1
    return left, time.process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="price every country too")
    options = parser.parse_args()
    print(json.dumps(run(everywhere=options.all), indent=2))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
