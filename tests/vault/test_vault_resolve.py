from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from vault_standin import MALI, NIGER, write

from tocsin import months
from tocsin.errors import NotAssessed
from tocsin.panel import from_vault
from tocsin.sources import Release
from tocsin.vault import Vault

DAY = dt.date(2025, 7, 31)
CHAD, GUINEA_BISSAU = 483, 404
NOON = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC)


def covered(vault: Vault) -> list[tuple[str, str, tuple[int, ...] | None]]:
    return [(row.release, str(row.span), row.countries) for row in vault.resolve(as_of=DAY).coverage]


def test_candidate_decides_only_months_after_the_annual(vault: Vault, tmp_path: Path) -> None:
    annual = write(tmp_path / "a", [(1, MALI, "2023-12-05", 4)], release="24.1", span="1989-01:2023-12")
    inside = write(tmp_path / "b", [(1, MALI, "2023-12-05", 9)], release="23.0.12", span="2023-12")
    after = write(tmp_path / "c", [(2, MALI, "2024-01-05", 3)], release="24.0.1", span="2024-01")
    for path in (inside, after, annual):
        vault.ingest(path, retrieved_at=NOON)
    resolved = vault.resolve(as_of=DAY)
    assert resolved.events.select("id", "best", "release").rows() == [(2, 3, "24.0.1"), (1, 4, "24.1")]
    assert covered(vault) == [("24.1", "1989-01:2023-12", None), ("24.0.1", "2024-01:2024-01", None)]
    assert resolved.releases == ("24.0.1", "24.1")
    assert (resolved.outside, resolved.repeated) == (1, 0)


def test_newer_annual_release_comes_first(vault: Vault, tmp_path: Path) -> None:
    newer = write(tmp_path / "a", [(1, MALI, "2012-01-05", 5)], release="25.1", span="1989-01:2024-12")
    older = write(tmp_path / "b", [(1, MALI, "2012-01-05", 4)], release="24.1", span="1989-01:2023-12")
    vault.ingest(newer, retrieved_at=NOON)
    vault.ingest(older, retrieved_at=NOON + dt.timedelta(hours=1))
    assert vault.resolve(as_of=DAY).events["best"].to_list() == [5]
    assert covered(vault) == [("25.1", "1989-01:2024-12", None)]


def test_newer_extract_decides_its_countries_only(vault: Vault, tmp_path: Path) -> None:
    everywhere = [(1, MALI, 4), (2, NIGER, 1), (3, CHAD, 3), (4, GUINEA_BISSAU, 2)]
    rows = [(id, country, "2012-01-05", deaths) for id, country, deaths in everywhere]
    whole = write(tmp_path / "a", rows, release="24.1", span="1989-01:2023-12")
    extract = write(
        tmp_path / "b",
        [(1, MALI, "2012-01-05", 6), (3, CHAD, "2012-01-05", 7)],
        release="25.1",
        span="1989-01:2024-12",
        countries=[MALI, CHAD],
    )
    vault.ingest(whole, retrieved_at=NOON)
    vault.ingest(extract, retrieved_at=NOON)
    resolved = vault.resolve(as_of=DAY)
    assert sorted(resolved.events.select("id", "best").rows()) == [(1, 6), (2, 1), (3, 7), (4, 2)]
    assert covered(vault) == [("25.1", "1989-01:2024-12", (MALI, CHAD)), ("24.1", "1989-01:2023-12", None)]
    last = months.parse("2024-12")
    assert resolved.decides(NIGER, last) is None
    for country, release in ((MALI, "25.1"), (NIGER, "24.1"), (CHAD, "25.1"), (GUINEA_BISSAU, "24.1")):
        row = resolved.decides(country, months.parse("2012-01"))
        assert row is not None
        assert row.release == release


def test_a_later_shorter_file_decides_its_months_only(vault: Vault, tmp_path: Path) -> None:
    long = [(1, MALI, "2020-05-05", 4), (2, MALI, "2021-05-05", 5)]
    vault.ingest(write(tmp_path / "a", long, span="1989-01:2021-12"), retrieved_at=NOON)
    short = write(tmp_path / "b", [(1, MALI, "2020-05-05", 7)], span="1989-01:2020-12")
    vault.ingest(short, retrieved_at=NOON + dt.timedelta(hours=1))
    assert vault.resolve(as_of=DAY).events.select("id", "best").rows() == [(2, 5), (1, 7)]
    assert covered(vault) == [("24.1", "1989-01:2020-12", None), ("24.1", "2021-01:2021-12", None)]
    assert vault.events(as_of=DAY).select("id", "best").rows() == [(2, 5), (1, 7)]


