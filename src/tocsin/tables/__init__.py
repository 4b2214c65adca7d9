"""What the tables that are written mean: a dictionary of their columns, and the Data Package beside them."""

from tocsin.tables.columns import COLUMNS, KEYS, Column, Meaning, meaning
from tocsin.tables.markdown import markdown
from tocsin.tables.package import NAME, lines, package

__all__ = [
    "COLUMNS",
    "KEYS",
    "NAME",
    "Column",
    "Meaning",
    "lines",
    "markdown",
    "meaning",
    "package",
]
