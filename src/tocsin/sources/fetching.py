"""`fetch`: a release from its publisher into a folder, checked before it gets its name."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tocsin import digest
from tocsin.errors import BadInput, NotReachable, UnknownName
from tocsin.files import move, naming
from tocsin.sources.answer import Answer, keep, kept, stands
from tocsin.sources.api import API, collect, token_from_environment
from tocsin.sources.download import Progress, discard, download
from tocsin.sources.reading import Reading, read
from tocsin.sources.release import Release

if TYPE_CHECKING:
    import httpx

DOWNLOADS = "https://ucdp.uu.se/downloads"
"""Where the publisher keeps the files of its releases."""

SOURCES: tuple[str, ...] = ("ucdp-ged", "ucdp-candidate")
"""What can be fetched."""

Via = Literal["file", "api"]

FORMS: dict[Via, str] = {"file": "candidate-csv", "api": "api-json"}
"""As what a monthly release is read that came by each way: only of one form can bytes be compared."""

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass(frozen=True, eq=False)
class Fetched:
    """A file as it came: where it lies, where it came from, when, and what reading it found."""

    path: Path
    url: str
    retrieved_at: dt.datetime
    reading: Reading


def address(release: Release) -> str:
    """Return the address of a release's file at its publisher: a ZIP for annual ones, else a CSV."""
    digits = release.name.split(".")
    if release.product == "ucdp-ged":
        return f"{DOWNLOADS}/ged/ged{''.join(digits)}-csv.zip"
    return f"{DOWNLOADS}/candidateged/GEDEvent_v{'_'.join(digits)}.csv"


def file_name(release: Release, via: Via = "file") -> str:
    """Return the name under which `fetch` keeps a release in its folder."""
    return address(release).rsplit("/", 1)[-1] if via == "file" else f"gedevents-{release.name}.jsonl"


def asked(source: str, release: str, via: Via) -> Release:
    """Return the release that is asked of a source; nothing is made or sent for one that cannot be.

    UnknownName or BadInput for a source or release that there is not, NotReachable for the API with no token.
    """
    if source not in SOURCES:
        raise UnknownName("sources.unknown_source", value=source, choices=", ".join(SOURCES))
    wanted = Release.parse(release)
    if wanted.product != source:
        raise BadInput("sources.other_product", value=wanted.name, source=source, product=wanted.product)
    if via == "api":
        token_from_environment()
    return wanted


def fetch(
    source: str,
    *,
    release: str,
    out: Path | str,
    via: Via = "file",
    client: httpx.Client | None = None,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
    today: dt.date | None = None,
) -> Fetched:
    """Bring one release of `source` (`ucdp-ged`, `ucdp-candidate`) into the folder `out`.

    via:      `file` downloads the file of the release, `api` collects the pages of the API, which needs the
              token in UCDP_ACCESS_TOKEN.
    progress: called with bytes done and total (`file`), or events done and total (`api`).

    The file gets its name only after it was read and checked; a download that breaks off stays under the
    ending `.part`, from which a later call goes on. Raises UnknownName or BadInput for what cannot be asked,
    NotReachable where the publisher does not answer or refuses, NotPublished where it has no such release,
    BadFile or BadRow where what came is not the release, BadInput where `out` cannot be written. Source:
    https://ucdp.uu.se/downloads/ and https://ucdp.uu.se/apidocs/.
    """
    wanted = asked(source, release, via)
    with connected(client) as used:
        came = _fetch(wanted, Path(out), via, used, progress, sleep, today)
    assert came is not None
    return came


def fetch_again(
    release: Release,
    *,
    out: Path | str,
    known: Collection[str],
    via: Via = "file",
    client: httpx.Client | None = None,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
    today: dt.date | None = None,
) -> Fetched | None:
    """Bring in a release as `fetch` does if its publisher has replaced it; None if it has not.

    known: SHA-256 of the bytes of it that are here already.

    Where `fetch` left a note in `out` of what one of these was taken from, the publisher is asked whether
    that still stands, and sends nothing if it does; otherwise the bytes come and are compared. Raises what
    `fetch` raises.
    """
    wanted = asked(release.product, release.name, via)
    with connected(client) as used:
        given = kept(_note(Path(out), wanted)) if via == "file" else None
        ours = given and given.sha256 in known and given.url == address(wanted)
        if given and ours and stands(given, used, release=wanted.name, sleep=sleep):
            return None
        return _fetch(wanted, Path(out), via, used, progress, sleep, today, known)


@contextmanager
def connected(client: httpx.Client | None) -> Iterator[httpx.Client]:
    """Give the client, or one made for this and closed behind it."""
    if client is not None:
        yield client
        return
    with _client() as owned:
        yield owned


def _note(folder: Path, release: Release) -> Path:
    """Return where `fetch` puts down what a file was taken from.

    Hidden, for the files of the folder may be brought in by `tocsin ingest folder/*`.
    """
    return folder / f".{file_name(release)}.json"


def _client() -> httpx.Client:
    """Return a client; NotReachable, naming the variable, if the environment sets what it cannot use."""
    import httpx

    try:
        return httpx.Client(timeout=httpx.Timeout(30.0, read=120.0))
    except _unusable() as error:
        variables = ("SSL_CERT_FILE",) if isinstance(error, OSError) else _ill_set_proxies()
        names = ", ".join(variables)
        raise NotReachable("sources.environment", reason=str(error), variables=names) from error


def _ill_set_proxies() -> Sequence[str]:
    """Return the variables whose proxy cannot be used; where there is none, those that are or can be set."""
    given = sorted(name for name, value in os.environ.items() if value and name.upper() in _PROXIES)
    proxies = [name for name in given if name.upper() != "NO_PROXY"]
    return [name for name in proxies if not _is_proxy(os.environ[name])] or given or _PROXIES


def _is_proxy(value: str) -> bool:
    import httpx

    try:
        httpx.Client(trust_env=False, proxy=value if "://" in value else f"http://{value}").close()
    except _unusable():
        return False
    return True


def _unusable() -> tuple[type[Exception], ...]:
    """Return what the client raises for a proxy (kind, address) or certificates that it cannot use."""
    import httpx

    return ImportError, OSError, ValueError, httpx.InvalidURL


def _fetch(
    release: Release,
    folder: Path,
    via: Via,
    client: httpx.Client,
    progress: Progress | None,
    sleep: Callable[[float], None],
    today: dt.date | None,
    known: Collection[str] = (),
) -> Fetched | None:
    """Bring a release into a folder; None, and nothing there, if the bytes that came are `known`."""
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
        by_file = via == "file"
        url = address(release) if by_file else f"{API}/{release.name}"
        name = file_name(release, via)
        part = folder / f"{name}.part"
        bring = download if by_file else collect
        reading = None
        try:
            validator = bring(url, part, client, release=release.name, progress=progress, sleep=sleep)
            retrieved_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
            sha256 = digest.of_file(part) if known else ""
            if sha256 not in known:
                reading = read(part, release=release.name, today=today)
                sha256 = reading.digest
        except BadInput:
            # What came is not the release: nothing of it may be gone on from.
            discard(part)
            raise
        except NotReachable:
            if not by_file:
                discard(part)
            raise
        path = folder / name
        if reading is None:
            discard(part)
        else:
            move(part, path)
        if validator and release.product == "ucdp-candidate":
            keep(_note(folder, release), Answer(url, validator, sha256))
        if reading is None:
            return None
        report = replace(reading.report, file=name)
        return Fetched(path, url, retrieved_at, replace(reading, report=report))
