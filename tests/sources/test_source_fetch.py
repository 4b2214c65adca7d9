"""Fetching from the publisher, played by a mock transport with its recorded shapes."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from filled_disk import room_for
from ged_table import row, text

from tocsin.errors import BadFile, BadInput, NotReachable, UnknownName
from tocsin.sources import Release, address, fetch
from tocsin.sources.http import TRIES

CSV = text([row(n) for n in range(1, 60)]).encode()
URL = "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v23_0_10.csv"


class Publisher:
    """Answers requests in turn with what the test gave it, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self.progress: list[tuple[int, int | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, httpx.Response) else answer(request)

    def fetch(
        self, out: Path, source: str = "ucdp-candidate", release: str = "23.0.10", **options: str
    ) -> Path:
        with httpx.Client(transport=httpx.MockTransport(self)) as client:
            fetched = fetch(
                source, release=release, out=out, client=client, sleep=self.waits.append,
                progress=lambda done, total: self.progress.append((done, total)), **options,  # type: ignore[arg-type]
            )  # fmt: skip
        assert not list(out.glob("*.part*"))
        return fetched.path


class Cut(httpx.SyncByteStream):
    """A body that breaks off."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx.ReadError("connection reset")


def whole(content: bytes = CSV, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"ETag": '"one"', **headers})


def cut(content: bytes, at: int, tag: str = '"one"') -> httpx.Response:
    headers = {"ETag": tag, "Content-Length": str(len(content))}
    return httpx.Response(200, headers=headers, stream=Cut(content[:at]))


def rest(content: bytes, tag: str = '"one"') -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return httpx.Response(206, content=content[start:], headers={"Content-Range": span, "ETag": tag})

    return answer


@pytest.mark.parametrize(
    ("release", "url"),
    [
        ("25.1", "https://ucdp.uu.se/downloads/ged/ged251-csv.zip"),
        ("25.0.1", "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v25_0_1.csv"),
        ("25.01.25.12", "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v25_01_25_12.csv"),
    ],
)
def test_addresses(release: str, url: str) -> None:
    assert address(Release.parse(release)) == url


def test_a_candidate_release(tmp_path: Path) -> None:
    publisher = Publisher(whole())
    path = publisher.fetch(tmp_path)
    assert path == tmp_path / "GEDEvent_v23_0_10.csv"
    assert path.read_bytes() == CSV
    assert str(publisher.requests[0].url) == URL
    assert publisher.progress[-1] == (len(CSV), len(CSV))
    assert publisher.waits == []


def test_an_annual_release(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("GEDEvent_v24_1.csv", CSV)
    path = Publisher(whole(stream.getvalue())).fetch(tmp_path, "ucdp-ged", "24.1")
    assert path.name == "ged241-csv.zip"


def test_a_busy_publisher_is_asked_again_when_it_says(tmp_path: Path) -> None:
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    publisher = Publisher(
        httpx.Response(503), httpx.Response(503, headers={"Retry-After": "7"}), httpx.Response(500),
        httpx.Response(429, headers={"Retry-After": later}),
        httpx.Response(429, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 -0000"}), whole(),
    )  # fmt: skip
    publisher.fetch(tmp_path)
    assert publisher.waits[:3] == [1.0, 7.0, 4.0]
    assert publisher.waits[3] == pytest.approx(60, abs=5)
    assert publisher.waits[4] == 0


def test_a_publisher_that_asks_for_more_than_two_minutes_is_given_up_on(tmp_path: Path) -> None:
    publisher = Publisher(httpx.Response(503, headers={"Retry-After": "121"}))
    with pytest.raises(NotReachable):
        publisher.fetch(tmp_path)
    assert publisher.waits == []


def test_a_publisher_that_never_answers(tmp_path: Path) -> None:
    publisher = Publisher(*[httpx.Response(503)] * TRIES)
    with pytest.raises(NotReachable) as caught:
        publisher.fetch(tmp_path)
    assert publisher.waits == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert caught.value.exit_code == 4
    assert caught.value.values["reason"] == "HTTP 503"
    assert "HTTP 503" in caught.value.message("fr")


def test_a_cut_connection_is_gone_on_from(tmp_path: Path) -> None:
    publisher = Publisher(cut(CSV, 4000), rest(CSV))
    assert publisher.fetch(tmp_path).read_bytes() == CSV
    second = publisher.requests[1].headers
    assert (second["range"], second["if-range"]) == ("bytes=4000-", '"one"')


def test_a_connection_cut_over_and_over_is_gone_on_from_as_long_as_something_comes(tmp_path: Path) -> None:
    def some(request: httpx.Request) -> httpx.Response:
        answer = rest(CSV)(request)
        return httpx.Response(206, headers=answer.headers, stream=Cut(answer.content[:1000]))

    publisher = Publisher(cut(CSV, 1000), *[some] * TRIES, rest(CSV))
    assert publisher.fetch(tmp_path).read_bytes() == CSV
    assert publisher.waits == [1.0] * (TRIES + 1)


def test_a_part_left_behind_is_gone_on_from_by_a_later_call(tmp_path: Path) -> None:
    with pytest.raises(NotReachable):
        Publisher(cut(CSV, 4000), *[httpx.Response(503)] * TRIES).fetch(tmp_path)
    assert (tmp_path / "GEDEvent_v23_0_10.csv.part").stat().st_size == 4000
    assert not (tmp_path / "GEDEvent_v23_0_10.csv").exists()
    assert Publisher(rest(CSV)).fetch(tmp_path).read_bytes() == CSV


@pytest.mark.parametrize("gone", [True, False], ids=["part deleted", "of another address"])
def test_a_note_alone_or_of_another_address_is_no_part_to_go_on_from(tmp_path: Path, gone: bool) -> None:
    with pytest.raises(NotReachable):
        Publisher(cut(CSV, 4000), *[httpx.Response(503)] * TRIES).fetch(tmp_path)
    part, note = sorted(tmp_path.iterdir())
    if gone:
        part.unlink()
    else:
        note.write_text(note.read_text().replace("ucdp.uu.se", "example.org"))
    publisher = Publisher(whole())
    assert publisher.fetch(tmp_path).read_bytes() == CSV
    assert "range" not in publisher.requests[0].headers


def test_a_body_shorter_than_announced_is_gone_on_from(tmp_path: Path) -> None:
    headers = {"ETag": '"one"', "Content-Length": str(len(CSV))}
    short = httpx.Response(200, headers=headers, stream=httpx.ByteStream(CSV[:5000]))
    assert Publisher(short, rest(CSV)).fetch(tmp_path).read_bytes() == CSV


def test_a_file_that_changed_meanwhile_is_taken_anew(tmp_path: Path) -> None:
    other = text([row(n, best=7) for n in range(1, 60)]).encode()
    assert Publisher(cut(CSV, 4000), whole(other, ETag='"two"')).fetch(tmp_path).read_bytes() == other


def test_a_part_of_another_file_is_never_joined(tmp_path: Path) -> None:
    other = text([row(n, best=7) for n in range(1, 60)]).encode()
    careless = Publisher(cut(CSV, 4000), rest(other, '"two"'), whole(other, ETag='"two"'))
    assert careless.fetch(tmp_path).read_bytes() == other
    assert "range" not in careless.requests[2].headers


@pytest.mark.parametrize(("first", "end"), [(0, len(CSV) - 4000), (4000, len(CSV) + 9)])
def test_a_rest_that_is_not_the_one_asked_for_is_never_joined(tmp_path: Path, first: int, end: int) -> None:
    headers = {"Content-Range": f"bytes {first}-{end - 1}/{len(CSV)}", "ETag": '"one"'}
    careless = httpx.Response(206, content=(CSV + CSV)[first:end], headers=headers)
    publisher = Publisher(cut(CSV, 4000), careless, whole())
    assert publisher.fetch(tmp_path).read_bytes() == CSV
    assert "range" not in publisher.requests[2].headers


def test_without_a_strong_validator_all_is_asked_for_again(tmp_path: Path) -> None:
    publisher = Publisher(cut(CSV, 4000), cut(CSV, 4000, 'W/"weak"'), whole())
    assert publisher.fetch(tmp_path).read_bytes() == CSV
    assert "range" not in publisher.requests[2].headers


def test_a_range_that_cannot_be_had_begins_anew(tmp_path: Path) -> None:
    publisher = Publisher(cut(CSV, 4000), httpx.Response(416), whole())
    assert publisher.fetch(tmp_path).read_bytes() == CSV


@pytest.mark.parametrize(
    ("status", "key"), [(401, "not_allowed"), (403, "not_allowed"), (404, "not_found"), (418, "refused")]
)
def test_a_refusal_is_final(tmp_path: Path, status: int, key: str) -> None:
    publisher = Publisher(httpx.Response(status))
    with pytest.raises(NotReachable) as caught:
        publisher.fetch(tmp_path)
    assert caught.value.key == f"sources.{key}"
    assert publisher.waits == []


def test_a_login_page_is_not_data(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        Publisher(whole(b"<!doctype html><title>Log in</title>")).fetch(tmp_path)
    assert caught.value.key == "sources.html"
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_file_sent_as_whole_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        Publisher(whole(CSV[:-100])).fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_packed_answer_is_refused(tmp_path: Path) -> None:
    stream = httpx.ByteStream(b"\x1f\x8b")
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)
    with pytest.raises(NotReachable) as caught:
        Publisher(packed).fetch(tmp_path)
    assert caught.value.key == "sources.encoded"


def page(total: int, *numbers: int) -> httpx.Response:
    return httpx.Response(
        200, json={"TotalCount": total, "TotalPages": 2, "Result": [row(n) for n in numbers]}
    )


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("UCDP_ACCESS_TOKEN", "secret")
    return "secret"


def test_pages_of_the_api(tmp_path: Path, token: str) -> None:
    publisher = Publisher(page(3, 1, 2), httpx.Response(503), httpx.Response(400), page(3, 3))
    path = publisher.fetch(tmp_path, via="api")
    assert path.name == "gedevents-23.0.10.jsonl"
    assert [
        json.loads(line)["Result"][0]["id"] for line in path.read_text(encoding="utf-8").splitlines()
    ] == [1, 3]
    assert publisher.requests[0].headers["x-ucdp-access-token"] == token
    assert str(publisher.requests[-1].url).endswith("/api/gedevents/23.0.10?pagesize=1000&page=1")
    assert publisher.progress == [(2, 3), (3, 3)]


def test_a_missing_token_is_named_and_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UCDP_ACCESS_TOKEN", raising=False)
    publisher = Publisher()
    with pytest.raises(NotReachable, match="UCDP_ACCESS_TOKEN"):
        publisher.fetch(tmp_path, via="api")
    assert publisher.requests == []


def test_a_token_is_not_carried_elsewhere(tmp_path: Path, token: str) -> None:
    publisher = Publisher(httpx.Response(302, headers={"Location": "https://example.org/"}))
    with pytest.raises(NotReachable):
        publisher.fetch(tmp_path, via="api")
    assert len(publisher.requests) == 1


def test_a_refused_token_does_not_show_itself(tmp_path: Path, token: str) -> None:
    with pytest.raises(NotReachable) as caught:
        Publisher(httpx.Response(401, text="API token required")).fetch(tmp_path, via="api")
    assert caught.value.key == "sources.not_allowed"
    assert token not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ([page(3, 1, 2), page(3)], "pages_incomplete"),
        ([page(0)], "pages_incomplete"),
        ([page(3, 1, 2), page(4, 3)], "total_changed"),
        ([page(1, 1, 2)], "pages_incomplete"),
        ([httpx.Response(200, json={"error": "x"})], "not_a_page"),
        ([httpx.Response(200, text="<html>log in</html>")], "html"),
    ],
)
def test_pages_that_do_not_add_up_are_not_peace(
    tmp_path: Path, token: str, answers: list[httpx.Response], key: str
) -> None:
    with pytest.raises(BadFile) as caught:
        Publisher(*answers).fetch(tmp_path, via="api")
    assert caught.value.key == f"sources.{key}"
    assert list(tmp_path.iterdir()) == []


def test_a_page_cut_short_is_asked_for_again(tmp_path: Path, token: str) -> None:
    broken = httpx.Response(200, text=json.dumps({"TotalCount": 1, "Result": [row(1)]})[:-40])
    publisher = Publisher(broken, page(1, 1))
    publisher.fetch(tmp_path, via="api")
    assert publisher.waits == [1.0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("all_proxy", "socks://127.0.0.1:1080"),
        ("HTTPS_PROXY", "http://proxy:port"),
        ("no_proxy", "[::1]"),
        ("SSL_CERT_FILE", "/nonexistent.pem"),
        ("SSL_CERT_FILE", __file__),
    ],
)
def test_a_setting_of_the_environment_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for other in [*os.environ]:
        if other.upper().endswith("_PROXY"):
            monkeypatch.delenv(other)
    if "no" not in name:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    with pytest.raises(NotReachable) as caught:
        fetch("ucdp-candidate", release="23.0.10", out=tmp_path)
    assert caught.value.values["variables"] == name
    assert name in caught.value.message("fr")


def test_a_full_disk_is_told_with_the_folder_and_what_came_is_gone_on_from(tmp_path: Path) -> None:
    with room_for(1_000), pytest.raises(BadInput, match=rf"^{tmp_path} cannot be written: File too large"):
        Publisher(whole()).fetch(tmp_path)
    assert Publisher(rest(CSV)).fetch(tmp_path).read_bytes() == CSV


def test_addresses_that_lead_to_each_other_are_not_followed_without_end(tmp_path: Path) -> None:
    publisher = Publisher(*[httpx.Response(302, headers={"Location": URL})] * 21)
    with pytest.raises(NotReachable) as caught:
        publisher.fetch(tmp_path)
    assert caught.value.key == "sources.redirects"
    assert publisher.waits == []


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="ucdp-candidate"):
        fetch("acled", release="25.1", out=tmp_path)
    with pytest.raises(BadInput, match="tocsin fetch ucdp-ged"):
        fetch("ucdp-candidate", release="25.1", out=tmp_path)
