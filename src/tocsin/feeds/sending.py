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

from tocsin.errors import BadInput, TocsinError, UnknownName
from tocsin.feeds import hook, mail
from tocsin.feeds.mail import MailServer, mail_server
from tocsin.feeds.outbox import Delivery, Outbox, State
from tocsin.feeds.refusal import Refused, Unreached
from tocsin.text import number, say
from tocsin.warn import Message

WAITS: tuple[float, ...] = (0.0, 1.0, 4.0)
"""Seconds before each attempt of a round; what fails three times waits for the next round.

What else the round has for a recipient not reached so is tried once: not at all would let one message that
breaks its receiver hold up the others in every round.
"""

TIMEOUT = 20.0

GIVE_UP_DAYS = 30
"""Days after its first attempt from which a delivery that fails once more is given up."""

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
    as things are is left waiting, with the reason, and does not hold up the rest; what has waited for
    `GIVE_UP_DAYS` is given up, and counts as refused.
    Raises as `check`, with nothing kept or sent.
    """
    check(messages, recipients, server)
    outbox.put((message.id, to.address) for message in messages for to in recipients)
    with outbox.alone():
        due = outbox.deliveries(unsent=True)
        lost: set[str] = set()
        for delivery in due:
            waits = WAITS[:1] if delivery.recipient in lost else WAITS
            if _deliver(delivery, outbox, find, server, timeout, sleep, waits):
                lost.add(delivery.recipient)
        tried = {(delivery.message, delivery.recipient) for delivery in due}
        found = [d for d in outbox.deliveries() if (d.message, d.recipient) in tried]
    ends: tuple[State, ...] = ("sent", "refused", "waiting")
    return Sent(*(tuple(d for d in found if d.state == end) for end in ends))


def check(messages: Sequence[Message], recipients: Sequence[Recipient], server: MailServer | None) -> None:
    """Raise BadInput for a message that was not issued, and for a recipient by e-mail without a server."""
    for message in messages:
        if message.status != "issued":
            raise BadInput("feeds.not_issued", id=message.id)
    for to in recipients:
        if to.way == "mail" and server is None:
            raise BadInput("feeds.no_server", recipient=to.address)


def withdraw(withdrawn: Mapping[str, Message], outbox: Outbox) -> tuple[Delivery, ...]:
    """Put withdrawals into the outbox, each once, for all who have or may have the message it takes back.

    withdrawn: by the id of that message. Its deliveries that still wait are removed and returned.
    """
    with outbox.alone():
        held = outbox.deliveries()
        put = {(delivery.message, delivery.recipient) for delivery in held}
        wrong = [delivery for delivery in held if delivery.message in withdrawn]
        told = ((withdrawn[one.message].id, one.recipient) for one in wrong if one.there)
        outbox.put(pair for pair in told if pair not in put)
        return _removed([delivery for delivery in wrong if delivery.due], outbox)


def drop(recipients: Sequence[str], outbox: Outbox) -> tuple[Delivery, ...]:
    """Remove what waits for recipients, named whole or as they are shown, and return it.

    UnknownName, with nothing removed, where nothing waits for one of them.
    """
    with outbox.alone():
        due = outbox.deliveries(unsent=True)
        for name in recipients:
            if not any(name in (delivery.recipient, delivery.shown) for delivery in due):
                choices = ", ".join(sorted({delivery.shown for delivery in due})) or "–"
                raise UnknownName("feeds.nothing_waits", value=name[:120], choices=choices)
        chosen = [d for d in due if d.recipient in recipients or d.shown in recipients]
        return _removed(chosen, outbox)


def _removed(deliveries: Sequence[Delivery], outbox: Outbox) -> tuple[Delivery, ...]:
    for delivery in deliveries:
        outbox.remove(delivery)
    return tuple(deliveries)


def _deliver(
    delivery: Delivery, outbox: Outbox, find: Callable[[str], Message], server: MailServer | None,
    timeout: float, sleep: Callable[[float], None], waits: Sequence[float],
) -> bool:  # fmt: skip
    """Send a delivery, mark how it ended, and return whether its recipient was tried in vain."""
    reason, unclear = "", delivery.state == "sending"

    def mark(state: State) -> None:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        outbox.mark(delivery, state, at=now, reason=reason or None, unclear=unclear)

    in_vain = False
    for wait in waits:
        if wait:
            sleep(wait)
        mark("sending")
        try:
            _hand_over(delivery, find, server, timeout)
        except Refused as error:
            reason = str(error)
            mark("refused")
            return False
        except Unreached as error:
            reason = str(error)
            unclear |= error.unclear
        except TocsinError as error:
            # In the way is something here (no mail server set, no such message), which no waiting mends.
            reason = str(error)
            break
        else:
            reason = ""
            mark("sent")
            return False
    else:
        in_vain = True
    if _old(delivery):
        reason = say("feeds.given_up", days=number(GIVE_UP_DAYS), reason=reason)
        mark("refused")
    else:
        mark("waiting")
    return in_vain


def _old(delivery: Delivery) -> bool:
    if delivery.since is None:
        return False
    return dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(delivery.since) > dt.timedelta(GIVE_UP_DAYS)


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
