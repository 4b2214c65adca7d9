"""What commands bring from the publisher, one release or all that are new, into the vault or a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin import months
from tocsin.cli import output
from tocsin.cli.ingest import receipt_record, receipt_text
from tocsin.errors import BadInput, NotPublished
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.sources import Release
    from tocsin.sources.fetching import Via
    from tocsin.vault import Status, Vault


@dataclass(frozen=True)
class Brought:
    """A release that came: its values for JSON, and what is said of it to a person."""

    record: dict[str, object]
    text: str

    @property
    def line(self) -> str:
        """What came, in one line."""
        return self.text.partition("\n")[0]


@dataclass(frozen=True)
class Renewed:
    """What came of asking for all that is new: what came, what is not published, what was refused and why."""

    today: dt.date
    brought: tuple[Brought, ...]
    missing: tuple[Release, ...]
    failed: dict[str, BadInput]

    @property
    def record(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return {
            "brought": [one.record for one in self.brought],
            "failed": {release: str(error) for release, error in self.failed.items()},
            "not_published": [{"release": r.name, "expected": r.known_at} for r in self.missing],
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say what is not out yet, what should be, and that nothing is new."""
        said = [
            say("cli.fetch.not_out" if r.known_at > self.today else "cli.fetch.overdue",
                release=r.name, month=months.label(r.span.last), day=r.known_at.isoformat())
            for r in self.missing
        ]  # fmt: skip
        if not self.brought and not self.failed:
            said.append(say("cli.fetch.nothing_new"))
        return tuple(said)


@dataclass(frozen=True)
class Place:
    """Where releases are brought: a vault, or the folder `out` where one is given."""

    out: Path | None

    @cached_property
    def vault(self) -> Vault | None:
        """The vault that takes what comes; None where a folder does."""
        from tocsin.vault import Vault

        return None if self.out else Vault.open()

    @property
    def folder(self) -> Path:
        """The folder in which a download grows."""
        import platformdirs

        return self.out or platformdirs.user_cache_path("tocsin", appauthor=False) / "downloads"

    @property
    def name(self) -> Path:
        """The vault's folder, or `out`."""
        return self.vault.home if self.vault else self.folder

    def status(self, today: dt.date) -> Status | None:
        """Return what the vault holds; None where a folder takes what comes."""
        return self.vault.status(as_of=today) if self.vault else None

    def bring(self, source: str, release: str, via: Via, report: output.Report) -> Brought:
        """Fetch one release and put it in its place."""
        from tocsin import sources
        from tocsin.sources.fetching import asked

        wanted = asked(source, release, via).name
        vault, folder = self.vault, self.folder
        with _alone(folder, wanted):
            stage = say("cli.stage_fetch", source=source, release=release)
            came = sources.fetch(
                source, release=release, out=folder, via=via,
                progress=lambda done, total: report(stage, done, total),
            )  # fmt: skip
            if vault is None:
                text = f"{came.reading.report.text()}\n  {say('cli.fetch.saved', file=str(came.path))}"
                return Brought(
                    {
                        "file": came.path, "url": came.url, "retrieved_at": came.retrieved_at,
                        "report": came.reading.report.to_dict(),
                    },
                    text,
                )  # fmt: skip
            receipt = vault.ingest(
                came.path, release=release, progress=lambda step, share: report(step, share, 1.0),
            )  # fmt: skip
            came.path.unlink()
            return Brought(
                receipt_record(receipt, came.path) | {"url": came.url}, receipt_text(receipt, came.path)
            )

    def renew(self, via: Via, told: Callable[[Brought], None], *, stop: bool = False) -> Renewed:
        """Bring in every release that is out and not here yet, telling of each as it comes.

        stop: whether one that is refused ends it; otherwise a candidate is left out, named in `failed`.
        """
        from tocsin import sources

        today = months.today()
        status = self.status(today)
        brought: list[Brought] = []
        failed: dict[str, BadInput] = {}

        def held(release: Release) -> bool:
            if status:
                return status.holds(release)
            return (self.folder / sources.file_name(release, via)).exists()

        def bring(release: Release) -> bool:
            try:
                with output.progress() as report:
                    one = self.bring(release.product, release.name, via, report)
            except NotPublished:
                return False
            except BadInput as error:
                if stop or release.product == "ucdp-ged":
                    raise
                failed[release.name] = error
                output.complain(str(error))
                return True
            told(one)
            brought.append(one)
            return True

        missing = sources.renew(held, bring, today=today)
        return Renewed(today, tuple(brought), missing, failed)


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
