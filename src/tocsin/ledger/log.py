"""The ledger: a log of entries that grows and never changes."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.ledger import clock as clocks
from tocsin.ledger import merkle, tables
from tocsin.ledger.appending import check_names, join
from tocsin.ledger.checkpoint import Checkpoint, SigningKey, VerifierKey, signature, signer
from tocsin.ledger.clock import Clock
from tocsin.ledger.entries import Entry, entry, entry_type
from tocsin.ledger.entries.parts import area as area_of
from tocsin.ledger.entries.refusal import Refused, shown
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import RESERVED_IDS, clean, is_id
from tocsin.ledger.heads import check_head, empty_note, is_signed
from tocsin.ledger.keys import load_key, load_public, make_key
from tocsin.ledger.levels import Levels
from tocsin.ledger.record import Growth, Proof, Receipt, Recorded, seal
from tocsin.ledger.stores import Place, Session, Store, locate, open_store
from tocsin.ledger.stores.store import COLUMNS
from tocsin.ledger.verdict import Verification
from tocsin.ledger.verification import Progress, verify

Given = Entry | Mapping[str, Any]


class Ledger:
    """One ledger, open for reading and appending. Use one for each thread and process.

    >>> with Ledger.open("ledger.sqlite") as ledger:
    ...     receipt = ledger.append(entry(...))
    """

    def __init__(
        self,
        store: Store,
        *,
        key: SigningKey | None = None,
        known_keys: Iterable[VerifierKey] = (),
        clock: Clock = clocks.now,
    ) -> None:
        self._store = store
        self._key = key
        self._known = tuple(dict.fromkeys([*known_keys, *(() if key is None else (key.verifier,))]))
        self._clock = clock

    @classmethod
    def open(
        cls,
        ledger: str | os.PathLike[str] | Place | None = None,
        *,
        create: bool = True,
        origin: str | None = None,
        clock: Clock = clocks.now,
        wait: float = 30.0,
    ) -> Ledger:
        """Open the ledger at a path or PostgreSQL URL, with the signing key of TOCSIN_HOME if there is one.

        ledger: None for TOCSIN_LEDGER_URL, else TOCSIN_HOME/ledger.sqlite. create: make it where there is
        none. origin: its name then; the key's name, else a new one, when None. wait: seconds to wait for
        another that is appending. Raises BadInput, NotReachable or Damaged.
        """
        place = ledger if isinstance(ledger, Place) else locate(ledger)
        key = load_key(place.keys)
        named = origin or (key.name if key is not None else new_origin())
        store = open_store(place, create=create, origin=named, wait=wait)
        try:
            return cls(store, key=key, known_keys=load_public(place.keys), clock=clock)
        except BaseException:
            store.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    @property
    def name(self) -> str:
        """Where the ledger is, without a password."""
        return self._store.name

    @property
    def origin(self) -> str:
        """The name under which the log signs its checkpoints, fixed when it was made."""
        with self._store.read() as session:
            return self._origin(session)

    @property
    def known_keys(self) -> tuple[VerifierKey, ...]:
        """The public keys whose signatures this ledger's checkpoints may carry."""
        return self._known

    @property
    def clock(self) -> Clock:
        """The clock that stamps what is recorded."""
        return self._clock

    @property
    def store(self) -> Store:
        """The store beneath."""
        return self._store

    def __len__(self) -> int:
        with self._store.read() as session:
            return tables.head(session).size

    def append(self, given: Given) -> Receipt:
        """Record one entry and return its receipt. Raises as `extend`."""
        return self.extend([given])[0]

    def extend(self, given: Iterable[Given]) -> tuple[Receipt, ...]:
        """Record entries in their order, all or none, and return their receipts once they are on disk.

        Raises BadInput for what cannot be recorded: a bad field, a date in the future, an id in use or
        reserved, a link to an entry that is neither recorded nor earlier in `given`, a signing key that is
        missing, a clock that runs backwards. Raises Damaged where there is a key and the log is not what a
        known key signed last. The ledger is then as it was.
        """
        return self.extend_imported((one, None) for one in given)

    def extend_imported(self, given: Iterable[tuple[Given, Mapping[str, Any] | None]]) -> tuple[Receipt, ...]:
        """Record entries as `extend`, each with where it was recorded first (None for here)."""
        made = [(self._made(one), first) for one, first in given]
        if not made:
            return ()
        with self._store.write() as session:
            head, stamp = self._next(session, [one for one, _ in made])
            sealed = [(one, seal(one, stamp, first)) for one, first in made]
            recorded = [(one, stamp, body, merkle.leaf_hash(body)) for one, body in sealed]
            root, size = join(session, head.size, recorded), head.size + len(made)
            note = self._checkpoint(session, head, size, root)
        return tuple(
            Receipt(index, one.id, stamp, leaf.hex(), size, root.hex(), note)
            for index, (one, _, _, leaf) in enumerate(recorded, head.size)
        )

    def go_on(self, recorded: Sequence[Recorded], note: str) -> int | None:
        """Take over, byte for byte, what a copy of this very log holds beyond it; return how many entries.

        recorded: all entries of the copy. note: its last checkpoint. Every checkpoint kept of the log then
        still holds. None, and nothing is changed, unless a known key signed the note, it is of this origin
        and of those entries, and they begin with the ones held here.
        """
        told = Checkpoint.of_note(note)
        if told.size != len(recorded) or signature(note, self._known) != "good":
            return None
        with self._store.write() as session:
            head = tables.head(session)
            before = merkle.root(head.size, tables.node_reader(session))
            levels = Levels.of(one.leaf for one in recorded)
            own = tables.origin_of(session) == told.origin and head.size < told.size
            if not own or levels.root(told.size) != told.root or levels.root(head.size) != before:
                return None
            fresh = recorded[head.size :]
            check_names(session, [one.entry for one in fresh])
            join(session, head.size, [(one.entry, one.recorded_at, one.body, one.leaf) for one in fresh])
            session.insert("checkpoints", COLUMNS["checkpoints"], [(head.checkpoints, told.size, note)])
            return len(fresh)

    def sign(self) -> str:
        """Add a checkpoint of the present state, signed by the present key, and return the note.

        Raises Damaged, as `extend`, but for a log without any signature.
        """
        with self._store.write() as session:
            head = tables.head(session)
            check_head(session, head, self._known, self.name, first=True)
            root = merkle.root(head.size, tables.node_reader(session))
            return self._checkpoint(session, head, head.size, root)

    def check_sign(self) -> bool:
        """Return whether `sign` would be the first to sign the log; raise what it would raise."""
        with self._store.read() as session:
            check_head(session, tables.head(session), self._known, self.name, first=True)
            return not is_signed(session)

    def checkpoint(self) -> str:
        """Return the last checkpoint as a note; an unsigned one of the empty tree before any entry."""
        with self._store.read() as session:
            return self._last_note(session)

    def entries(
        self,
        *,
        type: str | None = None,
        area: str | int | None = None,
        author: str | None = None,
        since: When | str | None = None,
        until: When | str | None = None,
        newest: int | None = None,
    ) -> list[Recorded]:
        """Return the entries that match everything given, in the order of the log.

        area: as in an entry (`gw:432`, MLI, a name). since, until: their date touches these days or later,
        or earlier (2012, 2012-03, 2012-03-21). newest: only the last so many recorded.
        Raises UnknownName or BadInput for a type, area, author or date that is none.
        """
        if type is not None:
            entry_type(type)
        with self._store.read() as session:
            return tables.select(
                session,
                type=type,
                area=None if area is None else _area(area),
                author=None if author is None else _author(author),
                since=None if since is None else _when(since, "since").first.isoformat(),
                until=None if until is None else _when(until, "until").last.isoformat(),
                newest=newest,
            )

    def entry(self, id: str) -> Recorded:
        """Return the entry of an id; UnknownName if it is not recorded."""
        with self._store.read() as session:
            return self._found(session, id)

    def linked_from(self, id: str) -> list[tuple[str, str, str]]:
        """Return (role, id, type) of the later entries that link to an entry."""
        with self._store.read() as session:
            return tables.linked_from(session, id) if is_id(id) else []

    def corrected(self, as_of: dt.date = dt.date.max) -> frozenset[str]:
        """Return the ids of entries that a correction dated up to `as_of` calls wrong (`corrections`)."""
        return frozenset(self.corrections(as_of))

    def corrections(self, as_of: dt.date) -> Mapping[str, str]:
        """Return, by the id of each entry called wrong by a day, the id of the last correction that says so.

        Only an entry of type `correction` does so, and none that a further one calls wrong.
        """
        with self._store.read() as session:
            return tables.corrections(session, as_of.isoformat())

    def uncorrected(self, as_of: dt.date) -> list[Entry]:
        """Return the entries, in the order of the log, but those that `corrected` names as of a day."""
        wrong = self.corrected(as_of)
        return [one.entry for one in self.entries() if one.entry.id not in wrong]

    def prove(self, id: str) -> Proof:
        """Return the proof that an entry is in the log as of now; UnknownName if it is not."""
        with self._store.read() as session:
            found = self._found(session, id)
            size, node = tables.head(session).size, tables.node_reader(session)
            path = tuple(value.hex() for value in merkle.inclusion_proof(found.index, size, node))
            root = merkle.root(size, node).hex()
            return Proof(found.index, found.leaf.hex(), size, root, path, self._last_note(session))

    def signer(self, index: int) -> VerifierKey | None:
        """Return the key that signed the entry at an index first; None where no known key did."""
        if not self._known:
            return None
        with self._store.read() as session, closing(tables.notes_over(session, index)) as notes:
            return next((key for note in notes if (key := signer(note, self._known))), None)

    def prove_growth(self, old: int) -> Growth:
        """Return the proof that the log goes on from its first `old` entries, and the checkpoint it leads to.

        BadInput for no entries, or more than there are.
        """
        with self._store.read() as session:
            size, node = tables.head(session).size, tables.node_reader(session)
            if not 0 < old <= size:
                raise BadInput("ledger.no_growth", old=old, size=size)
            proof = tuple(value.hex() for value in merkle.consistency_proof(old, size, node))
            return Growth(old, size, merkle.root(size, node).hex(), proof, self._last_note(session))

    def verify(
        self,
        *,
        keys: Sequence[VerifierKey] | None = None,
        kept: str | None = None,
        progress: Progress | None = None,
    ) -> Verification:
        """Check everything: each leaf, node, column, link, checkpoint, signature, and the order of time.

        keys: public keys to trust; those of TOCSIN_HOME when None. kept: a checkpoint kept elsewhere, of
        which the present log must be a continuation. Raises Damaged only where the database cannot be read
        at all; whatever else is wrong is listed in the result.
        """
        trusted = self._known if keys is None else tuple(keys)
        with self._store.read() as session:
            flaw = self._store.check(session)
            return verify(session, keys=trusted, now=self._clock(), kept=kept, flaw=flaw, progress=progress)

    def check(self, given: Iterable[Given]) -> int:
        """Return how many entries `extend` would record; raise what it would raise; record nothing."""
        made = [self._made(one) for one in given]
        with self._store.read() as session:
            self._next(session, made)
        return len(made)

    def _made(self, given: Given) -> Entry:
        made = given if isinstance(given, Entry) else entry(given)
        if made.id in RESERVED_IDS:
            raise BadInput("ledger.id_reserved", id=made.id)
        made.check_present(clocks.latest_day(self._clock()))
        return made

    def _next(self, session: Session, made: Sequence[Entry]) -> tuple[tables.Head, str]:
        """Return the state that entries join and the stamp they get; raise what keeps them from joining."""
        head = tables.head(session)
        if self._key is not None:
            check_head(session, head, self._known, self.name)
        elif signature(head.last_note or "", ()) != "none":
            raise BadInput("ledger.key_lost", path=self.name)
        self._origin(session)
        check_names(session, made)
        return head, clocks.next_stamp(self._clock(), head.last_stamp)

    def _origin(self, session: Session) -> str:
        if (found := tables.origin_of(session)) is None:
            raise Damaged("ledger.head_differs", path=self.name)
        return found

    def _checkpoint(self, session: Session, head: tables.Head, size: int, root: bytes) -> str:
        made = Checkpoint(self._origin(session), size, root)
        note = made.text() if self._key is None else self._key.sign(made)
        session.insert("checkpoints", COLUMNS["checkpoints"], [(head.checkpoints, size, note)])
        return note

    def _last_note(self, session: Session) -> str:
        return tables.head(session).last_note or empty_note(session)

    def _found(self, session: Session, id: str) -> Recorded:
        # What is no id is never asked for: PostgreSQL refuses NUL, and SQLite half a surrogate pair.
        found = tables.by_id(session, id) if is_id(id) else None
        if found is None:
            raise UnknownName("ledger.no_entry", value=shown(id), path=self.name)
        return found


