import dataclasses
import datetime as dt
import json
import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin import figures, forecast, months, score
from tocsin.errors import BadFile, BadInput, NotAssessed, UnknownName
from tocsin.panel import Panel
from tocsin.watch import quantiles_frame, score_draws, shaped, write_draws
from tocsin.watch.forms import HUB


@pytest.fixture
def made(panel: Panel) -> forecast.Forecast:
    fitted = forecast.fit(panel, origin=panel.span.last - 3, target="total", method="no-learning")
    return fitted.predict((1, 2, 3))


def test_draws_written_and_scored_equal_scores_of_the_arrays(
    panel: Panel, made: forecast.Forecast, tmp_path: Path
) -> None:
    write_draws(made, tmp_path / "draws.parquet", releases=("25.1",))
    (found,) = score_draws(tmp_path / "draws.parquet", panel)
    truth = np.where(panel.covered, panel.series("total"), np.nan)[:, -3:]
    known = made.assessed[:, None] & ~np.isnan(truth)
    draws, observed = made.draws[known], truth[known]
    each = score.row_scores(draws, observed)
    assert found.rows == known.sum()
    assert found.unknown == (made.assessed[:, None] & np.isnan(truth)).sum() > 0
    assert found.crps == pytest.approx(each.crps.mean())
    assert found.ignorance == pytest.approx(each.ignorance.mean())
    assert found.mis == pytest.approx(each.interval.mean())
    assert found.brier == pytest.approx((((draws >= 25).mean(axis=1) - (observed >= 25)) ** 2).mean())
    assert found.covered["90"] == score.coverage(draws, observed)[0.9]


def test_actuals_come_from_a_file_too(panel: Panel, made: forecast.Forecast, tmp_path: Path) -> None:
    write_draws(made, tmp_path / "draws.parquet", releases=("25.1",))
    (by_panel,) = score_draws(tmp_path / "draws.parquet", panel)
    rows = [
        {"gw": gw, "month_id": month, "outcome": int(panel.series("total")[row, month - panel.span.first])}
        for row, gw in enumerate(panel.areas)
        for month in made.months
        if panel.covered[row, month - panel.span.first]
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "truth.csv")
    (by_file,) = score_draws(tmp_path / "draws.parquet", tmp_path / "truth.csv")
    assert by_file == by_panel


def test_draws_are_compared_with_their_own_kind_of_deaths(
    panel: Panel, made: forecast.Forecast, tmp_path: Path
) -> None:
    file = tmp_path / "draws.parquet"
    write_draws(made, file, releases=("25.1",))
    with pytest.raises(BadInput, match=r"draws\.parquet forecasts total"):
        score_draws(file, panel, target="sb")
    (alone,) = score_draws(file, panel)
    table = pl.read_parquet(file)
    pl.concat([table, table.with_columns(target=pl.lit("sb"))]).write_parquet(file)
    assert score_draws(file, panel, target="total") == (alone,)
    with pytest.raises(BadInput, match="sb, total"):
        score_draws(file, panel)


def test_state_based_deaths_are_no_outcome_of_a_forecast_of_all(
    panel: Panel, made: forecast.Forecast, tmp_path: Path
) -> None:
    file, truth = tmp_path / "draws.parquet", tmp_path / "truth.csv"
    write_draws(made, file, releases=("25.1",))
    table = pl.read_parquet(file)
    rows = table.select("gw", "month_id").unique().sort("gw", "month_id")
    rows.with_columns(ged_sb=1).write_csv(truth)
    with pytest.raises(BadInput, match=r"truth\.csv holds state-based deaths .* draws\.parquet .* total"):
        score_draws(file, truth)
    table.with_columns(target=pl.lit("sb")).write_parquet(file)
    (state_based,) = score_draws(file, truth)
    rows.with_columns(outcome=1, ged_sb=2).write_csv(truth)
    table.write_parquet(file)
    assert score_draws(file, truth) == (state_based,)
    # Draws that do not say what they forecast are taken at the user's word.
    rows.with_columns(ged_sb=1).write_csv(truth)
    table.drop("target").write_parquet(file)
    assert score_draws(file, truth) == (state_based,)
    with pytest.raises(BadInput, match="total"):
        score_draws(file, truth, target="total")


