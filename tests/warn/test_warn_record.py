from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warn_panels import rule

from tocsin import figures, forecast, months, warn
from tocsin.errors import BadFile, BadInput
from tocsin.warn import Basis, Readings, Seen, State, readings, step, trigger
from tocsin.warn.questions import FALSE, NOT_ASSESSED, TRUE
from tocsin.warn.record import replay

BASIS = Basis("a-method", ("a release",), "as published", "e" * 64, "c" * 64)
FIRST = 300


def _readings(chances: list[list[float]], results: list[list[int]]) -> Readings:
    """Return readings from 300 on; a result of 1 to 3 came true after so many months, 0 did not."""
    said, held = np.array(chances, dtype=np.float32), np.array(results, dtype=np.int8)
    return Readings(
        tuple(range(1, len(said) + 1)), tuple(range(FIRST, FIRST + said.shape[1])), said,
        np.ones(said.shape, dtype=bool), np.minimum(held, TRUE).astype(np.int8), np.maximum(held, 0), BASIS,
        rule().criterion,
    )  # fmt: skip


def test_a_record_counts_episodes_and_warnings() -> None:
    chances, results = np.zeros((3, 40)), np.zeros((3, 40), dtype=int)
    # Area 1: an episode from origins 10 to 12, warned of at 10, three months ahead; a false alarm at 25.
    results[0, 10:13] = [3, 2, 1]
    chances[0, 10:12] = 0.9
    chances[0, 25] = 0.6
    # Area 2: two runs less than a window apart are one episode, and it is missed.
    results[1, 15], results[1, 17] = 2, 3
    # Area 3: an episode that runs at the first origin counts for nothing, nor does the warning of it.
    results[2, 0:2] = 1
    chances[2, 0] = 0.9
    held = _readings(chances.tolist(), results.tolist())
    found = warn.record(rule(), held, until=FIRST + 40)
    assert found is not None
    assert (found.episodes, found.hits, found.misses) == (2, 1, 1)
    assert (found.warnings, found.false_alarms) == (2, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert (found.lead, found.lead_low, found.lead_high) == (3, 3, 3)
    assert found.years == pytest.approx(3 * 38 / 12)
    assert found.return_period == pytest.approx((3 * 38 / 12 + 1) / 2)
    assert found.to_dict() == {
        "rule": "plain", "trigger": 0.5, "first": months.label(FIRST), "until": months.label(FIRST + 40),
        "episodes": 2, "hits": 1, "misses": 1, "warnings": 2, "false_alarms": 1, "precision": 0.5,
        "recall": 0.5, "lead_months_median": 3, "lead_months_quartiles": [3, 3], "area_years": 9.5,
        "return_period_years": 5.25, "warnings_per_year": 12 * 2 / 38,
        "base_rate": pytest.approx(7 / 114), "thin": True, "method": "a-method",
        "releases": ["a release"], "data": "as published",
    }  # fmt: skip
    assert "fewer than 10" in found.sentence("en")
    assert "moins de 10" in found.sentence("fr")


def test_a_record_tells_the_median_lead_its_quartiles_and_the_return_period() -> None:
    chances, results = np.zeros((3, 40)), np.zeros((3, 40), dtype=int)
    for row, lead in enumerate((3, 1, 2)):
        chances[row, 10], results[row, 10] = 0.9, lead
    found = warn.record(rule(), _readings(chances.tolist(), results.tolist()), until=FIRST + 40)
    assert found is not None
    assert (found.lead_low, found.lead, found.lead_high) == (1.5, 2, 2.5)
    said = found.sentence("en")
    # An area is asked in 38 months, three of them in 9.5 years: one more, by three warnings.
    for part in ("lead time in months 2 (middle half 1.5 to 2.5)", "one warning in 3.5 years"):
        assert part in said, said


def test_counts_of_one_are_told_as_any_other_and_provinces_by_the_share_that_speaks_of_them() -> None:
    chances, results = np.zeros((1, 40)), np.zeros((1, 40), dtype=int)
    chances[0, 20], results[0, 30] = 0.9, 3
    held = _readings(chances.tolist(), results.tolist())
    found = warn.record(rule(), held, until=FIRST + 40)
    assert found is not None
    assert "warnings: 1, came true: 0; episodes warned of: 0 of 1." in found.sentence("en")
    assert "épisodes annoncés\xa0: 0 sur 1." in found.sentence("fr")
    assert found.to_dict()["method"] == held.basis.method
    spread = dataclasses.replace(rule(), level="admin1", threshold=1, quiet_months=12)
    placed = warn.record(spread, dataclasses.replace(held, criterion=spread.criterion), until=FIRST + 40)
    assert placed is not None
    assert placed.to_dict()["method"] == "share of alike country-months"
    assert "tested with share of alike country-months" in placed.sentence("en")
    assert "éprouvée avec fréquence parmi les mois-pays semblables" in placed.sentence("fr")


def test_a_record_is_not_read_off_the_readings_of_another_rule() -> None:
    held = _readings(np.zeros((1, 40)).tolist(), np.zeros((1, 40), dtype=int).tolist())
    assert warn.record(rule(trigger=0.9), held, until=FIRST + 40) is not None
    with pytest.raises(BadInput, match="asks something else than plain"):
        warn.record(rule(threshold=26), held, until=FIRST + 40)


@pytest.mark.parametrize(("apart", "episodes"), [(2, 1), (3, 2)])
def test_runs_a_window_apart_are_two_episodes(apart: int, episodes: int) -> None:
    results = np.zeros((1, 40), dtype=int)
    results[0, [15, 15 + apart]] = 1
    found = warn.record(rule(), _readings(np.zeros((1, 40)).tolist(), results.tolist()), until=FIRST + 40)
    assert found is not None
    assert found.episodes == episodes


def test_a_record_knows_nothing_after_its_month() -> None:
    chances, results = np.zeros((1, 40)), np.zeros((1, 40), dtype=int)
    chances[0, 20], results[0, 20] = 0.9, 3
    held = _readings(chances.tolist(), results.tolist())
    before, after = warn.record(rule(), held, until=FIRST + 22), warn.record(rule(), held, until=FIRST + 23)
    assert before is not None
    assert after is not None
    assert (before.episodes, before.warnings) == (0, 0)
    assert (after.episodes, after.hits) == (1, 1)
    later = np.zeros((1, 40))
    later[0, 30:] = 1.0
    changed = dataclasses.replace(held, chances=held.chances + later.astype(np.float32))
    assert warn.record(rule(), changed, until=FIRST + 23) == after
    assert warn.record(rule(), held, until=FIRST + 2) is None


def _machine(held: Readings, one: warn.Rule, row: int, same: Sequence[float | None]) -> list[int]:
    """Return the origins at which the machine, stepped month by month, raises a warning."""
    state, alerts = State(), []
    for place, origin in enumerate(held.origins):
        fresh = held.chances[row, place]
        answer = "open"
        if state.issued is not None:
            asked = state.issued - held.origins[0]
            result, after = int(held.results[row, asked]), int(held.after[row, asked])
            closed = origin >= state.issued + one.window
            if result == TRUE and origin >= state.issued + after:
                answer = "came_true"
            elif closed:
                answer = "did_not" if result == FALSE else "not_assessed"
        seen = Seen(
            None if np.isnan(fresh) else float(fresh), bool(held.assessed[row, place]), 1,
            same=same[place], answer=answer,  # type: ignore[arg-type]
        )  # fmt: skip
        state, acts = step(state, seen, origin, one)
        if "alert" in acts:
            alerts.append(origin)
    return alerts


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.9, np.nan]), st.integers(-2, 3), st.booleans(),
            st.sampled_from([1.0, 0.1, None]),
        ),
        min_size=1, max_size=60,
    ),
    st.sampled_from([0, 60, 180, 300]),
)  # fmt: skip
@example([(0.9, 2, True, None), (0.6, 0, True, 0.1), *[(0.6, 0, True, None)] * 6], 180)
def test_the_replay_raises_what_the_machine_raises_whatever_it_cancels(
    rows: list[tuple[float, int, bool, float | None]], spacing: int
) -> None:
    one = rule(spacing_days=spacing)
    held = _readings([[r[0] for r in rows]], [[r[1] for r in rows]])
    held = dataclasses.replace(held, assessed=np.array([[r[2] or not np.isnan(r[0]) for r in rows]]))
    raised = [w.origin for w in replay(held, one, len(rows))]
    assert raised == _machine(held, one, 0, [r[3] for r in rows])


