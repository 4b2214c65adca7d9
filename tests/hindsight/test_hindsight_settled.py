"""What is settled, and what still waits: windows that have closed, provinces, deadlines that have passed."""

from __future__ import annotations

import datetime as dt

import pytest
from hindsight_world import (
    BROKEN,
    DENIED,
    QUIET,
    commitment,
    dismissal,
    met,
    panel_of,
    see,
    warning,
)

from tocsin import figures, months, warn
from tocsin.ledger import Entry
from tocsin.panel import Panel

BURKINA = 439
TODAY = dt.date(2026, 1, 1)
SPREAD = warn.named("spread", warn.built_in())


@pytest.mark.parametrize(
    ("series", "gap", "results", "hits"),
    [
        ([10], None, ["came_true", "open"], None),
        ([10, 0], None, ["came_true", "open"], None),
        ([10, 0, 0], None, ["came_true", "did_not"], 1),
        ([0, 0, 10, 99], None, ["came_true", "did_not"], 1),
        ([10, 0, 0], 25, ["came_true", "not_assessed"], None),
    ],
)
def test_a_hit_counts_when_a_false_alarm_would(
    series: list[int], gap: int | None, results: list[str], hits: int | None
) -> None:
    said = [warning("w1", threshold=10), warning("w2", threshold=11)]
    refused = [dismissal(f"w{n}", f"d{n}") for n in (1, 2)]
    found = see([*said, *refused], panel_of([*QUIET, *series], gap=gap))
    assert [alarm.result for alarm in found.alarms] == results
    counts = {one.subject: (one.cases, one.times, one.pending) for one in found.counts}
    assert counts == dict.fromkeys(
        ("warnings", "warned", "dismissals"), (0, 0, 2) if hits is None else (2, hits, 0)
    )
    assert len(found.live.settled) == (0 if hits is None else 2)
    assert found.live.pending == (2 if hits is None else 0)
    assert [alarm.brier is None for alarm in found.alarms] == [hits is None] * 2
    if hits is None:
        assert (found.live.precision, found.live.brier, found.live.lead) == (None, None, None)
    else:
        assert found.live.brier == pytest.approx((0.09 + 0.49) / 2)


@pytest.mark.parametrize(("series", "cases"), [([0, 0], 0), ([0, 0, 0], 1)])
def test_what_the_ledger_says_counts_when_the_window_has_closed(series: list[int], cases: int) -> None:
    told: dict[str, object] = {"rule": "spread", "threshold": 1}
    end = warning("w2", status="resolved", result="came_true", links=["updates:w1"], **told)  # type: ignore[arg-type]
    found = see([warning(**told), end], panel_of([*QUIET, *series]))  # type: ignore[arg-type]
    assert found.alarms[0].result == "came_true"
    assert len(found.live.settled) == cases


@pytest.fixture(scope="module")
def burkina() -> Panel:
    return figures.panel(as_of=TODAY).only([BURKINA])


def _spread(origin: str, question: str | None = None, **fields: object) -> list[Entry]:
    """Return the entries of a warning of spread that was called off a month later."""
    month = months.parse(origin)
    told: dict[str, object] = {
        "areas": [f"gw:{BURKINA}"], "rule": "spread", "level": "admin1", "threshold": 1,
        "window": f"{months.label(month + 1)}/{months.label(month + 3)}", "data_as_of": f"{origin}-28",
        "question": question or SPREAD.question("Burkina Faso", month, 1, "en"),
    }  # fmt: skip
    off = {"status": "cancelled", "links": ["updates:w1"]}
    return [warning("w1", **(told | fields)), warning("w2", **(told | fields | off))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("origin", "result", "lead"),
    [("2016-01", "did_not", None), ("2017-07", "did_not", None), ("2018-01", "came_true", 2)],
)
def test_a_warning_of_provinces_is_settled_as_for_the_record_of_its_rule(
    burkina: Panel, origin: str, result: str, lead: int | None
) -> None:
    evidence = warn.Evidence.of(burkina, [SPREAD], figures.groups(as_of=TODAY))
    assert evidence.answer(SPREAD, BURKINA, months.parse(origin), 1) == result
    found = see(_spread(origin), burkina, as_of=TODAY)
    (alarm,) = found.alarms
    assert (alarm.result, alarm.settled, alarm.closed, alarm.ended) == (result, "data", True, "cancelled")
    assert (alarm.lead, alarm.brier) == (lead, pytest.approx((0.7 - (result == "came_true")) ** 2))


def test_a_warning_of_provinces_waits_for_its_window_and_is_then_settled_or_not_assessed(
    burkina: Panel,
) -> None:
    early = see(_spread("2018-01"), burkina.until(months.parse("2018-02")), as_of=TODAY)
    late = see(_spread("2018-01"), burkina.until(months.parse("2018-03")), as_of=TODAY)
    own = SPREAD.question("Burkina Faso", months.parse("2018-01"), 1, "en").replace("24", "12")
    other = see(_spread("2018-01", own), burkina, as_of=TODAY)
    nobody = see(_spread("2018-01", areas=["gw:530"]), burkina, as_of=TODAY)
    several = see(_spread("2018-01", areas=[f"gw:{BURKINA}", "gw:530"]), burkina, as_of=TODAY)
    # In 1990 no province had 24 months of data: the question could not be asked.
    unasked = see(_spread("1990-06"), burkina, as_of=TODAY)
    assert [len(one.live.settled) for one in (early, late, other, nobody, several, unasked)] == [0] * 6
    assert [one.alarms[0].result for one in (other, nobody, several, unasked)] == ["not_assessed"] * 4
    results = {see(_spread("2016-01"), burkina.until(m), as_of=TODAY).alarms[0].result
               for m in map(months.parse, ("2016-02", "2016-03"))}  # fmt: skip
    assert results == {"open"}


@pytest.mark.parametrize(
    ("deadline", "after", "cases", "times"),
    [
        ("2027-12-31", [met("2013-01-20", "partial")], 0, 0),
        ("2027-12-31", [DENIED], 0, 0),
        ("2027-12-31", [met("2013-01-20")], 0, 0),
        ("2027-12-31", [BROKEN], 1, 0),
        ("2014-06-01", [DENIED], 0, 0),
        ("2014-05-31", [DENIED], 1, 0),
        ("2014-05-31", [met("2013-01-20", "partial")], 1, 0),
        ("2014-05-31", [met("2013-01-20")], 1, 1),
        ("2014-05-31", [], 0, 0),
        (None, [met("2013-01-20", "partial")], 0, 0),
        (None, [DENIED], 0, 0),
        (None, [met("2013-01-20")], 1, 1),
    ],
)
def test_a_promise_is_settled_by_a_recorded_outcome_or_once_its_deadline_has_passed(
    deadline: str | None, after: list[Entry], cases: int, times: int
) -> None:
    when = {"deadline": deadline} if deadline else {"deadline": None, "review": "2020-01-01"}
    found = see([commitment(**when), *after], panel_of(QUIET))
    (promise,) = found.promises
    (count,) = found.counts
    assert (count.cases, count.times, count.pending) == (cases, times, 1 - cases)
    assert promise.settled == bool(cases)
