"""A message as e-mail, by SMTP."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from tocsin import digest
from tocsin.errors import BadInput
from tocsin.feeds.cap import cap
from tocsin.feeds.refusal import Refused, Unreached
from tocsin.text import LANGUAGES, Language, current_language
from tocsin.warn import Message

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_TRANSIENT = range(400, 500)


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed over, and in whose name; the password is not shown."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: str

    def __repr__(self) -> str:
        return f"MailServer({self.scheme}://{self.host}:{self.port}, sender={self.sender!r})"


def mail_server(url: str, sender: str) -> MailServer:
    """Return the server of a URL such as smtp+starttls://user:password@host:587; BadInput if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise BadInput("feeds.smtp_url") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadInput("feeds.smtp_url")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    if not f"{user}{password}".isascii():
        raise BadInput("feeds.smtp_letters")
    if email.utils.parseaddr(sender)[1] != sender or "@" not in sender:
        raise BadInput("feeds.mail_from", value=sender[:80])
    return MailServer(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password, sender)


def compose(message: Message, recipient: str, sender: str) -> EmailMessage:
    """Return the e-mail: both languages, the reader's first, and the CAP alert attached."""
    mine = current_language()
    order: list[Language] = [mine, *(language for language in LANGUAGES if language != mine)]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = " / ".join(message.texts[language].headline for language in order)
    mail["Message-ID"] = _message_id(message.id, recipient, sender)
    mail["Date"] = dt.datetime.fromisoformat(message.sent)
    mail["Auto-Submitted"] = "auto-generated"
    if message.references:
        mail["In-Reply-To"] = _message_id(message.references[0][0], recipient, sender)
    parts = []
    for language in order:
        said = message.texts[language]
        parts.append("\n\n".join((said.headline, *said.paragraphs())))
    mail.set_content(f"\n\n{'-' * 40}\n\n".join(parts) + f"\n\n{message.id}\n")
    mail.add_attachment(cap(message), maintype="application", subtype="cap+xml", filename=f"{message.id}.xml")
    return mail


def deliver(message: Message, recipient: str, server: MailServer, *, timeout: float) -> None:
    """Hand the e-mail over; Refused if it will never be taken, Unreached if it may be later.

    Only what a server says of the recipient or of the content is final: a wrong password or sender can be
    put right, and what waits is then sent.
    """
    mail = compose(message, recipient, server.sender)
    try:
        _hand_over(mail, server, timeout)
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        raise _failure(code, reason) from error
    except smtplib.SMTPDataError as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        raise Unreached(_shown(error.smtp_code, error.smtp_error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreached(str(error) or type(error).__name__) from error


def _hand_over(mail: EmailMessage, server: MailServer, timeout: float) -> None:
    context = ssl.create_default_context()
    link: smtplib.SMTP
    if server.scheme == "smtps":
        link = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        if server.scheme == "smtp+starttls":
            link.starttls(context=context)
        if server.user is not None:
            link.login(server.user, server.password or "")
        try:
            link.send_message(mail)
        except smtplib.SMTPServerDisconnected as error:
            # It may have gone silent after the last byte: then it has the mail.
            raise Unreached(str(error), unclear=True) from error
    finally:
        # What was taken is sent, whatever the server answers to the farewell.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            link.quit()
        link.close()


def _message_id(id: str, recipient: str, sender: str) -> str:
    """Return the Message-ID of a message to a recipient: the same however often it is sent."""
    # One id for each recipient: a server that drops what it has seen must not drop another's copy. Short, so
    # that no line of the header has to be folded.
    return f"<{digest.of_parts(id, recipient)[:32]}@{sender.rpartition('@')[2]}>"


def _failure(code: int, reason: bytes | str) -> Refused | Unreached:
    shown = _shown(code, reason)
    return Unreached(shown) if code in _TRANSIENT else Refused(shown)


def _shown(code: int, reason: bytes | str) -> str:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    # What a server answers is shown on a terminal, which would do what control characters in it say.
    return "".join(sign if sign.isprintable() else "�" for sign in " ".join(f"{code} {text}".split()))[:300]
