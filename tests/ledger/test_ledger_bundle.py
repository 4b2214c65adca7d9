"""Bundles: checked offline by the script they carry, readable as plain tables."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import sys
import zipfile
from pathlib import Path

import pytest
from filled_disk import room_for
from ledger_standin import NAME, check, damage, event, rows, tampering

from tocsin.errors import BadFile, BadInput, Damaged, UnknownName
from tocsin.files import move
from tocsin.ledger import (
    Ledger,
    SigningKey,
    examples,
    export_bundle,
    read_bundle,
)
from tocsin.ledger.bundle import FILES


def test_the_script_accepts_what_was_exported(bundle: Path) -> None:
    ran = check(bundle)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "9 of 9" in ran.stdout


def test_the_script_is_short_and_needs_the_standard_library_and_cryptography_alone(bundle: Path) -> None:
    text = (bundle / "verify.py").read_text(encoding="utf-8")
    assert "tocsin" not in text
    imported = {
        line.split()[1].split(".")[0]
        for line in text.splitlines()
        if line.lstrip().startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert len([line for line in text.splitlines() if line.strip()]) <= 110


def test_the_script_checks_the_signature(key: SigningKey, bundle: Path, tmp_path: Path) -> None:
    stranger = SigningKey.generate(NAME).verifier
    # Where two sign one ledger, whoever holds both keys need not know which of them signed last.
    for given in ([key.verifier], [stranger, key.verifier], [key.verifier, stranger]):
        ran = check(bundle, *(word for one in given for word in ("--key", str(one))))
        assert (ran.returncode, f"signed by {key.verifier}" in ran.stdout) == (0, True), ran.stderr
    other = check(bundle, "--key", str(stranger))
    assert other.returncode != 0
    assert "not signed by a key that was given" in other.stderr
    note = (bundle / "checkpoint.txt").read_text(encoding="utf-8")
    (bundle / "checkpoint.txt").write_text(note[:-6] + "AAA=\n", encoding="utf-8")
    assert check(bundle, "--key", str(key.verifier)).returncode != 0


@pytest.mark.parametrize("what", ["changed", "dropped", "dropped entry only", "reordered", "swapped bodies",
                                  "inserted", "proof", "index", "nonsense"])  # fmt: skip
def test_the_script_names_the_first_line_that_was_touched(bundle: Path, what: str) -> None:
    damage(bundle, what)
    ran = check(bundle)
    assert ran.returncode != 0
    assert "line 5" in ran.stderr, ran.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("checkpoint.txt", "garbage"),
        ("checkpoint.txt", "log\nmany\nAAAA\n"),
        ("checkpoint.txt", "log\n9\n\n— log AAAA\n"),
        ("entries.jsonl", "null\n"),
        ("proofs.jsonl", '{"index":0,"path":[7]}\n'),
        ("proofs.jsonl", None),
    ],
)
def test_the_script_says_in_one_line_what_it_cannot_read(
    bundle: Path, name: str, content: str | None
) -> None:
    (bundle / name).unlink()
    if content is not None:
        (bundle / name).write_text(content, encoding="utf-8", newline="\n")
    for ran in (check(bundle), check(bundle, "--key", "nonsense")):
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith("BAD: ")
        assert ran.stderr.count("\n") == 1


def test_the_script_misses_entries_at_the_end(bundle: Path) -> None:
    damage(bundle, "dropped at the end")
    ran = check(bundle)
    assert ran.returncode != 0
    assert "entry 9" in ran.stderr


def test_a_part_is_proved_without_the_rest(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.zip"
    made = export_bundle(ledger, path, ids=["d-1", "e-3"])
    assert (made.entries, made.size) == (2, 9)
    with zipfile.ZipFile(path) as archive:
        archive.extract("verify.py", path.parent)
        assert b"number 4" not in archive.read("entries.jsonl")
    assert check(path, "--part").returncode == 0
    assert "missing" in check(path).stderr
    assert "--part" in check(path).stderr
    with pytest.raises(UnknownName):
        export_bundle(ledger, tmp_path / "none", ids=["nothing"])
    assert not (tmp_path / "none").exists()


def test_a_zip_holds_the_same_as_a_folder(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    made = export_bundle(ledger, tmp_path / "b.zip")
    with zipfile.ZipFile(made.path) as archive:
        for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt", "verify.py"):
            assert archive.read(name) == (bundle / name).read_bytes()
    assert read_bundle(made.path) == read_bundle(bundle)


def test_a_place_in_use_is_left_alone(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    before = sorted(bundle.iterdir())
    for place in (bundle, bundle / "entries.jsonl"):
        with pytest.raises(BadInput, match="exists"):
            export_bundle(ledger, place)
    assert sorted(bundle.iterdir()) == before
    with pytest.raises(BadInput):
        export_bundle(ledger, bundle / "entries.jsonl" / "below")
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("room", [1_000, 20_000])
def test_a_full_disk_is_told_of_the_bundle_and_not_of_the_ledger(
    ledger: Ledger, bundle: Path, tmp_path: Path, room: int
) -> None:
    before = sorted(tmp_path.iterdir())
    for place in (tmp_path / "full.zip", tmp_path / "full"):
        with room_for(room), pytest.raises(BadInput, match=rf"^{place} cannot be written: "):
            export_bundle(ledger, place)
    assert sorted(tmp_path.iterdir()) == before


def test_a_new_folder_is_there_whole_or_not_at_all(
    ledger: Ledger, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tocsin.ledger.bundle.move", killed)
    with pytest.raises(KeyboardInterrupt):
        export_bundle(ledger, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    monkeypatch.undo()
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "new", tmp_path / "empty"):
        assert read_bundle(export_bundle(ledger, place).path) == read_bundle(bundle)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
@pytest.mark.parametrize("moved", range(len(FILES)))
def test_killed_while_it_fills_an_empty_folder_it_leaves_nothing_that_passes_for_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(event(1))
    place, left = tmp_path / "empty", [None] * moved
    place.mkdir()

    def killing(source: Path, target: Path) -> None:
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left.pop()
        move(source, target)

    def export() -> None:
        monkeypatch.setattr("tocsin.ledger.bundle.move", killing)
        with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
            export_bundle(ledger, place)

    child = multiprocessing.get_context("fork").Process(target=export)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert len(list(place.iterdir())) == moved
    with pytest.raises(BadFile, match=r"entries\.jsonl"):
        read_bundle(place)


def test_a_ledger_that_was_touched_is_not_exported(ledger: Ledger, place: str, tmp_path: Path) -> None:
    ledger.extend(event(n) for n in range(5))
    with tampering(place) as run:
        run("UPDATE entries SET body = replace(body, 'number 3', 'number 8') WHERE idx = 3")
    with pytest.raises(Damaged, match="4"):
        export_bundle(ledger, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_ledger_that_holds_an_id_twice_is_not_exported(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.append(event(1))
        # The tables are led to believe that nothing of that id is there.
        with tampering(path) as run:
            run("UPDATE entries SET id = 'other'")
        ledger.append(event(1))
        with pytest.raises(Damaged, match="entry 2"):
            export_bundle(ledger, tmp_path / "out")


def test_the_plain_tables_tell_the_story(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l.sqlite") as ledger:
        ledger.extend(examples().values())
        path = export_bundle(ledger, tmp_path / "bundle").path / "ledger.sqlite"
        assert rows(path, "SELECT * FROM ledger") == [("checkpoint", ledger.checkpoint())]
    assert rows(path, "SELECT count(*) FROM entries") == [(len(examples()),)]
    assert rows(path, "SELECT name FROM sqlite_master WHERE type = 'trigger'") == []
    answered = rows(
        path,
        "SELECT dismissals.reason, warnings.text FROM dismissals JOIN links ON links.entry = dismissals.id "
        "JOIN warnings ON warnings.id = links.target",
    )
    assert [reason for reason, _ in answered] == ["hyperbolic"]
    assert rows(path, "SELECT words, visibility FROM commitments") == [("whatever it takes", "private")]
    said = rows(path, "SELECT name FROM parties WHERE role = 'promisor' ORDER BY name")
    assert len(said) == 2
    assert {row[0] for row in rows(path, "SELECT DISTINCT area FROM areas")} == {"gw:432", "gw:436"}
    body = rows(path, "SELECT body, leaf FROM entries WHERE number = 1")[0]
    assert json.loads(body[0])["entry"]["type"] == "forecast"
    assert len(body[1]) == 64


def test_the_same_ledger_gives_the_same_bundle(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    again = export_bundle(ledger, tmp_path / "again").path
    for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt", "verify.py"):
        assert (again / name).read_bytes() == (bundle / name).read_bytes()
    shutil.rmtree(again)
