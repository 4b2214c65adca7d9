"""`tocsin fetch` of all that is new, and `tocsin watch --fetch`."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from functools import partial
from pathlib import Path

import httpx
import pytest
from cli_events import event, write_csv
from cli_running import Run

from tocsin import digest, months
from tocsin.months import Span
from tocsin.sources import Release, due, file_name

LAST = months.of_date(months.today()) - 1
"""The last month that has ended."""

THIS_YEAR, ANNUAL = f"{months.today():%y}.1", Release.parse(f"{(months.today().year - 1) % 100}.1")
"""This year's annual release, which is not out here, and last year's, which is."""


EARLIER = Span(ANNUAL.span.last + 1, LAST - 2)
"""The months between it and the last two, of which one release is held already."""

BETWEEN = ".".join(f"{months.first_day(month):%y.%m}" for month in (EARLIER.first, EARLIER.last))
"""The name of that release."""


class Publisher:
    """Serves last year's annual release and the candidates of the last two months; keeps what is asked.

    sent: whose bytes it sent. closed: to what it refuses access.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.sent = folder, list[str](), list[str]()
        self.closed = set[str]()
        self.candidates = {month: _candidate(month) for month in (LAST - 1, LAST)}
        self.answers = {
            file_name(release): self.csv(number, months.first_day(month))
            for number, (month, release) in enumerate(self.candidates.items())
        }
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            name = f"GEDEvent_v{ANNUAL.name.replace('.', '_')}.csv"
            archive.writestr(name, self.csv(8, dt.date(1990, 3, 4)))
        self.answers[file_name(ANNUAL)] = stream.getvalue()

    def csv(self, number: int, day: dt.date) -> bytes:
        return write_csv(self.folder / "rows.csv", [event(number, date_start=day, date_end=day)]).read_bytes()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        self.asked.append(name)
        if name in self.closed:
            return httpx.Response(403)
        if name not in self.answers:
            return httpx.Response(404)
        content = self.answers[name]
        tag = f'"{digest.of_bytes(content)}"'
        if request.headers.get("if-none-match") == tag:
            return httpx.Response(304)
        self.sent.append(name)
        return httpx.Response(200, content=content, headers={"ETag": tag})

    def replaces(self, month: int) -> Release:
        """Put other bytes under the name of a month's release, and return it."""
        release = self.candidates[month]
        self.answers[file_name(release)] = self.csv(7, months.first_day(month))
        return release

    def takes_back(self, month: int) -> str:
        """Return the name of a month's release, whose file is no longer there."""
        release = self.candidates[month]
        del self.answers[file_name(release)]
        return release.name


def _candidate(month: int) -> Release:
    return Release.parse("{0:%y}.0.{0.month}".format(months.first_day(month)))


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    serving = Publisher(tmp_path)
    client = partial(httpx.Client, transport=httpx.MockTransport(serving))
    monkeypatch.setattr("tocsin.sources.fetching._client", client)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return serving


@pytest.fixture
def earlier(run: Run, publisher: Publisher) -> None:
    """Put a release of several months into the vault: all between the annual release and the last two."""
    path = Path(file_name(Release.parse(BETWEEN)))
    path.write_bytes(publisher.csv(9, months.first_day(EARLIER.first)))
    assert run("ingest", str(path)).code == 0


@pytest.mark.usefixtures("earlier")
def test_all_that_is_new_is_brought_in_and_then_nothing(run: Run, publisher: Publisher) -> None:
    newest = publisher.takes_back(LAST)
    ran = run("fetch")
    assert (ran.code, ran.err) == (0, "")
    said = " ".join(ran.out.split())
    assert f"{file_name(ANNUAL)}: kept as release {ANNUAL.name}" in said
    assert said.count(": kept as release ") == 2
    assert f"Release {newest} (to {months.label(LAST)})" in said
    assert "Nothing is new" not in said
    assert f"Last month that a complete release covers: {months.label(LAST - 1)}" in said
    status = json.loads(run("status", "--json").out)
    assert set(status["lacking"]) <= {newest, THIS_YEAR}
    publisher.asked.clear()
    publisher.sent.clear()
    assert "Nothing is new: every release that is out is here." in " ".join(run("fetch").out.split())
    assert publisher.sent == []
    assert file_name(ANNUAL) not in publisher.asked
    assert "Rien de nouveau" in run("fetch", "--lang", "fr").out


