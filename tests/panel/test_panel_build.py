"""Events to panels: which month, which state, what is covered, and that nothing is lost silently."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import areas, months, panel, sources
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import build, largest_remainder
from tocsin.sources import SCHEMA, Coverage
from tocsin.vault import CoverageRow, Resolved, Vault

MALI, SUDAN, SOUTH_SUDAN, SERBIA, SERBIA_UCDP = 432, 625, 626, 340, 345
AS_OF = dt.date(2026, 1, 1)


def events(*rows: dict[str, object]) -> pl.DataFrame:
    plain: dict[str, object] = {
        "kind": "sb", "date_start": dt.date(2012, 1, 10), "country_gw": MALI, "low": 1, "best": 1, "high": 1,
        "where_prec": 1, "gid": 154062, "adm_1": "Gao region",
    }  # fmt: skip
    full = []
    for number, row in enumerate(rows):
        merged = {"id": number, **plain, **row}
        merged.setdefault("date_end", merged["date_start"])
        full.append({name: merged.get(name) for name in SCHEMA})
    return pl.DataFrame(full, schema=SCHEMA)


def made(frame: pl.DataFrame, label: str, **options: object) -> panel.Panel:
    entry = options.pop("coverage", None) or [Coverage(Span.parse(label))]
    return build(frame, coverage=entry, as_of=AS_OF, releases=["ged-test"], **options)  # type: ignore[arg-type]


def value(of: panel.Panel, area: int | str, month: str, kind: str = "sb") -> int:
    place = of.index(area), months.parse(month) - of.span.first, of.kinds.index(kind)  # type: ignore[arg-type]
    return int(of.deaths[place])


def test_deaths_go_to_state_month_and_kind() -> None:
    found = made(
        events({"best": 7}, {"best": 5}, {"kind": "os", "best": 3, "date_start": dt.date(2012, 3, 31)}),
        "2012-01:2012-03",
    )
    assert value(found, MALI, "2012-01") == 12
    assert value(found, MALI, "2012-03", "os") == 3
    assert found.deaths.sum() == 15
    assert found.kinds == KINDS
    assert found.left_out == ()


def test_events_are_counted_as_their_deaths_are_and_cut_with_them() -> None:
    found = made(
        events({"best": 7}, {"best": 0}, {"kind": "os", "best": 3, "date_start": dt.date(2012, 3, 31)}),
        "2012-01:2012-03",
    )
    assert found.events is not None
    assert found.events[found.index(MALI)].tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 1]]
    cut = found.until(months.parse("2012-02")).only([MALI, SUDAN])
    assert cut.events is not None
    assert cut.events.shape == cut.deaths.shape == (2, 2, 3)
    assert dataclasses.replace(found, events=2 * found.events).digest != found.digest
    with pytest.raises(BadInput, match="numbers of events"):
        dataclasses.replace(found, events=found.events[:, :2])


def test_a_panel_beside_has_the_same_areas_and_months() -> None:
    found = made(events({"best": 7}), "2012-01:2012-03")
    both = dataclasses.replace(found, beside=found)
    cut = both.until(months.parse("2012-02")).only([MALI])
    assert cut.beside is not None
    assert cut.beside.deaths.shape == cut.deaths.shape
    assert both.digest != found.digest
    with pytest.raises(BadInput, match="2012-02"):
        dataclasses.replace(found, beside=found.until(months.parse("2012-02")))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("start", [10, 0, 0]), ("end", [0, 0, 10]), ("spread", [1, 9, 0])],
)
def test_month_of_an_event_that_lasts(rule: str, expected: list[int]) -> None:
    # 2 days of January, 29 of February (a leap year), 1 of March: 0.625, 9.06 and 0.31 of 10 deaths.
    lasting = events({"best": 10, "date_start": dt.date(2012, 1, 30), "date_end": dt.date(2012, 3, 1)})
    found = made(lasting, "2012-01:2012-03", month_of=rule)
    assert found.series("sb")[found.index(MALI)].tolist() == expected


@pytest.mark.parametrize(("deaths", "expected"), [(0, [1, 0, 0]), (1, [0, 1, 0]), (10, [1, 1, 0])])
def test_an_event_counts_in_each_month_that_gets_a_death_of_it_and_without_any_in_its_first(
    deaths: int, expected: list[int]
) -> None:
    lasting = {"best": deaths, "date_start": dt.date(2012, 1, 30), "date_end": dt.date(2012, 3, 1)}
    found = made(events(lasting), "2012-01:2012-03", month_of="spread")
    assert found.events is not None
    assert found.events[found.index(MALI), :, 0].tolist() == expected


@given(
    start=st.dates(dt.date(1990, 1, 1), dt.date(1992, 12, 31)),
    days=st.integers(0, 400),
    deaths=st.integers(0, 5000),
)
def test_spread_keeps_every_death(start: dt.date, days: int, deaths: int) -> None:
    lasting = events({"best": deaths, "date_start": start, "date_end": start + dt.timedelta(days)})
    found = made(lasting, "1990-01:1994-12", month_of="spread")
    assert found.deaths.sum() == deaths
    touched = np.flatnonzero(found.series("total").sum(axis=0)) + found.span.first
    assert all(months.of_date(start) <= m <= months.of_date(start + dt.timedelta(days)) for m in touched)


@given(st.integers(0, 10_000), st.lists(st.integers(1, 31), min_size=1, max_size=20))
def test_largest_remainder_is_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, np.array(weights))
    assert shares.sum() == total
    assert (np.abs(shares - total * np.array(weights) / sum(weights)) < 1).all()


def test_ucdp_code_of_serbia_is_resolved_by_month() -> None:
    found = made(
        events(
            {"country_gw": SERBIA_UCDP, "date_start": dt.date(1999, 4, 1), "best": 4},
            {"country_gw": SERBIA_UCDP, "date_start": dt.date(2010, 4, 1), "best": 2},
        ),
        "1999-01:2010-12",
    )
    assert value(found, SERBIA_UCDP, "1999-04") == 4
    assert value(found, SERBIA, "2010-04") == 2
    assert not found.covered[found.index(SERBIA_UCDP), months.parse("2010-04") - found.span.first]


def test_states_are_covered_only_while_they_exist() -> None:
    found = made(events(), "2011-05:2011-08")
    assert found.covered[found.index(SOUTH_SUDAN)].tolist() == [False, False, True, True]
    assert found.covered[found.index(SUDAN)].all()
    # East Germany ended on 2 October 1990, Czechoslovakia on the last day of 1992.
    past = made(events(), "1990-09:1993-01")
    assert past.covered[past.index(265), :2].tolist() == [True, False]
    assert past.covered[past.index(315), -2:].tolist() == [True, False]
    assert {265, 315}.isdisjoint(found.areas)
    assert SOUTH_SUDAN not in past.areas
    assert not made(events(), "2011-05:2011-08", areas=[265, 315]).covered.any()


def test_a_code_without_a_state_is_counted_and_said() -> None:
    found = made(events({"country_gw": 9999, "best": 6}, {"best": 1}), "2012-01:2012-12")
    (left,) = found.left_out
    assert (left.reason, left.events, left.deaths, left.codes) == ("no_such_state", 1, 6, (9999,))
    assert "9999" in left.text("en")
    assert "9999" in left.text("fr")
    assert found.deaths.sum() == 1


def test_what_no_release_covers_is_not_assessed_and_not_zero() -> None:
    entry = [Coverage(Span.parse("2012-01:2012-02"), countries=(MALI,))]
    found = made(
        events({"best": 2}, {"best": 3, "country_gw": SUDAN}, {"best": 4, "date_start": dt.date(2012, 4, 1)}),
        "",
        coverage=entry,
        span=Span.parse("2012-01:2012-03"),
    )
    assert found.covered[found.index(MALI)].tolist() == [True, True, False]
    assert not found.covered[found.index(SUDAN)].any()
    assert {left.reason: left.deaths for left in found.left_out} == {"outside_span": 4, "not_covered": 3}


def test_a_partial_file_covers_nothing() -> None:
    with pytest.raises(NotAssessed):
        made(events({}), "", coverage=[Coverage(Span.parse("2012-01"), partial=True)])


def test_cells_take_events_placed_finely_and_count_the_others() -> None:
    rows = events({"best": 2, "where_prec": 3}, {"best": 9, "where_prec": 4}, {"best": 1, "gid": None})
    found = made(rows, "2012-01:2012-02", level="cell")
    assert found.areas == (154062,)
    assert value(found, 154062, "2012-01") == 2
    assert {left.reason: (left.events, left.deaths) for left in found.left_out} == {
        "place_too_coarse": (2, 10)
    }


def test_cells_asked_for_are_there_without_events() -> None:
    found = made(events({"best": 2}), "2012-01:2012-02", level="cell", areas=[154062, 154063])
    assert found.areas == (154062, 154063)
    assert found.covered.all()
    elsewhere = made(events({"best": 2}), "2012-01:2012-02", level="cell", areas=[154063])
    assert {left.reason for left in elsewhere.left_out} == {"outside_areas"}


def test_cells_of_a_partly_covered_world() -> None:
    """A cell with no event may lie in any country: a file of one country says nothing about it."""
    entry = [Coverage(Span.parse("2012-01"), countries=(MALI,))]
    found = made(events({}), "", coverage=entry, level="cell", areas=[154062, 154063])
    assert found.covered[:, 0].tolist() == [True, False]


def test_admin1_carries_the_state_so_that_names_may_repeat() -> None:
    rows = events(
        {"best": 2, "adm_1": "Centre region"}, {"best": 3, "adm_1": "Centre region", "country_gw": 439}
    )
    found = made(rows, "2012-01", level="admin1")
    assert found.areas == ("432:Centre region", "439:Centre region")
    assert value(found, "439:Centre region", "2012-01") == 3


def test_a_province_without_a_name_is_counted() -> None:
    rows = events({"best": 2, "where_prec": 4}, {"best": 5, "adm_1": None}, {"best": 1, "where_prec": 5})
    found = made(rows, "2012-01", level="admin1")
    assert found.areas == ("432:Gao region",)
    assert value(found, "432:Gao region", "2012-01") == 2
    assert {left.reason: left.deaths for left in found.left_out} == {"place_too_coarse": 6}


def test_a_file_on_part_of_a_state_does_not_cover_the_state() -> None:
    """South Sudan's land was Sudan's until July 2011: a file of South Sudan says little about Sudan."""
    entry = [Coverage(Span.parse("2011-05:2011-08"), countries=(SOUTH_SUDAN,))]
    found = made(
        events({"country_gw": SUDAN, "date_start": dt.date(2011, 5, 2), "best": 4}), "", coverage=entry
    )
    assert not found.covered[found.index(SUDAN)].any()
    assert found.covered[found.index(SOUTH_SUDAN)].tolist() == [False, False, True, True]
    assert [left.reason for left in found.left_out] == ["not_covered"]


@pytest.mark.parametrize("level", ["country", "cell", "admin1"])
def test_a_release_without_events_is_all_zero_where_it_covers(level: str) -> None:
    found = made(pl.DataFrame(schema=SCHEMA), "2012-01:2012-06", level=level)
    assert found.deaths.sum() == 0
    assert found.covered.all()
    assert len(found.areas) == (
        len(areas.countries(month=months.parse("2012-01"))) if level == "country" else 0
    )


@pytest.mark.parametrize("option", [{"month_of": "middle"}, {"level": "village"}])
def test_unknown_choices_are_refused_by_name(option: dict[str, str]) -> None:
    with pytest.raises(UnknownName, match=r"middle|village"):
        made(events({}), "2012-01", **option)


def test_known_cuts_by_publication_lag() -> None:
    whole = made(events({"best": 2}), "2011-01:2012-12")
    assert whole.known(dt.date(2012, 3, 1), lag=1).span == Span.parse("2011-01:2012-01")
    assert whole.known(dt.date(2012, 2, 29), lag=1).span == Span.parse("2011-01:2011-12")
    cut = whole.known(dt.date(2012, 3, 1), lag=0)
    assert (str(cut.span), cut.basis, cut.as_of) == (
        "2011-01:2012-02",
        "reconstructed, lag 0",
        dt.date(2012, 3, 1),
    )
    assert cut.digest != whole.until(cut.span.last).digest


def test_known_refuses_what_the_panel_cannot_know() -> None:
    whole = made(events({}), "2011-01:2012-12")
    assert whole.known(AS_OF, lag=1).span == whole.span
    with pytest.raises(BadInput, match="later"):
        whole.known(dt.date(2026, 1, 2), lag=1)
    with pytest.raises(BadInput, match="−1"):
        whole.known(dt.date(2012, 1, 1), lag=-1)
    with pytest.raises(NotAssessed):
        whole.known(dt.date(2011, 2, 1), lag=1)


@pytest.mark.shared
def test_mali_by_month_of_start_equals_the_published_country_months(shared: Path) -> None:
    folder = shared / "data" / "ucdp"
    read = sources.read(folder / "ged241_westafrica8_1989_2021.parquet")
    found = build(read.events, coverage=[read.coverage], as_of=AS_OF, releases=["24.1"])
    published = (
        pl.read_parquet(folder / "ged251_country_month_1989_2021.parquet")
        .filter(pl.col("iso3") == "MLI", pl.col("year_month") <= "2015-12")
        .sort("year_month")
    )
    assert published.height == 27 * 12
    ours = found.series("total")[found.index(MALI)]
    assert ours[: published.height].tolist() == published["fatalities_best"].to_list()


@pytest.mark.shared
def test_month_of_end_reproduces_the_challenge_actuals(shared: Path) -> None:
    """VIEWS counts an event in the month in which it ends: equal in all 384 rows of eight states."""
    read = sources.read(shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet")
    options = {"coverage": [read.coverage], "as_of": AS_OF, "releases": ["24.1"]}
    by_end = build(read.events, month_of="end", **options)  # type: ignore[arg-type]
    by_start = build(read.events, month_of="start", **options)  # type: ignore[arg-type]
    official = pl.read_parquet(shared / "data/challenge/history_cm_1989_2021.parquet").filter(
        pl.col("basis") == "official",
        pl.col("gleditsch_ward").is_in(read.events["country_gw"].unique().implode()),
    )
    assert official.height == 384

    def differing(of: panel.Panel) -> int:
        rows = official.select("gleditsch_ward", "month_id", "ged_sb").rows()
        return sum(of.series("sb")[of.index(gw), month - of.span.first] != n for gw, month, n in rows)

    assert differing(by_end) == 0
    assert differing(by_start) > 0


@pytest.mark.shared
def test_panel_from_a_vault_equals_the_panel_of_its_file(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet"
    vault = Vault.open(tmp_path)
    vault.ingest(file, release="24.1", known_at=dt.date(2024, 6, 30))
    read = sources.read(file)
    direct = build(read.events, coverage=[read.coverage], as_of=AS_OF, releases=["24.1"])
    stored = panel.from_vault(vault, as_of=AS_OF)
    assert (stored.deaths == direct.deaths).all()
    assert (stored.covered == direct.covered).all()
    with pytest.raises(NotAssessed):
        panel.from_vault(vault, as_of=dt.date(2024, 6, 29))


def test_events_none_of_which_lies_in_the_areas_asked_for_are_counted() -> None:
    found = made(events({"best": 7}), "2012-01", level="cell", areas=[])
    assert found.areas == ()
    assert [(left.reason, left.deaths) for left in found.left_out] == [("outside_areas", 7)]
    with pytest.raises(BadInput, match=r"'MLI'.*areas\.country"):
        made(events({"best": 7}), "2012-01", areas=["MLI"])


def test_of_what_no_release_decides_only_the_months_asked_for_are_not_covered() -> None:
    told = [{"date_start": dt.date(2012, month, 5), "best": month} for month in (1, 2, 4)]
    rows = events(*told)
    coverage = (CoverageRow("ucdp", "x", "s", Span.parse("2012-01:2012-01"), None),)
    now = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    held = Resolved(rows[:1], coverage, ("x",), now, 0, 0, rows[1:])
    vault = cast(Vault, SimpleNamespace(resolve=lambda as_of: held))
    found = panel.from_vault(vault, as_of=AS_OF, span=Span.parse("2012-01:2012-03"))
    assert {left.reason: left.deaths for left in found.left_out} == {"not_covered": 2, "outside_span": 4}


def test_months_that_no_release_covers_in_between_are_gaps() -> None:
    spans = ("2011-03:2011-05", "2011-08:2011-08", "2012-01:2012-02")
    entries = [Coverage(Span.parse(span)) for span in spans]
    found = made(events({}), "", coverage=entries, span=Span.parse("2011-01:2012-06"))
    assert [str(span) for span in found.gaps(MALI)] == ["2011-06:2011-07", "2011-09:2011-12"]
    assert found.gaps(SERBIA) == found.gaps(MALI)
    assert found.until(months.parse("2011-05")).gaps(MALI) == ()


def test_the_newest_month_is_the_last_that_a_release_covers() -> None:
    entries = [Coverage(Span.parse(span)) for span in ("2011-03:2011-05", "2012-01:2012-02")]
    found = made(events({}), "", coverage=entries, span=Span.parse("2011-01:2012-06"))
    assert found.newest() == months.parse("2012-02")
    assert found.newest(before=months.parse("2012-01")) == months.parse("2011-05")
    assert found.newest(before=months.parse("2011-03")) is None


def test_releases_are_named_once_and_in_order() -> None:
    entry = [Coverage(Span.parse("2012-01"))]
    found = build(events({}), coverage=entry, as_of=AS_OF, releases=["f", "b", "a", "d", "c", "e", "b"])
    assert found.releases == ("a", "b", "c", "d", "e", "f")


def test_releases_are_told_by_number_and_their_parts_in_words() -> None:
    names = ("26.0.1", "26.0.10", "26.0.2", "26.1", "a release")
    assert panel.released(names, "en") == "26.0.1, 26.0.2, 26.0.10, 26.1, a release"
    parts = ("ged-21.1 (located events)", "ged-24.1 (West Africa)")
    french = "ged-21.1 (événements localisés), ged-24.1 (Afrique de l'Ouest)"
    assert panel.released(parts, "fr") == french
