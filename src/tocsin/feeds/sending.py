"""Sending: a round over the outbox, with retries."""

from __future__ import annotations

import datetime as dt
import email.utils
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from tocsin.errors import BadInput, TocsinError
from tocsin.feeds import hook, mail
from tocsin.feeds.mail import MailServer, mail_server
from tocsin.feeds.outbox import Delivery, Outbox, State
from tocsin.feeds.refusal import Refused, Unreached
from tocsin.warn import Message

WAITS: tuple[float, ...] = (0.0, 1.0, 4.0)
"""Seconds before each attempt of a round; what fails three times waits for the next round."""

TIMEOUT = 20.0

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


@dataclass(frozen=True)
class Recipient:
    """Where messages go: an e-mail address or the URL of a webhook."""

    way: Literal["mail", "hook"]
    address: str


@dataclass(frozen=True)
class Sent:
    """What a round came to: deliveries made, refused and still waiting, each as it stands after it."""

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
    timeout: float = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Put messages into the outbox for each recipient, then send all that waits in it.

    find: returns the message of an id, for what an earlier round left. server: for e-mail.
    A message that a recipient has had is not sent to it again; one that it refused is. What cannot be sent
    as things are is left waiting, with the reason, and does not hold up the rest.
    BadInput for a message that was not issued, and for a recipient by e-mail without a server.
    """
    for message in messages:
        if message.status != "issued":
            raise BadInput("feeds.not_issued", id=message.id)
    for to in recipients:
        if to.way == "mail" and server is None:
            raise BadInput("feeds.no_server", recipient=to.address)
    for message in messages:
        for to in recipients:
            outbox.put(message.id, to.address)
    with outbox.alone():
        due = outbox.deliveries(unsent=True)
        for delivery in due:
            _deliver(delivery, outbox, find, server, timeout, sleep)
        tried = {(delivery.message, delivery.recipient) for delivery in due}
        found = [d for d in outbox.deliveries() if (d.message, d.recipient) in tried]
    ends: tuple[State, ...] = ("sent", "refused", "waiting")
    return Sent(*(tuple(d for d in found if d.state == end) for end in ends))


def withdraw(withdrawn: Mapping[str, Message], outbox: Outbox) -> None:
    """Put withdrawals into the outbox, each once, for all who were sent the message that it takes back.

    withdrawn: by the id of that message. A delivery that was cut off counts as sent: it may have arrived.
    """
    held = outbox.deliveries()
    there = {(delivery.message, delivery.recipient) for delivery in held}
    for delivery in held:
        message = withdrawn.get(delivery.message)
        if message is None or delivery.state not in ("sent", "sending"):
            continue
        if (message.id, delivery.recipient) not in there:
            outbox.put(message.id, delivery.recipient)


def _deliver(
    delivery: Delivery, outbox: Outbox, find: Callable[[str], Message], server: MailServer | None,
    timeout: float, sleep: Callable[[float], None],
) -> None:  # fmt: skip
    reason = ""
    for wait in WAITS:
        if wait:
            sleep(wait)
        outbox.mark(delivery, "sending", reason=reason or None)
        try:
            _hand_over(delivery, find, server, timeout)
        except Refused as error:
            outbox.mark(delivery, "refused", reason=str(error))
            return
        except Unreached as error:
            reason = str(error)
        except TocsinError as error:
            # In the way is something here (no mail server set, no such message), which no waiting mends.
            reason = str(error)
            break
        else:
            outbox.mark(delivery, "sent", at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
            return
    outbox.mark(delivery, "waiting", reason=reason)


def _hand_over(
    delivery: Delivery, find: Callable[[str], Message], server: MailServer | None, timeout: float
) -> None:
    to, message = recipient(delivery.recipient), find(delivery.message)
    if to.way == "hook":
        hook.deliver(message, to.address, timeout=timeout)
    elif server is None:
        raise BadInput("feeds.no_server", recipient=to.address)
    else:
        mail.deliver(message, to.address, server, timeout=timeout)
