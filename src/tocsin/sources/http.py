"""Asking a publisher over HTTP: retries that honour Retry-After, and refusals a person can act on."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.errors import NotPublished, NotReachable

if TYPE_CHECKING:
    import httpx

TRIES = 6
"""How often a request is made before the publisher counts as not reachable."""

LONGEST_WAIT = 120.0
"""Seconds waited at most before a new try; a publisher that asks for more is given up on."""

_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class Interrupted(Exception):
    """The answer broke off or asks for another try; `wait` is what the publisher asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass
class Tries:
    """Counts failed tries in a row of one request and waits between them: 1, 2, 4, 8 ... seconds."""

    url: str
    sleep: Callable[[float], None]
    failed: int = field(default=0)

    def again(self, cause: Interrupted) -> None:
        """Wait before the next try, or raise NotReachable when there is none left."""
        self.failed += 1
        wait = 2.0 ** (self.failed - 1) if cause.wait is None else cause.wait
        if self.failed >= TRIES or wait > LONGEST_WAIT:
            raise NotReachable(
                "sources.not_reachable", url=self.url, reason=cause.reason, tries=self.failed
            ) from cause
        self.sleep(wait)

    def progressed(self) -> None:
        """Start counting anew: the last try brought something."""
        self.failed = 0


@contextmanager
def answer(
    client: httpx.Client,
    url: str,
    headers: dict[str, str],
    release: str,
    *,
    also: frozenset[int] = frozenset(),
    busy: frozenset[int] = frozenset(),
    redirects: bool = True,
) -> Iterator[httpx.Response]:
    """Give the open answer to a GET with status 200, 206, 416 or one of `also`; `busy` is worth a new try.

    Raises Interrupted where a new try may help, NotReachable with the reason where it will not.
    """
    import httpx

    try:
        with client.stream("GET", url, headers=headers, follow_redirects=redirects) as response:
            status = response.status_code
            if status in _TRY_AGAIN | busy:
                raise Interrupted(f"HTTP {status}", _retry_after(response))
            if status in (401, 403):
                raise NotReachable("sources.not_allowed", url=url, status=status)
            if status == 404:
                raise NotPublished("sources.not_found", url=url, release=release)
            if status not in {200, 206, 416} | also:
                raise NotReachable("sources.refused", url=url, status=status)
            yield response
    except httpx.TooManyRedirects as error:
        raise NotReachable("sources.redirects", url=url) from error
    except httpx.RequestError as error:
        raise Interrupted(f"{type(error).__name__}: {error}") from error


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds the publisher asks to wait, given as a number or as a date."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
