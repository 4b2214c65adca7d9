"""What a server holds: files kept for good by content, the chart library as its package ships it, no more."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tocsin.web import assets

FILES = ("tocsin.css", "tocsin.js", "charts.js", "tocsin.svg", assets.LIBRARY)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_kept_for_good_at_the_address_of_its_content(reader: TestClient, name: str) -> None:
    answer = reader.get(assets.url(name))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in reader.get(f"/static/{name}?other").headers["cache-control"]
    for held in (answer.headers["etag"], "*"):
        again = reader.get(f"/static/{name}", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
    assert answer.headers["content-security-policy"]


def test_the_library_is_the_file_of_the_installed_package_packed_or_not(reader: TestClient) -> None:
    (file,) = [f for f in metadata.files("plotly") or () if str(f) == "plotly/package_data/plotly.min.js"]
    body = Path(str(file.locate())).read_bytes()
    plain = reader.get(assets.url(assets.LIBRARY), headers={"Accept-Encoding": "identity"})
    assert plain.content == body
    with reader.stream("GET", assets.url(assets.LIBRARY), headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert gzip.decompress(raw) == body
    assert len(raw) < len(body) / 3
    assert packed.headers["etag"].startswith("W/")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("br, gzip", "gzip"), ("gzip;q=0.5", "gzip"), ("identity, gzip;q=0", None), ("gzip ; q=0.0, br", None)],
)
def test_a_file_is_packed_only_for_whoever_takes_it_so(
    reader: TestClient, accepted: str, coding: str | None
) -> None:
    answer = reader.get("/static/tocsin.css", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.content == assets.asset("tocsin.css").body


def test_a_file_that_no_page_asks_for_is_not_found(reader: TestClient) -> None:
    for name in ("nothing.js", "..%2Fapp.py", "app.py"):
        assert reader.get(f"/static/{name}").status_code == 404


def test_only_pages_with_charts_ask_for_the_library(reader: TestClient) -> None:
    for path in ("situation", "warnings", "ledger", "replay", "data", "signin", "area/XYZ"):
        assert "plotly.min" not in reader.get(f"/en/{path}").text
    for path in ("area/MLI", "scores"):
        page = reader.get(f"/en/{path}").text
        assert page.count(assets.url(assets.LIBRARY)) == 1
        assert re.search(r"<script[^>]*>[^<]", page) is None


def test_a_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.util, "find_spec", lambda name: None)
    with pytest.raises(assets.BadFile, match="plotly"):
        assets.asset.__wrapped__(assets.LIBRARY)


def test_a_server_loads_nothing_that_learns_draws_or_sets_documents() -> None:
    program = (
        "import sys, tocsin.web\n"
        "heavy = {'sklearn', 'scipy.stats', 'scipy.signal', 'scipy.optimize', 'matplotlib', 'typst'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "[]"
