"""The methods by name, and the one verb that fits any of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from tocsin import kinds
from tocsin.errors import BadInput, UnknownName
from tocsin.forecast.baselines import (
    Bootstrap,
    Conflictology,
    Last,
    NegativeBinomial,
    Neighbours,
    NoLearning,
    Region,
    Zero,
)
from tocsin.forecast.boosted import Boosted
from tocsin.forecast.cores import Hurdle, Quantiles
from tocsin.forecast.fitted import Fitted, FittedTotal, Method
from tocsin.forecast.forecast import GROUPS
from tocsin.forecast.history import History
from tocsin.forecast.own import is_own, own
from tocsin.forecast.pool import Pool, Recalibration
from tocsin.forecast.weighted import Weighted
from tocsin.panel import Panel

DEFAULT = "tocsin"
"""The method of a forecast unless another is asked for."""

_ANALOGUES = Pool("analogues", shares=(0.0,) * len(GROUPS))
_RECENT = Pool("recent", shares=(1.0,) * len(GROUPS))
_HURDLE = Boosted("hurdle", Hurdle())
_WEIGHTED = Weighted(
    "weighted",
    parts=(
        _ANALOGUES, _RECENT, _HURDLE, NoLearning(), NegativeBinomial(), Conflictology(), Conflictology(36),
        Neighbours(), Region(),
    ),
    prior=(0.7, 0.3, *(0.0,) * 7),
)  # fmt: skip

_NAMED: dict[str, Method] = {
    method.name: method
    for method in (
        Pool(DEFAULT, recalibration=Recalibration()), _ANALOGUES, _RECENT, Boosted("boosting", Quantiles()),
        _HURDLE, _WEIGHTED, Zero(), Last(), Conflictology(), Neighbours(), Region(), Bootstrap(),
        NegativeBinomial(), NoLearning(),
    )
}  # fmt: skip

_FAMILIES: dict[str, Callable[[int], Method]] = {
    "conflictology": Conflictology,
    "neighbours": Neighbours,
    "region": Region,
    "bootstrap": Bootstrap,
    "negative-binomial": NegativeBinomial,
}


def methods() -> tuple[str, ...]:
    """Return the names of the methods; five also take another window, as in `conflictology-36`."""
    return tuple(_NAMED)


def named(name: str) -> Method:
    """Return the method of that name.

    UnknownName, with the choices and the closest, if there is none, and where it is that of a function of
    one's own; BadInput if its window is out of range.
    """
    name = str(name)
    if is_own(name):
        raise UnknownName("forecast.own_by_name", value=name)
    if name in _NAMED:
        return _NAMED[name]
    found = re.fullmatch(r"(.+)-([0-9]+)", name)
    if found and found[1] in _FAMILIES:
        return _FAMILIES[found[1]](int(found[2]))
    choices = ", ".join([*methods(), *(f"{family}-K" for family in _FAMILIES)])
    close = difflib.get_close_matches(name.lower(), methods(), n=1)
    if close:
        raise UnknownName("forecast.unknown_method_close", value=name, closest=close[0], choices=choices)
    raise UnknownName("forecast.unknown_method", value=name, choices=choices)


def found(name: str) -> Method:
    """Return the method of that name, or a user's own by `module:function`; errors as `named` and `own`.

    Only for names that whoever runs the program gave: a module that is imported may do anything.
    """
    return own(name) if is_own(str(name)) else named(name)


def fit(panel: Panel, *, origin: int, target: str = "sb", method: str | Method = DEFAULT) -> Fitted:
    """Return a method fitted to what a panel holds up to month `origin`, ready to `predict(steps)`.

    target: `sb`, `ns`, `os`, or `total`, which is the sum of the draws of the three and needs them all.
    method: one of `methods()`, one of their families with another window, or what `found` returns.

    UnknownName for a method, target or kind that is not there; BadInput for the total of a panel that lacks a
    kind; NotAssessed if the origin lies outside the panel.
    """
    chosen = named(method) if isinstance(method, str) else method
    wanted = kinds.target(target)
    if wanted != "total":
        return chosen.fit(History.of(panel, origin, wanted))
    if panel.kinds != kinds.KINDS:
        held, needed = ", ".join(panel.kinds), ", ".join(kinds.KINDS)
        raise BadInput("forecast.total_lacks", held=held, needed=needed)
    return FittedTotal(tuple(chosen.fit(History.of(panel, origin, kind)) for kind in kinds.KINDS))
