"""Watches that were kept: listed, answered by their day, checked, and named on the page of the data."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import shutil
from functools import partial
from pathlib import Path
from threading import Thread

import polars as pl
import pytest
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin.desk import Desk
from tocsin.ledger import Ledger
from tocsin.text import LANGUAGES
from tocsin.watch import Kept, current_panel, deposit, keep, watch


@pytest.fixture(scope="module")
def earlier(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world with two watches kept of one day, one made on it, and one of another day."""
    home = tmp_path_factory.mktemp("archive") / "home"
    own, panel = world.copy(home), current_panel(DAY, "figures")
    for day, lag, made in (
        ("2021-06-20", 1, "2021-06-20"), ("2021-06-20", 3, "2026-02-01"), ("2020-03-01", 1, "2026-02-01"),
    ):  # fmt: skip
        known = panel.known(dt.date.fromisoformat(day), lag)
        read = dataclasses.replace(known, lag=None) if made == day else known
        said = watch(read, as_of=known.as_of, methods=("no-learning", "conflictology-12"))
        keep(said, home / "archive", clock=partial(dt.datetime.fromisoformat, f"{made}T09:00+00:00"))
    return own


def test_watches_that_were_kept_are_listed_in_every_form(earlier: World, reader: TestClient) -> None:
    client = earlier.client()
    told = client.get("/api/v1/archive").json()["watches"]
    assert [(one["as_of"], one["origin"], one["on_its_day"]) for one in told] == [
        ("2020-03-01", "2020-01", False),
        ("2021-06-20", "2021-04", True),
        ("2021-06-20", "2021-02", False),
    ]
    frame = pl.read_csv(io.BytesIO(client.get("/api/v1/archive?format=csv").content))
    assert frame["digest"].to_list() == [one["digest"] for one in told]
    assert reader.get("/api/v1/archive").json() | {"gone": []} == {"watches": [], "damaged": [], "gone": []}
    assert reader.get("/api/v1/archive?format=csv").text.strip() == ",".join(frame.columns)


@pytest.mark.parametrize("path", ["forecasts", "draws", "areas", "exports/views", "exports/hubverse"])
def test_the_forecasts_of_a_day_are_those_that_were_kept_of_it(earlier: World, path: str) -> None:
    client = earlier.client()
    answers = [client.get(f"/api/v1/{path}", params={"as_of": day}) for day in ("2020-03-01", "2021-06-20")]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content != answers[1].content
    assert answers[0].content == client.get(f"/api/v1/{path}", params={"as_of": "2020-03-01"}).content
    lacking = client.get(f"/api/v1/{path}", params={"as_of": "2019-01-01"}, headers={"Accept-Language": "en"})
    assert lacking.status_code == 404
    assert "2020-03-01, 2021-06-20, 2026-11-24" in lacking.json()["detail"]


