"""Proofs for programs: that an entry is in the ledger, and that it goes on from what was kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from web_world import World, event

from tocsin.ledger import Checkpoint
from tocsin.ledger.merkle import leaf_hash, root_from_inclusion


def test_a_proof_holds_for_whoever_checks_it(reader: TestClient) -> None:
    id = reader.get("/api/v1/ledger", params={"limit": 1}).json()["entries"][0]["entry"]["id"]
    told = reader.get(f"/api/v1/ledger/{id}/proof").json()
    proof = told["proof"]
    path = [bytes.fromhex(step) for step in proof["path"]]
    root = root_from_inclusion(leaf_hash(told["body"].encode()), proof["index"], proof["size"], path)
    assert root == Checkpoint.of_note(proof["checkpoint"]).root
    assert told["checked"]["good"]
    assert reader.get("/api/v1/ledger/checkpoint").text == proof["checkpoint"]


def test_whoever_kept_a_checkpoint_sees_that_the_ledger_goes_on_from_it(own: World) -> None:
    client, path = own.client(), "/api/v1/ledger/checkpoint/consistency"
    kept = Checkpoint.of_note(client.get("/api/v1/ledger/checkpoint").text)
    with own.ledger() as ledger:
        ledger.append(event(author="Archive"))
    growth = client.get(path, params={"size": kept.size, "origin": kept.origin}).json()
    assert growth["checkpoint"] == client.get("/api/v1/ledger/checkpoint").text
    new = Checkpoint.of_note(growth["checkpoint"])
    assert (growth["old"], growth["size"]) == (kept.size, kept.size + 1)
    assert new.continues(kept, growth["proof"])
    assert not new.continues(dataclasses.replace(kept, root=bytes(32)), growth["proof"])


@pytest.mark.parametrize(
    ("asked", "reason", "said"),
    [
        ({"size": "many"}, "web.bad_fields", "size"),
        ({}, "web.bad_fields", "size"),
        ({"size": "0"}, "ledger.no_growth", "Aucune preuve ne part de 0"),
        ({"size": "99999"}, "ledger.no_growth", "donnez un nombre de 1 à"),
        ({"size": "9" * 40}, "ledger.no_growth", "donnez un nombre de 1 à"),
        ({"size": "1", "origin": "example.org/other"}, "desk.other_ledger", "du registre example.org/other"),
    ],
)
def test_what_no_proof_of_growth_leads_from_is_refused(
    reader: TestClient, asked: dict[str, str], reason: str, said: str
) -> None:
    path, french = "/api/v1/ledger/checkpoint/consistency", {"Accept-Language": "fr"}
    answer = reader.get(path, params=asked, headers=french)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert said in answer.json()["detail"]


def test_without_a_ledger_no_proof_of_growth_is_given(world: World, tmp_path: Path) -> None:
    answer = world.client(home=tmp_path).get("/api/v1/ledger/checkpoint/consistency", params={"size": 1})
    assert (answer.status_code, answer.json()["reason"]) == (404, "desk.no_ledger")
