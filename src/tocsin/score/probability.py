"""Scores of probabilities of a yes-or-no question."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tocsin.errors import BadInput
from tocsin.score.blocks import Floats, floats


def brier(probability: ArrayLike, happened: ArrayLike) -> Floats:
    """Return the Brier score of each probability: its squared distance from 1 if it happened, else from 0.

    Both of one shape [...]; `happened` is boolean, 0 or 1, or NaN where it is not known (the score is NaN).
    Raises BadInput when shapes differ or a value lies outside these.
    Source: Brier 1950, Monthly Weather Review 78: 1-3 (the half of it that is usual for two classes).
    """
    chance, outcome = _checked(probability, happened)
    result: Floats = (chance - outcome) ** 2
    return result


def log_score(probability: ArrayLike, happened: ArrayLike, *, floor: float = 0.0) -> Floats:
    """Return the logarithmic score of each probability, in nats: `-log` of what was given to what happened.

    Both of one shape [...]. A probability of 0 for what happened scores infinity unless `floor` (such as
    1 / (draws + 1)) keeps probabilities between `floor` and `1 - floor`; an infinite score
    cannot be compared.
    Raises BadInput as `brier` does, or if `floor` is not between 0 and one half.
    Source: Good 1952, J. R. Stat. Soc. B 14: 107-114.
    """
    if not 0 <= floor < 0.5:
        raise BadInput("score.floor_outside", value=floor)
    chance, outcome = _checked(probability, happened)
    given = np.clip(np.where(outcome == 1, chance, 1 - chance), floor, 1 - floor)
    with np.errstate(divide="ignore"):
        result: Floats = np.where(np.isnan(outcome), np.nan, -np.log(given))
    return result


def _checked(probability: ArrayLike, happened: ArrayLike) -> tuple[Floats, Floats]:
    chance, outcome = floats(probability), floats(happened)
    if chance.shape != outcome.shape:
        raise BadInput("score.probability_shapes", probability=str(chance.shape), happened=str(outcome.shape))
    known = ~np.isnan(outcome)
    wrong = known & ~((chance >= 0) & (chance <= 1))
    if wrong.any():
        raise BadInput("score.not_a_probability", value=float(chance[wrong][0]))
    odd = known & (outcome != 0) & (outcome != 1)
    if odd.any():
        raise BadInput("score.not_yes_or_no", value=float(outcome[odd][0]))
    return chance, outcome