def test_gap_between_releases_is_not_assessed(vault: Vault, tmp_path: Path) -> None:
    vault.ingest(write(tmp_path / "a", [(1, MALI, "2023-01-05", 4)]), retrieved_at=NOON)
    path = write(tmp_path / "b", [(2, MALI, "2024-03-05", 4)], release="24.0.3", span="2024-03")
    vault.ingest(path, retrieved_at=NOON)
    resolved = vault.resolve(as_of=DAY)
    assert resolved.decides(MALI, months.parse("2024-02")) is None
    assert resolved.decides(MALI, months.parse("2024-03")) is not None


def test_partial_release_never_decides_a_total(vault: Vault, tmp_path: Path) -> None:
    located = write(tmp_path / "a", [(1, MALI, "2012-01-05", 4)], partial=True)
    vault.ingest(located, retrieved_at=NOON)
    with pytest.raises(NotAssessed, match="no total"):
        vault.resolve(as_of=DAY)
    assert vault.events(as_of=DAY).height == 1
    assert vault.status(as_of=DAY).last_month is None


def test_id_moved_across_the_border_of_two_releases_counts_once(vault: Vault, tmp_path: Path) -> None:
    annual = write(tmp_path / "a", [(1, MALI, "2023-12-31", 4)])
    month = write(tmp_path / "b", [(1, MALI, "2024-01-01", 5)], release="24.0.1", span="2024-01")
    vault.ingest(annual, retrieved_at=NOON)
    vault.ingest(month, retrieved_at=NOON)
    resolved = vault.resolve(as_of=DAY)
    assert resolved.events.select("id", "best").rows() == [(1, 4)]
    assert resolved.repeated == 1


def test_event_outside_its_own_release_is_left_out(vault: Vault, tmp_path: Path) -> None:
    path = write(
        tmp_path / "b",
        [(1, MALI, "2023-12-31", 5), (2, MALI, "2024-01-01", 6), (3, MALI, "2024-02-01", 7)],
        release="24.0.1",
        span="2024-01",
    )
    vault.ingest(path, retrieved_at=NOON)
    resolved = vault.resolve(as_of=DAY)
    assert resolved.events["id"].to_list() == [2]
    assert resolved.outside == 2
    assert resolved.undecided.select("id", "best").rows() == [(1, 5), (3, 7)]


def test_events_of_months_that_no_release_decides_are_counted_as_left_out(
    vault: Vault, tmp_path: Path
) -> None:
    """Event 3 stands in both releases, 4 in a month that the first decides, 2 in one the second does."""
    first = [(1, MALI, "2023-12-05", 4), (3, NIGER, "2024-03-05", 7), (2, MALI, "2024-03-31", 8)]
    second = [(2, MALI, "2024-04-01", 6), (3, NIGER, "2024-03-05", 7), (4, MALI, "2023-12-31", 9)]
    vault.ingest(write(tmp_path / "a", first, release="24.1", span="1989-01:2023-12"), retrieved_at=NOON)
    vault.ingest(write(tmp_path / "b", second, release="24.0.4", span="2024-04"), retrieved_at=NOON)
    assert vault.resolve(as_of=DAY).undecided["id"].to_list() == [3]
    (left,) = from_vault(vault, as_of=DAY).left_out
    assert (left.reason, left.events, left.deaths, left.codes) == ("not_covered", 1, 7, (NIGER,))


