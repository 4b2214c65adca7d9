"""The pages of this room that hold figures, in both languages: `python -m tocsin.decide.pages docs`.

They are made from the figures that ship with the package and from the library of responses, and so are the
cases that stand beside the page of value; a test holds that all of it is up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from pathlib import Path

import numpy as np

from tocsin import files, months
from tocsin.decide import cases, states
from tocsin.decide.checks import Checked
from tocsin.decide.cost_loss import ValueCurve
from tocsin.decide.economy import PRICE_YEAR
from tocsin.decide.explain import Trace, option_traces, range_trace
from tocsin.decide.measured import (
    CHOSEN,
    STRICT,
    Floats,
    Measured,
    Passages,
    Returns,
    costs,
    measure,
    shipped,
    spread,
)
from tocsin.decide.options import library
from tocsin.decide.record import Decision
from tocsin.decide.returns import PUBLISHED_RETURN, Return
from tocsin.decide.states import STATES
from tocsin.decide.transitions import PRIOR
from tocsin.panel import Panel, released
from tocsin.text import LANGUAGES, Language, number, say, set_language

FOLDERS: dict[Language, str] = {"en": "decide", "fr": "fr/decide"}
"""Where the pages in each language lie, below docs."""

CASES = f"{FOLDERS['en']}/value.parquet"
"""Where the cases lie that the page of value is made from, below docs."""


def pages(found: Measured) -> dict[str, str]:
    """Return the Markdown of each page in both languages, by its path below docs."""
    return {
        f"{FOLDERS[language]}/{name}": text
        for language in LANGUAGES
        for name, text in copy_context().run(_pages, found, language).items()
    }


def write(folder: Path) -> None:
    """Compute the cases and all the pages tell, and write them below `folder`; it takes minutes."""
    panel = shipped()
    made = cases.make(panel)
    files.write(folder / CASES, cases.packed(made, panel))
    files.write_pages(folder, pages(measure(panel, made)))


def _pages(found: Measured, language: Language) -> dict[str, str]:
    set_language(language)
    return {
        "options.md": _options(),
        "transitions.md": _transitions(found.panel, found.passages),
        "returns.md": _returns(found.returns),
        "value.md": _value(found),
    }


def _options() -> str:
    held = library()
    head = _head(*(_said(f"options.{name}") for name in ("input", "value", "basis", "source")))
    lines = [f"# {_said('options.title')}", "", _said("made"), "", _said("options.about"), ""]
    for option in held.options.values():
        if option.idle:
            continue
        lines += [f"## {_said('options.heading', name=option.name, label=option.label())}", "", *head]
        lines += [_traced(t, t.name.partition(": ")[2]) for t in option_traces(option)]
        lines.append("")
    lines += [f"## {_said('options.model')}", "", *head]
    for entry in held.model.values():
        trace = range_trace(f"`{entry.name}`", entry)
        lines.append(_traced(trace, trace.name))
    lines += ["", _said("options.left_out"), ""]
    return "\n".join(lines)


def _transitions(panel: Panel, found: Passages) -> str:
    fifth = next(one for one, _ in found.checked if one.published.name == "relapse_fifth")
    strict = next(one for one in found.strict if one.published.name == "relapse_fifth")
    shares = {"share": _percent(fifth.share), "strict": _percent(strict.share)}
    data = _said("transitions.data", releases=released(panel.releases), span=str(panel.span))
    lines = [
        f"# {_said('transitions.title')}", "", f"{_said('made')} {data}", "",
        f"## {_said('transitions.published_title')}", "", _said("transitions.published"), "",
        *_head("", *(_said(f"transitions.{name}") for name in ("told", "sb", "total", "agrees"))),
        *(_checked(*both) for both in found.checked), "",
        _said("transitions.differ", deaths=STRICT, **shares),
        "", f"## {_said('transitions.monthly_title')}", "", _said("transitions.monthly"), "",
        *_passed(found.world.matrix, found.held, "months"),
        "", f"## {_said('transitions.yearly_title')}", "",
        *_passed(
            found.december / np.maximum(found.december.sum(axis=1, keepdims=True), 1),
            found.december.sum(axis=1), "years",
        ),
        "", f"## {_said('transitions.deaths_title')}", "",
        *_head(*(_said(f"transitions.{name}") for name in ("state", "cut", "interval", "uncut"))),
    ]  # fmt: skip
    for state in (states.TENSION, states.LOW, states.HIGH):
        low, high = np.quantile(found.world.death_draws[:, state], [0.05, 0.95])
        means = (_number(values[state], 1) for values in (found.world.deaths, found.uncapped))
        mean, uncut = means
        lines.append(_row(states.name_of(STATES[state]), mean, _between(low, high, 1), uncut))
    lines += [
        "", _said("transitions.deaths"), "", f"## {_said('transitions.region_title')}", "",
        _said("transitions.region", prior=PRIOR), "",
        *_head(_said("transitions.added"), _said("transitions.likelihood")),
        *(_row(_number(prior), _number(likelihood, 1)) for prior, likelihood in found.priors), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _checked(sb: Checked, total: Checked) -> str:
    """Return the row of a published figure: its words, and both shares with their intervals."""
    name = sb.published.name
    shares = [
        _said(
            "transitions.share", share=_percent(one.share), count=one.cases,
            between=_between(100 * one.low, 100 * one.high, 1),
        )
        for one in (sb, total)
    ]  # fmt: skip
    agrees = " / ".join(_said("transitions.yes" if one.agrees else "transitions.no") for one in (sb, total))
    return _row(_said(f"figure.{name}"), _said(f"published.{name}"), *shares, agrees)


def _passed(shares: Floats, held: Floats, unit: str) -> list[str]:
    """Return a table of passages in per cent, and how many months or years stand behind each row."""
    names = [states.name_of(state) for state in STATES]
    rows = [
        _row(name, *(_number(100 * v, 2) if v else "–" for v in shares[row]), _number(held[row]))
        for row, name in enumerate(names)
    ]
    return [*_head(_said("transitions.from_to"), *names, _said(f"transitions.{unit}")), *rows]


def _returns(found: Returns) -> str:
    least, most = PUBLISHED_RETURN
    first, second = CHOSEN
    span = {"least": least, "most": most}
    countries = len(found.each[first])
    about = _said(
        "returns.about", month=months.label(found.month), countries=countries, price_year=PRICE_YEAR
    )
    names = ("response", "median", "middle", "within", "cost", "cost_least", "cost_most")
    lines = [
        f"# {_said('returns.title')}", "", f"{_said('made')} {about}", "",
        _said("returns.published", **span), "",
        *_head(*(say(f"decide.page.returns.{name}", **span) for name in names)),
        *(_row(f"`{name}`", *_summary(one), *_costs(one)) for name, one in found.each.items()),
        "", _said("returns.costs"), "",
        f"## {_said('returns.otherwise_title')}", "",
        _said("returns.otherwise", first=first, second=second), "",
        *_head("", *(
            _said(f"returns.otherwise_{name}", option=option)
            for option in CHOSEN for name in ("median", "within")
        )),
        *(
            _row(_said(f"changed.{title}"), *(cell for one in both for cell in _summary(one)[::2]))
            for title, both in found.otherwise.items()
        ),
        "", f"## {_said('returns.cases_title')}", "",
        *_head(*(
            _said(f"returns.{name}") for name in ("country", "state", "lost", "saved", "spent", "return")
        )),
        *(_case(one, idle) for one, idle in found.extremes),
        "", _said("returns.cases", option=first), "",
        f"## {_said('returns.why_title')}", "",
        _said(
            "returns.why", option=first, count=len(found.small),
            median=_number(float(np.median(found.small)), 2),
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def _case(entry: Return, idle: Decision) -> str:
    """Return the row of a country: what doing nothing loses there, and what acting returns."""
    lost = idle.options[0].moments[-1].output.mean or 0.0
    amounts = (_number(value) for value in (lost, entry.saved, entry.cost))
    name = idle.country.name()
    return _row(name, states.name_of(idle.state), *amounts, _number(entry.ratio, 2))


def _summary(found: Sequence[Return]) -> tuple[str, str, str]:
    middle, low, high, within = spread(found)
    of = _said("returns.of", part=within, whole=len(found))
    return _number(middle, 2), _between(low, high, 2), of


def _costs(found: Sequence[Return]) -> tuple[str, str, str]:
    middle, least, most = costs(found)
    return _number(middle, 2), _number(least, 3), _number(most, 3)


def _value(found: Measured) -> str:
    about = _said(
        "value.about", deaths=cases.DEATHS, months=len(cases.STEPS), every=cases.EVERY,
        first=months.label(cases.ORIGINS[0]), last=months.label(cases.ORIGINS[-1]),
        releases=released(found.panel.releases), rate=_percent(found.curves[0].base_rate), count=found.count,
    )  # fmt: skip
    columns = (
        _said("value.column", method=method, what=_said(f"value.{what}"))
        for method in cases.METHODS
        for what in ("value", "most", "trigger")
    )
    lines = [
        f"# {_said('value.title')}", "", f"{_said('made')} {about}", "", _said("value.scale"), "",
        *_head("C / (e L)", *columns),
    ]  # fmt: skip
    for place, ratio in enumerate(found.curves[0].ratios):
        worth = (cell for curve in found.curves for cell in _worth(curve, place))
        lines.append(_row(_number(float(ratio), 2), *worth))
    lines += ["", _said("value.most_useful"), ""]
    return "\n".join(lines)


def _worth(curve: ValueCurve, place: int) -> tuple[str, str, str]:
    trigger = float(curve.trigger[place])
    told = _said("value.never") if trigger > 1 else _number(trigger, 3)
    return _number(float(curve.value[place]), 2), _number(float(curve.best[place]), 2), told


def _said(key: str, **values: object) -> str:
    """Return a sentence of these pages."""
    return say(f"decide.page.{key}", **values)


def _traced(trace: Trace, name: str) -> str:
    return _row(name, trace.value, say(f"decide.basis.{trace.basis}"), trace.source)


def _number(value: float, decimals: int = 0) -> str:
    return number(float(value), decimals=decimals)


def _percent(share: float) -> str:
    return say("text.percent", value=_number(100 * share, 1))


def _between(low: float, high: float, decimals: int) -> str:
    return _said("between", low=_number(low, decimals), high=_number(high, decimals))


def _head(*names: str) -> list[str]:
    return [_row(*names), _row(*("---" for _ in names))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    write(files.asked_for(__doc__))
