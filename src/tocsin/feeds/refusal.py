"""Why a delivery did not happen: now, or ever."""

from __future__ import annotations


class Undelivered(Exception):
    """A delivery that did not happen; its text is what the receiver, or the way to it, said."""


class Refused(Undelivered):
    """The receiver will not take it, however often it is tried."""


class Unreached(Undelivered):
    """The receiver was not reached, or asked to be tried again; `unclear`: it may have taken it."""

    def __init__(self, reason: str, *, unclear: bool = False) -> None:
        super().__init__(reason)
        self.unclear = unclear
