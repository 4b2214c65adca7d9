"""A real SMTP server and a real HTTP receiver on loopback."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from feed_receivers import Hook, Post
from webhook import receiving


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    held = Post(port)
    controller = Controller(
        held,  # type: ignore[arg-type]
        hostname="127.0.0.1",
        port=port,
        authenticator=held.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    monkeypatch.setenv("TOCSIN_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("TOCSIN_MAIL_FROM", "alerts@example.org")
    yield held
    controller.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    held = Hook()

    def take(key: str, body: bytes) -> int:
        told = json.loads(body)
        held.requests.append((key, told))
        code = held.codes.pop(0) if held.codes else 200
        if code == 200:
            held.done.setdefault(key, told)
        return code

    with receiving(take) as address:
        held.url = f"{address}/warnings"
        yield held
