"""`tocsin backtest` and `tocsin skill` as they are typed."""

from __future__ import annotations

import contextvars
import json
from pathlib import Path

import pytest

from tocsin import backtest, cli


def main(words: list[str]) -> int:
    """Run one command; the language it chooses stays with it."""
    return contextvars.copy_context().run(cli.main, words)


def _words(out: Path, *more: str, method: str = "conflictology-12") -> list[str]:
    return [
        "backtest", "--method", method, "--origins", "2018-10:2019-10", "--every", "12", "--steps", "1-3,6",
        "--data", "figures", "--as-of", "2026-01-01", "--draws", "200", "--out", str(out), *more,
    ]  # fmt: skip


def test_results_go_to_the_file_and_a_summary_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sb.parquet"
    assert main(_words(out)) == 0
    shown = capsys.readouterr().out
    assert "2 origins from 2018-10 to 2019-10" in shown
    shares = [line.split()[0] for line in shown.splitlines() if line.rstrip().endswith("%")]
    assert shares[-2:] == ["1–3", "6"]
    assert main(["--lang", "fr", *_words(out)]) == 0
    assert " Prévisions " in capsys.readouterr().out
    held = backtest.read(out)
    assert held.steps == (1, 2, 3, 6)
    assert main(_words(out, "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["digest"] == held.digest
    assert [row["last"] for row in told["by_horizon"]] == [3, 6]
    assert [row["steps"] for row in told["by_horizon"]] == [[1, 2, 3], [6]]
    assert told["by_horizon"][0]["rows"] == held.months.collect().filter(last=1).height * 3
    assert told["origins"] == {"first": "2018-10", "last": "2019-10", "count": 2}


def test_a_history_in_the_layout_of_the_challenge_is_data(tmp_path: Path) -> None:
    table = tmp_path / "history.csv"
    rows = [f"{country},{month},{(country * month) % 7}" for country in (50, 57) for month in range(400, 481)]
    table.write_text("country_id,month_id,ged_sb\n" + "\n".join(rows), encoding="utf-8")
    out = tmp_path / "out.parquet"
    words = ["--origins", "2018-10", "--steps", "3-14", "--history", str(table), "--out", str(out)]
    assert main(["backtest", "--method", "zero", *words]) == 0
    held = backtest.read(out)
    assert held.scheme == "views"
    assert held.rows.collect().height == 2 * 12


def test_origins_from_which_no_events_are_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "history.csv"
    rows = [f"{country},{month},{(country * month) % 7}" for country in (50, 57) for month in range(400, 530)]
    table.write_text("country_id,month_id,ged_sb\n" + "\n".join(rows), encoding="utf-8")
    words = ["backtest", "--method", "tocsin", "--origins", "2021-08:2022-10", "--every", "2", "--steps", "1"]
    words += ["--history", str(table), "--draws", "200", "--out", str(tmp_path / "out.parquet")]
    assert main(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "tocsin read no events (5 of 8): 2022-02:2022-10." in shown
    assert main(["--lang", "fr", *words]) == 0
    assert "aucun événement (5 sur 8)" in " ".join(capsys.readouterr().out.split())
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["without_events"]
    assert told == ["2022-02", "2022-04", "2022-06", "2022-08", "2022-10"]
    assert main([*words, "--method", "zero", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["without_events"] == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--steps", "0"], "between 1 and 36"),
        (["--steps", "1-99"], "between 1 and 36"),
        (["--steps", "soon"], "not a list of steps"),
        (["--origins", "2040-01"], "outside the data"),
        (["--origins", "1990-03"], "Begin with 1990-12"),
        (["--every", "0"], "at least 1"),
        (["--method", "oracle"], "not a method"),
        (["--jobs", "0"], "at least 1"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert main(_words(tmp_path / "o.parquet", *more)) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_skill_reads_the_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    for method in ("conflictology-12", "no-learning"):
        assert main(_words(folder / f"{method}.parquet", method=method)) == 0
    capsys.readouterr()
    page = tmp_path / "page" / "skill.md"
    words = ["skill", "--method", "no-learning", "--backtests", str(folder), "--out", str(page)]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == "no-learning"
    assert set(told["compared"][0]["groups"]["horizon"]) == {"1–3", "6"}
    assert main(["--lang", "fr", *words]) == 0
    assert "Écrit" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert f"tocsin --lang fr skill --method no-learning --backtests {folder} --out {page}" in text
    assert main([*words, "--method", "oracle"]) == 2
    assert "The files hold: conflictology-12, no-learning" in capsys.readouterr().err
