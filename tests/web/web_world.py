"""The small world of the pages: a real watch, a home with warnings, entries and tokens, and a replay."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient

from tocsin import months, warn
from tocsin.guard import Role, Tokens
from tocsin.kinds import KINDS
from tocsin.ledger import Ledger, Place, entry, examples, make_key
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.replay import lagged, read
from tocsin.replay import replay as walk
from tocsin.replay.folder import write
from tocsin.sources import SCHEMA, Coverage
from tocsin.vault import Vault
from tocsin.warn import Evidence, Store
from tocsin.watch import current_panel, watch
from tocsin.watch.tables import write_tables
from tocsin.web import Settings, create_app
from tocsin.web.security import COOKIE

DAY = dt.date(2026, 11, 24)
"""Long after the last month of the shipped figures: what is shown is historical."""

PAST = {"as_of": DAY.isoformat()}
"""The query of a program that asks for the past."""

NASTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "'-alert(1)-'",
    "</textarea></title></style><iframe src=javascript:alert(1)>",
    "<a href='data:text/html,<script>alert(1)</script>'>here</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)
"""Texts that would do something in a page that took them for markup."""

CASE = """
format: 1
name: small
title: {en: A small case, fr: Un petit cas}
area: MLI
neighbours: [DZA, NER]
span: 2012-01:2012-04
lags: [1, 7]
compiled: 2020-01-01
author: test
turning_points:
  - month: 2012-03
    name: {en: The turn, fr: Le tournant}
limits:
  - {en: It is invented., fr: Il est inventé.}
sources:
  paper: {citation: A paper, published: 2013-01-01}
parties:
  desk: {en: The desk, fr: la cellule}
  capital: {en: The capital, fr: la capitale}
