"""Asking again for a file that is here: nothing is sent or kept where it is the same."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from ged_table import row, text

from tocsin import digest
from tocsin.errors import BadFile, NotPublished, NotReachable
from tocsin.sources import Fetched, Release, fetch, fetch_again
from tocsin.sources.http import TRIES

RELEASE = Release.parse("23.0.10")
NAME = "GEDEvent_v23_0_10.csv"
OLD = text([row(n) for n in range(1, 60)]).encode()
NEW = text([row(n, best=7) for n in range(1, 60)]).encode()
MODIFIED = "Mon, 20 Nov 2023 09:00:00 GMT"


class Publisher:
    """Has one file, under some validator; keeps what was asked and how often the bytes were sent."""

    def __init__(self, content: bytes, **headers: str) -> None:
        self.content, self.headers = content, headers
        self.asked: list[httpx.Request] = []
        self.sent = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        tag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if request.headers.get("if-none-match", "?") == tag or (
            request.headers.get("if-modified-since", "?") == modified
        ):
            return httpx.Response(304)
        self.sent += 1
        return httpx.Response(200, content=self.content, headers=self.headers)


def first(publisher: Publisher, out: Path) -> frozenset[str]:
    """Fetch the file and return the digest by which it is known; the file itself goes into a vault."""
    with httpx.Client(transport=httpx.MockTransport(publisher)) as client:
        came = fetch("ucdp-candidate", release=RELEASE.name, out=out, client=client)
    came.path.unlink()
    return frozenset({came.reading.digest})


def again(publisher: object, out: Path, known: frozenset[str]) -> Fetched | None:
    with httpx.Client(transport=httpx.MockTransport(publisher)) as client:  # type: ignore[arg-type]
        return fetch_again(RELEASE, out=out, known=known, client=client, sleep=lambda seconds: None)


@pytest.mark.parametrize(
    "headers", [{"ETag": '"one"', "Last-Modified": MODIFIED}, {"ETag": 'W/"one"', "Last-Modified": MODIFIED}]
)
def test_a_publisher_that_says_that_nothing_changed_sends_nothing(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    publisher = Publisher(OLD, **headers)
    known = first(publisher, tmp_path)
    assert again(publisher, tmp_path, known) is None
    assert publisher.sent == 1
    conditions = {"if-none-match", "if-modified-since"} & set(publisher.asked[-1].headers)
    assert conditions == {"if-none-match" if headers["ETag"] == '"one"' else "if-modified-since"}


def test_a_publisher_that_heeds_no_condition_is_read_no_further_than_its_validator(tmp_path: Path) -> None:
    known = first(Publisher(OLD, ETag='"one"'), tmp_path)

    def heedless(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"<html>not read</html>", headers={"ETag": '"one"'})

    assert again(heedless, tmp_path, known) is None


def test_what_was_replaced_comes_and_is_known_from_then_on(tmp_path: Path) -> None:
    known = first(Publisher(OLD, ETag='"one"'), tmp_path)
    publisher = Publisher(NEW, ETag='"two"')
    came = again(publisher, tmp_path, known)
    assert came is not None
    assert came.path.read_bytes() == NEW
    assert again(publisher, tmp_path, known | {came.reading.digest}) is None
    assert publisher.sent == 2


def test_without_a_validator_the_bytes_come_and_are_compared_and_nothing_is_kept(tmp_path: Path) -> None:
    publisher = Publisher(OLD)
    known = first(publisher, tmp_path)
    assert again(publisher, tmp_path, known) is None
    assert publisher.sent == 2
    assert list(tmp_path.iterdir()) == []


def test_the_same_bytes_under_another_validator_are_the_same(tmp_path: Path) -> None:
    known = first(Publisher(OLD, ETag='"one"'), tmp_path)
    moved = Publisher(OLD, ETag='"two"')
    assert [again(moved, tmp_path, known), again(moved, tmp_path, known)] == [None, None]
    assert moved.sent == 2
    assert [path.name for path in tmp_path.iterdir()] == [f".{NAME}.json"]


@pytest.mark.parametrize("lost", ["note", "bytes"])
def test_a_note_counts_for_the_bytes_that_are_here_and_for_no_others(tmp_path: Path, lost: str) -> None:
    publisher = Publisher(OLD, ETag='"one"')
    known = first(publisher, tmp_path)
    if lost == "note":
        (tmp_path / f".{NAME}.json").write_text("{")
        assert again(publisher, tmp_path, known) is None
    else:
        came = again(publisher, tmp_path, frozenset({digest.of_bytes(NEW)}))
        assert came is not None
        assert came.path.read_bytes() == OLD
    assert publisher.sent == 2


def test_what_cannot_be_had_anew_is_an_error_and_leaves_the_note(tmp_path: Path) -> None:
    known = first(Publisher(OLD, ETag='"one"'), tmp_path)
    note = (tmp_path / f".{NAME}.json").read_bytes()
    asked = []

    def silent(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(503)

    with pytest.raises(NotPublished):
        again(lambda request: httpx.Response(404), tmp_path, known)
    with pytest.raises(NotReachable):
        again(silent, tmp_path, known)
    assert len(asked) == TRIES
    with pytest.raises(BadFile):
        again(Publisher(b"<html>log in</html>", ETag='"two"'), tmp_path, known)
    assert [path.name for path in tmp_path.iterdir()] == [f".{NAME}.json"]
    assert (tmp_path / f".{NAME}.json").read_bytes() == note
