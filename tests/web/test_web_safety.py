"""Safety: headers, hosts, sizes, rates, sign-in, and what another address needs."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import MutableMapping
from typing import Any

import anyio
import pytest
import uvicorn
from starlette.testclient import TestClient
from web_world import World, csrf

from tocsin.cli import main
from tocsin.guard import Tokens
from tocsin.web import create_app
from tocsin.web.security import BODY, COOKIE, is_loopback

PAGES = ("situation", "area/MLI", "warnings", "ledger", "scores", "replay", "data", "signin", "nowhere")


@pytest.mark.parametrize("path", [*(f"/en/{p}" for p in PAGES), "/static/tocsin.js", "/api/v1/areas", "/x"])
def test_every_answer_carries_the_headers_and_no_inline_code(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    if answer.headers["content-type"].startswith("text/html"):
        assert "style=" not in answer.text
        assert "<style" not in answer.text
        assert "onclick" not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script src="/static/')
        assert "http://" not in answer.text.replace("http://www.w3.org", "")


OTHERS = (
    "evil.example", "evil.example:8321", "127.0.0.1.evil.example", "a{b.evil.example:8321",
    "a}b.evil.example", "a`b.evil.example:8321", 'a"b.evil.example:8321', "evil.example:99999",
    "evil.example:abc", "", "[::1", "127.0.0.1@evil.example", "10.0.0.1", "[::ffff:10.0.0.1]",
    "localhost.", "localhost, evil.example",
)  # fmt: skip


@pytest.mark.parametrize("host", OTHERS)
def test_another_name_for_this_machine_is_refused(world: World, host: str) -> None:
    answer = world.client().get("/en/ledger", headers={"Host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost:8321", "LOCALHOST", "127.0.0.1", "127.8.8.8:80", "[::1]:8321"])
def test_a_name_of_this_machine_is_answered(world: World, host: str) -> None:
    assert world.client().get("/en/ledger", headers={"Host": host}).status_code == 200


OWN = [(b"host", b"localhost")]


@pytest.mark.parametrize(
    ("headers", "version", "status"),
    [(OWN, "1.1", 200), ([], "1.0", 200), ([], "1.1", 421), ([*OWN, (b"host", b"evil.example")], "1.1", 421)],
)
def test_a_request_names_one_host_unless_it_is_of_a_time_before_hosts(
    world: World, headers: list[tuple[bytes, bytes]], version: str, status: int
) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/en/ledger", "query_string": b"", "scheme": "http",
        "http_version": version, "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }  # fmt: skip
    told = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("status"))

    anyio.run(create_app(world.settings()), scope, receive, send)
    assert told[0] == status


def test_loopback_is_told_from_other_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "10.0.0.1", "::", "example.org", "")))


def test_on_another_address_everything_needs_a_token(own: World) -> None:
    client = own.client(host="0.0.0.0")
    for path in ("situation", "ledger", "warnings", "data"):
        answer = client.get(f"/en/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/signin")
    french = client.get("/", headers={"Accept-Language": "fr"}, follow_redirects=False)
    assert french.headers["location"] == "/fr/signin"
    assert client.get("/api/v1/ledger").status_code == 401
    assert set(client.get("/healthz").json()) == {"status", "reason"}
    assert client.get("/feeds/atom/en").status_code == 401
    assert client.get("/en/signin").status_code == 200
    assert client.get("/static/tocsin.css").status_code == 200
    secret = Tokens.of(own.home).add("someone", "reader")
    client.headers["Authorization"] = f"Bearer {secret}"
    assert client.get("/en/situation").status_code == 200
    assert client.get("/api/v1/ledger").status_code == 200
    assert "digest" in client.get("/healthz").json()
    Tokens.of(own.home).revoke("someone")
    assert client.get("/api/v1/ledger").status_code == 401


def test_too_much_and_the_wrong_type_are_refused(own: World) -> None:
    client = own.client("analyst")
    large = client.post("/en/ledger/add?type=event", data={"text": "x" * (BODY + 1)})
    assert large.status_code == 413
    most = client.post("/en/ledger/add?type=event", data={"text": "x" * (BODY - len("text="))})
    assert most.status_code == 403
    assert client.post("/en/ledger/add?type=event", json={}).status_code == 415
    chunked = client.post("/en/ledger/add?type=event", content=(part for part in [b"text=x"]))
    assert chunked.status_code == 411


@pytest.mark.parametrize(("header", "status"), [((b"transfer-encoding", b"chunked"), 411), (None, 413)])
def test_no_more_is_read_than_may_be_sent_whatever_length_is_named(
    world: World, header: tuple[bytes, bytes] | None, status: int
) -> None:
    headers = [
        (b"host", b"127.0.0.1"), (b"content-length", b"10"),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "path": "/en/signin", "query_string": b"", "scheme": "http",
        "http_version": "1.1", "headers": headers + ([header] if header else []),
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    read, told = 0, []

    async def receive() -> dict[str, object]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * (BODY // 4), "more_body": read < 50}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("status"))

    anyio.run(create_app(world.settings()), scope, receive, send)
    assert told[0] == status
    assert read < 10


def test_who_leaves_in_the_middle_of_a_form_is_no_failure_of_the_server(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    scope = {
        "type": "http", "method": "POST", "path": "/en/signin", "query_string": b"", "scheme": "http",
        "http_version": "1.1", "client": ("127.0.0.9", 1), "server": ("127.0.0.1", 80),
        "headers": [
            (b"host", b"127.0.0.1"), (b"content-length", b"100"),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }  # fmt: skip
    left = iter(
        ({"type": "http.request", "body": b"secret=", "more_body": True}, {"type": "http.disconnect"})
    )

    async def receive() -> dict[str, object]:
        return dict(next(left))

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    anyio.run(create_app(world.settings()), scope, receive, send)
    assert not caplog.records


def test_writing_too_often_is_refused_and_reading_goes_on(own: World) -> None:
    client = own.client()
    statuses = [client.post("/en/ledger/add", data={}).status_code for _ in range(70)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert client.get("/en/ledger").status_code == 200


ELSEWHERE = (
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Origin": "http://[", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_page_of_another_site_can_neither_write_nor_use_up_what_may_be_written(
    own: World, headers: dict[str, str]
) -> None:
    client, before = own.client("analyst"), _size(own)
    sent = {**FORM, "confidence": "low", "form": "attack", "csrf": csrf(client)}
    for _ in range(70):
        answer = client.post("/en/ledger/add?type=event", data=sent, headers=headers)
        assert answer.status_code == 403
    assert client.post("/en/signin", data={"secret": "wrong"}, headers=headers).status_code == 403
    assert "another site" in answer.text
    assert _size(own) == before
    for ours in ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {}):
        assert client.post("/en/ledger/add?type=event", data=sent, headers=ours).status_code == 303
    assert _size(own) == before + 1
    assert client.get("/en/ledger", headers=headers).status_code == 200


def test_who_asks_is_who_is_connected_whatever_a_header_says(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    configured = []
    monkeypatch.setattr("uvicorn.run", lambda app, **given: configured.append(uvicorn.Config(app, **given)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert main(["serve", "--out", str(own.results), "--port", str(port)]) == 0
    configured[0].load()
    client = TestClient(
        configured[0].loaded_app, base_url="http://localhost", client=("127.0.0.1", 1), follow_redirects=False
    )
    told = {"X-Forwarded-For": "203.0.113.7"}
    assert client.post("/en/signin", data={"secret": "wrong"}, headers=told).status_code == 403
    (line,) = (own.home / "audit.jsonl").read_text().splitlines()
    assert json.loads(line)["client"] == "127.0.0.1"


def test_signing_in_and_out_and_being_revoked_in_between(own: World) -> None:
    tokens = Tokens.of(own.home)
    secret = tokens.add("Head", "admin")
    client = own.client()
    assert client.post("/fr/signin", data={"secret": "tocsin_wrong"}).status_code == 403
    answer = client.post("/fr/signin", data={"secret": secret})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert secret not in cookie
    assert "Head" in client.get("/fr/situation").text
    tokens.revoke("Head")
    assert "Head" not in client.get("/fr/situation").text
    client.cookies.set(COOKIE, "nonsense")
    assert client.get("/fr/situation").status_code == 200


FORM = {"date": "2012-02", "areas": "Mali", "text": "Typed at length.", "sources": "A paper"}


def _size(own: World) -> int:
    with own.ledger() as ledger:
        return len(ledger)


@pytest.mark.parametrize("path", ["ledger/add?type=event", "warnings/{issued}/notice"])
def test_a_session_that_ends_while_someone_types_loses_nothing_and_writes_nothing(
    own: World, path: str
) -> None:
    client, before = own.client("analyst"), _size(own)
    sent = {**FORM, "confidence": "low", "form": "attack", "by": "A ministry", "csrf": csrf(client)}
    Tokens.of(own.home).revoke("The analyst")
    refused = client.post(f"/fr/{path.format(issued=own.issued)}", data=sent)
    assert refused.status_code == 401
    assert "Typed at length." in refused.text
    assert csrf(client) not in refused.text
    # Signed in anew, the form of the old session is refused once more and carries what the new one asks for.
    anew = own.client("analyst")
    again = anew.post(f"/fr/{path.format(issued=own.issued)}", data=sent)
    assert again.status_code == 403
    assert "Typed at length." in again.text
    assert _size(own) == before
    sent["csrf"] = re.findall(r'name="csrf" value="([0-9a-f]+)"', again.text)[0]
    assert anew.post(f"/fr/{path.format(issued=own.issued)}", data=sent).status_code == 303
    assert _size(own) == before + 1
    results = [json.loads(line)["result"] for line in (own.home / "audit.jsonl").read_text().splitlines()]
    assert results == ["guard.not_yours", "done"]


def test_a_form_sent_with_a_token_needs_no_session(own: World) -> None:
    client, before = own.client(), _size(own)
    client.headers["Authorization"] = f"Bearer {Tokens.of(own.home).add('A program', 'analyst')}"
    sent = {**FORM, "confidence": "low", "form": "attack"}
    assert client.post("/en/ledger/add?type=event", data=sent).status_code == 303
    assert _size(own) == before + 1


def test_without_room_for_the_audit_nothing_is_written(own: World) -> None:
    client, before = own.client("analyst"), _size(own)
    (own.home / "audit.jsonl").mkdir()
    sent = {**FORM, "confidence": "low", "form": "attack", "csrf": csrf(client)}
    answer = client.post("/en/ledger/add?type=event", data=sent)
    assert answer.status_code == 400
    assert "audit.jsonl" in answer.text
    assert _size(own) == before


def test_the_theme_goes_back_only_to_pages_of_this_server(reader: TestClient) -> None:
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", ""):
        answer = reader.get("/en/theme/dark", params={"back": back})
        assert answer.headers["location"] == "/en/situation"
    assert reader.get("/en/theme/dark", params={"back": "/en/data"}).headers["location"] == "/en/data"
    assert reader.get("/en/theme/pink").status_code == 404
