"""All events of a release from the publisher's API, page by page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import BadFile, NotReachable
from tocsin.sources.download import Progress
from tocsin.sources.files import DOWNLOADS
from tocsin.sources.http import Interrupted, Tries, answer
from tocsin.sources.pages import check_page

if TYPE_CHECKING:
    import httpx

API = "https://ucdpapi.pcr.uu.se/api/gedevents"
"""Address of the events of every release. Source: https://ucdp.uu.se/apidocs/."""

TOKEN_VARIABLE = "UCDP_ACCESS_TOKEN"
"""Environment variable that holds the token the publisher hands out."""

TOKEN_HEADER = "x-ucdp-access-token"

PAGE_SIZE = 1000
"""Events a page."""

# The service is reported to answer 400 once too many requests came in a row.
_LIMIT_REACHED = frozenset({400})


def token_from_environment() -> str:
    """Return the access token; NotReachable, naming the variable, if there is none."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise NotReachable("sources.no_token", variable=TOKEN_VARIABLE)
    return token


def collect(
    url: str,
    part: Path,
    client: httpx.Client,
    *,
    release: str,
    progress: Progress | None,
    sleep: Callable[[float], None],
) -> str:
    """Write the pages of the release at `url` to `part`, one a line, and report progress in events.

    Returns the validator of the answers: empty, for pages have none.
    Raises BadFile if a page is empty before all announced events came, if the announced total changes on
    the way, or if more came than announced: none of these may read as an absence of violence.
    """
    headers = {TOKEN_HEADER: token_from_environment(), "Accept": "application/json"}
    found, announced, number = 0, None, 0
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        while announced is None or found < announced:
            address = f"{url}?pagesize={PAGE_SIZE}&page={number}"
            page = _page(address, client, headers, release, sleep)
            rows, announced = check_page(page, address, announced)
            found += len(rows)
            if not rows or found > announced:
                raise BadFile("sources.pages_incomplete", file=address, found=found, expected=announced)
            stream.write(json.dumps(page, ensure_ascii=False, separators=(",", ":")) + "\n")
            number += 1
            if progress:
                progress(found, announced)
    return ""


def _page(
    url: str, client: httpx.Client, headers: dict[str, str], release: str, sleep: Callable[[float], None]
) -> object:
    tries = Tries(url, sleep)
    while True:
        try:
            # A redirect would hand the token to wherever it leads.
            with answer(client, url, headers, release, busy=_LIMIT_REACHED, redirects=False) as response:
                content = response.read()
            if content.lstrip().startswith(b"<"):
                raise BadFile("sources.html", downloads=DOWNLOADS, file=url)
            return json.loads(content)
        except (ValueError, Interrupted) as cause:
            tries.again(cause if isinstance(cause, Interrupted) else Interrupted(f"JSON: {cause}"))
