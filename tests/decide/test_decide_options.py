import dataclasses
from importlib import resources
from pathlib import Path

import pytest

from tocsin.decide import Option, library, read
from tocsin.decide.effects import TRANSITIONS
from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.text import LANGUAGES

OWN = """
[options.patrols]
name = "joint patrols"
currency = "USD"
price_year = 2020
cost = {cost}
delay = {{ low = 1, central = {delay}, high = 600, assumption = true }}
duration = {{ low = 12, central = 24, high = 36, assumption = true }}
{extra}
"""
COST = "{ low = 1, central = 2, high = 3, assumption = true }"


def _file(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_library_holds_each_kind_of_response_with_a_source_or_a_mark() -> None:
    held = library().options
    assert {"none", "mediation", "security-assistance", "development-aid", "sanctions"} <= set(held)
    assert {f"peacekeeping-{budget}" for budget in (100, 200, 500)} <= set(held)
    for option in held.values():
        for language in LANGUAGES:
            assert option.label(language)
        for entry in option.ranges:
            assert entry.source or entry.assumption
            assert entry.low <= entry.central <= entry.high
            assert not entry.note or entry.note != entry.note_fr
        assert set(option.effects) <= set(TRANSITIONS)


@pytest.mark.parametrize(("budget", "with_"), [(100, 0.17), (200, 0.13), (500, 0.09)])
def test_peacekeeping_takes_reversion_over_ten_years_to_what_is_published(budget: int, with_: float) -> None:
    effect = library().option(f"peacekeeping-{budget}").effects["relapse"].central
    monthly = 1 - (1 - 0.38) ** (1 / 120)
    assert 1 - (1 - monthly * (1 - effect)) ** 120 == pytest.approx(with_, abs=0.002)


def test_a_users_response_joins_the_library(tmp_path: Path) -> None:
    extra = (
        '[[options.patrols.effects]]\ntransition = "onset"\nlow = 0\ncentral = 0.2\nhigh = 0.4\nsource = "a"'
    )
    held = read(_file(tmp_path, OWN.format(cost=COST, delay=3, extra=extra)))
    patrols = held.option("patrols")
    assert isinstance(patrols, Option)
    assert patrols.label("fr") == "joint patrols"
    assert patrols.effects["onset"].central == 0.2
    assert set(library().options) < set(held.options)
    assert "patrols" not in library().options


def test_a_users_input_takes_the_place_of_the_models(tmp_path: Path) -> None:
    text = '[model.discount]\nlow = 0.0\ncentral = 0.02\nhigh = 0.04\nsource = "the treasury"'
    held = read(_file(tmp_path, text))
    assert held.model["discount"].source == "the treasury"
    assert held.model["inflation"] == library().model["inflation"]


def test_a_source_stands_once_with_what_was_read_there_in_both_languages(tmp_path: Path) -> None:
    text = (
        '[sources]\nplain = "A letter"\n'
        'treasury = { cite = "Treasury (2024).", en = "Page 7.", fr = "Lu page 7." }\n'
        "[model.discount]\nlow = 0\ncentral = 0.02\nhigh = 0.04\n"
        'source = "treasury"\nnote = { fr = "Taux réel." }\n'
        "[model.inflation]\nlow = 0\ncentral = 0.02\nhigh = 0.04\n"
        'source = "plain"\nnote = "Spoken."'
    )
    model = read(_file(tmp_path, text)).model
    assert model["discount"].source == "Treasury (2024)."
    assert model["discount"].remark("en") == "Page 7. Taux réel."
    assert model["discount"].remark("fr") == "Lu page 7. Taux réel."
    assert (model["inflation"].source, model["inflation"].remark("fr")) == ("A letter", "Spoken.")


@pytest.mark.parametrize("source", ['{ en = "Page 7." }', '{ cite = " " }', '""', "7"])
def test_a_source_that_cites_nothing_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(BadInput, match=r"sources\.treasury lacks .cite."):
        read(_file(tmp_path, f"[sources]\ntreasury = {source}"))


EFFECT = """
[[options.patrols.effects]]
transition = "{name}"
low = {low}
central = 0.5
high = {high}
{mark}
"""
ASSUMED = "assumption = true"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"extra": EFFECT.format(name="onset", low=0, high=1.2, mark=ASSUMED)},
            ("1.2", "0 and 1"),
        ),
        ({"extra": EFFECT.format(name="onset", low=-0.1, high=1, mark=ASSUMED)}, ("-0.1",)),
        (
            {"extra": EFFECT.format(name="magic", low=0, high=1, mark=ASSUMED)},
            ("magic", "relapse"),
        ),
        ({"extra": "[[options.patrols.effects]]\nlow = 0"}, ('"–"', "relapse")),
        ({"extra": EFFECT.format(name="onset", low=0, high=1, mark="")}, ("no source", "assumption = true")),
        ({"cost": "{ low = -1, central = 2, high = 3, assumption = true }"}, ("cost.low", "-1")),
        ({"cost": "{ low = 5, central = 2, high = 3, assumption = true }"}, ("low <= central",)),
        ({"cost": "{ low = 1, central = 2, assumption = true }"}, ("high",)),
        ({"cost": '{ low = 1, central = 2, high = "x", assumption = true }'}, ("cost.high", "x")),
        ({"cost": "{ low = 1, central = 2, high = inf, assumption = true }"}, ("cost.high", "inf")),
        ({"cost": '{ low = 1, central = 2, high = 3, assumption = "yes" }'}, ("yes",)),
        ({"cost": "7"}, ("options.patrols.cost",)),
        ({"delay": 2.5}, ("2.5", "whole")),
        ({"extra": "colour = 1"}, ("colour", "price_year")),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value_and_the_remedy(
    tmp_path: Path, change: dict[str, object], expected: tuple[str, ...]
) -> None:
    text = OWN.format(**{"cost": COST, "delay": 3, "extra": "", **change})
    with pytest.raises(BadInput) as refused:
        read(_file(tmp_path, text))
    for part in (*expected, "own.toml"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [('currency = "XOF"', "XOF"), ("", 'currency is "–"'), ('currency = "USD"\nprice_year = 20', "20")],
)
def test_money_needs_a_currency_and_a_year(tmp_path: Path, line: str, expected: str) -> None:
    text = OWN.format(cost=COST, delay=3, extra="").replace('currency = "USD"\nprice_year = 2020', line)
    with pytest.raises(BadInput, match=expected):
        read(_file(tmp_path, text))


