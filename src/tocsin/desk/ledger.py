"""The ledger's pages: entries found and filtered, one entry with its proof, and an entry from a form."""

from __future__ import annotations

import datetime as dt
import tempfile
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tocsin import warn
from tocsin.desk.memory import kept
from tocsin.errors import BadInput, Damaged, TocsinError, UnknownName
from tocsin.hindsight import propose_non_signatories
from tocsin.ledger import (
    Entry,
    Growth,
    Ledger,
    Place,
    Proof,
    Recorded,
    Verification,
    VerifierKey,
    entry,
    existing,
    export_bundle,
    fields,
    locate,
)
from tocsin.ledger.checkpoint import Checkpoint
from tocsin.ledger.entries import Agreement, check_ids
from tocsin.ledger.entries.fields import FieldSpec
from tocsin.ledger.entries.parts import NonSignatory
from tocsin.ledger.entries.parts import area as area_of
from tocsin.ledger.form import value_of
from tocsin.ledger.merkle import root_from_inclusion
from tocsin.text import current_language
from tocsin.watch import current_groups, on_record

SHOWN = 50
"""Entries on a page of the list."""

KEPT_ENTRIES = 2000
"""Entries of the longest ledger that is kept in memory, some 10 kB each; a longer one is read each time."""

APART = "\0"

GIVEN = ("type", "links")
"""Fields that a form asks for in a way of its own."""


@dataclass(frozen=True)
class Listed:
    """One page of the entries that match: newest first, how many match, and the page's number from 1."""

    entries: tuple[Recorded, ...]
    found: int
    size: int
    page: int
    corrected: frozenset[str]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.found // SHOWN), 1)


@dataclass(frozen=True)
class Checked:
    """What came of checking a proof: the leaf is the entry's own, the path leads to the root, the signature.

    signed: name of the key that signed the checkpoint; None where it is unsigned or no key is known here.
    """

    leaf: bool
    root: bool
    signed: str | None
    bad_signature: bool

    @property
    def good(self) -> bool:
        """Whether nothing contradicts the proof."""
        return self.leaf and self.root and not self.bad_signature


@dataclass(frozen=True)
class Shown:
    """One entry: later entries that lead to it, whether it was corrected, and its proof, checked.

    signer: the key that signed it first; None where no known key did.
    """

    recorded: Recorded
    later: tuple[tuple[str, str, str], ...]
    corrected: bool
    proof: Proof
    checked: Checked
    signer: VerifierKey | None


def ledger_place(home: Path) -> Place:
    """Return where the ledger of a home lies: TOCSIN_LEDGER_URL, else a file in it."""
    found = locate()
    return found if found.keys == home.absolute() else Place(None, home / "ledger.sqlite", home)


def opened(home: Path) -> AbstractContextManager[Ledger | None]:
    """Open the ledger of a home; None where there is none."""
    return existing(ledger_place(home))


@dataclass(frozen=True)
class Indexed:
    """One entry with what a search looks through, worked out at the first: names of parties, and all texts.

    They are plain, and parted by what no search can hold, so that none is found across two of them.
    """

    recorded: Recorded

    @cached_property
    def names(self) -> str:
        """Who gives or is given something."""
        return _plain(APART.join(_names(self.recorded.entry)))

    @cached_property
    def texts(self) -> str:
        """Everything written."""
        return _plain(APART.join(_texts(self.recorded.entry.content())))


def search(
    home: Path, *, type: str = "", area: str = "", party: str = "", text: str = "", page: int = 1
) -> Listed:
    """Return a page of the entries that match everything given, newest first; the last for one beyond it.

    party: part of a name that gives or is given something; text: part of any text, both without regard to
    case and accents. Raises UnknownName for a type or area that is none.
    """
    with opened(home) as held:
        if held is None:
            return Listed((), 0, 0, 1, frozenset())
        size, wrong = len(held), held.corrected()
        chosen = _matching(held, type, area, party, text)
    whole = Listed(chosen, len(chosen), size, 1, wrong)
    shown = min(max(page, 1), whole.pages)
    start = (shown - 1) * SHOWN
    return replace(whole, entries=chosen[start : start + SHOWN], page=shown)


