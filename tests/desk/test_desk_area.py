"""One country's page: what is kept of it, and what makes it anew."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tocsin import warn
from tocsin.desk import Desk
from tocsin.desk.area import records
from tocsin.warn import Basis, Readings, kept, write


def _readings() -> Readings:
    random = np.random.default_rng(1)
    shape = 2, 60
    return Readings(
        (432, 436), tuple(range(400, 460)), random.random(shape).astype(np.float32), np.ones(shape, bool),
        random.integers(0, 2, shape).astype(np.int8), np.ones(shape, np.int8),
        Basis("last", ("a release",), "data", "evidence", "code"), "criterion",
    )  # fmt: skip


def test_records_of_rules_that_are_computed_are_shown_beside_the_same_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_LEDGER_URL", raising=False)
    watch = SimpleNamespace(digest="the same", method="last", origin=500)
    desk = Desk(tmp_path / "out", tmp_path)
    mark = desk.mark()
    assert records(tmp_path, watch) == ()  # type: ignore[arg-type]
    made = _readings()
    write({rule.criterion: made for rule in warn.built_in()}, kept(tmp_path, "last"))
    told = records(tmp_path, watch)  # type: ignore[arg-type]
    assert len(told) == len({rule.name for rule in warn.built_in()})
    assert desk.mark() != mark

    write(
        {rule.criterion: dataclasses.replace(made, results=1 - made.results) for rule in warn.built_in()},
        kept(tmp_path, "last"),
    )
    assert records(tmp_path, watch) != told  # type: ignore[arg-type]
    # Another home has its own.
    assert records(tmp_path / "elsewhere", watch) == ()  # type: ignore[arg-type]
