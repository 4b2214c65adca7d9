"""Proofs: whoever was given one checks it with what the room `ledger` offers."""

from __future__ import annotations

import dataclasses
import hashlib

from ledger_standin import event

from tocsin.ledger import Checkpoint, Ledger


def test_proofs_are_checked_with_public_names_alone(ledger: Ledger) -> None:
    ledger.extend(event(n) for n in range(5))
    old = Checkpoint.of_note(ledger.checkpoint())
    ledger.extend(event(n) for n in range(5, 12))
    new, growth = Checkpoint.of_note(ledger.checkpoint()), ledger.prove_growth(5).proof
    assert new.continues(old, growth)
    assert new.continues(Checkpoint(old.origin, 0, hashlib.sha256().digest()), ())
    assert not new.continues(dataclasses.replace(old, root=bytes(32)), growth)
    assert not new.continues(dataclasses.replace(old, origin="another.example/log"), growth)
    assert not new.continues(old, growth[1:])
    assert not old.continues(new, growth)
    proof, found = ledger.prove("e-7"), ledger.entry("e-7")
    assert proof.holds(found.body)
    assert not proof.holds(ledger.entry("e-8").body)
    assert not dataclasses.replace(proof, index=6).holds(found.body)
    assert not dataclasses.replace(proof, checkpoint=old.text()).holds(found.body)
