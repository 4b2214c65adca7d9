"""The tree against RFC 6962's definition, and its proofs against every tampering tried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_standin import by_definition

from tocsin.ledger import merkle
from tocsin.ledger.levels import Levels

KNOWN_ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class Tree:
    def __init__(self, leaves: list[bytes], batches: int = 1) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        step = max(1, len(leaves) // batches)
        for start in range(0, len(leaves), step):
            batch = leaves[start : start + step]
            for level, index, value in merkle.new_nodes(self.size, batch, self.node):
                self.nodes[level, index] = value
            self.size += len(batch)

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


@pytest.mark.parametrize("size", KNOWN_ROOTS)
def test_roots_of_the_reference_implementation(size: int) -> None:
    tree = Tree([merkle.leaf_hash(e) for e in KNOWN_ENTRIES[:size]])
    assert merkle.root(size, tree.node).hex() == KNOWN_ROOTS[size]


@given(st.integers(0, 70), st.integers(1, 5))
def test_root_is_the_definition_however_it_was_appended(size: int, batches: int) -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    assert merkle.root(size, Tree(leaves, batches).node) == by_definition(leaves)


@given(st.integers(0, 70))
def test_a_tree_in_memory_is_the_one_that_grew_entry_by_entry(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    grown, levels = Tree(leaves), Levels.of(leaves)
    assert levels.size == size
    assert {(level, index): value for level, index, value in levels.nodes()} == {
        place: value for place, value in grown.nodes.items() if place[0]
    }
    assert levels.root(size) == by_definition(leaves)


@given(st.integers(1, 70), st.data())
def test_inclusion_proof_leads_to_the_root_and_to_no_other(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, tree.node)
    root = merkle.root(size, tree.node)
    assert merkle.root_from_inclusion(leaves[index], index, size, proof) == root
    assert merkle.root_from_inclusion(merkle.leaf_hash(b"other"), index, size, proof) != root
    assert merkle.root_from_inclusion(leaves[index], index, size, [*proof, root]) is None
    if proof:
        assert merkle.root_from_inclusion(leaves[index], index, size, proof[:-1]) is None
    if size > 1:
        wrong = (index + 1) % size
        assert merkle.root_from_inclusion(leaves[index], wrong, size, proof) != root


@given(st.integers(1, 70), st.integers(0, 30), st.data())
def test_consistency_proof_holds_for_prefixes_only(old: int, more: int, data: st.DataObject) -> None:
    new = old + more
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(new)]
    tree = Tree(leaves)
    old_root, new_root = merkle.root(old, tree.node), merkle.root(new, tree.node)
    proof = merkle.consistency_proof(old, new, tree.node)
    assert merkle.is_consistent(old, old_root, new, new_root, proof)
    touched = leaves.copy()
    touched[data.draw(st.integers(0, old - 1))] = merkle.leaf_hash(b"touched up")
    other = Tree(touched)
    other_root = merkle.root(new, other.node)
    assert not merkle.is_consistent(
        old, old_root, new, other_root, merkle.consistency_proof(old, new, other.node)
    )
    if proof:
        assert not merkle.is_consistent(old, old_root, new, new_root, proof[:-1])


def test_a_tree_neither_shrinks_nor_needs_a_proof_that_it_is_itself() -> None:
    root = merkle.root(4, Tree([merkle.leaf_hash(bytes([i])) for i in range(4)]).node)
    assert merkle.is_consistent(4, root, 4, root, [])
    assert not merkle.is_consistent(4, root, 4, root, [root])
    assert not merkle.is_consistent(4, root, 2, root, [])
    assert not merkle.is_consistent(3, root, 4, root, [])


def test_every_tree_grew_from_the_empty_one_which_has_one_root_alone() -> None:
    root = merkle.leaf_hash(b"a")
    assert merkle.is_consistent(0, merkle.EMPTY, 1, root, [])
    assert not merkle.is_consistent(0, root, 1, root, [])
    assert not merkle.is_consistent(0, merkle.EMPTY, 1, root, [root])


def test_positions_outside_the_tree_are_refused() -> None:
    tree = Tree([merkle.leaf_hash(b"a")])
    with pytest.raises(ValueError, match="not in a tree of 1"):
        merkle.inclusion_proof(1, 1, tree.node)
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_proof(0, 1, tree.node)
    for place in (-1, 1, 3):
        assert merkle.root_from_inclusion(tree.node(0, 0), place, 1, []) is None
