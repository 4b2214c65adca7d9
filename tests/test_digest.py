"""Digests: of parts by their canonical bytes, and of code by any file of a room and nothing else."""

from __future__ import annotations

import hashlib
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import tocsin
from tocsin import digest


def test_parts_are_named_by_their_canonical_bytes() -> None:
    array = np.arange(6, dtype="<i4").reshape(2, 3)
    named = hashlib.sha256(b"array <i4 (2, 3)\n" + array.tobytes() + b'json 13\n{"a":1,"b":2}').hexdigest()
    assert digest.of_parts(array, {"b": 2, "a": 1}) == named
    assert digest.of_parts(array.astype(">i4"), {"a": 1, "b": 2}) == named


def test_a_number_of_numpy_is_that_number() -> None:
    given = {"areas": [np.int64(432), np.int16(2)], "share": np.float32(0.5), "whole": np.bool_(True)}
    assert digest.of_parts(given) == digest.of_parts({"areas": [432, 2], "share": 0.5, "whole": True})
    assert digest.seed("forecast", np.int64(432)) == digest.seed("forecast", 432)


@pytest.mark.parametrize(
    ("file", "changes"),
    [("areas/data/borders.csv", True), ("areas/lookup.py", True), ("months.py", True), ("score/law.py", True),
     ("kinds.py", False), ("areas/__pycache__/lookup.cpython-311.pyc", False), ("watch/page.py", False)],
)  # fmt: skip
def test_a_changed_or_added_file_of_a_room_changes_its_digest(
    file: str, changes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = ("score", "months", "areas")
    copy = tmp_path / "tocsin"
    shutil.copytree(Path(tocsin.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest.of_rooms(*rooms)
    monkeypatch.setattr(resources, "files", lambda package: copy)
    asked = digest.of_rooms.__wrapped__
    assert asked(*reversed(rooms)) == before
    (copy / file).parent.mkdir(exist_ok=True)
    with (copy / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert (asked(*rooms) != before) is changes
