"""How long all rules take for all countries, once the forecast is there."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tocsin import areas, figures, forecast, months, warn

TODAY = dt.date(2026, 1, 1)
ORIGIN = months.parse("2021-12")
METHOD = "no-learning"


def run() -> dict[str, Any]:
    """Return seconds of a round of warnings and of keeping it, with how much it did."""
    day = dt.date(2022, 1, 15)
    alive = {country.gw for country in areas.countries(month=ORIGIN)}
    known = figures.panel(as_of=TODAY).known(day, 0)
    panel = known.only([area for area in known.areas if area in alive])
    said = forecast.fit(panel, origin=ORIGIN, target="total", method=METHOD).predict(range(1, 13))
    rules, table = warn.built_in(), warn.known(None, METHOD)
    with tempfile.TemporaryDirectory() as home, warn.Store.open(Path(home)) as store:
        start, work = time.perf_counter(), time.process_time()
        held = warn.hold(
            panel, as_of=day, rules=rules, method=METHOD, states={}, told=store.told, said=[said],
            made_at="2022-01-15T00:00:00+00:00", table=table,
        )  # fmt: skip
        store.keep(held)
        clock, cpu = time.perf_counter() - start, time.process_time() - work
    return {
        "countries": len(panel.areas), "rules": len(rules), "messages": len(held.messages),
        "clock_seconds": round(clock, 3), "cpu_seconds": round(cpu, 3), "limit_seconds": 2.0,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
