"""Work in a process of its own: made there, made here where it cannot be, and let go of."""

from __future__ import annotations

import operator
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tocsin import beside
from tocsin.beside import Beside, Failed, begun


def test_work_is_done_by_another_process() -> None:
    with Beside(os.getpid) as work:
        work.ask()
        assert work.result() not in (0, os.getpid())


def test_large_results_come_back_as_they_were_made() -> None:
    given = np.arange(2_000_000)
    with Beside(operator.neg, given) as work:
        work.ask()
        assert np.array_equal(work.result(), -given)


def test_what_functions_print_does_not_reach_the_result() -> None:
    with Beside(print, "on the standard output") as work:
        work.ask()
        assert work.result() is None


def test_it_is_asked_again_and_again_and_an_error_comes_out_as_it_was_raised() -> None:
    with Beside(operator.truediv, 6) as work:
        for number in (3, 0, 2):
            work.ask(number)
        assert work.result() == 2
        with pytest.raises(ZeroDivisionError) as raised:
            work.result()
        assert "Traceback" in str(raised.value.__cause__)
        assert work.result() == 3


def test_a_process_that_ends_is_told_in_its_last_words_however_often_it_is_asked() -> None:
    with Beside(sys.exit, "out of memory") as work:
        work.ask()
        for _ in range(2):
            with pytest.raises(Failed, match="out of memory"):
                work.result()
            work.ask()


def test_waiting_has_an_end() -> None:
    start = time.monotonic()
    with Beside(time.sleep, 60) as work:
        work.ask()
        with pytest.raises(Failed, match=r"0\.5 seconds"):
            work.result(0.5)
    assert time.monotonic() - start < 30


def test_leaving_stops_what_nobody_waits_for() -> None:
    with Beside(time.sleep, 60) as work:
        work.ask()
        child = work._child
        assert child.poll() is None
    assert child.poll() is not None


def test_it_gives_way_as_far_as_asked() -> None:
    with Beside(os.nice, 0, nice=7) as work:
        work.ask()
        assert work.result() == min(os.nice(0) + 7, 19)


def test_where_it_cannot_give_way_by_itself_it_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def refused(*given: object, creationflags: int, **more: object) -> None:
        made.append(creationflags)
        raise OSError("Popen")

    monkeypatch.setattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0x4000, raising=False)
    monkeypatch.setattr(subprocess, "Popen", refused)
    for nice in (0, 5):
        with pytest.raises(OSError, match="Popen"):
            Beside(os.getpid, nice=nice)
    assert made == [0, 0x4000]


def test_a_folder_of_the_same_name_at_hand_is_not_taken_for_tocsin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tocsin").mkdir()
    (tmp_path / "tocsin" / "__init__.py").write_text("raise SystemExit('another one')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Beside(os.getcwd) as work:
        work.ask()
        assert Path(work.result()) == tmp_path


@pytest.mark.parametrize("apart", [True, False])
def test_what_is_begun_is_made_beside_or_here(apart: bool) -> None:
    with begun(os.getpid, apart=apart) as made:
        assert (made() == os.getpid()) is not apart


def test_what_the_other_process_does_not_make_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with begun(os.getpid, apart=True) as made:
        assert made() == os.getpid()


def test_where_no_process_can_be_had_it_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with begun(os.getpid, apart=True) as made:
        assert made() == os.getpid()


def test_an_error_of_what_is_begun_comes_out_as_it_was_raised() -> None:
    with begun(operator.truediv, 1, 0, apart=True) as made, pytest.raises(ZeroDivisionError):
        made()


def test_a_script_that_asks_for_work_is_not_run_by_it_once_more(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import os\nprint('begun')\nfrom tocsin.beside import begun\n"
        "with begun(os.getpid, apart=True) as made:\n    print(made() != os.getpid())\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["begun", "True"]


def test_there_is_a_processor_at_least() -> None:
    assert beside.cores() >= 1
