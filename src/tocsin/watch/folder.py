"""The folder results go to: written beside it, then moved into place in one step."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tocsin.errors import BadInput, TocsinError
from tocsin.feeds import NAMES as FEEDS
from tocsin.files import foreign, move, naming, passing_folder
from tocsin.tables import NAME as PACKAGE
from tocsin.watch.edition import FILES as BULLETIN

OWNED = frozenset(
    (
        "ranking.csv",
        "ranking.parquet",
        "forecasts.parquet",
        "draws.parquet",
        "summary.json",
        PACKAGE,
        "charts",
        *FEEDS,
        *BULLETIN,
    )
)
"""What a folder of results may hold: anything else in it is someone's work, and the folder is not touched."""

_CROSSED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)
"""What a move is refused with when another watch has put its results there, or taken them, meanwhile."""

_TRIES = 20


def check_folder(out: str | Path) -> Path:
    """Return `out` resolved; BadInput if it is a file or holds anything but earlier results.

    Puts back the results of a replacement that was cut off.
    """
    place = Path(out).expanduser().resolve()
    retired = _retired(place)
    # Another watch into it may be at the same, or between its two moves.
    with suppress(OSError):
        if retired.exists() and not place.exists():
            retired.rename(place)
    if place.exists() and not place.is_dir():
        raise BadInput("watch.out_is_file", out=str(out))
    if others := foreign(place, OWNED):
        raise BadInput("watch.out_holds_others", out=str(out), name=others[0], count=len(others))
    return place


@contextmanager
def replaced(out: str | Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `out` at the end; on any error `out` stays as it was.

    Of several at once the one that ends last stands. BadInput, naming `out` and the cause, where it cannot be
    written or replaced.
    """
    place = check_folder(out)
    with naming(Path(out)):
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = passing_folder(place)
        try:
            yield fresh
            try:
                _settle(fresh, place)
            except PermissionError as error:
                reason = error.strerror or str(error)
                raise BadInput("watch.out_in_use", out=str(out), reason=reason) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def failure_noted(out: str | Path) -> Iterator[None]:
    """Leave a note beside `out` if what is done within fails, and take away an earlier one if it does not.

    The results in `out` stay as they were; the note tells whoever serves them that the last run failed.
    """
    note = _note(check_folder(out))
    try:
        yield
    except Exception as error:
        key = error.key if isinstance(error, TocsinError) else type(error).__name__
        with suppress(OSError):
            note.write_text(key + "\n", encoding="utf-8", newline="\n")
        raise
    note.unlink(missing_ok=True)


def failure(out: str | Path) -> str | None:
    """Return what the last watch into `out` failed of (the key of an error), None if it did not."""
    with suppress(OSError):
        return _note(Path(out).expanduser().resolve()).read_text(encoding="utf-8").strip()
    return None


def _note(place: Path) -> Path:
    return place.parent / f".{place.name}.failed"


def _settle(fresh: Path, place: Path) -> None:
    for left in reversed(range(_TRIES)):
        try:
            return _swap(fresh, place)
        except OSError as error:
            if error.errno not in _CROSSED or not left:
                raise


def _swap(fresh: Path, place: Path) -> None:
    retired = _retired(place)
    shutil.rmtree(retired, ignore_errors=True)
    if place.exists():
        move(place, retired)
    try:
        move(fresh, place)
    except BaseException:
        if retired.exists():
            move(retired, place)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _retired(place: Path) -> Path:
    return place.parent / f".{place.name}.old"
