"""What waits in the outbox: who may have it all the same, and when it waits no more."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from feed_receivers import FIND, ISSUED, Hook, Post, send

from tocsin import feeds
from tocsin.errors import UnknownName
from tocsin.feeds import Outbox

FIRST = ISSUED[0]
BACK = dataclasses.replace(FIRST, id=f"{FIRST.id}-withdrawn", act="withdraw")
HERE = Path(__file__).parent


def _withdrawn(box: Outbox) -> list[tuple[str, str]]:
    """Withdraw the first message, and return what the outbox holds then."""
    feeds.withdraw({FIRST.id: BACK}, box)
    return [(d.message, d.state) for d in box.deliveries()]


def _ago(home: Path, days: int) -> None:
    """Make all that waits have been tried first so many days ago."""
    then = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with sqlite3.connect(home / Outbox.NAME) as file:
        file.execute("UPDATE deliveries SET since = ?", (then.isoformat(),))


def test_a_mail_server_lost_after_the_last_byte_may_have_the_mail(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Post.handle_DATA

    async def lost(self: Post, server: Any, session: Any, envelope: Any) -> str:
        answer = await take(self, server, session, envelope)
        server.transport.abort()
        return answer

    with Outbox.open(tmp_path) as box:
        monkeypatch.setattr(Post, "handle_DATA", lost)
        assert len(send(box, "ops@example.org", told=(FIRST,)).waiting) == 1
        assert [d.unclear for d in box.deliveries()] == [True]
        # What is known of a later attempt takes back nothing of this.
        post.answers = {"ops@example.org": ["451 try later"] * 3}
        assert len(send(box, told=()).waiting) == 1
        assert len({m["Message-ID"] for m in post.got}) == 1
        assert _withdrawn(box) == [(BACK.id, "waiting")]


def test_a_mail_server_that_was_not_reached_or_refused_for_now_has_no_mail(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Outbox.open(tmp_path) as box:
        post.answers = {"ops@example.org": ["451 try later"] * 3}
        assert len(send(box, "ops@example.org", told=(FIRST,)).waiting) == 1
        monkeypatch.setenv("TOCSIN_SMTP_URL", "smtp://127.0.0.1:9")
        assert len(send(box, told=()).waiting) == 1
        assert _withdrawn(box) == []
    assert post.got == []


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
@pytest.mark.usefixtures("post")
@pytest.mark.parametrize("tried", [False, True], ids=["cut off", "and tried again in vain"])
def test_who_may_have_what_was_cut_off_is_told_that_it_is_withdrawn(
    hook: Hook, tmp_path: Path, tried: bool
) -> None:
    sender = [sys.executable, str(HERE / "feed_sender.py"), str(tmp_path), hook.url, "sent1"]
    subprocess.run(sender, env=os.environ | {"PYTHONPATH": str(HERE)}, check=False)
    assert [key for key, _ in hook.requests] == [FIRST.id]
    with Outbox.open(tmp_path) as box:
        if tried:
            hook.codes = [503] * 4
            assert len(send(box, told=()).waiting) == len(ISSUED)
        assert _withdrawn(box)[1:] == [(BACK.id, "waiting")]


def test_who_is_not_reached_costs_a_round_its_waits_once(post: Post, hook: Hook, tmp_path: Path) -> None:
    waited: list[float] = []
    to = [feeds.recipient(one) for one in ("ops@example.org", hook.url)]
    with Outbox.open(tmp_path) as box:
        hook.codes = [503] * (len(feeds.sending.WAITS) + 1)
        done = feeds.send(ISSUED, to, box, find=FIND, server=feeds.server(), sleep=waited.append)
        assert waited == [wait for wait in feeds.sending.WAITS if wait]
        assert [(d.message, d.tries, d.reason) for d in done.waiting] == [
            (ISSUED[0].id, 3, "503 Service Unavailable"), (ISSUED[1].id, 1, "503 Service Unavailable")
        ]  # fmt: skip
        assert len(post.got) == 2
        assert len(send(box, told=()).sent) == 2
    assert list(hook.done) == [m.id for m in ISSUED]


def test_a_message_that_breaks_its_receiver_does_not_hold_up_the_others(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        hook.codes = [500] * len(feeds.sending.WAITS)
        done = send(box, hook.url)
        assert [d.message for d in done.waiting] == [ISSUED[0].id]
        assert [d.message for d in done.sent] == [ISSUED[1].id]


@pytest.mark.parametrize(("days", "state"), [(29, "waiting"), (31, "refused")])
def test_what_fails_for_a_month_is_given_up_until_it_is_named_again(
    hook: Hook, tmp_path: Path, days: int, state: str
) -> None:
    with Outbox.open(tmp_path) as box:
        hook.codes = [503] * 9
        assert len(send(box, hook.url, told=(FIRST,)).waiting) == 1
        _ago(tmp_path, days)
        (before,) = box.deliveries()
        send(box, told=())
        (left,) = box.deliveries()
        assert (left.state, left.since) == (state, before.since)
        assert ("given up after 30 days (503 " in str(left.reason)) is (state == "refused")
        send(box, hook.url, told=(FIRST,))
        assert [d.state for d in box.deliveries()] == ["waiting"]
        assert len(send(box, told=()).sent) == 1


def test_what_nobody_knows_any_more_is_given_up_too(hook: Hook, tmp_path: Path) -> None:
    def find(id: str) -> Any:
        raise UnknownName("warn.no_message", value=id, path="here")

    with Outbox.open(tmp_path) as box:
        box.put([("gone", hook.url)])
        for days, state in ((0, "waiting"), (31, "refused")):
            _ago(tmp_path, days)
            feeds.send((), (), box, find=find, sleep=lambda seconds: None)
            assert [d.state for d in box.deliveries()] == [state]


def test_what_waits_for_a_recipient_is_dropped_on_request(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        hook.codes = [503] * 4
        send(box, hook.url, "http://localhost:9/", told=(FIRST,))
        box.put([(ISSUED[1].id, hook.url)])
        with pytest.raises(UnknownName, match=r"127\.0\.0\.1, localhost"):
            feeds.drop([hook.url, "nobody@example.org"], box)
        assert len(box.deliveries()) == 3
        assert [d.message for d in feeds.drop(["127.0.0.1"], box)] == [m.id for m in ISSUED]
        assert [d.shown for d in feeds.drop(["http://localhost:9/"], box)] == ["localhost"]
        assert box.deliveries() == ()


def test_what_was_sent_is_never_dropped(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        send(box, hook.url)
        with pytest.raises(UnknownName, match="–"):
            feeds.drop([hook.url], box)
        assert len(box.deliveries()) == 2


def test_an_outbox_of_an_earlier_version_is_read_on(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        box.put([(FIRST.id, hook.url)])
    with sqlite3.connect(tmp_path / Outbox.NAME) as file:
        for column in ("since", "unclear"):
            file.execute(f"ALTER TABLE deliveries DROP COLUMN {column}")
    with Outbox.open(tmp_path) as box, Outbox.open(tmp_path) as other:
        assert feeds.send((), (), other, find=FIND).sent == box.deliveries()
