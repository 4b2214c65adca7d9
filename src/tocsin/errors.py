"""Every error a user can meet, as one tree.

    TocsinError                 the root: catch this to catch them all
    ├── BadInput                a file, option or value that cannot be used as it is          exit 2
    │   ├── BadFile             a file that is not what it should be (truncated, HTML, empty)
    │   ├── BadRow              one row of a file breaks the schema (line, column, value)
    │   ├── BadStore            a store, such as the ledger, that cannot be used where it lies
    │   └── UnknownName         a name that is not among the valid choices
    ├── NotAssessed             no release covers what was asked: absence is not zero         exit 3
    ├── Stale                   the data are too old for the answer asked for                  exit 3
    ├── Busy                    another process holds the file: try again when it is done      exit 1
    ├── NotReachable            a publisher or service did not answer, or refused              exit 4
    │   └── NotPublished        a publisher has no such release, or not yet
    └── Damaged                 stored bytes are not what their digest says                    exit 5

An error carries the key of a sentence in the locale files and the values that fill it, so that it can be
said in English or in French; `str(error)` says it in the current language.
"""

from __future__ import annotations

from typing import ClassVar

from tocsin.text import Language, say


class TocsinError(Exception):
    """Root of every error raised on purpose; `key` names its sentence, `values` fill it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def message(self, language: Language | None = None) -> str:
        """Return the sentence in `language` (the current one when None)."""
        return say(self.key, language, **self.values)

    def __str__(self) -> str:
        return self.message()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.key, self.values)


def _rebuild(kind: type[TocsinError], key: str, values: dict[str, object]) -> TocsinError:
    return kind(key, **values)


class BadInput(TocsinError):
    """A file, option or value that cannot be used as it is."""

    exit_code = 2


class BadFile(BadInput):
    """A file that is not what it should be: truncated, empty, HTML in place of data."""


class BadRow(BadInput):
    """One row of a file breaks the schema; values hold file, line, column and the value found."""


class BadStore(BadInput):
    """A store, as the ledger is, that cannot be used where it lies: absent, forbidden, of another version."""


class UnknownName(BadInput):
    """A name that is not among the valid choices, which the message lists."""


class NotAssessed(TocsinError):
    """No release covers what was asked; absence of data is never reported as calm."""

    exit_code = 3


class Stale(TocsinError):
    """The data are too old for the answer asked for."""

    exit_code = 3


class Busy(TocsinError):
    """Another process holds the file; the same again works when it is done."""


class NotReachable(TocsinError):
    """A publisher or service did not answer, or refused."""

    exit_code = 4


class NotPublished(NotReachable):
    """A publisher has no such release, or not yet."""


class Damaged(TocsinError):
    """Stored bytes are not what their digest says they are."""

    exit_code = 5
