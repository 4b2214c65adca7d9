"""The scores that ship: what `tocsin skill --json` says, without paths, the same bytes each time."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tocsin import skill
from tocsin.skill.shipping import main, ship

TOLD = {
    "page": "/somewhere/skill.md", "images": ["/somewhere/one.png"], "method": "m", "reference": "r",
    "compared": [{"target": "sb", "scores": {"crps": [1.23456789, 2]}, "windows": None}],
}  # fmt: skip


def test_paths_are_left_out_and_fractions_rounded(tmp_path: Path) -> None:
    file = tmp_path / "skill.json"
    ship(json.dumps(TOLD), file)
    held = json.loads(file.read_text(encoding="utf-8"))
    assert set(held) == {"compared", "method", "reference"}
    assert held["compared"][0]["scores"]["crps"] == [1.23457, 2]
    nudged = json.dumps(TOLD).replace("1.23456789", "1.234567890000002")
    before = file.read_bytes()
    ship(nudged, file)
    assert file.read_bytes() == before


def test_what_ships_is_as_it_was_shipped() -> None:
    file = Path(skill.__file__).parent / "data" / "skill.json"
    text = file.read_text(encoding="utf-8")
    ratios = [row["windows"] for row in skill.shipped()["compared"]]
    assert all(0 < one["low"] <= one["value"] <= one["high"] for one in ratios)
    assert "/" not in text.replace("–", "")
    assert text.count("\n") == 1


@pytest.mark.parametrize("told", ["", "{", "[]", '{"method": "m"}'])
def test_what_is_no_result_is_refused_and_nothing_is_written(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(told))
    assert main([str(tmp_path / "skill.json")]) == 2
    assert "tocsin skill --json" in capsys.readouterr().err
    assert not (tmp_path / "skill.json").exists()
