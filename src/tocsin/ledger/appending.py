"""What is checked before entries join a log, and how they join it."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.errors import BadInput
from tocsin.ledger import merkle, tables
from tocsin.ledger.entries import Entry
from tocsin.ledger.entries.refusal import shown
from tocsin.ledger.stores import Session
from tocsin.ledger.stores.store import COLUMNS


def check_names(session: Session, made: Sequence[Entry]) -> None:
    """Raise BadInput for an id in use, or a link to what is neither recorded nor earlier in `made`."""
    wanted = {one.id for one in made} | {link.id for one in made for link in one.links}
    known = tables.types_of(session, wanted)
    recorded = set(known)
    types = {id: kind for id, (_, kind) in known.items()}
    for one in made:
        if one.id in recorded:
            raise BadInput("ledger.id_recorded", id=one.id, number=known[one.id][0] + 1)
        if one.id in types:
            raise BadInput("ledger.id_twice", id=one.id)
        for position, link in enumerate(one.links, 1):
            target = types.get(link.id)
            if target is None:
                raise BadInput("ledger.link_unknown", id=one.id, position=position, target=shown(link.id))
            one.check_link(link, target)
        types[one.id] = one.type


def join(session: Session, size: int, recorded: Sequence[tuple[Entry, str, bytes, bytes]]) -> bytes:
    """Append entries, each with its stamp, body and leaf, to a log of `size` entries; return the new root."""
    tables.insert_entries(session, size, recorded)
    node = tables.node_reader(session)
    nodes = merkle.new_nodes(size, [leaf for *_, leaf in recorded], node)
    session.insert("nodes", COLUMNS["nodes"], [made for made in nodes if made[0] > 0])
    return merkle.root(size + len(recorded), node)
