"""Skill: the page that says where a method wins and where it does not, from files of backtest results."""

from tocsin.skill.evidence import Pair, load, pairs
from tocsin.skill.page import write
from tocsin.skill.ratios import Ratio, ratio_over_years
from tocsin.skill.record import Page, shipped
from tocsin.skill.tables import Against, Coverage, Findings, Headline, Reliability, Window, against, findings

__all__ = [
    "Against",
    "Coverage",
    "Findings",
    "Headline",
    "Page",
    "Pair",
    "Ratio",
    "Reliability",
    "Window",
    "against",
    "findings",
    "load",
    "pairs",
    "ratio_over_years",
    "shipped",
    "write",
]
