"""What a publisher answered with, kept beside the bytes so that it can be asked whether they still stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.files import whole
from tocsin.sources.http import Interrupted, Tries, answer

if TYPE_CHECKING:
    import httpx

UNCHANGED = 304
"""Status of an answer without bytes, to a question whether they have changed."""


@dataclass(frozen=True)
class Answer:
    """What bytes were taken from: bytes of another address or version are neither added to them nor theirs.

    validator: the strong ETag, else Last-Modified.
    sha256:    digest of the bytes; empty while they are coming.
    """

    url: str
    validator: str
    sha256: str = ""


def keep(note: Path, given: Answer) -> None:
    """Write an answer down, whole or not at all."""
    with whole(note) as stream:
        stream.write(json.dumps(asdict(given)).encode())


def kept(note: Path) -> Answer | None:
    """Return the answer written down; None where there is none, or none that can be read."""
    try:
        return Answer(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def validator(response: httpx.Response) -> str:
    """Return the strong ETag of an answer, else its Last-Modified, else an empty string."""
    tag = str(response.headers.get("etag", ""))
    if tag and not tag.startswith("W/"):
        return tag
    return str(response.headers.get("last-modified", ""))


def stands(given: Answer, client: httpx.Client, *, release: str, sleep: Callable[[float], None]) -> bool:
    """Return whether the publisher would answer with the same bytes today, without taking them anew.

    False where it does not say so. Source: RFC 9110, sections 13.1.2 and 13.1.3.
    """
    condition = "If-None-Match" if given.validator.startswith('"') else "If-Modified-Since"
    headers = {"Accept-Encoding": "identity", condition: given.validator}
    tries = Tries(given.url, sleep)
    while True:
        try:
            with answer(client, given.url, headers, release, also=frozenset({UNCHANGED})) as response:
                return response.status_code == UNCHANGED or validator(response) == given.validator
        except Interrupted as cause:
            tries.again(cause)
