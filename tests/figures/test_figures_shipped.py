"""The shipped figures: as-of, bytes, known totals, and that a build gives the same bytes again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for

from tocsin import areas, figures, months, sources
from tocsin.errors import BadFile, BadInput, Damaged, NotAssessed
from tocsin.figures import cellmonths, countrymonths, files, groupmonths, recipe, vintagemonths
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.text import set_language

AS_OF = dt.date(2026, 1, 1)
MALI = 432


def year_of(panel: Panel, gw: int, year: int) -> np.ndarray:
    first = months.month_id(year, 1) - panel.span.first
    return panel.deaths[panel.index(gw), first : first + 12].sum(axis=0)


def test_mali_as_published() -> None:
    panel = figures.panel(as_of=AS_OF)
    assert year_of(panel, MALI, 2012).tolist()[0] == 218
    assert year_of(panel, MALI, 2012).sum() == 359
    assert year_of(panel, MALI, 2013).tolist()[0] == 823
    assert year_of(panel, MALI, 2013).sum() == 881


def test_every_state_of_a_month_is_covered_and_no_other() -> None:
    panel = figures.panel(as_of=AS_OF)
    for label in ("1989-01", "1992-04", "2006-06", "2011-06", "2011-07", "2021-12"):
        month = months.parse(label)
        covered = {panel.areas[row] for row in np.flatnonzero(panel.covered[:, month - panel.span.first])}
        assert covered == {state.gw for state in areas.countries(month=month)}


def test_months_before_a_founding_are_not_assessed() -> None:
    panel = figures.panel(as_of=AS_OF)
    assert not panel.covered[panel.index(626), months.parse("2011-06") - panel.span.first]
    assert panel.covered[panel.index(626), months.parse("2011-07") - panel.span.first]


def test_releases_that_were_not_out_are_named_in_the_readers_language() -> None:
    set_language("fr")
    with pytest.raises(
        NotAssessed, match=r"ged-21\.1 \(événements localisés\), ged-24\.1 \(Afrique de l'Ouest\)"
    ):
        figures.panel(as_of=dt.date(2021, 12, 31))


@pytest.mark.parametrize(
    "read", [figures.panel, figures.views_panel, figures.groups, figures.cells, figures.country_month]
)
def test_nothing_is_read_before_its_release(read: object) -> None:
    with pytest.raises(NotAssessed, match=r"2021-12-31.*--as-of 202[45]-06-30 or a later day"):
        read(as_of=dt.date(2021, 12, 31))  # type: ignore[operator]
    for day in ("2025-12-31", dt.datetime(2025, 12, 31), np.datetime64("2025-12-31"), None):
        with pytest.raises(BadInput, match=r"as_of is .*no day"):
            read(as_of=day)  # type: ignore[operator]


def test_known_days_are_those_the_sources_room_assumes() -> None:
    for table in files.TABLES:
        if table.dated:
            continue
        newest = max(r.split("-")[-1].split()[0] for r in table.releases if r.startswith("ged-"))
        assert table.known_at == sources.known_at(newest)


def test_the_manifest_describes_the_bytes() -> None:
    folder = resources.files("tocsin.figures") / "data"
    total = 0
    for name, entry in figures.manifest()["tables"].items():
        content = (folder / entry["file"]).read_bytes()
        total += len(content)
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert len(entry["sources"]) >= 1
        assert entry["file"] in (folder / "LICENCE.md").read_text(encoding="utf-8")
    assert total < 3_000_000
    assert figures.manifest()["tables"]["country_month"]["bytes"] < 1_000_000


def test_changed_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(str(resources.files("tocsin.figures") / "data"), tmp_path, dirs_exist_ok=True)
    with (tmp_path / "west_africa_groups.parquet").open("ab") as stream:
        stream.write(b"x")
    monkeypatch.setattr(files, "_folder", lambda: tmp_path)
    files.shipped.cache_clear()
    with pytest.raises(Damaged, match=r"west_africa_groups\.parquet"):
        figures.groups(as_of=AS_OF)
    files.shipped.cache_clear()


def test_views_panel_carries_the_past_of_successors_only() -> None:
    panel = figures.views_panel(as_of=AS_OF)
    assert (panel.scheme, panel.kinds, len(panel.areas)) == ("views", ("sb",), 191)
    before = months.parse("1999-04") - panel.span.first
    assert panel.covered[panel.index(233), before]  # Serbia, then Yugoslavia
    assert panel.deaths[panel.index(233), before, 0] > 0
    assert not panel.covered[panel.index(246), before]  # South Sudan


def test_cells_and_groups_use_each_country_code_and_no_person() -> None:
    groups, cells = figures.groups(as_of=AS_OF).rows, figures.cells(as_of=AS_OF)
    assert set(groups["gw"].unique()) == {404, 432, 433, 434, 436, 437, 439, 461}
    names = set(groups["side_a"].unique()) | set(groups["side_b"].drop_nulls().unique())
    assert groupmonths.CIVILIANS not in names
    assert not [n for n in names if "Gbagbo" in n or "Outtara" in n]
    assert groups.filter(kind="os")["side_b"].null_count() == groups.filter(kind="os").height
    assert cells.filter(source="located")["month"].max() == months.parse("2020-12")


def test_active_groups_of_mali_at_the_peace_of_2015() -> None:
    """In June 2015 CMA and the platform around GATIA signed; AQIM and its allies fought on."""
    groups = figures.groups(as_of=AS_OF)
    active = groups.active(gw=MALI, until=months.parse("2015-05"))
    assert {"CMA", "GATIA", "AQIM", "al-Murabitun", "Ansar Dine", "FLM"} <= set(active["group"])
    assert active.filter("state")["group"].to_list() == ["Government of Mali"]
    assert active["last"].max() <= months.parse("2015-05")  # type: ignore[operator]
    kidal = groups.active(gw=MALI, until=months.parse("2015-05"), adm_1="Kidal region")
    assert set(kidal["group"]) <= set(active["group"])
    assert kidal["events"].sum() < active["events"].sum()


@pytest.mark.parametrize(("gw", "until"), [(620, "2015-05"), (MALI, "1989-06"), (MALI, "2022-01")])
def test_groups_of_what_the_table_does_not_cover_are_not_none(gw: int, until: str) -> None:
    with pytest.raises(NotAssessed, match=str(gw)):
        figures.groups(as_of=AS_OF).active(gw=gw, until=months.parse(until))


def test_country_rows_are_events_and_their_deaths_with_a_basis() -> None:
    table = figures.country_month(as_of=AS_OF)
    assert (table.select(pl.sum_horizontal(*(f"{kind}_events" for kind in KINDS))).to_series() > 0).all()
    for kind in KINDS:
        assert table.filter(pl.col(kind) > 0, pl.col(f"{kind}_events") == 0).is_empty()
    assert set(table["basis"].unique()) == {"exact", "estimated"}
    assert not table.select("gw", "month").is_duplicated().any()


def test_beside_the_challenge_stands_what_is_known_of_its_countries() -> None:
    views, whole = figures.views_panel(as_of=AS_OF), figures.panel(as_of=AS_OF)
    beside = views.beside
    assert beside is not None
    assert beside.events is not None
    assert whole.events is not None
    assert (beside.events.sum(axis=(0, 1)) == whole.events.sum(axis=(0, 1))).all()
    assert not (views.covered & ~beside.covered).any()
    assert (beside.deaths[beside.index(50)] == whole.deaths[whole.index(MALI)]).all()


def test_what_the_figures_do_not_hold_is_not_covered_beside() -> None:
    last = months.parse("2021-12")
    beside = figures.views_kinds((50, 9999), Span(last - 1, last + 2), as_of=AS_OF)
    assert beside.covered.tolist() == [[True, True, False, False], [False] * 4]


def test_missing_sources_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="organizedviolencecy_v25_1_to_2021"):
        figures.build(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def derived() -> Iterator[None]:
    """Derive each table once: builds differ in what becomes of the tables."""
    with pytest.MonkeyPatch.context() as patch:
        for maker in (countrymonths, groupmonths, cellmonths, vintagemonths):
            patch.setattr(maker, "derive", cache(maker.derive))
        yield


@pytest.fixture(scope="module")
def built(
    derived: None, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[figures.Report, Path]:
    out = tmp_path_factory.mktemp("figures")
    return figures.build(shared, out), out


@pytest.mark.shared
def test_a_build_gives_what_ships(built: tuple[figures.Report, Path]) -> None:
    report, out = built
    shipped = resources.files("tocsin.figures") / "data"
    for name in [table.file for table in files.TABLES] + ["figures.json", "LICENCE.md"]:
        assert (out / name).read_bytes() == (shipped / name).read_bytes(), name
    assert [made.table for made in report.made] == list(
        json.loads((out / "figures.json").read_text())["tables"]
    )


@pytest.mark.shared
def test_a_disk_that_fills_leaves_each_file_of_an_earlier_build_whole(
    built: tuple[figures.Report, Path], shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out = built
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    monkeypatch.setattr(recipe, "packed", lambda frame, facts: b"other" * 1_000)
    with (
        room_for(1_000),
        pytest.raises(BadInput, match=rf"^{out}/country_month\.parquet cannot be written: "),
    ):
        figures.build(shared, out)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


@pytest.mark.shared
def test_yearly_totals_by_kind_are_the_published_ones(shared: Path) -> None:
    """All but Niger and Nigeria in 2017, which two releases count differently."""
    table = figures.country_month(as_of=AS_OF).with_columns(
        year=(pl.col("month").cast(pl.Int32) - 1) // 12 + 1980
    )
    ours = table.group_by("gw", "year").agg(pl.col(*KINDS).sum())
    published = pl.read_csv(shared / "data/ucdp/organizedviolencecy_v25_1_to_2021.csv").select(
        gw=pl.col("country_id_cy"), year="year_cy",
        **{f"{kind}_published": f"{kind}_total_deaths_best_cy" for kind in KINDS},
    )  # fmt: skip
    both = published.join(ours.cast({"gw": pl.Int64, "year": pl.Int64}), on=["gw", "year"], how="left")
    differs = pl.any_horizontal(*(pl.col(k).fill_null(0) != pl.col(f"{k}_published") for k in KINDS))
    assert set(both.filter(differs).select("gw", "year").rows()) == {(436, 2017), (475, 2017)}


@pytest.mark.shared
def test_the_report_compares_with_the_official_figures(built: tuple[figures.Report, Path]) -> None:
    report, _ = built
    assert report.compared == 191 * 48
    assert report.correlation > 0.98
    assert abs(report.ours / report.official - 1) < 0.002
    assert report.missed <= 14
    assert report.exact + report.estimated == 3_325_370
    assert "3,325,370" in report.text("en")


@pytest.mark.shared
def test_without_the_events_the_estimate_misplaces_few_deaths(shared: Path) -> None:
    """The eight countries whose every event is known, estimated as if only located events were."""
    folder = shared / "data"
    evidence = countrymonths.read_evidence(folder)
    blind = countrymonths.Evidence(
        frozenset(), {}, {}, evidence.located, evidence.located_events
    )  # fmt: skip
    wrong = deaths = 0
    for year in countrymonths.country_years(folder):
        if year.code not in evidence.complete:
            continue
        truth = np.array([[evidence.exact.get((year.code, m, k), 0) for k in KINDS] for m in year.months])
        several = ((year.events > 0).sum(axis=1) > 1) & (truth.sum(axis=1) == year.deaths)
        found, certain = countrymonths.estimate(year, blind)
        agreed = truth.sum(axis=0).tolist() == year.by_kind.tolist()
        assert not agreed or (found[certain] == truth[certain]).all()
        wrong += int(np.abs(found - truth)[several].sum()) // 2
        deaths += int(year.deaths[several].sum())
    assert deaths > 10_000
    assert wrong / deaths < 0.07


@pytest.mark.shared
def test_groups_hold_the_deaths_of_their_events_by_country_and_year(shared: Path) -> None:
    events = pl.read_parquet(shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet")
    expected = events.group_by("country_id", pl.col("date_start").dt.year()).agg(pl.col("best").sum())
    year = (pl.col("month").cast(pl.Int32) - 1) // 12 + 1980
    ours = figures.groups(as_of=AS_OF).rows.group_by("gw", year.alias("year")).agg(pl.col("deaths").sum())
    assert sorted(ours.rows()) == sorted(expected.rows())


@pytest.mark.shared
def test_a_table_that_contradicts_its_source_is_not_written(
    derived: None, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = groupmonths.derive
    monkeypatch.setattr(groupmonths, "derive", lambda folder: real(folder).head(100))
    with pytest.raises(BadFile, match="west_africa_groups"):
        figures.build(shared, tmp_path / "out")
    assert not (tmp_path / "out").exists()
