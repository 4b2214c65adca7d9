import dataclasses
import datetime as dt
import json
from functools import partial

import numpy as np
import polars as pl
import pytest

from tocsin import forecast, months
from tocsin.errors import BadInput, NotAssessed
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.watch import last_month, rank
from tocsin.watch import watch as full_watch

DAY = dt.date(2012, 1, 15)
watch = partial(full_watch, methods=("no-learning", "conflictology-12"))


def test_it_ranks_by_the_probability_of_25_deaths_in_three_months(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    fitted = forecast.fit(panel, origin=found.origin, target="total", method="no-learning")
    lead = fitted.predict(range(1, 13))
    for row in found.ranked:
        totals = lead.path(row.area)[:3].sum(axis=0)
        assert row.probability == pytest.approx(float((totals >= 25).mean()))
        assert row.expected == pytest.approx(float(totals.mean()))
        assert (row.low, row.high) == pytest.approx(tuple(np.quantile(totals, [0.1, 0.9])))
    kept = [(min(row.probability or 0, 0.99), row.expected) for row in found.ranked]
    assert kept == sorted(kept, reverse=True)
    assert [row.rank for row in found.ranked] == list(range(1, len(found.ranked) + 1))
    assert found.ranked[0].area == 625


def test_what_a_draw_or_two_would_decide_is_ranked_by_the_deaths_expected(panel: Panel) -> None:
    living = panel.only((432, 433, 625, 626))
    draws = np.zeros((4, 3, 1000), dtype=np.int32)
    draws[0, 0], draws[1, 0], draws[2, 0], draws[3, 0] = 30, 500, 26, 900
    # 100 %, 99.3 %, 99.5 % and 98.9 %: three are as good as certain, and one is not.
    draws[1, 0, :7], draws[2, 0, :5], draws[3, 0, :11] = 0, 0, 0
    lead = forecast.Forecast(
        level="country", scheme="gw", areas=living.areas, origin=living.span.last, steps=(1, 2, 3),
        target="total", method="made-up", draws=draws, assessed=np.ones(4, dtype=np.bool_), inputs="none",
    )  # fmt: skip
    assert [row.area for row in rank(living, lead)] == [433, 432, 625, 626]


def test_deaths_of_three_months_are_not_told_where_the_data_hold_two(panel: Panel) -> None:
    last = panel.span.last
    short = dataclasses.replace(
        panel, span=Span(last - 1, last), deaths=panel.deaths[:, -2:], covered=panel.covered[:, -2:]
    )
    sudan = watch(short, as_of=DAY).ranked[0]
    assert (sudan.area, sudan.history, sudan.recent) == (625, (200, 200), None)


def test_only_a_forecast_of_the_same_areas_and_deaths_stands_in_the_ranking(panel: Panel) -> None:
    living = panel.only((432, 433, 625, 626))
    last = living.span.last

    def made(origin: int, method: str = "last", target: str = "total") -> forecast.Forecast:
        return forecast.fit(living, origin=origin, target=target, method=method).predict((1, 2, 3))

    lead, before, second = made(last), made(last - 1), made(last, "zero")
    assert [row.area for row in rank(living, lead, before, second)] == [625, 432, 626, 433]
    others = (432, 433, 625)
    for odd in (
        before.only(others),
        second,
        made(last - 2),
        made(last - 1, "zero"),
        made(last - 1, target="sb"),
    ):
        with pytest.raises(BadInput, match=r"one by last from 2011-11 is needed, of total .* 4 areas"):
            rank(living, lead, odd)
    for odd in (second.only(others), before, made(last, "zero", "sb")):
        with pytest.raises(BadInput, match=r"from 2011-12 is needed, of total .* 4 areas"):
            rank(living, lead, None, odd)


def test_a_panel_by_other_codes_is_refused(panel: Panel) -> None:
    with pytest.raises(BadInput, match="Gleditsch-Ward"):
        watch(dataclasses.replace(panel, scheme="views"), as_of=DAY)


def test_the_change_is_since_the_forecast_of_the_month_before(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    mali = next(row for row in found.rows if row.area == 432)
    earlier = forecast.fit(
        panel.until(found.origin - 1), origin=found.origin - 1, target="total", method="no-learning"
    ).predict((1, 2, 3))
    assert mali.before == earlier.probability(25)[earlier.index(432)] == 0
    assert mali.change == mali.probability
    assert found.rises[0].area == 432


def test_the_month_before_is_the_same_whoever_forecasts_it(panel: Panel) -> None:
    here, beside = (watch(panel, as_of=DAY, beside=apart) for apart in (False, True))
    assert here.rows == beside.rows
    assert [one.digest for one in here.earlier] == [one.digest for one in beside.earlier]


def test_in_the_first_month_there_is_no_change(panel: Panel) -> None:
    found = watch(panel, as_of=DAY, origin=panel.span.first)
    assert found.ranked
    assert all(row.before is None and row.change is None for row in found.rows)
    assert found.rises == ()


def test_the_default_method_leads_unless_others_are_named(panel: Panel) -> None:
    found = full_watch(panel, as_of=DAY)
    assert [f.method for f in found.forecasts] == [forecast.DEFAULT, "conflictology-12"]
    made = forecast.fit(panel, origin=found.origin, target="total").predict(range(1, 13))
    # A state that has ended is left out of the ranking, not out of what the method learns from.
    assert 345 in made.areas
    assert 345 not in found.lead.areas
    assert (found.lead.draws == made.only(found.lead.areas).draws).all()


def test_the_second_method_stands_beside(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    assert [f.method for f in found.forecasts] == ["no-learning", "conflictology-12"]
    mali = next(row for row in found.rows if row.area == 432)
    second = found.forecasts[1]
    assert mali.beside == second.probability(25)[second.index(432)]
    assert all(row.beside is None for row in watch(panel, as_of=DAY, methods=("last",)).rows)


def test_what_no_release_covers_is_not_assessed_and_never_zero(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    niger = next(row for row in found.not_assessed if row.area == 436)
    assert (niger.rank, niger.probability, niger.expected, niger.recent) == (None, None, None, None)
    assert niger.history[-2:] == (None, None)
    assert 436 in found.summary()["not_assessed"]
    assert 436 not in {row.area for row in found.ranked}


def test_a_state_that_has_ended_is_not_listed(panel: Panel) -> None:
    assert 345 not in {row.area for row in watch(panel, as_of=DAY).rows}


def test_history_of_a_new_state_begins_with_it(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    south_sudan = next(row for row in found.rows if row.area == 626)
    assert south_sudan.history[:6] == (None,) * 6
    assert south_sudan.history[6:] == (0, 15, 15, 15, 15, 15)


def test_nothing_after_the_origin_is_read(panel: Panel) -> None:
    origin = months.parse("2011-06")
    cut = watch(panel.until(origin), as_of=DAY)
    whole = watch(panel, as_of=DAY, origin=origin)
    assert whole.digest == cut.digest
    assert whole.origin == origin


def test_the_last_month_is_the_last_that_a_release_covers(panel: Panel) -> None:
    assert last_month(panel) == months.parse("2011-12")
    bare = Panel(
        level="country", scheme="gw", areas=panel.areas, span=panel.span, kinds=panel.kinds,
        deaths=np.zeros_like(panel.deaths), covered=np.zeros_like(panel.covered), as_of=panel.as_of,
        releases=panel.releases,
    )  # fmt: skip
    with pytest.raises(NotAssessed, match="any month"):
        last_month(bare)


def test_a_panel_that_knows_more_than_the_day_is_refused(panel: Panel) -> None:
    with pytest.raises(BadInput, match="2012-01-15"):
        watch(panel, as_of=dt.date(2012, 1, 14))


@pytest.mark.parametrize(("day", "historical"), [(dt.date(2012, 2, 29), False), (dt.date(2012, 3, 1), True)])
def test_figures_older_than_60_days_are_a_demonstration(panel: Panel, day: dt.date, historical: bool) -> None:
    found = watch(panel, as_of=day)
    assert found.historical is historical
    assert found.summary()["demonstration_on_historical_figures"] is historical
    assert found.age == (day - dt.date(2011, 12, 31)).days


def test_the_summary_names_its_inputs(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    summary = json.loads(json.dumps(found.summary()))
    assert summary["origin"] == "2011-12"
    assert summary["releases"] == ["a release"]
    assert summary["inputs_sha256"] == found.panel.digest
    assert summary["forecasts_sha256"]["no-learning"] == found.lead.digest


def test_the_ranking_as_plain_values_has_a_row_an_area(panel: Panel) -> None:
    found = watch(panel, as_of=DAY)
    rows = found.to_dict()["ranking"]
    assert isinstance(rows, list)
    assert pl.DataFrame(rows)["gw"].to_list() == [row.area for row in found.rows]
