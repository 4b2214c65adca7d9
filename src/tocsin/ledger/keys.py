"""The signing key on disk: one file that only its owner can read, and the public keys it has had."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tocsin.errors import BadInput
from tocsin.files import naming, write
from tocsin.ledger.checkpoint import SigningKey, VerifierKey

_Kept = TypeVar("_Kept")


def key_file(folder: str | Path) -> Path:
    """Return the path of the signing key."""
    return Path(folder) / "ledger.key"


def public_file(folder: str | Path) -> Path:
    """Return the path of the list of public keys."""
    return Path(folder) / "ledger.pub"


def load_key(folder: str | Path) -> SigningKey | None:
    """Return the signing key, or None where there is none; BadInput if the file is not a key."""
    return _read(key_file(folder), SigningKey.parse, "ledger.bad_key_file")


def load_public(folder: str | Path) -> tuple[VerifierKey, ...]:
    """Return the public keys known in this folder, the present one included: its own, and those it trusts.

    BadInput if a file cannot be read or is not of keys.
    """
    keys = _read(public_file(folder), _listed, "ledger.bad_public_file") or []
    present = load_key(folder)
    if present is not None and present.verifier not in keys:
        keys.append(present.verifier)
    return tuple(keys)


def trust_key(folder: str | Path, key: VerifierKey) -> bool:
    """Add another's public key to those of a folder; False where it is known already.

    BadInput for a key that was retired, or if the list cannot be read or written, or is not of keys.
    """
    known, path = load_public(folder), public_file(folder)
    if key in known:
        if (until := known[known.index(key)].until) is not None:
            raise BadInput("ledger.key_retired", name=key.name, until=until, path=path)
        return False
    write(path, "".join(f"{one.line}\n" for one in (*known, key)).encode())
    return True


def retire_key(folder: str | Path, key: VerifierKey, size: int) -> VerifierKey:
    """Let a key of a folder be good up to a ledger of `size` entries, and return it as it is kept.

    A key that was retired before is never good for longer. BadInput for one that is not known, for the key
    that signs now, or for a list that cannot be read or written.
    """
    known, path, present = load_public(folder), public_file(folder), load_key(folder)
    if size < 0:
        raise BadInput("ledger.bad_size", value=size)
    if key not in known:
        raise BadInput("ledger.key_not_known", name=key.name, path=path)
    if present is not None and key == present.verifier:
        raise BadInput("ledger.key_in_use", name=key.name, path=key_file(folder))
    held = known[known.index(key)].until
    made = replace(key, until=size if held is None else min(size, held))
    write(path, "".join(f"{(made if one == key else one).line}\n" for one in known).encode())
    return made


def _listed(text: str) -> list[VerifierKey]:
    return [VerifierKey.of_line(line) for line in text.splitlines() if line.strip()]


def _read(path: Path, parse: Callable[[str], _Kept], bad: str) -> _Kept | None:
    """Return what a file holds, or None where there is none; BadInput, said by `bad`, if it holds no keys."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, BadInput):
        raise BadInput(bad, path=path) from None
    except OSError as error:
        raise BadInput("ledger.key_unreadable", path=path, reason=error.strerror or str(error)) from None


def make_key(folder: str | Path, name: str) -> SigningKey:
    """Create a signing key under `name` and keep it with mode 0600, whole or not at all.

    BadInput where there is one already, or for a place that refuses it.
    """
    folder = Path(folder)
    key, path, listed = SigningKey.generate(name), key_file(folder), public_file(folder)
    if path.is_file():
        raise BadInput("ledger.key_exists", path=path)
    with naming(path):
        folder.mkdir(parents=True, exist_ok=True)
        before = listed.stat().st_size if listed.is_file() else None
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(key.secret() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            with listed.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(f"{key.verifier}\n")
        except BaseException:
            # A key, or a line of the list, of which half is there would be in the way of the whole ledger.
            path.unlink()
            if before is None:
                listed.unlink(missing_ok=True)
            else:
                os.truncate(listed, before)
            raise
    return key
