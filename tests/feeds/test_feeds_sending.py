"""Sending to a real SMTP server and a real HTTP receiver on loopback."""

from __future__ import annotations

import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from feed_messages import messages
from feed_receivers import FIND, ISSUED, Hook, Post, send

from tocsin import feeds
from tocsin.errors import BadInput, Damaged, TocsinError, UnknownName
from tocsin.feeds import Outbox, Sent
from tocsin.warn import Message

HERE = Path(__file__).parent


def test_mail_carries_both_languages_and_the_cap_alert(post: Post, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        assert len(send(box, "ops@example.org", "mailto:desk@example.org").sent) == 4
    assert len(post.got) == 4
    mail = post.got[0]
    assert mail["From"] == "alerts@example.org"
    assert "Mali: Plain <rule>" in mail["Subject"]
    assert "Règle « simple »" in mail["Subject"]
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    assert "Likelihood:" in text
    assert "Vraisemblance\xa0:" in text
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/cap+xml"
    assert attached.get_content() == feeds.cap(ISSUED[0])
    assert len({m["Message-ID"] for m in post.got}) == 4
    assert mail["Date"].datetime == dt.datetime.fromisoformat(str(ISSUED[0].issued_at))
    threads = {m["To"]: m["Message-ID"] for m in post.got if m["In-Reply-To"] is None}
    for reply in post.got:
        if reply["In-Reply-To"] is not None:
            assert reply["In-Reply-To"] == threads[reply["To"]]


def test_nothing_is_sent_twice_to_one_recipient(post: Post, hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        send(box, "ops@example.org", hook.url)
        again = send(box, "ops@example.org", hook.url)
    assert again == Sent((), (), ())
    assert (len(post.got), len(hook.requests)) == (2, 2)


def test_a_webhook_gets_the_whole_message_under_its_key(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        send(box, hook.url)
    assert [key for key, _ in hook.requests] == [m.id for m in ISSUED]
    assert Message.from_dict(hook.done[ISSUED[0].id]) == ISSUED[0]
    assert all(told["attribution"]["releases"] == ["a release"] for _, told in hook.requests)


def test_what_fails_for_now_is_tried_again_and_kept(post: Post, hook: Hook, tmp_path: Path) -> None:
    hook.codes = [503, 429, 200, 500, 502, 503]
    with Outbox.open(tmp_path) as box:
        first = send(box, hook.url)
        assert (len(first.sent), len(first.waiting)) == (1, 1)
        (left,) = box.deliveries(unsent=True)
        assert (left.state, left.tries, left.reason) == ("waiting", 3, "503 Service Unavailable")
        assert [bool(d.sent_at) for d in box.deliveries()] == [True, False]
        second = send(box, told=())
        assert len(second.sent) == 1
        assert box.deliveries(unsent=True) == ()
    post.answers = {"ops@example.org": ["451 try later"]}
    with Outbox.open(tmp_path / "mail") as box:
        assert len(send(box, "ops@example.org").sent) == 2


def test_what_is_refused_is_tried_again_only_when_it_is_asked_for_again(
    post: Post, hook: Hook, tmp_path: Path
) -> None:
    # Who refuses one message was reached: the next has all its tries.
    hook.codes = [404, 503, 503]
    post.answers = {"gone@example.org": ["550 no such user"] * 2}
    with Outbox.open(tmp_path) as box:
        done = send(box, hook.url, "gone@example.org")
        assert (len(done.sent), len(done.refused)) == (1, 3)
        reasons = {d.reason for d in box.deliveries() if d.state == "refused"}
        assert reasons == {"404 Not Found", "550 no such user"}
        assert send(box, told=()) == Sent((), (), ())
        assert len(hook.requests) == 4
        assert len(send(box, hook.url, "gone@example.org").sent) == 3
        assert {d.state for d in box.deliveries()} == {"sent"}


def test_a_wrong_password_or_sender_is_told_and_loses_no_message(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.answers = {"alerts@example.org": ["550 you may not send from here"] * 3}
    with Outbox.open(tmp_path) as box:
        monkeypatch.setenv("TOCSIN_SMTP_URL", f"smtp://desk:wrong@127.0.0.1:{post.port}")
        assert len(send(box, "ops@example.org", told=ISSUED[:1]).waiting) == 1
        assert str(box.deliveries(unsent=True)[0].reason).startswith("535 ")
        monkeypatch.setenv("TOCSIN_SMTP_URL", f"smtp://desk:right@127.0.0.1:{post.port}")
        assert len(send(box, told=()).waiting) == 1
        assert box.deliveries(unsent=True)[0].reason == "550 you may not send from here"
        assert len(send(box, told=()).sent) == 1
    assert len(post.got) == 1


def test_what_a_server_says_of_the_content_is_final(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(self: Post, server: Any, session: Any, envelope: Any) -> str:
        return "554 looks like spam"

    monkeypatch.setattr(Post, "handle_DATA", refused)
    with Outbox.open(tmp_path) as box:
        assert len(send(box, "ops@example.org", told=ISSUED[:1]).refused) == 1
        assert box.deliveries()[0].reason == "554 looks like spam"


def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_to_the_farewell(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(self: Post, server: Any, session: Any, envelope: Any) -> str:
        return "421 busy"

    monkeypatch.setattr(Post, "handle_QUIT", busy, raising=False)
    with Outbox.open(tmp_path) as box:
        assert len(send(box, "ops@example.org", told=ISSUED[:1]).sent) == 1
    assert len(post.got) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "gopher://127.0.0.1:9"), ("HTTP_PROXY", "http://proxy:port"), ("SSL_CERT_FILE", "/none")],
)
def test_a_proxy_or_certificates_that_cannot_be_used_leave_messages_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with Outbox.open(tmp_path) as box:
        done = send(box, "http://127.0.0.1:9/one", "http://127.0.0.1:9/two", told=ISSUED[:1])
        assert [(d.state, bool(d.reason)) for d in done.waiting] == [("waiting", True)] * 2


def test_a_receiver_that_is_not_there_leaves_the_message_waiting(tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        done = send(box, "http://127.0.0.1:9/nobody", told=ISSUED[:1])
        assert len(done.waiting) == 1
        assert box.deliveries()[0].state == "waiting"


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
@pytest.mark.parametrize(
    ("way", "moment"), [("mail", "sent1"), ("hook", "sending0"), ("hook", "sent1"), ("hook", "sent2")]
)
def test_killed_at_any_point_nothing_is_lost_and_a_copy_is_known_by_its_id(
    post: Post, hook: Hook, tmp_path: Path, way: str, moment: str
) -> None:
    address = hook.url if way == "hook" else "ops@example.org"
    sender = [sys.executable, str(HERE / "feed_sender.py"), str(tmp_path), address]
    killed = subprocess.run([*sender, moment], env=os.environ | {"PYTHONPATH": str(HERE)}, check=False)
    assert killed.returncode == -9
    again = subprocess.run([*sender, "never"], env=os.environ | {"PYTHONPATH": str(HERE)}, check=False)
    assert again.returncode == 0
    keys = [key for key, _ in hook.requests] if way == "hook" else [m["Message-ID"] for m in post.got]
    assert len(set(keys)) == len(ISSUED)
    assert len(keys) == len(ISSUED) + moment.startswith("sent")
    if way == "hook":
        assert list(hook.done) == [m.id for m in ISSUED]
    with Outbox.open(tmp_path) as box:
        assert {d.state for d in box.deliveries()} == {"sent"}


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_killed_while_it_keeps_what_is_to_be_sent_it_has_kept_nothing(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys\n"
        "from tocsin.feeds import Outbox\n"
        "def pairs():\n"
        "    yield 'first', 'ops@example.org'\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Outbox.open(pathlib.Path(sys.argv[1])).put(pairs())\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -9
    with Outbox.open(tmp_path) as box:
        assert box.deliveries() == ()


def test_what_a_mail_server_answers_does_nothing_to_a_terminal(post: Post, tmp_path: Path) -> None:
    post.answers = {"gone@example.org": ["550 no\x1b[2J such\x1b]0;title\x07 user"] * len(ISSUED)}
    with Outbox.open(tmp_path) as box:
        (reason,) = {d.reason for d in send(box, "gone@example.org").refused}
    assert reason == "550 no�[2J such�]0;title� user"


def test_two_rounds_at_once_are_refused(tmp_path: Path) -> None:
    with (
        Outbox.open(tmp_path) as box,
        Outbox.open(tmp_path) as other,
        box.alone(),
        pytest.raises(TocsinError, match="Another process"),
    ):
        send(other, "http://127.0.0.1:9/", told=ISSUED[:1])


@pytest.mark.parametrize(
    "text",
    [
        "", "ops", "@example.org", "a b@example.org", "a@b\r\nBcc: c@d", "ftp://example.org", "https://",
        "http://[", "a@b,c@d",
    ],
)  # fmt: skip
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no recipient"):
        feeds.recipient(text)


@pytest.mark.parametrize(
    "url", ["example.org", "http://example.org", "smtp://", "smtp://host:port", "smtp://mail..gouv.fr"]
)
def test_what_is_no_mail_server_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_URL", url)
    with pytest.raises(BadInput, match="TOCSIN_SMTP_URL"):
        feeds.server()


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_URL", "smtps://user:s%40cret@example.org")
    held = feeds.server()
    assert held is not None
    assert (held.user, held.password, held.port) == ("user", "s@cret", 465)
    assert "s@cret" not in repr(held)
    monkeypatch.setenv("TOCSIN_SMTP_URL", "smtps://user:s%C3%A9cret@example.org")
    with pytest.raises(BadInput, match="letters beyond ASCII") as refused:
        feeds.server()
    assert "cret" not in str(refused.value)


def test_drafts_are_not_sent_and_mail_needs_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_SMTP_URL", raising=False)
    draft = next(m for m in messages() if m.status == "draft")
    with Outbox.open(tmp_path) as box:
        with pytest.raises(BadInput, match="not been issued"):
            send(box, "ops@example.org", told=(draft,))
        assert box.deliveries() == ()
        with pytest.raises(BadInput, match="TOCSIN_SMTP_URL"):
            send(box, "http://127.0.0.1:9/", "ops@example.org")
        assert box.deliveries() == ()


def test_what_cannot_be_sent_as_things_are_waits_and_does_not_hold_up_the_rest(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_SMTP_URL", raising=False)

    def find(id: str) -> Message:
        if id == "gone":
            raise UnknownName("warn.no_message", value=id, path="here")
        return FIND(id)

    with Outbox.open(tmp_path) as box:
        box.put([(ISSUED[0].id, "ops@example.org")])
        box.put([("gone", hook.url)])
        done = feeds.send(ISSUED, [feeds.recipient(hook.url)], box, find=find, server=feeds.server())
    assert [key for key, _ in hook.requests] == [m.id for m in ISSUED]
    assert [(d.recipient, d.state) for d in done.sent] == [(hook.url, "sent")] * 2
    mail, gone = done.waiting
    assert "TOCSIN_SMTP_URL" in str(mail.reason)
    assert "no warning or message" in str(gone.reason)


@pytest.mark.skipif(os.name != "posix", reason="modes as on POSIX systems")
def test_nobody_else_may_read_the_outbox_also_one_made_before(tmp_path: Path) -> None:
    def modes() -> dict[str, int]:
        return {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("outbox.sqlite*")}

    for _ in range(2):
        with Outbox.open(tmp_path) as box:
            box.put([("first", "https://example.org/secret")])
            assert modes() == dict.fromkeys(
                ("outbox.sqlite", "outbox.sqlite-wal", "outbox.sqlite-shm"), 0o600
            )
        (tmp_path / "outbox.sqlite").chmod(0o644)


def test_a_damaged_outbox_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(b"no database" * 200)
    with pytest.raises(Damaged):
        Outbox.open(tmp_path)


def test_a_full_disk_is_said_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        box.put([("first", "ops@example.org")])
        pages = box._read("PRAGMA page_count")[0][0]
        box._read(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(BadInput, match="is full"):
            box.put([("x" * 100_000, "ops@example.org")])
        assert [d.message for d in box.deliveries()] == ["first"]


def test_a_file_that_another_writes_meanwhile_is_said_to_be_in_use(tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box, Outbox.open(tmp_path) as other:
        box._read("BEGIN")
        assert box.deliveries() == ()
        other.put([("first", "ops@example.org")])
        with pytest.raises(TocsinError, match="Another process"):
            box._read("DELETE FROM deliveries")