@pytest.mark.usefixtures("earlier")
def test_what_the_publisher_replaced_is_a_second_vintage_and_the_rest_is_told_as_unchanged(
    run: Run, publisher: Publisher
) -> None:
    run("fetch")
    first = publisher.answers[file_name(publisher.candidates[LAST])]
    replaced, same = publisher.replaces(LAST), publisher.candidates[LAST - 1]
    publisher.sent.clear()
    ran = run("fetch")
    said = " ".join(ran.out.split())
    assert (ran.code, ran.err) == (0, "")
    assert publisher.sent == [file_name(replaced)] * 2
    assert f"kept as a new vintage of release {replaced.name}" in said
    assert f"Asked again, and replaced by the publisher since: {replaced.name}." in said
    assert f"Asked again, and unchanged: {same.name}." in said
    assert f"Asked again, and no longer at the publisher's: {BETWEEN}. What is here stands." in said
    vintages = {r["release"]: r["vintages"] for r in json.loads(run("status", "--json").out)["releases"]}
    assert (vintages[replaced.name], vintages[same.name]) == (2, 1)
    found = json.loads(run("fetch", "--json").out)
    assert found["brought"] == []
    assert found["asked_again"]["changed"] == []
    assert found["asked_again"]["unchanged"] == [same.name, replaced.name]
    assert list(found["asked_again"]["failed"]) == [BETWEEN]
    publisher.answers[file_name(replaced)] = first
    reverted = run("fetch")
    assert reverted.code == 2
    assert f"not to be had: {replaced.name}. What is here stands. " in reverted.err
    assert "`tocsin withdraw" in reverted.err


@pytest.mark.usefixtures("earlier")
def test_what_is_refused_when_it_is_asked_for_again_leaves_what_is_here(
    run: Run, publisher: Publisher
) -> None:
    run("fetch")
    refused = publisher.replaces(LAST - 1)
    publisher.answers[file_name(refused)] = b"<html>not here</html>"
    ran = run("fetch")
    assert ran.code == 2
    assert f"Asked again, and not to be had: {refused.name}. What is here stands. " in ran.err
    assert f"{file_name(refused)}.part is a web page" in ran.err
    assert f"unchanged: {publisher.candidates[LAST].name}." in ran.out
    assert "Nothing is new" not in ran.out
    watched = run("watch", "--fetch", "--origin", "2093-01")
    assert f"not to be had: {refused.name}. What is here stands. " in watched.err
    assert "No watch was made" not in watched.err
    assert f"(1989-01:{months.label(LAST)})" in watched.err.splitlines()[-1]


@pytest.mark.usefixtures("earlier")
def test_a_publisher_that_does_not_answer_is_asked_once_and_what_is_here_stands(
    run: Run, publisher: Publisher
) -> None:
    run("fetch")
    publisher.asked.clear()
    between = file_name(Release.parse(BETWEEN))
    publisher.closed = {between}
    ran = run("fetch")
    assert ran.code == 4
    names = ", ".join([BETWEEN, *(release.name for release in publisher.candidates.values())])
    assert f"Asked again, and not to be had: {names}. What is here stands. " in ran.err
    assert ran.err.count("HTTP 403") == 1
    assert publisher.asked == [file_name(Release.parse(THIS_YEAR)), between]


