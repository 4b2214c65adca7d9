"""Seconds and peak memory of the main job: `tocsin watch` on the figures that ship, and of `tocsin --help`.

Each is measured as a person meets it, from starting the process to its end, as the best of three runs; the
baseline is a Python that does nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 3
WATCH_SECONDS, HELP_SECONDS = 30, 0.4

_CHILD = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def run() -> dict[str, object]:
    """Return seconds (by clock and by processor) and peak memory of both commands and of the baseline."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out")
        tocsin = [sys.executable, "-m", "tocsin"]
        home = Path(folder) / "home"
        watch = _best([*tocsin, "watch", "--out", out, "--quiet"], home)
        shown = _best([*tocsin, "--help"], home)
        nothing = _best([sys.executable, "-c", "pass"], home)
    return {
        "benchmark": "watch_time",
        "watch": watch,
        "help": shown,
        "baseline_python": nothing,
        "help_times_python": round(shown["seconds"] / nothing["seconds"], 1),
        "within_target": watch["seconds"] < WATCH_SECONDS and shown["seconds"] < HELP_SECONDS,
    }


def _best(command: list[str], home: Path) -> dict[str, float]:
    return min((_measured(command, home) for _ in range(RUNS)), key=lambda found: found["seconds"])


def _measured(command: list[str], home: Path) -> dict[str, float]:
    environment = os.environ | {"TOCSIN_HOME": str(home), "TOCSIN_LANG": "en"}
    # A process in between, so that the peak memory is that of this one command.
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD, *command], capture_output=True, text=True, check=True, env=environment
    )
    code, seconds, processor, peak = json.loads(ran.stdout)
    if code:
        raise RuntimeError(f"{command} ended with {code}: {ran.stderr}")
    return {"seconds": round(seconds, 2), "cpu_seconds": round(processor, 2), "peak_rss_mb": round(peak)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
