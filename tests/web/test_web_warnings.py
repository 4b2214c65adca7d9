"""The pages of the warnings: what stands, what may be done with it, and that it is done once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import sqlite3
from collections import OrderedDict
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from web_world import DAY, World, csrf

from tocsin.desk import memory
from tocsin.desk.warnings import decide, recorded, standing
from tocsin.ledger import REASONS, Ledger, Recorded, examples
from tocsin.text import say
from tocsin.warn import Store
from tocsin.web.pages import warnings as page_module
from tocsin.web.rendering import marked

SOON = dt.date(2021, 1, 15)
"""A day on which the data of the draft are young enough for it to be issued."""

NOTICE = {"by": "A ministry", "text": "We took note of it."}


def _answers(own: World, type: str) -> list[str]:
    with own.ledger() as ledger:
        held = ledger.entries(type=type)
        return [e.entry.text for e in held if any(link.id == own.issued for link in e.entry.links)]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_open_warnings_are_listed_and_the_other_groups_are_empty(
    world: World, reader: TestClient, lang: str
) -> None:
    page = reader.get(f"/{lang}/warnings")
    assert page.status_code == 200
    assert page.text.count("<article") == 2
    for group in ("past", "resolved"):
        assert "<article" not in reader.get(f"/{lang}/warnings?group={group}").text


def test_a_warning_is_shown_whole_with_its_message_and_record(world: World, reader: TestClient) -> None:
    with Store.open(world.home) as store:
        message = store.message(world.issued)
    page = reader.get(f"/fr/warnings/{world.issued}").text
    for paragraph in message.texts["fr"].paragraphs():
        assert marked(paragraph) in page
    assert message.inputs in page
    assert 'method="post"' not in page


@pytest.mark.parametrize("path", ["warnings/elsewhere", "warnings?group=elsewhere"])
@pytest.mark.parametrize(("lang", "said"), [("en", "Not found"), ("fr", "Introuvable")])
def test_what_is_not_there_is_a_page_that_says_so(
    reader: TestClient, path: str, lang: str, said: str
) -> None:
    answer = reader.get(f"/{lang}/{path}")
    assert answer.status_code == 404
    assert said in answer.text
    assert "elsewhere" in answer.text


def test_nobody_answers_without_a_token_and_a_reader_may_not(own: World) -> None:
    assert own.client().post(f"/en/warnings/{own.issued}/notice", data=NOTICE).status_code == 401
    client = own.client("reader")
    sent = NOTICE | {"csrf": csrf(client)}
    assert client.post(f"/en/warnings/{own.issued}/notice", data=sent).status_code == 403
    assert "A ministry" not in " ".join(_answers(own, "notice"))


def test_a_form_of_another_site_writes_nothing(own: World) -> None:
    client = own.client("analyst")
    for sent in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = client.post(f"/en/warnings/{own.issued}/notice", data=NOTICE | sent)
        assert answer.status_code == 403
    assert not _answers(own, "notice")


@pytest.mark.parametrize(
    ("type", "more"),
    [
        ("notice", {}),
        ("acceptance", {}),
        ("dismissal", {"reason": REASONS[0]}),
        ("decision", {"form": "diplomatic"}),
    ],
)
def test_an_answer_sent_twice_is_recorded_once(own: World, type: str, more: dict[str, str]) -> None:
    client = own.client("analyst")
    sent = NOTICE | more | {"csrf": csrf(client)}
    first, second = (client.post(f"/en/warnings/{own.issued}/{type}", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"].endswith("done=done")
    assert second.headers["location"].endswith("done=again")
    assert _answers(own, type) == ["We took note of it."]
    page = client.get(first.headers["location"])
    assert "We took note of it." in page.text
    assert 'role="status"' in page.text


def test_a_dismissal_needs_a_reason_of_the_list_and_keeps_what_was_typed(own: World) -> None:
    client = own.client("analyst")
    sent = NOTICE | {"csrf": csrf(client), "reason": "because"}
    answer = client.post(f"/en/warnings/{own.issued}/dismissal", data=sent)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "hyperbolic" in answer.text
    assert "We took note of it." in answer.text
    assert not _answers(own, "dismissal")


def test_an_admin_issues_a_draft_once_and_the_ledger_holds_it(own: World) -> None:
    analyst = own.client("analyst")
    refused = analyst.post(f"/en/warnings/{own.draft}/issue", data={"by": "x", "csrf": csrf(analyst)})
    assert refused.status_code == 403
    client = own.client("admin", today=lambda: SOON)
    sent = {"by": "Head of unit", "csrf": csrf(client)}
    for _ in range(2):
        assert client.post(f"/en/warnings/{own.draft}/issue", data=sent).status_code == 303
    with Store.open(own.home) as store:
        assert (store.message(own.draft).status, store.message(own.draft).by) == ("issued", "Head of unit")
    with own.ledger() as ledger:
        assert sum(e.entry.id == own.draft for e in ledger.entries(type="warning")) == 1
        assert ledger.verify().ok


def test_a_draft_whose_data_have_grown_old_is_declined_and_not_issued(own: World) -> None:
    client = own.client("admin")
    sent = {"by": "Head of unit", "csrf": csrf(client)}
    refused = client.post(f"/fr/warnings/{own.draft}/issue", data=sent)
    assert (refused.status_code, "n'est pas émis" in unescape(refused.text)) == (503, True)
    assert client.post(f"/fr/warnings/{own.draft}/decline", data=sent).status_code == 303


def test_a_declined_draft_can_no_longer_be_issued(own: World) -> None:
    client = own.client("admin")
    sent = {"by": "Head of unit", "csrf": csrf(client)}
    assert client.post(f"/en/warnings/{own.draft}/decline", data=sent).status_code == 303
    answer = client.post(f"/en/warnings/{own.draft}/issue", data=sent)
    assert answer.status_code == 400
    assert "declined" in answer.text
    assert client.get("/en/warnings?group=past").text.count("<article") == 1


def test_a_draft_cannot_be_answered(own: World) -> None:
    client = own.client("analyst")
    answer = client.post(f"/en/warnings/{own.draft}/notice", data=NOTICE | {"csrf": csrf(client)})
    assert answer.status_code == 400
    assert "has not been issued" in re.sub(r"\s+", " ", answer.text)


def test_an_unknown_answer_or_warning_writes_nothing(own: World) -> None:
    client = own.client("admin")
    sent = NOTICE | {"csrf": csrf(client)}
    assert client.post(f"/en/warnings/{own.issued}/applause", data=sent).status_code == 404
    assert client.post("/en/warnings/none-such/notice", data=sent).status_code == 404
    assert not any("We took note" in e.entry.text for e in own.ledger().entries())


def test_every_write_and_every_refusal_leaves_a_line_of_audit(own: World) -> None:
    client = own.client("analyst")
    sent = NOTICE | {"csrf": csrf(client)}
    client.post(f"/en/warnings/{own.issued}/notice", data=sent)
    client.post(f"/en/warnings/{own.draft}/issue", data=sent)
    (file,) = own.home.glob("audit*")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert "The analyst" in lines[0]
    assert "refused" in lines[1]


def test_what_the_ledger_refused_is_said_to_wait_is_in_no_feed_and_is_recorded_from_its_page(
    own: World,
) -> None:
    client, past = own.client("admin", today=lambda: SOON), {"as_of": DAY.isoformat()}
    key = own.home / "ledger.key"
    aside = key.rename(own.home / "aside.key")
    sent = {"by": "Head of unit", "csrf": csrf(client)}
    refused = client.post(f"/en/warnings/{own.draft}/issue", data=sent)
    assert refused.status_code == 400
    assert "Issued, but not recorded in the ledger yet" in refused.text
    page = client.get(f"/fr/warnings/{own.draft}").text
    assert "pas encore au registre" in page
    assert f'action="/fr/warnings/{own.draft}/issue"' in page
    assert client.get(f"/feeds/cap/{own.draft}.xml", params=past).status_code == 404
    assert [m["id"] for m in client.get("/feeds/warnings.json", params=past).json()] == [own.issued]
    aside.rename(key)
    assert client.post(f"/en/warnings/{own.draft}/issue", data=sent).status_code == 303
    assert "not in the ledger yet" not in client.get(f"/en/warnings/{own.draft}").text
    assert client.get(f"/feeds/cap/{own.draft}.xml", params=past).status_code == 200
    with own.ledger() as ledger:
        assert sum(e.entry.id == own.draft for e in ledger.entries(type="warning")) == 1


def test_the_feeds_hold_the_withdrawal_of_what_a_correction_calls_wrong(own: World) -> None:
    client, past = own.client(), {"as_of": DAY.isoformat()}
    with own.ledger() as ledger:
        wrong = {**examples()["correction"], "links": [{"role": "corrects", "id": own.issued}]}
        ledger.append({**wrong, "text": "Invented."})
    withdrawn = f"{own.issued}-withdrawn"
    assert [m["id"] for m in client.get("/feeds/warnings.json", params=past).json()] == [withdrawn]
    assert client.get(f"/feeds/cap/{own.issued}.xml", params=past).status_code == 404
    cancel = client.get(f"/feeds/cap/{withdrawn}.xml", params=past).text
    assert "<msgType>Cancel</msgType>" in cancel
    atom = client.get("/feeds/atom/en", params=past).text
    assert f'href="../cap/{withdrawn}.xml"' in atom
    assert "Invented." in atom
    said = "withdrawn as wrong"
    assert said not in client.get("/en/warnings").text
    for path in ("warnings?group=past", f"warnings/{own.issued}", f"warnings/{withdrawn}", "area/MLI"):
        assert said in client.get(f"/en/{path}").text, path
    (told,) = client.get("/api/v1/warnings", params=past | {"group": "past"}).json()["warnings"]
    assert (told["id"], told["act"], told["answers"]) == (withdrawn, "withdraw", 0)


def test_the_feeds_answer_while_the_ledger_is_out_of_reach(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    monkeypatch.setenv("TOCSIN_LEDGER_URL", "postgresql://someone@127.0.0.1:1/none")
    held = own.client().get("/feeds/warnings.json", params={"as_of": DAY.isoformat()})
    assert held.status_code == 200
    assert [message["id"] for message in held.json()] == [own.issued]


def test_of_what_is_on_record_only_ids_are_kept_in_memory(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: OrderedDict[tuple[object, ...], object] = OrderedDict()
    monkeypatch.setattr(memory, "_memory", kept)
    assert [message.id for message in recorded(own.home)] == [own.issued]
    ((key, value),) = ((key, value) for key, value in kept.items() if key[0] == "on record")
    assert value == frozenset([own.issued])
    assert own.issued not in repr(key)
    with Store.open(own.home) as store:
        store.mark([own.draft], "elsewhere")
    recorded(own.home)
    assert sum(key[0] == "on record" for key in kept) == 2


def test_an_answer_reads_no_warning_but_the_one_it_answers(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(own.home, own.draft, issue=True, by="Head of unit", today=SOON)
    client = own.client("analyst")
    asked: list[str | None] = []
    entries, entry = Ledger.entries, Ledger.entry

    def listed(self: Ledger, *, type: str | None = None, **more: Any) -> list[Recorded]:
        asked.append(type)
        return entries(self, type=type, **more)

    def looked_up(self: Ledger, id: str) -> Recorded:
        asked.append(id)
        return entry(self, id)

    monkeypatch.setattr(Ledger, "entries", listed)
    monkeypatch.setattr(Ledger, "entry", looked_up)
    sent = NOTICE | {"csrf": csrf(client)}
    assert client.post(f"/en/warnings/{own.issued}/notice", data=sent).status_code == 303
    assert own.issued in asked
    assert not {"warning", own.draft} & set(asked)


def test_a_recorded_warning_is_read_first_in_the_language_of_the_page_and_not_told_again(own: World) -> None:
    english, french = (own.client().get(f"/{lang}/ledger/{own.issued}").text for lang in ("en", "fr"))
    assert english.index('class="prose" lang="en"') < english.index('class="prose" lang="fr"')
    assert french.index('class="prose" lang="fr"') < french.index('class="prose" lang="en"')
    assert (english.count("no record of this rule"), french.count("no record of this rule")) == (2, 1)


def test_what_was_issued_can_be_answered_while_its_update_waits_as_a_draft(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = (found for found in standing(own.home) if found.latest.id == own.issued)
    update = dataclasses.replace(one.latest, id=f"{own.issued}-2", act="update", status="draft", by=None)
    waiting = dataclasses.replace(one, latest=update, messages=(*one.messages, update))
    assert waiting.group == "open"
    assert waiting.told == one.latest
    monkeypatch.setattr(page_module.desk_warnings, "warning", lambda home, id: waiting)
    page = own.client("admin").get(f"/en/warnings/{own.issued}").text
    assert f'action="/en/warnings/{own.issued}-2/issue"' in page
    assert f'action="/en/warnings/{own.issued}/dismissal"' in page


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_without_results_no_list_of_warnings_is_shown(own: World, tmp_path: Path, lang: str) -> None:
    answer = own.client(results=tmp_path / "none").get(f"/{lang}/warnings")
    assert answer.status_code == 503
    assert "tocsin watch" in answer.text


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("kept", ["nothing", "no round", "an exercise"])
def test_no_warning_is_said_to_be_absent_before_a_rule_was_asked_of_the_present(
    world: World, tmp_path: Path, lang: str, kept: str
) -> None:
    if kept != "nothing":
        Store.open(tmp_path).close()
    if kept == "an exercise":
        with closing(sqlite3.connect(tmp_path / Store.NAME)) as held:
            held.execute("INSERT INTO rounds VALUES ('reconstructed, lag 0', 492, '2021-01-15', '')")
            held.commit()
    client = dataclasses.replace(world, home=tmp_path).client()
    never = say("web.warnings.never_asked", lang).partition("`")[0]  # type: ignore[arg-type]
    for path in ("warnings", "warnings?group=past", "area/MLI"):
        page = unescape(client.get(f"/{lang}/{path}").text)
        assert never in page
        assert "<code>tocsin watch</code>" in page
        for key in ("warnings.none.open", "warnings.none.past", "area.no_warnings"):
            assert say(f"web.{key}", lang) not in page, path  # type: ignore[arg-type]
