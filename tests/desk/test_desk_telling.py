"""Reasons worked out in a process of its own, which ends with the desk."""

from __future__ import annotations

import datetime as dt
import logging
import time
from types import SimpleNamespace

import pytest

from tocsin import months
from tocsin.beside import Failed
from tocsin.desk import Teller


def test_who_closes_the_desk_does_not_wait_for_reasons(caplog: pytest.LogCaptureFixture) -> None:
    teller, origin = Teller(), months.parse("2021-12")
    asked = {"as_of": dt.date(2022, 1, 1), "lag": 0, "origin": origin, "method": "tocsin", "data": "auto"}
    snapshot = SimpleNamespace(digest="", **asked)
    coming = teller.ask(snapshot, 432)  # type: ignore[arg-type]
    assert coming is not None
    end = time.monotonic() + 30
    while teller._work is None and time.monotonic() < end:
        time.sleep(0.01)
    assert not coming.done()
    with caplog.at_level(logging.ERROR, "tocsin.desk"):
        teller.close()
        with pytest.raises(Failed):
            coming.result(5)
    assert caplog.records == []
