"""Bundles: a ledger, or part of one, as files that anyone can check without this program.

entries.jsonl    one recorded entry a line, the exact bytes that were hashed
proofs.jsonl     for each line of entries.jsonl its index and RFC 6962 audit path (base64)
checkpoint.txt   the C2SP checkpoint to whose root the proofs lead
verify.py        checks the three files above with the standard library and `cryptography`
ledger.sqlite    the same entries in plain tables, for Datasette and the like
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from tocsin.errors import BadFile, BadInput, Damaged
from tocsin.files import member, move, naming, passing_folder, unpacking
from tocsin.ledger import clock as clocks
from tocsin.ledger import merkle, tables
from tocsin.ledger.checkpoint import Checkpoint, VerifierKey, decoded, signature, signer
from tocsin.ledger.clock import Clock
from tocsin.ledger.flat import write_flat
from tocsin.ledger.heads import check_kept
from tocsin.ledger.keys import load_key, load_public
from tocsin.ledger.levels import Levels
from tocsin.ledger.log import Ledger, new_origin
from tocsin.ledger.record import Recorded, is_sealed, unseal
from tocsin.ledger.stores import locate
from tocsin.ledger.verdict import Findings, Signer, Verification
from tocsin.sqlite import said

FILES = ("entries.jsonl", "proofs.jsonl", "checkpoint.txt", "verify.py", "ledger.sqlite")

_LARGEST = 256 << 20
"""Longest file, in bytes, that is unpacked in memory; a folder may hold more."""


@dataclass(frozen=True)
class Bundle:
    """What a bundle says: its checkpoint, as a note too, and the recorded entries in the order of the log."""

    checkpoint: Checkpoint
    note: str
    recorded: tuple[Recorded, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it holds every entry that its checkpoint speaks of."""
        return len(self.recorded) == self.checkpoint.size

    def levels(self) -> Levels:
        """Return the tree over its entries; that of the log where it is whole."""
        return Levels.of(one.leaf for one in self.recorded)


@dataclass(frozen=True)
class Exported:
    """What was written: the path, the entries in it, the entries of the log, and the checkpoint."""

    path: Path
    entries: int
    size: int
    checkpoint: str


@dataclass(frozen=True)
class Imported:
    """What became of the entries of a bundle: newly recorded, or held already with the same content.

    origin: the log that the bundle is of. taken_over: whether the new ones were taken over byte for byte, as
    the log that this ledger holds, rather than recorded anew.
    """

    recorded: int
    held: int
    origin: str
    taken_over: bool


