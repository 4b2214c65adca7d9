"""No row known later than `as_of` ever comes back, whatever was ingested in whatever order."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
import vault_standin
from hypothesis import given, settings
from hypothesis import strategies as st
from vault_standin import MALI, NIGER

from tocsin import digest, months, sources
from tocsin.errors import BadInput, NotAssessed
from tocsin.months import Span
from tocsin.vault import Vault, Vintage
from tocsin.vault.resolve import coverage, decide
from tocsin.vault.vintage import standing

START = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)

moments = st.integers(0, 300).map(lambda hours: START + dt.timedelta(hours=hours))
scopes = st.sampled_from([None, [MALI], [NIGER], [MALI, NIGER]])
releases = st.sampled_from(["23.1", "24.1", "24.0.1", "24.0.2", "24.01.24.03"])
files = st.fixed_dictionaries(
    {
        "release": releases,
        "countries": scopes,
        "partial": st.booleans(),
        "events": st.lists(
            st.tuples(
                st.integers(1, 12),
                st.sampled_from([MALI, NIGER]),
                st.sampled_from(["2022-12-30", "2023-06-01", "2024-01-15", "2024-02-10"]),
                st.integers(0, 500),
            ),
            unique_by=lambda row: row[0],
            max_size=6,
        ),
    }
)
ingests = st.lists(st.tuples(files, moments, st.none() | moments), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Vault.open(tmp_path_factory.mktemp("vault") / "home").home


@pytest.fixture(autouse=True, scope="module")
def _invented() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "read", vault_standin.read)
        yield


@settings(max_examples=20)
@given(sequence=ingests, asked=st.lists(moments, min_size=1, max_size=2))
def test_no_row_known_later_comes_back(
    empty_home: Path,
    sequence: list[tuple[dict[str, object], dt.datetime, dt.datetime | None]],
    asked: list[dt.datetime],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(empty_home, home)
        vault = Vault.open(home)
        known: dict[str, dt.datetime] = {}
        for number, (content, retrieved, stated) in enumerate(sequence):
            span = str(sources.Release.parse(str(content["release"])).span)
            path = vault_standin.write(Path(folder) / f"{number}.json", span=span, **content)  # type: ignore[arg-type]
            held = digest.of_file(path) in known
            stated = None if stated is None or held else min(stated, retrieved)
            try:
                receipt = vault.ingest(path, retrieved_at=retrieved, known_at=stated)
            except BadInput:
                # Bytes held already, over which another vintage stands.
                assert held
                continue
            assert (receipt.status == "held") == held
            expected = known.setdefault(receipt.sha256, stated or retrieved)
            assert receipt.known_at == expected
        for as_of in [*asked, *known.values()]:
            visible = {sha256 for sha256, moment in known.items() if moment <= as_of}
            assert {v.sha256 for v in vault.vintages(as_of=as_of)} == visible
            try:
                events = vault.events(as_of=as_of)
            except NotAssessed:
                assert not visible
                continue
            assert set(events["sha256"]) <= visible
            assert events.filter(pl.col("known_at") > as_of).is_empty()
            try:
                resolved = vault.resolve(as_of=as_of)
            except NotAssessed:
                # Partial releases, which decide no total, or none but those that others stand over.
                assert all(v.partial for v in standing(vault.vintages(as_of=as_of)))
                continue
            assert {row.sha256 for row in resolved.coverage} <= visible
            assert resolved.events.filter(pl.col("known_at") > as_of).is_empty()
            assert not resolved.events["id"].is_duplicated().any()
            for event in resolved.events.iter_rows(named=True):
                row = resolved.decides(event["country_gw"], months.of_date(event["date_start"]))
                assert row is not None
                assert row.sha256 == event["sha256"]


parts = st.fixed_dictionaries(
    {
        "release": st.sampled_from(["23.1", "24.1"]),
        "countries": scopes,
        "partial": st.booleans(),
        "span": st.sampled_from(["1989-01:2023-12", "1989-01:2022-12", "2023-01:2023-12", "2023-06"]),
    }
)


@settings(max_examples=12)
@given(contents=st.lists(parts, min_size=2, max_size=4))
def test_each_row_gives_way_to_later_files_alike_in_python_and_in_sql(
    empty_home: Path, contents: list[dict[str, object]]
) -> None:
    """Every file has a row of each country and month, some of them outside what it covers."""
    cells = [(c, day) for c in (MALI, NIGER) for day in ("2022-12-30", "2023-06-01", "2023-12-31")]
    events = [(number, *cell, 1) for number, cell in enumerate(cells)]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(folder) / "home"
        shutil.copytree(empty_home, home)
        vault = Vault.open(home)
        for number, content in enumerate(contents):
            rows = [(number * 100 + i, *rest) for i, *rest in events]
            path = vault_standin.write(Path(folder) / f"{number}.json", rows, **content)  # type: ignore[arg-type]
            vault.ingest(path, retrieved_at=START + dt.timedelta(hours=number))
        held = vault.vintages(as_of=START + dt.timedelta(days=1))
        expected = {
            number * 100 + i
            for number, old in enumerate(held)
            for i, country, day, _ in events
            if not any(
                new.release == old.release
                and (old.partial or not new.partial)
                and (
                    _covers(new, country, months.of_date(dt.date.fromisoformat(day)))
                    or all(_covers(new, c, m) for m in old.span for c in old.countries or (MALI, NIGER, 0))
                )
                for new in held[number + 1 :]
            )
        }
        patch.chdir(home)
        with duckdb.connect("vault.duckdb", read_only=True) as shell:
            latest = {i for (i,) in shell.execute("SELECT id FROM latest").fetchall()}
        assert latest == expected
        assert set(vault.events(as_of=START + dt.timedelta(days=1))["id"]) == expected
        releases = vault.status(as_of=START + dt.timedelta(days=1)).releases
        assert sum(release.rows for release in releases) == len(expected)


def _covers(vintage: Vintage, country: int, month: int) -> bool:
    return month in vintage.span and (vintage.countries is None or country in vintage.countries)


def make(number: int, release: str, countries: tuple[int, ...] | None, span: Span, hour: int) -> Vintage:
    moment = START + dt.timedelta(hours=hour)
    return Vintage(
        sha256=f"{number:064x}", publisher="ucdp", release=release, name="", format="ged-csv", bytes=0,
        retrieved_at=moment, known_at=moment, basis="retrieved", span=span, countries=countries,
        partial=False, rows=0, flagged=0, refused=0, shared_ids=(), report="{}", events_sha256="", tocsin="",
    )  # fmt: skip


spans = st.tuples(st.integers(1, 12), st.integers(0, 6)).map(lambda t: Span(t[0], t[0] + t[1]))
codes = st.none() | st.sets(st.integers(1, 4), min_size=1).map(lambda s: tuple(sorted(s)))
plans = st.lists(st.tuples(releases, codes, spans, st.integers(0, 9)), min_size=1, max_size=6)


@settings(max_examples=200)
@given(plan=plans)
def test_coverage_is_what_a_search_of_every_cell_finds(
    plan: list[tuple[str, tuple[int, ...] | None, Span, int]],
) -> None:
    vintages = [make(number, *rest) for number, rest in enumerate(plan)]
    rows = coverage(decide(vintages))
    named = {c for row in rows for c in row.countries or ()}
    for country in range(1, 6):
        for month in range(1, 20):
            covering = [
                v for v in vintages if month in v.span and (v.countries is None or country in v.countries)
            ]
            found = [
                row.sha256
                for row in rows
                if month in row.span and (country in row.countries if row.countries else country not in named)
            ]
            assert found == ([max(covering, key=lambda v: v.rank).sha256] if covering else [])


@settings(max_examples=200)
@given(plan=plans)
def test_standing_vintages_do_not_depend_on_order(
    plan: list[tuple[str, tuple[int, ...] | None, Span, int]],
) -> None:
    vintages = [make(number, *rest) for number, rest in enumerate(plan)]
    alive = standing(vintages)
    assert alive == standing(reversed(vintages))
    latest = {v.release: v for v in sorted(vintages, key=lambda v: v.order)}
    assert set(latest.values()) <= set(alive)
    for gone in set(vintages) - set(alive):
        assert any(v.release == gone.release and v.order > gone.order for v in alive)
