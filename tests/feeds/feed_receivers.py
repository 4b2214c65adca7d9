"""Who receives what is sent: a mail server's memory and a webhook's, and a round of sending to them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword
from feed_messages import messages

from tocsin import feeds
from tocsin.feeds import Outbox, Sent
from tocsin.warn import Message

ISSUED = tuple(m for m in messages() if m.status == "issued")
FIND = {m.id: m for m in ISSUED}.__getitem__


@dataclass
class Post:
    """Mail a server took, the one password it knows, and how it answers: codes by sender or recipient."""

    port: int
    got: list[email.message.EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and given.password == b"right"
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        waiting = self.answers.get(address)
        if waiting:
            return waiting.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        waiting = self.answers.get(address)
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"


@dataclass
class Hook:
    """Requests a receiver took, what it did (once a key), and the codes it answers with first."""

    url: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)


def send(box: Outbox, *to: str, told: tuple[Message, ...] = ISSUED) -> Sent:
    recipients = [feeds.recipient(one) for one in to]
    return feeds.send(
        told, recipients, box, find=FIND, server=feeds.server(), timeout=5, sleep=lambda seconds: None
    )
