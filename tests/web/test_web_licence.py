"""Every answer derived from a publisher's data says whose they are, and no other does."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from lxml import etree
from starlette.testclient import TestClient
from web_world import PAST, World, warned

from tocsin.figures.licence import LICENCE, URL

FORMS = ("json", "csv", "parquet", "geojson")
USERS = ("/api/v1/archive", "/api/v1/ledger", "/healthz")
"""Where paths begin that answer what users wrote, or hold no data."""


@pytest.fixture(scope="module")
def told(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, str]:
    """Return a reader of a world with a warning raised from a release of UCDP, and its id."""
    home = tmp_path_factory.mktemp("told")
    issued, _ = warned(home, "25.1")
    return world.client(home=home), issued


def _held(kind: str, content: bytes) -> list[str | None]:
    """Return the licences that an answer names; none for a form that has no place for it."""
    if kind in ("application/json", "application/geo+json"):
        held: Any = json.loads(content)
        parts = held if isinstance(held, list) else [held.get("tocsin", held)]
        return [part["attribution"]["licence"] for part in parts]
    if kind == "application/vnd.apache.parquet":
        return [pq.read_metadata(io.BytesIO(content)).metadata[b"licence"].decode()]
    if kind == "text/csv":
        return []
    texts = etree.fromstring(content).xpath("//*[local-name()='rights' or local-name()='value']/text()")
    assert any(LICENCE in one for one in texts)
    return [LICENCE]


def test_every_answer_says_whose_the_data_are_or_holds_none(
    told: tuple[TestClient, str], world: World
) -> None:
    reader, issued = told
    described = reader.get("/api/v1/openapi.json").json()["paths"]
    seen = set()
    for path, operations in described.items():
        if "get" not in operations or path.startswith(USERS):
            continue
        answer = operations["get"]["responses"]["200"]
        assert "Link" in answer["headers"], path
        asked = path.format(id=issued, area="MLI", lang="fr")
        taken = {p["name"] for p in operations["get"].get("parameters", ())}
        forms = FORMS if "format" in taken else ("",)
        for form in forms:
            given = {**(PAST if "as_of" in taken else {}), **({"format": form} if form else {})}
            found = reader.get(asked, params=given)
            if form and found.status_code == 400:
                assert found.json()["reason"] == "api.no_format"
                continue
            assert found.status_code == 200, (path, form)
            assert found.links["license"]["url"] == URL, (path, form)
            kind = found.headers["content-type"].partition(";")[0]
            assert set(_held(kind, found.content)) <= {LICENCE}, (path, form)
            again = reader.get(asked, params=given, headers={"If-None-Match": found.headers["etag"]})
            assert (again.status_code, again.links["license"]["url"]) == (304, URL)
            seen.add(kind)
    assert seen == {
        "application/json", "application/geo+json", "text/csv", "application/vnd.apache.parquet",
        "application/atom+xml", "application/cap+xml",
    }  # fmt: skip


def test_what_users_wrote_is_not_put_under_it(reader: TestClient) -> None:
    described = reader.get("/api/v1/openapi.json").json()["paths"]
    asked = [path for path in described if path.startswith(USERS)]
    assert len(asked) > 5
    for path in asked:
        assert "headers" not in described[path]["get"]["responses"]["200"]
        taken = {p["name"] for p in described[path]["get"].get("parameters", ())}
        for form in ("json", "csv", "parquet") if "format" in taken else ("",):
            given: dict[str, Any] = {"format": form} if form else {}
            found = reader.get(
                path.format(id="mali-2012-dismissal"), params=given | ({"size": 1} if "size" in taken else {})
            )
            assert found.status_code == (503 if path == "/healthz" else 200)
            assert "link" not in found.headers
            assert LICENCE.encode() not in found.content


def test_warnings_of_data_of_unknown_licence_name_the_releases(world: World, reader: TestClient) -> None:
    for path in ("/api/v1/warnings", f"/api/v1/warnings/{world.issued}", "/feeds/warnings.json"):
        found = reader.get(path, params=PAST)
        assert "link" not in found.headers
        held = found.json()
        (told, *_) = held if isinstance(held, list) else held.get("warnings") or held["messages"]
        assert told["attribution"]["licence"] is None
        assert told["attribution"]["releases"] == ["invented"]
    table = reader.get("/api/v1/warnings", params={**PAST, "format": "parquet"})
    held = pq.read_metadata(io.BytesIO(table.content)).metadata
    assert (held[b"releases"], b"licence" in held) == (b"invented", False)
