"""A month that is watched again: on other data, by another version, and after a correction in the ledger."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from pathlib import Path

import pytest
from rich.console import Console

from tocsin import warn
from tocsin.ledger import Ledger, entry
from tocsin.panel import Panel
from tocsin.text import LANGUAGES, Language, say
from tocsin.warn import readings
from tocsin.watch import Alerts, Watch, bulletin, screen, watch

DAY = dt.date(2012, 1, 15)
RULE = warn.Rule(name="plain", threshold=25, window=3, trigger=0.5, cancel=0.3, titles=("Plain", "Simple"))


def _watched(panel: Panel, home: Path, *, as_of: dt.date = DAY) -> Watch:
    alerts = Alerts(home, (RULE,), "Desk", lambda: Ledger.open(home / "ledger.sqlite"))
    return watch(panel, as_of=as_of, methods=("conflictology-12",), alerts=alerts)


def _correct(home: Path, wrong: str, date: str) -> None:
    with Ledger.open(home / "ledger.sqlite") as ledger:
        ledger.append(
            entry(
                type="correction", id="c1", date=date, areas=["gw:432"], text="Invented.",
                language="en", sources=["An invented source"], author="Desk", confidence="high",
                fault="withdrawn", links=[f"corrects:{wrong}"],
            )
        )  # fmt: skip


def _shown(found: Watch, language: Language) -> str:
    stream = io.StringIO()
    Console(file=stream, width=2000).print(screen(found, width=200, language=language))
    return stream.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_warnings_of_a_month_told_from_other_data_are_said_to_be(
    panel: Panel, tmp_path: Path, language: Language
) -> None:
    told = say("watch.told_from_other_data", language)
    first, again = _watched(panel, tmp_path), _watched(panel, tmp_path)
    for same in (first, again):
        assert same.alerted is not None
        assert not same.alerted.other_data
        assert told not in _shown(same, language)
    deaths = panel.deaths.copy()
    deaths[-1, -1, 0] += 500
    other = _watched(dataclasses.replace(panel, deaths=deaths), tmp_path)
    assert other.alerted is not None
    assert other.alerted.other_data
    assert other.summary()["warnings"]["told_from_other_data"]  # type: ignore[index]
    assert [m.id for m in other.alerted.messages] == [m.id for m in first.alerted.messages]  # type: ignore[union-attr]
    assert told in _shown(other, language)
    assert told in [getattr(block, "text", "") for block in bulletin(other, language=language).blocks]
    # Forecasts of another version differ from the same data.
    assert {"en": "another version of Tocsin", "fr": "une autre version de Tocsin"}[language] in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_records_of_rules_that_another_version_computed_are_said_to_be(
    panel: Panel, tmp_path: Path, language: Language
) -> None:
    said = say("warn.record.outdated", language)
    assert said not in _shown(_watched(panel, tmp_path), language)
    for made_by, told in ((readings.code(), False), ("earlier", True)):
        table = {
            criterion: dataclasses.replace(one, basis=dataclasses.replace(one.basis, code=made_by))
            for criterion, one in warn.known(None, "tocsin").items()
        }
        warn.write(table, warn.kept(tmp_path, "conflictology-12"))
        assert (said in _shown(_watched(panel, tmp_path), language)) is told


def test_situation_rooms_are_shown_the_withdrawal_of_what_a_correction_calls_wrong(
    panel: Panel, tmp_path: Path
) -> None:
    first = _watched(panel, tmp_path)
    assert first.alerted is not None
    wrong = first.alerted.shown[0].id
    _correct(tmp_path, wrong, "2012-01-14")
    again = _watched(panel, tmp_path)
    assert again.alerted is not None
    there = [f"{m.id}-withdrawn" if m.id == wrong else m.id for m in first.alerted.shown]
    assert [m.id for m in again.alerted.shown] == there
    assert wrong not in [m.id for m in again.alerted.messages]
    taken_back = again.alerted.shown[0]
    assert (taken_back.act, taken_back.probability) == ("withdraw", None)
    assert taken_back.references == ((wrong, first.alerted.shown[0].issued_at),)
    assert "Invented." in taken_back.texts["fr"].notice
    third = _watched(panel, tmp_path)
    assert third.alerted is not None
    assert third.alerted.shown == again.alerted.shown


def test_after_a_withdrawal_the_next_month_warns_anew_and_still_tells_that_it_was_wrong(
    panel: Panel, tmp_path: Path
) -> None:
    day = dt.date(2011, 12, 15)
    before = dataclasses.replace(panel.until(panel.span.last - 1), as_of=day)
    first = _watched(before, tmp_path, as_of=day)
    assert first.alerted is not None
    wrong = first.alerted.shown[0]
    _correct(tmp_path, wrong.id, "2011-12-20")
    found = _watched(panel, tmp_path).alerted
    assert found is not None
    told = [m for m in found.shown if m.gw == wrong.gw]
    assert [(m.act, m.origin - wrong.origin) for m in told] == [("withdraw", 0), ("alert", 1)]
    assert told[1].references == ()
    assert told[1] in found.messages


def test_events_by_province_are_read_where_a_rule_asks_of_them_and_as_of_the_day(
    panel: Panel, tmp_path: Path
) -> None:
    read: list[dt.date] = []
    spread = warn.named("spread", warn.built_in())
    for home, rules in (("plain", (RULE,)), ("spread", (RULE, spread))):
        alerts = Alerts(tmp_path / home, rules, groups=read.append)
        found = watch(panel, as_of=DAY, methods=("conflictology-12",), alerts=alerts)
        assert found.alerted is not None
        assert found.alerted.refused is None
        assert read == [DAY] * (home == "spread")
