"""Seconds and peak memory of CRPS + IGN + MIS at the size of one PRIO-GRID window of the challenge.

    python benchmarks/score_size.py

157,320 rows x 1,000 draws, scored once as a grid is (1 row in 20 has any death) and once with deaths in
every row. The baseline, measured in the same run, is the pairwise definition of CRPS, the counter of the
challenge's ignorance score and `numpy.quantile`, on a sample of the rows; its time is scaled to all of them.
Each case runs in a child process of its own, in one thread, so that the peak memory is its own; seconds are
the best of three runs, those of the baseline of one. `seconds` is by the clock, and so counts what other
programs do at the same time; `cpu_seconds` is what an idle machine takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter

ROWS, DRAWS, SAMPLE = 157_320, 1_000, 400
CASES = ("grid", "dense", "baseline")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case)))
        return
    print(json.dumps(run(), indent=2))


def run() -> dict[str, object]:
    """Return the times and memory of each case, measured one after the other."""
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    found = {
        case: json.loads(
            subprocess.run(
                [sys.executable, __file__, "--case", case],
                env=one_thread,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for case in CASES
    }
    return {
        "benchmark": "score_size",
        "rows": ROWS,
        "draws": DRAWS,
        "load_before": None if sys.platform == "win32" else round(os.getloadavg()[0], 2),
        **found,
        "times_faster_than_baseline": round(
            found["baseline"]["cpu_seconds"] / found["dense"]["cpu_seconds"], 1
        ),
        "within_target": all(
            found[case]["seconds"] < 3 and found[case]["peak_rss_gb"] < 1.5 for case in ("grid", "dense")
        ),
    }


def measure(case: str) -> dict[str, float]:
    import numpy as np

    from tocsin import score

    rows = SAMPLE if case == "baseline" else ROWS
    random = np.random.default_rng(1)
    rates = np.exp(random.normal(0, 2, rows))
    if case == "grid":
        rates[random.random(rows) > 0.05] = 0
    draws = np.zeros((rows, DRAWS), np.int32)
    for start in range(0, rows, 4096):
        part = rates[start : start + 4096, None]
        draws[start : start + 4096] = random.poisson(part, size=(len(part), DRAWS))
    outcomes = random.poisson(rates)
    seconds = cpu = float("inf")
    for _ in range(1 if case == "baseline" else 3):
        began, busy = time.perf_counter(), time.process_time()
        if case == "baseline":
            means = by_definition(draws, outcomes)
        else:
            found = score.row_scores(draws, outcomes)
            means = [float(found.crps.mean()), float(found.ignorance.mean()), float(found.interval.mean())]
        seconds = min(seconds, (time.perf_counter() - began) * ROWS / rows)
        cpu = min(cpu, (time.process_time() - busy) * ROWS / rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "rows_scored": rows,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "peak_rss_gb": round(peak / 1e9, 3),
        **dict(zip(("crps", "ign", "mis"), means, strict=True)),
    }


def by_definition(draws, outcomes) -> list[float]:
    import numpy as np

    from tocsin import score

    edges = [0, *score.BIN_EDGES]
    crps, ign, mis = [], [], []
    for row, outcome in zip(draws.astype(float), outcomes, strict=True):
        crps.append(np.abs(row - outcome).mean() - np.abs(row[:, None] - row[None, :]).mean() / 2)
        counted = Counter(np.digitize(row, edges).tolist())
        ign.append(-np.log2((counted[int(np.digitize(outcome, edges))] + 1) / (len(row) + 11)))
        low, high = np.quantile(row, [0.05, 0.95])
        mis.append(high - low + 20 * (max(low - outcome, 0) + max(outcome - high, 0)))
    return [float(np.mean(values)) for values in (crps, ign, mis)]


if __name__ == "__main__":
    main()
