from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from tocsin import figures, months
from tocsin.decide import (
    NEVER,
    Decision,
    Evidence,
    Prices,
    decide,
    explain,
    panel_for,
    read,
    returns_of,
    told,
)
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.panel import Panel

TODAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def mali(evidence: Evidence) -> Decision:
    return decide(evidence, "MLI", options=["none", "peacekeeping-100", "mediation"])


def test_mali_on_the_eve_of_2012(mali: Decision) -> None:
    assert (mali.country.gw, mali.state, mali.lag) == (432, "recovery-1", 1)
    assert months.label(mali.origin) == "2011-11"
    assert mali.basis == "reconstructed, lag 1"
    assert mali.economy is not None
    assert mali.economy.year == 2010
    assert 0 < mali.probability < 1


def test_later_acts_are_no_better_where_the_act_helps(mali: Decision) -> None:
    for row in mali.options[1:]:
        deaths = [moment.deaths.mean for moment in row.moments]
        assert deaths == sorted(deaths)
        assert row.at(NEVER).cost.mean == 0
        assert row.at(NEVER).deaths.mean == pytest.approx(mali.option("none").at(0).deaths.mean)
        assert row.more_deaths.mean == pytest.approx(deaths[-2] - deaths[0])
        assert row.more_loss.mean == pytest.approx((row.at(12).loss.mean or 0) - (row.at(0).loss.mean or 0))


def test_rows_hold_together(mali: Decision) -> None:
    for row in mali.options:
        assert sum(moment.best or 0 for moment in row.moments) == pytest.approx(1)
        assert sum(moment.fewest for moment in row.moments) == pytest.approx(1)
        never = row.at(NEVER)
        for moment in row.moments:
            assert moment.loss.mean == pytest.approx(moment.output.mean + moment.cost.mean)
            assert moment.averted.mean == pytest.approx(never.deaths.mean - moment.deaths.mean)
            assert moment.saved.mean == pytest.approx(never.loss.mean - moment.loss.mean)
            assert moment.regret.low90 is not None
            assert moment.regret.low90 >= 0
            for spread in (moment.deaths, moment.loss):
                ends = spread.low90, spread.low50, spread.median, spread.high50, spread.high90
                assert list(ends) == sorted(ends)


def test_break_even_points_are_where_acting_and_not_acting_cost_the_same(
    evidence: Evidence, mali: Decision
) -> None:
    from tocsin.decide import economy_of, library
    from tocsin.decide.sensitivity import Setting

    held = library()
    option = held.option("peacekeeping-100")
    ranges = {r.name: r for r in (*held.model.values(), *option.ranges)}
    setting = Setting(evidence, 432, ranges, option, economy_of(432, month=evidence.month), 120, 0.0)
    even = mali.option("peacekeeping-100").even
    values = setting.values(2)
    assert even.effect is not None
    assert even.cost is not None
    for entry in option.effects.values():
        values.inputs[entry.name][0] *= even.effect
    values.inputs[option.cost.name][1] = even.cost / (1.02 ** (2021 - 2009))
    saved = setting.price(values)
    gap = saved.loss[1] - saved.loss[0]
    assert np.abs(gap) == pytest.approx(0, abs=0.02 * saved.loss[1].max())


def test_where_acting_pays_only_at_low_probabilities_it_is_said_up_to_which(shipped: Panel) -> None:
    known = Evidence.of(shipped, month=shipped.span.last + 1, method="conflictology-12", samples=100)
    made = decide(known, "Yemen", options=["peacekeeping-100", "mediation"])
    row = made.option("peacekeeping-100")
    assert made.state == "high"
    assert row.central_saving is not None
    assert row.central_saving < 0
    assert row.even.probability is None
    assert row.even.probability_up_to == pytest.approx(0.536, abs=0.01)
    assert row.even.probability_up_to < made.probability
    everywhere = made.option("mediation")
    assert everywhere.central_saving is not None
    assert everywhere.central_saving > 0
    assert (everywhere.even.probability, everywhere.even.probability_up_to) == (0, None)
    plain = made.to_dict()["options"][0]["break_even"]
    assert plain["probability_up_to"] == row.even.probability_up_to


