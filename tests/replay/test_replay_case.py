"""Cases: what is wrong is said by line and field, and the shipped ones hold what they must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from replay_world import CASE

from tocsin.errors import BadFile, UnknownName
from tocsin.ledger.entries import Agreement, Assessment, Commitment, Deployment, Dismissal
from tocsin.replay import load, read, shipped_cases
from tocsin.text import set_language


def _with(old: str, new: str) -> tuple[bytes, int]:
    """Return the case with a change, and the line at which it stands."""
    assert CASE.count(old) == 1, old
    at = CASE.index(old)
    return CASE.replace(old, new).encode(), CASE[:at].count("\n") + 1


EARLIER = "  - month: 2012-02\n    name: {en: Before, fr: Avant}\nlimits:\n"


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("by: desk\n", "by: nobody\n", "entries[1].by", "not a party"),
        ("to: [capital]\n", "to: [the capital]\n", "entries[1].to[1]", "not a party"),
        ("date: 2012-02\n", "date: 2011-02\n", "entries[2].date", "before 2012-01-01"),
        ("date: 2012-03-10\n", "date: 2012-03/2012-02\n", "entries[3].date", "before it begins"),
        ("date: 2012-02\n", "date: 2021-02\n", "entries[2].date", "still to come"),
        ("reason: hyperbolic\n", "reason: bored\n", "entries[2].reason", "cry_wolf_history"),
        ('["answers:said"]', '["answers:nothing"]', "entries[2].links[1]", "no entry"),
        ("by: desk\n", "by: [desk]\n", "entries[1].by", "takes one value, and is a list of 1"),
        ("id: refused\n", "id: said\n", "entries[2].id", "used already"),
        ("id: refused\n", "id: [a]\n", "entries[2].id", "id"),
        ("id: refused\n", "id: {a: b}\n", "entries[2].id", "id"),
        ("lags: [1, 7]\n", f"lags: [1, {'7' * 5000}]\n", "lags[2]", "7777"),
        ("span: 2012-01:2012-06", "span: 2012-06:2012-01", "span", "ends"),
        ("area: MLI", "area: Nowhere", "area", "Nowhere"),
        ("- month: 2012-03\n", "- month: 2014-03\n", "turning_points[1].month", "outside the span"),
        ("lags: [1, 7]\n", "lags: [1, 1]\n", "lags[2]", "once"),
        ("[DZA, NER]", "[DZA, Algeria]", "neighbours[2]", "Algeria"),
        ("[DZA, NER]", "[DZA, MLI]", "neighbours[2]", "country of the case"),
        ("limits:\n", EARLIER, "turning_points[2].month", "2012-02 comes after 2012-03"),
        ("format: 1", "format: 2", "format", "1"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_field(old: str, new: str, field: str, said: str) -> None:
    content, line = _with(old, new)
    with pytest.raises(BadFile) as caught:
        read(content, "small.yaml")
    message = str(caught.value)
    assert message.startswith(f"small.yaml, line {line}, field {field}: ")
    assert said in message


def test_a_link_to_an_entry_of_the_wrong_type_is_refused_before_the_walk() -> None:
    said = "type: warning\n    status: issued\n    date: 2012-01\n    by: desk\n    to: [capital]\n"
    content, _ = _with(said, "type: event\n    form: attack\n    date: 2012-01\n")
    with pytest.raises(BadFile, match=r"field entries\[2\]\.links\[1\]: .* of type event"):
        read(content, "small.yaml")


def test_an_entry_that_cites_nothing_or_an_unknown_source_is_refused() -> None:
    lines = CASE.splitlines()
    first = next(place for place, line in enumerate(lines) if line == "    sources: [paper]")
    without = "\n".join(lines[:first] + lines[first + 1 :])
    with pytest.raises(BadFile, match=r"field entries\[1\]\.sources: the entry said cites nothing"):
        read(without.encode(), "small.yaml")
    other = "\n".join([*lines[:first], "    sources: [rumour]", *lines[first + 1 :]])
    with pytest.raises(BadFile, match=rf"line {first + 1}, field entries\[1\]\.sources\[1\].*rumour"):
        read(other.encode(), "small.yaml")


def test_a_text_in_one_language_alone_is_refused() -> None:
    content, _ = _with("{en: It will get worse., fr: Cela va empirer.}", "{en: It will get worse.}")
    with pytest.raises(BadFile, match=r'field entries\[1\]\.text: the text is missing in "fr"'):
        read(content, "small.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("area: MLI\n", "", r"field area: case: the field area is missing\. Add it\.$"),
        (
            "- month: 2012-03\n",
            "- month: 2012-03\n    year: 2012\n",
            r"there is no field .*year\. Correct its name",
        ),
    ],
)
def test_the_remedy_for_a_field_of_a_case_is_no_command_that_knows_entries_alone(
    old: str, new: str, said: str
) -> None:
    with pytest.raises(BadFile, match=said):
        read(_with(old, new)[0], "small.yaml")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- a\n- b\n",
        b"format: [1\n",
        b"a: &x 1\nb: *x\n",
        b"format: 1\nformat: 1\n",
        b"\xff\xfe",
        b"a: \x07",
    ],
)
def test_what_is_no_case_is_a_file_error(content: bytes) -> None:
    with pytest.raises(BadFile, match=r"small\.yaml"):
        read(content, "small.yaml")


def test_a_shipped_case_is_found_by_how_its_name_begins() -> None:
    assert load("mali").name == "mali-2011-2015"
    with pytest.raises(UnknownName, match="mali-2011-2015"):
        load("ma")


def test_an_unknown_case_lists_those_that_ship() -> None:
    with pytest.raises(UnknownName, match="mali-2011-2015"):
        load("atlantis")


def test_errors_are_said_in_french() -> None:
    set_language("fr")
    with pytest.raises(BadFile) as caught:
        read(_with("by: desk\n", "by: nobody\n")[0], "small.yaml")
    assert "n'est pas une partie de ce cas" in str(caught.value)


@pytest.mark.parametrize("name", shipped_cases())
def test_shipped_cases_are_whole_and_in_two_languages(name: str) -> None:
    case = load(name)
    assert case.name == name
    assert case.digest == load(f"cases/{name}.yaml").digest
    for one in case.entries:
        assert one.translation is not None
        assert one.translation.language == "fr"
        assert one.sources
        assert one.date.last <= case.compiled


def test_the_case_of_mali_holds_the_promise_in_its_words_and_nothing_else_of_its_source() -> None:
    case = load("mali-2011-2015")
    (promise,) = [one for one in case.entries if isinstance(one, Commitment)]
    assert (promise.words, promise.visibility, promise.medium) == ("whatever it takes", "private", "verbal")
    quoted = {
        words for one in case.entries for words in re.findall(r"“([^”]+)”", one.text) if one.type != "outcome"
    }
    assert quoted == {"whatever it takes"}


def test_the_case_of_mali_keeps_who_says_what() -> None:
    case = load("mali-2011-2015")
    assert all(one.attributed_to is not None for one in case.entries if isinstance(one, Assessment))
    (dismissal,) = [one for one in case.entries if isinstance(one, Dismissal)]
    assert dismissal.reason == "hyperbolic"
    (agreement,) = [one for one in case.entries if isinstance(one, Agreement)]
    actors = {other.party.actor for other in agreement.non_signatories}
    assert 539 in actors
    assert None not in actors
    (deployment,) = [one for one in case.entries if isinstance(one, Deployment)]
    assert deployment.strength == 1000
    wanted = {
        "assessment", "event", "warning", "dismissal", "capacity", "trigger", "action", "control", "decision",
        "commitment", "request", "denial", "outcome", "deployment", "agreement",
    }  # fmt: skip
    assert {one.type for one in case.entries} == wanted
    assert {point.month for point in case.turning_points} == {
        "2012-01", "2012-03", "2013-01", "2014-09", "2015-11"
    }  # fmt: skip


@pytest.mark.shared
def test_no_sentence_of_the_bulletin_is_copied(shared: Path) -> None:
    """No seven words in a row of an entry stand in the source."""
    (source,) = (shared / "case").glob("*.txt")
    words = re.findall(r"\w+", source.read_text(encoding="utf-8").casefold())
    runs = {tuple(words[at : at + 7]) for at in range(len(words) - 6)}
    for one in load("mali-2011-2015").entries:
        own = re.findall(r"\w+", one.text.casefold())
        shared_runs = [own[at : at + 7] for at in range(len(own) - 6) if tuple(own[at : at + 7]) in runs]
        assert not shared_runs, (one.id, shared_runs)
