"""Split exact monthly totals by kind, so that the year's totals by kind hold: raking and controlled rounding.

A country-year is a table of 12 months by 3 kinds. Its row sums (deaths a month) and column sums (deaths a
year and kind) are published; its cells are not. Raking (iterative proportional fitting; Deming & Stephan
1940) finds the table nearest to a seed in relative entropy that has those sums. Rounding it to whole
deaths while all sums stay exact is a transportation problem, whose vertices are whole numbers (Cox 1987).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

_SWEEPS = 2000
_TOLERANCE = 1e-9
# A cell where the seed says nothing but an event of the kind took place can still hold deaths.
_FLOOR = 1e-3


def split(seed: Table, months: NDArray[np.int64], kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole deaths by month and kind whose month sums equal `months` exactly.

    seed:   float [month, kind], what the best evidence says; 0 where a kind had no event that month.
    months: int [month], exact deaths of all kinds.
    kinds:  int [kind], deaths of the year by kind; met exactly wherever the zeros of the seed allow it.
    """
    return rounded(raked(seed, months, kinds), months, kinds)


def bounds(
    possible: NDArray[np.bool_], months: NDArray[np.int64], kinds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and greatest deaths [month, kind] that any table with these sums can hold.

    possible: bool [month, kind], where a kind had an event. Where both are equal, the cell is certain
    whatever the seed. Only for sums that agree: `months` and `kinds` have the same total. The bounds are
    those of repeated subtraction (Dobra & Fienberg 2000 call them Fréchet bounds), so a few may be wide.
    """
    least = np.zeros(possible.shape, dtype=np.int64)
    most = np.where(possible, np.minimum(months[:, None], kinds[None, :]), 0)
    for _ in range(possible.size):
        before = least, most
        for axis, sums in ((1, months[:, None]), (0, kinds[None, :])):
            least = np.maximum(least, sums - (most.sum(axis=axis, keepdims=True) - most))
            most = np.minimum(most, sums - (least.sum(axis=axis, keepdims=True) - least))
        if np.array_equal(before[0], least) and np.array_equal(before[1], most):
            break
    return least, most


def raked(seed: Table, months: NDArray[np.int64], kinds: NDArray[np.int64]) -> Table:
    """Return the table nearest to `seed` with these sums; month sums are exact to rounding error.

    Where the sums contradict each other or the zeros of the seed, the month sums win.
    """
    rows = months.astype(np.float64)
    columns = kinds.astype(np.float64)
    possible = (seed > 0) & (rows > 0)[:, None]
    # A kind that the year's totals do not know takes part only where a month would be left with nothing.
    known = possible & (columns > 0)[None, :]
    open_cells = np.where(known.any(axis=1, keepdims=True), known, possible)
    table = np.where(open_cells, np.maximum(seed, _FLOOR), 0.0)
    for _ in range(_SWEEPS):
        table *= _ratio(columns, table.sum(axis=0))[None, :]
        table = np.where(open_cells, np.maximum(table, 1e-300), 0.0)
        table *= _ratio(rows, table.sum(axis=1))[:, None]
        if np.abs(table.sum(axis=0) - columns).max() < _TOLERANCE * max(1.0, columns.max()):
            break
    return table


def rounded(table: Table, months: NDArray[np.int64], kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return `table` with every cell rounded down or up so that month sums equal `months` exactly.

    Among all such roundings it takes one with the kind sums as near to `kinds` as can be, and of those
    the one with the greatest fractions rounded up.
    """
    # Here, so that reading the shipped figures does not wait for what only making them needs.
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    near = np.where(np.abs(table - np.rint(table)) < 1e-6, np.rint(table), table)
    low = np.floor(near)
    free = np.argwhere(near > low)
    result = low.astype(np.int64)
    if not len(free):
        return result
    size, (n_months, n_kinds) = len(free), table.shape
    cells = np.arange(size)
    in_month = csr_array((np.ones(size), (free[:, 0], cells)), shape=(n_months, size + 2 * n_kinds))
    slack = np.arange(n_kinds)
    in_kind = csr_array(
        (
            np.concatenate([np.ones(size + n_kinds), -np.ones(n_kinds)]),
            (
                np.concatenate([free[:, 1], slack, slack]),
                np.concatenate([cells, size + slack, size + n_kinds + slack]),
            ),
        ),
        shape=(n_kinds, size + 2 * n_kinds),
    )
    fractions = (near - low)[free[:, 0], free[:, 1]]
    solution = linprog(
        np.concatenate([-fractions, np.full(2 * n_kinds, 100.0)]),
        A_eq=csr_array(vstack([in_month, in_kind])),
        b_eq=np.concatenate([months - result.sum(axis=1), kinds - result.sum(axis=0)]).astype(float),
        bounds=[(0, 1)] * size + [(0, None)] * (2 * n_kinds),
        method="highs-ds",
    )
    result[free[:, 0], free[:, 1]] += np.rint(solution.x[:size]).astype(np.int64)
    return result


def _ratio(wanted: Table, found: Table) -> Table:
    return np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
