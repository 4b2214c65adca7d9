"""The last months one by one: what fading traces blur, of an area, around it and in its state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.local.layout import Features, Layout, Rows
from tocsin.panel import Panel

LAST_OWN, LAST_OTHER, LAST_NEAR, LAST_FAR, LAST_STATE = 6, 3, 4, 2, 3
SINCE = ("near", "far", "any", "near_any")

RECENT: tuple[str, ...] = (
    *(f"own_{k}" for k in range(1, LAST_OWN)), *(f"near_{k}" for k in range(LAST_NEAR)),
    *(f"far_{k}" for k in range(LAST_FAR)), *(f"near_size_{k}" for k in range(2)),
    *(f"other_last_{k}" for k in range(LAST_OTHER)), "near_other_last", "count_12", "count_36", "largest_36",
    *(f"since_{name}" for name in SINCE), "state_active", "state_active_12", "state_share_12",
    *(f"parent_{k}" for k in range(1, LAST_STATE)), *(f"parent_total_{k}" for k in range(2)),
)  # fmt: skip
"""Columns of the last months: `k` months ago, log deaths of the area, areas with deaths near and farther, log
deaths near, deaths of other kinds; how many of the last 12 and 36 months had deaths, and the log of the most;
the log of months since deaths near and farther, and since deaths of any kind in the area and near; how many
areas of the state had deaths in the last month and in the last 12, and what share these are of all; log
deaths of the state, placed or not, of the target and of all kinds."""

_LOOK = 60
"""Months within which the last ones that are covered are looked for."""


def last_months(
    panel: Panel, layout: Layout, seen: Rows, rows: Rows, t: int,
    deaths: NDArray[np.int32], others: NDArray[np.int32],
) -> Features:  # fmt: skip
    """Return the columns from `own_1` to `largest_36` [row] at the month in column `t`.

    seen: the layout's rows of the panel's areas; deaths, others: int32 [seen, month]. Nothing came before
    the first month; months that are not covered are passed over.
    """
    size, (near, far, _) = len(layout.areas), layout.rings
    first = max(t - _LOOK + 1, 0)
    known = panel.covered[:, first : t + 1][:, ::-1]
    gaps = np.flatnonzero(~known.all(axis=1))
    order = np.argsort(~known[gaps], axis=1, kind="stable")

    def back(series: NDArray[np.int32], months: int) -> Features:
        """Return the last months that are covered, the latest first."""
        last = series[:, first : t + 1][:, ::-1].astype(np.float32)
        last[gaps] = np.take_along_axis(np.where(known[gaps], last[gaps], 0), order, axis=1)
        last = last[:, :months]
        full = np.zeros((size, months), np.float32)
        full[seen, : last.shape[1]] = last
        return full

    own = back(deaths, 36)
    other = (back(others, LAST_OTHER) > 0).astype(np.float32)
    signs, logs = (own > 0).astype(np.float32), np.log1p(own[:, :LAST_OWN])
    near, far = near[rows], far[rows]
    return np.concatenate(
        [
            logs[rows, 1:], near @ signs[:, :LAST_NEAR], far @ signs[:, :LAST_FAR], near @ logs[:, :2],
            other[rows], near @ other[:, :1], signs[rows, :12].sum(axis=1, keepdims=True),
            signs[rows].sum(axis=1, keepdims=True), np.log1p(own[rows].max(axis=1, keepdims=True)),
        ],
        axis=1,
    )  # fmt: skip


class Since:
    """Months since deaths near and farther, and since deaths of any kind, as the months go by."""

    def __init__(self, layout: Layout, seen: Rows, longest: float) -> None:
        self._layout, self._seen, self._longest = layout, seen, longest
        self._last = np.full((len(layout.areas), len(SINCE)), -1e6, np.float32)

    def add(self, t: int, deaths: NDArray[np.bool_], anything: NDArray[np.bool_]) -> None:
        """Take in the month in column `t`: bool [seen], whether there were deaths, and any of any kind."""
        near, far, _ = self._layout.rings
        full = np.zeros((len(self._layout.areas), 2), np.float32)
        full[self._seen] = np.stack([deaths, anything], axis=1)
        around = near @ full
        happened = np.stack([around[:, 0], far @ full[:, 0], full[:, 1], around[:, 1]], axis=1) > 0
        self._last[happened] = t

    def at(self, rows: Rows, t: int) -> Features:
        """Return the columns SINCE of `rows` at the month in column `t`."""
        return np.log1p(np.minimum(t - self._last[rows], np.float32(self._longest)))
