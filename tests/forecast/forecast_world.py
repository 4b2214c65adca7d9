"""Counts to forecast from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def wars(areas: int, months: int) -> NDArray[np.int32]:
    """Return int32 [area, month]: deaths of wars that come and go, without any pattern."""
    rng = np.random.default_rng(11)
    return rng.negative_binomial(0.4, 0.01, (areas, months)).astype(np.int32)
