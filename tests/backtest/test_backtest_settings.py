"""Settings of a backtest as they are given: of Python or NumPy, and refused before the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin import backtest
from tocsin.errors import BadInput
from tocsin.panel import Panel

WAYS: dict[str, Any] = {"method": "last", "target": "sb", "steps": (1, 2, 3), "draws": 200}


def test_numbers_of_numpy_give_the_same_file(panel: Panel, tmp_path: Path) -> None:
    known = backtest.run(panel, origins=(400, 401), out=tmp_path / "known.parquet", **WAYS)
    ways: Any = {**WAYS, "steps": np.arange(1, 4), "draws": np.int64(200)}
    # A name in place of a path, as most write it.
    other = backtest.run(panel, origins=np.array([400, 401]), out=str(tmp_path / "other.parquet"), **ways)  # type: ignore[arg-type]
    assert other.file.read_bytes() == known.file.read_bytes()
    assert backtest.read(str(known.file)).digest == known.digest


@pytest.mark.parametrize(
    "change",
    [{"origins": 400}, {"origins": ["2013-04"]}, {"origins": [400.0]}, {"steps": [1.0]}, {"draws": "200"},
     {"jobs": "2"}],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_before_the_work(
    panel: Panel, tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(BadInput, match=next(iter(change))):
        backtest.run(panel, **{"origins": (400,), "out": tmp_path / "none.parquet", **WAYS, **change})
    assert not list(tmp_path.iterdir())
