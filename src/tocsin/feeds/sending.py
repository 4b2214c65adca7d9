"""Sending: a round over the outbox, with retries."""

from __future__ import annotations

import datetime as dt
import email.utils
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from tocsin.errors import BadInput
from tocsin.feeds import hook, mail
from tocsin.feeds.mail import MailServer, mail_server
from tocsin.feeds.outbox import Delivery, Outbox
from tocsin.feeds.refusal import Refused, Unreached
from tocsin.warn import Message

WAITS: tuple[float, ...] = (0.0, 1.0, 4.0)
"""Seconds before each attempt of a round; what fails three times waits for the next round."""

TIMEOUT = 20.0

Server = MailServer

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


@dataclass(frozen=True)
class Recipient:
    """Where messages go: an e-mail address or the URL of a webhook."""

    way: Literal["mail", "hook"]
    address: str


@dataclass(frozen=True)
class Sent:
    """What a round came to: deliveries made, refused for good, and still waiting."""

    sent: tuple[Delivery, ...]
    refused: tuple[Delivery, ...]
    waiting: tuple[Delivery, ...]


def recipient(text: str) -> Recipient:
    """Return the recipient that a text names: ops@example.org, mailto:…, or https://…; BadInput if none."""
    address = text.strip().removeprefix("mailto:")
    if address.startswith(("http://", "https://")):
        try:
            good = bool(urlsplit(address).hostname) and address.isprintable() and " " not in address
        except ValueError:
            good = False
        if good:
            return Recipient("hook", address)
    elif (
        _ADDRESS.fullmatch(address) and address.isprintable() and email.utils.parseaddr(address)[1] == address
    ):
        return Recipient("mail", address)
    raise BadInput("feeds.recipient", value=text[:120])


def server() -> MailServer | None:
    """Return the mail server of TOCSIN_SMTP_URL, sender TOCSIN_MAIL_FROM; None where none is set."""
    url = os.environ.get("TOCSIN_SMTP_URL")
    return mail_server(url, os.environ.get("TOCSIN_MAIL_FROM") or "tocsin@localhost") if url else None


def send(
    messages: Sequence[Message],
    recipients: Sequence[Recipient],
    outbox: Outbox,
    *,
    find: Callable[[str], Message],
    server: MailServer | None = None,
    waits: Sequence[float] = WAITS,
    timeout: float = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Put messages into the outbox for each recipient, then send all that waits in it.

    find: returns the message of an id, for what an earlier round left. server: for e-mail.
    A message that a recipient has had is not sent to it again. BadInput if e-mail waits without a server.
    """
    for message in messages:
        if message.status != "issued":
            raise BadInput("feeds.not_issued", id=message.id)
    for message in messages:
        for to in recipients:
            outbox.put(message.id, to.address)
    done: dict[str, list[Delivery]] = {"sent": [], "refused": [], "waiting": []}
    with outbox.alone():
        for delivery in outbox.deliveries(unsent=True):
            to = recipient(delivery.recipient)
            if to.way == "mail" and server is None:
                raise BadInput("feeds.no_server", recipient=to.address)
            state = _deliver(find(delivery.message), delivery, to, outbox, server, waits, timeout, sleep)
            done[state].append(delivery)
    return Sent(tuple(done["sent"]), tuple(done["refused"]), tuple(done["waiting"]))


def _deliver(
    message: Message, delivery: Delivery, to: Recipient, outbox: Outbox, server: MailServer | None,
    waits: Sequence[float], timeout: float, sleep: Callable[[float], None],
) -> Literal["sent", "refused", "waiting"]:  # fmt: skip
    reason = ""
    for wait in waits:
        if wait:
            sleep(wait)
        outbox.mark(delivery, "sending", reason=reason or None)
        try:
            if to.way == "hook":
                hook.deliver(message, to.address, timeout=timeout)
            else:
                assert server is not None
                mail.deliver(message, to.address, server, timeout=timeout)
        except Refused as error:
            outbox.mark(delivery, "refused", reason=str(error))
            return "refused"
        except Unreached as error:
            reason = str(error)
        else:
            outbox.mark(delivery, "sent", at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
            return "sent"
    outbox.mark(delivery, "waiting", reason=reason)
    return "waiting"
