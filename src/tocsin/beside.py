"""Work done beside: a function called in a Python of its own, while this one goes on."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Generic, TypeVar

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
    """`function(*given, *more)`, a public function of Tocsin and what pickles, in a process of its own.

    A child of its own making, for multiprocessing would run the caller's script in it once more. Leaving the
    context stops what nobody waits for any longer, and so does the end of this process, whatever ends it.
    nice: how far it gives way to others.
    """

    def __init__(self, function: Callable[..., Made], *given: object, nice: int = 0) -> None:
        source = str(Path(__file__).parent.parent)
        before = os.environ.get("PYTHONPATH")
        path = source if before is None else os.pathsep.join((source, before))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = subprocess.Popen(
            # -P: the folder that the caller happens to be in holds no modules for it.
            [sys.executable, "-P", "-c", "from tocsin.beside import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            # Windows has no `os.nice`: there it is said as the process is made.
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if nice else 0,
        )  # fmt: skip
        assert self._child.stdin is not None
        self._door, self._words = self._child.stdin, ""
        self._made: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:
            self._tell((nice, function, given))
        except BaseException:
            self.stop()
            raise

    def ask(self, *more: object) -> None:
        """Have the function called with what was given and `more`, after what was asked before."""
        self._tell(more)

    def result(self, seconds: float | None = None) -> Made:
        """Return what was asked for first, waiting at most so long; Failed if it was not made.

        An error of the function is raised as it was there.
        """
        try:
            made = self._made.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            raise Failed(f"not made in {seconds} seconds") from None
        if made is None:
            self._made.put(None)
            raise Failed(self._words)
        value, error, trace = pickle.loads(made)
        if error is not None:
            raise error from Failed(trace)
        found: Made = value
        return found

    def stop(self) -> None:
        """End the work, whether or not it is done."""
        self._child.kill()
        self._listener.join()
        with suppress(OSError):
            self._door.close()

    def __enter__(self) -> Beside[Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _tell(self, what: object) -> None:
        packed = pickle.dumps(what)
        # That it has ended is seen where what it made is awaited.
        with suppress(OSError):
            pickle.dump(packed, self._door)
            self._door.flush()

    def _listen(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as heard, self._said as said:
            for made in _messages(heard):
                self._made.put(made)
            self._child.wait()
            said.seek(0)
            self._words = said.read().decode("utf-8", "replace").strip()[-2000:]
        self._made.put(None)


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
        work.ask()
        yield made


def main() -> None:
    """Do the work that comes in on the standard input, and write what was made to the standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    door = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_hear, args=(asked,), daemon=True).start()
    nice, function, given = pickle.loads(asked.get())
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    while True:
        more = pickle.loads(asked.get())
        pickle.dump(_answer(partial(function, *given, *more)), door)
        door.flush()


def _hear(asked: queue.SimpleQueue[bytes]) -> None:
    # Not sys.stdin, which Python could not close at its end while it is being read.
    with os.fdopen(os.dup(0), "rb") as heard:
        for one in _messages(heard):
            asked.put(one)
    # Whoever asked has gone, also one that was killed and could stop nothing.
    os._exit(1)


def _messages(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what the other side packs into a stream, until it ends."""
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            yield pickle.load(stream)


def _answer(task: Callable[[], object]) -> bytes:
    try:
        return pickle.dumps((task(), None, ""))
    except MemoryError:
        # The process ends of it: whoever asked may have more, or ask less at once.
        raise
    except Exception as error:
        return pickle.dumps((None, error, traceback.format_exc()))
