"""A process that sends one message again and again until it is killed: `feed_sender.py HOME URL KILL_AT`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from feed_messages import messages

from tocsin import feeds
from tocsin.feeds import outbox


def main() -> None:
    home, address, moment = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    told = {m.id: m for m in messages() if m.status == "issued"}
    mark = outbox.Outbox.mark
    seen = 0

    def marking(self: outbox.Outbox, delivery: outbox.Delivery, state: outbox.State, **more: Any) -> None:
        # Killed before what is done is written down: right after the receiver took it, or right before.
        nonlocal seen
        seen += state == "sent"
        if f"{state}{seen}" == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        mark(self, delivery, state, **more)

    outbox.Outbox.mark = marking  # type: ignore[method-assign,assignment]
    to = feeds.recipient(address)
    with feeds.Outbox.open(home) as box:
        feeds.send(tuple(told.values()), [to], box, find=told.__getitem__, server=feeds.server())


main()