@pytest.mark.parametrize(("passage", "rising"), [("settlement", True), ("relapse", False)])
def test_a_cost_made_to_break_even_at_a_probability_breaks_even_there(
    evidence: Evidence, tmp_path: Path, passage: str, rising: bool
) -> None:
    from tocsin.decide import economy_of
    from tocsin.decide.sensitivity import Setting, break_even

    def setting(cost: float) -> Setting:
        path = tmp_path / "own.toml"
        path.write_text(
            '[options.own]\ncurrency = "USD"\nprice_year = 2021\n'
            f"cost = {{ low = {cost}, central = {cost}, high = {cost}, assumption = true }}\n"
            "delay = { low = 6, central = 6, high = 6, assumption = true }\n"
            "duration = { low = 120, central = 120, high = 120, assumption = true }\n"
            f'[[options.own.effects]]\ntransition = "{passage}"\n'
            "low = 0.5\ncentral = 0.5\nhigh = 0.5\nassumption = true\n",
            encoding="utf-8",
        )
        held = read(path)
        option = held.option("own")
        ranges = {r.name: r for r in (*held.model.values(), *option.ranges)}
        return Setting(evidence, 432, ranges, option, economy_of(432, month=evidence.month), 120, 0.0)

    one = setting(1.0)
    found = one.price(dataclasses.replace(one.values(1), probability=np.array([0.3])))
    even = break_even(setting(float((found.output[1] - found.output[0])[0] / found.cost[0, 0])))
    ends = (even.probability, even.probability_up_to)
    here, other = ends if rising else ends[::-1]
    assert here == pytest.approx(0.3, abs=1e-6)
    assert other is None


def test_the_tornado_ranks_by_what_an_input_moves(mali: Decision) -> None:
    row = mali.option("peacekeeping-100")
    widths = [abs((bar.money_high or 0) - (bar.money_low or 0)) for bar in row.bars]
    assert widths == sorted(widths, reverse=True)
    own = {f"options.peacekeeping-100.{name}" for name in ("delay", "effects.relapse", "effects.escalation")}
    model = {"market-factor", "growth-loss-low", "growth-loss-high", "discount", "inflation"}
    # Its cost and duration are one value each, and what another response rests on moves nothing here.
    assert {bar.name for bar in row.bars} == {
        "deaths.low", "deaths.high", *own, *(f"model.{name}" for name in model),
        *(f"chain.{name}" for name in ("onset", "relapse", "escalation", "settlement", "deescalation")),
    }  # fmt: skip
    effect = next(bar for bar in row.bars if bar.name.endswith("effects.relapse"))
    assert effect.deaths_low < row.central_averted < effect.deaths_high


def test_who_watches_acts_in_the_states_in_which_it_pays_and_loses_less_than_at_any_fixed_moment(
    mali: Decision,
) -> None:
    rule = mali.option("peacekeeping-100").watching
    assert rule is not None
    assert rule.act_in == ("recovery-1", "low")
    assert rule.act_now == pytest.approx(0.935, abs=0.01)
    assert rule.gain == pytest.approx(12.5, abs=0.5)


def test_the_same_evidence_gives_the_same_record(evidence: Evidence, mali: Decision) -> None:
    made = decide(evidence, 432, options=["none", "peacekeeping-100", "mediation"])
    assert made.digest == mali.digest
    other = decide(evidence, 432, options=["none", "mediation"])
    assert other.option("mediation").moments == mali.option("mediation").moments
    assert other.inputs != mali.inputs


def test_what_came_later_changes_nothing(shipped: Panel, mali: Decision) -> None:
    assert shipped.events is not None
    later, events = shipped.deaths.copy(), shipped.events.copy()
    for held in (later, events):
        held[:, months.parse("2011-12") - shipped.span.first :] = 7
    later[~shipped.covered] = 0
    changed = dataclasses.replace(shipped, deaths=later, events=events)
    known = Evidence.of(changed.known(dt.date(2012, 1, 31), 1), month=months.parse("2012-01"), samples=300)
    assert decide(known, 432, options=["none", "peacekeeping-100", "mediation"]).digest == mali.digest


def test_a_panel_of_the_month_or_later_is_refused(shipped: Panel) -> None:
    with pytest.raises(BadInput, match="2021-12"):
        Evidence.of(shipped, month=months.parse("2021-12"))
    with pytest.raises(BadInput, match="50"):
        Evidence.of(shipped, month=shipped.span.last + 1, samples=50)
    with pytest.raises(BadInput, match="month is '2022-01', which is no whole number"):
        Evidence.of(shipped, month="2022-01")  # type: ignore[arg-type]


