"""Limits: how often one client may ask, by a bucket that fills at a steady rate."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

CLIENTS = 10_000
"""Clients remembered; the one not seen for longest is forgotten first."""


@dataclass
class Limit:
    """At most `burst` requests at once, and `rate` a second after that, for each client."""

    rate: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, client: str) -> float:
        """Take one request: 0 if it may go on, else the seconds to wait."""
        now = self.clock()
        with self._lock:
            left, last = self._held.pop(client, (float(self.burst), now))
            left = min(left + (now - last) * self.rate, float(self.burst))
            allowed = left >= 1
            self._held[client] = (left - 1 if allowed else left, now)
            while len(self._held) > CLIENTS:
                self._held.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self.rate