def test_a_trigger_is_chosen_for_its_target() -> None:
    generator = np.random.default_rng(7)
    chances = generator.random((40, 120)).round(3)
    results = np.where(generator.random((40, 120)) < chances**2, 2, 0)
    held = _readings(chances.tolist(), results.tolist())
    precise = warn.by_precision(rule(), held, 0.9, until=FIRST + 120)
    assert precise.record is not None
    assert precise.record.precision is not None
    assert precise.record.precision >= 0.9
    tried = [warn.record(warn.with_trigger(rule(), share), held, until=FIRST + 120) for share in trigger.GRID]
    right = [one for one in tried if one is not None and (one.precision or 0) >= 0.9]
    most = max(one.hits for one in right)
    assert precise.rule.trigger == min(one.trigger for one in right if one.hits == most)
    assert precise.rule.cancel == pytest.approx(precise.rule.trigger * 0.6)
    rare = warn.by_return_period(rule(), held, 2.0, until=FIRST + 120)
    assert rare.record is not None
    assert (rare.record.return_period or 0) >= 2.0
    same = warn.by_return_period(rule(), held, rare.record.return_period or 0, until=FIRST + 120)
    assert same.rule == rare.rule
    lower = warn.record(warn.with_trigger(rule(), rare.rule.trigger - 0.01), held, until=FIRST + 120)
    assert lower is not None
    assert (lower.return_period or 0) < 2.0
    with pytest.raises(BadInput, match="No trigger"):
        warn.by_return_period(rule(), held, 1e6, until=FIRST + 120)
    for years in (0, -1, float("nan")):
        with pytest.raises(BadInput, match="years"):
            warn.by_return_period(rule(), held, years, until=FIRST + 120)
    for share in (0, 1.1, float("nan")):
        with pytest.raises(BadInput, match="share"):
            warn.by_precision(rule(), held, share, until=FIRST + 120)
    false = dataclasses.replace(held, results=np.minimum(held.results, 0))
    with pytest.raises(BadInput, match="No trigger"):
        warn.by_precision(rule(), false, 0.1, until=FIRST + 120)
    # No question has closed by then, so that there is no record to choose by.
    for choose in (warn.by_return_period, warn.by_precision):
        with pytest.raises(BadInput, match="No trigger"):
            choose(rule(), held, 0.5, until=FIRST)


