"""`tocsin ingest`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import Exit

from tocsin.cli import output, words
from tocsin.cli.options import Json, optional
from tocsin.cli.usage import command
from tocsin.errors import TocsinError
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.vault import Receipt


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "ingest", "cli.ingest")
    def ingest(
        files: Annotated[list[Path], typer.Argument(metavar="cli.metavar.file", help="cli.ingest.files")],
        release: Annotated[str, optional("cli.metavar.release", "cli.ingest.release")] = "",
        known_at: Annotated[str, optional("cli.metavar.day", "cli.ingest.known_at")] = "",
        skip_bad_rows: Annotated[
            bool, typer.Option("--skip-bad-rows", help="cli.ingest.skip_bad_rows")
        ] = False,
        again: Annotated[bool, typer.Option("--again", help="cli.ingest.again")] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin.vault import Vault

        known: Any = known_at if known_at in ("", "assumed") else words.day(known_at, "--known-at")
        vault = Vault.open()
        receipts, failed = [], 0
        with output.progress() as report:
            for path in files:
                try:
                    receipt = vault.ingest(
                        path, release=release or None, known_at=known or None, skip_bad_rows=skip_bad_rows,
                        again=again, progress=partial(_tell, report, path.name),
                    )  # fmt: skip
                except TocsinError as error:
                    output.complain(str(error))
                    failed = failed or error.exit_code
                    continue
                receipts.append(receipt_record(receipt, path))
                if not as_json:
                    output.show(receipt_text(receipt, path))
        if as_json:
            output.emit({"home": vault.home, "files": receipts})
        if failed:
            output.complain(say("cli.ingest.some_failed", failed=len(files) - len(receipts), all=len(files)))
            raise Exit(failed)


def _tell(report: output.Report, name: str, stage: str, share: float) -> None:
    report(f"{name}: {stage}", share, 1.0)


def receipt_record(receipt: Receipt, path: Path) -> dict[str, object]:
    """Return what became of one file, as plain values for JSON."""
    vintage = receipt.vintage
    return {
        "file": path,
        "status": receipt.status,
        "sha256": receipt.sha256,
        "release": receipt.release,
        "known_at": receipt.known_at,
        "basis": vintage.basis,
        "coverage": str(vintage.span),
        "partial": vintage.partial,
        "shared_ids": receipt.shared_ids,
        "report": receipt.report,
    }


def receipt_text(receipt: Receipt, path: Path) -> str:
    """Return what became of one file: kept, flagged, refused, under which release, known from when."""
    vintage, report = receipt.vintage, receipt.report
    lines = [
        say(f"cli.ingest.{receipt.status}", file=path.name, release=receipt.release, span=str(vintage.span)),
        "  " + say("cli.ingest.counts", kept=vintage.rows, flagged=vintage.flagged, refused=vintage.refused),
    ]
    for flag, count in sorted(report["flagged"].items()):
        if count:
            lines.append("    " + say("cli.ingest.flag", flag=say(f"sources.flag.{flag}"), count=count))
    if report["outside_coverage"]:
        lines.append("    " + say("cli.ingest.outside", count=report["outside_coverage"]))
    if report["absent"]:
        lines.append("    " + say("cli.ingest.absent", columns=", ".join(report["absent"])))
    if vintage.partial:
        lines.append("  " + say("cli.ingest.partial"))
    for other, count in receipt.shared_ids.items():
        lines.append("  " + say("cli.ingest.shared", release=other, count=count))
    basis = say(f"cli.ingest.basis_{vintage.basis}")
    lines.append("  " + say("cli.ingest.known", day=receipt.known_at.date().isoformat(), basis=basis))
    lines.append("  " + say("cli.ingest.digest", sha256=receipt.sha256))
    return "\n".join(lines)
