"""The command: what it needs, what it writes, what it will not touch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from replay_world import CASE

from tocsin.cli import main


@pytest.fixture(autouse=True)
def without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules keep no record here: making it walks thirty years."""
    monkeypatch.setattr("tocsin.replay.folder.readings", lambda *given, **more: {})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "mali-2011-2015"),
        (["atlantis"], "mali-2011-2015"),
        (["mali-2011-2015", "--country", "MLI"], "its own country"),
        (["--country", "MLI", "--from", "2012-01"], "--to"),
        (["--country", "MLI", "--from", "2030-01", "--to", "2030-02"], "1989-01:2021-12"),
        (["--country", "NER", "--from", "2024-01", "--to", "2024-02", "--data", "vintages"], "Mali"),
        (["mali-2011-2015", "--data", "tea"], "figures, vault, vintages"),
        (["mali-2011-2015", "--lags", "7", "--lags", "7"], "names a lag twice"),
    ],
)
def test_what_is_lacking_is_said(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["replay", *words, "--out", str(tmp_path / "out"), "--quiet"])
    assert code in (2, 3)
    assert said in capsys.readouterr().err


def test_a_case_outside_the_data_is_refused_by_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(CASE.replace("span: 2012-01:2012-06", "span: 2012-01:2023-06"), encoding="utf-8")
    assert (
        main(["replay", str(file), "--as-of", "2026-01-01", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    )
    said = " ".join(capsys.readouterr().err.split())
    assert "line 7, field span: The span 2012-01:2023-06 does not lie within the data" in said
    assert not (tmp_path / "out").exists()


def test_a_case_put_together_in_the_future_is_refused_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(CASE.replace("compiled: 2020-01-01", "compiled: 2130-11-24"), encoding="utf-8")
    assert main(["replay", str(file), "--out", str(tmp_path / "out"), "--quiet"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "line 9, field compiled: 2130-11-24 is still to come" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["replay", "mali-2011-2015", "--out", str(tmp_path)]) == 2
    assert "thesis.txt" in capsys.readouterr().err
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.txt"]


def test_mali_on_true_vintages_says_what_each_number_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["replay", "--country", "MLI", "--from", "2025-10", "--to", "2026-04", "--data", "vintages"]
    more = ["--as-of", "2026-06-25", "--method", "no-learning", "--json"]
    assert main([*words, "--out", str(tmp_path), *more]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [track["label"] for track in found["tracks"]] == ["true_vintage", "true_vintage"]
    assert found["ledger"]["good"] is True
    rows = (tmp_path / "months.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 2 * 7
    plain, revised = (row.split(",") for row in rows[1:3])
    # On 1 October 2025 the newest vintage, of 25 September, reached August.
    assert plain[4] == revised[4] == "2025-08"
    assert plain[7] != revised[7]
    assert (tmp_path / "account.fr.pdf").read_bytes().startswith(b"%PDF")
