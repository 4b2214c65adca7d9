from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tocsin import months, warn
from tocsin.errors import BadFile, BadInput, TocsinError, UnknownName
from tocsin.text import LANGUAGES

GOOD = """
# A rule of one's own
[[rule]]
name = "surge"
threshold = 50
window = 2
trigger = 0.4
"""


def test_the_built_in_rules_ask_what_they_are_said_to_ask() -> None:
    onset, escalation, mass, spread = warn.built_in()
    assert (onset.quiet_months, onset.threshold, onset.window, onset.times_mean) == (12, 25, 3, None)
    assert (escalation.times_mean, escalation.threshold, escalation.window) == (2.0, 100, 3)
    assert (mass.threshold, mass.window, mass.quiet_months, mass.times_mean) == (1000, 12, 0, None)
    assert (spread.level, spread.threshold, spread.quiet_months) == ("admin1", 1, 24)
    for rule in warn.built_in():
        assert rule.kind == "total"
        assert 0 < rule.cancel < rule.trigger < 1
        assert rule.spacing_days == 180


def test_a_rule_of_ones_own_takes_the_defaults() -> None:
    (rule,) = warn.parse(GOOD, "mine.toml")
    assert (rule.level, rule.kind, rule.spacing_days, rule.severity) == ("country", "total", 180, "Severe")
    assert rule.cancel == pytest.approx(0.4 * 2 / 3)
    assert rule.title("fr") == "surge"


def test_spacing_in_months_is_never_shorter_than_in_days() -> None:
    (rule,) = warn.parse(GOOD, "mine.toml")
    count = rule.spacing_months
    assert count == 6
    for first in range(1, 500):
        assert (months.last_day(first + count) - months.last_day(first)).days >= 180
    assert any((months.last_day(m + count - 1) - months.last_day(m)).days < 180 for m in range(1, 49))


@pytest.mark.parametrize(("days", "count"), [(28, 1), (29, 2), (181, 6), (182, 7), (365, 12), (366, 13)])
def test_months_that_never_last_fewer_than_the_days_are_enough(days: int, count: int) -> None:
    assert dataclasses.replace(warn.built_in()[0], spacing_days=days).spacing_months == count


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (("threshold = 50\n", ""), BadInput, 'line 3.*nothing that data could settle.*"threshold"'),
        (("window = 2\n", ""), BadInput, 'line 3.*nothing that data could settle.*"window"'),
        (("trigger = 0.4\n", ""), BadInput, 'line 3.*no "trigger"'),
        (("threshold = 50", "threshold = 0"), BadInput, "line 5.*threshold is 0.*from 1"),
        (("threshold = 50", "threshold = 2.5"), BadInput, "line 5.*threshold is 2.5"),
        (("threshold = 50", "threshold = true"), BadInput, "line 5.*threshold is True"),
        (("window = 2", "window = 13"), BadInput, "line 6.*window is 13.*to 12"),
        (("trigger = 0.4", "trigger = 1.0"), BadInput, "line 7.*trigger is 1.0"),
        (("trigger = 0.4", "trigger = nan"), BadInput, "line 7.*trigger is nan"),
        (("trigger = 0.4", "trigger = 0.4\ncancel = 0.5"), BadInput, "line 8.*cancel is 0.5"),
        (("trigger = 0.4", 'trigger = 0.4\nkind = "xx"'), UnknownName, "line 8.*sb, ns, os, total"),
        (("trigger = 0.4", 'trigger = 0.4\nlevel = "town"'), UnknownName, "line 8.*country, admin1"),
        (
            ("trigger = 0.4", "trigger = 0.4\ntreshold = 3"),
            UnknownName,
            "line 8.*treshold.*closest: threshold",
        ),
        (
            ("trigger = 0.4", 'trigger = 0.4\narea = "MLI"'),
            UnknownName,
            r"line 8.*\"area\" is not a field of a rule\. C",
        ),
        (("trigger = 0.4", 'trigger = 0.4\nlevel = "admin1"'), BadInput, "line 5.*provinces"),
        (("trigger = 0.4", "trigger = 0.4\ntitle = 3"), BadInput, "line 8.*title must be"),
        (('"surge"', '"Sahel surge!"'), BadInput, "line 4.*lower-case"),
        (("[[rule]]", "[rule]"), BadFile, "holds no rules"),
        (("threshold = 50", "threshold = = 50"), BadFile, "not TOML"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_line(
    change: tuple[str, str], kind: type[TocsinError], said: str
) -> None:
    with pytest.raises(kind, match=f"(?s){said}"):
        warn.parse(GOOD.replace(*change), "mine.toml")


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0}, {"threshold": 2.5}, {"threshold": True}, {"window": 0}, {"window": 13},
        {"trigger": 30}, {"trigger": 0.0}, {"trigger": float("nan")}, {"trigger": "0.5"}, {"cancel": 0.5},
        {"times_mean": 0.0}, {"quiet_months": -1}, {"spacing_days": -1}, {"kind": "xx"}, {"level": "cell"},
        {"severity": "Bad"}, {"name": "No name"}, {"titles": ("x" * 121, "")},
        {"level": "admin1", "quiet_months": 24}, {"level": "admin1", "threshold": 1},
    ],
)  # fmt: skip
def test_a_rule_made_in_python_is_checked_as_one_of_a_file(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "plain", "threshold": 25, "window": 3, "trigger": 0.5, "cancel": 0.3}
    rule = warn.Rule(**given)  # type: ignore[arg-type]
    with pytest.raises(BadInput) as caught:
        dataclasses.replace(rule, **wrong)  # type: ignore[arg-type]
    for language in LANGUAGES:
        said = caught.value.message(language)
        assert any(field.removesuffix("s") in said for field in wrong)
        assert "{" not in said.replace("{ en", "").replace("{ fr", "")


