"""The pages of figures, in both languages, and the cases that stand beside one of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tocsin.decide import cases, measured, pages
from tocsin.panel import Panel

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def kept() -> pl.DataFrame:
    return pl.read_parquet(DOCS / pages.CASES)


def test_the_pages_are_up_to_date_in_both_languages(shipped: Panel, kept: pl.DataFrame) -> None:
    held = {
        f"{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in pages.FOLDERS.values()
        for path in (DOCS / folder).glob("*.md")
    }
    assert held == pages.pages(measured.measure(shipped, kept)), "run: python -m tocsin.decide.pages docs"


def test_the_cases_are_every_country_and_outcome_and_what_the_plain_method_gave(
    shipped: Panel, kept: pl.DataFrame
) -> None:
    own, plain = cases.METHODS
    assert_frame_equal(kept.drop(own), cases.make(shipped, methods=[plain]))


@pytest.mark.parametrize("origin", [cases.ORIGINS[0], cases.ORIGINS[11], cases.ORIGINS[-1]])
def test_the_cases_are_what_the_method_gives(shipped: Panel, kept: pl.DataFrame, origin: int) -> None:
    """At some origins: all of them take a minute, since each grows three forests.

    A last bit that another processor's mathematics makes otherwise can move some draws of a thousand.
    """
    own, plain = cases.METHODS
    held = kept.drop(plain).filter(pl.col("origin") == origin)
    assert_frame_equal(held, cases.make(shipped, methods=[own], origins=[origin]), abs_tol=0.005)
