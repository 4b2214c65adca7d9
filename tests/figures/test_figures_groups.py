"""Who fought where, from the vault as from the figures that ship."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tocsin import figures, months, panel
from tocsin.errors import NotAssessed
from tocsin.figures import Groups
from tocsin.months import Span
from tocsin.sources.events import SCHEMA
from tocsin.vault import Vault
from tocsin.watch import current_groups
from tocsin.watch.data import vault_groups

MALI, NIGER = 432, 436
DAY = dt.date(2026, 1, 1)
YEAR = Span.parse("2019-01:2019-12")


def event(day: str, **more: object) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": "sb", "date_start": dt.date.fromisoformat(day), "country_gw": MALI, "adm_1": "Gao region",
        "side_a_id": 72, "side_a": "Government of Mali", "side_b_id": 539, "side_b": "AQIM",
        "best": 3, "deaths_a": 1, "deaths_b": 2, "deaths_civilians": 0, "deaths_unknown": 0,
        "release": "20.1",
    }  # fmt: skip
    return told | more


def groups_of(*rows: dict[str, object]) -> Groups:
    events = pl.DataFrame(
        [{name: row.get(name) for name in (*SCHEMA, "release")} for row in rows],
        schema={**SCHEMA, "release": pl.String},
    )
    entry = panel.build(events, coverage=[_Covering(YEAR)], as_of=DAY, releases=["20.1"])
    return Groups.of_events(events, entry)


class _Covering:
    countries = None

    def __init__(self, span: Span) -> None:
        self.span = span


@pytest.mark.shared
def test_the_groups_of_a_release_in_the_vault_are_those_that_ship_of_it(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault.open(tmp_path)
    file = shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet"
    vault.ingest(file, release="24.1", known_at=dt.date(2024, 6, 30))
    held, shipped = vault_groups(vault, DAY), figures.groups(as_of=DAY)
    assert held.rows.equals(shipped.rows)
    assert (held.covered, held.digest) == (shipped.covered, shipped.digest)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    # What was known the day before the release: nothing.
    assert current_groups(dt.date(2024, 6, 29), "vault") is None
    assert current_groups(dt.date(2024, 6, 29)) is None


def test_a_province_is_known_where_it_is_named_and_a_state_where_an_event_is() -> None:
    found = groups_of(event("2019-03-05"), event("2019-03-06", adm_1=None), event("2019-03-07", best=0))
    assert found.rows.select("adm_1", "events", "deaths").rows() == [(None, 1, 3), ("Gao region", 2, 3)]
    assert (found.covered, found.span) == ({MALI: frozenset(YEAR)}, YEAR)
    with pytest.raises(NotAssessed, match=str(NIGER)):
        found.active(gw=NIGER, until=YEAR.last)
    with pytest.raises(NotAssessed, match="2018-12"):
        found.active(gw=MALI, until=YEAR.last - 1)
    assert found.active(gw=MALI, until=YEAR.last).select("group", "events", "deaths").rows() == [
        ("Government of Mali", 3, 6), ("AQIM", 3, 6),
    ]  # fmt: skip


def test_active_groups_are_told_with_their_events_deaths_and_last_month() -> None:
    aqim, other = {"side_a_id": 539, "side_a": "AQIM"}, {"side_b_id": 600, "side_b": "An invented group"}
    found = groups_of(
        event("2019-03-05"), event("2019-04-06"),
        event("2019-05-06", kind="ns", adm_1="Kidal region", best=5, deaths_civilians=2, **aqim, **other),
        event("2019-07-08", kind="os", side_b_id=9999, side_b="Civilians"),
    )  # fmt: skip
    table = found.active(gw=MALI, until=YEAR.last)
    assert table.columns == ["group_id", "group", "state", "events", "deaths", "sb", "ns", "os", "last"]
    march, may, july = (months.parse(month) for month in ("2019-03", "2019-05", "2019-07"))
    # Most events first, of equals the lower number.
    assert table.rows() == [
        (72, "Government of Mali", True, 3, 9, 2, 0, 1, july),
        (539, "AQIM", False, 3, 11, 2, 1, 0, may),
        (600, "An invented group", False, 1, 5, 0, 1, 0, may),
    ]
    assert found.active(gw=MALI, until=march, months_back=3)["events"].to_list() == [1, 1]
    kidal = found.active(gw=MALI, until=YEAR.last, adm_1="Kidal region")
    assert kidal["group_id"].to_list() == [539, 600]


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("Forces of Somebody Invented", "Group named after a person (UCDP actor 99)"),
        ("supporters of an invented president", "Group named after a person (UCDP actor 99)"),
        ("Forces of the House of Representatives", "Forces of the House of Representatives"),
        ("Invented Liberation Forces", "Invented Liberation Forces"),
        ("Civilians", None),
    ],
)
def test_a_group_named_after_a_person_is_shown_by_its_number(published: str, shown: str | None) -> None:
    found = groups_of(event("2019-03-05", side_b=published, side_b_id=99))
    assert found.rows["side_b"].to_list() == [shown]
    assert found.rows["side_b_id"].to_list() == [None if shown is None else 99]


def test_what_the_vault_does_not_cover_is_told_by_what_ships_and_nothing_twice() -> None:
    own, shipped = groups_of(event("2019-03-05", side_b="An invented group")), figures.groups(as_of=DAY)
    both = own.or_else(shipped)
    at = months.parse("2019-12")
    assert both.active(gw=MALI, until=at)["group"].to_list() == ["Government of Mali", "An invented group"]
    assert both.releases([MALI], YEAR) == ("20.1",)
    assert both.active(gw=NIGER, until=at).equals(shipped.active(gw=NIGER, until=at))
    assert both.active(gw=MALI, until=at - 12).equals(shipped.active(gw=MALI, until=at - 12))
    assert both.releases([MALI], Span(at - 23, at)) == ("20.1", "24.1")
    assert both.covered == shipped.covered
    assert len({own.digest, shipped.digest, both.digest}) == 3
    turned = Groups(both.rows, dict(reversed(both.covered.items())))
    assert turned.digest == both.digest


def test_no_event_is_no_knowledge_of_groups() -> None:
    nothing = groups_of()
    assert (nothing.span, nothing.covered) == (None, {})
    assert nothing.or_else(figures.groups(as_of=DAY)).digest == figures.groups(as_of=DAY).digest
