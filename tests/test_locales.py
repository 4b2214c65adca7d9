"""Every sentence has its twin, the same fields in both, and a place in the source that says it."""

from __future__ import annotations

import ast
import locale
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import tocsin
from tocsin import errors
from tocsin.text import (
    LANGUAGES,
    Language,
    catalogue,
    current_language,
    language_from_environment,
    number,
    percent,
    rooms,
    say,
    set_language,
)

SOURCE = Path(tocsin.__file__).parent
ROOMS = rooms("en")
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type)}
HOLE = "\0"


@dataclass(frozen=True)
class Call:
    """One call that says a sentence: its key (holes where it is filled in), and the fields it gives."""

    place: str
    key: str
    fields: frozenset[str]
    open_ended: bool


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(SOURCE.rglob("*.py"))
    return tuple((str(f.relative_to(SOURCE)), ast.parse(f.read_text(encoding="utf-8"))) for f in files)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in node.values)
    return None


def _calls() -> Iterator[Call]:
    for place, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and (key := _text(node.args[0])):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if (name == "say" or name in ERRORS) and key.split(".")[0] in ROOMS:
                    fields = {keyword.arg for keyword in node.keywords}
                    given = frozenset(field for field in fields if field)
                    yield Call(f"{place}:{node.lineno}", key, given, None in fields)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return what keys are spelt in the source, as patterns: whole, or with holes filled at run time."""
    spelt = {_text(node) for _, tree in _trees() for node in ast.walk(tree)} - {None}
    spelt |= {key for _, key in _said_in_templates()}
    keys = {
        key
        for key in spelt
        if key and re.fullmatch(rf"[a-z0-9_.{HOLE}]+", key) and ("." in key or key[0] == HOLE)
    }
    # A pattern with next to nothing spelt out would stand for every sentence there is.
    keys = {key for key in keys if len(re.sub(rf"[.{HOLE}]", "", key)) >= 4}
    return tuple(re.compile(re.escape(key).replace(HOLE, "[a-z0-9_.]+")) for key in sorted(keys))


@cache
def _said_in_templates() -> tuple[tuple[str, str], ...]:
    """Return (template, key) of every `t("key")`, with holes where a key is put together at run time."""
    found = []
    for file in sorted(SOURCE.rglob("templates/*.html")):
        text = file.read_text(encoding="utf-8")
        for said in re.findall(r"""\bt\((["'][^)]*?)(?:,\s*[a-z_]+=|\))""", text):
            parts = [part.strip() for part in re.sub(r"\([^()]*\)?", "HOLE", said).split("~")]
            key = "".join(p[1:-1] if p[:1] in "\"'" and p[-1:] in "\"'" else HOLE for p in parts)
            found.append((file.name, key if key.partition(".")[0] in ROOMS else f"web.{key}"))
    return tuple(found)


def _keys() -> list[str]:
    return [f"{room}.{key}" for room in ROOMS for key in catalogue("en", room)]


def _fields(sentence: str) -> set[str]:
    return {name.split("!")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _sentence(key: str, language: str) -> str:
    room, _, name = key.partition(".")
    return catalogue(language, room)[name]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LC_MESSAGES": "fr", "LANG": "en_GB"}, "fr"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_first_language_that_the_environment_names_counts(
    told: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, told.get(name, ""))
    monkeypatch.setattr(locale, "setlocale", lambda category: "C")
    assert language_from_environment() == language


@pytest.mark.parametrize(
    ("system", "language"),
    [("French_France.1252", "fr"), ("French_Canada.utf8", "fr"), ("fr-FR", "fr"), ("fr_FR.UTF-8", "fr"),
     ("Frisian_Netherlands.1252", "en"), ("English_United States.1252", "en"), ("C", "en")],
)  # fmt: skip
def test_without_a_variable_the_language_of_the_system_counts(
    system: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "setlocale", lambda category: system)
    assert language_from_environment() == language


def test_the_language_that_is_set_stands_above_the_environment() -> None:
    set_language("fr")
    assert current_language() == "fr"


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "<1%"), (0.0049, "<1%"), (0.005, "1%"), (0.01, "1%"), (0.99, "99%"), (0.9949, "99%"),
     (0.995, ">99%"), (1.0, ">99%")],
)  # fmt: skip
def test_a_probability_is_never_said_to_be_nothing_or_certain(probability: float, shown: str) -> None:
    assert percent(probability, "en") == shown