def test_what_no_draw_held_possible_scores_badly_and_not_infinitely(tmp_path: Path) -> None:
    rows = {"gw": [432] * 3, "month_id": [384] * 3, "draw": [0, 1, 2], "outcome": [0, 0, 0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "draws.parquet")
    truth = {"gw": [432], "month_id": [384], "outcome": [25]}
    pl.DataFrame(truth).write_parquet(tmp_path / "truth.parquet")
    (found,) = score_draws(tmp_path / "draws.parquet", tmp_path / "truth.parquet")
    assert found.log_score == pytest.approx(math.log(4))


def test_what_is_not_known_yet_is_not_scored(panel: Panel, tmp_path: Path) -> None:
    ahead = forecast.fit(panel, origin=panel.span.last, target="total", method="last").predict((1, 2))
    write_draws(ahead, tmp_path / "draws.parquet", releases=("25.1",))
    with pytest.raises(NotAssessed):
        score_draws(tmp_path / "draws.parquet", panel)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"gw": [432], "month_id": [380], "outcome": [1]}, "draw"),
        ({"month_id": [380], "draw": [0], "outcome": [1]}, "gw / country_id"),
        ({"gw": [432, 432, 433], "month_id": [380] * 3, "draw": [0, 1, 0], "outcome": [1, 2, 3]}, "433"),
        ({"gw": [432, 432], "month_id": [380] * 2, "draw": [0, 0], "outcome": [1, 2]}, "432"),
    ],
)
def test_tables_that_are_no_draws_are_named(
    table: dict[str, list[int]], message: str, panel: Panel, tmp_path: Path
) -> None:
    pl.DataFrame(table).write_parquet(tmp_path / "odd.parquet")
    with pytest.raises(BadFile, match=message):
        score_draws(tmp_path / "odd.parquet", panel)


def test_other_files_and_other_ids_are_refused(panel: Panel, made: forecast.Forecast, tmp_path: Path) -> None:
    (tmp_path / "page.parquet").write_text("<html>")
    with pytest.raises(BadFile, match=r"page\.parquet"):
        score_draws(tmp_path / "page.parquet", panel)
    with pytest.raises(BadFile, match="no file"):
        score_draws(tmp_path / "absent.parquet", panel)
    with pytest.raises(BadInput, match=r"\.parquet"):
        write_draws(made, tmp_path / "draws.csv", releases=("25.1",))
    (tmp_path / "a[b].parquet").mkdir()
    for refused in (
        tmp_path / "a[b].parquet",
        tmp_path / "page.parquet" / "z.parquet",
        Path("/proc/z.parquet"),
    ):
        with pytest.raises(BadInput, match=rf"{re.escape(str(refused))} cannot be written: [A-Z]"):
            write_draws(made, refused, releases=("25.1",))
    assert {file.name for file in tmp_path.iterdir()} == {"a[b].parquet", "page.parquet"}
    cells = pl.DataFrame({"priogrid_gid": [149426], "month_id": [380], "draw": [0], "outcome": [1]})
    cells.write_parquet(tmp_path / "cells.parquet")
    with pytest.raises(BadInput, match=r"priogrid_gid .* by gw"):
        score_draws(tmp_path / "cells.parquet", panel)
    cells.rename({"priogrid_gid": "country_id"}).write_parquet(tmp_path / "views.parquet")
    with pytest.raises(UnknownName, match="149426"):
        score_draws(tmp_path / "views.parquet", panel)


def test_areas_are_written_and_scored_by_the_ids_they_go_by(panel: Panel, tmp_path: Path) -> None:
    views = figures.views_panel(as_of=dt.date(2025, 12, 31))
    mali = forecast.fit(views, origin=490, target="sb", method="zero").predict((1,)).only([50])
    write_draws(mali, tmp_path / "draws.parquet", releases=("25.1",))
    table = pl.read_parquet(tmp_path / "draws.parquet")
    assert table.columns == ["method", "target", "country_id", "month_id", "draw", "outcome"]
    (found,) = score_draws(tmp_path / "draws.parquet", views)
    came = views.series("sb")[views.index(50), 491 - views.span.first]
    assert (found.rows, found.crps) == (1, came)
    cells = dataclasses.replace(mali, level="cell", scheme="priogrid", areas=(149426,))
    write_draws(cells, tmp_path / "cells.parquet", releases=("25.1",))
    assert pl.read_parquet(tmp_path / "cells.parquet")["priogrid_gid"].unique().to_list() == [149426]
    provinces = dataclasses.replace(cells, level="admin1", scheme="ocha", areas=("432:Gao region",))
    with pytest.raises(BadInput, match="ocha"):
        write_draws(provinces, tmp_path / "no.parquet", releases=("25.1",))


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("gw", pl.Series([432.0, 432.9]), r"row 2: the column gw holds 432\.9"),
        ("gw", pl.Series([432, None]), "row 2: the column gw holds null"),
        ("gw", pl.Series([432.0, math.nan]), "row 2: the column gw holds"),
        ("gw", pl.Series(["432", "MLI"]), "row 2: the column gw holds MLI"),
        ("month_id", pl.Series([384.7, 384.0]), r"row 1: the column month_id holds 384\.7"),
        ("month_id", pl.Series([dt.date(2012, 1, 1)] * 2), "row 1: the column month_id holds 2012-01-01"),
        ("method", pl.Series(["a", None]), "row 2: the column method holds null"),
        ("target", pl.Series([None, None], dtype=pl.String), "row 1: the column target holds null"),
    ],
)
def test_what_names_no_area_month_or_method_is_refused_by_row_and_column(
    column: str, values: pl.Series, says: str, panel: Panel, tmp_path: Path
) -> None:
    table = pl.DataFrame({"gw": [432, 432], "month_id": [384, 384], "draw": [0, 1], "outcome": [0, 1]})
    table.with_columns(values.alias(column)).write_parquet(tmp_path / "odd.parquet")
    with pytest.raises(BadFile, match=says):
        score_draws(tmp_path / "odd.parquet", panel)


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (-99.0, "holds −99"),
        (math.inf, "outcomes"),
        ("many", "outcome holds many"),
        (dt.date(2012, 1, 1), "2012"),
    ],
)
def test_what_is_no_number_of_deaths_did_not_happen(outcome: object, says: str, tmp_path: Path) -> None:
    draws = {"gw": [432, 432], "month_id": [384, 384], "draw": [0, 1], "outcome": [0, 1]}
    pl.DataFrame(draws).write_parquet(tmp_path / "draws.parquet")
    truth = pl.DataFrame({"gw": ["432"], "month_id": [384.0], "outcome": [outcome]})
    truth.write_parquet(tmp_path / "truth.parquet")
    with pytest.raises(BadInput, match=says):
        score_draws(tmp_path / "draws.parquet", tmp_path / "truth.parquet")
    truth.with_columns(outcome=pl.lit("1")).write_parquet(tmp_path / "truth.parquet")
    (found,) = score_draws(tmp_path / "draws.parquet", tmp_path / "truth.parquet")
    assert found.crps == 0.25


