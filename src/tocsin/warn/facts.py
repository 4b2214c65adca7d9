"""What stands behind a warning: its drivers, its analogues, and what would lower it, as sentences.

Drivers are what the figures show, not causes: nothing here says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import areas, months
from tocsin.forecast.forecast import Forecast
from tocsin.kinds import Target
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId
from tocsin.text import LANGUAGES, Language, number, percent, say
from tocsin.warn.evidence import Evidence
from tocsin.warn.places import Places, struck
from tocsin.warn.rules import Rule

RECENT = 3
YEAR = 12
NEAR = 25
ANALOGUES = 3
APART = 24
"""Months that must lie between an area's own present and a past of its own taken as an analogue."""

Said = dict[Language, tuple[str, ...]]
"""The same sentences in each language."""


@dataclass(frozen=True)
class Analogue:
    """A past that looked like the present: twelve months of an area, and what came after.

    distance: mean difference of log(1 + deaths) over the twelve months. deaths: in the window after.
    """

    area: AreaId
    last: int
    distance: float
    deaths: int
    came_true: bool


def drivers(evidence: Evidence, rule: Rule, area: AreaId, origin: int) -> Said:
    """Return what the figures up to month `origin` show of an area: its own deaths, and its neighbours'."""
    panel = evidence.panel
    row, now = panel.index(area), origin - panel.span.first + 1
    deaths = panel.series(rule.kind)[row, :now]
    covered = panel.covered[row, :now]
    recent, before = int(deaths[-RECENT:].sum()), deaths[-YEAR:-RECENT]
    told: list[tuple[str, dict[str, object]]] = []
    if now >= YEAR and covered[-YEAR:].all():
        typical = float(before.mean()) * RECENT
        told.append(
            (
                "warn.driver.own",
                {"recent": recent, "before": round(typical) if typical >= 10 else round(typical, 1)},
            )
        )
    last_year = int(deaths[-YEAR:].sum())
    if covered[-2 * YEAR :].all() and now >= 2 * YEAR:
        year_before = int(deaths[-2 * YEAR : -YEAR].sum())
        told.append(("warn.driver.years", {"year": last_year, "before": year_before}))
    near, unknown = _neighbours(panel, rule.kind, area, origin)
    held = evidence.places.get(rule.kind)
    if rule.level == "admin1" and held is not None:
        told.append(_provinces(held, area, origin))
    found: Said = {}
    for language in LANGUAGES:
        sentences = [say(key, language, **values) for key, values in told]
        name = {gw: areas.country(gw, month=origin).name(language) for gw in (*near, *unknown)}
        if unknown:
            names = ", ".join(name[gw] for gw in unknown)
            sentences.append(say("warn.driver.near_not_assessed", language, names=names))
        loud = [gw for gw in near if near[gw] >= NEAR]
        if loud:
            names = ", ".join(f"{name[gw]} ({number(near[gw], language)})" for gw in loud)
            sentences.append(say("warn.driver.near", language, names=names, least=NEAR))
        elif near or not unknown:
            key = "warn.driver.nothing_else_near" if unknown else "warn.driver.nothing_near"
            sentences.append(say(key, language, least=NEAR))
        found[language] = tuple(sentences)
    return found


def analogues(panel: Panel, rule: Rule, area: AreaId, origin: int, needed: int) -> tuple[Analogue, ...]:
    """Return the pasts most like the last twelve months of an area, nearest first, one an area.

    Only pasts whose following window had closed by `origin`. None where the area's own twelve months were
    without deaths (every quiet past is alike) or not all covered.
    """
    now = origin - panel.span.first + 1
    series, covered = panel.series(rule.kind)[:, :now], panel.covered[:, :now]
    row = panel.index(area)
    own = np.log1p(series[row, -YEAR:])
    if now < YEAR + rule.window or not own.any() or not covered[row, -YEAR:].all():
        return ()
    size = now - YEAR - rule.window + 1
    windows = np.lib.stride_tricks.sliding_window_view(np.log1p(series), YEAR, axis=1)[:, :size]
    whole = np.lib.stride_tricks.sliding_window_view(covered, YEAR + rule.window, axis=1).all(axis=2)
    distance = np.abs(windows - own).mean(axis=2)
    distance[~whole] = np.inf
    distance[row, max(size - APART, 0) :] = np.inf
    nearest = distance.argmin(axis=1)
    least = distance[np.arange(len(distance)), nearest]
    found = []
    for other in np.argsort(least, kind="stable")[:ANALOGUES]:
        if not np.isfinite(least[other]):
            break
        last = int(nearest[other]) + YEAR
        after = int(series[other, last : last + rule.window].sum())
        found.append(
            Analogue(
                panel.areas[other], panel.span.first + last - 1, float(least[other]), after, after >= needed
            )
        )
    return tuple(found)