def test_numbers_of_numpy_ask_the_same_question_and_no_trigger_is_a_percentage() -> None:
    plain = warn.Rule("plain", 25, 3, 0.5, 0.3, times_mean=2.0)
    same = warn.Rule("plain", np.int64(25), np.int16(3), np.float64(0.5), 0.3, times_mean=2)  # type: ignore[arg-type]
    assert (plain, plain.criterion) == (same, same.criterion)
    with pytest.raises(BadInput, match="trigger is 30"):
        warn.with_trigger(plain, 30)


def test_two_rules_of_one_name_are_refused_at_the_second() -> None:
    with pytest.raises(BadInput, match="line 10"):
        warn.parse(GOOD + GOOD.replace("# A rule of one's own\n", ""), "mine.toml")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        warn.read(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes("name = 'é'".encode("latin-1"))
    with pytest.raises(BadFile, match="UTF-8"):
        warn.read(tmp_path / "latin.toml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_says_what_it_asks(language: str) -> None:
    for rule in warn.built_in():
        asked = rule.question("Mali", months.parse("2011-12"), 120, language)  # type: ignore[arg-type]
        assert "Mali" in asked
        assert "2012-01" in asked
        assert months.label(months.parse("2011-12") + rule.window) in asked
        assert rule.definition(language)  # type: ignore[arg-type]


def test_a_rule_of_one_death_and_one_month_reads_as_one_of_many_does() -> None:
    one = {"name": "first", "threshold": 1, "window": 1, "trigger": 0.5, "cancel": 0.3, "quiet_months": 1}
    asked = warn.Rule(**one)  # type: ignore[arg-type]
    told = {
        language: f"{asked.question('Mali', 384, language=language)} {asked.definition(language)}"
        for language in LANGUAGES
    }
    assert told["en"] == (
        "Mali: at least 1 death (all kinds) from 2012-01 to 2012-01, after 1 month without one. "
        "At least 1 death (all kinds) in the 1-month window ahead, after 1 month without a death."
    )
    assert told["fr"].endswith(
        "Au moins 1 décès (tous les types) dans le mois à venir, après 1 mois sans décès."
    )
    places = warn.Rule(**one, level="admin1")  # type: ignore[arg-type]
    assert "none for 1 month." in places.question("Mali", 384, language="en")
    assert "dans le mois à venir" in places.definition("fr")
    many = warn.Rule(**one | {"threshold": 25, "window": 3, "quiet_months": 2})  # type: ignore[arg-type]
    assert "25 deaths (all kinds)" in many.question("Mali", 384, language="en")
    assert many.question("Mali", 384, language="en").endswith("after 2 months without one.")
    assert "dans les 3 mois à venir" in many.definition("fr")


def test_every_rule_and_field_has_its_page() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    page = (docs / "concepts/warning.md").read_text(encoding="utf-8")
    for rule in warn.built_in():
        own = (docs / f"rules/{rule.name}.md").read_text(encoding="utf-8")
        assert f"Warns from {round(100 * rule.trigger)} %" in own
        assert f"| [`{rule.name}`]" in page
    for field in dataclasses.fields(warn.Rule):
        assert f"| `{field.name if field.name != 'titles' else 'title'}` |" in page


def test_likelihood_has_the_words_and_bounds_of_icd_203() -> None:
    cases = {0.01: "almost no chance", 0.05: "very unlikely", 0.2: "unlikely", 0.449: "roughly even chance"}
    cases |= {
        0.44: "unlikely",
        0.55: "likely",
        0.8: "very likely",
        0.95: "almost certain",
        1.0: "almost certain",
    }
    for probability, said in cases.items():
        assert warn.likelihood(probability, "en") == said
    assert len({warn.likelihood(p, "fr") for p in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)}) == 7


@pytest.mark.parametrize("value", [float("nan"), 30, 1.2, -0.1, float("inf")])
def test_what_is_no_probability_has_no_word(value: float) -> None:
    for told in (warn.word, warn.likelihood):
        with pytest.raises(BadInput, match="no word for the probability"):
            told(value)
    assert (warn.word(1.0), warn.word(0.0)) == ("almost_certain", "almost_no_chance")