def export_bundle(ledger: Ledger, path: str | Path, *, ids: Iterable[str] | None = None) -> Exported:
    """Write a bundle to a folder, or to a ZIP file where the path ends in `.zip`.

    ids: the entries to write; all when None. The place must not exist, or be an empty folder. Raises BadInput
    for a place in use, UnknownName for an id that is not recorded, Damaged if the ledger does not agree with
    its checkpoint.
    """
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise BadInput("ledger.place_in_use", path=path)
    wanted = None if ids is None else {ledger.entry(id).index for id in ids}
    with said({"denied": "files.unwritable"}, path, file=str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        work = passing_folder(path)
        try:
            done = _write(ledger, work, wanted, path)
            if path.suffix.lower() == ".zip":
                packed = work / "bundle.zip"
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                    for name in FILES:
                        archive.write(work / name, name)
                move(packed, path)
            elif not path.exists():
                move(work, path)
            else:
                # What is read first comes last: half a bundle, left by a kill, is never taken for one.
                # Not a rename of the folder: whoever stands in it would stand in nothing.
                for name in reversed(FILES):
                    move(work / name, path / name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return Exported(path, done[0], done[1], done[2])


def _write(ledger: Ledger, folder: Path, wanted: set[int] | None, asked: Path) -> tuple[int, int, str]:
    levels, note = Levels(), ledger.checkpoint()
    # What refuses the bundle is named here, before it is taken for what refuses the ledger.
    with ledger.store.read() as session, naming(asked):
        for index, leaf, body in tables.bodies(session):
            if index != levels.size or merkle.leaf_hash(body) != leaf:
                raise Damaged("ledger.export_damaged", path=ledger.name, number=index + 1)
            levels.add(leaf)
        levels.grow()
        size = levels.size
        note = tables.head(session).last_note or note
        if levels.root(size) != Checkpoint.of_note(note).root:
            raise Damaged("ledger.export_damaged", path=ledger.name, number=size)
        count = 0
        with (folder / "entries.jsonl").open("wb") as entries, (folder / "proofs.jsonl").open("wb") as proofs:
            for index, _, body in tables.bodies(session):
                if wanted is not None and index not in wanted:
                    continue
                count += 1
                path = merkle.inclusion_proof(index, size, levels.node)
                shown = {"index": index, "path": [base64.b64encode(value).decode() for value in path]}
                entries.write(body + b"\n")
                proofs.write(json.dumps(shown, separators=(",", ":")).encode() + b"\n")
    (folder / "checkpoint.txt").write_text(note, encoding="utf-8", newline="\n")
    shutil.copyfile(str(resources.files("tocsin.ledger") / "offline.py"), folder / "verify.py")
    with (folder / "entries.jsonl").open("rb") as lines, (folder / "proofs.jsonl").open("rb") as proofs:
        write_flat(folder / "ledger.sqlite", _recorded(lines, proofs, ledger.name), note)
    return count, size, note


def _recorded(lines: Iterable[bytes], proofs: Iterable[bytes], name: str) -> Iterator[Recorded]:
    ids: set[str] = set()
    for line, proof in zip(lines, proofs, strict=True):
        one = unseal(json.loads(proof)["index"], line.rstrip(b"\n"))
        if one.entry.id in ids:
            raise Damaged("ledger.export_damaged", path=name, number=one.index + 1)
        ids.add(one.entry.id)
        yield one


def open_for(
    path: str | Path, ledger: str | os.PathLike[str] | None = None, *, keys: Iterable[VerifierKey] = ()
) -> Ledger:
    """Open the ledger into which a bundle is to be imported, making it where there is none.

    It is made under the bundle's origin where the log can be taken over as it was: the bundle is whole and
    signed by a key known in TOCSIN_HOME. Otherwise under another, for two logs of one name look like forgery.
    Raises as `Ledger.open` and `read_bundle`.
    """
    try:
        return Ledger.open(ledger, create=False)
    except BadInput as error:
        if error.key != "ledger.no_ledger":
            raise
    bundle, place = read_bundle(path, keys=keys), locate(ledger)
    origin, key = bundle.checkpoint.origin, load_key(place.keys)
    if bundle.is_whole and signature(bundle.note, load_public(place.keys)) == "good":
        return Ledger.open(place, origin=origin)
    return Ledger.open(place, origin=new_origin() if key is not None and key.name == origin else None)


def import_bundle(ledger: Ledger, path: str | Path, *, keys: Iterable[VerifierKey] = ()) -> Imported:
    """Record the entries of a bundle that the ledger does not hold, all or none.

    A whole bundle of the ledger's own log, signed by a key it knows, that goes on from what is held (from
    nothing, in an empty ledger) is taken over byte for byte. Entries of another log are stamped with the
    present and keep where and when they were recorded first. An entry of the same id and content is skipped,
    so that a second import changes nothing. The bundle is checked whole before anything is recorded, its
    signature too where `keys` are given. Raises Damaged for a bundle that does not agree with its checkpoint,
    BadInput for an id held with other content or a bundle of this log that does not go on from it, BadFile
    for what is no bundle.
    """
    bundle = read_bundle(path, keys=keys, clock=ledger.clock)
    origin, count = bundle.checkpoint.origin, len(bundle.recorded)
    taken = ledger.go_on(bundle.recorded, bundle.note)
    if taken is not None:
        return Imported(taken, count - taken, origin, taken_over=True)
    fresh: list[tuple[Any, dict[str, Any] | None]] = []
    for one in bundle.recorded:
        with ledger.store.read() as session:
            held = tables.by_id(session, one.entry.id)
        if held is None:
            first = one.imported or {"origin": origin, "index": one.index, "recorded_at": one.recorded_at}
            fresh.append((one.entry, dict(first)))
        elif held.entry.canonical() != one.entry.canonical():
            raise BadInput("ledger.import_differs", id=one.entry.id, path=path, number=held.index + 1)
    if fresh and ledger.origin == origin:
        raise BadInput("ledger.import_forks", path=path, origin=origin, count=len(fresh))
    ledger.extend_imported(fresh)
    return Imported(len(fresh), count - len(fresh), origin, taken_over=False)


def verify_bundle(
    path: str | Path, *, keys: Sequence[VerifierKey] = (), kept: str | None = None, clock: Clock = clocks.now
) -> Verification:
    """Check a bundle as `read_bundle` does, and against a checkpoint kept elsewhere, which it must continue.

    The `size` of what is returned is the number of entries in the bundle. Raises as `read_bundle`, and
    BadInput for a part of a ledger where `kept` is given.
    """
    bundle, findings = read_bundle(path, keys=keys, clock=clock), Findings()
    told, entries, kept_size = bundle.checkpoint, len(bundle.recorded), None
    by = signer(bundle.note, keys)
    if kept is not None:
        if not bundle.is_whole:
            raise BadInput("ledger.bundle_part", path=path, entries=entries, size=told.size)
        kept_size = check_kept(told.origin, kept, keys, bundle.levels(), findings)
    return Verification(
        size=entries,
        root=told.root.hex(),
        checkpoint=bundle.note,
        checkpoints=1,
        signatures=1 if keys else 0,
        keys=len(keys),
        signers=() if by is None else (Signer(by, ((1, told.size),)),),
        kept=kept_size,
        count=findings.count,
        problems=tuple(findings.named),
    )


def read_bundle(path: str | Path, *, keys: Iterable[VerifierKey] = (), clock: Clock = clocks.now) -> Bundle:
    """Return what a bundle says, each of its entries carried by its proof to the checkpoint.

    clock: gives the present, after which nothing was recorded. Raises BadFile or Damaged, naming the first
    line that is wrong.
    """
    path = Path(path)
    entries, proofs, note = (_member(path, name) for name in FILES[:3])
    try:
        # Git and mail may have changed the line ends on the way; what was signed ends its lines with LF.
        text = io.StringIO(note.decode("utf-8"), newline=None).read()
    except UnicodeDecodeError:
        raise Damaged("ledger.bad_checkpoint") from None
    told = Checkpoint.of_note(text)
    trusted = tuple(keys)
    if trusted:
        _check_signed(text, trusted)
    bodies, paths = entries.splitlines(), proofs.splitlines()
    if len(bodies) != len(paths):
        raise Damaged("ledger.bundle_lines", path=path, entries=len(bodies), proofs=len(paths))
    found: list[Recorded] = []
    before, stamp, now = -1, "", clock()
    latest = clocks.stamp(now + clocks.TOLERANCE)
    for line, (body, proof) in enumerate(zip(bodies, paths, strict=True), 1):
        try:
            shown = from_json(proof)
            index, audit = shown["index"], [decoded(value) for value in shown["path"]]
            # Not `isinstance`, to which true is an int.
            if type(index) is not int or type(shown["path"]) is not list:
                raise TypeError(proof)
        except (ValueError, KeyError, TypeError):
            raise Damaged("ledger.bundle_line", path=path, line=line) from None
        root = merkle.root_from_inclusion(merkle.leaf_hash(body), index, told.size, audit)
        if root != told.root or index <= before:
            raise Damaged("ledger.bundle_line", path=path, line=line)
        one = unseal(index, body)
        if not is_sealed(body) or one.recorded_at < stamp:
            raise Damaged("ledger.bundle_line", path=path, line=line)
        for at in (one.recorded_at, one.imported["recorded_at"] if one.imported else ""):
            if at > latest:
                raise Damaged("ledger.bundle_future", path=path, line=line, stamp=at, now=clocks.stamp(now))
        before, stamp = index, one.recorded_at
        found.append(one)
    return Bundle(told, text, tuple(found))


def _check_signed(note: str, keys: tuple[VerifierKey, ...]) -> None:
    for position, key in enumerate(keys):
        try:
            key.signed(note)
            return
        except Damaged:
            if position == len(keys) - 1:
                raise


def _member(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            return (path / name).read_bytes()
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise BadFile("ledger.not_a_bundle", path=path)
            refusals = unpacking("ledger.bundle_damaged", "ledger.bundle_locked", path=path)
            with refusals, zipfile.ZipFile(file) as archive:
                return member(archive, name, _LARGEST, "ledger.bundle_too_large", path=path, name=name)
    except (FileNotFoundError, KeyError):
        raise BadFile("ledger.bundle_lacks", path=path, name=name) from None
    except OSError as error:
        raise BadFile("ledger.file_unreadable", path=path, reason=error.strerror or str(error)) from None
