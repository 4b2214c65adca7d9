"""What commands bring from the publisher, one release or all that are new, into the vault or a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin import months
from tocsin.cli import output
from tocsin.cli.ingest import receipt_record, receipt_text
from tocsin.errors import BadInput, NotPublished, NotReachable, TocsinError
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.sources import Fetched, Release
    from tocsin.sources.fetching import Via
    from tocsin.vault import Status, Vault


@dataclass(frozen=True)
class Brought:
    """A release that came: its values for JSON, what is said of it, and from when a vault knows it."""

    release: str
    record: dict[str, object]
    text: str
    known_at: dt.datetime | None = None

    @property
    def line(self) -> str:
        """What came, in one line."""
        return self.text.partition("\n")[0]


@dataclass(frozen=True)
class Held:
    """A monthly release that is here, whose bytes the publisher may have replaced.

    known: SHA-256 of the bytes of it that are here.
    alike: whether what came by the way by which it is asked for can be compared with them.
    """

    release: Release
    known: frozenset[str]
    alike: bool = True


@dataclass(frozen=True)
class AskedAgain:
    """What came of asking again for what is held, by name: replaced since, the same, not to be had and why.

    unlike: not asked for, since what is held of it is of another form.
    """

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, TocsinError]
    unlike: tuple[str, ...]

    @property
    def record(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return {
            "changed": self.changed,
            "unchanged": self.unchanged,
            "failed": {release: str(error) for release, error in self.failed.items()},
            "of_another_form": self.unlike,
        }

    @property
    def remarks(self) -> Iterator[str]:
        """Say which were asked for again, and whether they had changed."""
        if self.changed:
            yield say("cli.fetch.again_changed", releases=", ".join(self.changed))
        if self.unchanged:
            yield say("cli.fetch.again_unchanged", releases=", ".join(self.unchanged))
        if self.unlike:
            yield say("cli.fetch.again_unlike", releases=", ".join(self.unlike))
        if gone := [name for name, error in self.failed.items() if isinstance(error, NotPublished)]:
            yield say("cli.fetch.again_gone", releases=", ".join(gone))

    @property
    def complaints(self) -> Iterator[str]:
        """Say which were refused, and for which no answer came, each with the reason."""
        for cause in dict.fromkeys(self.failed.values()):
            if not isinstance(cause, NotPublished):
                names = ", ".join(name for name, error in self.failed.items() if error is cause)
                yield say("cli.fetch.again_failed", releases=names, reason=str(cause))


@dataclass(frozen=True)
class Renewed:
    """What came of asking for all that is new: what came, what is not published, what was refused and why.

    withheld: names of releases that were not asked for, because they were withdrawn here.
    """

    today: dt.date
    brought: tuple[Brought, ...]
    missing: tuple[Release, ...]
    failed: dict[str, BadInput]
    withheld: tuple[str, ...]
    again: AskedAgain

    @property
    def record(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return {
            "brought": [one.record for one in self.brought],
            "failed": {release: str(error) for release, error in self.failed.items()},
            "not_published": [{"release": r.name, "expected": r.known_at} for r in self.missing],
            "withdrawn": self.withheld,
            "asked_again": self.again.record,
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say what is not out yet, what should be, and that nothing is new."""
        said = [
            say("cli.fetch.not_out" if r.known_at > self.today else "cli.fetch.overdue",
                release=r.name, month=months.label(r.span.last), day=r.known_at.isoformat())
            for r in self.missing
        ]  # fmt: skip
        if not (self.brought or self.exit_code or self.withheld):
            said.append(say("cli.fetch.nothing_new"))
        if self.withheld:
            said.append(say("cli.fetch.withheld", releases=", ".join(self.withheld)))
        return *said, *self.again.remarks

    def known_after(self, day: dt.date) -> tuple[str, ...]:
        """Return the names of those that came and count as known only after the end of `day`, in UTC."""
        return tuple(b.release for b in self.brought if b.known_at and b.known_at.date() > day)

    @property
    def exit_code(self) -> int:
        """Return 0, or the code of the first that was refused or for which no answer came."""
        failed = (*self.failed.values(), *self.again.failed.values())
        return next((e.exit_code for e in failed if not isinstance(e, NotPublished)), 0)


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

        wanted = asked(source, release, via)
        with _alone(self.folder, wanted.name):
            return self._take(
                sources.fetch(
                    source, release=release, out=self.folder, via=via, progress=_telling(wanted, report)
                ),
                wanted,
                report,
            )

    def bring_again(self, held: Held, via: Via, report: output.Report) -> Brought | None:
        """Fetch a release that is here if its publisher has replaced it; None if it has not."""
        from tocsin import sources

        with _alone(self.folder, held.release.name):
            came = sources.fetch_again(
                held.release, known=held.known, out=self.folder, via=via,
                progress=_telling(held.release, report),
            )  # fmt: skip
            return self._take(came, held.release, report) if came else None

    def _take(self, came: Fetched, release: Release, report: output.Report) -> Brought:
        """Put what came into the vault, where one takes it, and say what became of it."""
        if self.vault is None:
            text = f"{came.reading.report.text()}\n  {say('cli.fetch.saved', file=str(came.path))}"
            return Brought(
                release.name,
                {
                    "file": came.path, "url": came.url, "retrieved_at": came.retrieved_at,
                    "report": came.reading.report.to_dict(),
                },
                text,
            )  # fmt: skip
        receipt = self.vault.ingest(
            came.path, release=release.name, progress=lambda step, share: report(step, share, 1.0)
        )
        came.path.unlink()
        return Brought(
            release.name, receipt_record(receipt, came.path) | {"url": came.url},
            receipt_text(receipt, came.path), receipt.known_at,
        )  # fmt: skip

    def renew(self, via: Via, told: Callable[[Brought], None], *, stop: bool = False) -> Renewed:
        """Bring in every release that is out and not here yet, telling of each as it comes.

        stop: whether one that is refused ends it; otherwise a candidate is left out, named in `failed`.

        Then what is here and may have been replaced since is asked for again. Where that cannot be had, what
        is here stands.
        """
        from tocsin import sources
        from tocsin.sources.api import token_from_environment

        if via == "api":
            # Before a vault is made of which nothing could come.
            token_from_environment()
        today = months.today()
        status = self.status(today)
        brought: list[Brought] = []
        failed: dict[str, BadInput] = {}

        def held(release: Release) -> bool:
            if status:
                return status.holds(release)
            return (self.folder / sources.file_name(release, via)).exists()

        def tell(one: Brought) -> None:
            told(one)
            brought.append(one)

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
            tell(one)
            return True

        withheld = status.withheld if status else ()
        found = sources.renew(held, bring, today=today, withheld=withheld)
        here = tuple(self._held(found.held, status, via))
        again = self._again((one for one in here if one.release.name not in withheld), via, tell)
        passed = {release.name for release in (*found.withheld, *(one.release for one in here))}
        left = tuple(name for name in withheld if name in passed)
        return Renewed(today, tuple(brought), found.missing, failed, left, again)

    def _held(self, releases: Iterable[Release], status: Status | None, via: Via) -> Iterator[Held]:
        """Yield what is here of monthly releases: one of several months may stand for those of each."""
        from tocsin import digest, sources
        from tocsin.sources.fetching import FORMS

        if status is None:
            for release in releases:
                sha256 = digest.of_file(self.folder / sources.file_name(release, via))
                yield Held(release, frozenset({sha256}))
            return
        # What was withdrawn is nothing new, should the publisher send it again; what another vintage stands
        # over is, and is told with the remedy.
        ever = (*(v for of in status.releases for v in of.standing), *status.withdrawn)
        deciding = {v.release: v for r in releases if (v := status.deciding(r.span.last))}
        for name, vintage in deciding.items():
            release = sources.Release.parse(name)
            if release.product == "ucdp-candidate":
                same = (v for v in ever if (v.publisher, v.release) == (vintage.publisher, name))
                yield Held(release, frozenset(v.sha256 for v in same), vintage.format == FORMS[via])

    def _again(self, held: Iterable[Held], via: Via, tell: Callable[[Brought], None]) -> AskedAgain:
        """Ask again for what is here; whoever does not answer for one is asked for no other."""
        changed, unchanged, unlike = list[str](), list[str](), list[str]()
        failed: dict[str, TocsinError] = {}
        silent: NotReachable | None = None
        for one in held:
            name = one.release.name
            if not one.alike:
                unlike.append(name)
                continue
            if silent:
                failed[name] = silent
                continue
            try:
                with output.progress() as report:
                    came = self.bring_again(one, via, report)
            except (BadInput, NotPublished) as error:
                failed[name] = error
            except NotReachable as error:
                failed[name] = silent = error
            else:
                (changed if came else unchanged).append(name)
                if came:
                    tell(came)
        again = AskedAgain(tuple(changed), tuple(unchanged), failed, tuple(unlike))
        for sentence in again.complaints:
            output.complain(sentence)
        return again


def _telling(release: Release, report: output.Report) -> Callable[[int, int | None], None]:
    stage = say("cli.stage_fetch", source=release.product, release=release.name)
    return lambda done, total: report(stage, done, total)


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
