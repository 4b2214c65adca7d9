"""Why a forecast says what it says, worked out in a process of its own while the reader reads on.

`python -m tocsin.desk.telling AS_OF ORIGIN GW METHOD` prints the lines in every language as JSON. Growing the
method's forests again takes some ten seconds of one core: in the server's own process every page would wait.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from tocsin import months
from tocsin.desk.snapshot import Snapshot
from tocsin.text import LANGUAGES, Language

SECONDS = 300
WAITING = 8
"""Countries that may wait for their reasons at once."""

Told = dict[Language, list[str]]


class Teller:
    """Works out the reasons of one country after another, and keeps them."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reasons")
        self._asked: dict[tuple[str, int], Future[Told]] = {}
        self._lock = threading.Lock()

    def held(self, snapshot: Snapshot, gw: int) -> Future[Told] | None:
        """Return the lines by language, there or to come; None where nobody has asked for them."""
        with self._lock:
            return self._asked.get((snapshot.digest, gw))

    def ask(self, snapshot: Snapshot, gw: int) -> Future[Told] | None:
        """Return the lines by language, to come; asking again starts nothing twice.

        None where so many wait already that an answer would be long in coming.
        """
        key = (snapshot.digest, gw)
        with self._lock:
            held = self._asked.get(key)
            if held is None or (held.done() and held.exception() is not None):
                if sum(not one.done() for one in self._asked.values()) >= WAITING:
                    return None
                held = self._asked[key] = self._worker.submit(_run, snapshot, gw)
            return held

    def close(self) -> None:
        """Let go of what waits."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _run(snapshot: Snapshot, gw: int) -> Told:
    words = [snapshot.as_of.isoformat(), months.label(snapshot.origin), str(gw), snapshot.method]
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.desk.telling", *words],
        check=True, capture_output=True, timeout=SECONDS, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return cast(Told, json.loads(done.stdout))


def tell(as_of: dt.date, origin: int, gw: int, method: str) -> Told:
    """Return the reasons of a country's forecast, as lines in every language."""
    from tocsin.reasons import explain, lines
    from tocsin.watch import current_panel

    found = explain(current_panel(as_of), origin=origin, area=gw, target="total", method=method)
    return {language: list(lines(found, language)) for language in LANGUAGES}


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)
    day, month, code, name = sys.argv[1:]
    told = tell(dt.date.fromisoformat(day), months.parse(month), int(code), name)
    sys.stdout.write(json.dumps(told))
