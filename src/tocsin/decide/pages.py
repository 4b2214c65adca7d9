"""The pages of this room that hold figures: `python -m tocsin.decide.pages docs/decide`.

They are made from the figures that ship with the package and from the library of responses; a test holds that
they are up to date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tocsin import backtest, figures, months
from tocsin.decide import checks, states
from tocsin.decide.cost_loss import Pairs, value_curve
from tocsin.decide.decision import decide
from tocsin.decide.economy import PRICE_YEAR, economy_of
from tocsin.decide.evidence import Evidence
from tocsin.decide.explain import option_traces, range_trace
from tocsin.decide.options import library
from tocsin.decide.returns import PUBLISHED_RETURN, Return, recent_violence, returns
from tocsin.decide.states import STATES
from tocsin.decide.transitions import Counts, estimate, held_out, yearly
from tocsin.files import asked_for, write_pages
from tocsin.forecast import DEFAULT
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.text import set_language

MADE = "Made by `python -m tocsin.decide.pages docs/decide`; a test holds that it is up to date."
DAY = dt.date(2025, 12, 31)
"""The day whose shipped figures the pages are made from."""

_SENTENCES = {
    "persistence": "A conflict year is followed by another",
    "relapse_first": "Relapse after the first year of peace",
    "relapse_fifth": "Relapse after the fifth to tenth year",
    "relapse_late": "Relapse after more than ten years",
    "relapse_half": "Relapsed before eight years of peace",
    "onset_quiet": "Onset with no death in five years",
    "onset_recent": "Onset with a conflict year in the last four",
}

METHODS = (DEFAULT, "conflictology-12")
ORIGINS = Span.parse("1999-12:2021-06")
EVERY = 12
RATIOS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

PRIORS = (6.0, 24.0, 120.0, 600.0, 1200.0, 2400.0, 12000.0)


def pages() -> dict[str, str]:
    """Return the Markdown of each page by file name."""
    return copy_context().run(_pages)


def write(folder: Path) -> None:
    """Write the pages into `folder`, making it if there is none."""
    write_pages(folder, pages())


def value(panel: Panel) -> str:
    """Return the page of what a forecast is worth by cost and loss, from backtests."""
    found = {}
    with TemporaryDirectory() as folder:
        for method in METHODS:
            results = backtest.run(
                panel, method=method, target="total", steps=(1, 2, 3), out=Path(folder) / f"{method}.parquet",
                origins=backtest.origins_of(ORIGINS, EVERY),
            )  # fmt: skip
            found[method] = Pairs.of_backtest(results)
    curves = {method: value_curve(pairs, RATIOS) for method, pairs in found.items()}
    lines = [
        "# What a forecast is worth, by cost and loss",
        "",
        f"{MADE} Question: at least 25 deaths in the next three months, all kinds of violence, every "
        f"country; every {EVERY} months from {ORIGINS}; {', '.join(panel.releases)}. It happened in "
        f"{100 * found[METHODS[0]].base_rate:.1f} % of {len(found[METHODS[0]].happened):,} cases.",
        "",
        "Relative economic value: 1 is perfect foresight, 0 always doing what the base rate says, below 0 "
        "worse. **Value** is for one who acts when the forecast reaches C / (e L); **most** is with the "
        "trigger that would have been best on these very cases, beside it.",
        "",
        *_head("C / (e L)", *(f"`{m}`: {w}" for m in METHODS for w in ("value", "most", "best trigger"))),
    ]
    for place, ratio in enumerate(RATIOS):
        cells = []
        for method in METHODS:
            curve = curves[method]
            trigger = curve.trigger[place]
            cells += [
                f"{curve.value[place]:.2f}", f"{curve.best[place]:.2f}",
                "never" if trigger > 1 else f"{trigger:.3f}",
            ]  # fmt: skip
        lines.append(_row(f"{ratio:.2f}", *cells))
    lines += [
        "",
        "A forecast is worth most to those whose ratio is near the base rate, and to nobody at the far ends, "
        "where always or never acting is right. Where value falls well below the most, the probabilities are "
        "too sure or not sure enough at that level, and a trigger chosen on past cases would do better.",
        "",
    ]
    return "\n".join(lines)


def _pages() -> dict[str, str]:
    set_language("en")
    panel = figures.panel(as_of=DAY)
    evidence = Evidence.of(panel, month=panel.span.last + 1, samples=100)
    return {
        "options.md": _options(),
        "transitions.md": _transitions(panel),
        "returns.md": _returns(evidence),
        "value.md": value(panel),
    }


def _options() -> str:
    held = library()
    lines = [
        "# The library of responses",
        "",
        f"{MADE}",
        "",
        "Every effect here is a published estimate or an assumption, **not a fact about a case**. The "
        "averages come from where forces, money and envoys were sent, and they were not sent at random. A "
        "value marked *assumption* rests on no source, or is a published value put to a use its source does "
        "not make. Give your own with `tocsin decide --options FILE` "
        "([how](../concepts/decision.md#your-own-responses)).",
        "",
    ]
    for option in held.options.values():
        if option.idle:
            continue
        lines += [f"## `{option.name}`: {option.label()}", "", *_head("input", "value", "basis", "source")]
        lines += [_row(t.name.partition(": ")[2], t.value, t.basis, t.source) for t in option_traces(option)]
        lines.append("")
    lines += ["## Inputs that are no part of a response", "", *_head("input", "value", "basis", "source")]
    for entry in held.model.values():
        trace = range_trace(f"`{entry.name}`", entry)
        lines.append(_row(trace.name, trace.value, trace.basis, trace.source))
    lines += [
        "",
        "Left out, because they could not be read or contradict themselves: costs and effects of earlier "
        "studies of prevention known only from memory, and a reconciliation project whose cost differs by "
        "ten between two copies of one page.",
        "",
    ]
    return "\n".join(lines)


def _transitions(panel: Panel) -> str:
    counts = Counts.of(panel)
    world = estimate(counts, draws=1000)
    december = yearly(counts).sum(axis=0)
    lines = [
        "# States and passages, beside what is published",
        "",
        f"{MADE} Data: {', '.join(panel.releases)}, {panel.span}.",
        "",
        "## Published figures",
        "",
        "Calendar years with at least 25 deaths, state-based violence first, since that is what the "
        "published figures are about, and all kinds together, as the price of delay uses them. The interval "
        "is 90 %, by whole countries. *Agrees* means that the share lies in this project's reading of the "
        "published words; the bands are not widened to fit.",
        "",
        *_head("", "published", "state-based", "all kinds", "agrees"),
    ]
    both = [checks.check(panel, target=target) for target in ("sb", "total")]
    for first, second in zip(*both, strict=True):
        agrees = " / ".join("yes" if found.agrees else "**no**" for found in (first, second))
        lines.append(
            _row(_SENTENCES[first.published.name], first.published.value, _told(first), _told(second), agrees)
        )
    fifth = next(found.share for found in both[0] if found.published.name == "relapse_fifth")
    strict = checks.check(panel, target="sb", deaths=100)
    higher = next(found.share for found in strict if found.published.name == "relapse_fifth")
    lines += [
        "",
        "**Where they differ.** Relapse here falls more slowly than published: after the fifth to tenth year "
        f"of peace a conflict year still follows {100 * fifth:.1f} % of the time (state-based), not 3 %. A "
        f"higher threshold does not explain it: with 100 deaths in place of 25 it is {100 * higher:.1f} %. "
        "The published work could be read in summary only, and uses other years and another definition of "
        "conflict. With all kinds of violence together, onset in quiet countries is a little above 1 %: "
        "clashes without the state and massacres begin in countries at peace too.",
        "",
        "## Passages in a month",
        "",
        "The world, all kinds of violence; per cent, a dash for never seen. States are declared in "
        "[the concept page](../concepts/decision.md#states).",
        "",
        *_head("from \\ to", *STATES, "months"),
    ]
    held = counts.held.sum(axis=0)
    for row, name in enumerate(STATES):
        lines.append(_row(name, *(_cell(v) for v in world.matrix[row]), f"{held[row]:,.0f}"))
    lines += ["", "## Passages from one December to the next", "", *_head("from \\ to", *STATES, "years")]
    for row, name in enumerate(STATES):
        total = december[row].sum()
        lines.append(_row(name, *(_cell(v) for v in december[row] / max(total, 1)), f"{total:,.0f}"))
    lines += [
        "",
        "## Deaths in a month of a state",
        "",
        *_head("state", "mean, cut at the 99th percentile", "90 %", "mean, nothing cut"),
    ]
    for state in (states.TENSION, states.LOW, states.HIGH):
        low, high = np.quantile(world.death_draws[:, state], [0.05, 0.95])
        raw = counts.uncapped[:, state].sum() / held[state]
        lines.append(
            _row(STATES[state], f"{world.deaths[state]:.1f}", f"{low:.1f} to {high:.1f}", f"{raw:.1f}")
        )
    lines += [
        "",
        "One month of 1994 holds more deaths than decades of other wars. Uncut, it would set the price of "
        "every war to come; cut, the price leaves out that such a month can happen again.",
        "",
        "## How far a region is drawn towards the world",
        "",
        "Log-likelihood of the passages of 2011-2021 by region, given those to 2010, by the months of the "
        "world's passages added to each state of a region. Regions differ little; the value in use is 1,200.",
        "",
        *_head("months added", "log-likelihood"),
    ]
    cut = months.parse("2010-12")
    lines += [_row(f"{prior:,.0f}", f"{held_out(panel, cut, prior):.1f}") for prior in PRIORS]
    lines.append("")
    return "\n".join(lines)


def _returns(evidence: Evidence) -> str:
    chosen = recent_violence(evidence)
    least, most = PUBLISHED_RETURN
    generous = {
        "model.growth-loss-low": 0.032, "model.growth-loss-high": 0.067, "model.market-factor": 1.0,
    }  # fmt: skip
    lines = [
        "# Returns on acting early, beside the published ones",
        "",
        f"{MADE} Decision in {months.label(evidence.month)}, the {len(chosen)} countries in a state of "
        "recent violence (low, or the first two years of recovery) whose GDP is known; every input at its "
        f"central value; million dollars at prices of {PRICE_YEAR}. Nothing here was tuned.",
        "",
        f"Published: between \\${least:.0f} and \\${most:.0f} of conflict cost saved for each dollar of "
        "prevention (IMF blog of 13 March 2025 on Mueller, Rauh, Seimon and Espinoza; read second hand), "
        "most where violence is recent.",
        "",
        *_head(
            "response", "median return", "middle half", f"countries within {least:.0f}-{most:.0f}",
            "median cost a month", f"cost that would return {least:.0f}",
            f"cost that would return {most:.0f}",
        ),
    ]  # fmt: skip
    names = [name for name, option in library().options.items() if not option.idle]
    for name in names:
        found = returns(evidence, chosen, name)
        lines.append(_row(f"`{name}`", *_summary(found), *_costs(found)))
    lines += [
        "",
        "The last two columns say what the response could cost a month, in the median country, for its "
        "return to reach the published span.",
        "",
        "## The same with other inputs",
        "",
        "`peacekeeping-100` and `mediation`, one change at a time, then all together: GDP lost in conflict "
        "at the high end of its range, a dollar of GDP counted as a dollar, losses counted over 30 years.",
        "",
        *_head("", "`peacekeeping-100`: median", "within", "`mediation`: median", "within"),
    ]
    growth = {k: v for k, v in generous.items() if "growth" in k}
    market = {k: v for k, v in generous.items() if "market" in k}
    for title, changed, horizon in (
        ("central inputs", {}, 120), ("more GDP lost", growth, 120), ("a dollar is a dollar", market, 120),
        ("30 years", {}, 360), ("all three", generous, 360),
    ):  # fmt: skip
        cells = []
        for name in ("peacekeeping-100", "mediation"):
            summary = _summary(returns(evidence, chosen, name, horizon=horizon, changed=changed))
            cells += [summary[0], summary[2]]
        lines.append(_row(title, *cells))
    lines += [
        "",
        "## Cases",
        "",
        *_head("country", "state", "GDP lost if nobody acts", "saved", "cost", "return"),
    ]
    ranked = sorted(returns(evidence, chosen, "peacekeeping-100"), key=lambda r: (-r.ratio, r.gw))
    small = [r.ratio for r in ranked if economy_of(r.gw, month=evidence.month).gdp < 50_000]
    small_median = float(np.median(small))
    for entry in (*ranked[:5], *ranked[-5:]):
        lines.append(_case(evidence, entry))
    lines += [
        "",
        "The five highest and the five lowest returns of `peacekeeping-100`, at central inputs; GDP lost is "
        "the mean over draws. Nobody would send the same small force to India and to Eswatini: the table "
        "shows that a return follows the size of an economy more than its risk.",
        "",
        "## Why they differ",
        "",
        "The one response with a published effect and cost, peacekeeping, returns less than the published "
        "span in the median country, and within it once losses are counted over 30 years. Mediation and "
        "sanctions lie in the span, but all their inputs are assumptions, so that "
        "confirms nothing. The differences:",
        "",
        "* **How long.** Here losses count for ten years, though output stays lower after. Over 30 years the "
        "return grows as the table shows, while the response still ends after ten.",
        "* **What is bought.** The published span is for economic policy (steadier budgets, growth, "
        "institutions), whose cost could not be read. The first table says how cheap each response would "
        "have to be.",
        "* **What is saved.** Here: output of the country itself. There also: humanitarian need. Neither "
        "side counts neighbours; deaths are kept apart here unless a value is set.",
        "* **Which dollars.** Costs are paid in market dollars. A dollar of GDP at purchasing power is taken "
        "as half a market dollar (an assumption); with a whole one the return doubles.",
        "* **How large the economy.** A response has one cost here, whatever the country; GDP spans four "
        f"orders of magnitude. In the {len(small)} countries with less than 50 billion international dollars "
        f"the median return of `peacekeeping-100` is {small_median:.2f}. "
        "States are declared by deaths, not by deaths a head, so 25 deaths in a remote corner of India count "
        "as a conflict that holds back all of its economy.",
        "",
        "Another published comparison, for countries of that smaller size: with a civil war at 20 billion "
        "dollars, Collier (2009) sets a gain of 21 points of risk, 4.2 billion, against one billion over ten "
        "years at 100 million a year, and about 5 billion against two at 200 million: returns of "
        "4.2 and 2.5.",
        "",
        "Returns of different actions, years and cost bases must not be averaged.",
        "",
    ]
    return "\n".join(lines)


def _case(evidence: Evidence, entry: Return) -> str:
    made = decide(evidence, entry.gw, options=["none"], in_depth=False)
    lost = made.options[0].moments[-1].output.mean or 0.0
    return _row(
        made.country.name("en"), made.state, f"{lost:,.0f}", f"{entry.saved:,.0f}", f"{entry.cost:,.0f}",
        f"{entry.ratio:.2f}",
    )  # fmt: skip


def _summary(found: Sequence[Return]) -> tuple[str, str, str]:
    ratios = np.array([entry.ratio for entry in found])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    within = int(((ratios >= PUBLISHED_RETURN[0]) & (ratios <= PUBLISHED_RETURN[1])).sum())
    return f"{middle:.2f}", f"{low:.2f} to {high:.2f}", f"{within} of {len(found)}"


def _costs(found: Sequence[Return]) -> tuple[str, ...]:
    middle = float(np.median([entry.monthly for entry in found]))
    cheap = [float(np.median([entry.monthly_for(r) for entry in found])) for r in PUBLISHED_RETURN]
    return f"{middle:.2f}", *(f"{value:.3f}" for value in cheap)


def _told(found: checks.Checked) -> str:
    return (
        f"{100 * found.share:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f}; {found.cases:,} years)"
    )


def _cell(value: float) -> str:
    return "–" if value == 0 else f"{100 * value:.2f}"


def _head(*names: str) -> list[str]:
    return [_row(*names), _row(*("---" for _ in names))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    write(asked_for(__doc__))
