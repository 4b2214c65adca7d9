"""What a run has done so far: one file an origin, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tocsin import files, forecast, months
from tocsin.backtest.rows import Unscored, schema, score_origin
from tocsin.backtest.settings import Settings, code_of
from tocsin.errors import BadInput
from tocsin.forecast.threads import one_thread
from tocsin.panel import Panel
from tocsin.text import say

Notice = Callable[[str], None]

_KEY = b"tocsin.key"
_UNSCORED = b"tocsin.unscored"


@dataclass(frozen=True)
class Parts:
    """The folder of a run's parts, `OUT.parts/<key>`: parts of other settings lie in other folders."""

    folder: Path
    key: str
    level: str

    @classmethod
    def of(cls, out: Path, settings: Settings, level: str) -> Parts:
        """Return the parts of a run; BadInput if nothing can be written beside `out`."""
        if out.is_dir():
            raise BadInput("backtest.out_is_folder", file=out)
        folder = out.with_name(out.name + ".parts") / settings.key[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f"probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("backtest.unwritable", file=out, reason=reason) from error
        return cls(folder, settings.key, level)

    def file(self, origin: int) -> Path:
        """Return the file of one origin."""
        return self.folder / f"{months.label(origin)}.parquet"

    def missing(self, origins: tuple[int, ...], notice: Notice) -> list[int]:
        """Return the origins without a whole part; a part that cannot be read is told and thrown away."""
        wanted = []
        for origin in origins:
            file = self.file(origin)
            if file.exists():
                if self.read(origin) is not None:
                    continue
                notice(say("backtest.damaged_part", file=file, origin=months.label(origin)))
                file.unlink()
            wanted.append(origin)
        return wanted

    def read(self, origin: int) -> tuple[pa.Table, Unscored] | None:
        """Return the rows of one origin; None if its file is damaged or not of this run."""
        try:
            table = pq.read_table(self.file(origin), partitioning=None, page_checksum_verification=True)
            facts = table.schema.metadata or {}
            if facts.get(_KEY) != self.key.encode() or not table.schema.equals(schema(self.level)):
                return None
            return table.replace_schema_metadata(None), Unscored(**json.loads(facts[_UNSCORED]))
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None

    def write(self, origin: int, content: bytes) -> None:
        """Put the part of one origin in place, whole or not at all; BadInput where the place refuses it."""
        files.write(self.file(origin), content)

    def remove(self) -> None:
        """Remove the parts, and the folder around them if no other run has parts in it."""
        # Another process with the same run may be at it too.
        shutil.rmtree(self.folder, ignore_errors=True)
        self.tidy()

    def tidy(self) -> None:
        """Remove the folder, and the one around it, where they hold nothing."""
        for folder in (self.folder, self.folder.parent):
            # Not empty, or removed by another process.
            with suppress(OSError):
                folder.rmdir()


def make(panel: Panel, settings: Settings, origin: int) -> bytes:
    """Return the part of one origin as Parquet bytes: the same wherever and in whatever order it is made.

    The numerical libraries are held to one thread, since sums in another order differ in their last bits.
    BadInput on a machine whose Tocsin is not the one that asked.
    """
    if code_of(forecast.found(settings.method)) != settings.code:
        raise BadInput("backtest.other_code", version=settings.version)
    with one_thread():
        try:
            table, unscored = score_origin(panel, settings, origin)
        except Exception as error:
            error.add_note(f"while backtesting {settings.method} at origin {months.label(origin)}")
            raise
    facts = {_KEY: settings.key.encode(), _UNSCORED: json.dumps(asdict(unscored)).encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(facts), sink, compression="zstd", write_page_checksum=True)
    return bytes(sink.getvalue())
