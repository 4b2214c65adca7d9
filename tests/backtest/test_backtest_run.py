"""Resuming, jobs, the cluster: the same bytes however the work was done."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from filled_disk import room_for

from tocsin import backtest, months
from tocsin.errors import BadFile, BadInput, NotReachable, TocsinError, UnknownName
from tocsin.months import Span
from tocsin.panel import Panel

ORIGINS = list(Span.parse("2012-01:2013-02"))


def _run(panel: Panel, out: Path, **changes: object) -> backtest.Backtest:
    settings: dict[str, object] = {
        "method": "conflictology-12", "target": "sb", "origins": ORIGINS, "steps": range(1, 13), "draws": 200,
    }  # fmt: skip
    return backtest.run(panel, out=out, **{**settings, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def serial(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _run(panel, tmp_path_factory.mktemp("serial") / "out.parquet").file.read_bytes()


def test_two_processes_write_the_same_bytes_and_leave_no_parts(
    panel: Panel, serial: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"
    seen: list[float] = []
    before = dict(os.environ)
    made = _run(panel, out, jobs=2, progress=lambda stage, done, total: seen.append(done))
    assert made.file.read_bytes() == serial
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.parquet"]
    assert seen == list(range(len(ORIGINS) + 1))
    assert dict(os.environ) == before


def test_the_order_of_origins_does_not_matter(panel: Panel, serial: bytes, tmp_path: Path) -> None:
    assert (
        _run(panel, tmp_path / "o.parquet", origins=ORIGINS[::-1] + ORIGINS[:3]).file.read_bytes() == serial
    )


_CHILD = """
import pickle, sys, time
from pathlib import Path
from tocsin import backtest

def wait(stage, done, total):
    if done == 5:
        print("half-way", flush=True)
        time.sleep(600)

