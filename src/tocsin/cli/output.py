"""What a command writes: results on stdout, everything else (progress, remarks, errors) on stderr."""

from __future__ import annotations

import datetime as dt
import json
import math
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

Report = Callable[[str, float, float | None], None]
"""Progress: the sentence of the stage, how much of it is done, and of how much (None when unknown)."""


@dataclass
class _Settings:
    quiet: bool = False


_settings = _Settings()


def quiet(on: bool) -> None:
    """Say nothing on stderr but errors when `on`."""
    _settings.quiet = on


def emit(payload: Any) -> None:
    """Write `payload` to stdout as JSON: sorted keys, dates as ISO 8601, a missing number as null.

    Letters are escaped where stdout is not Unicode: a program that reads it gets every one of them.
    """
    escaped = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    json.dump(_plain(payload), sys.stdout, ensure_ascii=escaped, indent=2, sort_keys=True, allow_nan=False)
    sys.stdout.write("\n")


def hand_on(content: bytes) -> None:
    """Write to stdout, byte by byte, what programs read in UTF-8 whatever stdout is written in."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def show(*what: RenderableType | str) -> None:
    """Write tables and sentences to stdout for a person.

    Strings are written as they are, with no markup read in them, and broken at plain spaces alone: a long
    path stays whole, and no line of French begins with a colon. A table wider than the terminal is not cut.
    """
    console = _console(stderr=False)
    for item in what:
        if isinstance(item, str):
            console.print(_wrapped(item, console.width), soft_wrap=True)
        else:
            console.print(item, crop=False)


def table(title: str | None = None, **told: Any) -> Table:
    """Return an empty table as every command draws its own; told: as for `rich.table.Table`."""
    from rich import box
    from rich.table import Table

    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, **told
    )


def remark(sentence: str) -> None:
    """Write a sentence to stderr unless asked to be quiet."""
    if not _settings.quiet:
        _console(stderr=True).print(sentence, soft_wrap=True)


def complain(sentence: str) -> None:
    """Write the sentence of an error to stderr, unwrapped so that a name or path in it can be copied."""
    # With nobody left to read it, the command still ends with the code of what went wrong.
    with suppress(OSError):
        _console(stderr=True).print(sentence, soft_wrap=True, style="bold red")


def width() -> int:
    """Return how many columns of text stdout shows."""
    return _console(stderr=False).width


@contextmanager
def progress() -> Iterator[Report]:
    """Yield a function that draws a bar on stderr; it draws nothing when quiet or not on a terminal.

    What is waited for within is broken off by Ctrl-C.
    """
    if hasattr(signal, "siginterrupt"):
        # Polars, once loaded, has the system take up again what Ctrl-C broke off: such as a wait for workers.
        signal.siginterrupt(signal.SIGINT, True)
    console = _console(stderr=True)
    if _settings.quiet or not console.is_terminal:
        yield lambda stage, done, total: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(stage: str, done: float, total: float | None) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield report


def _console(*, stderr: bool) -> Console:
    from tocsin.cli.console import screen

    return screen(stderr=stderr)


def _wrapped(text: str, width: int) -> str:
    broken = (
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    )
    return "\n".join(line for lines in broken for line in lines)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