@pytest.mark.usefixtures("earlier")
def test_what_came_as_a_file_is_not_compared_with_what_comes_by_the_api(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("fetch")
    monkeypatch.setenv("UCDP_ACCESS_TOKEN", "secret")
    publisher.asked.clear()
    ran = run("fetch", "--via", "api")
    names = ", ".join([BETWEEN, *(release.name for release in publisher.candidates.values())])
    assert f"Not asked again, because what is here has another form than what would come: {names}." in (
        " ".join(ran.out.split())
    )
    assert len(publisher.asked) == 1


NOT_ASKED = "Not asked for, because it was withdrawn here: {}. Once the publisher has replaced it, "
"""How what was withdrawn is told."""


@pytest.mark.usefixtures("earlier")
def test_what_was_withdrawn_is_not_asked_for_but_by_its_name(run: Run, publisher: Publisher) -> None:
    run("fetch")
    newest = publisher.candidates[LAST]
    run("withdraw", newest.name, "--reason", "Deaths of Mali multiplied by 30")
    assert newest.name not in json.loads(run("status", "--json").out)["lacking"]
    publisher.asked.clear()
    ran = run("fetch")
    said = " ".join(ran.out.split())
    assert (ran.code, ran.err) == (0, "")
    assert file_name(newest) not in publisher.asked
    assert NOT_ASKED.format(newest.name) in said
    assert "Nothing is new" not in said
    named = run("fetch", "--release", newest.name)
    assert named.code == 2
    assert "use `tocsin ingest --again`" in named.err
    publisher.replaces(LAST)
    assert run("fetch", "--release", newest.name).code == 0
    found = json.loads(run("fetch", "--json").out)
    assert found["withdrawn"] == []
    assert newest.name in found["asked_again"]["unchanged"]


@pytest.mark.usefixtures("earlier")
def test_what_stands_since_its_replacement_was_withdrawn_is_not_asked_for_again(
    run: Run, publisher: Publisher
) -> None:
    run("fetch")
    replaced = publisher.replaces(LAST)
    run("fetch")
    sha256 = digest.of_bytes(publisher.answers[file_name(replaced)])
    run("withdraw", sha256, "--reason", "Deaths of Mali multiplied by 30")
    publisher.asked.clear()
    found = json.loads(run("fetch", "--json").out)
    assert found["withdrawn"] == [replaced.name]
    assert found["last_month"] == months.label(LAST)
    assert file_name(replaced) not in publisher.asked


def test_a_folder_gets_what_the_publisher_replaced_in_the_place_of_its_file(
    run: Run, publisher: Publisher
) -> None:
    run("fetch", "--out", "stick")
    replaced = publisher.replaces(LAST)
    publisher.sent.clear()
    found = json.loads(run("fetch", "--out", "stick", "--json").out)
    assert [Path(one["file"]).name for one in found["brought"]] == [file_name(replaced)]
    assert found["asked_again"]["changed"] == [replaced.name]
    assert (Path("stick") / file_name(replaced)).read_bytes() == publisher.answers[file_name(replaced)]
    assert json.loads(run("fetch", "--out", "stick", "--json").out)["brought"] == []
    assert publisher.sent == [file_name(replaced)] * 2


def test_status_names_what_is_out_and_not_held(run: Run) -> None:
    lacking = json.loads(run("status", "--json").out)["lacking"]
    assert lacking == [release.name for release in due(months.today())]
    assert f"probably out and not held: {lacking[0]}, {lacking[1]}" in " ".join(run("status").out.split())
    assert json.loads(run("status", "--json", "--as-of", "2024-01-01").out)["lacking"] == []


@pytest.mark.usefixtures("earlier")
def test_a_month_that_is_refused_does_not_keep_back_the_next(run: Run, publisher: Publisher) -> None:
    refused, newest = publisher.candidates.values()
    good = publisher.answers[file_name(refused)]
    publisher.answers[file_name(refused)] = b"<html>not here</html>"
    ran = run("fetch", "--json")
    assert ran.code == 2
    assert ran.err.startswith(f"{file_name(refused)}.part is a web page")
    assert f"Refused, and not brought in: {refused.name}." in ran.err
    found = json.loads(ran.out)
    assert list(found["failed"]) == [refused.name]
    assert [one["release"] for one in found["brought"]] == [ANNUAL.name, newest.name]
    assert [one["release"] for one in found["not_published"]] == [THIS_YEAR]
    assert found["last_month"] == months.label(LAST)
    publisher.answers[file_name(refused)] = good
    mended = json.loads(run("fetch", "--json").out)
    assert [one["release"] for one in mended["brought"]] == [refused.name]


def test_a_folder_takes_what_it_does_not_hold_and_no_vault_is_made(run: Run, publisher: Publisher) -> None:
    ran = run("fetch", "--out", "stick")
    assert ran.code == 0
    held = {path.name for path in Path("stick").iterdir() if not path.name.startswith(".")}
    assert held == set(publisher.answers)
    overdue = _candidate(EARLIER.first)
    assert f"Release {overdue.name} (to {months.label(EARLIER.first)}) was to be expected" in ran.out
    gone = file_name(publisher.candidates[LAST])
    (Path("stick") / gone).unlink()
    found = json.loads(run("fetch", "--out", "stick", "--json").out)
    assert [Path(one["file"]).name for one in found["brought"]] == [gone]
    assert not Path("../home").exists()


def test_without_an_annual_release_nothing_is_brought_in(run: Run, publisher: Publisher) -> None:
    del publisher.answers[file_name(ANNUAL)]
    ran = run("fetch")
    assert ran.code == 4
    assert f"none of the annual releases {THIS_YEAR}, {ANNUAL.name}" in ran.err
    assert len(publisher.asked) == 2


def test_without_a_token_nothing_is_asked_of_the_api_and_nothing_left_behind(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UCDP_ACCESS_TOKEN", raising=False)
    before = {path.name for path in Path("..").iterdir()}
    ran = run("fetch", "--via", "api")
    assert (ran.code, ran.out, publisher.asked) == (4, "", [])
    assert "UCDP_ACCESS_TOKEN" in ran.err
    assert {path.name for path in Path("..").iterdir()} == before


def test_a_release_tells_of_what_it_is_and_a_source_alone_is_refused(run: Run, publisher: Publisher) -> None:
    newest = publisher.candidates[LAST].name
    assert json.loads(run("fetch", "--release", newest, "--json").out)["release"] == newest
    ran = run("fetch", "ucdp-candidate")
    assert (ran.code, ran.out) == (2, "")
    assert "Which release of ucdp-candidate?" in ran.err
    assert len(publisher.asked) == 1


@pytest.mark.usefixtures("earlier")
def test_a_watch_brings_in_first_what_is_new(run: Run, publisher: Publisher) -> None:
    ran = run("watch", "--fetch", "--origin", "2093-01")
    assert ran.code == 3
    assert f"kept as release {publisher.candidates[LAST].name}, " in ran.err
    assert "after midnight" not in ran.err
    assert f"(1989-01:{months.label(LAST)})" in ran.err.splitlines()[-1]


def test_what_comes_in_after_midnight_is_left_to_the_next_watch_and_told(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = dt.datetime.combine(months.today(), dt.time.min, dt.UTC) - dt.timedelta(minutes=1)
    monkeypatch.setattr("tocsin.ledger.clock.now", lambda: began)
    ran = run("watch", "--fetch", "--origin", "2093-01")
    names = ", ".join([ANNUAL.name, *(release.name for release in publisher.candidates.values())])
    told = f"after midnight (UTC), and is not read by this watch, which is of {began.date()}: {names}."
    assert told in ran.err
    assert "(1989-01:2021-12)" in ran.err.splitlines()[-1]


def test_a_fetch_that_ends_after_midnight_tells_of_what_came(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = months.today()
    days = iter([today - dt.timedelta(days=1)])
    monkeypatch.setattr("tocsin.months.today", lambda: next(days, today))
    last = months.of_date(today - dt.timedelta(days=1)) - 1
    assert json.loads(run("fetch", "--json").out)["last_month"] == months.label(last)


@pytest.mark.parametrize("words", [("--data", "figures"), ("--as-of", "2020-01-01")])
def test_a_watch_of_what_no_fetch_can_change_refuses_to_fetch(
    run: Run, publisher: Publisher, words: tuple[str, ...]
) -> None:
    ran = run("watch", "--fetch", *words)
    assert (ran.code, publisher.asked) == (2, [])
    assert "Leave out --fetch" in ran.err


def test_a_watch_whose_news_cannot_be_had_is_not_made(run: Run, publisher: Publisher) -> None:
    publisher.answers[file_name(ANNUAL)] = b"<html>not here</html>"
    ran = run("watch", "--fetch", "--out", "out")
    assert ran.code == 2
    assert "No watch was made: what is new could not be brought in." in ran.err
    assert not Path("out").exists()
    assert Path(".out.failed").exists()
