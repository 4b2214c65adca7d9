"""Month after month of real figures: alert, update, end, an answer recorded, and its score."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from tocsin import figures, months, warn
from tocsin.hindsight import hindsight
from tocsin.ledger import Ledger, entry
from tocsin.watch import Alerts, watch

TODAY = dt.date(2026, 1, 1)
METHOD = "no-learning"
STATES = (432, 436, 439, 475, 482, 500, 520, 626, 645, 652, 678, 700)
RULES = (
    warn.named("mass-violence", warn.built_in()),
    warn.named("spread", warn.built_in()),
    warn.parse('[[rule]]\nname = "war"\nthreshold = 100\nwindow = 3\ntrigger = 0.6\n', "rules.toml")[0],
)


@dataclass
class Run:
    ledger: Path
    acts: dict[str, list[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Watch 2018-01 to 2018-12 as one would have with no delay, an analyst's desk issuing everything."""
    home = tmp_path_factory.mktemp("home")
    place = home / "ledger.sqlite"
    panel = figures.panel(as_of=TODAY).only(STATES)
    alerts = Alerts(home, RULES, "Duty desk", lambda: Ledger.open(place))
    acts: dict[str, list[str]] = {}
    for month in range(months.parse("2018-01"), months.parse("2019-01")):
        day = months.first_day(month + 1).replace(day=15)
        known = panel.known(day, 0)
        found = watch(known, as_of=day, methods=[METHOD], out=None, alerts=alerts)
        assert found.origin == month
        assert found.alerted is not None
        assert found.alerted.refused is None
        for message in found.alerted.messages:
            acts.setdefault(message.warning, []).append(message.act)
    return Run(place, acts)


def test_warnings_are_raised_updated_called_off_and_settled(run: Run) -> None:
    said = {act for acts in run.acts.values() for act in acts}
    assert {"alert", "update", "cancel", "came_true"} <= said
    for acts in run.acts.values():
        assert acts[0] == "alert"
        assert acts.count("alert") == 1
        ends = [act for act in acts if act in warn.ENDS]
        assert len(ends) <= 1
        assert not ends or acts[-1] in warn.ENDS


def test_every_message_is_in_the_ledger_and_points_to_the_one_before(run: Run) -> None:
    with Ledger.open(run.ledger) as ledger:
        held = {one.entry.id: one.entry for one in ledger.entries(type="warning")}
        assert ledger.verify().ok
    assert len(held) == sum(map(len, run.acts.values()))
    for one in held.values():
        if one.status != "issued":  # type: ignore[attr-defined]
            assert all(link.id in held and link.role == "updates" for link in one.links)
            assert one.links


def test_an_answer_is_recorded_and_scored_once_later_data_arrive(run: Run) -> None:
    warned = next(w for w, acts in run.acts.items() if acts[-1] == "came_true" and "mass" in w)
    with Ledger.open(run.ledger) as ledger:
        alert = next(o.entry for o in ledger.entries(type="warning") if o.entry.id == f"{warned}-alert")
        if not any(one.entry.type == "dismissal" for one in ledger.entries()):
            ledger.append(
                entry(
                    type="dismissal", date=alert.date.first.isoformat(), areas=list(alert.areas),
                    text="The warning is set aside.", language="en", sources=["An invented note"],
                    author="Test desk", by="An invented ministry", reason="hyperbolic", confidence="high",
                    links=[{"role": "answers", "id": alert.id}],
                )
            )  # fmt: skip
        entries = [one.entry for one in ledger.entries()]
    panel = figures.panel(as_of=TODAY)
    issued = alert.date.first
    early = hindsight(entries, panel.known(issued, 0), as_of=issued, groups=None)
    late = hindsight(entries, panel, as_of=TODAY, groups=None)
    (before,) = [alarm for alarm in early.alarms if alarm.id == alert.id]
    (after,) = [alarm for alarm in late.alarms if alarm.id == alert.id]
    assert (before.result, before.brier) == ("open", None)
    assert (after.result, after.settled) == ("came_true", "data")
    assert after.probability is not None
    assert after.brier == pytest.approx((1 - after.probability) ** 2)
    assert after.lead is not None
    assert 1 <= after.lead <= 12
    (refusal,) = late.refusals
    assert (refusal.by, refusal.reason, refusal.result) == (
        ("An invented ministry",),
        "hyperbolic",
        "came_true",
    )
    gw = int(alert.areas[0].removeprefix("gw:"))
    series = panel.series("total")[panel.index(gw)]
    at = months.of_date(issued) - panel.span.first
    assert refusal.followed.after_12 == int(series[at : at + 12].sum())
    # An exercise: nobody had to heed it.
    assert [count for count in late.counts if count.subject == "dismissals"] == []


def test_what_the_machine_said_is_what_counting_says(run: Run) -> None:
    panel = figures.panel(as_of=TODAY)
    with Ledger.open(run.ledger) as ledger:
        entries = [one.entry for one in ledger.entries()]
    found = {alarm.id: alarm for alarm in hindsight(entries, panel, as_of=TODAY, groups=None).alarms}
    settled = 0
    for warning, acts in run.acts.items():
        if acts[-1] in ("came_true", "did_not"):
            assert found[f"{warning}-alert"].result == acts[-1], warning
            settled += 1
    assert settled >= 5
