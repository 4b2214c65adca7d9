"""The forms of the ledger: what is recorded by them, what is refused, and nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient
from web_world import DAY, NASTY, Seen, World, csrf

from tocsin.ledger import TYPES, examples, fields

FILLED = {
    "type": "commitment", "date": "2013-02", "areas": "MLI; NER", "confidence": "moderate",
    "text": "A state promised a loan.", "sources": "A paper of record; a second one", "promisor": "A state",
    "beneficiary": "Mali", "words": "We shall pay.", "visibility": "public", "test": "The money arrives.",
    "deadline": "2013-06-30", "amount": "13000000 USD",
}  # fmt: skip


def _add(client: TestClient, **changes: str) -> object:
    sent = {k: v for k, v in (FILLED | changes).items() if k != "type"} | {"csrf": csrf(client)}
    return client.post("/en/ledger/add?type=commitment", data=sent)


def _promises(own: World) -> list[str]:
    with own.ledger() as ledger:
        return [e.entry.text for e in ledger.entries(type="commitment")]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_type_has_a_form_with_its_fields(reader: TestClient, lang: str) -> None:
    for type in TYPES:
        page = reader.get(f"/{lang}/ledger/add?type={type}")
        assert page.status_code == 200
        lacking = [
            spec.name
            for spec in fields(type)
            if spec.required and spec.name not in ("id", "author") and f'name="{spec.name}"' not in page.text
        ]
        assert lacking == []


def test_the_example_of_every_type_can_be_recorded_by_form(own: World) -> None:
    def written(value: object) -> str:
        if isinstance(value, list):
            return "; ".join(written(one) for one in value)
        if isinstance(value, dict):
            if {"citation"} <= set(value):
                return str(value["citation"])
            if {"language", "text"} <= set(value):
                return f"{value['language']}: {value['text']}"
            if {"party", "basis"} <= set(value):
                return f"{value['party']}: {value['basis']}"
            return str(value.get("name", value))
        return str(value)

    client = own.client("analyst")
    for type, example in examples().items():
        sent = {name: written(value) for name, value in example.items() if name not in ("type", "id")}
        answer = client.post(f"/en/ledger/add?type={type}", data=sent | {"csrf": csrf(client)})
        assert answer.status_code == 303, Seen(answer.text).text
        page = client.get(answer.headers["location"])
        assert sent["text"][:30] in Seen(page.text).text


def test_a_form_sent_twice_is_recorded_once(own: World) -> None:
    client = own.client("analyst")
    first, second = _add(client), _add(client)
    assert first.headers["location"].endswith("done=done")
    assert second.headers["location"].endswith("done=again")
    assert first.headers["location"].partition("?")[0] == second.headers["location"].partition("?")[0]
    assert _promises(own).count(FILLED["text"]) == 1


BAD = (
        ("date", "yesterday"), ("date", "2030-01-01"), ("areas", "Atlantis"), ("areas", ""), ("text", ""),
        ("text", "hidden \u202e text"), ("confidence", "certain"), ("amount", "much"),
        ("deadline", "2012-01-01"), ("sources", ""), ("links", "answers:none-such"), ("links", "nonsense"),
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_cannot_be_recorded_is_explained_and_nothing_typed_is_lost(own: World, lang: str) -> None:
    client = own.client("analyst")
    before = _promises(own)
    for field, value in BAD:
        sent = {k: v for k, v in (FILLED | {field: value}).items() if k != "type"} | {"csrf": csrf(client)}
        answer = client.post(f"/{lang}/ledger/add?type=commitment", data=sent)
        assert answer.status_code in (400, 404), field
        assert 'role="alert"' in answer.text
        assert answer.text.count("aria-invalid=true") == 1, field
        assert "We shall pay." in answer.text
    assert _promises(own) == before


def test_who_may_not_write_writes_nothing(own: World) -> None:
    before = _promises(own)
    assert own.client().post("/en/ledger/add?type=commitment", data=FILLED).status_code == 401
    assert _add(own.client("reader")).status_code == 403
    client = own.client("analyst")
    assert client.post("/en/ledger/add?type=commitment", data=FILLED).status_code == 403
    assert _promises(own) == before


def test_the_author_is_whoever_signed_in(own: World) -> None:
    client = own.client("analyst")
    _add(client, author="")
    with own.ledger() as ledger:
        (made,) = (e.entry for e in ledger.entries(type="commitment") if e.entry.text == FILLED["text"])
    assert made.author == "The analyst"


def test_nothing_typed_into_a_form_comes_back_as_markup(own: World) -> None:
    client = own.client("analyst")
    for text in NASTY:
        sent = dict.fromkeys((name for name in FILLED if name != "type"), text) | {"csrf": csrf(client)}
        answer = client.post("/en/ledger/add?type=commitment", data=sent)
        assert answer.status_code in (400, 404)
        seen = Seen(answer.text)
        assert "iframe" not in seen.tags
        assert seen.tags.count("script") == 1
        assert not [name for name, _ in seen.attributes if name.startswith("on")]


def test_the_day_of_a_form_is_today(reader: TestClient) -> None:
    assert DAY.isoformat() in reader.get("/en/ledger/add?type=notice").text


AGREEMENT = {
    "date": "2013-06-18", "areas": "Mali", "text": "The government and two movements sign.",
    "sources": "A paper", "confidence": "high", "title": "Preliminary agreement",
    "parties": "Government of Mali; MNLA",
}  # fmt: skip


def test_who_fought_and_did_not_sign_is_proposed_and_recorded_only_when_confirmed(own: World) -> None:
    client = own.client("analyst")
    sent = {**AGREEMENT, "csrf": csrf(client)}
    with own.ledger() as ledger:
        before = len(ledger)
    asked = client.post("/fr/ledger/add?type=agreement", data={**sent, "step": "propose"})
    assert asked.status_code == 200
    groups = re.findall(r'name="confirm-(\d+)" value="1"> <strong>([^<]+)<', unescape(asked.text))
    assert len(groups) > 1
    assert "AQIM" in [name for _, name in groups]
    assert "checked" not in asked.text
    with own.ledger() as ledger:
        assert len(ledger) == before
    chosen, name = groups[0]
    stray = dict.fromkeys(("confirm-999999", f"confirm-{'9' * 5000}", "confirm-²"), "1")
    confirmed = {**sent, f"confirm-{chosen}": "1", **stray}
    first, second = (client.post("/fr/ledger/add?type=agreement", data=confirmed) for _ in range(2))
    assert first.headers["location"].endswith("done=done")
    assert second.headers["location"].endswith("done=again")
    with own.ledger() as ledger:
        (made,) = [e.entry for e in ledger.entries(type="agreement") if e.entry.text == AGREEMENT["text"]]
    (one,) = made.content()["non_signatories"]
    assert (one["party"]["actor"], one["party"]["name"], one["status"]) == (int(chosen), name, "confirmed")
    # Where no figures tell who fought, that is said, and is not the same as nobody.
    early = client.post(
        "/en/ledger/add?type=agreement", data={**sent, "date": "1985-01-01", "step": "propose"}
    )
    assert "confirm-" not in early.text
    assert "Nobody else is known" not in early.text
    assert 'role="status"' in early.text


@pytest.mark.parametrize(
    ("changes", "said", "wrong"),
    [
        ({"areas": "Mali; Atlantis"}, "« Zones » (2)\N{NO-BREAK SPACE}: « Atlantis » n'est pas", "areas"),
        ({"deadline": "2012-01-01"}, "engagement\N{NO-BREAK SPACE}: « Échéance » (2012-01-01)", "deadline"),
        ({"deadline": ""}, "engagement\N{NO-BREAK SPACE}: sans échéance, « Réexamen le » doit", "review"),
        ({"text": ""}, "engagement\N{NO-BREAK SPACE}: le champ « Texte » manque", "text"),
    ],
)
def test_what_is_wrong_is_told_by_the_names_that_the_form_shows(
    own: World, changes: dict[str, str], said: str, wrong: str
) -> None:
    client = own.client("analyst")
    sent = {k: v for k, v in (FILLED | changes).items() if k != "type"} | {"csrf": csrf(client)}
    page = unescape(client.post("/fr/ledger/add?type=commitment", data=sent).text)
    (told,) = re.findall(r'role="alert" id="problem">([^<]*)', page)
    assert told.replace("«\N{NO-BREAK SPACE}", "« ").replace("\N{NO-BREAK SPACE}»", " »").startswith(said)
    assert re.findall('aria-describedby="problem a-([a-z]+)" aria-invalid=true autofocus', page) == [wrong]


@pytest.mark.parametrize("type", ["commitment", "dismissal", "warning"])
def test_a_form_names_no_command_that_does_not_exist(own: World, type: str) -> None:
    client = own.client("analyst")
    sent = {k: v for k, v in FILLED.items() if k not in ("type", "sources")} | {"csrf": csrf(client)}
    page = unescape(client.post(f"/fr/ledger/add?type={type}", data=sent).text)
    assert re.findall(r"--example ([a-z_]*)", page) == [type]


def test_choosing_another_type_records_nothing_and_keeps_what_was_typed(own: World) -> None:
    client, before = own.client("analyst"), _promises(own)
    other = client.post("/fr/ledger/add?type=commitment", data=FILLED | {"type": "event"})
    assert other.status_code == 200
    assert 'action="/fr/ledger/add?type=event"' in other.text
    seen = dict(_fields(other.text))
    for name in ("date", "areas", "text", "sources", "promisor", "words", "deadline", "amount"):
        assert seen[name] == FILLED[name], name
    back = client.post("/fr/ledger/add?type=event", data=seen | {"type": "commitment"})
    assert dict(_fields(back.text))["promisor"] == FILLED["promisor"]
    assert _promises(own) == before


def _fields(page: str) -> list[tuple[str, str]]:
    """Return what the inputs and texts of a page hold."""
    inputs = re.findall(r'<input [^>]*name="([a-z_]+)" value="([^"]*)"', page)
    return [
        (name, unescape(held))
        for name, held in inputs + re.findall(r'<textarea [^>]*name="([a-z_]+)"[^>]*>([^<]*)', page)
    ]
