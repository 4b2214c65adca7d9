"""The archive: what was said is kept once, found again, and told from what was changed since."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.errors import BadInput, Damaged
from tocsin.forecast import Forecast
from tocsin.panel import Panel
from tocsin.watch import Archive, Kept, Watch, keep, kept, score_draws, watch
from tocsin.watch.archive import by_day

DAY = dt.date(2012, 1, 15)
NOON = dt.datetime(2012, 1, 15, 12, tzinfo=dt.UTC)
METHODS = ("no-learning", "conflictology-12")


@pytest.fixture(scope="module")
def found(panel: Panel) -> Watch:
    return watch(panel.until(panel.span.last - 1), as_of=DAY, methods=METHODS)


@pytest.fixture
def held(found: Watch, tmp_path: Path) -> Kept:
    return keep(found, tmp_path, clock=lambda: NOON)


def test_what_is_kept_is_found_as_it_was_made(found: Watch, held: Kept, tmp_path: Path) -> None:
    assert kept(tmp_path).watches == (held,)
    assert (held.as_of, held.origin, held.methods) == (DAY, found.origin, METHODS)
    assert (held.digest, held.began_at, held.kept_at) == (found.digest, NOON, NOON)
    assert held.folder.name == f"2012-01-15-{found.digest[:16]}"
    assert [one.digest for one in held.forecasts()] == [one.digest for one in found.forecasts]


def test_nothing_was_kept_where_there_is_no_archive(tmp_path: Path) -> None:
    assert kept(tmp_path / "archive") == Archive()


def test_the_same_watch_is_kept_once_and_stays_as_it_is(
    found: Watch, held: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.watch.archive.write_tables", lambda *_: pytest.fail("written again"))
    later = keep(found, tmp_path, clock=lambda: NOON + dt.timedelta(days=9))
    assert later == held
    assert [place.name for place in tmp_path.iterdir()] == [held.folder.name]


def test_watches_stand_by_their_day_and_then_by_when_they_were_made(
    panel: Panel, found: Watch, tmp_path: Path
) -> None:
    other = watch(panel.until(panel.span.last - 3), as_of=DAY, methods=METHODS)
    eve = dataclasses.replace(found, as_of=dt.date(2012, 1, 14))
    hours = {found: 9, other: 7, eve: 11}
    for one, hour in hours.items():
        keep(one, tmp_path, clock=lambda hour=hour: NOON.replace(hour=hour))  # type: ignore[misc]
    assert [(one.as_of.day, one.kept_at.hour) for one in kept(tmp_path).watches] == [
        (14, 11),
        (15, 7),
        (15, 9),
    ]


@pytest.mark.parametrize(
    ("as_of", "lag", "made", "then", "told"),
    [
        (DAY, None, NOON, True, ("that day", "le jour même")),
        (DAY, None, NOON + dt.timedelta(days=1), False, ("2012-01-16", "2012-01-16")),
        (DAY, 1, NOON, False, ("exercise", "exercice")),
        (dt.date(2012, 6, 1), None, NOON.replace(month=6, day=1), False, ("exercise", "exercice")),
    ],
    ids=["on its day", "the day after", "reconstructed", "from old data"],
)
def test_what_was_said_on_its_day_is_told_from_what_was_made_afterwards(
    found: Watch,
    tmp_path: Path,
    as_of: dt.date,
    lag: int | None,
    made: dt.datetime,
    then: bool,
    told: tuple[str, str],
) -> None:
    panel = dataclasses.replace(found.panel, lag=lag)
    one = keep(dataclasses.replace(found, as_of=as_of, panel=panel), tmp_path, clock=lambda: made)
    assert one.on_its_day is then
    assert [one.made("en"), one.made("fr")] == list(told)


@pytest.mark.parametrize("mark", [{"test": True}, {"basis": "test, made up"}])
def test_invented_data_are_an_exercise(held: Kept, tmp_path: Path, mark: dict[str, object]) -> None:
    file = held.folder / "summary.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | mark), encoding="utf-8")
    (one,) = kept(tmp_path).watches
    assert [held.on_its_day, one.on_its_day] == [True, False]


@pytest.mark.parametrize(
    ("began", "then", "told"),
    [
        (NOON.replace(hour=23, minute=59), True, "that day"),
        (NOON.replace(day=16, hour=0), False, "2012-01-16"),
    ],
)
def test_a_watch_is_of_the_day_on_which_it_began(
    found: Watch, tmp_path: Path, began: dt.datetime, then: bool, told: str
) -> None:
    ended = dt.datetime(2012, 1, 16, 0, 4, tzinfo=dt.UTC)
    one = keep(found, tmp_path, began=began, clock=lambda: ended)
    assert (one.began_at, one.kept_at) == (began, ended)
    assert (one.on_its_day, one.made("en")) == (then, told)


def test_the_day_a_watch_was_made_on_is_that_of_utc(held: Kept, tmp_path: Path) -> None:
    (held.folder / "kept.json").write_text('{"kept_at": "2012-01-16T08:00:00+09:00"}')
    (one,) = kept(tmp_path).watches
    assert one.kept_at.isoformat() == "2012-01-15T23:00:00+00:00"
    assert one.on_its_day


def test_of_a_day_the_watch_made_on_it_stands_and_then_the_last(panel: Panel, tmp_path: Path) -> None:
    for back, later in ((1, 0), (3, 2), (4, 1)):
        said = watch(panel.until(panel.span.last - back), as_of=DAY, methods=METHODS[:1])
        keep(said, tmp_path, clock=lambda later=later: NOON + dt.timedelta(days=later))  # type: ignore[misc]
    held = kept(tmp_path).watches
    assert by_day(held) == {DAY: held[0]}
    assert by_day(held[:0:-1]) == {DAY: held[2]}


def test_a_watch_by_one_method_with_countries_not_assessed_is_read_back_and_scored(
    panel: Panel, tmp_path: Path
) -> None:
    covered, deaths = panel.covered.copy(), panel.deaths.copy()
    covered[panel.index(432)], deaths[panel.index(432)] = False, 0
    partial = dataclasses.replace(panel, covered=covered, deaths=deaths)
    said = watch(partial.until(panel.span.last - 1), as_of=DAY, methods=METHODS[1:])
    one = keep(said, tmp_path, clock=lambda: NOON)
    (made,) = one.forecasts()
    assert made.digest == said.lead.digest
    assert not made.assessed[made.index(432)]
    (scores,) = one.scored(panel)
    assert scores.rows == int(made.assessed.sum())


def test_a_watch_that_wrote_an_empty_text_for_a_code_that_there_is_not_is_read_as_before(
    panel: Panel, tmp_path: Path
) -> None:
    with_kosovo = dataclasses.replace(panel, areas=(347, *panel.areas[1:]))
    held = keep(watch(with_kosovo, as_of=DAY, methods=METHODS[1:]), tmp_path)
    file = held.folder / "forecasts.parquet"
    table = pl.read_parquet(file)
    assert table["iso3"].null_count() == 12
    table.with_columns(pl.col("iso3").fill_null("")).write_parquet(file)
    (made,) = held.forecasts()
    assert 347 in made.areas


def test_scores_are_those_of_the_draws_in_the_order_of_the_methods(panel: Panel, held: Kept) -> None:
    scores = held.scored(panel)
    assert tuple(one.method for one in scores) == METHODS
    assert sorted(scores, key=lambda one: one.method) == list(
        score_draws(held.folder / "draws.parquet", panel)
    )
    assert held.scored(panel.until(held.origin)) == ()


def _change(file: Path, column: str, by: float) -> None:
    table = pl.read_parquet(file)
    row = table[column].is_not_null().arg_true()[0]
    values = table[column].to_list()
    values[row] += by
    table.with_columns(pl.Series(column, values, dtype=table[column].dtype)).write_parquet(file)


@pytest.mark.parametrize(
    ("file", "column", "by"),
    [
        ("draws.parquet", "outcome", 1),
        ("forecasts.parquet", "mean", 0.01),
        ("forecasts.parquet", "p_25", -1e-3),
        ("forecasts.parquet", "month_id", 1),
        *(("ranking.parquet", f"{name}_next_3", 1e-3) for name in ("expected", "low_80", "high_80", "p_25")),
        ("ranking.parquet", "p_25_next_3_other_method", -1e-3),
    ],
)
def test_one_number_changed_since_is_found(
    panel: Panel, held: Kept, tmp_path: Path, file: str, column: str, by: float
) -> None:
    _change(held.folder / file, column, by)
    (one,) = kept(tmp_path).watches
    with pytest.raises(Damaged, match=rf"{held.folder.name} .*changed since"):
        one.scored(panel)


def test_a_digest_changed_with_the_draws_is_not_that_of_the_folder(held: Kept, tmp_path: Path) -> None:
    other = shutil.copytree(held.folder, tmp_path / "2012-01-15-0123456789abcdef")
    one = next(one for one in kept(tmp_path).watches if one.folder == other)
    with pytest.raises(Damaged, match="changed since"):
        one.forecasts()


def test_a_number_taken_away_or_a_row_added_is_found(held: Kept) -> None:
    file = held.folder / "forecasts.parquet"
    whole = pl.read_parquet(file)
    for changed in (
        whole.with_columns(mean=pl.when(pl.col("gw") == 432).then(None).otherwise(pl.col("mean"))),
        pl.concat([whole, whole.head(1)]),
        whole.with_columns(note=pl.lit("")),
    ):
        changed.write_parquet(file)
        with pytest.raises(Damaged, match="changed since"):
            held.forecasts()


def test_a_digest_changed_alone_is_found(held: Kept, tmp_path: Path) -> None:
    file = held.folder / "summary.json"
    file.write_text(file.read_text(encoding="utf-8").replace(held.digest, held.digest[:-1] + "x"), "utf-8")
    (one,) = kept(tmp_path).watches
    with pytest.raises(Damaged, match="changed since"):
        one.forecasts()


@pytest.mark.parametrize("renamed", [True, False])
def test_another_day_than_that_of_the_folder_is_found(held: Kept, tmp_path: Path, renamed: bool) -> None:
    if renamed:
        held.folder.rename(tmp_path / held.folder.name.replace("2012-01-15", "2012-01-14"))
    else:
        file = held.folder / "summary.json"
        file.write_text(file.read_text(encoding="utf-8").replace("2012-01-15", "2012-01-14"), "utf-8")
    (one,) = kept(tmp_path).watches
    with pytest.raises(Damaged, match="day or its name were changed since"):
        one.forecasts()


@pytest.mark.parametrize("name", ["summary.json", "kept.json"])
@pytest.mark.parametrize("content", [None, "{", "[]", '{"as_of": "yesterday"}'])
def test_a_folder_that_cannot_be_read_is_named_beside_those_that_can(
    found: Watch, held: Kept, tmp_path: Path, name: str, content: str | None
) -> None:
    (held.folder / name).unlink()
    if content is not None:
        (held.folder / name).write_text(content)
    other = keep(dataclasses.replace(found, as_of=dt.date(2012, 1, 17)), tmp_path)
    archive = kept(tmp_path)
    assert archive.watches == (other,)
    assert [place.name for place in archive.damaged] == [held.folder.name]
    assert f"{held.folder.name} cannot be read" in archive.damaged[held.folder].message("en")
    assert archive.spoilt("2012-01-15") is archive.damaged[held.folder]
    assert archive.spoilt("2012-01-17") is None


@pytest.mark.parametrize(
    "change", [{"draws": None}, {"draws": "x"}, {"months_ahead": 3}, {"inputs_sha256": 0}]
)
def test_facts_that_cannot_be_read_are_named(held: Kept, change: dict[str, object]) -> None:
    summary = {**held.summary, **change}
    if summary["inputs_sha256"] == 0:
        del summary["inputs_sha256"]
    with pytest.raises(Damaged, match=f"{held.folder.name} cannot be read"):
        dataclasses.replace(held, summary=summary).forecasts()


def test_a_table_or_month_that_is_none_is_named(held: Kept, tmp_path: Path) -> None:
    (held.folder / "forecasts.parquet").write_bytes(b"PAR1")
    with pytest.raises(Damaged, match=f"{held.folder.name} cannot be read"):
        held.forecasts()
    (held.folder / "summary.json").write_text(json.dumps({**held.summary, "origin": "2012-13"}))
    (wrong,) = kept(tmp_path).damaged.values()
    assert f"{held.folder.name} cannot be read" in wrong.message("en")


def test_an_archive_is_made_with_its_folders_and_refused_where_it_is_closed(
    found: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keep(found, tmp_path / "home" / "archive").digest == found.digest
    monkeypatch.setattr("tocsin.watch.archive.writable", lambda _: False)
    with pytest.raises(BadInput, match="Permission denied"):
        keep(found, tmp_path / "home" / "archive")


def test_draws_that_are_gone_are_named_as_unreadable(held: Kept) -> None:
    (held.folder / "draws.parquet").unlink()
    with pytest.raises(Damaged, match=r"cannot be read.*copy"):
        held.forecasts()


def test_an_archive_that_cannot_be_written_leaves_nothing_behind(
    found: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="file"):
        keep(found, tmp_path / "file")
    with pytest.raises(Damaged, match="file"):
        kept(tmp_path / "file")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tocsin.watch.archive.write_tables", full)
    with pytest.raises(BadInput, match="No space left"):
        keep(found, tmp_path / "archive")
    assert list((tmp_path / "archive").iterdir()) == []


def test_of_two_that_keep_the_same_at_once_the_first_stands(
    found: Watch, held: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(held.folder, tmp_path / "aside")

    def meanwhile(watch: Watch, folder: Path) -> None:
        (folder / "summary.json").write_text(json.dumps(watch.summary()))
        shutil.move(tmp_path / "aside", held.folder)

    monkeypatch.setattr("tocsin.watch.archive.write_tables", meanwhile)
    assert keep(found, tmp_path).kept_at == NOON
    assert [place.name for place in tmp_path.iterdir()] == [held.folder.name]


def test_what_a_killed_watch_left_is_removed_by_a_later_one_of_another_day(
    found: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tocsin.watch.archive.write_tables", killed)
        patch.setattr("tocsin.watch.archive.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            keep(found, tmp_path)
    (left,) = tmp_path.iterdir()
    assert kept(tmp_path) == Archive()
    os.utime(left, (0, 0))
    one = keep(dataclasses.replace(found, as_of=dt.date(2012, 1, 17)), tmp_path)
    assert list(tmp_path.iterdir()) == [one.folder]


def test_what_never_was_a_watch_is_told_from_one_that_is_damaged(held: Kept, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "summary.json").write_text("{}")
    shutil.copytree(held.folder, tmp_path / "renamed")
    (tmp_path / "renamed" / "summary.json").unlink()
    (tmp_path / "2012-01-16-0123456789abcdef").write_text("a file where a folder was")
    archive = kept(tmp_path)
    assert archive.watches == (held,)
    assert [place.name for place in archive.strays] == ["notes.txt", "results"]
    assert [place.name for place in archive.damaged] == ["2012-01-16-0123456789abcdef", "renamed"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_what_it_leads_to(found: Watch, held: Kept, tmp_path: Path) -> None:
    other = keep(found, tmp_path / "other", clock=lambda: NOON).folder
    shutil.rmtree(held.folder)
    held.folder.symlink_to(other)
    (tmp_path / "2012-01-16-0123456789abcdef").symlink_to(tmp_path / "gone")
    (tmp_path / "astray").symlink_to(tmp_path / "gone")
    archive = kept(tmp_path)
    assert archive.watches == (held,)
    assert [place.name for place in archive.damaged] == ["2012-01-16-0123456789abcdef"]
    assert [place.name for place in archive.strays] == ["astray", "other"]


def test_the_digest_of_a_forecast_stays_what_it_was_from_one_version_to_the_next() -> None:
    made = Forecast(
        level="country", scheme="gw", areas=(432, 436), origin=600, steps=(1, 2), target="total",
        method="tocsin", draws=np.arange(12, dtype=np.int32).reshape(2, 2, 3),
        assessed=np.array([True, False]), inputs="0" * 64,
    )  # fmt: skip
    assert made.digest == "4650b2edb642a912462311c86859d82083123854b5d2897b6db4565264ee846a"