def matching(
    home: Path, *, type: str = "", area: str = "", party: str = "", text: str = ""
) -> tuple[Recorded, ...]:
    """Return the entries that match everything given, newest first; arguments as `search`."""
    with opened(home) as held:
        return () if held is None else _matching(held, type, area, party, text)


def _matching(held: Ledger, type: str, area: str, party: str, text: str) -> tuple[Recorded, ...]:
    # Asked for none, the ledger still refuses what is no type or area, in its own words.
    held.entries(type=type or None, area=area or None, newest=0)
    code = area_of(area) if area else ""
    party, text = (_plain(given.replace(APART, "")) for given in (party, text))
    return tuple(
        one.recorded
        for one in _every(held, type, area)
        if (not type or one.recorded.entry.type == type)
        and (not code or code in one.recorded.entry.areas)
        and (not party or party in one.names)
        and (not text or text in one.texts)
    )


def _every(held: Ledger, type: str, area: str) -> Iterable[Indexed]:
    """Return entries newest first, those of a type and area at least; a short ledger is kept in memory."""

    def newest_first(type: str = "", area: str = "") -> Iterator[Indexed]:
        found = held.entries(type=type or None, area=area or None)
        found.sort(key=lambda one: (one.entry.date.first, one.index), reverse=True)
        return map(Indexed, found)

    if len(held) > KEPT_ENTRIES:
        return newest_first(type, area)
    # The last checkpoint names every byte there is: another ledger in the same place has another.
    return kept(("entries", held.checkpoint()), lambda: tuple(newest_first()))


def deposits(home: Path) -> Mapping[str, Recorded] | None:
    """Return, by digest, the first entry of each watch on record; None where the ledger cannot be asked."""
    try:
        with opened(home) as held:
            return on_record(held)
    except TocsinError:
        return None


def corrected(home: Path) -> frozenset[str]:
    """Return the ids of the entries that a later one says are wrong."""
    with opened(home) as held:
        return frozenset() if held is None else held.corrected()


def is_exercise(one: Entry) -> bool:
    """Return whether an entry is a warning raised on a reconstructed past month, or an answer to one."""
    episode = getattr(one, "episode", None)
    answered = (link.id for link in one.links if link.role == "answers")
    return any(warn.is_exercise(id) for id in (episode or "", *answered))


def one(home: Path, id: str) -> Shown:
    """Return an entry with its proof, checked; UnknownName if it is not recorded."""
    with opened(home) as held:
        if held is None:
            raise UnknownName("desk.no_entry", value=id[:80])
        try:
            recorded = held.entry(id)
        except UnknownName:
            # Where the ledger lies on this machine is no reader's business.
            raise UnknownName("desk.no_entry", value=id[:80]) from None
        proof = held.prove(id)
        return Shown(
            recorded,
            tuple(held.linked_from(id)),
            id in held.corrected(),
            proof,
            check(held, recorded, proof),
            held.signer(recorded.index),
        )


def check(held: Ledger, recorded: Recorded, proof: Proof) -> Checked:
    """Check a proof as anyone could with the entry's bytes, the proof and the public keys known here."""
    root = root_from_inclusion(
        recorded.leaf, proof.index, proof.size, [bytes.fromhex(step) for step in proof.path]
    )
    noted = Checkpoint.of_note(proof.checkpoint)
    agrees = root is not None and root == noted.root and root.hex() == proof.root
    signed, bad = None, False
    for key in held.known_keys:
        try:
            key.signed(proof.checkpoint)
            signed = key.name
        except Damaged as error:
            bad = bad or error.key == "ledger.bad_signature"
    return Checked(recorded.leaf.hex() == proof.leaf, agrees, signed, bad)


