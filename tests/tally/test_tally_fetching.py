"""HDX asked over HTTP, by a server of the test's own: what it offers, fetched whole, or not at all."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_running import Run, runner
from tally_files import hdx, hdx_row

from tocsin import tally
from tocsin.errors import NotPublished, NotReachable
from tocsin.tally import fetching

NAME = "hdx_hapi_conflict_event_global_2021.csv"


@dataclass
class Exchange:
    """A server that stands for HDX: answers by path, and what it was asked."""

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def offer(self, *names: str, changed: str = "2026-01-05T08:31:51.970130") -> None:
        """List files under these names."""
        files = [
            {"url": f"{self.url}/file/{name}", "name": "Conflict Events", "last_modified": changed}
            for name in names
        ]
        told = {"success": True, "result": {"resources": files}}
        self.answers["/api/3/action/package_show?id=hdx-hapi-conflict-event"] = 200, json.dumps(told).encode()


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """Yield a server that the room takes for HDX."""
    made = Exchange()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            status, content = made.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(fetching, "HDX", made.url)
    monkeypatch.setattr("time.sleep", lambda _: None)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `tocsin`, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return runner(tmp_path, monkeypatch, capsys, columns=200)


def put(exchange: Exchange, folder: Path, deaths: int = 100) -> None:
    file = hdx(folder / "made.csv", [hdx_row("MLI", f"2021-{n:02}", 1, deaths) for n in range(1, 13)])
    exchange.answers[f"/file/{NAME}"] = 200, file.read_bytes()


def test_years_are_told_by_the_names_of_the_files_and_other_files_are_not_offered(exchange: Exchange) -> None:
    exchange.offer("readme.pdf", NAME, "hdx_hapi_conflict_event_global_2015-2019.csv")
    found = tally.offers()
    assert [(one.first, one.last, one.name) for one in found] == [
        (2021, 2021, NAME),
        (2015, 2019, "hdx_hapi_conflict_event_global_2015-2019.csv"),
    ]
    assert tally.offer_of(2017, found) is found[1]
    with pytest.raises(NotPublished, match="2015-2021"):
        tally.offer_of(2020, found[1:] + found[:1])


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"result": {"resources": []}}'])
def test_a_list_that_is_none_is_told_with_the_remedy(exchange: Exchange, content: bytes) -> None:
    exchange.answers["/api/3/action/package_show?id=hdx-hapi-conflict-event"] = 200, content
    with pytest.raises(NotReachable, match="tocsin tally add"):
        tally.offers(sleep=lambda _: None)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_names_the_address_and_no_other_publisher(
    exchange: Exchange, tmp_path: Path, status: int
) -> None:
    exchange.offer(NAME)
    exchange.answers[f"/file/{NAME}"] = status, b""
    (one,) = tally.offers()
    with pytest.raises(NotReachable) as caught:
        tally.fetch(one, tmp_path / "out", sleep=lambda _: None)
    said = str(caught.value)
    assert f"HTTP {status}" in said
    assert one.url in said
    assert "ucdp" not in said.lower()
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix == ".csv"]


def test_what_is_fetched_is_kept_and_its_file_is_not(exchange: Exchange, tmp_path: Path, run: Run) -> None:
    put(exchange, tmp_path)
    exchange.offer(NAME)
    ran = run("tally", "fetch", "--year", "2021")
    assert ran.code == 0
    assert f"{NAME}: kept, ACLED by way of HDX, 2021-01:2021-12" in ran.out
    assert not list(tmp_path.rglob(NAME))
    asked = len(exchange.asked)
    again = run("tally", "fetch", "--year", "2021", "--json")
    assert [one["status"] for one in json.loads(again.out)["files"]] == ["unchanged"]
    assert exchange.asked[asked:] == ["/api/3/action/package_show?id=hdx-hapi-conflict-event"]


def test_a_file_that_was_put_there_anew_makes_a_second_tally(
    exchange: Exchange, tmp_path: Path, run: Run
) -> None:
    put(exchange, tmp_path)
    exchange.offer(NAME)
    run("tally", "fetch", "--year", "2021")
    put(exchange, tmp_path, deaths=120)
    exchange.offer(NAME, changed="2100-01-01T00:00:00")
    assert run("tally", "fetch", "--year", "2021").code == 0
    assert len(json.loads(run("tally", "list", "--json").out)["tallies"]) == 2
    assert "1,440 deaths" in run("tally", "compare", "MLI").out


def test_files_can_be_left_in_a_folder_for_elsewhere(exchange: Exchange, tmp_path: Path, run: Run) -> None:
    put(exchange, tmp_path)
    exchange.offer(NAME)
    ran = run("tally", "fetch", "--year", "2021", "--out", "stick")
    assert ran.code == 0
    assert Path("stick", NAME).read_bytes() == exchange.answers[f"/file/{NAME}"][1]
    assert json.loads(run("tally", "list", "--json").out)["tallies"] == []
    assert [path.name for path in Path("stick").iterdir()] == [NAME]


def test_what_came_and_is_no_tally_leaves_nothing(exchange: Exchange, tmp_path: Path, run: Run) -> None:
    exchange.offer(NAME)
    exchange.answers[f"/file/{NAME}"] = 200, b"<html>log in</html>"
    ran = run("tally", "fetch", "--year", "2021")
    assert ran.code == 2
    assert "data.humdata.org" in ran.err
    assert not list(tmp_path.rglob(NAME))


def test_a_year_with_no_month_over_keeps_back_no_other(exchange: Exchange, tmp_path: Path, run: Run) -> None:
    put(exchange, tmp_path)
    this = dt.date.today()
    new = f"hdx_hapi_conflict_event_global_{this.year}.csv"
    running = hdx(tmp_path / "new.csv", [hdx_row("MLI", f"{this:%Y-%m}", 1, 1)])
    exchange.answers[f"/file/{new}"] = 200, running.read_bytes()
    exchange.offer(new, NAME)
    ran = run("tally", "fetch", "--year", str(this.year), "--year", "2021")
    assert ran.code == 0
    assert f"{new} tells of no month" in ran.out
    assert f"{NAME}: kept" in ran.out


def test_a_year_that_is_not_offered_and_a_server_that_is_down(
    exchange: Exchange, tmp_path: Path, run: Run
) -> None:
    put(exchange, tmp_path)
    exchange.offer(NAME)
    none = run("tally", "fetch", "--year", "1950")
    assert (none.code, "2021-2021" in none.err) == (4, True)
    assert run("tally", "fetch").code == 0
    exchange.answers.clear()
    assert run("tally", "fetch").code == 4
