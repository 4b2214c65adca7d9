"""`tocsin token`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.cli import main
from tocsin.guard import Tokens


def test_a_token_is_made_listed_and_revoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    assert main(["token", "add", "desk", "--role", "admin"]) == 0
    secret = capsys.readouterr().out.strip()
    identity = Tokens.of(tmp_path).find(secret)
    assert identity is not None
    assert identity.role == "admin"
    assert main(["token", "list", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["desk"]
    assert main(["token", "revoke", "desk"]) == 0
    assert Tokens.of(tmp_path).find(secret) is None
    assert main(["token", "revoke", "desk"]) == 2
    assert main(["token", "add", "desk", "--role", "king"]) == 2
    assert "reader, analyst, admin" in capsys.readouterr().err


def test_a_role_is_named_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    assert main(["--lang", "fr", "token", "add", "permanence", "--role", "reader"]) == 0
    assert "rôle lecteur." in capsys.readouterr().err