def growth(home: Path, old: int, origin: str = "") -> Growth:
    """Return the proof that the ledger goes on from its first `old` entries.

    origin: of the ledger that is meant, any when empty. UnknownName without a ledger; BadInput for no
    entries, more than there are, or another ledger than this one.
    """
    with opened(home) as held:
        if held is None:
            raise UnknownName("desk.no_ledger")
        if origin and origin != held.origin:
            raise BadInput("desk.other_ledger", origin=origin[:200], own=held.origin)
        return held.prove_growth(old)


def verified(home: Path) -> Verification | None:
    """Return what checking the whole ledger finds; None where there is none."""
    with opened(home) as held:
        return None if held is None else held.verify()


def bundle(home: Path, ids: Sequence[str] | None = None) -> bytes:
    """Return the ledger, or some of its entries, as a ZIP that anyone can check; UnknownName without one."""
    with opened(home) as held, tempfile.TemporaryDirectory() as folder:
        if held is None:
            raise UnknownName("desk.no_ledger")
        path = Path(folder) / "ledger.zip"
        try:
            export_bundle(held, path, ids=ids)
        except UnknownName as error:
            raise UnknownName("desk.no_entry", value=error.values["value"]) from None
        return path.read_bytes()


def asked(type: str) -> tuple[FieldSpec, ...]:
    """Return the fields a form for a type asks for, what is needed first; UnknownName for another type."""
    # A digest is asked of nobody but for what is nothing without one.
    specs = [
        spec for spec in fields(type) if spec.name not in GIVEN and (spec.name != "digest" or spec.required)
    ]
    return tuple(sorted(specs, key=lambda spec: not spec.required))


def from_form(type: str, answers: Mapping[str, str], *, author: str) -> Entry:
    """Return the entry that a filled form describes. BadInput, naming the field, for what cannot be one."""
    given: dict[str, Any] = {"type": type}
    for spec in fields(type):
        answer = answers.get(spec.name, "").strip()
        if answer and spec.name != "type":
            given[spec.name] = value_of(spec, answer)
    given.setdefault("author", author)
    given.setdefault("language", current_language())
    return entry(given)


def proposed(made: Entry, today: dt.date) -> tuple[NonSignatory, ...]:
    """Return who was fighting where an agreement was signed and is not named in it, for a person to confirm.

    NotAssessed where no figures cover its states and months; nobody for an entry of another type.
    """
    if not isinstance(made, Agreement):
        return ()
    return propose_non_signatories(made, current_groups(today)).non_signatories[len(made.non_signatories) :]


def confirmed(made: Entry, actors: Collection[int], today: dt.date) -> Entry:
    """Return an agreement with those of the groups proposed for it that someone confirmed, by actor id."""
    chosen = [one for one in proposed(made, today) if one.party.actor in actors] if actors else []
    if not chosen:
        return made
    content = made.content()
    told = [one.model_dump(mode="json", exclude_none=True) | {"status": "confirmed"} for one in chosen]
    content["non_signatories"] = [*content.get("non_signatories", ()), *told]
    # The id is that of the content, so it is made anew.
    del content["id"]
    return entry(content)


def record(home: Path, made: Sequence[Entry]) -> tuple[str, bool]:
    """Record entries that someone gave and return the id of the last, and whether anything was new.

    The same content sent twice has the same id: it is recorded once. BadInput for an id that only warnings of
    rules have.
    """
    check_ids(one.id for one in made)
    with Ledger.open(ledger_place(home)) as held:
        try:
            held.extend(made)
        except BadInput as error:
            if error.key != "ledger.id_recorded" or held.entry(made[-1].id).entry != made[-1]:
                raise
            return made[-1].id, False
    return made[-1].id, True


def _names(made: Entry) -> Iterator[str]:
    plain = made.content()
    for field in ("author", *made.party_fields()):
        yield from _texts(plain.get(field))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()
