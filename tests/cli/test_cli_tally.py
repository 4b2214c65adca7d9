"""`tocsin tally`: a file kept, listed, compared and taken back as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

from cli_running import Run
from tally_files import PERSON, acled, event, hdx, hdx_row

MONTHS = [f"2021-{n:02}" for n in range(1, 13)]


def file(path: Path, code: str = "MLI", deaths: int = 100) -> Path:
    return hdx(path, [hdx_row(code, month, 1, deaths) for month in MONTHS])


def test_nothing_is_held_before_and_the_remedy_is_told(run: Run) -> None:
    listed, compared = run("tally", "list"), run("tally", "compare")
    assert (listed.code, compared.code) == (0, 3)
    for said in (listed.out, compared.err):
        assert "No tally was held" in said
        assert "data.humdata.org/dataset/hdx-hapi-conflict-event" in said


def test_a_file_is_kept_listed_and_compared(run: Run, tmp_path: Path) -> None:
    added = run("tally", "add", str(file(tmp_path / "hdx.csv")))
    assert added.code == 0
    assert "hdx.csv: kept, ACLED by way of HDX, 2021-01:2021-12, 1 country." in added.out
    assert "2021-01:2021-12" in run("tally", "list").out
    told = " ".join(run("tally", "compare", "Mali").out.split())
    assert "ACLED counts 1,200 deaths and UCDP 1,287" in told
    assert "No forecast uses its figures." in told
    record = json.loads(run("tally", "compare", "--json").out)
    (mali,) = record["countries"]
    assert (mali["iso3"], mali["both"], mali["other"], mali["ucdp"]) == ("MLI", 12, 1200, 1287)
    assert record["other"]["terms"].startswith("https://acleddata.com/")


def test_the_same_file_again_changes_nothing(run: Run, tmp_path: Path) -> None:
    made = file(tmp_path / "hdx.csv")
    run("tally", "add", str(made))
    again = run("tally", "add", str(made), "--json")
    assert [one["status"] for one in json.loads(again.out)["tallies"]] == ["held"]


def test_one_bad_file_keeps_back_no_other_and_sets_the_exit_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    ran = run("tally", "add", str(tmp_path / "bad.csv"), str(file(tmp_path / "hdx.csv")))
    assert ran.code == 2
    assert "hdx.csv: kept" in ran.out
    assert "Files not kept: 1 of 2" in ran.err


def test_what_was_left_out_is_told(run: Run, tmp_path: Path) -> None:
    events = [
        event("BEN1", "2021-03-05", 3, iso=204, country="Benin"),
        event("BEN2", "2021-04-05", 1, iso=204),
    ]
    told = run("tally", "add", str(acled(tmp_path / "e.csv", events)), "--known-at", "2021-04-30").out
    assert "Known from 2021-04-30 (as you stated)." in told
    assert "had: 2021-04." in told
    assert "Violence against civilians" in told
    rows = [hdx_row("PSE", "2021-01", 1, 1), hdx_row("GUF", "2021-01", 1, 7), hdx_row("MLI", "2021-01", 1, 1)]
    told = run("tally", "add", str(hdx(tmp_path / "h.csv", rows))).out
    assert "GUF (7 deaths)" in told
    assert "Israel is left out" in told


def test_as_of_a_day_before_nothing_is_known(run: Run, tmp_path: Path) -> None:
    run("tally", "add", str(file(tmp_path / "hdx.csv")), "--known-at", "2022-02-01")
    assert run("tally", "compare", "MLI", "--as-of", "2022-01-31").code == 3
    assert "Mali" in run("tally", "compare", "MLI", "--as-of", "2025-08-01").out


def test_a_picture_is_written_for_one_country(run: Run, tmp_path: Path) -> None:
    run("tally", "add", str(file(tmp_path / "hdx.csv")))
    assert run("tally", "compare", "MLI", "--out", "mali.png").code == 0
    assert Path("mali.png").read_bytes().startswith(b"\x89PNG")
    for words in (("--out", "all.png"), ("MLI", "--out", "mali.gif"), ("MLI", "--months", "0")):
        assert run("tally", "compare", *words).code == 2
    assert run("tally", "compare", "NER").code == 3


def test_a_tally_is_taken_back(run: Run, tmp_path: Path) -> None:
    run("tally", "add", str(file(tmp_path / "hdx.csv")))
    (held,) = json.loads(run("tally", "list", "--json").out)["tallies"]
    assert "is withdrawn" in run("tally", "withdraw", held["sha256"][:12], "--reason", "a test").out
    assert json.loads(run("tally", "list", "--json").out)["tallies"] == []
    assert run("tally", "add", str(tmp_path / "hdx.csv")).code == 2
    assert run("tally", "add", str(tmp_path / "hdx.csv"), "--again").code == 0


def test_no_row_leaves_the_machine(run: Run, tmp_path: Path) -> None:
    events = [event("MLI1", f"{month}-05", 3) for month in MONTHS]
    source = acled(tmp_path / "e.csv", events)
    said = run("tally", "add", str(source), "--known-at", "2022-02-01").out
    said += run("tally", "list", "--json").out + run("tally", "compare", "--json").out
    assert "MLI1" not in said
    assert PERSON not in said
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert kept
    assert not any(PERSON.encode() in path.read_bytes() for path in kept)


def test_the_vault_sends_a_file_of_acled_here(run: Run, tmp_path: Path) -> None:
    ran = run("ingest", str(file(tmp_path / "hdx.csv")))
    assert ran.code == 2
    assert "tocsin tally add" in ran.err
