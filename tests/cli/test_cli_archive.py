"""`tocsin archive`: what was said, checked and scored."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest
from cli_running import Run

from tocsin.errors import Busy
from tocsin.ledger import Ledger
from tocsin.panel import Panel
from tocsin.text import number
from tocsin.watch import Watch, current_panel, keep, score_draws, watch

DAY = dt.date(2021, 6, 20)
MADE = dt.datetime(2021, 6, 20, 8, tzinfo=dt.UTC)
METHODS = ("no-learning", "conflictology-12")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return current_panel(dt.date(2026, 1, 1), "figures")


@pytest.fixture(scope="module")
def said(panel: Panel) -> Watch:
    """Return what could be said on a day, as if it had been read as it stood."""
    return watch(dataclasses.replace(panel.known(DAY, 1), lag=None), as_of=DAY, methods=METHODS)


@pytest.fixture(scope="module")
def two(said: Watch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of two watches, to copy."""
    folder = tmp_path_factory.mktemp("two")
    keep(said, folder, clock=lambda: MADE)
    keep(dataclasses.replace(said, as_of=dt.date(2021, 6, 21)), folder, clock=lambda: MADE.replace(year=2026))
    return folder


@pytest.fixture
def archive(tmp_path: Path, two: Path) -> Path:
    return shutil.copytree(two, tmp_path / "home" / "archive")


def test_nothing_kept_is_said_with_the_remedy(run: Run) -> None:
    ran = run("archive")
    assert ran.code == 0
    told = " ".join(ran.out.split())
    assert "Nothing was kept in" in told
    assert "of watches up to 2026-02-01" in " ".join(run("archive", "--as-of", "2026-02-01").out.split())
    assert "`tocsin watch` keeps what it says there" in told
    assert json.loads(run("archive", "--json").out)["kept"] == []


