"""Two counts side by side: which months are compared, what is ahead, what is said of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin import months, tally
from tocsin.errors import BadInput, NotAssessed
from tocsin.months import Span
from tocsin.panel import Panel

MALI = 432
START = months.parse("2020-01")


def panel_of(values: list[int | None]) -> Panel:
    """Return a panel of Mali that begins in 2020-01; None for a month that is not covered."""
    deaths = np.array([[[v or 0, 0, 0] for v in values]], dtype=np.int32)
    return Panel(
        level="country", scheme="gw", areas=(MALI,), span=Span(START, START + len(values) - 1),
        kinds=("sb", "ns", "os"), deaths=deaths, covered=np.array([[v is not None for v in values]]),
        as_of=dt.date(2022, 1, 1), releases=("21.1",),
    )  # fmt: skip


def monthly_of(values: list[int | None], gw: int = MALI) -> pl.DataFrame:
    """Return a tally that begins in 2020-01; None for a month that it does not tell of."""
    told = [(gw, START + n, 1, v, "0") for n, v in enumerate(values) if v is not None]
    return pl.DataFrame(told, schema={**tally.SCHEMA, "sha256": pl.String()}, orient="row")


def test_only_months_that_both_tell_of_are_compared() -> None:
    found = tally.compare(panel_of([1, None, 4, 2]), monthly_of([2, 9, 6, None]), MALI)
    assert (found.both, found.ucdp, found.other) == (2, 5, 8)
    assert found.ratio == pytest.approx(1.6)
    assert [(one.ucdp, one.other) for one in found.months] == [(1, 2), (None, 9), (4, 6)]
    assert found.until == months.parse("2020-03")


def test_what_ucdp_does_not_cover_yet_stands_apart_and_is_no_zero() -> None:
    found = tally.compare(panel_of([1, 2, None]), monthly_of([1, 2, 7, 8]), MALI)
    assert [months.label(month) for month in found.ahead] == ["2020-03", "2020-04"]
    assert found.ahead_deaths == 15
    assert [one.ucdp for one in found.months] == [1, 2, None, None]
    assert "2020-03:2020-04" in " ".join(tally.sentences(found, "en"))


def test_a_gap_within_ucdp_is_not_ahead() -> None:
    assert tally.compare(panel_of([1, None, 3]), monthly_of([1, 2, 3]), MALI).ahead == ()


def test_changes_of_the_same_way_are_counted_between_neighbouring_months() -> None:
    found = tally.compare(panel_of([1, 3, 3, 2, None, 9]), monthly_of([5, 6, 2, 4, 4, 4]), MALI)
    assert (found.changes, found.together) == (2, 1)


def test_the_last_24_months_that_both_tell_of_are_compared_and_the_months_asked_for_are_shown() -> None:
    values: list[int | None] = list(range(40))
    found = tally.compare(panel_of(values), monthly_of(values), MALI, shown=3)
    assert (found.both, found.ucdp) == (24, sum(range(16, 40)))
    assert [one.other for one in found.months] == [37, 38, 39]


def test_months_are_shown_up_to_the_last_that_the_tally_tells_of() -> None:
    found = tally.compare(panel_of([1, 2, 3, 4]), monthly_of([1, 2]), MALI)
    assert [one.ucdp for one in found.months] == [1, 2]


def test_a_count_of_none_has_no_ratio() -> None:
    found = tally.compare(panel_of([0, 0]), monthly_of([0, 3]), MALI)
    assert found.ratio is None
    assert tally.ratio(found) == "?"
    assert tally.sentences(found, "en")[0] == (
        "In the last months that both tell of (2, up to 2020-02), ACLED counts 3 deaths and UCDP 0."
    )


def test_a_country_that_ucdp_does_not_cover_here_is_not_compared() -> None:
    found = tally.compare(panel_of([1]), monthly_of([4], gw=436), 436)
    assert (found.both, found.until, found.ahead_deaths) == (0, None, 4)
    assert found.months[0].ucdp is None
    assert "no month of which both tell" in tally.sentences(found, "en")[0]


def test_a_country_that_no_tally_tells_of_is_not_assessed() -> None:
    with pytest.raises(NotAssessed, match="Niger"):
        tally.compare(panel_of([1]), monthly_of([1]), 436)


def test_both_counts_are_in_the_digest() -> None:
    base = tally.compare(panel_of([1, 2]), monthly_of([1, 2]), MALI).inputs
    assert tally.compare(panel_of([1, 2]), monthly_of([1, 2]), MALI).inputs == base
    assert tally.compare(panel_of([1, 3]), monthly_of([1, 2]), MALI).inputs != base
    assert tally.compare(panel_of([1, 2]), monthly_of([1, 3]), MALI).inputs != base


def test_what_is_said_is_said_in_french() -> None:
    found = tally.compare(panel_of([10, 12, None]), monthly_of([15, 18, 3]), MALI)
    assert tally.sentences(found, "fr") == (
        "Sur les derniers mois dont les deux parlent (2, jusqu'à 2020-02), ACLED compte 33 décès et l'UCDP 22"
        "\N{NO-BREAK SPACE}; 1,5 pour chaque décès de l'UCDP.",
        "D'un de ces mois au suivant, le chiffre de l'UCDP a changé 1 fois\N{NO-BREAK SPACE}; celui d'ACLED"
        " est allé dans le même sens 1 fois.",
        "Les éditions de l'UCDP présentes ici ne couvrent pas encore 2020-03. ACLED y compte 3 décès.",
        "ACLED compte selon d'autres règles que l'UCDP\N{NO-BREAK SPACE}: davantage de groupes et de formes"
        " de violence, d'autres sources. Aucune prévision n'utilise ses chiffres.",
    )


def test_the_picture_is_the_same_bytes_twice_and_of_a_kind_that_is_written(tmp_path: Path) -> None:
    found = tally.compare(panel_of([10, None, 7]), monthly_of([15, 18, 3]), MALI)
    for name in ("one.svg", "two.svg"):
        tally.draw(found, tmp_path / name, "whose they are", "en")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    with pytest.raises(BadInput, match=r"\.png, \.svg"):
        tally.draw(found, tmp_path / "one.pdf", "whose they are")
