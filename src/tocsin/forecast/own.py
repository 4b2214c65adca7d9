"""A method of a user's own: a function in a module of theirs, by the name `module:function`."""

from __future__ import annotations

import importlib
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tocsin import digest
from tocsin.errors import BadInput, UnknownName
from tocsin.forecast.fitted import FittedSampler
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts
from tocsin.panel.arrays import counts

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Own:
    """A function taken for a method: `function(history, steps, draws)` gives deaths [area, step, draw].

    name: `module:function`. code: SHA-256 of the file of the module, which is among the settings: what a
    forecast was made by is in its digest, but not what that file imports in its turn.
    """

    name: str
    code: str
    function: Callable[[History, tuple[int, ...], int], Any] = field(repr=False)

    @property
    def settings(self) -> Mapping[str, object]:
        """The digest of the code."""
        return {"code": self.code}

    def fit(self, history: History) -> FittedSampler:
        """Return the method with what was known at the origin; the function is called when it predicts."""
        return FittedSampler(history, self)

    def sample(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw] as the function gives them.

        BadInput where it fails, or gives another shape or what are no numbers of deaths.
        """
        try:
            given = self.function(history, steps, draws)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            raise BadInput(
                "forecast.own_failed", method=self.name, reason=f"{type(error).__name__}: {error}",
                file=Path(last.filename).name, line=last.lineno,
            ) from error  # fmt: skip
        wanted, found = (len(history.panel.areas), len(steps), draws), np.shape(given)
        if found != wanted:
            raise BadInput("forecast.own_shape", method=self.name, found=str(found), expected=str(wanted))
        return counts(np.array(given), self.name)


def is_own(name: str) -> bool:
    """Return whether a name is that of a function in a module, whether or not there is one."""
    return _NAME.fullmatch(name) is not None


def own(name: str) -> Own:
    """Return the method of that name, its module imported.

    UnknownName where there is no such module or function, or it has no file of its own; BadInput where
    importing it fails.
    """
    module, _, function = name.partition(":")
    try:
        held = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise UnknownName("forecast.own_no_module", value=name, module=module) from error
        raise BadInput("forecast.own_not_imported", module=module, reason=str(error)) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise BadInput("forecast.own_not_imported", module=module, reason=reason) from error
    found, file = getattr(held, function, None), getattr(held, "__file__", None)
    if not callable(found) or not file:
        raise UnknownName("forecast.own_no_function", value=name, module=module, function=function)
    return Own(name, digest.of_file(Path(file)), found)
