"""Commands that are stopped, by Ctrl-C, on request or for good: one line, and nobody left at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")

AT_WORK = """
import sys, threading, time
from tocsin import figures
from tocsin.cli import main

def work(*given):
    threading.Thread(target=time.sleep, args=(600,)).start()
    print("ready", flush=True)
    time.sleep(600)

figures.manifest = work
sys.argv = ["tocsin", "figures", "list"]
sys.exit(main())
"""

WAITING = """
import threading
import polars
from tocsin.cli import output

with output.progress():
    print("ready", flush=True)
    threading.Event().wait()
"""


@contextmanager
def _begun(*words: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
        start_new_session=True,
    ) as child:  # fmt: skip
        try:
            yield child
        finally:
            # What does not stop fails the test, and is not waited for.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def _await_ready(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        pytest.param([signal.SIGINT], 130, id="once"),
        pytest.param([signal.SIGINT] * 20, 130, id="again and again"),
        pytest.param([signal.SIGTERM], 143, id="asked to end"),
    ],
)
def test_who_stops_a_command_reads_one_line_and_waits_for_no_thread(signals: list[int], code: int) -> None:
    with _begun("-c", AT_WORK) as child:
        _await_ready(child)
        for number in signals:
            child.send_signal(number)
            time.sleep(0.02)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (code, "")
    assert err == "Stopped at your request. No file was left half written.\n"


def test_what_is_waited_for_is_broken_off_also_once_polars_is_loaded() -> None:
    with _begun("-c", WAITING) as child:
        _await_ready(child)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT


def _session(leader: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes as Linux shows them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_command_and_say_nothing(tmp_path: Path, number: int) -> None:
    words = ["--method", "tocsin", "--origins", "2015-01:2015-12", "--jobs", "2", "--out", "out.parquet"]
    with _begun("-m", "tocsin", "backtest", *words, cwd=tmp_path) as child:
        end = time.monotonic() + 60
        while len(_session(child.pid)) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        # Ctrl-C reaches all whom the terminal shows, here workers that have only begun to load.
        (os.killpg if number == signal.SIGINT else os.kill)(child.pid, number)
        _, err = child.communicate(timeout=60)
        while _session(child.pid) and time.monotonic() < end:
            time.sleep(0.01)
        assert _session(child.pid) == []
    assert len(err.splitlines()) == (0 if number == signal.SIGKILL else 2)
    if number != signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []
