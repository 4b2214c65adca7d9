"""The scores: what ships with the package, the rules' records, and hindsight of the ledger at hand."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin import skill, warn
from tocsin.desk import Desk
from tocsin.desk.scores import SIDE, scores
from tocsin.text import number


def _section(page: str, heading: str) -> str:
    return page.partition(f">{heading}</h2>")[2].partition("</section>")[0]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_comparison_that_ships_is_shown_with_its_interval(reader: TestClient, lang: str) -> None:
    page = unescape(reader.get(f"/{lang}/scores").text)
    for one in skill.shipped()["compared"]:
        ratio = one["windows"]
        value, low, high = (number(ratio[name], lang, decimals=2) for name in ("value", "low", "high"))
        assert f"{value}</span>" in page
        assert f"({low}–{high})" in page
        for horizon in one["groups"]["horizon"].values():
            assert f"({number(horizon['low'], lang, decimals=2)}–" in page


def test_months_ahead_stand_in_their_order(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    heads = re.findall(r">(\d+)–\d+</th>", page)
    assert heads
    first = heads[: len(skill.shipped()["compared"][0]["groups"]["horizon"])]
    assert first == sorted(first, key=int)


def test_what_is_worse_than_the_reference_is_marked_as_such(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    groups = [
        ratio
        for one in skill.shipped()["compared"]
        for name in ("horizon", "period", "region", "state")
        for ratio in one["groups"][name].values()
        if ratio
    ]
    worse, better = sum(r["low"] > 1 for r in groups), sum(r["high"] < 1 for r in groups)
    assert page.count('<span class="problem">') == worse
    headline = sum(one["windows"]["high"] < 1 for one in skill.shipped()["compared"])
    assert page.count('<span class="good">') == better + headline


def test_points_of_calibration_lie_where_their_figures_say(world: World) -> None:
    desk = Desk(world.results, world.home, (), lambda: DAY)
    found = scores(desk, desk.current())
    assert [curve.deaths for curve in found.curves] == [1, 25, 100, 1000]
    for curve in found.curves:
        for x, y, low, high, stated, happened, count in curve.points:
            assert (x, y) == pytest.approx((SIDE * stated, SIDE * (1 - happened)))
            assert low >= y >= high
            assert count > 0
    for shares in found.pit.values():
        assert sum(shares) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_rules_record_is_the_sentence_of_the_rule(world: World, reader: TestClient, lang: str) -> None:
    desk = Desk(world.results, world.home, (), lambda: DAY)
    found = scores(desk, desk.current())
    page = unescape(reader.get(f"/{lang}/scores").text)
    assert {record.rule for record in found.records} == {rule.name for rule in warn.built_in()}
    for record in found.records:
        assert record.sentence(lang) in page


def test_hindsight_tells_what_came_of_the_ledgers_warnings(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    told = _section(page, "Hindsight: what came of what was said here")
    assert 'href="/en/ledger/mali-2011-sof-warning"' in told
    assert "hyperbolic" in told
    assert "2012-10" in told