@pytest.mark.parametrize(
    ("lang", "then", "all_told"), [("en", "that day", "1 watch,"), ("fr", "le jour même", "1 veille,")]
)
def test_each_watch_is_scored_and_what_was_said_on_its_day_is_summed(
    run: Run, archive: Path, panel: Panel, lang: str, then: str, all_told: str
) -> None:
    (first, _) = sorted(archive.iterdir())
    scores = {one.method: one for one in score_draws(first / "draws.parquet", panel)}
    ran = run("archive", "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    rows = [line for line in ran.out.splitlines() if re.match(r" ?2021-06-2", line)]
    assert [then in rows[0], "2026-06-20" in rows[1]] == [True, True]
    crps = [number(scores[name].crps, lang, decimals=2) for name in METHODS]  # type: ignore[arg-type]
    assert all(value in row for value in crps for row in rows)
    told = " ".join(ran.out.split())
    assert all_told in told
    known = number(scores[METHODS[0]].rows, lang)  # type: ignore[arg-type]
    assert " ".join(known.split()) in told.partition(all_told)[2]


def test_a_program_is_told_the_folders_and_nothing_of_watches_of_later_days(
    run: Run, archive: Path, said: Watch
) -> None:
    later = keep(dataclasses.replace(said, as_of=dt.date(2026, 2, 2)), archive, clock=lambda: MADE)
    told = json.loads(run("archive", "--json", "--as-of", "2026-02-01").out)["kept"]
    assert [one["as_of"] for one in told] == ["2021-06-20", "2021-06-21"]
    assert [one["on_its_day"] for one in told] == [True, False]
    assert [[each["method"] for each in one["scores"]] for one in told] == [list(METHODS)] * 2
    folders = [Path(one["folder"]) for one in json.loads(run("archive", "--json").out)["kept"]]
    assert folders == [*sorted(archive.iterdir())[:2], later.folder]


def test_an_archive_that_cannot_be_written_is_told_before_anything_is_forecast(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.watch.watch", lambda *_, **__: pytest.fail("forecast all the same"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "archive").write_text("a file")
    ran = run("watch", "--no-warnings")
    assert ran.code == 2
    assert str(tmp_path / "home" / "archive") in ran.err


def test_all_that_was_changed_is_named_beside_what_was_not_and_ends_with_5(
    run: Run, archive: Path, said: Watch
) -> None:
    whole = keep(dataclasses.replace(said, as_of=dt.date(2021, 6, 22)), archive, clock=lambda: MADE).folder
    first, second, _ = sorted(archive.iterdir())
    (first / "draws.parquet").write_bytes((whole / "draws.parquet").read_bytes()[:-1])
    table = pl.read_parquet(second / "forecasts.parquet")
    table.with_columns(pl.col("mean") + 1).write_parquet(second / "forecasts.parquet")
    ran = run("archive")
    assert ran.code == 5
    assert [name in ran.err for name in (first.name, second.name, whole.name)] == [True, True, False]
    assert [line.split()[0] for line in ran.out.splitlines() if "2021-06-2" in line] == ["2021-06-22"]
    assert "Traceback" not in ran.err
    ran = run("archive", "--json")
    assert (ran.code, [one["as_of"] for one in json.loads(ran.out)["kept"]]) == (5, ["2021-06-22"])


@pytest.mark.parametrize(("lang", "words"), [("en", "is no watch"), ("fr", "n'est pas une veille")])
def test_what_never_was_a_watch_is_remarked_on_and_the_others_are_listed(
    run: Run, archive: Path, lang: str, words: str
) -> None:
    (archive / "mine").mkdir()
    (archive / "notes.txt").write_text("mine too")
    ran = run("archive", "--lang", lang)
    assert ran.code == 0
    assert sum("2021-06-2" in line for line in ran.out.splitlines()) == 2
    assert [words in ran.err, "mine, notes.txt" in ran.err, str(archive) in ran.err] == [True] * 3
    told = json.loads(run("archive", "--json").out)
    assert told["strays"] == [str(archive / name) for name in ("mine", "notes.txt")]
    assert (len(told["kept"]), told["damaged"]) == (2, [])


def test_a_kept_watch_that_cannot_be_read_leaves_the_others_listed_and_ends_with_5(
    run: Run, archive: Path
) -> None:
    first, second = sorted(archive.iterdir())
    (first / "kept.json").unlink()
    ran = run("archive")
    assert ran.code == 5
    assert [first.name in ran.err, second.name in ran.err] == [True, False]
    assert sum("2021-06-2" in line for line in ran.out.splitlines()) == 1
    ran = run("archive", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["damaged"], [one["as_of"] for one in told["kept"]]) == (
        5,
        [str(first)],
        ["2021-06-21"],
    )


def test_a_watch_counts_as_made_on_the_day_on_which_it_began(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([dt.datetime(2026, 3, 1, 23, 59, 59, tzinfo=dt.UTC)])
    monkeypatch.setattr("tocsin.ledger.clock.now", lambda: next(moments))
    monkeypatch.setattr("tocsin.watch.watch", lambda *_, as_of, **__: as_of)
    monkeypatch.setattr("tocsin.watch.keep", lambda found, _, *, began: kept.append((found, began)))
    kept: list[tuple[dt.date, dt.datetime]] = []
    monkeypatch.setattr("tocsin.watch.screen", lambda *_, **__: "")
    assert run("watch", "--no-warnings").code == 0
    assert kept == [(dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 23, 59, 59, tzinfo=dt.UTC))]


def test_what_was_said_on_its_day_is_put_on_record_once(run: Run, archive: Path) -> None:
    before = [one["on_record"] for one in json.loads(run("archive", "--json").out)["kept"]]
    ran = run("archive", "--record", "Duty desk")
    (id,) = re.findall(r"on record in the ledger: 1 watch \((forecast-2021-06-20-\w+)\)", ran.err)
    told = [(one["on_record"], one["entry"]) for one in json.loads(run("archive", "--json").out)["kept"]]
    # The watch made afterwards said the same, so that its digest is on record too.
    assert (ran.code, before, told) == (0, [False, False], [(True, id), (True, id)])
    digest = json.loads(run("archive", "--json").out)["kept"][0]["watch_sha256"][:16]
    assert ran.out.count(f"{digest}*") == run("archive").out.count(f"{digest}*") == 2
    (held,) = json.loads(run("ledger", "log", "--json").out)
    assert (held["entry"]["id"], held["entry"]["author"]) == (id, "Duty desk")
    again = run("archive", "--record", "Night desk", "--lang", "fr")
    assert (again.code, "Aucune veille n'a été inscrite" in again.err) == (0, True)
    assert len(json.loads(run("ledger", "log", "--json").out)) == 1


@pytest.mark.parametrize(
    ("began", "words"),
    [(MADE, "on record in the ledger: 1 watch"), (MADE + dt.timedelta(days=1), "No watch was put on record")],
)
def test_a_watch_issued_at_once_is_put_on_record_where_it_is_of_its_day(
    run: Run, said: Watch, monkeypatch: pytest.MonkeyPatch, began: dt.datetime, words: str
) -> None:
    monkeypatch.setattr("tocsin.ledger.clock.now", lambda: began)
    monkeypatch.setattr("tocsin.cli.watch._panel", lambda *_: said.panel)
    monkeypatch.setattr("tocsin.watch.watch", lambda *_, **__: said)
    ran = run("watch", "--auto-issue", "Duty desk", "--as-of", "2021-06-20")
    assert (ran.code, words in ran.err) == (0, True)
    (one,) = json.loads(run("archive", "--json").out)["kept"]
    assert one["on_record"] is one["on_its_day"] is (began == MADE)


def test_without_a_role_nothing_is_put_on_record(run: Run, archive: Path, tmp_path: Path) -> None:
    ran = run("archive")
    assert (ran.code, len(re.findall(r"[0-9a-f]{16} ", ran.out))) == (0, 2)
    assert not (tmp_path / "home" / "ledger.sqlite").exists()


@pytest.mark.parametrize("words", [("archive", "--record"), ("watch", "--auto-issue")])
def test_a_role_that_is_none_is_refused_before_anything_is_made(
    run: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
) -> None:
    monkeypatch.setattr("tocsin.cli.watch._panel", lambda *_: pytest.fail("it went on"))
    for none in ("", "  ", "a\x07b"):
        ran = run(*words, none)
        assert (ran.code, ran.out) == (2, "")
        assert f"is not the name of a role. Name with {words[1]} the one" in ran.err
    assert {place.name for place in (tmp_path / "home").iterdir()} == {"archive"}


def test_what_is_put_on_record_is_so_from_today_on(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("archive", "--record", "Duty desk", "--as-of", "2026-06-30")
    assert (ran.code, ran.out, "Leave out --record or --as-of" in ran.err) == (2, "", True)
    assert run("archive", "--record", "Duty desk").code == 0
    # Nothing known later is read: neither deaths nor entries.
    before = json.loads(run("archive", "--as-of", "2026-06-30", "--json").out)["kept"]
    assert [(one["on_record"], one["recorded_at"]) for one in before] == [(False, None)] * 2
    assert "*:" in (listed := run("archive", "--as-of", "2026-06-30").out)
    assert re.search(r"[0-9a-f]{16}\*", listed) is None


@pytest.mark.parametrize("left", ["none at all", "one damaged"])
def test_where_there_is_nothing_to_put_on_record_nothing_is_claimed_nor_made(
    run: Run, archive: Path, tmp_path: Path, left: str
) -> None:
    for place in archive.iterdir():
        if left == "none at all":
            shutil.rmtree(place)
        elif place.name.startswith("2021-06-20"):
            (place / "draws.parquet").write_bytes(b"PAR1")
    ran = run("archive", "--record", "Duty desk")
    assert ran.code == (0 if left == "none at all" else 5)
    assert "none of those read here was made on its day" in " ".join(ran.err.split())
    assert "in the ledger already" not in ran.err
    assert not (tmp_path / "home" / "ledger.sqlite").exists()


def test_a_watch_on_record_that_is_gone_from_the_archive_is_named(run: Run, archive: Path) -> None:
    assert run("archive", "--record", "Duty desk").code == 0
    assert json.loads((whole := run("archive", "--json")).out)["gone"] == []
    assert "not in" not in whole.err
    for place in archive.iterdir():
        (place / "summary.json").write_text("{")
    # One that is damaged is told as such.
    assert "and not in" not in run("archive").err
    for place in archive.iterdir():
        shutil.rmtree(place)
    ran = run("archive", "--json")
    (id,) = json.loads(ran.out)["gone"]
    assert f"On record in the ledger, and not in {archive}: {id}." in ran.err


@pytest.mark.parametrize("record", [(), ("--record", "Duty desk")])
@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "on record (?) is not known"), ("fr", "pas quelles veilles sont au registre (?)")],
)
@pytest.mark.parametrize(("trouble", "code"), [("damaged", 5), ("down", 4)])
def test_where_the_ledger_cannot_be_asked_the_watches_are_listed_all_the_same(
    run: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str, code: int,
    lang: str, words: str, record: tuple[str, ...],
) -> None:  # fmt: skip
    if trouble == "damaged":
        (tmp_path / "home" / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    else:
        monkeypatch.setenv("TOCSIN_LEDGER_URL", "postgresql://nobody@127.0.0.1:9/none")
    ran = run("archive", "--lang", lang, *record)
    assert (ran.code, len(re.findall(r"[0-9a-f]{16}\? ", ran.out))) == (code, 2)
    assert (words in ran.err, "Traceback" in ran.err) == (True, False)
    ran = run("archive", "--json", *record)
    told = json.loads(ran.out)
    assert (ran.code, told["gone"]) == (code, None)
    assert [(one["on_record"], one["entry"], one["recorded_at"]) for one in told["kept"]] == [(None,) * 3] * 2


def test_where_the_ledger_takes_nothing_what_it_holds_is_told(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy("ledger.busy", path="it", seconds=1)
    monkeypatch.setattr("tocsin.ledger.Ledger.extend", Mock(side_effect=busy))
    ran = run("archive", "--record", "Duty desk", "--json")
    assert (ran.code, [one["on_record"] for one in json.loads(ran.out)["kept"]]) == (1, [False, False])


def test_a_ledger_that_was_mistyped_is_not_taken_for_an_empty_one(
    run: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mistyped.sqlite"
    monkeypatch.setenv("TOCSIN_LEDGER_URL", str(path))
    ran = run("archive", "--json")
    assert (ran.code, f"There is no ledger at {path}" in ran.err) == (2, True)
    told = json.loads(ran.out)
    assert ([one["on_record"] for one in told["kept"]], told["gone"]) == ([None, None], None)
    # Who records begins one there, as with `tocsin ledger add`.
    assert run("archive", "--record", "Duty desk").code == 0
    assert [one["on_record"] for one in json.loads(run("archive", "--json").out)["kept"]] == [True, True]


def test_what_was_kept_is_listed_where_nothing_is_known_of_what_happened(run: Run, archive: Path) -> None:
    told = " ".join(run("archive", "--data", "vault").out.split())
    ran = run("archive", "--data", "vault", "--json")
    kept = json.loads(ran.out)["kept"]
    assert [(one["as_of"], one["scores"]) for one in kept] == [("2021-06-20", []), ("2021-06-21", [])]
    assert (ran.code, json.loads(ran.out)["attribution"], "2021-06-20" in told) == (0, None, True)
    assert "so no total can be given" in ran.err
    (next(archive.iterdir()) / "draws.parquet").write_bytes(b"PAR1")
    assert run("archive", "--data", "vault").code == 5


def test_the_ledger_is_asked_once_of_what_it_holds(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("archive", "--record", "Duty desk").code == 0
    opened, open_ = [], Ledger.open
    monkeypatch.setattr(Ledger, "open", lambda *a, **k: opened.append(1) or open_(*a, **k))
    assert run("archive", "--record", "Duty desk").code == 0
    assert len(opened) == 1
