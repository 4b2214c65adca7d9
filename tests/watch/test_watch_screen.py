import dataclasses
import datetime as dt
import io
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tocsin import months, warn
from tocsin.panel import Panel
from tocsin.text import Language, say, whole_percent
from tocsin.watch import Alerts, percent, screen, sparkline, watch
from tocsin.watch.words import points

TODAY = dt.date(2012, 1, 15)
LATER = dt.date(2020, 1, 1)


def _text(
    panel: Panel, width: int, language: Language = "en", day: dt.date = TODAY, lead: str = "no-learning"
) -> str:
    stream = io.StringIO()
    found = watch(panel, as_of=day, methods=(lead, "conflictology-12"), language=language)
    Console(file=stream, width=width).print(screen(found, width=width, language=language))
    return stream.getvalue()


def _words(text: str) -> str:
    return " ".join(text.replace("┃", " ").split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_months_that_no_release_covers_are_named_with_the_remedy(panel: Panel, language: Language) -> None:
    assert say("watch.gaps", language, spans="").partition(":")[0] not in _words(_text(panel, 100, language))
    covered, deaths = panel.covered.copy(), panel.deaths.copy()
    covered[:, -4] = deaths[:, -4] = 0
    told = _words(_text(dataclasses.replace(panel, covered=covered, deaths=deaths), 100, language))
    lacking = str(months.Span(panel.span.last - 3, panel.span.last - 3))
    assert " ".join(say("watch.gaps", language, spans=lacking).split()) in told


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_line_is_wider_than_the_screen_and_no_number_is_cut(
    panel: Panel, width: int, language: Language
) -> None:
    text = _text(panel, width, language, LATER)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in text
    assert ("--json" in text) is (width < 90)


@pytest.mark.parametrize("width", [76, 80, 100])
def test_where_expected_deaths_are_many_the_name_gives_way_and_no_number(panel: Panel, width: int) -> None:
    deaths = panel.deaths.copy()
    deaths[panel.index(625), :, 0] = 100_000
    lines = _text(dataclasses.replace(panel, deaths=deaths), width, lead="last").splitlines()
    assert max(map(len, lines)) <= width
    assert {line.split()[-1] for line in lines if "Last 3" in line} == {"Change,"}
    sudan = next(line for line in lines if line.split()[1:2] == ["Sudan"])
    assert "…" not in sudan
    assert re.search(r"\d{3},000 \(\d{3},000–\d{3},000\)", sudan)


def test_the_age_of_the_data_is_said_either_way(panel: Panel) -> None:
    assert "15 days before that day" in _text(panel, 100)
    new_year = dt.date(2012, 1, 1)
    assert "1 day before that day" in _text(dataclasses.replace(panel, as_of=new_year), 100, day=new_year)
    assert "not an assessment of" not in _text(panel, 100)
    old = _words(_text(panel, 100, day=LATER))
    assert "demonstration on historical figures" in old
    assert "not an assessment of today" in old
    assert "ce n'est pas une évaluation" in _words(_text(panel, 100, "fr", LATER))


def test_countries_not_assessed_are_named(panel: Panel) -> None:
    line = next(line for line in _text(panel, 100).splitlines() if line.startswith("Not assessed"))
    assert "covers it in 2011-12 (1): Niger" in line


def test_a_month_that_covers_more_countries_is_named_with_how_to_ask_for_it(panel: Panel) -> None:
    assert "Most countries are covered in 2011-10: 5. `tocsin watch --origin 2011-10`" in _words(
        _text(panel, 100)
    )
    assert "le plus de pays sont couverts : 5." in _words(_text(panel, 100, "fr"))
    covered = panel.covered.copy()
    covered[:] = covered[:, -1:]
    assert "Most countries" not in _text(dataclasses.replace(panel, covered=covered), 100)


def test_what_is_not_assessed_has_no_figure() -> None:
    for language in ("en", "fr"):
        assert percent(float("nan"), language) == percent(None, language) == "?"
        assert points(float("nan"), language) == whole_percent(float("nan"), language) == "?"


def test_sparklines_tell_nothing_from_not_covered() -> None:
    assert sparkline([0, None, 1, 4, 8]) == "·?▂▅█"
    assert sparkline([0, 0]) == "··"
    assert sparkline([None]) == "?"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "<1%"), (0.004, "<1%"), (0.254, "25%"), (0.996, ">99%"), (1.0, ">99%"), (None, "?")],
)
def test_draws_never_claim_certainty(value: float | None, said: str) -> None:
    assert percent(value, "en") == said


@pytest.mark.parametrize(("value", "said"), [(0.18, "+18"), (-0.021, "−2"), (0.001, "0"), (None, "?")])
def test_changes_are_signed_points(value: float | None, said: str) -> None:
    assert points(value, "en") == said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_month_before_that_is_not_covered_is_no_month_without_a_rise(
    panel: Panel, language: Language
) -> None:
    covered = panel.covered.copy()
    covered[:, -2] = False
    deaths = np.where(covered[:, :, None], panel.deaths, 0)
    text = _words(_text(dataclasses.replace(panel, covered=covered, deaths=deaths), 100, language))
    assert say("watch.no_rises", language) not in text
    assert _words(say("watch.no_before", language, month="2011-11")) in text


def test_rules_that_could_not_be_asked_are_named(panel: Panel, tmp_path: Path) -> None:
    stream = io.StringIO()
    alerts = Alerts(tmp_path, warn.built_in())
    found = watch(panel, as_of=TODAY, methods=("no-learning",), alerts=alerts)
    assert found.alerted is not None
    assert found.alerted.round is not None
    Console(file=stream, width=100).print(screen(found, width=100, language="en"))
    # Niger is not covered, and South Sudan is not a year old.
    assert len(found.alerted.round.not_assessed["onset"]) == 2
    assert "".join(found.alerted.remarks("en")) in _words(stream.getvalue())
    assert "(number of countries): Onset of violence (2), " in "".join(found.alerted.remarks("en"))
