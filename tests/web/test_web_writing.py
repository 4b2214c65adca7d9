"""What programs may write: once, under a token, in the language that it names."""

from __future__ import annotations

import io
import json

import jsonschema
import polars as pl
from web_world import PAST, World, event

from tocsin.guard import Tokens


def _bearer(own: World, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {Tokens.of(own.home).add(f'program {role}', role)}"}


def test_an_entry_sent_again_is_answered_as_the_document_says(own: World) -> None:
    client = own.client()
    told = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/ledger"]["post"]["responses"]
    headers = _bearer(own, "analyst")
    sent = event()
    for status in (201, 200):
        answer = client.post("/api/v1/ledger", json=sent, headers=headers)
        assert answer.status_code == status, answer.text
        jsonschema.validate(answer.json(), told[str(status)]["content"]["application/json"]["schema"])


def test_a_field_given_twice_is_refused(own: World) -> None:
    headers = _bearer(own, "analyst") | {"Content-Type": "application/json"}
    for body, field in (
        ('{"type": "event", "type": "x"}', "type"), ('{"a": [{"b": 1, "b": 1}]}', "b"),
        # Half of a character, which JSON can hold and no answer can.
        (r'{"\ud800": 1, "\ud800": 1}', "?"),
    ):  # fmt: skip
        answer = own.client().post("/api/v1/ledger", content=body, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (400, "api.key_twice")
        assert f"field {field} twice" in answer.json()["detail"]


def test_an_entry_sent_twice_is_written_once_and_each_try_is_in_the_audit(own: World) -> None:
    client, sent = own.client(), _bearer(own, "analyst")
    first = client.post("/api/v1/ledger", json=event(), headers=sent)
    again = client.post("/api/v1/ledger", json=event(), headers=sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    wrong = client.post("/api/v1/ledger", json=event(confidence="very"), headers=sent)
    assert wrong.status_code == 400
    lines = (own.home / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["result"] for line in lines[:2]] == ["done", "again"]
    assert len(lines) == 3
    with own.ledger() as ledger:
        assert [e.entry.author for e in ledger.entries(type="event")].count("program analyst") == 1


def test_a_warning_is_answered_by_a_program(own: World) -> None:
    client, sent = own.client(), _bearer(own, "analyst")
    body = {"by": "A ministry", "text": "Noted.", "language": "en", "source": "A letter"}
    answer = client.post(f"/api/v1/warnings/{own.issued}/notice", json=body, headers=sent)
    assert answer.status_code == 201
    told = client.get(f"/api/v1/warnings/{own.issued}", params=PAST).json()
    assert answer.json()["id"] in [entry["id"] for entry in told["answers"]]
    for bad in ({}, {**body, "more": 1}, {**body, "by": ""}, {**body, "language": "no language"}):
        refused = client.post(f"/api/v1/warnings/{own.issued}/notice", json=bad, headers=sent)
        assert refused.status_code == 400
    assert client.post(f"/api/v1/warnings/{own.issued}/nod", json=body, headers=sent).status_code == 404


def test_an_answer_is_recorded_in_the_language_it_names_and_never_in_that_of_a_header(own: World) -> None:
    client, sent = own.client(), _bearer(own, "analyst")
    path, body = (
        f"/api/v1/warnings/{own.issued}/notice",
        {"by": "Un ministère", "text": "Nous en prenons acte."},
    )
    refused = client.post(path, json=body, headers=sent | {"Accept-Language": "fr"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "web.bad_fields")
    assert "language" in refused.json()["detail"]
    made = client.post(path, json=body | {"language": "fr"}, headers=sent | {"Accept-Language": "en"})
    told = client.get(f"/api/v1/ledger/{made.json()['id']}").json()
    assert told["entry"]["language"] == "fr"


def test_the_csv_of_the_ledger_holds_no_formula_and_parquet_what_was_recorded(own: World) -> None:
    client, sent = own.client(), _bearer(own, "analyst")
    made = client.post("/api/v1/ledger", json=event(text="=1+1", author="@x"), headers=sent).json()["id"]
    asked = {"type": "event", "format": "csv"}
    rows = pl.read_csv(client.get("/api/v1/ledger", params=asked).content).filter(id=made)
    assert (rows["text"].item(), rows["author"].item()) == ("'=1+1", "'@x")
    exact = client.get("/api/v1/ledger", params={**asked, "format": "parquet"}).content
    assert pl.read_parquet(io.BytesIO(exact)).filter(id=made)["text"].item() == "=1+1"


def test_nothing_is_written_without_a_token_that_may(own: World) -> None:
    client = own.client()
    assert client.post("/api/v1/ledger", json=event()).status_code == 401
    assert client.post("/api/v1/ledger", json=event(), headers=_bearer(own, "reader")).status_code == 403
    sent = _bearer(own, "analyst")
    assert client.post("/api/v1/ledger", content=b"<x/>", headers=sent).status_code == 415
    for body in (b"[1]", b"nonsense", b"[" * 100_000):
        plain = {**sent, "Content-Type": "application/json"}
        assert client.post("/api/v1/ledger", content=body, headers=plain).status_code == 400
    # A session of a browser is no way in for a program: its cookie goes with other sites' requests too.
    assert own.client("analyst").post("/api/v1/ledger", json=event()).status_code == 401
    Tokens.of(own.home).revoke("program analyst")
    assert client.post("/api/v1/ledger", json=event(), headers=sent).status_code == 401
    with own.ledger() as ledger:
        assert "program analyst" not in [e.entry.author for e in ledger.entries()]
