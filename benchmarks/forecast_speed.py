"""Seconds and peak memory of fitting and forecasting every country: four kinds, 12 and 36 months ahead.

    python benchmarks/forecast_speed.py

The default method, 1,000 draws, data to the last month that ships; the total is the sum of the draws of the
three kinds, as `tocsin watch` makes it. Once with the machine to itself and once beside another process that
keeps a core busy, since threads that wait for each other are what made such runs slow. Beside it the methods
that learn by boosting, and the pool whose weights are fitted. The baseline, in the same run, is
`conflictology-12`. Each case runs in a child process of its own; `seconds` is by the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys

CASES = (
    "default_12", "default_36", "default_12_busy", "hurdle_12", "boosting_12", "weighted_12",
    "baseline_12", "baseline_36",
)  # fmt: skip
LIMITS = {"default_12": 60, "default_36": 120, "default_12_busy": 60}
MEMORY_MB = 2_000

_CASE = """
import datetime, json, resource, sys, time
from tocsin import figures, forecast
method, steps = sys.argv[1] or forecast.DEFAULT, range(1, int(sys.argv[2]) + 1)
panel = figures.panel(as_of=datetime.date.max)
start, used = time.perf_counter(), time.process_time()
fitted = forecast.fit(panel, origin=panel.span.last, target="total", method=method)
said = [part.predict(steps) for part in fitted.parts]
total = forecast.total(said)
print(json.dumps({
    "seconds": round(time.perf_counter() - start, 1),
    "cpu_seconds": round(time.process_time() - used, 1),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "areas": int(total.assessed.sum()),
    "forecasts": len(said) + 1,
}))
"""

_BUSY = "while True: pass"


def run() -> dict[str, object]:
    """Return seconds, processor seconds and peak memory of each case."""
    found = {case: _measure(case) for case in CASES}
    return {
        "benchmark": "forecast_speed",
        "limits_seconds": LIMITS,
        "limit_mb": MEMORY_MB,
        "within": {
            case: found[case]["seconds"] < limit and found[case]["peak_mb"] < MEMORY_MB
            for case, limit in LIMITS.items()
        },
        "cases": found,
        "ratio_to_baseline": {
            case: round(found[case]["cpu_seconds"] / found[_baseline_of(case)]["cpu_seconds"], 1)
            for case in CASES
        },
    }


def _baseline_of(case: str) -> str:
    return f"baseline_{case.split('_')[1]}"


def _measure(case: str) -> dict[str, float]:
    which, steps, *busy = case.split("_")
    method = {"default": "", "baseline": "conflictology-12"}.get(which, which)
    other = subprocess.Popen([sys.executable, "-c", _BUSY]) if busy else None
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _CASE, method, steps], check=True, capture_output=True, text=True
        )
    finally:
        if other:
            other.kill()
            other.wait()
    measured: dict[str, float] = json.loads(ran.stdout)
    return measured


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
