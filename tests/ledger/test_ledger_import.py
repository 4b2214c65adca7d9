"""Imports: a bundle is taken in once, with where it came from, and one that was touched not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rfc8785
from ledger_standin import NAME, Clock, check, damage, event, rows, values

from tocsin.cli import main
from tocsin.errors import BadFile, BadInput, Damaged
from tocsin.ledger import (
    Ledger,
    SigningKey,
    examples,
    export_bundle,
    import_bundle,
    merkle,
    read_bundle,
)
from tocsin.ledger.checkpoint import Checkpoint


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


def test_line_ends_changed_on_the_way_do_not_spoil_a_bundle(
    key: SigningKey, bundle: Path, tmp_path: Path
) -> None:
    for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt"):
        (bundle / name).write_bytes((bundle / name).read_bytes().replace(b"\n", b"\r\n"))
    assert check(bundle, "--key", str(key.verifier)).returncode == 0
    with Ledger.open(tmp_path / "other.sqlite") as other:
        assert import_bundle(other, bundle, keys=[key.verifier]).recorded == 9


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


FIRST = {"origin": NAME, "index": 0, "recorded_at": "2024-05-01T08:00:00.000000Z"}


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


def test_import_checks_who_signed(key: SigningKey, bundle: Path, tmp_path: Path, clock: Clock) -> None:
    stranger = SigningKey.generate(NAME).verifier
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