@pytest.mark.parametrize(
    ("language", "said"), [("en", "−1,234.5"), ("fr", "−1\N{NARROW NO-BREAK SPACE}234,5")]
)
def test_a_number_below_zero_has_a_minus_sign_where_a_hyphen_would_break(
    language: Language, said: str
) -> None:
    assert number(-1234.5, language) == number(-1234.5, language, decimals=1) == said
    assert said in say("control.cell", language, gid=1, lat=-1234.5, lon=0)


@pytest.mark.parametrize("value", [10**27, -(10**40), 1e300, 10**4299])
def test_a_number_of_any_length_that_was_given_can_be_said(value: float) -> None:
    told = number(value, "en").replace("−", "-").replace(",", "")
    assert float(told) == value if isinstance(value, float) else int(told) == value


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [("en", 0, "days"), ("en", 1, "day"), ("en", 1.0, "day"), ("en", 1.5, "days"), ("en", 2, "days"),
     ("en", "1", "day"), ("en", 1001, "days"), ("fr", 0, "jour"), ("fr", 1, "jour"), ("fr", 1.5, "jour"),
     ("fr", "0,5", "jour"), ("fr", 2, "jours"), ("fr", 10, "jours"), ("fr", 1000, "jours"),
     ("fr", 11, "jours"), ("fr", -1, "jours")],
)  # fmt: skip
def test_a_number_takes_the_singular_as_its_language_does(
    language: Language, value: object, said: str
) -> None:
    assert f" {said} " in say("warn.data", language, month="", age=value, as_of="", releases="", method="")


@pytest.mark.parametrize(
    ("key", "count", "english", "french"),
    [
        ("cli.status.fresh", 1, "2024-01, 1 day ago", "il y a 1 jour."),
        ("cli.status.fresh", 2, "2024-01, 2 days ago", "il y a 2 jours."),
        ("watch.data", 0, "0 days before", "0 jour avant"),
        (
            "watch.not_assessed",
            1,
            "covers it in 2024-01 (1)",
            "Non évalué, car aucune édition disponible ne le couvre en 2024-01 (1)",
        ),
        (
            "watch.not_assessed",
            2,
            "covers them in 2024-01 (2)",
            "Non évalués, car aucune édition disponible ne les couvre en 2024-01 (2)",
        ),
        ("web.chart.behind", 1, "last 1 month:", "Dernier mois\u00a0:"),
        ("web.chart.behind", 12, "last 12 months:", "12 derniers mois\u00a0:"),
        ("reasons.deaths", "0,5", "0,5 deaths", "0,5 décès"),
        ("local.table.saved", 1, "1 row written", "1 ligne écrite"),
        ("skill.written", 0, "0 plots", "0 graphique dans"),
        ("ledger.cli_key_retire.done", 1, "up to 1 entry,", "jusqu'à 1 inscription,"),
    ],
)
def test_a_sentence_reads_right_for_one_and_for_many(
    key: str, count: object, english: str, french: str
) -> None:
    for language, said in (("en", english), ("fr", french)):
        fields = dict.fromkeys(_fields(_sentence(key, language)), count) | {"month": "2024-01", "names": "X"}
        assert said in say(key, language, **fields)  # type: ignore[arg-type]