def test_the_record_is_json_and_every_number_is_traced(mali: Decision) -> None:
    assert json.loads(json.dumps(mali.to_dict(), allow_nan=False))["iso3"] == "MLI"
    traced = explain(mali)
    inputs = [entry for row in mali.options if not row.option.idle for entry in row.option.ranges]
    assert len([t for t in traced if t.basis in ("published", "assumption")]) == len(inputs) + len(mali.model)
    assert {t.basis for t in traced} == {"data", "estimate", "published", "assumption"}
    for name in ("tension", "recovery, first year", "recovery, fifth to tenth year", "low", "high"):
        assert f"Deaths in a month of {name}" in {t.name for t in explain(mali, "en")}
    for trace in traced:
        assert trace.value
        assert trace.source
        if trace.basis == "data" and "GDP" not in trace.name and "Inhabitants" not in trace.name:
            assert "ged-25.1" in trace.source
            assert "2012-01-31" in trace.source


def test_a_country_never_in_conflict_is_priced_and_said_to_be(evidence: Evidence) -> None:
    made = decide(evidence, "New Zealand", options=["mediation"], in_depth=False)
    assert made.state == "peace"
    assert not made.ever
    assert "never seen in conflict" in told(made)


def test_without_gdp_deaths_are_priced_and_money_is_not(evidence: Evidence) -> None:
    made = decide(evidence, "Liechtenstein", options=["mediation"])
    row = made.option("mediation")
    assert made.economy is None
    assert row.at(0).loss.mean is None
    assert row.at(0).best is None
    assert row.at(0).deaths.mean is not None
    assert row.even.cost is None
    assert row.bars
    json.dumps(made.to_dict(), allow_nan=False)


def test_a_state_too_young_for_gdp_is_priced_in_deaths(evidence: Evidence) -> None:
    # South Sudan is five months old: its deaths make it a conflict already, its GDP is not counted yet.
    made = decide(evidence, "South Sudan", options=["none"])
    assert made.state in ("low", "high")
    assert made.economy is None


def test_an_area_not_covered_is_not_assessed(shipped: Panel) -> None:
    held = shipped.known(dt.date(2012, 1, 31), 1)
    row = held.index(432)
    deaths, covered = held.deaths.copy(), held.covered.copy()
    deaths[row, -3], covered[row, -3] = 0, False
    panel = Panel(
        level="country", scheme="gw", areas=held.areas, span=held.span, kinds=held.kinds, deaths=deaths,
        covered=covered, as_of=held.as_of, releases=held.releases,
    )  # fmt: skip
    partly = Evidence.of(panel, month=months.parse("2012-01"), method="conflictology-12", samples=100)
    with pytest.raises(NotAssessed, match=r"Mali.* no release in hand covers 2011-09:2011-09\."):
        decide(partly, "Mali")


def test_deaths_of_months_that_no_release_covers_are_not_told_as_none(shipped: Panel) -> None:
    deaths, covered = shipped.deaths.copy(), shipped.covered.copy()
    missing = slice(
        months.parse("2021-02") - shipped.span.first, months.parse("2021-09") - shipped.span.first
    )
    deaths[:, missing], covered[:, missing] = 0, False
    gap = dataclasses.replace(shipped, deaths=deaths, covered=covered, events=None)
    known = Evidence.of(gap, month=shipped.span.last + 1, method="conflictology-12", samples=100)
    with pytest.raises(NotAssessed, match=r"covers 2021-02:2021-08\. Choose"):
        decide(known, "Mali", options=["none"])
    made = decide(known, "Afghanistan", options=["none"], in_depth=False)
    assert (made.state, made.recent_months) == ("high", 5)
    assert made.to_dict()["covered_of_last_12_months"] == 5
    said = f"{made.recent:,} deaths in the 5 of the last 12 of those months that a release covers"
    assert said in told(made, "en")
    assert "des 12 derniers de ces mois qu'une édition couvre (5 mois)" in told(made, "fr")
    assert ", 1 death in the 5 of the last 12 " in told(dataclasses.replace(made, recent=1), "en")
    assert "Deaths in the 5 covered months of the 12 to 2021-12" in {t.name for t in explain(made, "en")}


def test_doing_nothing_costs_the_same_at_every_moment_to_the_last_figure(evidence: Evidence) -> None:
    row = decide(evidence, "MLI", options=["none"], in_depth=False).option("none")
    for moment in row.moments:
        assert moment.deaths == row.moments[0].deaths
        assert moment.averted.low90 == moment.averted.high90 == moment.saved.low90 == moment.saved.high90 == 0
    assert [moment.best for moment in row.moments] == [1, 0, 0, 0, 0, 0]
    assert [moment.fewest for moment in row.moments] == [1, 0, 0, 0, 0, 0]
    assert (row.more_deaths.mean, row.more_loss.mean, row.central_saving, row.central_averted) == (0, 0, 0, 0)


