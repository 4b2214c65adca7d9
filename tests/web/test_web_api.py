"""The programs' door: forms, refusals, cursors, feeds, and the document that describes it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import shutil
import socket
import sqlite3
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient
from web_world import NASTY, PAST, World, retell

from tocsin import areas
from tocsin.desk import Desk
from tocsin.errors import Busy, Damaged, NotAssessed, NotReachable, TocsinError
from tocsin.warn import Store
from tocsin.watch import failure_noted
from tocsin.web.api import document
from tocsin.web.pages.errors import status_of

DOCUMENT = Path(__file__).parents[2] / "docs/api/openapi.json"


@pytest.mark.parametrize(
    "path", ["forecasts", "draws", "exports/views", "exports/hubverse", "warnings", "decide/MLI", "areas"]
)
def test_old_data_are_refused_with_a_reason_unless_the_past_is_asked_for(
    reader: TestClient, path: str
) -> None:
    refused = reader.get(f"/api/v1/{path}", headers={"Accept-Language": "fr"})
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["reason"] == "api.stale_data"
    assert "trop vieux" in refused.json()["detail"]
    assert reader.get(f"/api/v1/{path}", params=PAST).status_code == 200
    assert reader.get(f"/api/v1/{path}", params={"as_of": "2012-01-01"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "reason", "named"),
    [
        ("forecasts?aera=MLI", "api.no_parameter", "not a parameter of this path. Choose among: area"),
        ("forecasts?area=MLI&area=NER", "api.parameter_twice", "The parameter area is given twice"),
        ("ledger?kind=warning", "api.no_parameter", "type"),
        ("ledger/checkpoint?size=3", "api.no_parameters", '"size"'),
    ],
)
def test_a_parameter_that_would_be_passed_over_is_refused(
    reader: TestClient, asked: str, reason: str, named: str
) -> None:
    refused = reader.get(f"/api/v1/{asked}", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["reason"]) == (400, reason)
    assert named in refused.json()["detail"]


def test_young_data_are_answered_and_health_is_green_only_then(world: World, reader: TestClient) -> None:
    assert reader.get("/healthz").status_code == 503
    assert reader.get("/healthz").json()["reason"] == "api.stale_data"
    young = world.client(today=lambda: dt.date(2022, 1, 20))
    assert young.get("/healthz").json()["status"] == "green"
    told = young.get("/api/v1/forecasts").json()
    assert told["stale"] is False
    assert reader.get("/api/v1/forecasts", params=PAST).json()["stale"] is True


def test_health_is_red_after_a_run_that_failed_until_one_succeeds(world: World, tmp_path: Path) -> None:
    results = tmp_path / "results"
    shutil.copytree(world.results, results)
    young = world.client(results=results, today=lambda: dt.date(2022, 1, 20))
    with pytest.raises(NotAssessed), failure_noted(results):
        raise NotAssessed("watch.no_month")
    told = young.get("/healthz")
    assert (told.status_code, told.json()["reason"]) == (503, "api.run_failed")
    assert told.json()["failed"] == "watch.no_month"
    assert young.get("/api/v1/forecasts").status_code == 200
    with failure_noted(results):
        pass
    assert young.get("/healthz").json()["status"] == "green"


def test_invented_data_are_never_answered(world: World, results: Path) -> None:
    retell(results, test=True)
    client = world.client(results=results, today=lambda: dt.date(2022, 1, 20))
    for path in ("forecasts", "scores", "warnings", "areas"):
        for params in ({},) if path == "scores" else ({}, PAST):
            answer = client.get(f"/api/v1/{path}", params=params)
            assert (answer.status_code, answer.json()["reason"]) == (503, "api.test_data")
    assert client.get("/healthz").status_code == 503


def test_without_results_the_command_is_named(world: World, tmp_path: Path) -> None:
    answer = world.client(results=tmp_path / "none").get("/api/v1/forecasts")
    assert answer.status_code == 503
    assert "tocsin watch" in answer.json()["detail"]


def test_every_answer_is_one_that_the_document_describes(world: World, reader: TestClient) -> None:
    described = reader.get("/api/v1/openapi.json").json()["paths"]
    ids = {"id": "mali-2012-dismissal", "area": "MLI", "lang": "fr"}
    warned = {"/feeds/cap/{id}": world.issued, "/api/v1/warnings/{id}": world.issued}
    for path, operations in described.items():
        assert "422" not in {status for one in operations.values() for status in one["responses"]}
        if "get" not in operations:
            continue
        asked = path.format(**(ids | ({"id": warned[path]} if path in warned else {})))
        needed = {"size": 1} if path.endswith("/consistency") else {}
        dated = "as_of" in {one["name"] for one in operations["get"].get("parameters", ())}
        for given in (PAST if dated else {}, {}):
            answer = reader.get(asked, params=given | needed)
            told = operations["get"]["responses"][str(answer.status_code)]["content"]
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in told, (asked, answer.status_code)
            if kind.endswith("json"):
                jsonschema.Draft202012Validator(told[kind]["schema"]).validate(answer.json())
            if (given or not dated) and path != "/healthz":
                assert answer.status_code == 200, asked
        if kind == "application/json" and path.startswith("/api/"):
            assert told[kind]["schema"]["required"], path
    refused = reader.get("/feeds/atom/de", params=PAST)
    assert refused.status_code == 400
    assert "400" in described["/feeds/atom/{lang}"]["get"]["responses"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/api/v1/areas", "HEAD, GET"),
        ("DELETE", "/api/v1/ledger", "HEAD, GET, POST"),
        ("OPTIONS", "/en/situation", "HEAD, GET"),
    ],
)
def test_a_method_that_is_not_taken_is_told_which_are(
    reader: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = reader.request(method, path, headers={"Content-Length": "0"})
    assert (answer.status_code, answer.headers.get("allow")) == (405, allowed)


def test_a_database_that_is_away_is_a_passing_trouble(
    reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("TOCSIN_LEDGER_URL", f"postgresql://127.0.0.1:{port}/ledger")
    answer = reader.get("/api/v1/ledger")
    assert (answer.status_code, answer.json()["reason"]) == (503, "ledger.no_server")
    assert reader.get("/en/ledger").status_code == 503


@pytest.mark.parametrize("reason", ["ledger.other_layout", "ledger.no_ledger"])
def test_a_ledger_that_cannot_be_used_is_no_fault_of_who_asks(
    own: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    file = own.home / "ledger.sqlite"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as held:
        held.execute("DROP TRIGGER meta_no_update")
        held.execute("UPDATE meta SET value = '99' WHERE name = 'layout'")
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    if reason == "ledger.no_ledger":
        monkeypatch.setenv("TOCSIN_LEDGER_URL", str(tmp_path / "mistyped.sqlite"))
    answer = own.client().get("/api/v1/ledger")
    assert (answer.status_code, answer.json()["reason"]) == (503, reason)
    assert own.client().get("/fr/ledger").status_code == 503


@pytest.mark.parametrize("trouble", [Busy("guard.busy"), Damaged("guard.damaged"), NotReachable("watch.x")])
def test_what_is_in_the_way_for_a_while_is_no_fault_of_the_server(trouble: TocsinError) -> None:
    assert status_of(trouble) == 503


def test_every_form_holds_the_same_figures(world: World, reader: TestClient) -> None:
    made = Desk(world.results, world.home).current().made
    rows = reader.get("/api/v1/forecasts", params={**PAST, "area": "MLI"}).json()["rows"]
    assert [row["median"] for row in rows] == np.median(made.path(432), axis=1).tolist()
    parquet = reader.get(
        "/api/v1/forecasts", params=PAST, headers={"Accept": "application/vnd.apache.parquet"}
    )
    frame = pl.read_parquet(io.BytesIO(parquet.content)).filter(pl.col("iso3") == "MLI")
    assert frame["median"].to_list() == [row["median"] for row in rows]
    csv = pl.read_csv(reader.get("/api/v1/forecasts", params={**PAST, "format": "csv"}).content)
    assert csv.height == pl.read_parquet(io.BytesIO(parquet.content)).height
    points = reader.get("/api/v1/forecasts", params={**PAST, "format": "geojson"}).json()
    mali = next(f for f in points["features"] if f["id"] == "MLI")
    assert mali["properties"]["probability"] == made.probability(25)[made.index(432)]
    draws = reader.get("/api/v1/draws", params={**PAST, "area": "MLI"}).json()["draws"]
    assert np.array_equal(np.array(draws), made.path(432))


def test_exports_are_in_the_forms_of_the_field(world: World, reader: TestClient) -> None:
    made = Desk(world.results, world.home).current().made
    views = pl.read_parquet(io.BytesIO(reader.get("/api/v1/exports/views", params=PAST).content))
    assert views.columns == ["month_id", "country_id", "draw", "outcome"]
    mali = views.filter(pl.col("country_id") == 50).sort("month_id", "draw")
    assert mali["outcome"].to_list() == made.path(432).ravel().tolist()
    assessed = [int(gw) for gw, known in zip(made.areas, made.assessed, strict=True) if known]
    ids = {areas.country(gw, month=made.origin).views_id(made.origin) for gw in assessed}
    assert set(views["country_id"]) == ids - {None}
    assert {124, 131, 163, 209, 233, 242} <= ids  # Those of six states that had another one before.
    hub = pl.read_csv(reader.get("/api/v1/exports/hubverse", params=PAST).content)
    one = hub.filter((pl.col("location") == "MLI") & (pl.col("horizon") == 1)).sort("output_type_id")
    levels = one["output_type_id"].to_list()
    assert one["value"].to_list() == pytest.approx(np.quantile(made.path(432)[0], levels).tolist())


def test_what_is_held_already_is_not_sent_again(reader: TestClient) -> None:
    first = reader.get("/api/v1/areas", params=PAST)
    again = reader.get("/api/v1/areas", params=PAST, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = reader.get("/api/v1/areas", params=PAST, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_cursors_go_through_a_list_once(reader: TestClient) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = reader.get("/api/v1/ledger", params={"limit": 7, "cursor": cursor}).json()
        seen += [row["entry"]["id"] for row in page["entries"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["found"]


def test_warnings_go_on_page_by_page_and_come_as_a_table(world: World, reader: TestClient) -> None:
    first = reader.get("/api/v1/warnings", params={**PAST, "limit": 1}).json()
    assert (first["found"], len(first["warnings"])) == (2, 1)
    last = reader.get("/api/v1/warnings", params={**PAST, "limit": 1, "cursor": first["next"]}).json()
    assert last["next"] is None
    ids = {row["id"] for row in (*first["warnings"], *last["warnings"])}
    assert ids == {world.issued, world.draft}
    answer = reader.get("/api/v1/warnings", params={**PAST, "format": "parquet"})
    frame = pl.read_parquet(io.BytesIO(answer.content))
    assert set(frame["message"]) == ids
    assert frame["probability"].dtype == pl.Float64


def test_a_cursor_of_warnings_that_stand_otherwise_by_now_is_refused(own: World) -> None:
    client, asked = own.client(), {**PAST, "group": "open", "limit": 1}
    first = client.get("/api/v1/warnings", params=asked).json()
    with Store.open(own.home) as store:
        store.decide(own.draft, "declined", by="Duty desk", at="2021-01-15T10:00:00+00:00")
    answer = client.get("/api/v1/warnings", params={**asked, "cursor": first["next"]})
    assert (answer.status_code, answer.json()["reason"]) == (400, "api.bad_cursor")


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "AAAA", "é", "bGVkZ2VyOi0x", "b3RoZXI6Nw", "9" * 500, "of another"]
)
def test_a_malformed_cursor_or_one_of_another_list_is_refused(reader: TestClient, cursor: str) -> None:
    if cursor == "of another":
        cursor = reader.get("/api/v1/ledger", params={"text": "e", "limit": 1}).json()["next"]
    answer = reader.get("/api/v1/ledger", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["reason"]) == (400, "api.bad_cursor")


@pytest.mark.parametrize(
    ("method", "status", "reason"),
    [("conflictology-12", 400, "api.points_of"), ("none", 404, "api.no_method"), ("no-learning", 200, None)],
)
def test_points_are_of_the_method_that_ranks_and_never_told_as_those_of_another(
    reader: TestClient, method: str, status: int, reason: str | None
) -> None:
    answer = reader.get("/api/v1/forecasts", params={**PAST, "format": "geojson", "method": method})
    assert (answer.status_code, answer.json().get("reason")) == (status, reason)


def test_forms_that_are_not_offered_are_refused(reader: TestClient) -> None:
    assert reader.get("/api/v1/forecasts", params={**PAST, "format": "xlsx"}).status_code == 400
    answer = reader.get("/api/v1/forecasts", params=PAST, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert reader.get("/api/v1/forecasts", params={**PAST, "limit": 0}).status_code == 400
    assert reader.get("/api/v1/decide/MLI", params={**PAST, "moments": "soon"}).status_code == 400
    assert reader.get("/api/v1/ledger/elsewhere").status_code == 404
    assert reader.delete("/api/v1/ledger").status_code in (405, 411)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"), ("text/csv;q=0, */*", "application/json"),
        ("text/*, application/json;q=0.5", "text/csv"), ("*/*;q=0.1, text/csv;q=0", "application/json"),
        ("", "application/json"), ("text/html, application/json;q=nan, */*;q=0.1", "application/json"),
    ],
)  # fmt: skip
def test_what_names_a_form_most_closely_says_how_much_it_is_wanted(
    reader: TestClient, accept: str, kind: str
) -> None:
    answer = reader.get("/api/v1/ledger", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("path", ["ledger", "scores", "areas", "decide/MLI", "warnings"])
def test_a_table_says_in_csv_what_it_says_in_parquet_and_a_picture_is_not_to_be_had(
    reader: TestClient, path: str
) -> None:
    kinds = ("text/csv", "application/vnd.apache.parquet", "image/png")
    params = {} if path in ("ledger", "scores") else PAST
    csv, parquet, none = (
        reader.get(f"/api/v1/{path}", params=params, headers={"Accept": kind}) for kind in kinds
    )
    frame = pl.read_parquet(io.BytesIO(parquet.content))
    rows = csv.text.splitlines()
    assert frame.height > 0
    assert rows[0].split(",") == frame.columns
    assert len({answer.headers["etag"] for answer in (csv, parquet)}) == 2
    assert (none.status_code, none.json()["reason"]) == (406, "api.not_offered")


def test_the_tables_of_the_ledger_and_the_scores_hold_what_json_holds(reader: TestClient) -> None:
    def table(path: str) -> pl.DataFrame:
        answer = reader.get(f"/api/v1/{path}", headers={"Accept": "application/vnd.apache.parquet"})
        return pl.read_parquet(io.BytesIO(answer.content))

    told = reader.get("/api/v1/ledger", params={"limit": 500}).json()["entries"]
    entries = table("ledger")
    assert [json.loads(text) for text in entries["entry"]] == [row["entry"] for row in told]
    assert entries["exercise"].to_list() == [row["exercise"] for row in told]
    assert entries["corrected"].sum() == 1
    held = reader.get("/api/v1/scores").json()
    first = held["skill"]["compared"][0]
    rows = table("scores").filter(target=first["target"], scheme=first["scheme"])
    africa = rows.filter((pl.col("name") == "Africa") & (pl.col("measure") == "crps_ratio"))
    assert africa["value"].to_list() == [first["groups"]["region"]["Africa"]["value"]]
    whole = rows.filter((pl.col("group") == "all") & (pl.col("measure") == "crps"))
    assert whole.select("value", "reference").row(0) == tuple(first["scores"]["crps"])
    assert table("scores?of=rules")["rule"].to_list() == [record["rule"] for record in held["records"]]


def test_the_scores_state_the_years_of_what_they_hold(reader: TestClient) -> None:
    held = reader.get("/api/v1/scores").json()
    first, last = map(int, held["period"].split("-"))
    windows = [str(year) for year in range(*map(int, held["windows"].split("-")))]
    for one in held["skill"]["compared"]:
        years = [int(year) for name in one["groups"]["period"] for year in name.split("–")]
        assert (min(years), max(years)) == (first, last)
        assert [str(row["year"]) for row in one["by_window"]] == [*windows, held["windows"][-4:]]
    assert all(record["first"] < record["until"] for record in held["records"])


def test_a_refusal_is_in_one_language_throughout(reader: TestClient) -> None:
    told = reader.get("/api/v1/ledger", params={"area": "Nowhere"}, headers={"Accept-Language": "fr"}).json()
    assert "n'est pas un pays" in told["detail"]
    assert "not a country" not in told["detail"]
    told = reader.get("/api/v1/scores", params={"of": "x"}, headers={"Accept-Language": "fr"}).json()
    assert told["reason"] == "web.bad_fields"
    assert "of (method, rules)" in told["detail"]


def test_head_tells_what_get_would(reader: TestClient) -> None:
    asked, read = (reader.request(method, "/api/v1/ledger") for method in ("HEAD", "GET"))
    assert (asked.status_code, asked.headers["etag"]) == (200, read.headers["etag"])


def test_the_links_of_a_served_feed_lead_to_its_alerts(world: World, reader: TestClient) -> None:
    for lang in ("en", "fr"):
        feed = f"/feeds/atom/{lang}"
        root = ET.fromstring(reader.get(feed, params=PAST).content)
        (link,) = [one.attrib["href"] for one in root.iter("{http://www.w3.org/2005/Atom}link")]
        alert = reader.get(urljoin(feed, link), params=PAST)
        assert (alert.status_code, world.issued in alert.text) == (200, True)


@pytest.mark.parametrize("path", ["cap", "atom/en", "atom/fr", "warnings.json", "warnings.csv"])
def test_feeds_carry_what_was_issued_and_refuse_old_data(world: World, reader: TestClient, path: str) -> None:
    full = f"/feeds/{path}" + (f"/{world.issued}.xml" if path == "cap" else "")
    assert reader.get(full).status_code == 503
    answer = reader.get(full, params=PAST)
    assert answer.status_code == 200
    assert world.issued in answer.text
    assert world.draft not in answer.text


def test_text_of_the_ledger_stays_text(reader: TestClient) -> None:
    for place, text in enumerate(NASTY):
        answer = reader.get(f"/api/v1/ledger/nasty-{place}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["entry"]["text"] == text


def test_the_document_is_up_to_date() -> None:
    held = DOCUMENT.read_text(encoding="utf-8")
    assert json.loads(held)["openapi"].startswith("3.1")
    assert held == document.text(), "run: python -m tocsin.web.api.document docs/api/openapi.json"
