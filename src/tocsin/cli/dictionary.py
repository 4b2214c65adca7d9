"""The columns of every table in its page: `python -m tocsin.cli.dictionary docs`, in both languages.

In each page a remark names the table whose columns follow it. They are made from what `tocsin.tables` holds;
a test holds that the pages are up to date, and that they show the columns that are written.
"""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.files import asked_for, write_pages
from tocsin.text import LANGUAGES, Language

PAGES: dict[Language, str] = {"en": "concepts/table.md", "fr": "fr/tableaux.md"}
"""The page of each language below `docs`."""

_COLUMNS = re.compile(r"(<!-- (\w+) -->\n\n)(?:\|.*\n)*")


def columns() -> dict[str, list[str]]:
    """Return the names of the columns of each table, in order, from what writes it.

    After those of the draws of countries stand the ones that take the place of `gw` where areas go by others.
    """
    import numpy as np

    from tocsin import months
    from tocsin.feeds.table import COLUMNS as WARNINGS
    from tocsin.forecast.forecast import Forecast
    from tocsin.local.tables import COLUMNS as PLACES
    from tocsin.replay.folder import COLUMNS as MONTHS
    from tocsin.replay.folder import COUNTRY_COLUMNS as COUNTRIES
    from tocsin.watch.forms import HUB, views_frame
    from tocsin.watch.tables import RANKING, UNITS, draws_frame, forecast_frame

    made = Forecast(
        level="country", scheme="gw", areas=(432,), origin=months.parse("2020-12"), steps=(1,),
        target="total", method="none", draws=np.zeros((1, 1, 1), np.int32),
        assessed=np.ones(1, np.bool_), inputs="none",
    )  # fmt: skip
    draws = [*draws_frame([made]).columns, *UNITS.values()]
    return {
        "ranking": list(RANKING), "forecasts": forecast_frame([made]).columns,
        "draws": list(dict.fromkeys(draws)), "views": views_frame(made).columns, "hubverse": list(HUB),
        "warnings": list(WARNINGS), "months": list(MONTHS),
        "countries": list(COUNTRIES), "places": list(PLACES),
    }  # fmt: skip


def filled(page: str, language: Language) -> str:
    """Return a page with the columns of each table that it names; KeyError for a table that there is not."""
    from tocsin.tables import markdown

    held = columns()
    return _COLUMNS.sub(lambda found: found[1] + markdown(found[2], held[found[2]], language), page)


def write(folder: Path) -> None:
    """Bring the pages below `folder` up to date."""
    texts = {one: (folder / PAGES[one]).read_text(encoding="utf-8") for one in LANGUAGES}
    write_pages(folder, {PAGES[one]: filled(texts[one], one) for one in LANGUAGES})


if __name__ == "__main__":
    write(asked_for("Bring the columns of tables up to date in the pages of the documentation."))
