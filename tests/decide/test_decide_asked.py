"""What is priced where little is asked for, what is left out, and what costs or does nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tocsin import forecast
from tocsin.decide import NEVER, STATES, Decision, Evidence, decide, economy_of, library, read, screen, told
from tocsin.decide.returns import recent_violence
from tocsin.decide.words import moment
from tocsin.errors import BadInput, NotAssessed
from tocsin.panel import Panel

EVE = dt.date(2012, 1, 31)


def _own(folder: Path, **changes: str) -> Path:
    """Write a response that halves the chance of relapse for two years, at once and for nothing."""
    held = {"cost": "0", "delay": "0", "duration": "24", "effect": "0.5"} | changes
    lines = [
        f"{key} = {{ low = {v}, central = {v}, high = {v}, assumption = true }}" for key, v in held.items()
    ]
    head = ['[options.own]\ncurrency = "USD"\nprice_year = 2021', *lines[:3]]
    effect = f'[[options.own.effects]]\ntransition = "relapse"\n{lines[3][len("effect = {") : -1]}'
    path = folder / "own.toml"
    path.write_text("\n".join([*head, effect.replace(", ", "\n")]), encoding="utf-8")
    return path


def _months(made: Decision) -> list[int]:
    return [moment.months for moment in made.options[-1].moments]


@pytest.mark.parametrize(("horizon", "priced"), [(12, [0, 1, 3, 6, NEVER]), (13, [0, 1, 3, 6, 12, NEVER])])
def test_of_the_usual_moments_those_within_the_horizon_are_priced(
    evidence: Evidence, horizon: int, priced: list[int]
) -> None:
    made = decide(evidence, "MLI", options=["mediation"], horizon=horizon, in_depth=False)
    assert _months(made) == priced
    assert not made.left_out
    with pytest.raises(BadInput, match="12 months"):
        decide(evidence, "MLI", options=["mediation"], moments=(0, 12), horizon=12)


@pytest.mark.parametrize(
    "asked", [{"horizon": "120"}, {"moments": "0,1"}, {"moments": [0, 1.5]}, {"moments": 3}]
)
def test_months_that_are_no_whole_numbers_are_refused(evidence: Evidence, asked: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="whole number"):
        decide(evidence, "MLI", options=["mediation"], **asked)


def test_a_wait_of_one_month_is_told_as_one(evidence: Evidence) -> None:
    for first, later in ((1, "1 month"), (2, "2 months")):
        made = decide(evidence, "MLI", options=["mediation"], moments=(0, first), in_depth=False)
        assert f"waiting {later} rather than acting now" in told(made, "en")
        assert moment(first, "en") == f"in {later}"
    with pytest.raises(BadInput, match=r"Acting in 1 month was not priced"):
        made.options[0].at(1)


def test_responses_that_no_one_named_and_the_horizon_does_not_hold_are_left_out_and_named(
    evidence: Evidence,
) -> None:
    short = decide(evidence, "MLI", horizon=24, in_depth=False)
    assert [option.name for option in short.left_out] == ["development-aid"]
    assert {row.option.name for row in short.options} == set(library().options) - {"development-aid"}
    assert short.to_dict()["left_out"] == ["development-aid"]
    assert "longer than the 24 months priced: development aid." in told(short, "en")
    assert "les 24 mois chiffrés\u00a0: aide au développement." in told(short, "fr")
    whole = decide(evidence, "MLI", in_depth=False)
    assert (whole.left_out, "left_out" in whole.to_dict()) == ((), False)
    assert "Left out" not in told(whole, "en")


def test_what_was_not_asked_for_in_depth_is_not_told_as_none(evidence: Evidence) -> None:
    asked = {
        depth: decide(evidence, "MLI", options=["none", "mediation"], in_depth=depth)
        for depth in (True, False)
    }
    deep, plain = (asked[depth].to_dict()["options"][1] for depth in (True, False))
    assert set(deep) - set(plain) == {"break_even", "watching", "tornado"}
    assert {key: deep[key] for key in plain} == plain
    stream = io.StringIO()
    Console(file=stream, width=140).print(*screen(asked[False], "en", width=140))
    assert "Where acting now pays" not in stream.getvalue()


def test_a_value_of_a_death_in_whole_numbers_asks_the_same(evidence: Evidence) -> None:
    whole, exact = (
        decide(evidence, "MLI", options=["none"], death_value=v, in_depth=False) for v in (2, 2.0)
    )
    assert whole.digest == exact.digest


@pytest.mark.parametrize("area", ["MLI", "Liechtenstein"])
def test_where_only_acting_now_is_priced_nothing_is_said_of_waiting(evidence: Evidence, area: str) -> None:
    made = decide(evidence, area, options=["mediation"], moments=(0,), in_depth=False)
    assert "waiting" not in told(made, "en")
    assert "attendre" not in told(made, "fr")
    assert "waiting 6 months" in told(decide(evidence, area, options=["mediation"], moments=(6,)), "en")


def test_a_response_that_costs_nothing_breaks_even_at_the_cost_of_one_that_costs(
    evidence: Evidence, tmp_path: Path
) -> None:
    def cost(given: str) -> float:
        made = decide(evidence, "MLI", options=["own"], given=read(_own(tmp_path, cost=given)))
        assert made.options[0].even is not None
        return made.options[0].even.cost or 0.0

    assert cost("0") > 1
    assert cost("0") == pytest.approx(cost("3"), rel=1e-9)


def test_what_does_nothing_pays_by_no_rounding(evidence: Evidence, tmp_path: Path) -> None:
    made = decide(evidence, "MLI", options=["own"], given=read(_own(tmp_path, effect="0")))
    even = made.options[0].even
    assert even is not None
    assert (even.effect, even.cost, even.probability, even.probability_up_to) == (0, 0, 0, None)


def test_effects_that_last_no_month_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"options\.own\.duration is 0 months at most"):
        read(_own(tmp_path, duration="0"))


@pytest.mark.parametrize(
    ("target", "later", "said"), [("total", 1, "of total from 2011-12"), ("os", 0, "of os from 2011-11")]
)
def test_a_forecast_of_another_month_or_of_other_deaths_is_refused(
    shipped: Panel, target: str, later: int, said: str
) -> None:
    panel = shipped.known(EVE, 1)
    origin = panel.span.last + later
    held = shipped.until(origin)
    other = forecast.fit(held, origin=origin, target=target, method="zero").predict((1, 2, 3))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=said):
        Evidence.of(panel, month=panel.span.last + 2, said=other, samples=100)


@pytest.mark.parametrize(("deaths", "said"), [(0, 0.5 / 201), (9, 1 - 0.5 / 201)])
def test_draws_that_all_say_the_same_are_no_certainty(evidence: Evidence, deaths: int, said: float) -> None:
    drawn = np.full((len(evidence.panel.areas), 3, 200), deaths, dtype=np.int32)
    sure = dataclasses.replace(evidence.forecast, draws=drawn, steps=(1, 2, 3))
    assert dataclasses.replace(evidence, forecast=sure).probability(432) == pytest.approx(said)


def test_countries_of_recent_violence_are_those_that_end_in_it_and_whose_gdp_is_known(
    evidence: Evidence,
) -> None:
    found = recent_violence(evidence)
    ended = {gw: STATES[evidence.counts.state[row, -1]] for row, gw in enumerate(evidence.counts.area_ids)}
    assert {ended[gw] for gw in found} == {"recovery-1", "recovery-2", "low"}
    assert 432 in found
    # Afghanistan is at war, New Zealand at peace, and of the young South Sudan no GDP is known.
    assert not {700, 920, 626} & set(found)
    recent = {gw for gw, state in ended.items() if state in ("recovery-1", "recovery-2", "low")}
    lacking = recent - set(found)
    for gw in lacking:
        with pytest.raises(NotAssessed):
            economy_of(gw, month=evidence.month)
    state = evidence.counts.state.copy()
    state[evidence.panel.index(432), -1] = STATES.index("peace")
    calm = dataclasses.replace(evidence, counts=dataclasses.replace(evidence.counts, state=state))
    assert set(found) - set(recent_violence(calm)) == {432}