def test_what_is_on_record_is_told_with_its_entry(earlier: World, tmp_path: Path) -> None:
    own = earlier.copy(tmp_path / "home")
    (held,) = (one for one in Desk(own.results, own.home).archive().watches if one.on_its_day)
    before = own.client().get("/api/v1/archive").json()["watches"]
    assert {(one["on_record"], one["entry"], one["recorded_at"]) for one in before} == {(False, None, None)}
    with Ledger.open(own.home / "ledger.sqlite") as ledger:
        (receipt,) = deposit([held], ledger, by="Duty desk")
    client = own.client()
    told = {one["digest"]: one for one in client.get("/api/v1/archive").json()["watches"]}
    assert [digest for digest, one in told.items() if one["on_record"]] == [held.digest]
    assert (told[held.digest]["entry"], told[held.digest]["recorded_at"]) == (receipt.id, receipt.recorded_at)
    frame = pl.read_csv(io.BytesIO(client.get("/api/v1/archive?format=csv").content))
    assert frame.drop_nulls("entry")["digest"].to_list() == [held.digest]
    assert frame.filter("on_record")["digest"].to_list() == [held.digest]
    (row,) = (line for line in client.get("/fr/data").text.split("<tr>") if held.digest[:16] in line)
    assert f'<a href="/fr/ledger/{receipt.id}">{receipt.recorded_at[:10]}</a>' in row
    shown = client.get(f"/en/ledger/{receipt.id}").text
    assert "forecast" in shown
    assert held.digest in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_watch_on_record_that_is_gone_from_the_archive_is_told(
    earlier: World, tmp_path: Path, lang: str
) -> None:
    own = earlier.copy(tmp_path / "home")
    (held,) = (one for one in Desk(own.results, own.home).archive().watches if one.on_its_day)
    before = own.client().get("/api/v1/archive").json()["gone"]
    with Ledger.open(own.home / "ledger.sqlite") as ledger:
        (receipt,) = deposit([held], ledger, by="Duty desk")
    client, link = own.client(), f'<a href="/{lang}/ledger/{receipt.id}">{receipt.id}</a>'
    assert client.get("/api/v1/archive").json()["gone"] == before
    assert link not in client.get(f"/{lang}/data").text
    shutil.rmtree(held.folder)
    assert client.get("/api/v1/archive").json()["gone"] == [*before, receipt.id]
    assert link in client.get(f"/{lang}/data").text
    shutil.rmtree(own.home / "archive")
    (own.home / "archive").write_text("no folder", encoding="utf-8")
    # What is wrong with it is said, and not that all of it was removed.
    page = client.get(f"/{lang}/data")
    assert (page.status_code, link in page.text) == (200, False)


