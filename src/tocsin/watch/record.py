"""The watch itself: forecasts of every country, what changed since last month, and where it all went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tocsin import __version__, areas, figures, forecast, months
from tocsin.areas import Country
from tocsin.beside import begun
from tocsin.errors import BadInput, NotAssessed
from tocsin.feeds import write_feeds
from tocsin.forecast.forecast import Forecast
from tocsin.ledger import Entry
from tocsin.panel import Panel
from tocsin.panel.arrays import Record
from tocsin.panel.panel import AreaId
from tocsin.text import Language, current_language, say
from tocsin.warn import STALE_DAYS
from tocsin.watch.alerts import Alerted, Alerts
from tocsin.watch.charts import draw_charts
from tocsin.watch.edition import write_bulletin
from tocsin.watch.folder import check_folder, replaced
from tocsin.watch.ranking import AHEAD, THRESHOLD, Row, rank
from tocsin.watch.results import digest_of
from tocsin.watch.tables import describe_tables, ranking_frame, write_tables
from tocsin.watch.words import FEW

METHODS: tuple[str, ...] = (forecast.DEFAULT, "conflictology-12")
"""The method that ranks, then the one shown beside it."""

STEPS: tuple[int, ...] = tuple(range(1, 13))
CHARTS = 10

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True, eq=False, repr=False)
class Watch(Record):
    """Everything a watch found.

    as_of:     the day it was made for; nothing known later was read.
    origin:    month id of the last month of data.
    panel:     deaths by country and month up to the origin.
    forecasts: one a method, the method that ranks first; total of kinds, deaths a month.
    rows:      one an area, ranked (`tocsin.watch.ranking`).
    alerted:   what was done about warnings; None where none were asked for.
    earlier:   forecasts by the same methods from the month before; none in the first month of the data.
    """

    as_of: dt.date
    origin: int
    panel: Panel
    forecasts: tuple[Forecast, ...]
    rows: tuple[Row, ...]
    alerted: Alerted | None = None
    earlier: tuple[Forecast, ...] = ()

    @property
    def lead(self) -> Forecast:
        """The forecast that ranks."""
        return self.forecasts[0]

    def country(self, row: Row) -> Country:
        """Return the state a row speaks of, under the name it had at the origin."""
        return areas.country(int(row.area), month=self.origin)

    @property
    def age(self) -> int:
        """Days between the last day of data and the day of the watch."""
        return (self.as_of - months.last_day(self.origin)).days

    @property
    def historical(self) -> bool:
        """Whether the data are too old (60 days) to say anything about the day of the watch."""
        return self.age > STALE_DAYS

    @property
    def covered_months(self) -> int:
        """The most months that are covered of any country."""
        return int(self.panel.covered.sum(axis=1).max())

    @property
    def few_months(self) -> dict[int, int]:
        """The covered months of each assessed country that has fewer than `FEW` of them, by code."""
        known = zip(self.panel.areas, self.panel.covered.sum(axis=1), strict=True)
        counts = {int(area): int(count) for area, count in known if count < FEW}
        return {gw: counts[gw] for row in self.ranked if (gw := int(row.area)) in counts}

    @property
    def ranked(self) -> tuple[Row, ...]:
        """The assessed rows, by rank."""
        return tuple(row for row in self.rows if row.assessed)

    @property
    def rises(self) -> tuple[Row, ...]:
        """The rows whose probability rose since the month before, largest rise first."""
        risen = [row for row in self.ranked if row.change is not None and row.change > 0]
        return tuple(sorted(risen, key=lambda row: (-(row.change or 0.0), row.rank)))

    @property
    def compared(self) -> bool:
        """Whether any country had a forecast from the month before: else no change is known."""
        return any(row.change is not None for row in self.ranked)

    @property
    def not_assessed(self) -> tuple[Row, ...]:
        """The rows of areas that no release covers."""
        return tuple(row for row in self.rows if not row.assessed)

    @property
    def widest(self) -> tuple[int, int] | None:
        """The last month in which most states are covered, and how many; None where that is the origin."""
        counts = self.panel.covered.sum(axis=0)
        place = int(np.flatnonzero(counts == counts.max())[-1])
        month = self.panel.span.first + place
        return None if month == self.origin else (month, int(counts[place]))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the data and the forecasts."""
        return digest_of(self.panel.digest, self.forecasts, self.origin)

    def summary(self) -> dict[str, object]:
        """Return the facts that identify the watch, as plain values for JSON."""
        return {
            "tocsin": __version__,
            "as_of": self.as_of.isoformat(),
            "origin": months.label(self.origin),
            "data_age_days": self.age,
            "demonstration_on_historical_figures": self.historical,
            "releases": list(self.panel.releases),
            "attribution": figures.attribution(self.panel.releases).to_dict(),
            "basis": self.panel.basis,
            "lag": self.panel.lag,
            "covered_months": self.covered_months,
            "few_months": {str(gw): count for gw, count in self.few_months.items()},
            "method": self.lead.method,
            "methods": [f.method for f in self.forecasts],
            "months_ahead": list(self.lead.steps),
            "draws": self.lead.draws.shape[2],
            "question": f"P(at least {THRESHOLD} deaths in months 1 to {AHEAD} after the origin), all kinds",
            "assessed": len(self.ranked),
            "not_assessed": [int(row.area) for row in self.not_assessed],
            "inputs_sha256": self.panel.digest,
            "forecast_inputs_sha256": {f.method: f.inputs for f in self.forecasts},
            "forecasts_sha256": {f.method: f.digest for f in self.forecasts},
            "watch_sha256": self.digest,
            "warnings": None if self.alerted is None else self.alerted.to_dict(),
        }

    def to_dict(self) -> dict[str, object]:
        """Return the summary and the ranking as plain values for JSON."""
        return self.summary() | {"ranking": ranking_frame(self.rows, self.origin).to_dicts()}


