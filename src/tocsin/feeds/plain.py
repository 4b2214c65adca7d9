"""Warnings as JSON: everything a message holds, in both languages."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tocsin.warn import Message


def plain(messages: Sequence[Message]) -> bytes:
    """Return messages as a JSON list in UTF-8, in their order, keys sorted."""
    held = [message.to_dict() for message in messages]
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