def test_a_cost_without_a_year_is_refused(tmp_path: Path) -> None:
    text = OWN.format(cost=COST, delay=3, extra="").replace("price_year = 2020", "")
    with pytest.raises(BadInput, match="year of its prices"):
        read(_file(tmp_path, text))


@pytest.mark.parametrize("extra", ["", "effects = []"])
def test_a_response_that_costs_and_does_nothing_is_refused(tmp_path: Path, extra: str) -> None:
    with pytest.raises(BadInput, match=r"own\.toml: options\.patrols lacks .effects."):
        read(_file(tmp_path, OWN.format(cost=COST, delay=3, extra=extra)))


def test_a_copy_of_the_library_is_read_as_the_library(tmp_path: Path) -> None:
    text = (resources.files("tocsin.decide") / "options.toml").read_text(encoding="utf-8")
    held = read(_file(tmp_path, text))
    assert held.model == library().model
    assert held.options == {
        name: dataclasses.replace(option, shipped=False) for name, option in library().options.items()
    }


def test_a_file_that_is_no_toml_and_an_unknown_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        read(_file(tmp_path, "[options"))
    with pytest.raises(BadInput, match="responses"):
        read(_file(tmp_path, "[responses.x]\na = 1"))
    with pytest.raises(BadInput, match="growth"):
        read(_file(tmp_path, "[model.growth]\nlow = 1"))


@pytest.mark.parametrize(
    "risks",
    ["without = 0.2, with = 0.4", "without = 1.2, with = 0.4", "without = 0.4, with = 0", "with = 0.1"],
)
def test_risks_that_are_none_are_refused(tmp_path: Path, risks: str) -> None:
    extra = (
        f'[[options.patrols.effects]]\ntransition = "relapse"\ncumulative = {{ {risks} }}\nlow = 0\n'
        "high = 1\nassumption = true"
    )
    with pytest.raises(BadInput, match="between 0 and 1"):
        read(_file(tmp_path, OWN.format(cost=COST, delay=3, extra=extra)))


def test_an_unknown_response_is_told_the_closest() -> None:
    with pytest.raises(UnknownName, match='the closest is "mediation"'):
        library().option("mediaton")
    with pytest.raises(UnknownName, match="Choose one of"):
        library().option("zzz")


def test_a_file_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", str(tmp_path / "none.toml"), tmp_path):
        with pytest.raises(BadFile, match="cannot be read"):
            read(path)
