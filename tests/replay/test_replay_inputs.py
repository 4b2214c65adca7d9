"""Every input that a walk reads, with a row of the future planted in it: nothing told before changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from replay_world import STATES

from tocsin import figures, months, revision, warn
from tocsin.errors import BadInput
from tocsin.forecast import Forecast
from tocsin.panel import Panel
from tocsin.replay import Settings, Track, look, vaulted, walk
from tocsin.replay import fits as fits_file
from tocsin.replay.fits import Fits
from tocsin.replay.tracks import observer, vintaged
from tocsin.vault import Vault
from tocsin.warn import Evidence, Rule
from tocsin.warn.places import Places

MONTH = months.parse("2012-04")
METHOD = "conflictology-12"
AS_OF = dt.date(2026, 1, 1)
GW = 432


def _told(track: Track, month: int, settings: Settings) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = look(track, month, settings, {}, {})
    return found.facts, [message.to_dict() for message in found.messages]


def test_the_rule_on_provinces_does_not_see_a_future_row_in_any_of_them() -> None:
    whole, held = figures.panel(as_of=AS_OF), Places.of(figures.groups(as_of=AS_OF), "total")
    assert held is not None
    rules = tuple(rule for rule in warn.built_in() if rule.level == "admin1")
    settings = Settings(GW, (), METHOD, rules, {}, priced=False)

    def told(places: Places, month: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        track = Track(
            "lag-1", "reconstructed", 1, lambda on: Evidence(whole.known(on, 1), {"total": places}), ""
        )
        return _told(track, month, settings)

    planted = held.deaths.copy()
    planted[:, MONTH - held.span.first] += 50
    later = dataclasses.replace(held, deaths=planted)
    for month in (MONTH - 3, MONTH, MONTH + 1):
        assert told(held, month) == told(later, month)
    # Lag 1: April is known on the first of June.
    assert told(held, MONTH + 2) != told(later, MONTH + 2)


def test_the_record_of_a_rule_does_not_know_what_came_after(panel: Panel, rules: tuple[Rule, ...]) -> None:
    evidence = Evidence(panel, {})
    table = warn.make(evidence, rules, method=METHOD)
    track = Track("lag-1", "reconstructed", 1, lambda on: Evidence(panel.known(on, 1), {}), "")
    origin = MONTH - 2
    planted = {}
    for rule in rules:
        held = table[rule.criterion]
        late = np.array([one + rule.window > origin for one in held.origins])
        chances, results, after = held.chances.copy(), held.results.copy(), held.after.copy()
        # Questions of the future, and questions that were open then and are settled later.
        future = np.array(held.origins) >= origin
        chances[:, future] = 1.0
        open_then = late & ~future
        results[:, open_then] = np.where(
            (held.results[:, open_then] == warn.questions.TRUE)
            & (held.after[:, open_then] + np.array(held.origins)[open_then] > origin),
            warn.questions.FALSE, held.results[:, open_then],
        )  # fmt: skip
        results[:, future] = warn.questions.FALSE
        planted[rule.criterion] = dataclasses.replace(held, chances=chances, results=results, after=after)
    before = Settings(GW, (), METHOD, rules, table, priced=False)
    later = Settings(GW, (), METHOD, rules, planted, priced=False)
    facts, messages = _told(track, MONTH, before)
    assert any(row["record"] is not None for row in facts["rules"])
    assert (facts, messages) == _told(track, MONTH, later)
    end = months.parse("2013-12")
    assert _told(track, end, before) != _told(track, end, later)


@pytest.mark.parametrize("place", [0, 1], ids=["as published", "with expected revision"])
def test_a_later_vintage_changes_no_earlier_month(place: int) -> None:
    triangle = revision.shipped(GW, as_of=dt.date(2026, 6, 25))
    month = months.parse("2026-01")
    late = np.array([vintage > observer(month) for vintage in triangle.vintages])
    assert late.any()
    planted = triangle.deaths.copy()
    planted[late] = planted[late] * 7 + 3000
    later = dataclasses.replace(triangle, deaths=planted)
    settings = Settings(GW, (), METHOD, (), {}, priced=False)
    tracks = vintaged(triangle)[place], vintaged(later)[place]
    for earlier in (month - 4, month):
        one, other = (_told(track, earlier, settings) for track in tracks)
        assert one[0]["assessed"]
        assert one == other
    one, other = (_told(track, month + 5, settings) for track in tracks)
    assert one != other


def test_a_forecast_is_the_same_whether_or_not_another_track_asked_for_it(panel: Panel) -> None:
    on = observer(MONTH)
    tracks = [panel.known(on, lag) for lag in (1, 1, 7)]
    fits = Fits()
    first, again, other = (fits.of(known, METHOD, 12) for known in tracks)
    assert again is first
    assert other.origin == first.origin - 6
    alone = Fits().of(panel.known(on, 1), METHOD, 12)
    assert alone.digest == first.digest
    # Six months earlier a lag of one month knew what a lag of seven knows now.
    six_before = fits.of(panel.known(observer(MONTH - 6), 1), METHOD, 12)
    assert six_before is other
    assert len(STATES) == len(first.areas)


def test_a_later_month_that_knows_no_more_asks_for_no_second_fit(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    plain = fits_file.fitted

    def fitted(known: Panel, method: str, last: int) -> Forecast:
        made.append(last)
        return plain(known, method, last)

    monkeypatch.setattr(fits_file, "fitted", fitted)
    known, fits = panel.known(observer(MONTH), 1), Fits()
    found = [fits.of(known, METHOD, last).digest for last in (12, 13, 17, 25)]
    assert made == [12, 24, 36]
    assert found == [plain(known, METHOD, last).digest for last in (12, 13, 17, 25)]
    with pytest.raises(BadInput, match="37"):
        fits.of(known, METHOD, 37)


def test_the_vault_is_read_once_for_a_day(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dt.date] = []

    def of_resolved(resolved: object, *, as_of: dt.date) -> Panel:
        asked.append(as_of)
        return panel.until(months.of_date(as_of) - 2)

    monkeypatch.setattr("tocsin.panel.of_resolved", of_resolved)
    shelf = SimpleNamespace(
        vintages=lambda as_of: (), status=lambda as_of: SimpleNamespace(withdrawn=()),
        resolve=lambda as_of: None,
    )  # fmt: skip
    track = vaulted(shelf, (), as_of=panel.as_of)  # type: ignore[arg-type]
    settings = Settings(GW, (), METHOD, (), {}, priced=False)
    steps = walk([track], months.Span(MONTH, MONTH), settings, outcomes=panel)
    assert all(step.of("vault")["assessed"] for step in steps[1:])
    assert asked == [observer(step.month) for step in steps]


@pytest.mark.shared
def test_provinces_are_those_that_the_vault_held_on_the_day(shared: Path, tmp_path: Path) -> None:
    vault = Vault.open(tmp_path)
    file = shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet"
    vault.ingest(file, release="24.1", known_at=dt.date(2024, 6, 30))
    spread = warn.named("spread", warn.built_in())
    on = dt.date(2024, 7, 1)
    known = vaulted(vault, [spread], as_of=on).known(on)
    asked = known.ask(spread, known.panel.span.last)
    assert (asked.areas, asked.assessed.all()) == ((404, 432, 433, 434, 436, 437, 439, 461), True)
    shipped = Evidence.of(known.panel, [spread], figures.groups(as_of=AS_OF))
    assert known.digest == shipped.digest
    without = vaulted(vault, (), as_of=on).known(on)
    assert not without.places
