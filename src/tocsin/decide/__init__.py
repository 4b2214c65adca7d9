"""The price of delay: cost and loss, states and their passages, responses, and a force against its ground."""

from tocsin.decide.charts import draw_charts
from tocsin.decide.checks import PUBLISHED, Checked, Published, check
from tocsin.decide.condition import Chain, on_forecast
from tocsin.decide.cost_loss import Pairs, ValueCurve, best_trigger, break_even, value_curve
from tocsin.decide.decision import HORIZON, MOMENTS, decide
from tocsin.decide.delay import NEVER, Prices, Response, World, price
from tocsin.decide.economy import PRICE_YEAR, Economy, economy_of
from tocsin.decide.effects import TRANSITIONS
from tocsin.decide.evidence import Evidence
from tocsin.decide.explain import Trace, explain
from tocsin.decide.force import BENCHMARKS, Benchmark, Force, Ground, Ratios, force
from tocsin.decide.known import panel_for
from tocsin.decide.options import Library, Option, library, read
from tocsin.decide.ranges import Range
from tocsin.decide.record import Decision, Moment, Priced, Spread
from tocsin.decide.returns import Return
from tocsin.decide.returns import returns as returns_of
from tocsin.decide.screen import ground, screen, traces
from tocsin.decide.sensitivity import Bar, BreakEven
from tocsin.decide.states import STATES, State, monthly
from tocsin.decide.stopping import Policy, solve
from tocsin.decide.transitions import Counts, Transitions, estimate, yearly
from tocsin.decide.words import told

__all__ = [
    "BENCHMARKS",
    "HORIZON",
    "MOMENTS",
    "NEVER",
    "PRICE_YEAR",
    "PUBLISHED",
    "STATES",
    "TRANSITIONS",
    "Bar",
    "Benchmark",
    "BreakEven",
    "Chain",
    "Checked",
    "Counts",
    "Decision",
    "Economy",
    "Evidence",
    "Force",
    "Ground",
    "Library",
    "Moment",
    "Option",
    "Pairs",
    "Policy",
    "Priced",
    "Prices",
    "Published",
    "Range",
    "Ratios",
    "Response",
    "Return",
    "Spread",
    "State",
    "Trace",
    "Transitions",
    "ValueCurve",
    "World",
    "best_trigger",
    "break_even",
    "check",
    "decide",
    "draw_charts",
    "economy_of",
    "estimate",
    "explain",
    "force",
    "ground",
    "library",
    "monthly",
    "on_forecast",
    "panel_for",
    "price",
    "read",
    "returns_of",
    "screen",
    "solve",
    "told",
    "traces",
    "value_curve",
    "yearly",
]