def test_what_differs_by_rounding_alone_does_not_win() -> None:
    rounding, real = np.array([[12345.6000001], [12345.6]]), np.array([[12346.6], [12345.6]])
    for values, first in ((rounding, [1, 0]), (real, [0, 1])):
        found = Prices((0, NEVER), values, values, np.zeros((2, 1)), 0.0)
        assert found.fewest_deaths().tolist() == found.best().tolist() == first


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"horizon": 6}, "6 months"),
        ({"death_value": -1.0}, "-1"),
        ({"moments": (0, 500)}, "500"),
        ({"options": ["development-aid"], "horizon": 24}, "36 months"),
    ],
)
def test_what_cannot_be_priced_is_named(evidence: Evidence, change: dict[str, object], expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        decide(evidence, "MLI", **change)  # type: ignore[arg-type]


def test_unknown_names_are_refused(evidence: Evidence) -> None:
    with pytest.raises(UnknownName):
        decide(evidence, "Atlantis")
    with pytest.raises(UnknownName, match="bombing"):
        decide(evidence, "MLI", options=["bombing"])


def test_a_death_counts_in_money_only_if_asked(evidence: Evidence) -> None:
    apart = decide(evidence, "MLI", options=["mediation"], in_depth=False)
    valued = decide(evidence, "MLI", options=["mediation"], death_value=1.0, in_depth=False)
    first, second = apart.options[0].at(0), valued.options[0].at(0)
    assert first.deaths == second.deaths
    assert second.loss.mean == pytest.approx((first.loss.mean or 0) + (first.deaths.mean or 0))
    (traced,) = (t for t in explain(valued, "en") if t.name == "Value of a death, million dollars")
    assert (traced.value, traced.basis, traced.source) == ("1", "assumption", "Set by the user")
    assert not any("Value of a death" in t.name for t in explain(apart, "en"))


def test_a_users_file_is_priced(evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[options.magic]\ncurrency = "USD"\nprice_year = 2021\n'
        "cost = { low = 0, central = 0, high = 0, assumption = true }\n"
        "delay = { low = 0, central = 0, high = 0, assumption = true }\n"
        "duration = { low = 120, central = 120, high = 120, assumption = true }\n"
        + "".join(
            f'[[options.magic.effects]]\ntransition = "{name}"\nlow = 1\ncentral = 1\nhigh = 1\n'
            "assumption = true\n"
            for name in ("onset", "relapse")
        ),
        encoding="utf-8",
    )
    made = decide(evidence, "MLI", options=["magic"], given=read(path), in_depth=False)
    now = made.option("magic").at(0)
    assert now.best == 1
    # The month between the data and the decision may already have brought a conflict; nothing later can.
    assert now.deaths.mean is not None
    assert now.deaths.mean < 0.2 * (made.option("magic").at(NEVER).deaths.mean or 0)


def test_a_panel_is_taken_as_published_where_one_was_and_cut_where_not(shipped: Panel) -> None:
    def published(day: dt.date) -> Panel:
        return figures.panel(as_of=day)

    cut, lag = panel_for(months.parse("2012-01"), published, today=TODAY)
    assert lag == 1
    assert months.label(cut.span.last) == "2011-11"
    whole, none = panel_for(months.parse("2025-08"), published, today=TODAY)
    assert none is None
    assert whole.span.last == shipped.span.last
    seven, lag = panel_for(months.parse("2012-01"), published, today=TODAY, lag=7)
    assert lag == 7
    assert months.label(seven.span.last) == "2011-05"


def test_returns_are_what_a_dollar_saves(evidence: Evidence, mali: Decision) -> None:
    (found,) = returns_of(evidence, (432,), "peacekeeping-100")
    assert found.ratio == pytest.approx(found.saved / found.cost)
    assert found.saved - found.cost == pytest.approx(mali.option("peacekeeping-100").central_saving)
    (cheap,) = returns_of(
        evidence, (432,), "peacekeeping-100",
        changed={"options.peacekeeping-100.cost": found.monthly_for(26) / 1.02**12},
    )  # fmt: skip
    assert cheap.ratio == pytest.approx(26, rel=0.01)


def test_a_response_or_moment_that_was_not_priced_is_refused(mali: Decision) -> None:
    assert mali.option("mediation").at(NEVER).months == NEVER
    with pytest.raises(UnknownName, match="none, peacekeeping-100, mediation"):
        mali.option("sanctions")
    with pytest.raises(UnknownName, match=r"7 months.*0, 1, 3, 6, 12"):
        mali.option("mediation").at(7)
