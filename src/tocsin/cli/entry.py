"""Entry of the command line: language first, then the command, then one sentence for whatever went wrong."""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import errno
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tocsin import __version__
from tocsin.cli import output
from tocsin.cli.console import nearest
from tocsin.errors import TocsinError, UnknownName
from tocsin.text import LANGUAGES, say, set_language

INTERRUPTED = 130
BROKEN_PIPE = 141
ENDED = 143
DEFECT = 70
USAGE = 2
UNWRITTEN = {errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC}
"""Causes for which an output without a name, such as a report sent to a file by the shell, is not written."""

CLOSED = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)
"""What writing to a pipe that its reader has closed is refused with; Windows calls it a bad argument."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    arguments: words after `tocsin`; those of the process when None. 0 is success, 2 a bad input or usage,
    3 to 5 as in `tocsin.errors`, 70 a defect (its traceback is saved to a file that the message names),
    130 an interruption by the user, 141 a reader that closed the pipe, 143 a request to end (SIGTERM).
    """
    if arguments is None:
        signal.signal(signal.SIGTERM, _end)
    if sys.stdout is None:
        # Files opened later would take its place and receive what is printed.
        return _unwritten(os.strerror(errno.EBADF))
    _keep_printing()
    # Libraries warn who writes programs; what concerns users is said in sentences of our own.
    logging.captureWarnings(True)
    output.quiet(False)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(_take_globals(given))
    except TocsinError as error:
        output.complain(str(error))
        return error.exit_code
    except KeyboardInterrupt as stop:
        code = ENDED if isinstance(stop, _Ended) else INTERRUPTED
        if arguments is None:
            # Whoever stops it once more is not answered with a traceback.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
        output.complain(say("cli.interrupted"))
        if arguments is None:
            # Python would wait for threads at work on what nobody wants any more.
            os._exit(code)
        return code
    except OSError as error:
        if error.errno in CLOSED and error.filename is None:
            _leave_unsaid()
            return BROKEN_PIPE
        if error.filename is not None:
            output.complain(
                say("cli.file_refused", file=str(error.filename), reason=error.strerror or str(error))
            )
            return USAGE
        if error.errno in UNWRITTEN:
            _leave_unsaid()
            return _unwritten(error.strerror or str(error))
        return _save_defect(error, given)
    except MemoryError:
        output.complain(say("cli.memory"))
        return DEFECT
    except Exception as error:
        return _save_defect(error, given)


class _Ended(KeyboardInterrupt):
    """A request to end, after which is tidied up what is tidied up after Ctrl-C."""


def _end(number: int, frame: FrameType | None) -> None:
    raise _Ended


def _run(words: list[str]) -> int:
    from typer.exceptions import Exit, TyperException

    from tocsin.cli.app import build

    try:
        command = build(words[0] if words else "")
        with command.make_context("tocsin", words) as context:
            command.invoke(context)
        sys.stdout.flush()
    except Exit as stop:
        sys.stdout.flush()
        return stop.exit_code
    except TyperException as error:
        from tocsin.cli.usage import explain

        output.complain(explain(error))
        return USAGE
    return 0


def _take_globals(words: list[str]) -> list[str]:
    """Return the words without the global options, which may stand anywhere, having applied them.

    The language has to be known before any help is built, hence this pass before the parser's.
    """
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            kept.extend([word, *rest])
        elif name == "--lang":
            _choose(value if equals else next(rest, ""))
        elif word in ("--quiet", "-q"):
            output.quiet(True)
        else:
            kept.append(word)
    return kept


def _choose(code: str) -> None:
    for language in LANGUAGES:
        if code.lower() == language:
            set_language(language)
            return
    raise UnknownName("cli.no_such_language", value=code, choices=", ".join(LANGUAGES))


def _keep_printing() -> None:
    """Let an output that lacks a character show what comes nearest instead of stopping the command."""
    codecs.register_error("tocsin.nearest", nearest)
    # On Windows Python writes files and pipes in the code page of the country, which lacks what French needs
    # and which no reader expects; a window of its own it writes to in Unicode.
    narrow = os.name == "nt" and not os.environ.get("PYTHONIOENCODING")
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            encoding = "utf-8" if narrow and not stream.isatty() else None
            stream.reconfigure(encoding=encoding, errors="tocsin.nearest")  # type: ignore[union-attr]


def _leave_unsaid() -> None:
    # Python flushes stdout at exit; pointing it at nothing keeps that from failing a second time.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritten(reason: str) -> int:
    output.complain(say("cli.output_refused", reason=reason))
    return USAGE


def _save_defect(error: Exception, words: Sequence[str]) -> int:
    import platform
    import tempfile
    import traceback

    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    facts = [
        f"tocsin {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {list(words)!r}",
        "".join(traceback.format_exception(error)),
    ]
    try:
        handle, name = tempfile.mkstemp(prefix=f"tocsin-{stamp}-", suffix=".txt")
        os.close(handle)
        Path(name).write_text("\n".join(facts), encoding="utf-8", newline="\n")
        output.complain(say("cli.defect", kind=type(error).__name__, file=name))
    except OSError:
        output.complain(say("cli.defect_unsaved", kind=type(error).__name__, reason=str(error)))
    return DEFECT
