"""Cursors: where the next page of a list begins, as text a client hands back unread."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import TypeVar

from tocsin.web.refusal import Refusal

MOST = 500
Item = TypeVar("Item")


def cut(items: Sequence[Item], cursor: str, limit: int, of: str) -> tuple[Sequence[Item], str | None]:
    """Return a page of a list and the cursor of the next, None at the end.

    of: what the list was made from; a cursor of another list is refused (400), as is a malformed one.
    """
    of = hashlib.sha256(of.encode()).hexdigest()[:16]
    start = _start(cursor, of) if cursor else 0
    size = min(max(limit, 1), MOST)
    after = start + size
    return items[start:after], _cursor(after, of) if after < len(items) else None


def _cursor(start: int, of: str) -> str:
    return base64.urlsafe_b64encode(f"{of}:{start}".encode()).decode().rstrip("=")


def _start(cursor: str, of: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise Refusal(400, "api.bad_cursor", value=cursor[:40]) from None
    found = re.fullmatch(r"([0-9a-f]{16}):([0-9]{1,9})", text)
    if found is None or found[1] != of:
        raise Refusal(400, "api.bad_cursor", value=cursor[:40])
    return int(found[2])