def test_a_later_part_of_a_release_is_not_counted_twice(vault: Vault, tmp_path: Path) -> None:
    whole = [(7, MALI, "2023-01-05", 4), (8, MALI, "2023-01-05", 4), (14, NIGER, "2023-01-05", 1)]
    vault.ingest(write(tmp_path / "a", whole), retrieved_at=NOON)
    part = write(tmp_path / "b", [(7, MALI, "2023-01-05", 6)], countries=[MALI])
    vault.ingest(part, retrieved_at=NOON + dt.timedelta(hours=1))
    assert vault.events(as_of=DAY, release="24.1").select("id", "best").rows() == [(14, 1), (7, 6)]
    (release,) = vault.status(as_of=DAY).releases
    assert (release.rows, release.flagged, release.flags) == (2, 2, {"imprecise_date": 2})
    assert len(release.standing) == 2


def test_status(vault: Vault, tmp_path: Path) -> None:
    events = [(7, MALI, "2023-01-05", 4), (8, MALI, "2023-01-05", 4)]
    vault.ingest(write(tmp_path / "a", events), retrieved_at=NOON)
    vault.ingest(write(tmp_path / "b", events[:1]), retrieved_at=NOON + dt.timedelta(days=1))
    month = write(tmp_path / "c", [(9, MALI, "2024-01-05", 4)], release="24.0.1", span="2024-01")
    vault.ingest(month, retrieved_at=NOON + dt.timedelta(days=2))
    before = vault.status(as_of=dt.date(2025, 7, 1))
    assert [(r.release, r.vintages, r.rows, r.flagged) for r in before.releases] == [("24.1", 1, 2, 1)]
    assert (before.last_month, before.days_since_last_month) == (months.parse("2023-12"), 548)
    after = vault.status(as_of=DAY)
    assert [(r.release, r.vintages, r.rows, r.flags) for r in after.releases] == [
        ("24.0.1", 1, 1, {}),
        ("24.1", 2, 1, {"imprecise_date": 1}),
    ]
    assert after.days_since_last_month == (DAY - dt.date(2024, 1, 31)).days
    assert after.to_dict()["last_month"] == "2024-01"


def test_what_is_held_is_complete_and_of_every_country(vault: Vault, tmp_path: Path) -> None:
    def bring(release: str, span: str, **scope: Any) -> None:
        path = write(tmp_path / release, [(1, MALI, "2012-01-05", 4)], release=release, span=span, **scope)
        vault.ingest(path, retrieved_at=NOON)

    def held(*releases: str) -> list[str]:
        status = vault.status(as_of=DAY)
        return [release for release in releases if status.holds(Release.parse(release))]

    asked = ("24.1", "23.1", "25.1", "24.0.1", "24.0.2", "24.0.3", "24.01.24.02", "24.0.4")
    assert held(*asked) == []
    bring("24.0.3", "2024-03", countries=[MALI])
    bring("24.0.4", "2024-04", partial=True)
    bring("24.01.24.02", "2024-01:2024-02")
    bring("23.01.23.12", "2023-01:2023-12")
    assert held(*asked) == ["24.0.1", "24.0.2", "24.01.24.02"]
    bring("24.1", "1989-01:2023-12")
    assert held(*asked) == ["24.1", "23.1", "24.0.1", "24.0.2", "24.01.24.02"]


def test_events_of_a_release_asked_for_are_of_no_other(vault: Vault, tmp_path: Path) -> None:
    older = write(tmp_path / "a", [(1, MALI, "2012-01-05", 4)], release="24.1")
    newer = write(tmp_path / "b", [(1, MALI, "2012-01-05", 5)], release="25.1")
    for path in (older, newer):
        vault.ingest(path, retrieved_at=NOON)
    for release, deaths in (("24.1", [4]), ("25.1", [5]), (None, [4, 5])):
        assert vault.events(as_of=DAY, release=release)["best"].to_list() == deaths


def test_an_event_in_no_country_is_not_taken_away_by_a_later_file_on_one(
    vault: Vault, tmp_path: Path
) -> None:
    rows: list[tuple[int, int, str, int]] = [(1, MALI, "2012-01-05", 4), (2, None, "2012-01-05", 3)]  # type: ignore[list-item]
    vault.ingest(write(tmp_path / "a", rows), retrieved_at=NOON)
    part = write(tmp_path / "b", [(1, MALI, "2012-01-05", 6)], countries=[MALI])
    vault.ingest(part, retrieved_at=NOON + dt.timedelta(hours=1))
    assert sorted(vault.events(as_of=DAY)["best"].to_list()) == [3, 6]
