"""Seconds and peak memory of a backtest of 300 monthly origins, every country, 36 months ahead.

    python benchmarks/backtest_speed.py [--origins 300]

`conflictology-12` on the figures that ship, state-based deaths, 1,000 draws, with one process and with two,
each from starting the command to its end. The baseline is what one would write first: the same forecasts,
every row scored by itself, without files; it is measured on every fifteenth origin and scaled to all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ORIGINS = 300
FIRST, STEPS = "1995-10", "1-36"
SECONDS = 300
EVERY = 15

_COMMAND = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "seconds": round(seconds, 1),
    "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
    "largest_process_mb": round(used.ru_maxrss / 1024),
}))
"""

_BASELINE = """
import datetime, json, sys, time
import numpy as np
from tocsin import figures, forecast, score
panel = figures.panel(as_of=datetime.date.max)
series = panel.series("sb")
start = time.perf_counter()
for origin in range(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])):
    said = forecast.fit(panel, origin=origin, target="sb", method="conflictology-12").predict(range(1, 37))
    for area in np.flatnonzero(said.assessed):
        for step, month in enumerate(said.months):
            if month <= panel.span.last:
                draws, outcome = said.draws[area, step], series[area, month - panel.span.first]
                score.crps(draws, outcome)
                score.ignorance(draws, outcome)
                score.interval_score(draws, outcome)
                score.crps(draws, outcome, scale="log")
                score.coverage(draws, outcome)
                [(draws >= deaths).mean() for deaths in (1, 25, 100, 1000)]
print(json.dumps(time.perf_counter() - start))
"""


def run(origins: int = ORIGINS) -> dict[str, object]:
    """Return seconds, processor seconds, memory and size with one and two processes, and the baseline's."""
    from tocsin import months

    first = months.parse(FIRST)
    last = first + origins - 1
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for jobs in (1, 2):
            files.append(Path(folder) / f"{jobs}.parquet")
            command = [
                sys.executable, "-m", "tocsin", "backtest", "--data", "figures", "--steps", STEPS,
                "--method", "conflictology-12", "--origins", f"{FIRST}:{months.label(last)}",
                "--jobs", str(jobs), "--out", str(files[-1]), "--quiet",
            ]  # fmt: skip
            found[f"jobs_{jobs}"] = json.loads(_output(_COMMAND, *command))
        same = files[0].read_bytes() == files[1].read_bytes()
        size = files[0].stat().st_size / 1e6
    baseline = float(_output(_BASELINE, str(first), str(last + 1), str(EVERY))) * EVERY
    return {
        "benchmark": "backtest_speed",
        "origins": origins,
        **found,
        "megabytes": round(size, 1),
        "same_bytes": same,
        "baseline_seconds": round(baseline, 1),
        "times_faster_than_baseline": round(baseline / found["jobs_1"]["seconds"], 1),
        "within_target": same and found["jobs_2"]["seconds"] < SECONDS,
    }


def _output(code: str, *words: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return ran.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--origins", type=int, default=ORIGINS)
    options = parser.parse_args()
    print(json.dumps(run(options.origins), indent=2))


if __name__ == "__main__":
    main()
