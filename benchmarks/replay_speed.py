"""A replay of Mali's 60 months under two lags, its account in two languages, and the monthly bulletin.

Limits: 60 months in 600 s on two cores, the account in 5 s, the bulletin in 3 s.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

from tocsin import figures
from tocsin.bulletin import html, pdf
from tocsin.replay import account, load, produce
from tocsin.watch import bulletin, watch

AS_OF = dt.date(2026, 1, 1)


def run() -> dict[str, object]:
    case = load("mali-2011-2015")
    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), time.process_time()
        found = produce(case, out=Path(folder) / "mali")
        walked, worked = time.perf_counter() - start, time.process_time() - used
    start = time.perf_counter()
    made = account(found, "fr")
    pdf(made)
    html(made)
    accounted = time.perf_counter() - start
    day = dt.date(2012, 5, 3)
    seen = watch(figures.panel(as_of=AS_OF).known(day, 1), as_of=day)
    start = time.perf_counter()
    page = bulletin(seen, record=case.entries, language="fr")
    pdf(page)
    html(page)
    written = time.perf_counter() - start
    return {
        "months": len(found.steps), "lags": len(found.tracks), "replay_seconds": round(walked, 1),
        "replay_processor_seconds": round(worked, 1), "replay_limit_seconds": 600,
        "account_seconds": round(accounted, 2), "account_limit_seconds": 5,
        "bulletin_seconds": round(written, 2), "bulletin_limit_seconds": 3,
    }  # fmt: skip