def new_key(
    ledger: str | os.PathLike[str] | None = None, *, name: str | None = None
) -> tuple[VerifierKey, int | None]:
    """Make the signing key of TOCSIN_HOME, sign the present state of a ledger, and return the public half.

    name: what signatures carry; the ledger's own name when None. The second value is the number of entries
    that were signed, None where there is no ledger yet. A key that is there already signs a ledger that none
    has signed; otherwise BadInput. Raises Damaged for a ledger that is not what a known key signed last.
    """
    place = locate(ledger)
    key, size = None, None
    try:
        with Ledger.open(place, create=False) as held:
            origin, size = held.origin, len(held)
            # The key was made for another ledger, or its maker was killed before it signed this one.
            if held.check_sign() and size:
                key = load_key(place.keys)
    except BadInput as error:
        if error.key != "ledger.no_ledger":
            raise
        origin, size = new_origin(), None
    if key is None or name not in (None, key.name):
        key = make_key(place.keys, name or origin)
    if size is not None:
        with Ledger.open(place, create=False) as held:
            held.sign()
    return key.verifier, size


def new_origin() -> str:
    """Return a name for a new log that no other log has."""
    return f"tocsin-ledger/{secrets.token_hex(8)}"


def _area(given: str | int) -> str:
    try:
        return area_of(given)
    except Refused as error:
        raise BadInput(error.key, **({"field": "area", "value": shown(given)} | error.values)) from None


def _author(given: str) -> str:
    try:
        return clean(given, lines=False, recorded=True)
    except Refused:
        raise BadInput("ledger.bad.author", value=shown(given)) from None


def _when(given: When | str, field: str) -> When:
    try:
        return When.model_validate(given)
    except ValidationError:
        raise BadInput("ledger.bad.when", field=field, value=shown(given)) from None
