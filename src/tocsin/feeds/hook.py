"""A message as JSON to a webhook."""

from __future__ import annotations

import json

from tocsin.feeds.plain import values
from tocsin.feeds.refusal import Refused, Unreached
from tocsin.warn import Message

_AGAIN = (408, 425, 429, 503)
"""Answers of a receiver that took nothing, and is to be tried again."""


def deliver(message: Message, recipient: str, *, timeout: float) -> None:
    """POST a message; Refused if the receiver will never take it, Unreached if it may later.

    The `Idempotency-Key` is the message's id, the same however often it is sent: a receiver that has acted
    on it answers 200 again and does nothing.
    """
    import httpx

    # What fails before a byte of the message has left.
    before = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
    body = json.dumps(values(message), ensure_ascii=False, sort_keys=True).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.id, "User-Agent": "tocsin"}
    try:
        client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=True)
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        # A proxy or certificates, set in the environment, that cannot be used.
        raise Unreached(str(error) or type(error).__name__) from error
    try:
        with client:
            answer = client.post(recipient, content=body, headers=headers)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Refused(str(error)) from error
    except httpx.HTTPError as error:
        raise Unreached(str(error) or type(error).__name__, unclear=not isinstance(error, before)) from error
    if answer.is_success:
        return
    shown = f"{answer.status_code} {answer.reason_phrase}"
    if answer.status_code in _AGAIN:
        raise Unreached(shown)
    if answer.status_code >= 500:
        # It broke at its work, or a gateway lost sight of it: what was asked may have been done.
        raise Unreached(shown, unclear=True)
    raise Refused(shown)
