"""Licence, citation and releases of the shipped figures, as the text file that lies beside them."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.figures.files import COMMAND, Table

_TEXT = """\
# Licence and sources of these figures

The tables in this folder are derived from data of the Uppsala Conflict Data Program (UCDP) and of the
Violence & Impacts Early-Warning System (VIEWS). They are under **CC BY 4.0**
(https://creativecommons.org/licenses/by/4.0/), as their sources are. They were changed: summed by month and
area, and where stated split by an estimate. The publishers' own files are not in this folder.

Please cite:

- Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. Journal of
  Peace Research 50(4): 523-532.
- Davies, Shawn, Therese Pettersson, Margareta Sollenberg and Magnus Öberg (2025). Organized violence
  1989-2024, and the challenges of identifying civilian victims. Journal of Peace Research 62(4): 1223-1240
  (release 25.1).
- for `views_history`: the VIEWS Prediction Challenge 2023/24 (Peace Research Institute Oslo and Uppsala
  University), whose published actuals are its rows marked `official`.

Always name the release. Made by `{command}`; digests of sources and tables are in `figures.json`.

| table | releases | taken to be known from | what is assessed |
|---|---|---|---|
{rows}
"""


def text(tables: Sequence[Table]) -> str:
    """Return the licence file, in Markdown."""
    rows = "\n".join(
        f"| `{table.file}` | {', '.join(table.releases)} | {table.known_at.isoformat()} "
        f"({'by row' if table.dated else 'assumed'}) | {table.coverage} |"
        for table in tables
    )
    return _TEXT.format(command=COMMAND, rows=rows)
