"""The walk: nothing later reaches an earlier month, and the same run has the same bytes."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import importlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from package_faults import faults
from replay_world import METHOD, SPAN, STATES, panel_of, readings_of

from tocsin import figures, months, warn
from tocsin.errors import BadInput, Busy
from tocsin.kinds import KINDS
from tocsin.ledger import Ledger, entry, examples
from tocsin.panel import Panel
from tocsin.replay import Case, Replay, Settings, check_folder, lagged, look, replay, vaulted, walk, write
from tocsin.replay.record import write_ledger
from tocsin.text import say
from tocsin.warn import Evidence, Rule, Table
from tocsin.watch import current_groups

PLANTED = months.parse("2012-04")
AS_OF = dt.date(2026, 1, 1)


def _run(
    case: Case,
    panel: Panel,
    rules: tuple[Rule, ...],
    out: Path | None,
    *,
    priced: bool = False,
    table: Table | None = None,
    **more: object,
) -> Replay:
    if table is None:
        table = readings_of(panel, rules)
    groups = current_groups(panel.as_of, "figures")
    tracks = lagged(panel, case.lags, rules, groups)
    return replay(
        case, tracks, outcomes=panel, groups=groups, readings=table, method=METHOD, rules=rules,
        priced=priced, out=out, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def walked(
    case: Case, panel: Panel, rules: tuple[Rule, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("walked")
    write(_run(case, panel, rules, out), out)
    return out


def _parts(out: Path) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in sorted((out / "parts").glob("20*"))}


def _planted(deaths: np.ndarray, areas: Sequence[int], month: int, kind: int) -> np.ndarray:
    """Return deaths with some more in areas, in each another number."""
    later = deaths.copy()
    for more, area in enumerate(areas, start=1):
        later[STATES.index(area), month - SPAN.first, kind] += 5000 * more
    return later


@pytest.mark.parametrize("areas", [STATES[:1], STATES[1:]], ids=["its own", "of others"])
@pytest.mark.parametrize("ahead", [0, 1, 9])
def test_a_future_row_changes_no_earlier_month(
    areas: Sequence[int],
    ahead: int,
    case: Case,
    deaths: np.ndarray,
    rules: tuple[Rule, ...],
    walked: Path,
    tmp_path: Path,
) -> None:
    later = panel_of(_planted(deaths, areas, PLANTED + ahead, ahead % len(KINDS)))
    _run(case, later, rules, tmp_path)
    now, before = _parts(tmp_path), _parts(walked)
    assert now.keys() == before.keys()
    for name, content in before.items():
        if name < months.label(PLANTED + ahead):
            assert now[name] == content, name


def test_a_row_that_is_known_does_change_the_month(
    case: Case, deaths: np.ndarray, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    _run(case, panel_of(_planted(deaths, [432], PLANTED, 0)), rules, tmp_path)
    now, before = _parts(tmp_path), _parts(walked)
    # Lag 1: April is known on the first of June.
    assert now["2012-06.json"] != before["2012-06.json"]
    assert now["2012-03.json"] == before["2012-03.json"]


def test_deaths_of_twelve_months_are_not_told_where_eleven_were_out(panel: Panel) -> None:
    (track,) = lagged(panel, (1,), (), None)
    settings = Settings(432, (436,), METHOD, (), {})
    told = [look(track, SPAN.first + out + 1, settings, {}, {}).facts for out in (11, 12)]
    assert [facts["origin"] for facts in told] == ["2004-11", "2004-12"]
    assert told[0]["deaths_12"] is told[0]["neighbours"][0]["deaths_12"] is None
    assert told[1]["deaths_12"] == int(panel.series("total")[0, :12].sum())


def test_prices_do_not_see_a_future_row() -> None:
    shipped = figures.panel(as_of=AS_OF)
    later = shipped.deaths.copy()
    later[shipped.index(432), PLANTED - shipped.span.first, 0] += 5000
    settings = Settings(432, (), METHOD, (), {})
    found = []
    for panel in (shipped, dataclasses.replace(shipped, deaths=later)):
        (track,) = lagged(panel, (1,), (), None)
        found.append([look(track, PLANTED + ahead, settings, {}, {}).facts for ahead in (1, 2)])
    (now, known), (planted_now, planted_known) = found
    assert now["price"]["responses"]["mediation"]
    assert now == planted_now
    # Two months on, with a lag of one, the row is known.
    assert known["price"] != planted_known["price"]


def test_a_future_entry_changes_no_number(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    fewer = dataclasses.replace(case, entries=case.entries[:2])
    _run(fewer, panel, rules, tmp_path)
    assert _parts(tmp_path) == _parts(walked)


def test_the_same_replay_has_the_same_bytes(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    table = warn.make(Evidence(panel, {}), rules, method=METHOD)
    write(_run(case, panel, rules, tmp_path, table=table), tmp_path)
    names = {f.relative_to(walked).as_posix() for f in walked.rglob("*") if f.is_file()}
    assert names == {f.relative_to(tmp_path).as_posix() for f in tmp_path.rglob("*") if f.is_file()}
    assert {"ledger.sqlite", "account.en.pdf", "account.fr.html", "months.csv", "replay.json"} <= names
    for name in names:
        assert (walked / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_every_country_is_kept_and_the_rank_told_is_the_one_of_its_map(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path
) -> None:
    rows = pl.read_parquet(walked / "countries.parquet")
    with (walked / "months.csv").open(encoding="utf-8", newline="") as stream:
        told = [row for row in csv.DictReader(stream) if row["assessed"] == "True"]
    assert told
    for row in told:
        then = rows.filter(month=row["month"], track=row["track"])
        assert then.height == int(row["of"]) == len(panel.areas)
        own = then.row(by_predicate=pl.col("gw") == case.gw, named=True)
        assert (own["rank"], own["p_25_next_3"]) == (int(row["rank"]), float(row["p_25_next_3"]))
        # By probability up to 99 %, then by deaths, all the way down.
        kept = [
            (min(p, 0.99), e) for p, e in then.sort("rank").select("p_25_next_3", "expected_next_3").rows()
        ]
        assert kept == sorted(kept, reverse=True)


def test_a_reader_of_the_standard_reads_both_tables_as_they_are_described(walked: Path) -> None:
    held = json.loads((walked / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in held["resources"]] == ["months-csv", "countries-parquet"]
    assert [faults(walked, one["name"]) for one in held["resources"]] == [set(), set()]
    of_file = json.loads(pl.read_parquet_metadata(walked / "countries.parquet")["columns"])
    assert of_file == held["resources"][1]["schema"]["fields"]
    told = json.loads((walked / "replay.json").read_text(encoding="utf-8"))
    same = ("case", "span", "method", "tracks", "attribution")
    assert [held[name] for name in same] == [told[name] for name in same]
    assert (told["title"]["en"] in held["title"], told["title"]["fr"] in held["title_fr"]) == (True, True)
    assert check_folder(walked) == walked


def test_a_walk_that_was_broken_off_goes_on(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def stop(stage: str, done: float, total: float | None) -> None:
        if stage == say("replay.stage_month", None, month="2012-03"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(case, panel, rules, tmp_path, progress=stop)
    assert "2012-02.json" in _parts(tmp_path)
    assert "2012-03.json" not in _parts(tmp_path)
    (tmp_path / "parts" / "2012-03.npz").write_bytes(b"half")
    looked: list[int] = []
    walks = importlib.import_module("tocsin.replay.walk")
    real: Callable[..., object] = walks.look

    def counted(track: object, month: int, *rest: object, **more: object) -> object:
        looked.append(month)
        return real(track, month, *rest, **more)

    monkeypatch.setattr(walks, "look", counted)
    write(_run(case, panel, rules, tmp_path), tmp_path)
    assert min(looked) == months.parse("2012-03")
    assert _parts(tmp_path) == _parts(walked)
    assert (tmp_path / "ledger.sqlite").read_bytes() == (walked / "ledger.sqlite").read_bytes()


def test_parts_of_another_run_are_not_taken_over(
    case: Case, panel: Panel, deaths: np.ndarray, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    _run(case, panel_of(_planted(deaths, [432], PLANTED, 0)), rules, tmp_path)
    _run(case, panel, rules, tmp_path)
    assert _parts(tmp_path) == _parts(walked)


def test_a_walk_into_a_folder_that_another_has_taken_since_stops_and_leaves_it_its_parts(
    case: Case, panel: Panel, deaths: np.ndarray, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    def meanwhile(stage: str, done: float, total: float | None) -> None:
        if stage == say("replay.stage_month", None, month="2012-02"):
            _run(case, panel, rules, tmp_path)

    with pytest.raises(Busy, match="Another replay"):
        _run(case, panel_of(_planted(deaths, [432], PLANTED, 0)), rules, tmp_path, progress=meanwhile)
    assert _parts(tmp_path) == _parts(walked)


def test_parts_walked_without_readings_are_not_taken_over(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path, tmp_path: Path
) -> None:
    _run(case, panel, rules, tmp_path, table={})
    assert _parts(tmp_path) != _parts(walked)
    _run(case, panel, rules, tmp_path)
    assert _parts(tmp_path) == _parts(walked)


def _truncated(parts: Path) -> None:
    file = parts / "2012-03.npz"
    file.write_bytes(file.read_bytes()[:-200])


def _flipped(parts: Path) -> None:
    file = parts / "2012-03.npz"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)


def _locked(parts: Path) -> None:
    """Flip the one bit of the directory that says that an array needs a password."""
    file = parts / "2012-03.npz"
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] ^= 1
    file.write_bytes(content)


def _no_message(parts: Path) -> None:
    file = parts / "2012-03.json"
    values = json.loads(file.read_text(encoding="utf-8"))
    values["messages"]["lag-1"] = [{"id": "x"}]
    file.write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize("damage", [_truncated, _flipped, _locked, _no_message])
def test_a_damaged_part_is_walked_again(
    damage: Callable[[Path], None], case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    shutil.copytree(walked, tmp_path, dirs_exist_ok=True)
    damage(tmp_path / "parts")
    assert _parts(tmp_path) != _parts(walked)
    _run(case, panel, rules, tmp_path)
    assert _parts(tmp_path) == _parts(walked)


def test_a_month_that_no_release_covers_is_not_assessed(
    case: Case, deaths: np.ndarray, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    gap = slice(months.parse("2012-02") - SPAN.first, months.parse("2012-03") - SPAN.first + 1)
    holed = deaths.copy()
    holed[0, gap] = 0
    made = panel_of(holed)
    covered = made.covered.copy()
    covered[0, gap] = False
    found = _run(case, dataclasses.replace(made, covered=covered), rules, None)
    by_month = {months.label(step.month): step for step in found.steps}
    assert by_month["2012-02"].revealed is None
    # Lag 1: on 1 April February is the last month out, and Mali is not in it.
    assert by_month["2012-04"].of("lag-1")["assessed"] is False
    assert "ahead" not in by_month["2012-04"].of("lag-1")
    assert by_month["2012-04"].of("lag-7")["assessed"] is True


def test_every_month_says_what_its_numbers_are(
    case: Case, panel: Panel, rules: tuple[Rule, ...], walked: Path
) -> None:
    for step in _run(case, panel, rules, walked).steps:
        labels = [(f["label"], f["basis"]) for f in step.outlooks]
        assert labels == [
            ("reconstructed", "reconstructed, lag 1"), ("reconstructed", "reconstructed, lag 7")
        ]  # fmt: skip
        origin = months.parse(step.of("lag-7")["origin"])
        assert step.month - origin == 8


def test_a_span_outside_the_data_is_refused(panel: Panel, rules: tuple[Rule, ...]) -> None:
    settings = Settings(432, (), METHOD, rules, {})
    tracks = lagged(panel, (1,), rules, None)
    with pytest.raises(BadInput, match="2004-01:2013-12"):
        walk(tracks, months.Span.parse("2013-01:2014-02"), settings, outcomes=panel)


def test_the_ledger_of_a_replay_verifies_and_holds_what_was_said(
    case: Case, panel: Panel, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    found = _run(case, panel, rules, tmp_path)
    assert found.checked is not None
    assert not found.checked.problems
    held = [one for group in found.entries for one in group]
    assert found.checked.size == len(held)
    assert [one.id for one in held if not one.id.startswith("tocsin-")] == ["said", "refused", "sworn"]
    warned = [one for one in held if one.id.startswith("tocsin-exercise-reconstructed")]
    assert warned
    assert len(warned) + 3 == len(held)
    # Nothing pretends to have been recorded in the past.
    with Ledger.open(tmp_path / "ledger.sqlite", create=False) as ledger:
        assert {one.recorded_at[:10] for one in ledger.entries()} == {"2020-01-01"}


def test_a_warning_of_before_the_span_that_is_counted_stands_in_the_ledger(
    case: Case, deaths: np.ndarray
) -> None:
    earlier = deaths.copy()
    earlier[0] = 0
    begin = months.parse("2011-04") - SPAN.first
    earlier[0, begin : begin + 6, 0] = 50
    slow = Rule("slow", threshold=200, window=12, trigger=0.5, cancel=0.01, titles=("Slow", "Lente"))
    found = _run(case, panel_of(earlier), (slow,), None)
    held = {one.id for group in found.entries for one in group}
    counted = [one.warned for row in found.before for one in row if one.warned is not None]
    assert any("-2011-" in warning.id for warning in counted)
    assert {warning.id for warning in counted} <= held
    assert len(found.entries) == len(case.span) + 1


def _real(file: Path) -> None:
    with Ledger.open(file) as held:
        held.append(entry(examples()["event"]))


def _database(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
        connection.execute("INSERT INTO meta VALUES ('layout', '1')")
    connection.close()


FOREIGN = {
    "a ledger": _real,
    "a database": _database,
    "no database": lambda file: file.write_bytes(b"someone's work"),
    "an empty file": lambda file: file.touch(),
    "a log without its ledger": lambda file: file.with_name("ledger.sqlite-wal").write_bytes(b"x"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_ledger_that_is_no_replays_is_refused_and_left_as_it_is(
    kind: str, case: Case, panel: Panel, rules: tuple[Rule, ...], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    out = tmp_path / "out"
    out.mkdir()
    FOREIGN[kind](out / "ledger.sqlite")
    before = {f.name: f.read_bytes() for f in out.iterdir()}
    assert before
    for ask in (
        lambda: check_folder(out),
        lambda: write_ledger(out / "ledger.sqlite", [], name="x", compiled=dt.date(2020, 1, 1)),
        lambda: _run(case, panel, rules, out, table={}),
    ):
        with pytest.raises(BadInput, match="not the ledger of a replay"):
            ask()
        assert {f.name: f.read_bytes() for f in out.iterdir()} == before


def test_a_replays_own_ledger_is_replaced_and_nothing_beside_it(tmp_path: Path) -> None:
    file, copy = tmp_path / "ledger.sqlite", tmp_path / "ledger.sqlite.bak"
    write_ledger(file, [(entry(examples()["event"]),)], name="x", compiled=dt.date(2020, 1, 1))
    copy.write_bytes(b"someone's copy")
    # As a reader that was killed leaves it.
    (tmp_path / "ledger.sqlite-wal").touch()
    assert write_ledger(file, [], name="x", compiled=dt.date(2020, 1, 1)).size == 0
    assert {f.name for f in tmp_path.iterdir()} == {file.name, copy.name}
    assert copy.read_bytes() == b"someone's copy"


@pytest.mark.parametrize(
    ("bases", "label"),
    [(("retrieved",), "true_vintage"), (("stated", "retrieved"), "true_vintage"),
     (("retrieved", "assumed"), "published_version")],
)  # fmt: skip
def test_what_the_vault_held_is_called_by_how_its_day_is_known(
    bases: tuple[str, ...], label: str, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shelf:
        def vintages(self, *, as_of: dt.date) -> list[object]:
            return [SimpleNamespace(basis=basis, sha256=str(n)) for n, basis in enumerate(bases[:1])]

        def status(self, *, as_of: dt.date) -> SimpleNamespace:
            others = [SimpleNamespace(basis=basis, sha256=f"w{n}") for n, basis in enumerate(bases[1:])]
            return SimpleNamespace(withdrawn=tuple(others))

        def resolve(self, *, as_of: dt.date) -> None:
            return None

    asked: list[dt.date] = []

    def of_resolved(resolved: object, *, as_of: dt.date) -> Panel:
        asked.append(as_of)
        return panel.until(months.of_date(as_of) - 2)

    monkeypatch.setattr("tocsin.panel.of_resolved", of_resolved)
    track = vaulted(Shelf(), (), as_of=panel.as_of)  # type: ignore[arg-type]
    facts = look(track, PLANTED, Settings(432, (), METHOD, (), {}, priced=False), {}, {}).facts
    assert (facts["label"], facts["lag"], facts["origin"]) == (label, None, "2012-02")
    assert asked == [dt.date(2012, 4, 1)]
