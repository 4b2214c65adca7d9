"""Numbers and names of a decision as words."""

from __future__ import annotations

import math

from tocsin import months
from tocsin.decide.delay import NEVER
from tocsin.decide.record import Decision, Spread
from tocsin.decide.states import YEAR, name_of
from tocsin.panel import based, released
from tocsin.panel.panel import RECONSTRUCTED
from tocsin.text import Language, number, say
from tocsin.text import percent as in_percent

UNKNOWN = "–"


def rounded(value: float | None, language: Language | None = None) -> str:
    """Return a number to three figures, a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if abs(value) < 5e-7:
        return number(0, language)
    places = 2 - math.floor(math.log10(abs(value)))
    short = f"{round(value, places):.{max(places, 0)}f}"
    decimals = len(short.partition(".")[2].rstrip("0"))
    return number(float(short), language, decimals=decimals)


def whole(value: float | None, language: Language | None = None) -> str:
    """Return a number to three figures and no places after the point."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    short = 0.0 if abs(value) < 0.5 else round(value, 2 - math.floor(math.log10(abs(value))))
    return number(float(round(short)) + 0.0, language, decimals=0)


def span(spread: Spread, level: int, language: Language | None = None) -> str:
    """Return `mean (low–high)` in whole numbers, the interval of 50 or 90 %."""
    if spread.mean is None:
        return UNKNOWN
    low, high = (spread.low50, spread.high50) if level == 50 else (spread.low90, spread.high90)
    between = "–" if (low or 0) >= 0 else " – "
    return f"{whole(spread.mean, language)} ({whole(low, language)}{between}{whole(high, language)})"


def percent(value: float | None, language: Language | None = None) -> str:
    """Return a share in per cent, never 0 or 100."""
    return UNKNOWN if value is None else in_percent(value, language)


def moment(months_ahead: int, language: Language | None = None) -> str:
    """Return when a moment is: now, in some months, never."""
    if months_ahead == NEVER:
        return say("decide.moment.never", language)
    if months_ahead == 0:
        return say("decide.moment.now", language)
    return say("decide.moment.later", language, months=months_ahead)


def until(decision: Decision) -> str:
    """Return the last month priced."""
    return months.label(decision.month + decision.horizon - 1)


def told(decision: Decision, language: Language | None = None) -> str:
    """Return what a decision says, in a paragraph that tells data, estimates and assumptions apart."""
    name = decision.country.name(language)
    lines = []
    if decision.basis.startswith(RECONSTRUCTED):
        lines.append(say("decide.told.reconstructed", language, lag=decision.lag))
    lines.append(
        say(
            "decide.told.state", language, country=name, month=months.label(decision.month),
            origin=months.label(decision.origin), deaths=_recent(decision, language),
            state=name_of(decision.state, language),
            probability=percent(decision.probability, language), implied=percent(decision.implied, language),
        )
    )  # fmt: skip
    if not decision.ever:
        lines.append(say("decide.told.never_in_conflict", language))
    active = [row for row in decision.options if row.waited and not row.option.idle]
    for row in active[:1]:
        deaths, money, now = row.more_deaths, row.more_loss, row.moments[0]
        values = {
            "option": row.option.label(language), "months": row.waited,
            "deaths": whole(deaths.mean, language), "deaths_low": whole(deaths.low90, language),
            "deaths_high": whole(deaths.high90, language),
        }  # fmt: skip
        if money.mean is None:
            lines.append(say("decide.told.cost_of_waiting_deaths", language, **values))
        else:
            lines.append(
                say(
                    "decide.told.cost_of_waiting", language, money=whole(money.mean, language),
                    money_low=whole(money.low90, language), money_high=whole(money.high90, language),
                    best=percent(now.best, language), **values,
                )
            )  # fmt: skip
    if decision.left_out:
        names = ", ".join(option.label(language) for option in decision.left_out)
        lines.append(say("decide.told.left_out", language, horizon=decision.horizon, names=names))
    figures = "people" if decision.economy is None else "people_and_gdp"
    lines.append(
        say(
            "decide.told.basis", language, releases=released(decision.releases, language),
            basis=based(decision.basis, language), figures=say(f"decide.told.{figures}", language),
        )
    )  # fmt: skip
    return " ".join(lines)


def _recent(decision: Decision, language: Language | None) -> str:
    key = "deaths" if decision.recent_months == YEAR else "deaths_partly"
    return say(f"decide.told.{key}", language, recent=decision.recent, count=decision.recent_months)
