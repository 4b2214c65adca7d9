"""Work done beside: a function called in a Python of its own, while this one goes on."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

Made = TypeVar("Made")

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)
"""Environment of a process that is not to ask for more than one thread, set before its libraries load."""


class Failed(Exception):
    """What was to be made beside was not; the message is what that Python wrote last."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Beside(Generic[Made]):
    """`function(*given)`, a public function of Tocsin and what pickles, at work in a process of its own.

    A child of its own making, for multiprocessing would run the caller's script in it once more. Leaving the
    context stops what nobody waits for any longer. nice: how far it gives way to others.
    """

    def __init__(self, function: Callable[..., Made], *given: object, nice: int = 0) -> None:
        source = str(Path(__file__).parent.parent)
        before = os.environ.get("PYTHONPATH")
        path = source if before is None else os.pathsep.join((source, before))
        self._task = pickle.dumps((nice, function, given))
        self._child = subprocess.Popen(
            # -P: the folder that the caller happens to be in holds no modules for it.
            [sys.executable, "-P", "-c", "from tocsin.beside import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            # Windows has no `os.nice`: there it is said as the process is made.
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if nice else 0,
        )  # fmt: skip
        self._made, self._said = b"", b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def result(self, seconds: float | None = None) -> Made:
        """Return what was made, waiting for it at most so long; Failed if it was not."""
        self._listener.join(seconds)
        if self._listener.is_alive():
            self.stop()
            raise Failed(f"not made in {seconds} seconds")
        if self._child.returncode:
            raise Failed(self._said.decode("utf-8", "replace").strip()[-2000:])
        made: Made = pickle.loads(self._made)
        return made

    def stop(self) -> None:
        """End the work, whether or not it is done."""
        self._child.kill()
        self._listener.join()

    def __enter__(self) -> Beside[Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        self._made, self._said = self._child.communicate(self._task)


@contextmanager
def begun(function: Callable[..., Made], *given: object, apart: bool) -> Iterator[Callable[[], Made]]:
    """Yield what returns `function(*given)`: made beside from now on if `apart`, else here when asked for.

    It is made here too where no process can be had, or the process ends without it.
    """
    here = partial(function, *given)
    try:
        work = Beside(function, *given) if apart else None
    except OSError:
        work = None
    if work is None:
        yield here
        return

    def made() -> Made:
        try:
            return work.result()
        except Failed:
            return here()

    with work:
        yield made


def main() -> None:
    """Do the work that comes in on the standard input, and write what was made to the standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    door = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nice, function, given = pickle.load(sys.stdin.buffer)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    with door:
        pickle.dump(function(*given), door)
