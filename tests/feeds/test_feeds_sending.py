"""Sending to a real SMTP server and a real HTTP receiver on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from feed_messages import messages

from tocsin import feeds
from tocsin.errors import BadInput, Damaged, TocsinError
from tocsin.feeds import Outbox, Sent
from tocsin.warn import Message

HERE = Path(__file__).parent
ISSUED = tuple(m for m in messages() if m.status == "issued")
FIND = {m.id: m for m in ISSUED}.__getitem__


@dataclass
class Post:
    """Mail a server took, and how it answers: code by recipient."""

    got: list[email.message.EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        waiting = self.answers.get(address)
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    held = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(held, hostname="127.0.0.1", port=port)  # type: ignore[arg-type]
    controller.start()
    monkeypatch.setenv("TOCSIN_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("TOCSIN_MAIL_FROM", "alerts@example.org")
    yield held
    controller.stop()


@dataclass
class Hook:
    """Requests a receiver took, what it did (once a key), and the codes it answers with first."""

    url: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    held = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            held.requests.append((key, body))
            code = held.codes.pop(0) if held.codes else 200
            if code == 200:
                held.done.setdefault(key, body)
            self.send_response(code)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}/warnings"
    yield held
    server.shutdown()
    server.server_close()


def _send(box: Outbox, *to: str, told: tuple[Message, ...] = ISSUED) -> Sent:
    recipients = [feeds.recipient(one) for one in to]
    return feeds.send(
        told, recipients, box, find=FIND, server=feeds.server(), timeout=5, sleep=lambda seconds: None
    )


def test_mail_carries_both_languages_and_the_cap_alert(post: Post, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        assert len(_send(box, "ops@example.org", "mailto:desk@example.org").sent) == 4
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
    threads = {m["To"]: m["Message-ID"] for m in post.got if m["In-Reply-To"] is None}
    for reply in post.got:
        if reply["In-Reply-To"] is not None:
            assert reply["In-Reply-To"] == threads[reply["To"]]


def test_nothing_is_sent_twice_to_one_recipient(post: Post, hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        _send(box, "ops@example.org", hook.url)
        again = _send(box, "ops@example.org", hook.url)
    assert again == Sent((), (), ())
    assert (len(post.got), len(hook.requests)) == (2, 2)


def test_a_webhook_gets_the_whole_message_under_its_key(hook: Hook, tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        _send(box, hook.url)
    assert [key for key, _ in hook.requests] == [m.id for m in ISSUED]
    assert Message.from_dict(hook.done[ISSUED[0].id]) == ISSUED[0]


def test_what_fails_for_now_is_tried_again_and_kept(post: Post, hook: Hook, tmp_path: Path) -> None:
    hook.codes = [503, 429, 200, 500, 502, 503]
    with Outbox.open(tmp_path) as box:
        first = _send(box, hook.url)
        assert (len(first.sent), len(first.waiting)) == (1, 1)
        (left,) = box.deliveries(unsent=True)
        assert (left.state, left.tries, left.reason) == ("waiting", 3, "503 Service Unavailable")
        second = _send(box, told=())
        assert len(second.sent) == 1
        assert box.deliveries(unsent=True) == ()
    post.answers = {"ops@example.org": ["451 try later"]}
    with Outbox.open(tmp_path / "mail") as box:
        assert len(_send(box, "ops@example.org").sent) == 2


def test_what_is_refused_for_good_is_not_tried_again(post: Post, hook: Hook, tmp_path: Path) -> None:
    hook.codes = [404]
    post.answers = {"gone@example.org": ["550 no such user"] * 2}
    with Outbox.open(tmp_path) as box:
        done = _send(box, hook.url, "gone@example.org")
        assert (len(done.sent), len(done.refused)) == (1, 3)
        reasons = {d.reason for d in box.deliveries() if d.state == "refused"}
        assert reasons == {"404 Not Found", "550 no such user"}
        assert _send(box, told=()) == Sent((), (), ())
    assert len(hook.requests) == 2


def test_a_receiver_that_is_not_there_leaves_the_message_waiting(tmp_path: Path) -> None:
    with Outbox.open(tmp_path) as box:
        done = _send(box, "http://127.0.0.1:9/nobody", told=ISSUED[:1])
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


def test_two_rounds_at_once_are_refused(tmp_path: Path) -> None:
    with (
        Outbox.open(tmp_path) as box,
        Outbox.open(tmp_path) as other,
        box.alone(),
        pytest.raises(TocsinError, match="Another process"),
    ):
        _send(other, "http://127.0.0.1:9/", told=ISSUED[:1])


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


@pytest.mark.parametrize("url", ["example.org", "http://example.org", "smtp://", "smtp://host:port"])
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


def test_drafts_are_not_sent_and_mail_needs_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_SMTP_URL", raising=False)
    draft = next(m for m in messages() if m.status == "draft")
    with Outbox.open(tmp_path) as box:
        with pytest.raises(BadInput, match="not been issued"):
            _send(box, "ops@example.org", told=(draft,))
        assert box.deliveries() == ()
        with pytest.raises(BadInput, match="TOCSIN_SMTP_URL"):
            _send(box, "ops@example.org")


def test_a_damaged_outbox_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(b"no database" * 200)
    with pytest.raises(Damaged):
        Outbox.open(tmp_path)
