"""A request refused for what it is rather than for what it asks, with its HTTP status."""

from __future__ import annotations

from tocsin.errors import TocsinError


class Refusal(TocsinError):
    """A request that is not answered; `status` says why to a program, the sentence to a person."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key, **values)
        self.status = status
