"""The scores: what ships with the package, the rules' records, and hindsight of the ledger at hand."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pytest
from rich.console import Console
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin import months, skill, warn
from tocsin.desk import Desk
from tocsin.desk.scores import scores
from tocsin.hindsight import of_ledger, screen
from tocsin.ledger import When, entry, examples
from tocsin.months import Span
from tocsin.sources import Coverage
from tocsin.text import LANGUAGES, Language, catalogue, number, say
from tocsin.watch import current_groups, current_panel


def _section(page: str, heading: str) -> str:
    return page.partition(f">{heading}</h2>")[2].partition("</section>")[0]


def _ratios() -> list[dict[str, float]]:
    """Return every ratio by group that ships, against every baseline."""
    return [
        ratio
        for one in skill.shipped()["compared"]
        for held in (one, *one["against"].values())
        for name in ("horizon", "period", "region", "state")
        for ratio in held["groups"][name].values()
    ]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_comparison_that_ships_is_shown_with_its_interval(reader: TestClient, lang: str) -> None:
    page = unescape(reader.get(f"/{lang}/scores").text)
    for one in skill.shipped()["compared"]:
        for ratio in (one["windows"], *(held["windows"] for held in one["against"].values())):
            value, low, high = (number(ratio[name], lang, decimals=2) for name in ("value", "low", "high"))
            assert f"{value}</span>" in page
            assert f"({low}–{high})" in page
    for ratio in _ratios():
        assert f"({number(ratio['low'], lang, decimals=2)}–" in page


def test_more_than_one_baseline_ships(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    held = skill.shipped()
    for one in held["compared"]:
        assert {"last", "zero"} <= set(one["against"])
    for name in (held["reference"], *held["compared"][0]["against"]):
        assert f"against {name}</th>" in page


def test_months_ahead_and_states_stand_in_their_order(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    heads = re.findall(r">(\d+)–\d+</th>", page)
    first = heads[: len(skill.shipped()["compared"][0]["groups"]["horizon"])]
    assert len(first) > 2
    assert first == sorted(first, key=int)
    assert page.index(">quiet</th>") < page.index(">steady</th>") < page.index(">falling from a spike</th>")


def test_what_is_worse_than_a_baseline_is_marked_as_such(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    groups, compared = _ratios(), skill.shipped()["compared"]
    worse, better = sum(r["low"] > 1 for r in groups), sum(r["high"] < 1 for r in groups)
    assert page.count('<span class="problem">') == worse
    headline = [held["windows"] for one in compared for held in (one, *one["against"].values())]
    assert page.count('<span class="good">') == better + sum(r["high"] < 1 for r in headline)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_rules_record_is_the_sentence_of_the_rule(world: World, reader: TestClient, lang: str) -> None:
    desk = Desk(world.results, world.home, (), lambda: DAY)
    found = scores(desk, desk.current())
    page = unescape(reader.get(f"/{lang}/scores").text)
    assert {record.rule for record in found.records} == {rule.name for rule in warn.built_in()}
    for record in found.records:
        assert record.sentence(lang) in page
    for rule in warn.built_in():
        assert f'<strong title="{rule.name}">{rule.title(lang)}</strong>' in page  # type: ignore[arg-type]


def test_hindsight_tells_what_came_of_the_ledgers_warnings(reader: TestClient) -> None:
    page = reader.get("/en/scores").text
    told = _section(page, "Hindsight: what came of what was said here")
    assert 'href="/en/ledger/mali-2011-sof-warning"' in told
    assert "hyperbolic" in told
    assert "2012-10" in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_warnings_are_told_as_the_terminal_tells_them(own: World, lang: Language) -> None:
    window = {"status": "issued", "kind": "total", "date": "2012-03", "links": []}
    told = [
        {"id": "hit", "threshold": 25, "window": "2012-04/2012-06", "probability": 0.2345, **window},
        {"id": "miss", "threshold": 99999, "window": "2012-04/2012-06", "probability": 0.5, **window},
        {"id": "later", "threshold": 25, "window": "2023-01/2023-03", "probability": 0.5, **window},
    ]
    with own.ledger() as ledger:
        ledger.extend([entry(examples()["warning"] | one) for one in told])
        found = of_ledger(ledger, current_panel(DAY), as_of=DAY, groups=current_groups(DAY))
    # Recorded by the test, long after 2012.
    assert found.afterwards.precision is not None
    stream = io.StringIO()
    Console(file=stream, width=400).print(screen(found, lang, width=400))
    lines = stream.getvalue().splitlines()
    page = unescape(own.client("reader").get(f"/{lang}/scores").text)
    begins = catalogue(lang, "hindsight")["alarms_summary"].partition("{")[0]
    summary = next(line for line in lines if line.startswith(begins))
    assert f"<p>{summary.strip()}</p>" in page
    for alarm in found.afterwards.all:
        row = page.partition(f'href="/{lang}/ledger/{alarm.id}"')[2].partition("</tr>")[0]
        cells = re.findall(r'<td class="n">([^<]+)</td>', row)
        assert any(line.split()[-3:] == [cell.strip() for cell in cells[-3:]] for line in lines), cells


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_entry_recorded_late_is_named_with_both_its_days(own: World, lang: Language) -> None:
    client = own.client(today=months.today)
    with own.ledger() as ledger:
        found = of_ledger(
            ledger, current_panel(months.today(), "figures"), as_of=months.today(), groups=None
        ).belated
    page = unescape(client.get(f"/{lang}/scores").text)
    assert {one.type for one in found} > {"warning", "commitment", "agreement"}
    for one in found:
        date, recorded = one.date.said(lang), one.recorded.isoformat()
        told = say("hindsight.belated_one", lang, id=one.id, date=date, recorded=recorded)
        assert f'<a href="/{lang}/ledger/{one.id}">{told}</a>' in page


def test_an_exercise_is_marked_and_counts_in_no_table_of_real_warnings(own: World) -> None:
    with own.ledger() as ledger:
        episode = "tocsin-exercise-drill-gw432-2012-01"
        told = {"id": "tried", "status": "issued", "by": "A drill", "episode": episode}
        ledger.extend([entry(examples()["warning"] | told)])
    page = own.client().get("/en/scores").text
    real, _, tried = _section(page, "Hindsight: what came of what was said here").partition(">Exercises</h3>")
    assert "A drill" not in real
    assert 'href="/en/ledger/tried"' in tried
    assert "exercises on past months" in tried


def test_without_records_the_command_that_makes_them_is_set_as_one(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.desk.scores.records", lambda *_: ())
    page = own.client("reader").get("/en/scores").text
    assert "<code>tocsin warn record --compute</code>" in page


def test_a_warning_by_a_rule_is_called_by_the_title_of_the_rule(own: World) -> None:
    with own.ledger() as ledger:
        told = {
            "id": "by-a-rule", "status": "issued", "rule": "spread", "probability": 0.5, "kind": "total",
            "threshold": 25, "window": "2012-04/2012-06", "question": "At least 25 deaths.",
        }  # fmt: skip
        ledger.extend([entry(examples()["warning"] | told)])
    page = own.client().get("/fr/scores").text
    (title,) = (rule.title("fr") for rule in warn.built_in() if rule.name == "spread")
    assert f'<span title="spread">{title}</span>' in unescape(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hindsight_shows_a_date_as_its_source_gives_it_and_the_deaths_around_it(
    reader: TestClient, lang: Language
) -> None:
    page = reader.get(f"/{lang}/scores").text
    date = When.model_validate("2012-01/2012-03").said(lang)
    row = page.partition(f'<td class="nowrap">{date}</td>')[2].partition("</tr>")[0]
    # UCDP's deaths in Mali in 2011, and from March 2012 on: three months, twelve, and the month of the 25th.
    assert re.findall(r'<td class="n">([^<]+)</td>', row) == ["23", "108", "811", "1"]
    assert "2012-01-01" not in page


def test_a_release_brought_in_while_the_scores_are_served_settles_what_was_open(
    own: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    with own.ledger() as ledger:
        told = {
            "id": "waits", "status": "issued", "date": "2021-12", "areas": ["MLI"], "kind": "sb",
            "threshold": 25, "window": "2022-01/2022-03", "probability": 0.5, "links": [],
        }  # fmt: skip
        ledger.extend([entry(examples()["warning"] | told)])
    client = own.client(today=months.today)

    def result() -> str:
        row = client.get("/en/scores").text.partition('href="/en/ledger/waits"')[2].partition("</tr>")[0]
        return re.findall(r"<td>([^<]+)</td>", row)[0]

    assert result() == say("hindsight.result.open", "en")
    own.bring_in("23.1", Coverage(Span.parse("1989-01:2022-12")), "2022-01", tmp_path, monkeypatch)
    assert result() == say("hindsight.result.came_true", "en")
