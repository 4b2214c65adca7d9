"""The figures that ship with the package: monthly deaths, their making, and how they are read."""

from tocsin.figures.files import SPAN, manifest
from tocsin.figures.groups import Groups
from tocsin.figures.licence import Attribution, attribution, attribution_of
from tocsin.figures.recipe import Report, build
from tocsin.figures.shipped import (
    cells,
    country_month,
    groups,
    panel,
    views_history,
    views_kinds,
    views_panel,
    vintages,
)

__all__ = [
    "SPAN",
    "Attribution",
    "Groups",
    "Report",
    "attribution",
    "attribution_of",
    "build",
    "cells",
    "country_month",
    "groups",
    "manifest",
    "panel",
    "views_history",
    "views_kinds",
    "views_panel",
    "vintages",
]
