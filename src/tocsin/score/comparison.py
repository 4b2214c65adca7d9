"""Whether one forecast is better than another, and how sure that is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin import digest
from tocsin.errors import BadInput
from tocsin.score.blocks import Floats, check_level, floats


@dataclass(frozen=True)
class Relative:
    """A geometric mean of score ratios; below 1 the first forecast is better.

    groups: how many groups entered; left_out: groups in which both scored 0, so that no ratio exists;
    offset: what was added to both means of every group.
    """

    value: float
    groups: int
    left_out: int
    offset: float


@dataclass(frozen=True)
class Interval:
    """A mean difference with its bootstrap interval; negative means that the first forecast is better.

    share_below_zero: share of the resamples in which the difference is negative.
    """

    estimate: float
    low: float
    high: float
    level: float
    resamples: int
    share_below_zero: float


def relative(scores: ArrayLike, reference: ArrayLike, groups: ArrayLike, *, offset: float = 0.0) -> Relative:
    """Return the geometric mean over groups of (mean score + offset) / (mean reference score + offset).

    `scores`, `reference` [...] and `groups`, labels broadcast to the same shape: windows, or areas. A ratio
    of group means, since single rows are mostly 0; a geometric mean, since one catastrophic month must not
    decide alone. Rows where either is NaN do not count. Groups in which both means are 0 are left out and
    counted. Use offset 0 for windows; for areas choose a size that does not matter (0.1 deaths a month), else
    areas with a thousandth of a death decide. Raises BadInput when shapes differ, a score or the offset is
    negative or infinite, no group is left, or exactly one of the two means is 0 and the offset is 0.
    """
    ours, theirs = _finite(scores), _finite(reference)
    labels = np.asarray(groups)
    try:
        labels = np.broadcast_to(labels, ours.shape)
    except ValueError:
        raise BadInput("score.groups_shape", scores=str(ours.shape), groups=str(labels.shape)) from None
    if ours.shape != theirs.shape:
        raise BadInput("score.scores_differ", first=str(ours.shape), second=str(theirs.shape))
    known = ~(np.isnan(ours) | np.isnan(theirs))
    if (ours[known] < 0).any() or (theirs[known] < 0).any() or not 0 <= offset < np.inf:
        raise BadInput("score.negative_ratio")
    names, members = np.unique(labels[known], return_inverse=True)
    sizes = np.bincount(members.reshape(-1), minlength=names.size)
    first = np.bincount(members.reshape(-1), ours[known], names.size) / sizes
    second = np.bincount(members.reshape(-1), theirs[known], names.size) / sizes
    told = (first > 0) | (second > 0)
    if not told.any():
        raise BadInput("score.nothing_to_compare")
    above, below = first[told] + offset, second[told] + offset
    empty = (above == 0) | (below == 0)
    if empty.any():
        raise BadInput("score.zero_ratio", group=str(names[told][empty][0]))
    value = float(np.exp(np.mean(np.log(above / below))))
    return Relative(value, int(told.sum()), int((~told).sum()), offset)


def block_bootstrap(
    difference: ArrayLike,
    *,
    blocks: int | Sequence[Hashable] = 3,
    resamples: int = 2000,
    level: float = 0.9,
    seed: int | None = None,
) -> Interval:
    """Return the mean of a score difference with an interval from resampled areas and blocks of months.

    difference: [area, month], first minus second forecast, NaN where not observed. Areas are drawn with
    replacement, and so, independently, are blocks of months: runs of `blocks` months, or the months that
    share a label when `blocks` is a sequence of labels, one a month. Crossing both keeps what is shared by
    the months of an area and by the areas of a month; the interval is on the wide side (Owen 2007, Ann. Appl.
    Stat. 1: 386-411). Percentile interval. Raises BadInput for a difference without two axes or values or
    with an infinite one, labels that do not match the months, fewer than one month a block or one resample,
    or a level outside 0 to 1.
    """
    table = _finite(difference)
    known = ~np.isnan(table)
    if table.ndim != 2 or not known.any():
        raise BadInput("score.difference_shape", found=str(table.shape))
    check_level(level)
    if resamples < 1:
        raise BadInput("score.resamples", value=resamples)
    labels = _month_blocks(blocks, table.shape[1])
    count = int(labels.max()) + 1
    sums, sizes = np.zeros((len(table), count)), np.zeros((len(table), count))
    for block in range(count):
        months = labels == block
        sums[:, block] = np.where(known[:, months], table[:, months], 0).sum(axis=1)
        sizes[:, block] = known[:, months].sum(axis=1)
    chosen = digest.seed("score.block_bootstrap") if seed is None else seed
    means = _resampled_means(sums, sizes, resamples, np.random.default_rng(chosen))
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(
        estimate=float(table[known].mean()),
        low=float(low),
        high=float(high),
        level=level,
        resamples=resamples,
        share_below_zero=float((means < 0).mean()),
    )


def _resampled_means(sums: Floats, sizes: Floats, resamples: int, random: np.random.Generator) -> Floats:
    areas, blocks = sums.shape
    means = np.empty(resamples)
    for turn in range(resamples):
        total = np.float64(0)
        while total == 0:  # a resample of cells that were all unobserved says nothing: draw again
            of_areas = np.bincount(random.integers(areas, size=areas), minlength=areas).astype(np.float64)
            of_blocks = np.bincount(random.integers(blocks, size=blocks), minlength=blocks)
            total = np.float64(of_areas @ sizes @ of_blocks)
        means[turn] = of_areas @ sums @ of_blocks / total
    return means


def _month_blocks(blocks: int | Sequence[Hashable], months: int) -> NDArray[np.intp]:
    if isinstance(blocks, int | np.integer):
        if blocks < 1:
            raise BadInput("score.block_length", value=blocks)
        return np.arange(months) // blocks
    if len(blocks) != months:
        raise BadInput("score.block_labels", labels=len(blocks), months=months)
    places = {label: place for place, label in enumerate(dict.fromkeys(blocks))}
    return np.array([places[label] for label in blocks], dtype=np.intp)


def _finite(scores: ArrayLike) -> Floats:
    """Return scores as float64, NaN where not observed; BadInput if one is infinite, as its mean would be."""
    values = floats(scores)
    if np.isinf(values).any():
        raise BadInput("score.infinite")
    return values
