"""Replays as the pages read them: the folder, its months, and the drawing of all of them."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tocsin import months
from tocsin.control import control
from tocsin.desk import Desk
from tocsin.desk import replay as desk
from tocsin.desk.then import fan_of
from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.months import Span
from tocsin.replay.folder import COLUMNS

ROWS = (
    {
        "month": "2012-01",
        "track": "lag-1",
        "origin": "2011-12",
        "assessed": "True",
        "p_25_next_3": "0.25",
        "deaths_revealed": "0",
    },
    {
        "month": "2012-02",
        "track": "lag-1",
        "origin": "2012-01",
        "assessed": "True",
        "p_25_next_3": "1.0",
        "deaths_revealed": "100",
    },
    {"month": "2012-03", "track": "lag-1", "assessed": "False", "deaths_revealed": "25"},
    {"month": "2012-04", "track": "lag-1", "origin": "2012-03", "assessed": "True", "p_25_next_3": "0.5"},
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


def _say(folder: Path, **facts: object) -> None:
    summary = json.loads((folder / "replay.json").read_text(encoding="utf-8")) | facts
    (folder / "replay.json").write_text(json.dumps(summary), encoding="utf-8")


def _part(folder: Path) -> bytes:
    (folder / "parts").mkdir()
    draws = np.random.default_rng(1).integers(0, 50, (12, 40)).astype(np.int32)
    packed = io.BytesIO()
    np.savez_compressed(packed, **{"lag-1": draws})
    return packed.getvalue()


@pytest.mark.parametrize("damage", ["none", "truncated", "flipped", "no file", "no zip", "empty"])
def test_a_part_that_cannot_be_read_has_no_fan(folder: Path, damage: str) -> None:
    _say(folder, gw=432)
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
    assert found.gw is None
    with pytest.raises(UnknownName, match="made-up"):
        desk.played(_desk(folder), "another")


@pytest.mark.parametrize("name", ["mali", "mali-2011-2015"])
def test_a_record_is_told_by_what_it_holds_whatever_case_has_its_name(folder: Path, name: str) -> None:
    _say(folder, case=name)
    found = desk.played(_desk(folder), name)
    assert (found.title("en"), found.gw) == (name, None)
    _say(folder, gw=475, title={"en": "Nigeria by me", "fr": "Le Nigeria par moi"})
    os.utime(folder / "replay.json", ns=(0, 1_000_000_000))
    found = desk.played(_desk(folder), name)
    assert (found.title("en"), found.title("fr"), found.gw) == ("Nigeria by me", "Le Nigeria par moi", 475)


def test_two_folders_of_one_case_are_refused_by_name(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("replay.json", "months.csv"):
        (other / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(BadInput) as refused:
        desk.replays(_desk(folder, other))
    for named in (str(folder), str(other), "made-up", "--port"):
        assert named in refused.value.message("en")
    assert len(desk.replays(_desk(folder, folder))) == 1
    _say(other, case="another")
    os.utime(other / "replay.json", ns=(0, 1_000_000_000))
    assert [one.name for one in desk.replays(_desk(folder, other))] == ["made-up", "another"]


@pytest.mark.parametrize(("month", "origin"), [("2012-02", "2012-01"), ("2012-04", "2012-03")])
def test_control_is_drawn_at_the_last_month_known_then(folder: Path, month: str, origin: str) -> None:
    _say(folder, gw=432)
    today, at = dt.date(2026, 1, 1), months.parse(origin)
    found = desk.ground(desk.played(_desk(folder), "made-up"), month, "lag-1", today)
    held = control(432, span=Span(at, at), as_of=today)
    assert found is not None
    assert found.origin == origin
    told = {name: (state, chance) for _, _, name, state, chance in found.shapes}
    assert told == {name: held.state(unit, at) for unit, name in zip(held.units, held.names, strict=True)}
    assert any(chance is not None for _, chance in told.values())


def test_where_nothing_was_assessed_no_control_is_drawn(folder: Path) -> None:
    _say(folder, gw=432)
    assert desk.ground(desk.played(_desk(folder), "made-up"), "2012-03", "lag-1", dt.date(2026, 1, 1)) is None


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
