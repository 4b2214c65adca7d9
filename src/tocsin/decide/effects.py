"""What a response does to a chain: fewer passages into violence, shorter stays in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.states import FIRST_RECOVERY, HIGH, LAST_RECOVERY, LOW, PEACE, TENSION

Floats = NDArray[np.float64]

RECOVERY = tuple(range(FIRST_RECOVERY, LAST_RECOVERY + 1))


@dataclass(frozen=True)
class Passage:
    """A named group of passages: from some states to others; `shortens` if a response hastens it."""

    origins: tuple[int, ...]
    targets: tuple[int, ...]
    shortens: bool = False


TRANSITIONS: Mapping[str, Passage] = {
    "onset": Passage((PEACE, TENSION), (LOW, HIGH)),
    "relapse": Passage(RECOVERY, (LOW, HIGH)),
    "escalation": Passage((LOW,), (HIGH,)),
    "settlement": Passage((LOW, HIGH), RECOVERY, shortens=True),
    "deescalation": Passage((HIGH,), (LOW,), shortens=True),
}
"""The transitions an effect can name."""


def apply(matrix: Floats, effects: Mapping[str, Floats]) -> Floats:
    """Return the passages [..., from, to] under a response; rows still sum to 1.

    effects: by transition, float64 [...] from 0 to 1. A hindered passage has its probability times (1 - e); a
    hastened one has it divided by (1 - e), at most to what the row has, so that e is the share by which the
    expected stay shortens. The other passages of the row keep their proportions.
    """
    changed = matrix
    for name in TRANSITIONS:
        if name in effects:
            changed = _changed(changed, TRANSITIONS[name], effects[name])
    return changed


def _changed(matrix: Floats, passage: Passage, effect: Floats) -> Floats:
    out = matrix.copy()
    size = matrix.shape[-1]
    targets = np.isin(np.arange(size), passage.targets)
    for origin in passage.origins:
        row = matrix[..., origin, :]
        before = row[..., targets].sum(axis=-1)
        if passage.shortens:
            after = np.minimum(before / np.maximum(1 - effect, 1e-9), 1.0)
        else:
            after = before * (1 - effect)
        flow = np.divide(after, before, out=np.ones_like(before), where=before > 0)
        rest = np.divide(1 - after, 1 - before, out=np.ones_like(before), where=before < 1)
        out[..., origin, :] = row * np.where(targets, flow[..., None], rest[..., None])
    return out


def hazard(matrix: Floats, name: str, weights: Floats) -> Floats:
    """Return the mean probability [...] of a named transition over its states, weighted by months [state]."""
    passage = TRANSITIONS[name]
    rows = matrix[..., passage.origins, :][..., passage.targets].sum(axis=-1)
    found: Floats = rows @ weights[list(passage.origins)] / max(weights[list(passage.origins)].sum(), 1e-9)
    return found


def scaled(matrix: Floats, name: str, ratio: Floats) -> Floats:
    """Return the passages [..., from, to] with those of one name `ratio` [...] times as likely."""
    passage = TRANSITIONS[name]
    size = matrix.shape[-1]
    targets = np.isin(np.arange(size), passage.targets)
    most = 1 / np.maximum(matrix[..., passage.origins, :][..., targets].sum(axis=-1).max(axis=-1), 1e-12)
    return _changed(matrix, Passage(passage.origins, passage.targets), 1 - np.minimum(ratio, most))
