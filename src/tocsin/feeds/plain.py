"""Warnings as JSON: everything a message holds, in both languages, and whose the data are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tocsin import figures
from tocsin.figures import Attribution
from tocsin.warn import Message


def attribution_of(messages: Iterable[Message]) -> Attribution:
    """Return whose the data are that some messages were made from."""
    return figures.attribution(release for message in messages for release in message.releases)


def values(message: Message) -> dict[str, Any]:
    """Return a message and whose its data are as plain values: what every program is handed of it."""
    return message.to_dict() | {"attribution": attribution_of([message]).to_dict()}


def plain(messages: Sequence[Message]) -> bytes:
    """Return messages as a JSON list in UTF-8, in their order, keys sorted."""
    held = [values(message) for message in messages]
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
