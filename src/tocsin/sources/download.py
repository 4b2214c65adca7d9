"""One file from an address, resumed where it broke off, never joined from two different ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import NotReachable
from tocsin.sources.answer import Answer, keep, kept, validator
from tocsin.sources.http import Interrupted, Tries, answer

if TYPE_CHECKING:
    import httpx

Progress = Callable[[int, int | None], None]
"""Called with what is done and the total, None where it is not known."""


def download(
    url: str,
    part: Path,
    client: httpx.Client,
    *,
    release: str,
    progress: Progress | None,
    sleep: Callable[[float], None],
) -> str:
    """Bring the bytes at `url` into `part`, whole, and return the validator of the answer they are from.

    What came of an answer that breaks off is left for the next call to go on from: by Range with If-Range,
    so that the server sends all anew if its file has changed. A server that gives no validator, for which
    an empty string is returned, is always asked for all. Source: RFC 9110, sections 13.1.5 and 14.
    """
    tries = Tries(url, sleep)
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _try(url, part, client, release, progress)
            break
        except Interrupted as cause:
            if part.exists() and part.stat().st_size > before:
                tries.progressed()
            tries.again(cause)
    origin = _known_origin(url, part)
    _note(part).unlink(missing_ok=True)
    return origin.validator if origin else ""


def discard(part: Path) -> None:
    """Remove a part and the note of what it was taken from."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _try(url: str, part: Path, client: httpx.Client, release: str, progress: Progress | None) -> None:
    origin = _known_origin(url, part)
    start = part.stat().st_size if origin else 0
    headers = {"Accept-Encoding": "identity"}
    if origin and start:
        headers |= {"Range": f"bytes={start}-", "If-Range": origin.validator}
    with answer(client, url, headers, release) as response:
        if response.status_code == 416:
            discard(part)
            raise Interrupted("HTTP 416")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise NotReachable("sources.encoded", url=url)
        if response.status_code == 206:
            first, total = _content_range(response)
            if first != start or validator(response) not in ("", origin.validator if origin else ""):
                discard(part)
                raise Interrupted("Content-Range")
        else:
            start = 0
            length = response.headers.get("content-length", "")
            total = int(length) if length.isdigit() else None
            _note(part).unlink(missing_ok=True)
            if found := validator(response):
                keep(_note(part), Answer(url, found))
        done = start
        with part.open("ab" if start else "wb") as stream:
            for block in response.iter_bytes():
                stream.write(block)
                done += len(block)
                if progress:
                    progress(done, total)
    if total is not None and done < total:
        raise Interrupted(f"{done} < {total}")
    if total is not None and done > total:
        discard(part)
        raise Interrupted(f"{done} > {total}")


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _known_origin(url: str, part: Path) -> Answer | None:
    origin = kept(_note(part))
    return origin if origin and origin.url == url and part.exists() else None


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """Return the first byte and the total of `Content-Range: bytes 100-199/200`."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, total = rest.partition("/")
    first = span.partition("-")[0]
    if unit != "bytes" or not first.isdigit():
        return None, None
    return int(first), int(total) if total.isdigit() else None
