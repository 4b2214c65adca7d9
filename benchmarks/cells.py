"""Seconds and peak memory of fitting and forecasting grid cells, and their scores against plain baselines.

    python benchmarks/cells.py [--case NAME] [--windows 2018 2019 2020]
    python benchmarks/cells.py --tables FILE [FILE ...]

Cases, each in a process of its own and in one thread: `africa`, the 13,110 cells of the VIEWS challenge, from
the figures that ship; `world`, 64,818 land cells, from a file of located events (TOCSIN_SHARED names the
folder that holds data/ucdp/ged211_located_global_1989_2020.parquet; skipped without it); `evaluation`,
scoring six windows of forecasts of 13,110 cells and of the baselines beside them; `scores`, windows of the
challenge scored against zero, conflictology-12 and conflictology-neighbours-12 on the same cells and
outcomes; `west-africa` and `admin1`, the same for the cells and units of eight West African countries.
Without a case all of them run, for hours. `--tables` prints what such runs found as the tables of
docs/concepts/local.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

DAY = dt.date(2026, 1, 1)
SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
LIMITS = {"africa": (300, 4.0), "world": (900, 6.0), "evaluation": (10, 4.0)}
SIX = (2015, 2016, 2017, 2018, 2019, 2020)
WINDOWS = {"scores": (2018, 2019, 2020), "west-africa": (2018, 2019, 2020, 2021)}
WINDOWS["admin1"] = WINDOWS["west-africa"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=[*LIMITS, *WINDOWS], help="run one case only, in this process")
    parser.add_argument("--windows", type=int, nargs="+", help="years of the cases that score")
    parser.add_argument("--tables", type=Path, nargs="+", help="print the results of these files as tables")
    options = parser.parse_args()
    if options.tables:
        found = {}
        for file in options.tables:
            found |= json.loads(file.read_text(encoding="utf-8"))
        print(tables(found))
        return
    if options.case:
        print(json.dumps({options.case: measure(options.case, options.windows)}))
        return
    print(json.dumps(_each((*LIMITS, *WINDOWS)), indent=2))


def run() -> dict[str, object]:
    """Return what the cases of speed found; those of scores take hours."""
    return _each(LIMITS)


def _each(cases: Iterable[str]) -> dict[str, object]:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    found = {}
    for case in cases:
        ran = subprocess.run(
            [sys.executable, __file__, "--case", case],
            env=one_thread, check=True, capture_output=True, text=True,
        )  # fmt: skip
        found |= json.loads(ran.stdout.splitlines()[-1])
    within = [found[case].get("within_target", True) for case in LIMITS]
    return {"benchmark": "cells", "within_target": all(within), **found}


def measure(case: str, windows: list[int] | None = None) -> dict[str, object]:
    from tocsin import figures

    country = figures.panel(as_of=DAY)
    if case in WINDOWS:
        return _scores(case, country, windows or list(WINDOWS[case]))
    if case == "world" and not _located().is_file():
        return {"status": "skipped", "reason": f"not found: {_located().name}"}
    from tocsin import local

    if case == "evaluation":
        return _evaluation(country)
    layout, panel = local.cell_data(as_of=DAY) if case == "africa" else _world()
    began, busy = time.perf_counter(), time.process_time()
    made = local.forecast(
        layout, panel, country, origin=panel.span.last, steps=range(1, 13), target="sb"
    ).local
    return {
        "cells": len(layout.areas), "with_events": len(panel.areas), "with_draws": len(made.rows),
        **_spent(case, began, busy),
    }  # fmt: skip


def _spent(case: str, began: float, busy: float) -> dict[str, object]:
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    limit, memory = LIMITS[case]
    return {
        "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1), "peak_rss_gb": round(peak / 1e9, 2),
        "within_target": seconds < limit and peak / 1e9 < memory,
    }  # fmt: skip


def _evaluation(country) -> dict[str, object]:
    """Score six windows: the fit of one origin reads six, so that only scoring is measured."""
    from tocsin import local
    from tocsin.months import month_id

    layout, panel = local.cell_data(as_of=DAY)
    origins = [month_id(year, 1) - 3 for year in SIX]
    first = local.LocalHistory.of(layout, panel, country, origins[0], "sb")
    fitted = local.fit(first)
    made = [
        fitted.at(local.LocalHistory.of(layout, panel, country, origin, "sb")).predict(range(3, 15))
        for origin in origins
    ]
    began, busy = time.perf_counter(), time.process_time()
    for forecast in made:
        local.scores(forecast, layout, panel)
        local.baselines(layout, panel, forecast.origin, "sb")
    return {"windows": len(SIX), "cells": len(layout.areas), **_spent("evaluation", began, busy)}


def _scores(case: str, country, windows: list[int]) -> dict[str, object]:
    import numpy as np

    from tocsin import local
    from tocsin.months import month_id

    read = partial(local.admin1_data, as_of=DAY)
    if case != "admin1":
        read = partial(local.cell_data, "africa" if case == "scores" else case, as_of=DAY)
    panel = read()[1]
    rows = {}
    for year in windows:
        # Which state a cell counts with is what was known at the window's origin.
        layout = read(origin=month_id(year, 1) - 3)[0]
        scored = np.isin(layout.states, local.west_africa()) if case == "west-africa" else None
        window = local.evaluate(layout, panel, country, year=year, scored=scored, method="tocsin")
        rows[str(year)] = {
            "rows": window.rows, "with_deaths": window.with_deaths,
            "scores": {name: _rounded(score) for name, score in window.scores.items()},
            "average_precision": [round(window.precision, 4), round(window.climatology, 4)],
            "ratios": {
                "crps": round(window.ratio("crps"), 3), "ign": round(window.ratio("ign"), 3),
                "reconciled_crps": round(window.ratio("crps", "reconciled"), 3),
                "reconciled_ign": round(window.ratio("ign", "reconciled"), 3),
                "precision": round(window.precision / window.climatology, 3),
            },
        }  # fmt: skip
    return rows


def _rounded(score) -> list[float]:
    return [round(score.crps, 4), round(score.ign, 4), round(score.mis, 3)]


NAMED = {"traces": "the model", "reconciled": "the same, agreed with states", "zero": "zero"}
TITLES = {
    "scores": "13,110 cells of Africa and the Middle East",
    "west-africa": "Cells of eight West African countries",
    "admin1": "Admin-1 units of eight West African countries",
}


def tables(found: dict[str, dict[str, dict]]) -> str:
    """Return the windows of `scores`, `west-africa` and `admin1` as tables in Markdown."""
    parts = []
    for case, title in TITLES.items():
        windows = found.get(case)
        if not windows:
            continue
        years = list(windows)
        lines = [f"### {title}", "", f"| CRPS, IGN | {' | '.join(years)} | mean |"]
        lines.append("|---" * (len(years) + 2) + "|")
        for name in next(iter(windows.values()))["scores"]:
            pairs = [windows[year]["scores"][name][:2] for year in years]
            pairs.append([sum(pair[k] for pair in pairs) / len(years) for k in (0, 1)])
            told = " | ".join(f"{crps:.4f}, {ign:.4f}" for crps, ign in pairs)
            lines.append(f"| {NAMED.get(name, name)} | {told} |")
        plain = ("zero", "conflictology-12", "conflictology-neighbours-12")
        for place, measure in enumerate(("CRPS", "IGN")):
            for name in ("traces", "reconciled"):
                ratios = []
                for group in [*([year] for year in years), years]:
                    sums = {
                        n: sum(windows[year]["scores"][n][place] for year in group) for n in (name, *plain)
                    }
                    ratios.append(sums[name] / min(sums[n] for n in plain))
                told = " | ".join(f"{ratio:.3f}" for ratio in ratios)
                lines.append(f"| {measure}, {NAMED[name]} / best of the three | {told} |")
        precise = [windows[year]["average_precision"] for year in years]
        ratios = [model / plain for model, plain in precise]
        told = " | ".join(f"{m:.3f} / {c:.3f} = {m / c:.3f}" for m, c in precise)
        lines.append(f"| AP, the model / climatology | {told} | {sum(ratios) / len(ratios):.3f} |")
        events = " | ".join(
            f"{windows[year]['with_deaths']:,} of {windows[year]['rows']:,}" for year in years
        )
        lines.append(f"| area-months with deaths | {events} | |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _located() -> Path:
    return SHARED / "data/ucdp/ged211_located_global_1989_2020.parquet"


def _world():
    import numpy as np
    import polars as pl

    from tocsin import areas, local
    from tocsin.kinds import KINDS
    from tocsin.months import Span, parse
    from tocsin.panel import Panel

    start = pl.col("date_start")
    events = pl.read_parquet(_located()).select(
        gid=pl.col("priogrid_gid").cast(pl.Int32),
        month=(start.dt.year().cast(pl.Int32) - 1980) * 12 + start.dt.month().cast(pl.Int32),
        kind=pl.col("type_of_violence") - 1,
        deaths=pl.col("best").cast(pl.Int32),
    )
    land = areas.cells()["gid"].to_list()
    events = events.filter(pl.col("gid").is_in(land))
    span = Span(parse("1989-01"), parse("2020-12"))
    seen = events["gid"].unique().sort().to_list()
    at = np.searchsorted(seen, events["gid"].to_numpy())
    deaths = np.zeros((len(seen), len(span), 3), dtype=np.int32)
    place = (at, events["month"].to_numpy() - span.first, events["kind"].to_numpy())
    np.add.at(deaths, place, events["deaths"].to_numpy())
    panel = Panel(
        level="cell", scheme="priogrid", areas=tuple(seen), span=span, kinds=KINDS, deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=np.bool_), as_of=DAY, releases=("ged-21.1 (located events)",),
        basis="located events only",
    )  # fmt: skip
    return local.cell_layout(span.last, gids=land), panel


if __name__ == "__main__":
    main()
