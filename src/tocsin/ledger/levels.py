"""A whole tree in memory, 64 bytes an entry, for checking and exporting a log in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from tocsin.ledger import merkle


class Levels:
    """The complete subtrees of a log, level by level; leaves are added one by one, then the tree is grown."""

    def __init__(self) -> None:
        self._levels = [bytearray()]

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Levels:
        """Return the tree over leaves."""
        levels = cls()
        for leaf in leaves:
            levels.add(leaf)
        levels.grow()
        return levels

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0]) // 32

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        self._levels[0] += leaf

    def grow(self) -> None:
        """Compute every level from the leaves."""
        del self._levels[1:]
        below = self._levels[0]
        while len(below) >= 64:
            view = memoryview(below)
            above = bytearray()
            for start in range(0, len(below) - 63, 64):
                above += sha256(b"\x01" + view[start : start + 64]).digest()
            view.release()
            self._levels.append(above)
            below = above

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        return bytes(self._levels[level][32 * index : 32 * index + 32])

    def nodes(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield (level, index, hash) of every complete subtree above the leaves, in order."""
        for level, hashes in enumerate(self._levels[1:], 1):
            for index in range(len(hashes) // 32):
                yield level, index, bytes(hashes[32 * index : 32 * index + 32])

    def root(self, size: int) -> bytes:
        """Return the root of the tree over the first `size` leaves."""
        return merkle.root(size, self.node)