def watch(
    panel: Panel,
    *,
    as_of: dt.date,
    origin: int | None = None,
    methods: Sequence[str] = METHODS,
    steps: Sequence[int] = STEPS,
    out: str | Path | None = None,
    alerts: Alerts | None = None,
    record: Callable[[], Sequence[Entry] | None] = lambda: None,
    language: Language | None = None,
    beside: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Watch:
    """Forecast every country of `panel`, rank it, and write the results into `out`.

    panel:    deaths by country, month and kind as known on `as_of`.
    origin:   month id of the last month to use; the last one that a release covers when None.
    methods:  names of forecast methods, the one that ranks first (`tocsin.forecast`).
    steps:    months ahead, 1 to 3 among them.
    out:      folder for the tables and charts, replaced whole at the end; nothing is written when None.
    alerts:   how to deal with warnings; none are raised, updated or cancelled when None.
    record:   reads the ledger for what the bulletin says is owed, after what is issued was recorded there;
              None where there is no ledger.
    beside:   whether the month before is forecast meanwhile in a process of its own, for a second processor.
    Raises NotAssessed when no release covers any month, BadInput for a panel that knows more than `as_of`.
    """
    tongue = language or current_language()
    if out is not None:
        check_folder(out)
    if panel.as_of > months.day(as_of, "as_of"):
        raise BadInput("watch.from_the_future", known=panel.as_of.isoformat(), as_of=as_of.isoformat())
    if (panel.level, panel.scheme) != ("country", "gw"):
        raise BadInput("watch.not_countries", level=panel.level, scheme=panel.scheme)
    last = last_month(panel) if origin is None else origin
    held = panel.until(last)
    known = _living(held)
    if not known.covered[:, -1].any():
        raise NotAssessed("watch.nothing_covered", month=months.label(last))

    whole = len(methods) + 1 + (CHARTS + 1 if out else 0)
    done: list[Forecast] = []
    month_before: AbstractContextManager[Callable[[], list[Forecast]]] = nullcontext(list)
    if last > known.span.first:
        given = (held.until(last - 1), last - 1, methods, steps, known.areas)
        month_before = begun(forecasts, *given, apart=beside)
    with month_before as made:
        for method in methods:
            progress(say("watch.stage_forecast", tongue, method=method), len(done), whole)
            done += forecasts(held, last, (method,), steps, known.areas)
        progress(say("watch.stage_before", tongue), len(done), whole)
        earlier = made()
    before = earlier[0] if earlier else None
    rows = rank(known, done[0], before, done[1] if len(done) > 1 else None)
    alerted = None
    if alerts is not None:
        alerted = alerts.run(known, as_of=as_of, origin=last, said=done[:1], earlier=earlier[:1])
    result = Watch(
        as_of=as_of,
        origin=last,
        panel=known,
        forecasts=tuple(done),
        rows=rows,
        alerted=alerted,
        earlier=tuple(earlier),
    )
    if out is not None:
        with replaced(out) as folder:
            start = len(methods) + 1
            progress(say("watch.stage_tables", tongue), start, whole)
            write_tables(result, folder)
            if alerted is not None:
                write_feeds(alerted.shown, folder)
            describe_tables(result, folder)
            write_bulletin(result, folder, record=record())
            for count, name in enumerate(draw_charts(result, folder / "charts", CHARTS, tongue), start + 1):
                progress(say("watch.stage_chart", tongue, name=name), count, whole)
    progress(say("watch.stage_done", tongue), whole, whole)
    return result


def last_month(panel: Panel) -> int:
    """Return the id of the last month that a release covers for any area; NotAssessed if there is none."""
    newest = panel.newest()
    if newest is None:
        raise NotAssessed("watch.no_month")
    return newest


def _living(panel: Panel) -> Panel:
    """Return the panel of the states that exist in its last month: one that has ended cannot be forecast."""
    alive = {country.gw for country in areas.countries(month=panel.span.last)}
    return panel.only([area for area in panel.areas if area in alive])


def forecasts(
    panel: Panel, origin: int, methods: Sequence[str], steps: Sequence[int], wanted: Sequence[AreaId]
) -> list[Forecast]:
    """Return the forecast of all kinds by each method from one origin, of the areas wanted."""
    fitted = [forecast.fit(panel, origin=origin, target="total", method=method) for method in methods]
    return [one.predict(tuple(steps)).only(wanted) for one in fitted]
