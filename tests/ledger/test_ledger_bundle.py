"""Bundles: checked offline by the script they carry, taken in once, readable as plain tables."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from ledger_standin import Clock, dismissal, event, tampering, values, warning

from tocsin.cli import main
from tocsin.errors import BadFile, BadInput, Damaged, UnknownName
from tocsin.ledger import (
    Ledger,
    SigningKey,
    examples,
    export_bundle,
    import_bundle,
    make_key,
    merkle,
    read_bundle,
)
from tocsin.ledger.checkpoint import Checkpoint


@pytest.fixture
def key(home: Path) -> SigningKey:
    return make_key(home, "example.org/log")


@pytest.fixture
def bundle(ledger: Ledger, clock: Clock, tmp_path: Path) -> Path:
    """Return a bundle of a ledger of nine entries in either store."""
    ledger.extend([warning(), dismissal()])
    clock.move(minutes=1)
    ledger.extend(event(n) for n in range(7))
    return export_bundle(ledger, tmp_path / "bundle").path


def check(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a bundle as anyone would: without this package in sight."""
    script = path / "verify.py" if path.is_dir() else path.with_name("verify.py")
    command = [sys.executable, "-I", str(script), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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
    stranger = SigningKey.generate("example.org/log").verifier
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


def damage(bundle: Path, what: str) -> None:
    entries, proofs = bundle / "entries.jsonl", bundle / "proofs.jsonl"
    lines, paths = entries.read_text().splitlines(keepends=True), proofs.read_text().splitlines(keepends=True)
    if what == "changed":
        lines[4] = lines[4].replace("number 2", "number 9")
    elif what == "dropped":
        del lines[4], paths[4]
    elif what == "dropped at the end":
        del lines[8], paths[8]
    elif what == "dropped entry only":
        del lines[4]
    elif what == "reordered":
        lines[4], lines[5], paths[4], paths[5] = lines[5], lines[4], paths[5], paths[4]
    elif what == "swapped bodies":
        lines[4], lines[5] = lines[5], lines[4]
    elif what == "inserted":
        lines.insert(4, lines[4].replace("e-2", "e-99"))
        paths.insert(4, paths[4])
    elif what == "proof":
        told = json.loads(paths[4])
        told["path"] = told["path"][::-1]
        paths[4] = json.dumps(told) + "\n"
    elif what == "index":
        paths[4] = paths[4].replace('"index":4', '"index":5')
    elif what == "nonsense":
        lines[4] = "{}\n"
    entries.write_text("".join(lines), newline="\n")
    proofs.write_text("".join(paths), newline="\n")


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


@pytest.mark.parametrize("what", ["changed", "dropped entry only", "reordered", "swapped bodies", "inserted",
                                  "proof", "index", "nonsense"])  # fmt: skip
def test_a_touched_bundle_is_not_taken_in(bundle: Path, tmp_path: Path, what: str) -> None:
    damage(bundle, what)
    with Ledger.open(tmp_path / "other.sqlite") as other:
        with pytest.raises(Damaged):
            import_bundle(other, bundle)
        assert len(other) == 0


@pytest.mark.parametrize("proof", ['"0"', "null", "0.0", "false", "[" * 100_000])
def test_the_place_of_an_entry_is_a_whole_number(bundle: Path, proof: str) -> None:
    proofs = bundle / "proofs.jsonl"
    proofs.write_text(proofs.read_text().replace('"index":0,', f'"index":{proof},'), newline="\n")
    with pytest.raises(Damaged, match="line 1"):
        read_bundle(bundle)


def test_a_file_that_would_fill_the_memory_is_not_unpacked(
    ledger: Ledger, bundle: Path, tmp_path: Path
) -> None:
    path = export_bundle(ledger, tmp_path / "b.zip").path
    whole = bytearray(path.read_bytes())
    # The size unpacked, in the first line of the list at the end of the archive.
    at = whole.index(b"PK\x01\x02") + 24
    whole[at : at + 4] = (300 << 20).to_bytes(4, "little")
    path.write_bytes(whole)
    with pytest.raises(
        BadFile, match=r"entries\.jsonl would unpack to 314,572,800 bytes; at most 268,435,456"
    ):
        read_bundle(path)


def test_a_zip_that_is_damaged_or_locked_is_said_to_be(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    path = export_bundle(ledger, tmp_path / "b.zip").path
    whole = path.read_bytes()
    locked = bytearray(whole)
    # The flag of a password, in the first line of the list at the end of the archive.
    locked[whole.index(b"PK\x01\x02") + 8] |= 1
    for content, said in ((whole[:60] + b"\xff" * 40 + whole[100:], "damaged"), (locked, "password")):
        path.write_bytes(content)
        with pytest.raises(BadFile, match=said):
            read_bundle(path)


def test_a_part_is_proved_without_the_rest(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.zip"
    made = export_bundle(ledger, path, ids=["d-1", "e-3"])
    assert (made.entries, made.size) == (2, 9)
    with zipfile.ZipFile(path) as archive:
        archive.extract("verify.py", path.parent)
        assert b"number 4" not in archive.read("entries.jsonl")
    assert check(path, "--part").returncode == 0
    assert "missing" in check(path).stderr
    with pytest.raises(UnknownName):
        export_bundle(ledger, tmp_path / "none", ids=["nothing"])
    assert not (tmp_path / "none").exists()


def test_line_ends_changed_on_the_way_do_not_spoil_a_bundle(
    key: SigningKey, bundle: Path, tmp_path: Path
) -> None:
    for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt"):
        (bundle / name).write_bytes((bundle / name).read_bytes().replace(b"\n", b"\r\n"))
    assert check(bundle, "--key", str(key.verifier)).returncode == 0
    with Ledger.open(tmp_path / "other.sqlite") as other:
        assert import_bundle(other, bundle, keys=[key.verifier]).recorded == 9


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


def test_a_ledger_that_was_touched_is_not_exported(ledger: Ledger, place: str, tmp_path: Path) -> None:
    ledger.extend(event(n) for n in range(5))
    with tampering(place) as run:
        run("UPDATE entries SET body = replace(body, 'number 3', 'number 8') WHERE idx = 3")
    with pytest.raises(Damaged, match="4"):
        export_bundle(ledger, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_import_twice_changes_nothing_more(bundle: Path, tmp_path: Path, clock: Clock) -> None:
    clock.move(days=3)
    with Ledger.open(tmp_path / "other.sqlite", clock=clock) as other:
        first = import_bundle(other, bundle)
        held = other.verify()
        again = import_bundle(other, bundle)
        assert (first.recorded, first.held, again.recorded, again.held) == (9, 0, 0, 9)
        assert other.verify() == held
        assert held.ok
        one = other.entry("e-3")
        assert one.recorded_at.startswith("2024-05-05")
        assert one.imported is not None
        assert one.imported["recorded_at"] == "2024-05-02T08:01:00.000000Z"
        assert one.imported["index"] == 5


def test_import_brings_only_what_is_not_held(bundle: Path, tmp_path: Path, clock: Clock) -> None:
    with Ledger.open(tmp_path / "other.sqlite", clock=clock) as other:
        other.extend([event(3), values("own")])
        done = import_bundle(other, bundle)
        assert (done.recorded, done.held) == (8, 1)
        assert other.verify().ok


def test_import_refuses_other_content_under_a_known_id(bundle: Path, tmp_path: Path, clock: Clock) -> None:
    with Ledger.open(tmp_path / "other.sqlite", clock=clock) as other:
        other.append(values("e-3", text="Something else."))
        with pytest.raises(BadInput, match="e-3"):
            import_bundle(other, bundle)
        assert len(other) == 1


def test_import_goes_through_further_ledgers_with_its_first_origin(
    bundle: Path, tmp_path: Path, clock: Clock
) -> None:
    with Ledger.open(tmp_path / "second.sqlite", clock=clock) as second:
        import_bundle(second, bundle)
        further = export_bundle(second, tmp_path / "further").path
        first = second.entry("w-1").imported
    with Ledger.open(tmp_path / "third.sqlite", clock=clock) as third:
        import_bundle(third, further)
        assert third.entry("w-1").imported == first


FIRST = {"origin": "example.org/log", "index": 0, "recorded_at": "2024-05-01T08:00:00.000000Z"}


def bundle_of(folder: Path, **changes: Any) -> Path:
    """Write a bundle of one entry whose hashes are right, whatever else its bytes say."""
    stamp = "2024-05-02T08:00:00.000000Z"
    whole = {"entry": event(1).content(), "format": 1, "recorded_at": stamp} | changes
    body = rfc8785.dumps({name: value for name, value in whole.items() if value != "absent"})
    folder.mkdir()
    (folder / "entries.jsonl").write_bytes(body + b"\n")
    (folder / "proofs.jsonl").write_text('{"index":0,"path":[]}\n')
    (folder / "checkpoint.txt").write_text(Checkpoint("log", 1, merkle.leaf_hash(body)).text())
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99}, {"format": True}, {"format": "absent"}, {"more": 1},
        {"recorded_at": 5}, {"recorded_at": "2024"}, {"recorded_at": "2024-05-02T08:00:00.0Z"},
        {"recorded_at": "\x1b[31m"}, {"imported": "x"}, {"imported": {"a": 1}},
        *({"imported": FIRST | change} for change in (
            {"index": "0"}, {"index": 0.5}, {"index": False}, {"index": -1}, {"origin": 7}, {"more": 1},
            {"recorded_at": 5}, {"recorded_at": "yesterday"},
        )),
    ],
)  # fmt: skip
def test_what_surrounds_an_entry_is_of_one_form(
    tmp_path: Path, ledger: Ledger, changes: dict[str, Any]
) -> None:
    path = bundle_of(tmp_path / "made", **changes)
    with pytest.raises(Damaged, match="line 1"):
        import_bundle(ledger, path)
    assert len(ledger) == 0


def test_what_surrounds_an_entry_may_tell_where_it_came_from(tmp_path: Path, ledger: Ledger) -> None:
    assert import_bundle(ledger, bundle_of(tmp_path / "made", imported=FIRST)).recorded == 1
    assert ledger.entry("e-1").imported == FIRST


@pytest.mark.parametrize("deep", [False, True])
def test_nothing_is_taken_in_from_the_future(tmp_path: Path, ledger: Ledger, deep: bool) -> None:
    later = {"recorded_at": "2031-01-01T00:00:00.000000Z"}
    path = bundle_of(tmp_path / "made", **({"imported": FIRST | later} if deep else later))
    with pytest.raises(Damaged, match=r"2031.*still to come"):
        import_bundle(ledger, path)


@pytest.mark.parametrize("told", [{"a": 1}, FIRST | {"index": "0"}, FIRST | {"recorded_at": 5}])
def test_an_entry_that_was_once_taken_in_with_nonsense_is_still_read(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: Any
) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend_imported([(event(1), told)])
        export_bundle(ledger, tmp_path / "out")
    flat = tmp_path / "out" / "ledger.sqlite"
    assert rows(flat, "SELECT recorded_first_at = recorded_at FROM entries") == [(1,)]
    assert main(["ledger", "show", "e-1", "--ledger", place]) == 0
    assert "e-1" in capsys.readouterr().out


def test_an_entry_recorded_before_a_sign_was_refused_is_still_read(
    place: str, tmp_path: Path, clock: Clock
) -> None:
    told = "Killed \u200f3 / 40"
    with Ledger.open(place, clock=clock) as ledger:
        # The model as it is, without the check that came later.
        ledger.append(event(1).model_copy(update={"text": told, "author": told}))
        assert ledger.entry("e-1").entry.text == ledger.entries(author=told)[0].entry.text == told
        path = export_bundle(ledger, tmp_path / "out").path
    with Ledger.open(tmp_path / "other.sqlite", clock=clock) as other:
        assert import_bundle(other, path).recorded == 1
        assert other.verify().ok


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


def test_import_checks_who_signed(key: SigningKey, bundle: Path, tmp_path: Path, clock: Clock) -> None:
    stranger = SigningKey.generate("example.org/log").verifier
    with Ledger.open(tmp_path / "other.sqlite", clock=clock) as other:
        with pytest.raises(Damaged):
            import_bundle(other, bundle, keys=[stranger])
        assert import_bundle(other, bundle, keys=[stranger, key.verifier]).recorded == 9


def test_from_one_store_to_the_other_and_back(postgres: str, tmp_path: Path) -> None:
    told = list(examples().values())
    with Ledger.open(tmp_path / "one.sqlite") as one:
        one.extend(told)
        path = export_bundle(one, tmp_path / "bundle").path
    with Ledger.open(postgres) as two:
        assert import_bundle(two, path).recorded == len(told)
        back = export_bundle(two, tmp_path / "back").path
    with Ledger.open(tmp_path / "one.sqlite") as one:
        assert import_bundle(one, back).held == len(told)


@pytest.mark.parametrize("name", ["entries.jsonl", "proofs.jsonl", "checkpoint.txt"])
def test_what_is_no_bundle_is_said_to_be_none(
    bundle: Path, tmp_path: Path, ledger: Ledger, name: str
) -> None:
    (bundle / name).unlink()
    with pytest.raises(BadFile, match=name):
        import_bundle(ledger, bundle)
    for path in (tmp_path / "nothing", bundle / "verify.py"):
        with pytest.raises(BadFile):
            import_bundle(ledger, path)


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(statement).fetchall()


def test_the_plain_tables_tell_the_story(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l.sqlite") as ledger:
        ledger.extend(examples().values())
        path = export_bundle(ledger, tmp_path / "bundle").path / "ledger.sqlite"
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
    assert {row[0] for row in rows(path, "SELECT DISTINCT area FROM areas")} == {"gw:432"}
    body = rows(path, "SELECT body, leaf FROM entries WHERE number = 1")[0]
    assert json.loads(body[0])["entry"]["type"] == "assessment"
    assert len(body[1]) == 64


def test_the_same_ledger_gives_the_same_bundle(ledger: Ledger, bundle: Path, tmp_path: Path) -> None:
    again = export_bundle(ledger, tmp_path / "again").path
    for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt", "verify.py"):
        assert (again / name).read_bytes() == (bundle / name).read_bytes()
    shutil.rmtree(again)