@pytest.mark.parametrize("form", ["views", "hubverse"])
def test_other_forms_of_the_same_draws_score_the_same(
    panel: Panel, made: forecast.Forecast, form: str, tmp_path: Path
) -> None:
    file = tmp_path / "other.parquet"
    write_draws(made, tmp_path / "draws.parquet", releases=("25.1",))
    write_draws(made, file, releases=("25.1",), form=form)
    (own,) = score_draws(tmp_path / "draws.parquet", panel)
    (found,) = score_draws(file, panel, target="total")
    assert found.rows > 1
    told = json.loads(pl.read_parquet_metadata(file)["columns"])
    assert [one["name"] for one in told] == pl.read_parquet(file).columns
    assert dataclasses.replace(found, method=own.method) == own
    if form == "hubverse":
        pl.read_parquet(file).write_csv(tmp_path / "other.csv")
        assert score_draws(tmp_path / "other.csv", panel) == score_draws(file, panel)


def test_samples_of_hubverse_are_named_for_their_country_and_quantiles_are_refused(
    panel: Panel, made: forecast.Forecast, tmp_path: Path
) -> None:
    table = shaped(made, "hubverse")
    assert tuple(table.columns) == HUB
    assert table["output_type_id"].n_unique() * len(made.steps) == table.height
    mali = table.filter(location="MLI", horizon=2).sort("output_type_id")
    assert mali["value"].to_list() == made.path(432)[1].tolist()
    assert set(mali["target_end_date"]) == {months.last_day(made.months[1])}
    quantiles = tmp_path / "quantiles.parquet"
    quantiles_frame(made, (0.5, 0.9)).write_parquet(quantiles)
    with pytest.raises(BadFile, match=r"holds: quantile"):
        score_draws(quantiles, panel)


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [("target_end_date", "soon", BadInput), ("location", "Atlantis", UnknownName), ("value", None, BadFile)],
)
def test_a_model_output_that_cannot_be_read_is_refused_by_what_is_wrong(
    panel: Panel, made: forecast.Forecast, column: str, value: str | None, error: type, tmp_path: Path
) -> None:
    file = tmp_path / "hub.parquet"
    table = shaped(made, "hubverse").head(2000)
    wrong = pl.lit(value, dtype=pl.String if value else table.schema[column])
    table.with_columns(wrong.alias(column)).write_parquet(file)
    with pytest.raises(error, match=value or "null"):
        score_draws(file, panel)


def test_a_form_that_there_is_not_is_refused_with_those_that_are(
    panel: Panel, made: forecast.Forecast, tmp_path: Path
) -> None:
    with pytest.raises(UnknownName, match="tocsin, views, hubverse"):
        write_draws(made, tmp_path / "draws.parquet", releases=(), form="arrow")
    cells = dataclasses.replace(
        made, scheme="priogrid", level="cell", areas=tuple(range(1, len(made.areas) + 1))
    )
    assert shaped(cells, "views").columns == ["month_id", "priogrid_gid", "draw", "outcome"]
    with pytest.raises(BadInput, match="priogrid"):
        shaped(cells, "hubverse")
