"""Tokens: named secrets with a role, and the sessions of browsers that signed in with one.

A secret is 256 random bits, shown once. Only its SHA-256 is kept: a slow password hash guards secrets that
people choose and others can guess; nobody guesses 256 bits, and a fast digest lets every request be checked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from tocsin import sqlite
from tocsin.errors import BadInput, UnknownName

Role = Literal["reader", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most that one may do; each may do what those before it may."""

NAME = "tokens.sqlite"
PREFIX = "tocsin_"
HOURS = 12
"""How long a session of a browser lasts."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, made TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, ends TEXT NOT NULL);
"""
_WORDS: Mapping[sqlite.Trouble, str] = {
    "busy": "guard.busy", "damaged": "guard.damaged", "denied": "guard.unwritable",
}  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """Who asks: the name of a token, and what its role may do."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Return whether this role may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Session:
    """A browser that signed in: the secret in its cookie, and what its forms must carry."""

    secret: str
    identity: Identity

    @property
    def csrf(self) -> str:
        """What every form of the session carries; no other site can know it."""
        return csrf_of(self.secret)


def csrf_of(secret: str) -> str:
    """Return what the forms of a session carry, made from its secret and telling nothing of it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Tokens:
    """The tokens of one home. Every question goes to the file: a token that is revoked ends at once.

    wait: seconds to wait for another process that holds the file.
    """

    path: Path
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    wait: float = 10.0

    @classmethod
    def of(cls, home: Path) -> Tokens:
        """Return the tokens of a home folder; nothing is made before one is added."""
        return cls(home / NAME)

    def add(self, name: str, role: str) -> str:
        """Make a token and return its secret, which is shown this once. BadInput for a name in use."""
        wanted = _role(role)
        plain = _plain(name)
        if not plain or len(plain) > 80 or not plain.isprintable():
            raise BadInput("guard.bad_name", value=name[:80])
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._write(make=True) as held:
            try:
                row = (plain, wanted, _digest(secret), self.now().isoformat(timespec="seconds"))
                held.execute("INSERT INTO tokens VALUES (?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise BadInput("guard.name_in_use", value=plain) from None
        return secret

    def list(self) -> tuple[tuple[str, Role, str], ...]:
        """Return name, role and day of making of every token, by name."""
        if not self.path.exists():
            return ()
        with self._open() as held:
            return tuple(held.execute("SELECT name, role, made FROM tokens ORDER BY name").fetchall())

    def revoke(self, name: str) -> None:
        """End a token and its sessions at once; UnknownName if there is none."""
        plain = _plain(name)
        with self._write() as held:
            held.execute("DELETE FROM sessions WHERE name = ?", (plain,))
            if not held.execute("DELETE FROM tokens WHERE name = ?", (plain,)).rowcount:
                choices = ", ".join(row[0] for row in held.execute("SELECT name FROM tokens ORDER BY name"))
                raise UnknownName("guard.no_token", value=name[:80], choices=choices or "–")

    def find(self, secret: str) -> Identity | None:
        """Return whose secret it is, None for nobody's; the time taken says nothing about it."""
        if not self.path.exists():
            return None
        wanted = _digest(secret)
        with self._open() as held:
            return _match(wanted, held.execute("SELECT digest, name, role FROM tokens").fetchall())

    def begin(self, identity: Identity) -> Session:
        """Begin a session of a browser for a token."""
        secret = secrets.token_urlsafe(32)
        ends = (self.now() + dt.timedelta(hours=HOURS)).isoformat(timespec="seconds")
        with self._write() as held:
            stamp = self.now().isoformat(timespec="seconds")
            held.execute("DELETE FROM sessions WHERE ends < ?", (stamp,))
            held.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_digest(secret), identity.name, ends))
        return Session(secret, identity)

    def session(self, secret: str) -> Session | None:
        """Return a running session by its secret; None where it ended or its token was revoked."""
        if not self.path.exists():
            return None
        join = "sessions s JOIN tokens t ON t.name = s.name"
        query = f"SELECT s.digest, t.name, t.role FROM {join} WHERE s.ends > ?"
        with self._open() as held:
            stamp = self.now().isoformat(timespec="seconds")
            found = _match(_digest(secret), held.execute(query, (stamp,)).fetchall())
        return None if found is None else Session(secret, found)

    def end(self, secret: str) -> None:
        """End a session."""
        if self.path.exists():
            with self._write() as held:
                held.execute("DELETE FROM sessions WHERE digest = ?", (_digest(secret),))

    @contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        if not make and not self.path.exists():
            raise UnknownName("guard.no_tokens", path=str(self.path))
        with sqlite.said(_WORDS, self.path):
            if make:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite.connect(self.path, self.wait, private=make)) as held:
                held.executescript(_SCHEMA)
                yield held

    @contextmanager
    def _write(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        with self._open(make=make) as held, sqlite.write(held):
            yield held


def _plain(name: str) -> str:
    return " ".join(name.split())


def _match(wanted: str, rows: list[tuple[str, str, Role]]) -> Identity | None:
    found = None
    for digest, name, role in rows:
        # Every row is compared, whole: neither the place of a match nor a near miss shows in the time.
        if hmac.compare_digest(digest, wanted):
            found = Identity(name, role)
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _role(name: str) -> Role:
    for role in ROLES:
        if name == role:
            return role
    raise UnknownName("guard.no_role", value=name[:40], choices=", ".join(ROLES))
