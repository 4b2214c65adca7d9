"""ACLED's monthly counts from the Humanitarian Data Exchange (HDX): the years it offers, and one fetched."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.errors import NotPublished, NotReachable
from tocsin.files import move, naming
from tocsin.sources.download import Progress, discard, download
from tocsin.sources.fetching import connected
from tocsin.sources.http import Interrupted, Tries, answer

if TYPE_CHECKING:
    import httpx

HDX = "https://data.humdata.org"

DATASET = "hdx-hapi-conflict-event"

_FILE = re.compile(r"hdx_hapi_conflict_event_global_(\d{4})(?:-(\d{4}))?\.csv$")


@dataclass(frozen=True)
class Offer:
    """A file that HDX offers: its years, its address and name, and when it was last put there (UTC)."""

    first: int
    last: int
    url: str
    name: str
    changed_at: dt.datetime | None


def offers(
    *, client: httpx.Client | None = None, sleep: Callable[[float], None] = time.sleep
) -> tuple[Offer, ...]:
    """Return the files that HDX offers, the latest years first; NotReachable where it does not say.

    Source: the CKAN Action API, https://docs.ckan.org/en/latest/api/.
    """
    url = f"{HDX}/api/3/action/package_show?id={DATASET}"
    with connected(client) as used:
        told = _asked(url, used, sleep)
    try:
        found = [_offer(one) for one in told["result"]["resources"]]
    except (KeyError, TypeError, ValueError) as error:
        raise NotReachable("tally.not_understood", url=url) from error
    held = sorted((one for one in found if one), key=lambda one: (-one.last, -one.first))
    if not held:
        raise NotReachable("tally.not_understood", url=url)
    return tuple(held)


def offer_of(year: int, offered: tuple[Offer, ...]) -> Offer:
    """Return the file that holds a year; NotPublished, with the years there are, where none does."""
    for one in offered:
        if one.first <= year <= one.last:
            return one
    years = f"{min(one.first for one in offered)}-{max(one.last for one in offered)}"
    raise NotPublished("tally.no_year", value=year, choices=years)


def fetch(
    offer: Offer, folder: Path | str, *, client: httpx.Client | None = None, progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:  # fmt: skip
    """Bring a file into a folder, whole or not at all, and return where it lies; it is not read.

    A download that breaks off is gone on from by the next call. NotReachable, with the address and the
    reason, where it does not come.
    """
    folder = Path(folder)
    part = folder / f"{offer.name}.part"
    with naming(folder), connected(client) as used:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            download(offer.url, part, used, release=offer.name, progress=progress, sleep=sleep)
        except NotReachable as error:
            raise _said(error, offer.url) from error
        move(part, folder / offer.name)
        discard(part)
    return folder / offer.name


def _asked(url: str, client: httpx.Client, sleep: Callable[[float], None]) -> Any:
    tries = Tries(url, sleep)
    while True:
        try:
            with answer(client, url, {}, DATASET) as response:
                return json.loads(response.read())
        except (Interrupted, ValueError) as cause:
            try:
                tries.again(cause if isinstance(cause, Interrupted) else Interrupted(f"JSON: {cause}"))
            except NotReachable as error:
                raise _said(error, url) from error
        except NotReachable as error:
            raise _said(error, url) from error


def _said(error: NotReachable, url: str) -> NotReachable:
    """Return the error as it is said of HDX; what this machine's settings refuse is said as it is."""
    if error.key == "sources.environment":
        return error
    reason = error.values.get("reason") or f"HTTP {error.values.get('status', 404)}"
    return NotReachable("tally.not_reached", url=url, reason=reason)


def _offer(told: dict[str, Any]) -> Offer | None:
    url = str(told.get("download_url") or told["url"])
    found = _FILE.search(url)
    if not found:
        return None
    changed = told.get("last_modified")
    at = None if changed is None else dt.datetime.fromisoformat(str(changed))
    if at is not None:
        at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    return Offer(int(found[1]), int(found[2] or found[1]), url, found[0], at)
