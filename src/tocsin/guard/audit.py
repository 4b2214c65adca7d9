"""The audit: one line of JSON for each write that was asked for, with what became of it."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import BadInput

NAME = "audit.jsonl"


@dataclass(frozen=True)
class Audit:
    """The lines of one home, only ever added to."""

    path: Path

    @classmethod
    def of(cls, home: Path) -> Audit:
        """Return the audit of a home folder."""
        return cls(home / NAME)

    def ready(self) -> None:
        """See that a line can be added, before anything is written that would need one; BadInput if not."""
        os.close(self._open())

    def write(self, *, who: str, role: str, what: str, on: str, result: str, client: str) -> None:
        """Add a line and put it on disk. who: name of the token; result: `done`, `again` or why not."""
        line = json.dumps(
            {
                "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"), "who": who, "role": role,
                "what": what, "on": on, "result": result, "client": client,
            },
            ensure_ascii=False,
        )  # fmt: skip
        handle = self._open()
        try:
            # Not `os.write`, which takes what there is room for and says nothing of the rest.
            with os.fdopen(handle, "a+b") as file:
                # What a full disk left of an earlier line is not to be joined by this one.
                if file.seek(0, os.SEEK_END):
                    file.seek(-1, os.SEEK_END)
                    line = line if file.read() == b"\n" else f"\n{line}"
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(handle)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("guard.audit_broken", path=str(self.path), reason=reason) from error

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Windows would end the lines its own way.
            binary: int = getattr(os, "O_BINARY", 0)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | binary, 0o600)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("guard.no_audit", path=str(self.path), reason=reason) from error