def test_both_languages_have_the_same_rooms() -> None:
    assert rooms("en") == rooms("fr")


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_keys(room: str) -> None:
    assert set(catalogue("en", room)) == set(catalogue("fr", room))


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_fields(room: str) -> None:
    for key, sentence in catalogue("en", room).items():
        assert _fields(sentence) == _fields(catalogue("fr", room)[key]), f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_french_is_not_english(room: str) -> None:
    for key, sentence in catalogue("en", room).items():
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\{[^}]*\}|`[^`]*`|--\w+", " ", sentence))
        if len(words) > 2:
            assert sentence != catalogue("fr", room)[key], f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_french_uses_its_own_quotation_marks(room: str) -> None:
    for key, sentence in catalogue("fr", room).items():
        assert '"' not in re.sub(r"`[^`]*`", "", sentence), f"{room}.{key}"
        assert sentence.count("«") == sentence.count("»"), f"{room}.{key}"


def test_every_sentence_said_exists() -> None:
    keys = _keys()
    for call in _calls():
        pattern = re.compile(re.escape(call.key).replace(HOLE, "[a-z0-9_.]+"))
        assert any(pattern.fullmatch(key) for key in keys), f"{call.place}: no sentence {call.key!r}"


def test_every_sentence_of_a_template_exists() -> None:
    keys = _keys()
    for template, key in _said_in_templates():
        pattern = re.compile(re.escape(key).replace(HOLE, "[a-z0-9_.]+"))
        assert any(pattern.fullmatch(known) for known in keys), f"{template}: no sentence {key!r}"


def test_every_field_of_a_sentence_is_given_and_no_other() -> None:
    known = set(_keys())
    for call in _calls():
        if call.key in known and not call.open_ended:
            assert call.fields == _fields(_sentence(call.key, "en")), f"{call.place}: {call.key}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_said_somewhere(room: str) -> None:
    unused = [
        key for key in catalogue("en", room) if not any(p.fullmatch(f"{room}.{key}") for p in _patterns())
    ]
    assert not unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_filled(language: str) -> None:
    for key in _keys():
        fields = dict.fromkeys(_fields(_sentence(key, language)), 7)
        assert say(key, language, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("room", ROOMS)
def test_no_line_of_french_breaks_before_its_punctuation(room: str) -> None:
    for key, sentence in catalogue("fr", room).items():
        assert not re.search(r"\w [:;?!%»](?:\W|$)|« ", sentence), f"{room}.{key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_leaves_open_whether_it_speaks_of_one_or_of_many(language: Language) -> None:
    for room in ROOMS:
        for key, sentence in catalogue(language, room).items():
            assert not re.search(r"(?<!http)\((?:s|x|e|es)\)", sentence), f"{room}.{key}"


TERMS = (
    # What the English says, what the French then says, and what it does not ("cell" alone names a level).
    (r"releases?", r"édition", r"version|publications"),
    (r"replay(s|ed)?", r"rejeu|rejou", r"relecture"),
    (r"challenge", r"concours", r"défi"),
    (r"entry|entries", r"inscription", r"entrées?(?! standard)"),
    (r"backtest(s|ed)?", r"tests? rétrospectif", r"évaluation rétrospective|backtest"),
    (r"active cell|cells", r"cellule", r"maille"),
    (r"dismiss(al|als|es|ed)?", r"rejet", r"écart\w*|refus\w*"),
    (r"declin(e|es|ed|ing)", r"refus", r"écart\w*"),
    (r"cancelled|cancellation|call(s|ed) off", r"lev|lèv", r"annul\w*"),
    (r"raised?(?!.*called? off)", r"", r"levée?s?|lèvent?"),
)
NAMES = re.compile(r"`[^`]*`|\{[^}]*\}|--[\w-]+|\w+[/.]\w[\w./]*|^tocsin .*$", re.MULTILINE)
"""What is no word of a sentence: commands, fields, options, files."""


@pytest.mark.parametrize(("english", "french", "rejected"), TERMS)
def test_one_concept_has_one_word_in_french(english: str, french: str, rejected: str) -> None:
    for room in ROOMS:
        for key, sentence in catalogue("en", room).items():
            if re.search(rf"\b({english})\b", NAMES.sub(" ", sentence), re.IGNORECASE):
                said = NAMES.sub(" ", catalogue("fr", room)[key])
                assert re.search(rf"\b({french})", said, re.IGNORECASE), f"{room}.{key}"
                assert not re.search(rf"\b({rejected})\b", said, re.IGNORECASE), f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_name_the_same_methods(room: str) -> None:
    method = re.compile(r"\b[a-z]+-(?:learning|binomial|K|\d+)\b")
    for key, sentence in catalogue("en", room).items():
        twin = catalogue("fr", room)[key]
        assert set(method.findall(sentence)) == set(method.findall(twin)), f"{room}.{key}"


def test_state_based_violence_is_not_said_to_be_by_the_state() -> None:
    """UCDP's kind is violence with a state on one side; "étatique" would be violence by the state."""
    assert say("kinds.sb", "fr") == "violence impliquant un État"
    for kind in ("sb", "ns", "os", "total"):
        assert say(f"ledger.value.{kind}", "fr") == say(f"kinds.{kind}", "fr")


def test_a_language_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'de'.*en, fr"):
        say("text.percent", "de", value="1")  # type: ignore[arg-type]