def test_where_the_ledger_cannot_be_asked_nothing_is_told_as_off_the_record(
    earlier: World, tmp_path: Path
) -> None:
    own = earlier.copy(tmp_path / "home")
    (own.home / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    told = own.client().get("/api/v1/archive")
    assert told.status_code == 200
    assert [(one["on_record"], one["entry"]) for one in told.json()["watches"]] == [(None, None)] * 3
    assert told.json()["gone"] is None
    frame = pl.read_csv(io.BytesIO(own.client().get("/api/v1/archive?format=csv").content))
    assert frame["on_record"].to_list() == [None] * 3
    assert "n&#39;a pu être interrogé" in own.client().get("/fr/data").text
    page = own.client().get("/en/data")
    assert (page.status_code, "the ledger could not be asked" in page.text) == (200, True)
    rows = [
        line
        for one in Desk(own.results, own.home).archive().watches
        for line in page.text.split("<tr>")
        if f"{one.digest[:16]}</td>" in line
    ]
    assert len(rows) == 3
    assert all('<td class="nowrap">?</td>' in line for line in rows)


def test_of_several_watches_of_a_day_the_one_made_on_it_is_answered(earlier: World) -> None:
    told = earlier.client().get("/api/v1/forecasts?as_of=2021-06-20&area=MLI").json()
    assert (told["as_of"], told["origin"], told["stale"]) == ("2021-06-20", "2021-04", True)
    held = Desk(earlier.results, earlier.home).archive().watches[1]
    assert told["digest"] == held.digest
    by_hand = pl.read_parquet(held.folder / "draws.parquet").filter(
        (pl.col("gw") == 432) & (pl.col("method") == "no-learning")
    )
    assert told["rows"][0]["mean"] == pytest.approx(
        by_hand.filter(pl.col("month_id") == by_hand["month_id"].min())["outcome"].mean()
    )


def test_warnings_of_an_earlier_day_are_not_answered_with_those_of_today(earlier: World) -> None:
    assert earlier.client().get("/api/v1/warnings?as_of=2021-06-20").status_code == 404


def test_the_data_page_leads_from_a_watch_to_its_own_forecasts_alone(earlier: World) -> None:
    page = earlier.client().get("/en/data").text
    for one in Desk(earlier.results, earlier.home).archive().watches:
        (row,) = (line for line in page.split("<tr>") if one.digest[:16] in line)
        answered = earlier.client().get(f"/api/v1/forecasts?as_of={one.as_of}").json()["digest"]
        assert (f"as_of={one.as_of}" in row) is (answered == one.digest)


def test_a_kept_watch_that_was_changed_is_refused(earlier: World, tmp_path: Path) -> None:
    own = earlier.copy(tmp_path / "home")
    client = own.client()
    assert client.get("/api/v1/draws?as_of=2020-03-01").status_code == 200
    (one, *_) = Desk(own.results, own.home).archive().watches
    file = one.folder / "forecasts.parquet"
    pl.read_parquet(file).with_columns(pl.col("mean") + 1).write_parquet(file)
    refused = client.get("/api/v1/draws?as_of=2020-03-01", headers={"Accept-Language": "en"})
    assert refused.status_code == 503
    assert "changed since" in refused.json()["detail"]
    file.with_name("draws.parquet").unlink()
    refused = client.get("/api/v1/draws?as_of=2020-03-01", headers={"Accept-Language": "en"})
    assert refused.status_code == 503
    assert f"The watch kept in {one.folder} cannot be read" in refused.json()["detail"]


def test_one_kept_watch_that_cannot_be_read_takes_no_other_day_away(earlier: World, tmp_path: Path) -> None:
    own = earlier.copy(tmp_path / "home")
    client = own.client()
    first, second, third = Desk(own.results, own.home).archive().watches
    (own.home / "archive" / "notes").mkdir()
    (third.folder / "summary.json").unlink()
    told = client.get("/api/v1/archive").json()
    assert [one["digest"] for one in told["watches"]] == [first.digest, second.digest]
    assert told["damaged"] == [third.folder.name]
    assert client.get("/api/v1/draws?as_of=2020-03-01&area=MLI").status_code == 200
    refused = client.get("/api/v1/draws?as_of=2021-06-20", headers={"Accept-Language": "en"})
    assert refused.status_code == 503
    assert f"{third.folder.name} cannot be read" in refused.json()["detail"]
    page = client.get("/en/data").text
    assert [one.digest[:16] in page for one in (first, second)] == [True, True]
    assert f"{third.folder.name} cannot be read" in page
    assert ["as_of=2020-03-01" in page, "as_of=2021-06-20" in page] == [True, False]


def test_who_asks_for_today_does_not_wait_while_a_past_day_is_checked(
    earlier: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, checked, seen = Desk(earlier.results, earlier.home), Kept.forecasts, []

    def slowly(one: Kept) -> object:
        asked = Thread(target=lambda: seen.append(desk.current()), daemon=True)
        asked.start()
        asked.join(30)
        assert seen, "waits"
        return checked(one)

    monkeypatch.setattr(Kept, "forecasts", slowly)
    assert desk.of_day("2020-03-01").as_of == dt.date(2020, 3, 1)
    assert desk.of_day("2020-03-01") is desk.of_day("2020-03-01")
    assert len(seen) == 1


def test_the_data_page_names_what_was_said_before_or_what_is_wrong_with_it(own: World) -> None:
    client = own.client()
    assert "Nothing was kept yet" in client.get("/en/data").text
    folder = own.home / "archive" / f"2026-11-24-{Desk(own.results, own.home).current().digest[:16]}"
    shutil.copytree(own.results, folder)
    (folder / "kept.json").write_text('{"kept_at": "2026-11-25T00:00:00+00:00"}', encoding="utf-8")
    page = client.get("/fr/data").text
    assert 'href="/api/v1/forecasts?as_of=2026-11-24&amp;format=csv"' in page
    assert re.search(r">2026-11-25</td>.*>2021-12</td><td>no-learning</td>", page)
    (folder / "kept.json").write_text("{}", encoding="utf-8")
    spoilt = client.get("/fr/data")
    assert spoilt.status_code == 200
    assert "illisible" in spoilt.text
