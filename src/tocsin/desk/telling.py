"""Why a forecast says what it says, and where in the country, worked out while the reader reads on.

Growing the method's forests again takes some ten seconds of one core: in the server's own process every page
would wait.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tocsin.beside import Beside
from tocsin.desk.snapshot import Snapshot, known_on, panel_of
from tocsin.errors import NotAssessed
from tocsin.panel import Panel
from tocsin.text import LANGUAGES, Language

LOG = logging.getLogger("tocsin.desk")
SECONDS = 300
AHEAD = 3
"""Months that the chances by province speak of."""

WAITING = 8
"""Countries that may wait for their reasons at once."""


@dataclass(frozen=True)
class Told:
    """The reasons as lines in every language, and the chance of any death by province in three months.

    places: name and probability, likeliest first, None where not assessed; empty where none are known.
    """

    lines: dict[Language, list[str]]
    places: tuple[tuple[str, float | None], ...]


class Teller:
    """Works out the reasons of one country after another, and keeps them."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reasons")
        self._asked: dict[tuple[str, int], Future[Told]] = {}
        self._work: Beside[Told] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def held(self, snapshot: Snapshot, gw: int) -> Future[Told] | None:
        """Return what is told, there or to come; None where nobody has asked for it."""
        with self._lock:
            return self._asked.get((snapshot.digest, gw))

    def ask(self, snapshot: Snapshot, gw: int) -> Future[Told] | None:
        """Return what is to be told; asking again starts nothing twice.

        None where so many wait already that an answer would be long in coming.
        """
        key = (snapshot.digest, gw)
        with self._lock:
            held = self._asked.get(key)
            if held is None:
                if sum(not one.done() for one in self._asked.values()) >= WAITING:
                    return None
                held = self._asked[key] = self._worker.submit(self._run, snapshot, gw)
            return held

    def forget(self, snapshot: Snapshot, gw: int) -> None:
        """Let go of what could not be worked out, once that was said, so that it can be asked for again."""
        with self._lock:
            self._asked.pop((snapshot.digest, gw), None)

    def close(self) -> None:
        """Let go of what waits, and stop what is at work."""
        self._closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)
        if self._work is not None:
            self._work.stop()

    def _run(self, snapshot: Snapshot, gw: int) -> Told:
        asked = (snapshot.as_of, snapshot.lag, snapshot.origin, gw, snapshot.method, snapshot.data)
        try:
            # Gives way to whoever waits for a page.
            with Beside(tell, *asked, nice=5) as self._work:
                self._work.ask()
                return self._work.result(SECONDS)
        except Exception as error:
            if not self._closed:
                LOG.error("reasons of %s failed: %s", gw, error)
            raise


def tell(
    as_of: dt.date, lag: int | None, origin: int, gw: int, method: str, data: str = "auto"
) -> Told:  # fmt: skip
    """Return the reasons of a country's forecast, and its provinces where they are known."""
    from tocsin.reasons import explain, lines

    panel = panel_of(as_of, lag, data).until(origin)
    found = explain(panel, origin=origin, area=gw, target="total", method=method)
    said = {language: list(lines(found, language)) for language in LANGUAGES}
    return Told(said, _places(panel, origin, gw, method, known_on(as_of, lag), data))


def _places(
    panel: Panel, origin: int, gw: int, method: str, day: dt.date, data: str
) -> tuple[tuple[str, float | None], ...]:
    """Return the provinces from where `panel` came: as known on a `day`, of the vault or the figures."""
    from tocsin import areas, local
    from tocsin.vault import Vault
    from tocsin.watch import reads_vault

    if gw not in local.west_africa():
        return ()
    try:
        if reads_vault(day, data):
            layout, deaths = local.vault_admin1(Vault.open(), as_of=day, origin=origin)
        else:
            layout, deaths = local.admin1_data(as_of=day, origin=origin)
        made = local.forecast(
            layout, deaths, panel, origin=origin, steps=range(1, AHEAD + 1), target="total", method=method
        )
    except NotAssessed:
        return ()
    part = made.local.of_state(gw)
    chances = part.probability(1, last=AHEAD)
    rows = [
        (areas.admin1(str(area)).name, None if math.isnan(chance) else float(chance))
        for area, chance in zip(part.areas, chances, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-(row[1] or 0.0), row[0])))
