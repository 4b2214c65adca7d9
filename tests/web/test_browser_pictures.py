"""The command that draws the pages for the documentation."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from web_world import World

from tocsin.web import pictures
from tocsin.web.pictures import BROWSERS, Shot, main


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and not any(map(shutil.which, BROWSERS)),
    reason="no Chromium on the path (Debian and Ubuntu: apt-get install chromium)",
)
def test_pages_are_drawn_in_both_languages_at_their_size(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pictures, "SHOTS", (Shot("data", "data", 640, 480),))
    assert main([str(tmp_path / "made"), str(world.results)]) == 0
    files = [tmp_path / "made" / f"data.{lang}.png" for lang in ("en", "fr")]
    assert capsys.readouterr().out.split() == [str(file) for file in files]
    assert files[0].read_bytes() != files[1].read_bytes()
    for file in files:
        with Image.open(file) as held:
            assert held.size == (640, 480)


def test_without_a_browser_the_command_says_what_to_install(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([str(tmp_path / "made"), str(world.results)]) == 2
    assert "apt-get install chromium" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("words", [[], ["a", "b", "c"]])
def test_other_words_are_answered_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "FOLDER" in capsys.readouterr().err