entries:
  - id: said
    type: warning
    status: issued
    date: 2012-01
    by: desk
    to: [capital]
    text: {en: It will get worse., fr: Cela va empirer.}
    sources: [paper]
    confidence: high
  - id: all-year
    type: event
    form: attack
    date: 2012-01/2012-03
    text: {en: Fighting went on into spring., fr: Les combats durèrent jusqu'au printemps.}
    sources: [paper]
    confidence: low
  - id: refused
    type: dismissal
    date: 2012-03
    by: [capital]
    reason: hyperbolic
    links: ["answers:said"]
    text: {en: The capital does not believe it., fr: La capitale n'y croit pas.}
    sources: [paper]
    confidence: high
"""


@dataclass(frozen=True)
class World:
    """Folders of one world, and the ids of its warnings by status."""

    results: Path
    home: Path
    replay: Path
    draft: str
    issued: str

    def settings(self, **changes: object) -> Settings:
        """Return what serves this world."""
        held: dict[str, object] = {
            "results": self.results, "home": self.home, "replays": (self.replay,), "today": lambda: DAY,
        }  # fmt: skip
        return Settings(**(held | changes))  # type: ignore[arg-type]

    def copy(self, to: Path) -> World:
        """Return the same world with a home of its own, to write to."""
        shutil.copytree(self.home, to)
        return World(self.results, to, self.replay, self.draft, self.issued)

    def client(self, role: Role | None = None, **changes: object) -> TestClient:
        """Return a browser, signed in where a role is given."""
        made = TestClient(
            create_app(self.settings(**changes)), base_url="http://localhost", follow_redirects=False
        )
        if role is not None:
            tokens = Tokens.of(self.home)
            identity = tokens.find(tokens.add(f"The {role}", role))
            assert identity is not None
            session = tokens.begin(identity)
            made.cookies.set(COOKIE, session.secret)
            made.headers["x-csrf-of-tests"] = session.csrf
        return made

    def bring_in(
        self, release: str, coverage: Coverage, month: str, folder: Path, patch: pytest.MonkeyPatch
    ) -> None:
        """Bring a release of one event in Mali, on the last day of a month, into the vault of the home."""
        day = months.last_day(months.parse(month))
        row = {
            "id": 1, "kind": "sb", "date_start": day, "date_end": day, "country_gw": 432, "low": 40,
            "best": 40, "high": 40, "flags": [],
        }  # fmt: skip
        read = SimpleNamespace(
            events=pl.DataFrame([{name: row.get(name) for name in SCHEMA}], schema=SCHEMA),
            report=SimpleNamespace(rows=1, kept=1, refused=0, flagged={}, to_dict=dict),
            coverage=coverage, release=release, format="invented",
        )  # fmt: skip
        patch.setattr("tocsin.sources.read", lambda *_, **__: read)
        file = folder / release
        file.write_text(release)
        Vault.open(self.home).ingest(file)

    def ledger(self) -> Ledger:
        """Open the ledger of the home."""
        return Ledger.open(Place(None, self.home / "ledger.sqlite", self.home))


class Seen(HTMLParser):
    """Collects what a browser would make of a page: elements, attributes, texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def retell(results: Path, **facts: object) -> None:
    """Write other facts into the summary of a folder of results; one that is None is left out."""
    file = results / "summary.json"
    told = json.loads(file.read_text(encoding="utf-8")) | facts
    kept = {name: fact for name, fact in told.items() if name not in facts or fact is not None}
    file.write_text(json.dumps(kept), encoding="utf-8")


def csrf(client: TestClient) -> str:
    """Return what the forms of a signed-in browser carry."""
    return str(client.headers["x-csrf-of-tests"])


def build(folder: Path) -> World:
    """Make a world: the shipped figures watched, warnings of an exercise, every example entry, a replay."""
    results, home, replay = (folder / name for name in ("results", "home", "replay"))
    for one in (results, home, replay):
        one.mkdir()
    found = watch(current_panel(DAY, "figures"), as_of=DAY, methods=("no-learning", "conflictology-12"))
    write_tables(found, results)
    make_key(home, "pages")
    issued, draft = warned(home)
    _entries(home)
    _replay(replay)
    return World(results, home, replay, draft, issued)


def _panel(states: dict[int, list[int]], first: str) -> Panel:
    areas = tuple(sorted(states))
    length = len(states[areas[0]])
    deaths = np.zeros((len(areas), length, len(KINDS)), dtype=np.int32)
    for row, area in enumerate(areas):
        deaths[row, :, 0] = states[area]
    span = Span(months.parse(first), months.parse(first) + length - 1)
    return Panel(
        level="country", scheme="gw", areas=areas, span=span, kinds=KINDS, deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=np.bool_),
        as_of=months.last_day(span.last) + dt.timedelta(days=15), releases=("invented",),
        basis="as published",
    )  # fmt: skip


def warned(home: Path, *releases: str) -> tuple[str, str]:
    """Raise a warning for two states, one issued and one left as a draft, and return their messages' ids.

    releases: names of those of the invented data.
    """
    panel = _panel({432: [30] * 24, 436: [40] * 24, 433: [0] * 24}, "2019-01")
    panel = dataclasses.replace(panel, releases=releases or panel.releases)
    titles = ("Plain rule", "Règle simple")
    rule = warn.Rule(name="plain", threshold=25, window=3, trigger=0.5, cancel=0.3, titles=titles)
    with Store.open(home) as store:
        held = warn.hold(
            panel, as_of=panel.as_of, rules=(rule,), method="conflictology-12",
            states=store.states(warn.series_of(panel)), made_at="2021-01-15T00:00:00+00:00",
            told=store.told,
        )  # fmt: skip
        first, second = store.keep(held)
        store.decide(first.id, "issued", by="Duty desk", at="2021-01-15T09:00:00+00:00")
        warn.record_issued(store, lambda: Ledger.open(Place(None, home / "ledger.sqlite", home)))
    return first.id, second.id


def _entries(home: Path) -> None:
    with Ledger.open(Place(None, home / "ledger.sqlite", home)) as ledger:
        ledger.extend([entry(values) for values in examples().values()])
        ledger.extend(
            [
                entry(
                    {
                        "type": "assessment", "id": f"nasty-{place}", "date": "2013-01-02", "areas": "MLI",
                        "text": text, "language": "en", "sources": [text], "author": text,
                        "confidence": "low", "subject": text, "attributed_to": text,
                    }
                )
                for place, text in enumerate(NASTY)
            ]
        )  # fmt: skip


def _replay(folder: Path) -> None:
    random = np.random.Generator(np.random.PCG64(3))
    states = {gw: random.negative_binomial(0.3, 0.02, 120).tolist() for gw in (432, 436, 439, 475, 615, 620)}
    states[432] = [0] * 90 + [120] * 30
    panel = _panel(states, "2004-01")
    case = read(CASE.encode(), "small.yaml")
    rules = tuple(rule for rule in warn.built_in() if rule.level == "country")[:2]
    table = warn.make(Evidence(panel, {}), rules, method="conflictology-12")
    found = walk(
        case, lagged(panel, case.lags, rules, None), outcomes=panel, groups=None, readings=table,
        method="conflictology-12", rules=rules, priced=False, out=folder,
    )  # fmt: skip
    write(found, folder)


def event(**more: object) -> dict[str, object]:
    """Return an event to record, with `more` in it."""
    return {
        "type": "event", "date": "2020-02", "areas": ["MLI"], "text": "Something happened.",
        "language": "en", "sources": ["a test"], "confidence": "low", "form": "attack", **more,
    }  # fmt: skip