def analogue_sentences(found: Sequence[Analogue], rule: Rule) -> Said:
    """Return analogues as sentences."""
    said: Said = {}
    for language in LANGUAGES:
        said[language] = tuple(
            say(
                "warn.analogue.came" if one.came_true else "warn.analogue.did_not", language,
                area=areas.country(int(one.area), month=one.last).name(language),
                first=months.label(one.last - YEAR + 1), last=months.label(one.last), deaths=one.deaths,
                window=rule.window,
            )
            for one in found
        ) or (say("warn.analogue.none", language),)  # fmt: skip
    return said


def lowering(
    rule: Rule, said: Forecast | None, area: AreaId, *, probability: float, needed: int,
    sofar: int, last: int,
) -> Said:  # fmt: skip
    """Return what would lower the probability: a quiet next month, by the forecast's own paths.

    said: the forecast of now; needed, sofar, last: deaths that settle the question, those so far, and its
    last month. None for `said` where the rule is not asked of a forecast.
    """
    month: tuple[int, float] | None = None
    if said is not None and last - said.origin > 1:
        row = said.index(area)
        first = said.total_over(1, 1)[row]
        few = int(np.quantile(first, 0.25, method="lower"))
        paths: NDArray[np.bool_] = sofar + said.total_over(1, last - said.origin)[row] >= needed
        then = float(paths[first <= few].mean())
        month = (few, then) if then < probability else None
    found: Said = {}
    for language in LANGUAGES:
        sentences = [say("warn.lower.cancel", language, share=percent(rule.cancel, language))]
        if said is not None and month is not None:
            few, then = month
            key = "warn.lower.month" if few else "warn.lower.month_quiet"
            quiet = say(
                key, language, month=months.label(said.origin + 1), deaths=few,
                share=percent(then, language),
            )  # fmt: skip
            sentences.insert(0, quiet)
        found[language] = tuple(sentences)
    return found


def _neighbours(
    panel: Panel, kind: Target, area: AreaId, origin: int
) -> tuple[dict[int, int], tuple[int, ...]]:
    """Return the recent deaths of each neighbour, most first, and those of which they are not known."""
    now = origin - panel.span.first + 1
    recent = slice(now - RECENT, now)
    near = areas.neighbours(int(area), month=origin)
    held = [gw for gw in near if gw in panel.areas] if now >= RECENT else []
    known = [gw for gw in held if panel.covered[panel.index(gw), recent].all()]
    series = panel.series(kind)
    counts = {gw: int(series[panel.index(gw), recent].sum()) for gw in known}
    ordered = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    return ordered, tuple(gw for gw in near if gw not in counts)


def _provinces(places: Places, area: AreaId, origin: int) -> tuple[str, dict[str, object]]:
    now = origin - places.span.first + 1
    mine = places.gw == int(area)
    active = mine & places.deaths[:, max(now - YEAR, 0) : now].any(axis=1)
    names = [places.names[row] for row in np.flatnonzero(active)]
    if not names:
        return "warn.driver.no_province", {}
    return "warn.driver.provinces", {"names": ", ".join(names)}


def newly_struck(evidence: Evidence, rule: Rule, area: AreaId, origin: int) -> tuple[str, ...]:
    """Return the provinces that settled a question on provinces; none for other rules."""
    held = evidence.places.get(rule.kind)
    if rule.level != "admin1" or held is None:
        return ()
    return struck(rule, held, int(area), origin)
