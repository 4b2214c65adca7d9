"""E-mail: encrypted as asked before a word of it goes out, and kept for later where nobody answers."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

import pytest
from feed_messages import messages

from tocsin.errors import BadInput
from tocsin.feeds.mail import deliver, mail_server
from tocsin.feeds.refusal import Unreached

said: list[str] = []


class Link:
    """A server that takes everything and writes down the order of it."""

    def __init__(
        self, host: str, port: int, *, timeout: float, context: ssl.SSLContext | None = None
    ) -> None:
        said.append(f"{type(self).__name__} {host}:{port} {timeout:g}")
        self._encrypt(context)

    def _encrypt(self, context: ssl.SSLContext | None) -> None:
        if context is not None:
            assert context.verify_mode == ssl.CERT_REQUIRED
            assert context.check_hostname
            said.append("encrypted")

    def starttls(self, *, context: ssl.SSLContext | None = None) -> None:
        assert context is not None
        self._encrypt(context)

    def login(self, user: str, password: str) -> None:
        said.append(f"login {user} {password}")

    def send_message(self, mail: Any) -> None:
        said.append(f"mail to {mail['To']}")

    def quit(self) -> None:
        said.append("quit")

    def close(self) -> None:
        said.append("close")


class Plain(Link):
    pass


class Secure(Link):
    pass


@pytest.mark.parametrize(
    ("url", "steps"),
    [
        ("smtps://user:s%40cret@example.org", ["Secure example.org:465 3", "encrypted", "login user s@cret"]),
        (
            "smtp+starttls://user:s%40cret@example.org:2525",
            ["Plain example.org:2525 3", "encrypted", "login user s@cret"],
        ),
        ("smtp+starttls://example.org", ["Plain example.org:587 3", "encrypted"]),
        ("smtp://example.org", ["Plain example.org:25 3"]),
    ],
)
def test_a_link_is_encrypted_as_asked_before_anything_is_said(
    monkeypatch: pytest.MonkeyPatch, url: str, steps: list[str]
) -> None:
    said.clear()
    monkeypatch.setattr(smtplib, "SMTP", Plain)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Secure)
    server = mail_server(url, "desk@example.org")
    deliver(messages()[0], "reader@example.org", server, timeout=3)
    assert said == [*steps, "mail to reader@example.org", "quit", "close"]
    assert "cret" not in repr(server)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError(), "TimeoutError"),
        (smtplib.SMTPServerDisconnected("gone"), "gone"),
    ],
)
def test_a_server_that_does_not_answer_is_told_with_its_reason_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    server = mail_server("smtp://example.org", "desk@example.org")
    with pytest.raises(Unreached, match=reason):
        deliver(messages()[0], "reader@example.org", server, timeout=3)


@pytest.mark.parametrize("sender", ["Desk <desk@example.org>", "desk", "", "a@b.org, c@d.org"])
def test_a_sender_that_is_no_bare_address_is_refused(sender: str) -> None:
    with pytest.raises(BadInput) as refused:
        mail_server("smtp://example.org", sender)
    assert (refused.value.key, refused.value.values) == ("feeds.mail_from", {"value": sender})
