"""Tokens, sessions, limits and the audit."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from filled_disk import room_for
from nobody import as_nobody

from tocsin.errors import BadInput, Busy, Damaged, UnknownName
from tocsin.guard import ROLES, Audit, Identity, Limit, Tokens
from tocsin.guard.tokens import NAME


def test_a_secret_is_found_and_kept_nowhere(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    secret = tokens.add("Duty desk", "analyst")
    assert tokens.find(secret) == Identity("Duty desk", "analyst")
    assert tokens.find(secret[:-1]) is None
    assert tokens.find("") is None
    assert tokens.find("\ud800") is None
    assert secret.encode() not in (tmp_path / NAME).read_bytes()
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_file_of_tokens_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    tokens.add("first", "reader")
    (tmp_path / NAME).chmod(0o644)
    tokens.add("second", "reader")
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_each_role_may_what_those_before_it_may() -> None:
    for place, role in enumerate(ROLES):
        assert [Identity("x", role).may(other) for other in ROLES] == [n <= place for n in range(3)]


def test_a_token_that_is_revoked_ends_at_once_with_its_sessions(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    kept, gone = tokens.add("kept", "reader"), tokens.add("gone", "admin")
    identity = tokens.find(gone)
    assert identity is not None
    session = tokens.begin(identity)
    assert tokens.session(session.secret) == session
    tokens.revoke("gone")
    assert tokens.find(gone) is None
    assert tokens.session(session.secret) is None
    assert tokens.find(kept) is not None
    assert [row[:2] for row in tokens.list()] == [("kept", "reader")]


def test_a_session_of_a_revoked_token_stays_ended_when_its_name_is_given_again(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    identity = tokens.find(tokens.add("desk", "reader"))
    assert identity is not None
    session = tokens.begin(identity)
    tokens.revoke("desk")
    tokens.add("desk", "admin")
    assert tokens.session(session.secret) is None


def test_a_token_is_revoked_under_the_name_it_was_added_by(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    secret = tokens.add(" duty  desk", "reader")
    tokens.revoke(" duty  desk")
    assert tokens.find(secret) is None


def test_a_session_ends_after_twelve_hours_and_by_signing_out(tmp_path: Path) -> None:
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    now = [day]
    tokens = Tokens(tmp_path / NAME, lambda: now[0])
    identity = tokens.find(tokens.add("a", "reader"))
    assert identity is not None
    first, second = tokens.begin(identity), tokens.begin(identity)
    assert first.csrf != second.csrf
    tokens.end(first.secret)
    assert tokens.session(first.secret) is None
    now[0] = day + dt.timedelta(hours=12, seconds=-1)
    tokens.begin(identity)
    assert tokens.session(second.secret) == second
    now[0] = day + dt.timedelta(hours=12)
    assert tokens.session(second.secret) is None


def test_sessions_that_ended_are_not_kept(tmp_path: Path) -> None:
    now = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
    tokens = Tokens(tmp_path / NAME, lambda: now[0])
    identity = tokens.find(tokens.add("a", "reader"))
    assert identity is not None
    for _ in range(3):
        tokens.begin(identity)
        now[0] += dt.timedelta(days=1)
    with closing(sqlite3.connect(tmp_path / NAME)) as held:
        assert held.execute("SELECT count(*) FROM sessions").fetchall() == [(1,)]


def test_bad_names_and_roles_are_refused(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path)
    with pytest.raises(UnknownName, match="reader, analyst, admin"):
        tokens.add("a", "king")
    for name in ("", "  ", "a\x00b", "x" * 81):
        with pytest.raises(BadInput):
            tokens.add(name, "reader")
    tokens.add("a", "reader")
    with pytest.raises(BadInput, match="already"):
        tokens.add("a", "admin")
    with pytest.raises(UnknownName, match="There are: a"):
        tokens.revoke("b")


def test_without_tokens_nothing_is_made_by_asking(tmp_path: Path) -> None:
    tokens = Tokens.of(tmp_path / "home")
    assert tokens.find("anything") is None
    assert tokens.session("anything") is None
    assert tokens.list() == ()
    tokens.end("anything")
    with pytest.raises(UnknownName):
        tokens.revoke("a")
    assert not (tmp_path / "home").exists()
    tokens.add("a", "reader")
    assert [row[0] for row in tokens.list()] == ["a"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"not a database, and long enough to be looked at as one" * 40)
    with pytest.raises(Damaged, match=NAME):
        Tokens.of(tmp_path).find("anything")


def test_a_home_without_rights_is_said_not_to_be_writable() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o555)

        def task() -> None:
            with pytest.raises(BadInput, match=rf"{home / NAME} cannot be written"):
                Tokens.of(home).add("a", "reader")

        assert as_nobody(task) == 0


def test_a_file_in_use_is_not_said_to_be_damaged(tmp_path: Path) -> None:
    Tokens.of(tmp_path).add("a", "reader")
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy, match="in use by another process"):
        Tokens(tmp_path / NAME, wait=0.1).find("anything")
    other.close()


def test_a_limit_lets_a_burst_through_and_then_a_steady_rate() -> None:
    now = [0.0]
    limit = Limit(rate=2, burst=3, clock=lambda: now[0])
    assert [limit.take("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == pytest.approx(0.5)
    assert limit.take("b") == 0
    now[0] = 0.5
    assert limit.take("a") == 0
    assert limit.take("a") > 0
    now[0] = 0.75
    assert limit.take("a") == pytest.approx(0.25)


def test_a_limit_forgets_the_client_not_seen_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.guard.limits.CLIENTS", 2)
    limit = Limit(rate=1, burst=1, clock=lambda: 0.0)
    assert [limit.take(client) for client in "abacab"] == [0, 0, 1, 0, 1, 0]


def test_the_audit_has_one_line_for_each_write_that_only_its_owner_reads(tmp_path: Path) -> None:
    audit, start = Audit.of(tmp_path / "new" / "home"), dt.datetime.now(dt.UTC)
    for result in ("done", "again"):
        audit.write(who="Désk\n", role="admin", what="POST /", on="x", result=result, client="::1")
    file = tmp_path / "new/home/audit.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        assert abs(dt.datetime.fromisoformat(line.pop("at")) - start) < dt.timedelta(minutes=1)
    told = {"who": "Désk\n", "role": "admin", "what": "POST /", "on": "x", "client": "::1"}
    assert lines == [told | {"result": "done"}, told | {"result": "again"}]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("room", [0, 40])
def test_a_line_of_audit_for_which_there_is_no_room_is_told_as_missing(tmp_path: Path, room: int) -> None:
    audit = Audit.of(tmp_path)
    told = {"who": "desk", "role": "admin", "what": "POST /", "on": "x", "result": "done", "client": "::1"}
    with (
        room_for(room),
        pytest.raises(BadInput, match=r"\(File too large\), though what was asked"),
    ):
        audit.write(**told)
    left = audit.path.read_text()
    audit.write(**told)
    audit.write(**told)
    lines = audit.path.read_text().splitlines()
    assert lines[:-2] == ([left] if left else [])
    assert [json.loads(line)["who"] for line in lines[-2:]] == ["desk", "desk"]
    audit.path.unlink()
    audit.path.mkdir()
    with pytest.raises(BadInput, match=r"Nothing was written: .*audit\.jsonl \(Is a directory\)"):
        audit.ready()


def test_the_audit_is_written_byte_by_byte_where_a_system_would_change_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, real = [], os.open
    monkeypatch.setattr(os, "O_BINARY", 1 << 30, raising=False)
    monkeypatch.setattr(
        os, "open", lambda path, flags, mode: [opened.append(flags), real(path, flags & ~(1 << 30), mode)][1]
    )
    Audit.of(tmp_path).ready()
    assert [bool(flags & 1 << 30) for flags in opened] == [True]
