"""Every column of a written table has a meaning in both languages, and every meaning a column."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.cli.dictionary import PAGES, columns, filled
from tocsin.tables import COLUMNS, KEYS, markdown, meaning, package
from tocsin.tables.columns import key
from tocsin.text import LANGUAGES, Language, catalogue

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_what_is_written_has_a_meaning_and_every_meaning_is_of_something_written() -> None:
    held = columns()
    assert set(held) == set(KEYS)
    assert {key(table, name) for table, names in held.items() for name in names} == set(COLUMNS)
    for table, names in held.items():
        assert set(KEYS[table]) <= set(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_meaning_is_said_of_a_column_a_table_or_a_unit(language: Language) -> None:
    held = [tuple(name.split(".")) for name in catalogue(language, "tables")]
    said = {name[1] for name in held if name[0] == "column"}
    assert said == set(COLUMNS)
    assert {name[2] for name in held if name[0] == "column"} == {"title", "is", "empty"}
    assert {name[1] for name in held if name[0] == "table"} == set(KEYS)
    assert {name[1] for name in held if name[0] == "unit"} == {c.unit for c in COLUMNS.values()} - {None}


def test_a_name_that_two_tables_use_for_two_things_means_what_its_table_says() -> None:
    assert meaning("ranking", "status", "en").title == "Assessed or not"
    assert meaning("warnings", "status", "en").title == "Status"
    assert meaning("forecasts", "gw", "fr") == meaning("draws", "gw", "fr")


def test_what_may_be_empty_is_told_from_what_never_is() -> None:
    assert meaning("ranking", "rank", "en").empty == "the country is not assessed"
    assert meaning("ranking", "rank", "fr").empty == "le pays n'est pas évalué"
    assert meaning("ranking", "gw", "en").empty is None


def test_a_column_or_a_table_without_a_meaning_is_not_described(tmp_path: Path) -> None:
    said = {"en": "a title", "fr": "un titre"}
    for name, text in (("ranking.csv", "gw,mood\n1,good\n"), ("moods.csv", "gw\n1\n")):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        with pytest.raises(KeyError, match="mood"):
            package(tmp_path, name="x", titles=said, about=said, releases=(), facts={})  # type: ignore[arg-type]
        file.unlink()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_show_the_columns_of_every_table(language: Language) -> None:
    page = (DOCS / PAGES[language]).read_text(encoding="utf-8")
    assert page == filled(page, language), "run: python -m tocsin.cli.dictionary docs"
    for table, names in columns().items():
        assert f"<!-- {table} -->\n\n{markdown(table, names, language)}" in page


def test_a_line_of_a_page_says_type_unit_limits_and_what_empty_means() -> None:
    told = markdown("ranking", ["rank", "status", "change", "expected_next_3"], "en").splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in told]
    assert [line[:3] for line in cells] == [
        ["`rank`", "integer", "1 or more"],
        ["`status`", "string", "`assessed`, `not assessed`"],
        ["`change`", "number", "difference of probabilities, −1 to 1"],
        ["`expected_next_3`", "number", "deaths in three months, 0 or more"],
    ]
    assert [line[4] for line in cells] == [
        "the country is not assessed", "", "one of the two is not known", "the country is not assessed",
    ]  # fmt: skip
