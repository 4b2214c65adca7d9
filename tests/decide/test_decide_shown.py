"""What a person sees: tables, paragraph, charts, the command, and the pages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from filled_disk import room_for
from rich.console import Console

from tocsin import months
from tocsin.areas import grid
from tocsin.cli import main
from tocsin.decide import (
    Decision,
    Evidence,
    charts,
    decide,
    draw_charts,
    explain,
    force,
    ground,
    screen,
    told,
    traces,
)
from tocsin.decide.record import Watching
from tocsin.decide.screen import DROPPED
from tocsin.decide.sensitivity import BreakEven
from tocsin.decide.words import moment, percent, rounded, span, whole
from tocsin.errors import BadInput
from tocsin.text import LANGUAGES, Language, say


@pytest.fixture(scope="module")
def mali(evidence: Evidence) -> Decision:
    return decide(evidence, "MLI", options=["none", "peacekeeping-100"])


def _shown(*what: object, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(*what)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_cut(mali: Decision, width: int, language: Language) -> None:
    text = "".join(_shown(part, width=width) for part in screen(mali, language, width=width))
    text += _shown(traces(mali, language), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


@pytest.mark.parametrize(("width", "left"), [(80, 3), (100, 2), (140, 0)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_that_do_not_fit_are_named_with_how_to_see_them(
    mali: Decision, width: int, left: int, language: Language
) -> None:
    parts = [part for part in screen(mali, language, width=width) if isinstance(part, str)]
    found = [part for part in parts if "--json" in part]
    heads = [say(f"decide.table.{key}", language).replace("\n", " ") for key in DROPPED[:left]]
    assert found == [say("text.left_out", language, columns=", ".join(heads))] * bool(left)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_moment_is_a_line_with_what_it_costs_and_doing_nothing_is_one_line(
    mali: Decision, language: Language
) -> None:
    nothing, acting = mali.options
    label = nothing.option.label(language)
    lines = [
        (moment(m.months, language), span(m.deaths, 90, language), span(m.averted, 50, language),
         span(m.loss, 90, language), whole(m.cost.mean, language), whole(m.regret.mean, language),
         percent(m.best, language))
        for m in acting.moments
    ]  # fmt: skip
    idle = nothing.moments[-1]
    lines.insert(0, (
        label[:1].upper() + label[1:], span(idle.deaths, 90, language), "–", span(idle.loss, 90, language),
        "0", "–", "–",
    ))  # fmt: skip
    text = "".join(_shown(part, width=140) for part in screen(mali, language, width=140))
    cells = [tuple(re.split(r" {2,}", line.strip())) for line in text.splitlines()]
    assert [line for line in cells if len(line) == len(lines[0])][-len(lines) :] == lines


def test_what_a_number_rests_on_is_told_in_french_and_only_what_is_cited_stays_as_published(
    mali: Decision,
) -> None:
    traced = explain(mali, "fr")
    assert any(one.cited.startswith("Collier, P.") and "Passage lu." in one.said for one in traced)
    assert any("PIB par habitant en dollars" in one.said for one in traced)
    for one in traced:
        assert not re.search(r"\b(?:read|with|per|the|yearly|from)\b", one.said), one.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_doing_nothing_alone_has_its_last_column_and_no_empty_table(
    mali: Decision, language: Language
) -> None:
    alone = dataclasses.replace(mali, options=(mali.option("none"),))
    parts = list(screen(alone, language, width=80))
    text = "".join(_shown(part, width=80) for part in parts)
    assert say("decide.even.title", language) not in text
    assert all(line in text for line in say("decide.table.best", language).split("\n"))


@pytest.mark.parametrize(
    ("even", "english", "french"),
    [
        (BreakEven(probability=0.0), "any", "toute valeur"),
        (BreakEven(probability=0.12), "from 12%", "à partir de 12\xa0%"),
        (BreakEven(probability_up_to=0.52), "up to 52%", "jusqu'à 52\xa0%"),
        (BreakEven(probability=0.6, probability_up_to=0.3), "up to 30%\nfrom 60%", "jusqu'à 30\xa0%"),
    ],
)
def test_where_acting_pays_is_said_with_its_direction(
    mali: Decision, even: BreakEven, english: str, french: str
) -> None:
    row = dataclasses.replace(mali.option("peacekeeping-100"), even=even)
    for language, said in (("en", english), ("fr", french)):
        parts = list(screen(dataclasses.replace(mali, options=(row,)), language, width=140))
        shown = _shown(parts[-2], width=140)
        assert all(line in shown for line in said.split("\n")), shown


@pytest.mark.parametrize(("act_now", "said"), [(0.5, "act"), (0.49, "wait")])
def test_where_acting_pays_is_one_line_a_response_that_ends_with_whether_to_act_now(
    mali: Decision, act_now: float, said: str
) -> None:
    row = dataclasses.replace(
        mali.option("peacekeeping-100"), even=BreakEven(effect=0.25, cost=40.5, probability=0.12),
        watching=Watching(act_now, (), 1.0, 0.0),
    )  # fmt: skip
    parts = list(screen(dataclasses.replace(mali, options=(row,)), "en", width=140))
    line = _shown(parts[-2], width=140).rstrip().splitlines()[-1]
    assert re.split(r" {2,}", line.strip())[1:] == ["0.25", "40.5", "from 12%", said]


def test_the_paragraph_says_what_rests_on_what(mali: Decision) -> None:
    english, french = told(mali, "en"), told(mali, "fr")
    for word in ("Data:", "Estimates:", "Assumptions", "reconstruction", "no fact about this case"):
        assert word in english
    for word in (
        "Données\xa0:",
        "Estimations\xa0:",
        "Hypothèses",
        "Reconstitution",
        "non des faits sur ce cas",
    ):
        assert word in french
    assert "2011-11" in english
    row = mali.option("peacekeeping-100")
    for more, of in ((row.more_deaths, "more deaths"), (row.more_loss, "million dollars")):
        low, high = whole(more.low90, "en"), whole(more.high90, "en")
        assert f" {whole(more.mean, 'en')} {of} ({low} to {high})" in english
    assert f"loses least of all moments in {percent(row.at(0).best, 'en')} of the draws" in english
    assert "people, GDP. Estimates" in english
    unpriced = dataclasses.replace(mali, economy=None)
    assert "people. Estimates" in told(unpriced, "en")
    assert "population. Estimations" in told(unpriced, "fr")


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (0.00321, "0.00321"), (0.5, "0.5"), (12.0, "12"), (1234.5, "1,230"), (-66.44, "−66.4"),
     (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_three_figures(value: float | None, said: str) -> None:
    assert rounded(value, "en") == said


def test_whole_numbers_and_shares() -> None:
    assert whole(4627.9, "en") == "4,630"
    assert whole(-0.2, "en") == "0"
    assert whole(4627.9, "fr") == "4\u202f630"
    assert percent(0.999, "en") == ">99%"
    assert percent(0.0, "fr") == "<1\u00a0%"
    assert percent(None, "en") == "–"


def test_spans_keep_signs_apart(mali: Decision) -> None:
    saved = mali.option("peacekeeping-100").at(0).saved
    assert saved.low90 is not None
    assert saved.low90 < 0
    assert " – " in span(saved, 90, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_are_the_same_bytes_every_time(mali: Decision, tmp_path: Path, language: Language) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        names = draw_charts(mali, folder, language)
    assert set(names) == {"delay-peacekeeping-100.png", "tornado-peacekeeping-100.png"}
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def _figure(monkeypatch: pytest.MonkeyPatch, draw: Any, decision: Decision) -> Any:
    """Return the figure that a chart of the response is made of."""
    made: list[Any] = []
    monkeypatch.setattr(charts, "save", lambda figure, path: made.append(figure))
    draw(decision, decision.option("peacekeeping-100"), Path("none"), "en")
    return made[0]


def test_the_chart_of_delay_has_each_interval_under_its_name_and_what_it_rests_on(
    mali: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = _figure(monkeypatch, charts.draw_delay, mali)
    for axes, name in zip(figure.axes, ("deaths", "loss"), strict=True):
        spreads = [getattr(moment, name) for moment in mali.option("peacekeeping-100").moments]
        drawn = [bar for bars in axes.containers for bar in bars]
        for handle, level in zip(figure.legends[0].legend_handles[1:], (50, 90), strict=True):
            own = [bar for bar in drawn if bar.get_facecolor() == handle.get_facecolor()]
            assert [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in own] == [
                pytest.approx((getattr(s, f"low{level}"), getattr(s, f"high{level}"))) for s in spreads
            ]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["mean", "50% range", "90% range"]
    told = " ".join(" ".join(text.get_text() for text in figure.texts).split())
    assert "CC BY 4.0), reconstructed, lag 1, to 2011-11" in told
    assert len(_figure(monkeypatch, charts.draw_delay, dataclasses.replace(mali, economy=None)).axes) == 1


@pytest.mark.parametrize("unit", ["money", "deaths"])
def test_the_tornado_has_the_widest_bar_on_top_from_its_low_to_its_high(
    mali: Decision, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    given = mali if unit == "money" else dataclasses.replace(mali, economy=None)
    figure = _figure(monkeypatch, charts.draw_tornado, given)
    (axes,) = figure.axes
    bars = mali.option("peacekeeping-100").bars[: charts.SHOWN][::-1]
    for handle, end in zip(figure.legends[0].legend_handles[:2], ("low", "high"), strict=True):
        own = [bar for bar in axes.patches if bar.get_facecolor() == handle.get_facecolor()]
        ends = [getattr(bar, f"{unit}_{end}") for bar in bars]
        assert [bar.get_x() + bar.get_width() for bar in own] == pytest.approx(ends)
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == ["input low", "input high"]
    place = [bar.name for bar in bars].index("model.discount")
    assert axes.get_yticklabels()[place].get_text().startswith("discount rate (")


def test_a_disk_that_fills_leaves_the_charts_that_were_there(mali: Decision, tmp_path: Path) -> None:
    files = [tmp_path / name for name in draw_charts(mali, tmp_path, "en")]
    before = [file.read_bytes() for file in files]
    told = rf"{files[0].name} cannot be written: File too large"
    with room_for(len(before[0]) // 2), pytest.raises(BadInput, match=told):
        draw_charts(mali, tmp_path, "en")
    assert [file.read_bytes() for file in files] == before


COMMAND = [
    "decide", "MLI", "--as-of", "2012-01", "--option", "mediation", "--samples", "150", "--data", "figures",
    "--method", "conflictology-12",
]  # fmt: skip


def test_the_command_prints_json_and_writes_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*COMMAND, "--json", "--quiet", "--troops", "1000", "--out", str(out)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["month"] == "2012-01"
    assert record["basis"] == "reconstructed, lag 1"
    assert record["options"][0]["moments"][-1]["months"] == "never"
    assert record["force"]["grounds"][0]["per_thousand_km2"] == pytest.approx(0.8, abs=0.05)
    assert record["explain"]
    assert record["digest"]
    assert json.loads((out / "decision.json").read_text(encoding="utf-8"))["digest"] == record["digest"]
    assert (out / "delay-mediation.png").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device as on Linux")
def test_a_record_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "decision.json").symlink_to("/dev/full")
    assert main([*COMMAND, "--quiet", "--out", str(tmp_path)]) == 2
    assert "decision.json cannot be written: No space left" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_ground_is_traced(mali: Decision, language: Language) -> None:
    found = force(
        "MLI", troops=1000, month=mali.month, as_of=dt.date(2025, 12, 31), origin=mali.origin,
        contested=(grid.gid(17.0, -2.0),), contested_people=3000,
    )  # fmt: skip
    whole, part = (ratios.ground for ratios in found.grounds)
    traced = explain(mali, language, against=found)[len(explain(mali, language)) :]
    assert [t.value for t in traced] == [
        rounded(whole.km2, language), rounded(whole.persons, language), str(whole.active), str(whole.events),
        rounded(part.km2, language), rounded(3000, language), str(part.active), str(part.events),
    ]  # fmt: skip
    assert [t.basis for t in traced] == ["data"] * 5 + ["assumption"] + ["data"] * 2
    assert "2010" in traced[1].name
    placed = (*traced[2:4], *traced[6:])
    assert all("2010-12" in t.name and "2011-11" in t.name and "ged-24.1" in t.source for t in placed)
    text = _shown(traces(mali, language, against=found), width=300)
    assert all(t.name in text for t in traced)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contested_part_has_a_headed_column_where_there_is_one(language: Language) -> None:
    def shown(*contested: int) -> str:
        found = force(
            "MLI",
            troops=1000,
            month=months.parse("2015-01"),
            as_of=dt.date(2025, 12, 31),
            contested=contested,
        )
        return _shown(*ground(found, language), width=100)

    heading = say("decide.force.column_contested", language)
    assert heading in shown(grid.gid(17.0, -2.0))
    assert heading not in shown()


def test_the_command_traces_the_ground_as_its_data_knew_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--lag", "7", "--troops", "1000", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["force"]["origin"] == record["origin"] == "2011-05"
    assert record["force"]["grounds"][0]["ground"]["events"] == 1
    assert "Mali: events, 2010-06 to 2011-05" in {row["name"] for row in record["explain"]}


def test_data_too_old_for_the_decision_are_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(months, "today", lambda: dt.date(2026, 11, 29))
    asked = [
        "decide", "MLI", "--option", "none", "--samples", "100", "--data", "figures",
        "--method", "conflictology-12",
    ]  # fmt: skip
    said = "The last month of data is 2021-12, 1,766 days before 2026-11-01."

    def shown(*more: str) -> str:
        assert main([*asked, *more]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert said in shown("--as-of", "2026-11")
    for day in (["--as-of", "2012-01"], ["--as-of", "2012-01", "--lag", "7"], []):
        assert "The last month of data" not in shown(*day)
    assert main([*asked, "--as-of", "2026-11", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["month"] == "2026-11"
    assert said in printed.err


@pytest.mark.parametrize("asked", [["--as-of", "2026-12"], ["--lag", "59"]])
def test_a_decision_still_to_come_is_refused(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(months, "today", lambda: dt.date(2026, 11, 29))
    assert main(["decide", "MLI", "--data", "figures", *asked]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "A decision in 2026-12 is still to come: the present month is 2026-11." in told


def test_a_lag_below_none_is_refused_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    for month in ([], ["--as-of", "2012-01"]):
        assert main(["decide", "MLI", "--data", "figures", "--lag", "-1", *month]) == 2
        assert "lag of −1 months is not possible" in " ".join(capsys.readouterr().err.split())


def test_the_command_shows_tables_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "fr", *COMMAND, "--explain", "--lag", "7"]) == 0
    text = capsys.readouterr().out
    assert "jamais" in text
    assert "hypothèse" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decide", "MLI", "--moments", "0,x"], "not a moment"),
        (["decide", "MLI", "--contested", "a"], "not a list of cells"),
        (["decide", "MLI", "--contested", "153174"], "--contested says nothing without --troops"),
        (["decide", "MLI", "--contested-people", "9"], "--contested-people says nothing without --troops"),
        (["decide", "MLI", "--option", "mediaton"], "the closest is"),
        (["decide", "MLI", "--options", "absent.toml"], "absent.toml"),
        (["decide", "MLI", "--as-of", "2012"], "2012"),
    ],
)
def test_a_wrong_word_is_named(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--data", "figures"]) == 2
    assert said in capsys.readouterr().err
