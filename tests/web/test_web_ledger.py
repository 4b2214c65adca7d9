"""The ledger's pages: entries found, proved and taken away, and texts that stay texts."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from web_world import NASTY, Seen, World

from tocsin.ledger import TYPES, When, entry, examples
from tocsin.text import LANGUAGES, Language, say
from tocsin.web.pages import ledger as page_module


def test_filters_narrow_the_list_and_are_kept_in_the_address(world: World, reader: TestClient) -> None:
    with world.ledger() as ledger:
        warnings = [e.entry for e in ledger.entries(type="warning")]
    page = reader.get("/en/ledger?type=warning").text
    assert page.count('<span class="when">') == len(warnings)
    by_party = reader.get("/en/ledger?party=duty%20DESK").text
    assert page.count('<span class="when">') > by_party.count('<span class="when">') > 0
    assert reader.get("/en/ledger?text=no-such-words").text.count('<span class="when">') == 0
    assert 'value="duty DESK"' in by_party


def test_accents_and_case_do_not_hide_an_entry(reader: TestClient) -> None:
    plain, accented = (reader.get(f"/fr/ledger?text={word}").text for word in ("exagerees", "EXAGÉRÉES"))
    assert plain.count('<span class="when">') == accented.count('<span class="when">') == 1


@pytest.mark.parametrize("query", ["type=opera", "area=Atlantis", "area=gid:0", f"area=gid:{'9' * 20}"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_filter_that_is_none_is_explained_on_the_page(reader: TestClient, query: str, lang: str) -> None:
    answer = reader.get(f"/{lang}/ledger?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "99999999", "7"])
def test_a_page_that_is_not_there_does_not_fail(reader: TestClient, number: str) -> None:
    answer = reader.get("/en/ledger", params={"p": number})
    assert answer.status_code == 200
    assert '<span class="when">' in answer.text


def test_a_long_list_comes_in_pages_that_lead_to_each_other(
    reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module.desk_ledger, "SHOWN", 10)
    first, second = reader.get("/en/ledger").text, reader.get("/en/ledger?p=2").text
    assert first.count('<span class="when">') == second.count('<span class="when">') == 10
    assert 'rel="next" href="/en/ledger?p=2"' in first
    assert 'rel="prev" href="/en/ledger?p=1"' in second


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_type_of_entry_has_a_page_with_a_good_proof(
    world: World, reader: TestClient, lang: str
) -> None:
    with world.ledger() as ledger:
        held = {e.entry.type: e.entry for e in ledger.entries()}
        checkpoint = ledger.checkpoint()
    assert set(held) == set(TYPES)
    for one in held.values():
        page = reader.get(f"/{lang}/ledger/{one.id}")
        assert page.status_code == 200, one.type
        seen = Seen(page.text)
        assert one.text[:40] in seen.text
        assert 'class="good"' in page.text
        assert checkpoint.splitlines()[2] in seen.text
        assert "{&#39;" not in page.text, "a value is shown as a program would write it"


def test_an_entry_shows_what_it_answers_and_what_answers_it(reader: TestClient) -> None:
    warning = reader.get("/en/ledger/mali-2011-sof-warning").text
    assert 'href="/en/ledger/mali-2012-dismissal"' in warning
    assert 'href="/en/ledger/mali-2011-sof-warning"' in reader.get("/en/ledger/mali-2012-dismissal").text


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_entry_that_is_not_there_is_a_page_that_names_it_and_not_where_the_ledger_lies(
    world: World, reader: TestClient, lang: str
) -> None:
    for path in ("ledger/none-such", "ledger.zip?id=none-such", "ledger/add?type=none-such"):
        answer = reader.get(f"/{lang}/{path}")
        assert answer.status_code == 404, path
        assert "none-such" in answer.text
        assert str(world.home) not in answer.text


def test_a_touched_up_entry_is_told_on_its_page_and_by_the_whole_check(own: World) -> None:
    import sqlite3

    with sqlite3.connect(own.home / "ledger.sqlite") as held:
        held.executescript("PRAGMA writable_schema = ON")
        for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            held.execute(f"DROP TRIGGER {name}")
        held.execute(
            "UPDATE entries SET body = replace(body, 'exaggerated', 'perfectly ok') "
            "WHERE id = 'mali-2012-dismissal'"
        )
    held.close()
    client = own.client()
    page = client.get("/en/ledger/mali-2012-dismissal").text
    assert "perfectly ok" in page
    assert 'class="problem"' in page
    assert "<code>tocsin ledger verify</code>" in page
    whole = client.get("/en/ledger/verify").text
    assert 'class="problem"' in whole
    assert "mali-2012-dismissal" in whole
    assert 'class="good"' in client.get("/en/ledger/mali-2011-sof-warning").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_date_in_an_entry_is_as_precise_as_its_source(own: World, lang: Language) -> None:
    window = When.model_validate("2012-04/2012-06")
    sources = [{"citation": "A report", "published": "2012-03"}]
    with own.ledger() as ledger:
        ledger.extend([entry(examples()["warning"] | {"id": "dated", "window": window, "sources": sources})])
    page = own.client().get(f"/{lang}/ledger/dated").text
    assert window.said(lang) in page
    assert "2012-03" in page
    assert not re.search("2012-0[346]-(01|3)", page)


def test_the_bundle_can_be_checked_without_this_program(reader: TestClient, tmp_path: Path) -> None:
    answer = reader.get("/en/ledger.zip?id=mali-2012-dismissal")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        held.extractall(tmp_path)
    (file,) = tmp_path.rglob("verify.py")
    lines = (file.parent / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["entry"]["id"] for line in lines] == ["mali-2012-dismissal"]
    words = [sys.executable, str(file), str(file.parent), "--part"]
    checked = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("place", range(len(NASTY)))
def test_texts_of_the_ledger_are_never_markup(world: World, reader: TestClient, place: int) -> None:
    calm, seen = (
        Seen(reader.get(path).text)
        for path in ("/en/ledger/mali-2012-outside-view", f"/en/ledger/nasty-{place}")
    )
    assert seen.text.count(NASTY[place]) >= 4
    assert set(seen.tags) <= set(calm.tags) | {"p", "span", "dd"}
    assert seen.tags.count("script") == calm.tags.count("script")
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    links = [value or "" for name, value in seen.attributes if name in ("href", "src", "action")]
    assert all(link.startswith(("/", "#")) for link in links)


@pytest.mark.parametrize("path", ["/en/ledger", "/fr/ledger?party={}", "/fr/ledger?area={}"])
def test_nothing_typed_or_recorded_becomes_an_element_of_a_list(reader: TestClient, path: str) -> None:
    for text in NASTY:
        seen = Seen(reader.get(path.format(text)).text)
        assert "iframe" not in seen.tags
        assert not [name for name, _ in seen.attributes if name.startswith("on")]
        assert not [value for name, value in seen.attributes if name == "href" and "script:" in (value or "")]


def test_without_a_ledger_the_pages_say_so(world: World, tmp_path: Path) -> None:
    bare = World(world.results, tmp_path, world.replay, "", "")
    client = bare.client()
    for path in ("ledger", "ledger/verify", "ledger/add", "warnings", "scores"):
        assert client.get(f"/en/{path}").status_code == 200, path
    page = client.get("/fr/ledger").text
    assert unescape(say("desk.no_ledger", "fr")) in unescape(page)
    assert "ledger.zip" not in page
    assert "Aucune inscription ne correspond" not in page
    assert client.get("/en/ledger/anything").status_code == 404
    assert client.get("/en/ledger.zip").status_code == 404
    assert not list(tmp_path.iterdir()), "reading makes nothing"


def test_a_ledger_replaced_while_it_is_served_is_read_anew_and_an_old_tag_does_not_hold(own: World) -> None:
    client, file = own.client(), own.home / "ledger.sqlite"
    first = client.get("/api/v1/ledger", params={"text": "planted"})
    held = {"If-None-Match": first.headers["etag"]}
    assert first.json()["found"] == 0
    assert client.get("/api/v1/ledger", params={"text": "planted"}, headers=held).status_code == 304
    longer = own.copy(own.home.parent / "longer")
    with longer.ledger() as ledger:
        ledger.extend([entry({**examples()["event"], "id": "fresh", "text": "Planted."})])
    (longer.home / "ledger.sqlite").replace(file)
    again = client.get("/api/v1/ledger", params={"text": "planted"}, headers=held)
    assert (again.status_code, again.json()["found"]) == (200, 1)
    assert "Planted." in client.get("/en/ledger").text
    whole = file.read_bytes()
    file.write_bytes(b"nonsense" * 500)
    for path in ("/fr/ledger", "/api/v1/ledger", "/fr/warnings"):
        assert client.get(path).status_code == 503
    file.unlink()
    assert client.get("/api/v1/ledger").json()["found"] == 0
    assert not file.exists(), "reading makes no ledger"
    file.write_bytes(whole)
    assert client.get("/en/ledger/fresh").status_code == 200


def test_an_exercise_is_called_one_wherever_it_stands(own: World) -> None:
    id = "tocsin-exercise-reconstructed-lag-1-plain-gw432-2012-01"
    alert = {**examples()["warning"], "id": id, "episode": id, "links": []}
    answer = {**examples()["notice"], "id": "to-the-exercise", "links": [f"answers:{id}"]}
    client = own.client()
    with own.ledger() as ledger:
        ledger.extend([entry(alert), entry(answer)])
    for path, count in (("ledger?type=warning", 1), (f"ledger/{id}", 1), ("ledger/to-the-exercise", 1)):
        assert client.get(f"/en/{path}").text.count('<span class="status">exercise</span>') == count, path
    assert 'class="status">exercice<' in client.get(f"/fr/ledger/{id}").text
    told = client.get("/api/v1/ledger", params={"type": "warning"}).json()["entries"]
    assert [row["entry"]["id"] for row in told if row["exercise"]] == [id]


def test_what_is_listed_in_another_language_than_the_page_is_marked(own: World) -> None:
    texts = {"text": "It began.", "language": "en"}
    second = {"translation": {"language": "fr", "text": "Cela commença."}}
    with own.ledger() as ledger:
        plain = examples()["event"] | texts
        plain.pop("translation", None)
        ledger.extend([entry(plain | {"id": "alone"}), entry(plain | second | {"id": "both"})])
    page = own.client().get("/fr/ledger?type=event").text
    assert 'href="/fr/ledger/alone" lang="en" dir="auto">It began.</a>' in page
    assert 'href="/fr/ledger/both" dir="auto">Cela commença.</a>' in page
    assert 'lang="en" dir="auto">It began.' not in own.client().get("/en/ledger?type=event").text


@pytest.mark.parametrize(("lang", "then", "now"), [
    ("en", "Yugoslavia", "Serbia and Montenegro"), ("fr", "Yougoslavie", "Serbie-et-Monténégro"),
])  # fmt: skip
def test_a_state_is_called_what_it_was_called_then(own: World, lang: str, then: str, now: str) -> None:
    told = {"id": "long-ago", "status": "issued", "date": "1990-04", "areas": ["gw:345"], "links": []}
    with own.ledger() as ledger:
        ledger.extend([entry(examples()["warning"] | told)])
    client = own.client()
    for path in ("ledger?area=345", "ledger/long-ago", "scores"):
        page = unescape(client.get(f"/{lang}/{path}").text)
        assert then in page, path
        assert now not in page, path