def test_a_trigger_by_cost_and_loss() -> None:
    assert warn.by_cost_loss(rule(), cost=1, loss=8, effect=0.5).rule.trigger == 0.25
    whole = warn.by_cost_loss(rule(), cost=1, loss=8, effect=1).rule
    assert (whole.trigger, whole.cancel) == (0.125, pytest.approx(0.125 * 0.6))
    for cost in (4, 5):
        with pytest.raises(BadInput, match="never pays"):
            warn.by_cost_loss(rule(), cost=cost, loss=8, effect=0.5)
    for wrong in (
        {"cost": 0}, {"cost": -1}, {"loss": 0}, {"effect": 0}, {"effect": 1.1}, {"cost": np.inf},
        {"loss": np.inf}, {"loss": np.nan},
    ):  # fmt: skip
        with pytest.raises(BadInput, match="no trigger"):
            warn.by_cost_loss(rule(), **{"cost": 1, "loss": 8} | wrong)


def test_readings_come_back_as_they_were_written(tmp_path: Path) -> None:
    chances, results = np.full((2, 5), np.nan), np.full((2, 5), NOT_ASSESSED)
    chances[0], results[0] = [0, 0.001, 0.5, 1, np.nan], [0, 3, -1, 12, -2]
    held = _readings(chances.tolist(), results.tolist())
    held = dataclasses.replace(held, assessed=np.array([[True] * 5, [False] * 5]))
    file = tmp_path / "r.parquet"
    warn.write({"a": held}, file)
    found = readings.read(file)["a"]
    for name in ("chances", "assessed", "results", "after"):
        assert np.array_equal(getattr(found, name), getattr(held, name), equal_nan=name == "chances"), name
    assert (found.areas, found.origins, found.basis) == (held.areas, held.origins, BASIS)
    again = tmp_path / "again.parquet"
    warn.write({"a": held}, again)
    assert again.read_bytes() == file.read_bytes()
    (tmp_path / "bad.parquet").write_bytes(file.read_bytes()[:-9])
    with pytest.raises(BadFile):
        readings.read(tmp_path / "bad.parquet")


