"""The signing key on disk: one file that only its owner can read, and the public keys it has had."""

from __future__ import annotations

import os
from pathlib import Path

from tocsin.errors import BadInput
from tocsin.ledger.checkpoint import SigningKey, VerifierKey


def key_file(folder: Path) -> Path:
    """Return the path of the signing key."""
    return folder / "ledger.key"


def public_file(folder: Path) -> Path:
    """Return the path of the list of public keys."""
    return folder / "ledger.pub"


def load_key(folder: Path) -> SigningKey | None:
    """Return the signing key, or None where there is none; BadInput if the file is not a key."""
    path = key_file(folder)
    try:
        return SigningKey.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, BadInput):
        raise BadInput("ledger.bad_key_file", path=path) from None
    except OSError as error:
        raise BadInput("ledger.key_unreadable", path=path, reason=error.strerror or str(error)) from None


def load_public(folder: Path) -> tuple[VerifierKey, ...]:
    """Return every public key this folder has had, the present one included, in the order they were made."""
    path = public_file(folder)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    keys = [VerifierKey.parse(line) for line in lines if line.strip()]
    present = load_key(folder)
    if present is not None and present.verifier not in keys:
        keys.append(present.verifier)
    return tuple(keys)


def make_key(folder: Path, name: str) -> SigningKey:
    """Create a signing key under `name` and keep it with mode 0600, whole or not at all.

    BadInput where there is one already, or for a place that refuses it.
    """
    key, path, listed = SigningKey.generate(name), key_file(folder), public_file(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = listed.stat().st_size if listed.is_file() else None
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if path.is_file():
            raise BadInput("ledger.key_exists", path=path) from None
        raise BadInput("ledger.place_refused", path=path, reason=error.strerror or str(error)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(key.secret() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with listed.open("a", encoding="utf-8") as stream:
            stream.write(f"{key.verifier}\n")
    except OSError as error:
        # A key, or a line of the list, of which half is there would be in the way of the whole ledger.
        path.unlink()
        if before is None:
            listed.unlink(missing_ok=True)
        else:
            os.truncate(listed, before)
        raise BadInput("ledger.place_refused", path=path, reason=error.strerror or str(error)) from None
    return key
