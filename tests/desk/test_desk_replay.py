"""Replays as the pages read them: the folder, its months, and the drawing of all of them."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tocsin.desk import Desk
from tocsin.desk import replay as desk
from tocsin.desk.then import fan_of
from tocsin.errors import Damaged, UnknownName
from tocsin.replay.folder import COLUMNS

ROWS = (
    {"month": "2012-01", "track": "lag-1", "assessed": "True", "p_25_next_3": "0.25", "deaths_revealed": "0"},
    {
        "month": "2012-02",
        "track": "lag-1",
        "origin": "2012-01",
        "assessed": "True",
        "p_25_next_3": "1.0",
        "deaths_revealed": "100",
    },
    {"month": "2012-03", "track": "lag-1", "assessed": "False", "deaths_revealed": "25"},
    {"month": "2012-04", "track": "lag-1", "assessed": "True", "p_25_next_3": "0.5"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a replay of four months, one not assessed and one not covered."""
    tracks = [
        {"name": "lag-1", "label": "reconstructed", "lag": 1},
        {"name": "vintages-revised", "label": "as_published", "lag": None},
    ]
    summary = {"case": "made-up", "method": "last", "tracks": tracks}
    (tmp_path / "replay.json").write_text(json.dumps(summary), encoding="utf-8")
    lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in ROWS)]
    (tmp_path / "months.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def _part(folder: Path) -> bytes:
    (folder / "parts").mkdir()
    draws = np.random.default_rng(1).integers(0, 50, (12, 40)).astype(np.int32)
    packed = io.BytesIO()
    np.savez_compressed(packed, **{"lag-1": draws})
    return packed.getvalue()


@pytest.mark.parametrize("damage", ["none", "truncated", "flipped", "no file", "no zip", "empty"])
def test_a_part_that_cannot_be_read_has_no_fan(folder: Path, damage: str) -> None:
    summary = json.loads((folder / "replay.json").read_text(encoding="utf-8")) | {"gw": 432}
    (folder / "replay.json").write_text(json.dumps(summary), encoding="utf-8")
    found = desk.played(_desk(folder), "made-up")
    whole = _part(folder)
    content = {
        "none": whole, "truncated": whole[:-50], "no zip": b"nothing", "empty": b"",
        "flipped": whole[:200] + bytes([whole[200] ^ 0xFF]) + whole[201:],
    }.get(damage)  # fmt: skip
    if content is not None:
        (folder / "parts" / "2012-02.npz").write_bytes(content)
    assert (fan_of(found, "2012-02", "lag-1") is not None) == (damage == "none")


def _desk(*folders: Path) -> Desk:
    return Desk(Path("nowhere"), Path("nowhere"), folders, lambda: dt.date(2026, 1, 1))


def test_a_replay_is_found_by_the_name_of_its_case(folder: Path) -> None:
    found = desk.played(_desk(folder), "made-up")
    assert found.months == ("2012-01", "2012-02", "2012-03", "2012-04")
    assert found.case is None
    assert found.gw is None
    with pytest.raises(UnknownName, match="made-up"):
        desk.played(_desk(folder), "another")


def test_a_month_is_the_one_asked_for_else_the_first(folder: Path) -> None:
    found = desk.played(_desk(folder), "made-up")
    assert desk.month_of(found, "") == "2012-01"
    assert desk.month_of(found, "2012-03") == "2012-03"
    for wrong in ("2012-05", "2011-12", "x", "2012-1"):
        with pytest.raises(UnknownName, match="2012-04"):
            desk.month_of(found, wrong)


def test_the_line_holds_what_every_month_said_and_what_it_held(folder: Path) -> None:
    line = desk.timeline(desk.played(_desk(folder), "made-up"))
    assert line.months == tuple(row["month"] for row in ROWS)
    assert line.probabilities == {"lag-1": (0.25, 1.0, None, 0.5)}
    assert line.deaths == (0, 100, 25, None)
    assert line.most == 100


def test_a_track_is_told_in_words(folder: Path) -> None:
    found = desk.played(_desk(folder), "made-up")
    assert found.track("lag-1", "en") != found.track("lag-1", "fr")
    assert "1" in found.track("lag-1", "en")
    assert found.track("lag-99", "en") == "lag-99"


def test_a_folder_that_is_replaced_is_read_again(folder: Path) -> None:
    assert desk.replays(_desk(folder))[0].name == "made-up"
    file = folder / "replay.json"
    file.write_text(file.read_text(encoding="utf-8").replace("made-up", "renamed"), encoding="utf-8")
    os.utime(file, ns=(0, 1_000_000_000))
    assert desk.replays(_desk(folder))[0].name == "renamed"


@pytest.mark.parametrize("damage", ["no summary", "no months", "not json", "empty"])
def test_a_folder_that_cannot_be_read_is_named(folder: Path, damage: str) -> None:
    if damage == "no summary":
        (folder / "replay.json").unlink()
    elif damage == "no months":
        (folder / "months.csv").unlink()
    elif damage == "not json":
        (folder / "replay.json").write_text("{", encoding="utf-8")
    else:
        (folder / "months.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(Damaged, match=folder.name):
        desk.replays(_desk(folder))
