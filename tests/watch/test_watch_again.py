"""A month that is watched again: on other data, and after a correction in the ledger."""

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
from tocsin.watch import Alerts, Watch, bulletin, screen, watch

DAY = dt.date(2012, 1, 15)
RULE = warn.Rule(name="plain", threshold=25, window=3, trigger=0.5, cancel=0.3, titles=("Plain", "Simple"))


def _watched(panel: Panel, home: Path) -> Watch:
    alerts = Alerts(home, (RULE,), "Desk", lambda: Ledger.open(home / "ledger.sqlite"))
    return watch(panel, as_of=DAY, methods=("conflictology-12",), alerts=alerts)


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


def test_situation_rooms_are_shown_the_withdrawal_of_what_a_correction_calls_wrong(
    panel: Panel, tmp_path: Path
) -> None:
    first = _watched(panel, tmp_path)
    assert first.alerted is not None
    wrong = first.alerted.shown[0].id
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(
            entry(
                type="correction", id="c1", date="2012-01-14", areas=["gw:432"], text="Invented.",
                language="en", sources=["An invented source"], author="Desk", confidence="high",
                fault="withdrawn", links=[f"corrects:{wrong}"],
            )
        )  # fmt: skip
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
