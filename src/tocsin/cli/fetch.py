"""`tocsin fetch`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin.cli import output
from tocsin.cli.ingest import receipt_record, receipt_text
from tocsin.cli.options import Json, optional
from tocsin.cli.usage import command
from tocsin.errors import UnknownName
from tocsin.text import say

WAYS = ("file", "api")


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "fetch", "cli.fetch")
    def fetch(
        source: Annotated[str, typer.Argument(metavar="cli.metavar.source", help="cli.fetch.source")],
        release: Annotated[str, typer.Option(metavar="cli.metavar.release", help="cli.fetch.release")],
        via: Annotated[str, typer.Option(metavar="cli.metavar.via", help="cli.fetch.via")] = "file",
        out: Annotated[Path | None, optional("cli.metavar.folder", "cli.fetch.out")] = None,
        as_json: Json = False,
    ) -> None:
        import platformdirs

        from tocsin import sources
        from tocsin.sources.fetching import asked
        from tocsin.vault import Vault

        if via not in WAYS:
            raise UnknownName("cli.fetch.unknown_via", value=via, choices=", ".join(WAYS))
        way: Literal["file", "api"] = "api" if via == "api" else "file"
        wanted = asked(source, release, way).name
        vault = None if out else Vault.open()
        folder = out or platformdirs.user_cache_path("tocsin", appauthor=False) / "downloads"
        with _alone(folder, wanted), output.progress() as report:
            stage = say("cli.stage_fetch", source=source, release=release)
            came = sources.fetch(
                source, release=release, out=folder, via=way,
                progress=lambda done, total: report(stage, done, total),
            )  # fmt: skip
            if vault is None:
                record: dict[str, object] = {
                    "file": came.path, "url": came.url, "retrieved_at": came.retrieved_at,
                    "report": came.reading.report.to_dict(),
                }  # fmt: skip
                text = f"{came.reading.report.text()}\n  {say('cli.fetch.saved', file=str(came.path))}"
            else:
                receipt = vault.ingest(
                    came.path, release=release, progress=lambda step, share: report(step, share, 1.0),
                )  # fmt: skip
                came.path.unlink()
                record = receipt_record(receipt, came.path) | {"url": came.url}
                text = receipt_text(receipt, came.path)
        if as_json:
            output.emit(record)
        else:
            output.show(text)


@contextmanager
def _alone(folder: Path, release: str) -> Iterator[None]:
    """Hold a release in the folder in which its unfinished download stays, for the next call to go on from.

    Busy while another process brings it in there: both would write one file.
    """
    from tocsin.sqlite import alone

    # Hidden, since after a kill it stays in a folder whose files are brought in by `tocsin ingest folder/*`.
    with alone(
        folder / f".{release}.lock", 0.0, {"busy": "cli.fetch.busy", "denied": "files.unwritable"},
        passing=True, file=str(folder), release=release,
    ):  # fmt: skip
        yield
