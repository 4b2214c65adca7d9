"""What a record holds: ids that are plain, counts that are whole, arrays that nobody changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from numbers import Integral
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadInput

Array = TypeVar("Array", bound=NDArray[Any])

LISTED = 12
"""Most values of a tuple that a record shows one by one."""


class Record:
    """A frozen dataclass whose arrays cannot be written to, out of `pickle` and `copy` as well.

    What was worked out of them and kept, such as a digest, is not handed on. It shows arrays by their shape
    and of many ids the first and the last.
    """

    def __repr__(self) -> str:
        told = (f"{name}={_told(value)}" for name, value in self.__getstate__().items())
        return f"{type(self).__name__}({', '.join(told)})"

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    def __setstate__(self, state: dict[str, Any]) -> None:
        held = {name: frozen(v) if isinstance(v, np.ndarray) else v for name, v in state.items()}
        self.__dict__.update(held)


def _told(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"<{value.dtype} {list(value.shape)}>"
    if isinstance(value, tuple) and len(value) > LISTED:
        return f"<{value[0]!r} to {value[-1]!r}, {len(value)}>"
    return repr(value)


def frozen(values: Array) -> Array:
    """Return an array that cannot be written to: this one, or a copy where it looks into one that can."""
    root: Any = values
    while isinstance(root.base, np.ndarray):
        root = root.base
    if root is not values and root.flags.writeable:
        values = values.copy()
    values.setflags(write=False)
    return values


def ids(areas: Iterable[object], level: str) -> tuple[int | str, ...]:
    """Return area ids as plain ints, or strings at level `admin1`; BadInput for one that is neither."""
    found = tuple(cast(Iterable[int | str], areas))
    plain, like = (str, str) if level == "admin1" else (int, Integral)
    if all(type(area) is plain for area in found):
        return found
    for area in found:
        if not isinstance(area, like):
            raise BadInput(f"panel.id_no_{plain.__name__}", value=repr(area), level=level)
    return tuple(plain(area) for area in found)


def counts(values: object, name: str) -> NDArray[np.int32]:
    """Return numbers of deaths or events as int32; BadInput, with the place of the first that is no count.

    name: what they are, as the panel calls them.
    """
    # A value that is masked is not known, as NaN is.
    given = np.ma.filled(values.astype(np.float64), np.nan) if np.ma.isMA(values) else np.asarray(values)
    if given.dtype.kind not in "iuf":
        raise BadInput("panel.no_numbers", name=name, dtype=str(given.dtype))
    if given.dtype == np.int32:
        bad = given < 0
    else:
        bad = ~((given >= 0) & (given <= np.iinfo(np.int32).max) & (given == np.floor(given)))
    if bad.any():
        place = tuple(int(at) for at in np.argwhere(bad)[0])
        raise BadInput("panel.not_counts", name=name, value=str(given[place]), place=str(place))
    return given.astype(np.int32, copy=False)
