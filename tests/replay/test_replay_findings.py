"""What a walk shows: which warnings came before a turning point, and what came of every warning."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from replay_world import SPAN, STATES, panel_of

from tocsin import months, warn
from tocsin.kinds import KINDS
from tocsin.replay.case import Both, TurningPoint
from tocsin.replay.findings import before, verdict
from tocsin.replay.walk import Step
from tocsin.warn import Act, Evidence, Message

MALI = 432
POINT = TurningPoint(month="2012-03", name=Both(en="The turn", fr="Le tournant"))
RULE = warn.Rule("plain", 25, 3, trigger=0.5, cancel=0.3)


def _said(act: Act, origin: str, *, window: int = 3, level: str = "country") -> Message:
    told = {
        "act": act, "warning": f"w-{origin}", "origin": months.parse(origin), "window": window,
        "level": level, "rule": "plain", "needed": 25,
    }  # fmt: skip
    return SimpleNamespace(**told)  # type: ignore[return-value]


def _step(month: int, *messages: Message) -> Step:
    return Step(month, ({"track": "t", "assessed": False},), {"t": messages}, None, {}, {})


@pytest.mark.parametrize(
    ("said", "lead"),
    [
        ([("2012-01", _said("alert", "2011-12"))], 2),
        ([("2012-01", _said("alert", "2011-12", window=2))], None),
        ([("2012-03", _said("alert", "2012-02"))], 0),
        # Seven months late, its window lay wholly before the month in which it was given.
        ([("2011-12", _said("alert", "2011-04"))], None),
        ([("2011-08", _said("alert", "2011-04", window=12))], 7),
        ([("2011-08", _said("alert", "2011-04", window=10))], None),
        *[
            (
                [("2011-08", _said("alert", "2011-04", window=12)), (month, _said(act, "2011-04"))],
                None if month <= "2012-03" else 7,
            )
            for act in ("cancel", "came_true", "did_not", "expire")
            for month in ("2011-11", "2012-03", "2012-04")
        ],
        ([("2012-01", _said("alert", "2011-12")), ("2012-03", _said("update", "2011-12"))], 2),
        (
            [
                ("2011-08", _said("alert", "2011-07", window=12)), ("2011-10", _said("cancel", "2011-07")),
                ("2012-02", _said("alert", "2012-01")),
            ],
            1,
        ),
        ([("2012-01", _said("alert", "2011-12", level="admin1"))], None),
    ],
)  # fmt: skip
def test_a_warning_in_advance_asked_about_the_month_and_still_stood_when_it_began(
    said: list[tuple[str, Message]], lead: int | None
) -> None:
    told = [(months.parse(month), message) for month, message in said]
    panel = panel_of(np.zeros((len(STATES), len(SPAN), len(KINDS)), dtype=np.int32))
    found = before([_step(POINT.id)], "t", POINT, told, outcomes=panel, gw=MALI)
    assert found.lead == lead
    assert (found.warned is None) == (lead is None)
    assert found.local == sum(message.level == "admin1" for _, message in told)


def test_what_came_of_a_warning_is_read_from_the_release_in_hand_though_it_was_called_off() -> None:
    deaths = np.zeros((len(STATES), len(SPAN), len(KINDS)), dtype=np.int32)
    deaths[0, months.parse("2012-03") - SPAN.first, 0] = 30
    deaths[0, months.parse("2013-12") - SPAN.first, 0] = 30
    panel = panel_of(deaths)
    steps = [
        # The end of a warning given before the first month.
        _step(months.parse("2011-12"), _said("cancel", "2011-08")),
        _step(months.parse("2012-01"), _said("alert", "2011-12")),
        _step(months.parse("2012-02"), _said("cancel", "2011-12")),
        _step(months.parse("2012-08"), _said("alert", "2012-07")),
        _step(months.parse("2012-09"), _said("cancel", "2012-07")),
        # It has come true, but the last month of its window is not in the data.
        _step(months.parse("2013-12"), _said("alert", "2013-11")),
    ]
    found = verdict(steps, "t", outcomes=Evidence(panel, {}), gw=MALI, rules=(RULE,))
    assert (found.alerts, found.came_true, found.did_not, found.called_off) == (3, 1, 1, 2)
    gap = panel.covered.copy()
    gap[0, months.parse("2012-02") - SPAN.first] = False
    holed = Evidence(dataclasses.replace(panel, covered=gap), {})
    found = verdict(steps, "t", outcomes=holed, gw=MALI, rules=(RULE,))
    assert (found.alerts, found.came_true, found.did_not, found.called_off) == (3, 0, 1, 2)