def test_readings_are_made_from_what_each_origin_knew() -> None:
    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day).only([432, 433, 436, 500, 651]).until(months.parse("1993-06"))
    rules = warn.built_in()[:3]
    evidence = warn.Evidence.of(panel, rules, figures.groups(as_of=day))
    table = warn.make(evidence, rules, method="conflictology-12")
    origin = months.parse("1992-09")
    said = forecast.fit(panel, origin=origin, target="total", method="conflictology-12").predict(range(1, 13))
    for one in rules:
        held = table[one.criterion]
        chances = warn.chance(warn.ask(one, panel, origin), said)
        at = held.origins.index(origin)
        assert held.chances[:, at] == pytest.approx(chances, abs=5e-4, nan_ok=True)
    assert held.origins[-1] == panel.span.last - 1


def test_a_backtest_gives_the_same_readings(tmp_path: Path) -> None:
    from tocsin import backtest

    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day).only([432, 436, 500, 651]).until(months.parse("1994-06"))
    rules = warn.built_in()[:3]
    evidence = warn.Evidence.of(panel, rules, figures.groups(as_of=day))
    origins = readings.origins_of(evidence)
    found = backtest.run(
        panel, method="conflictology-12", target="total", origins=origins, steps=range(1, 13),
        out=tmp_path / "b.parquet",
    )  # fmt: skip
    made, taken = (
        warn.make(evidence, rules, method="conflictology-12"),
        warn.from_backtest(evidence, rules, found),
    )
    for one in rules:
        first, second = made[one.criterion], taken[one.criterion]
        closed = len(origins) - one.window
        assert first.chances[:, :closed] == pytest.approx(second.chances[:, :closed], abs=1e-6, nan_ok=True)
        assert np.array_equal(first.results, second.results)
    with pytest.raises(BadInput, match="does not hold the question"):
        warn.from_backtest(evidence, [rule(threshold=50)], found)
    other = warn.Evidence.of(panel.only([432]), rules, figures.groups(as_of=day))
    with pytest.raises(BadInput, match="other data"):
        warn.from_backtest(other, rules, found)


def test_the_shipped_records_are_of_the_shipped_figures_and_the_built_in_rules() -> None:
    from tocsin.watch.record import METHODS

    day = dt.date(2026, 1, 1)
    rules = warn.built_in()
    table = warn.known(None, METHODS[0])
    assert {one.criterion for one in rules} <= set(table)
    evidence = warn.Evidence.of(figures.panel(as_of=day), rules, figures.groups(as_of=day))
    for one in rules:
        held = table[one.criterion]
        assert (held.basis.evidence, held.basis.method) == (evidence.digest, METHODS[0])
        found = warn.record(one, held, until=held.until)
        assert found is not None
        assert found.hits + found.misses == found.episodes >= 10
        assert not found.thin
        assert "fewer than 10" not in found.sentence("en")