if __name__ == "__main__":
    panel, settings, jobs = pickle.loads(Path(sys.argv[1]).read_bytes())
    backtest.run(panel, out=Path(sys.argv[2]), jobs=jobs, progress=wait, **settings)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_killed_half_way_goes_on_where_it_stopped(
    panel: Panel, serial: bytes, tmp_path: Path, jobs: int
) -> None:
    script, given, out = tmp_path / "child.py", tmp_path / "given", tmp_path / "out.parquet"
    script.write_text(_CHILD, encoding="utf-8")
    settings = {
        "method": "conflictology-12", "target": "sb", "origins": ORIGINS, "steps": list(range(1, 13)),
        "draws": 200,
    }  # fmt: skip
    given.write_bytes(pickle.dumps((panel, settings, jobs)))
    with subprocess.Popen(
        [sys.executable, str(script), str(given), str(out)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half-way\n"
        child.send_signal(signal.SIGKILL)
    parts = tmp_path / "out.parquet.parts"
    assert not out.exists()
    done = {file: file.stat().st_mtime_ns for file in parts.glob("*/2*.parquet")}
    assert len(done) == 5

    seen: list[float] = []
    notices: list[str] = []
    kept: dict[Path, int] = {}

    def look(stage: str, count: float, total: float | None) -> None:
        seen.append(count)
        kept.update({file: file.stat().st_mtime_ns for file in done if file.exists()})

    made = _run(panel, out, progress=look, notice=notices.append)
    assert seen[0] == len(done)
    assert kept == done
    assert len(notices) == 1
    assert str(len(done)) in notices[0]
    assert made.file.read_bytes() == serial
    assert not parts.exists()


def test_a_part_that_the_disk_refuses_is_one_message_and_the_others_are_kept(
    panel: Panel, serial: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"
    sizes = [part.stat().st_size for part in _stop_after(len(ORIGINS) - 1, panel, tmp_path / "whole.parquet")]
    with room_for(max(sizes) - 1), pytest.raises(BadInput, match=r"parquet cannot be written: .*space left"):
        _run(panel, out)
    kept = [part.stat().st_size for part in sorted(tmp_path.glob("out.parquet.parts/*/*"))]
    assert kept == sizes[: sizes.index(max(sizes))]
    assert not list(tmp_path.glob("out.parquet.parts/*/.*"))
    assert _run(panel, out).file.read_bytes() == serial


def test_two_processes_with_the_same_run_both_come_to_its_results(
    panel: Panel, serial: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"

    def overtaken(stage: str, done: float, total: float | None) -> None:
        if done == 5:
            assert _run(panel, out).file.read_bytes() == serial

    assert _run(panel, out, progress=overtaken).file.read_bytes() == serial
    assert list(tmp_path.iterdir()) == [out]


def test_a_whole_run_is_only_read(panel: Panel, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    _run(panel, out)
    before = out.stat().st_mtime_ns
    seen: list[float] = []
    _run(panel, out, progress=lambda stage, done, total: seen.append(done))
    assert out.stat().st_mtime_ns == before
    assert seen == []
    _run(panel, out, origins=ORIGINS[:3])
    assert backtest.read(out).origins == tuple(ORIGINS[:3])


def test_damaged_results_are_refused_and_made_again(panel: Panel, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    _run(panel, out, origins=ORIGINS[:2])
    whole = out.read_bytes()
    out.write_bytes(whole[:600] + bytes(byte ^ 255 for byte in whole[600:640]) + whole[640:])
    with pytest.raises(BadFile, match="is damaged"):
        backtest.read(out)
    _run(panel, out, origins=ORIGINS[:2])
    assert out.read_bytes() == whole


def _stop_after(count: int, panel: Panel, out: Path, **changes: object) -> list[Path]:
    """Run, be interrupted after `count` origins, and return the parts that are left."""

    def stop(stage: str, done: float, total: float | None) -> None:
        if done == count:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(panel, out, progress=stop, **changes)
    return sorted(out.with_name(out.name + ".parts").glob("*/*.parquet"))


def test_damaged_parts_are_told_and_made_again(panel: Panel, serial: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    short, flipped, foreign, *_ = _stop_after(5, panel, out)
    short.write_bytes(short.read_bytes()[:100])
    content = bytearray(flipped.read_bytes())
    content[len(content) // 3] ^= 0xFF
    flipped.write_bytes(content)
    pq.write_table(pq.read_table(foreign).replace_schema_metadata({}), foreign)
    notices: list[str] = []
    assert _run(panel, out, notice=notices.append).file.read_bytes() == serial
    for file in (short, flipped, foreign):
        assert any(str(file) in told for told in notices)


def test_parts_of_other_settings_are_never_taken(panel: Panel, serial: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    others = _stop_after(4, panel, out, method="conflictology-6")
    assert len(others) == 4
    assert _run(panel, out).file.read_bytes() == serial
    assert all(file.exists() for file in others)


@pytest.fixture(scope="module")
def cluster() -> object:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as started:
        yield started


def test_a_cluster_writes_the_same_bytes(
    panel: Panel, serial: bytes, tmp_path: Path, cluster: object
) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    assert _run(panel, tmp_path / "o.parquet", cluster=address).file.read_bytes() == serial


def test_a_worker_killed_half_way_changes_nothing(
    panel: Panel, serial: bytes, tmp_path: Path, cluster: object
) -> None:
    from distributed import Client

    address = cluster.scheduler_address  # type: ignore[attr-defined]
    with Client(address, set_as_default=False) as client:
        workers = client.run(os.getpid)
    killed: list[int] = []

    def kill(stage: str, done: float, total: float | None) -> None:
        if done >= 3 and not killed:
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    assert _run(panel, tmp_path / "o.parquet", cluster=address, progress=kill).file.read_bytes() == serial
    assert killed


def test_an_error_on_a_cluster_is_one_message(panel: Panel, tmp_path: Path, cluster: object) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    broken = _Breaking(panel)
    with pytest.raises(ZeroDivisionError) as told:
        _run(broken, tmp_path / "o.parquet", cluster=address)  # type: ignore[arg-type]
    # Any of the origins may be the first that a worker takes.
    named = [months.label(origin) for origin in ORIGINS]
    assert any(label in note for note in told.value.__notes__ for label in named)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let other processes find what this file defines."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_worker_names_the_origin(panel: Panel, tmp_path: Path, jobs: int) -> None:
    with pytest.raises(ZeroDivisionError) as told:
        _run(_Breaking(panel), tmp_path / "o.parquet", jobs=jobs)  # type: ignore[arg-type]
    assert any("2012-" in note for note in told.value.__notes__)


class _Breaking:
    """A panel that breaks when cut, as a defect in a method would."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or name == "panel":
            raise AttributeError(name)
        return getattr(self.panel, name)

    def until(self, origin: int) -> Panel:
        raise ZeroDivisionError


@pytest.mark.usefixtures("known")
def test_a_worker_that_dies_is_one_message_and_what_was_done_is_kept(panel: Panel, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    with pytest.raises(NotReachable) as told:
        _run(_Deadly(panel), out, jobs=2)  # type: ignore[arg-type]
    assert told.value.key == "backtest.worker_died"


class _Deadly(_Breaking):
    def until(self, origin: int) -> Panel:
        os._exit(9)


@pytest.mark.usefixtures("known")
def test_who_stops_a_run_does_not_wait_for_its_workers(panel: Panel, tmp_path: Path) -> None:
    def stop(stage: str, done: float, total: float | None) -> None:
        if done:
            raise KeyboardInterrupt

    out, began = tmp_path / "out.parquet", time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _run(_Slow(panel), out, jobs=2, progress=stop)  # type: ignore[arg-type]
    assert time.monotonic() - began < 60
    assert [file.stem for file in out.with_name("out.parquet.parts").glob("*/*")] == ["2012-01"]


class _Slow(_Breaking):
    def until(self, origin: int) -> Panel:
        if origin > ORIGINS[0]:
            time.sleep(120)
        return self.panel.until(origin)


def test_no_scheduler_answers(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("tocsin.backtest.executors._CONNECT_SECONDS", 1)
    with pytest.raises(NotReachable, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        _run(panel, tmp_path / "o.parquet", cluster="tcp://127.0.0.1:1")
    with pytest.raises(BadInput, match="with its port"):
        _run(panel, tmp_path / "o.parquet", cluster="localhost")
    assert list(tmp_path.iterdir()) == []


def test_without_distributed_the_remedy_is_said(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"pip install 'tocsin\[cluster\]'"):
        _run(panel, tmp_path / "o.parquet", cluster="tcp://127.0.0.1:1")


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"method": "conflictologie-12"}, UnknownName, "conflictology-12"),
        ({"target": "everything"}, UnknownName, "sb, ns, os, total"),
        ({"origins": [months.parse("2016-01")]}, BadInput, "2008-01:2015-12"),
        ({"origins": [months.parse("2009-06")]}, BadInput, "18 months"),
        ({"origins": []}, BadInput, "No origin"),
        ({"origins": [months.parse("2015-12")]}, BadInput, "No outcome is known"),
        ({"steps": [0, 1]}, BadInput, "between 1 and 36"),
        ({"steps": [99]}, BadInput, "between 1 and 36"),
        ({"steps": []}, BadInput, "No step"),
        ({"draws": 12}, BadInput, "at least 200"),
        ({"jobs": 0}, BadInput, "at least 1"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(
    panel: Panel, tmp_path: Path, changes: dict[str, object], kind: type[TocsinError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        _run(panel, tmp_path / "out.parquet", **changes)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_file_is_refused_before_the_work(panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    seen: list[float] = []
    for out, told in (
        (tmp_path / "file" / "o.parquet", "cannot be written"), (tmp_path, "is a folder"),
        (tmp_path / "o.csv", r"ends in \.parquet"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=told):
            _run(panel, out, progress=lambda stage, done, total: seen.append(done))
    assert seen == []


def test_other_files_and_other_versions_are_refused(panel: Panel, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    made = _run(panel, out, origins=ORIGINS[:1])
    table = pq.read_table(out)
    (facts,) = (text for key, text in table.schema.metadata.items() if key == b"tocsin.backtest")
    later = facts.replace(b'"schema": 1', b'"schema": 2')
    assert later != facts
    pq.write_table(table.replace_schema_metadata({b"tocsin.backtest": later}), out)
    with pytest.raises(BadFile, match="version 2"):
        backtest.read(made.file)
    for lacking in ("level", "unscored"):
        less = {key: value for key, value in json.loads(facts).items() if key != lacking}
        pq.write_table(table.replace_schema_metadata({b"tocsin.backtest": json.dumps(less).encode()}), out)
        with pytest.raises(BadFile, match=r"out\.parquet"):
            backtest.read(out)
    pq.write_table(table.replace_schema_metadata({}), out)
    with pytest.raises(BadFile, match="not a file of backtest results"):
        backtest.read(out)
    out.write_bytes(b"PAR1 nothing")
    with pytest.raises(BadFile, match="not a file of backtest results"):
        backtest.read(out)
    with pytest.raises(BadFile, match="not a file of backtest results"):
        backtest.read(tmp_path / "absent.parquet")


@pytest.mark.parametrize(
    ("text", "steps"), [("1-3,6", (1, 2, 3, 6)), ("36", (36,)), ("3, 1-2", (1, 2, 3)), ("2-2", (2,))]
)
def test_steps_as_written(text: str, steps: tuple[int, ...]) -> None:
    assert backtest.parse_steps(text) == steps


@pytest.mark.parametrize("text", ["", "a", "3-1", "1-", "0-3", "1-99", "1,,2", "-1", "1.5"])
def test_steps_that_are_none(text: str) -> None:
    with pytest.raises(BadInput):
        backtest.parse_steps(text)


def test_every_other_origin() -> None:
    span = Span.parse("2012-01:2012-12")
    assert [months.label(origin) for origin in backtest.origins_of(span, 5)] == [
        "2012-01",
        "2012-06",
        "2012-11",
    ]
    with pytest.raises(BadInput):
        backtest.origins_of(span, 0)
    with pytest.raises(BadInput, match="no span of months"):
        backtest.origins_of("2012-01:2012-12", 5)  # type: ignore[arg-type]
