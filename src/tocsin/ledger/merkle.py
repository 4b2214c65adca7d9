"""The Merkle tree of RFC 6962: one hash that commits to every entry and to their order.

A leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right). The tree over n leaves splits at the
largest power of two below n, so that every full subtree, once complete, never changes: those are the nodes a
store keeps, named by (level, index), where node (k, i) covers leaves i*2^k to (i+1)*2^k - 1.

Source: RFC 6962 section 2.1; proofs as verified in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Hash = bytes
Node = Callable[[int, int], Hash]
"""Returns the hash of the full subtree (level, index); a store answers it from its table of nodes."""

EMPTY: Hash = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    """Return the hash of one entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return the hash of the node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def new_nodes(size: int, leaves: Sequence[Hash], node: Node) -> list[tuple[int, int, Hash]]:
    """Return the full subtrees (level, index, hash) that come to be when `leaves` join a tree of `size`.

    `node` is asked only for subtrees that were complete before; leaves are level 0 of what is returned.
    """
    made: dict[tuple[int, int], Hash] = {}
    for offset, leaf in enumerate(leaves):
        index, level, value = size + offset, 0, leaf
        made[level, index] = value
        while index & 1:
            left = made.get((level, index - 1)) or node(level, index - 1)
            value, level, index = node_hash(left, value), level + 1, index >> 1
            made[level, index] = value
    return [(level, index, value) for (level, index), value in made.items()]


def root(size: int, node: Node) -> Hash:
    """Return the root hash of the tree over the first `size` leaves."""
    if size == 0:
        return EMPTY
    return _subtree(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[Hash]:
    """Return the audit path of leaf `index` in the tree over the first `size` leaves, leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[Hash] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(middle, stop, node))
            stop = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[Hash]:
    """Return the proof that the tree over `old` leaves is a prefix of the tree over `new` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from {old} to {new} leaves")
    path: list[Hash] = []
    start, stop, whole = 0, new, True
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_subtree(middle, stop, node))
            stop = middle
        else:
            path.append(_subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(start, stop, node))
    return path[::-1]


def root_from_inclusion(leaf: Hash, index: int, size: int, proof: Sequence[Hash]) -> Hash | None:
    """Return the root that `proof` leads to from `leaf`, or None if the proof has the wrong length."""
    if not 0 <= index < size:
        return None
    position, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            value = node_hash(sibling, value)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        position, last = position >> 1, last >> 1
    return value if last == 0 else None


def is_consistent(old: int, old_root: Hash, new: int, new_root: Hash, proof: Sequence[Hash]) -> bool:
    """Return whether `proof` shows the tree (old, old_root) to be a prefix of (new, new_root)."""
    if old == new:
        return old_root == new_root and not proof
    if old == 0:
        return old_root == EMPTY and not proof
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path or old > new:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _subtree(start: int, stop: int, node: Node) -> Hash:
    count = stop - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_subtree(start, middle, node), _subtree(middle, stop, node))
