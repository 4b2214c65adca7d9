"""Several processes, killed processes, and folders that refuse."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from filled_disk import room_for
from vault_standin import MALI, MORNING, write

from tocsin.errors import BadInput, BadStore, Busy, TocsinError
from tocsin.vault import Vault

CHILD = Path(__file__).with_name("vault_child.py")
posix = pytest.mark.skipif(os.name != "posix", reason="signals and file rights of POSIX")


def start(home: Path, *job: str) -> subprocess.Popen[str]:
    """Start a child that has the vault open and waits for a line."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(home), *job],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def finish(child: subprocess.Popen[str]) -> list[str]:
    return child.communicate("\n", timeout=120)[0].split()


class Forks:
    """Children one after the other, each a fork of one process: it imports once what each of them needs."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        assert parent.stdin is not None
        assert parent.stdout is not None
        self.asked, self.said = parent.stdin, parent.stdout

    def start(self, home: Path, *job: str) -> int:
        """Start a child that has the vault open and waits for a line; return its id."""
        self._write(json.dumps([str(home), *job]))
        child = int(self.said.readline())
        assert self.said.readline() == "ready\n"
        return child

    def go(self) -> None:
        self._write("")

    def finish(self) -> tuple[list[str], int]:
        """Return what the child says from here on, and its exit code."""
        *said, code = self._rest()
        return said, int(code)

    def _rest(self) -> Iterator[str]:
        for line in self.said:
            yield line.strip()
            if re.fullmatch(r"-?\d+\n", line):
                return

    def _write(self, line: str) -> None:
        self.asked.write(f"{line}\n")
        self.asked.flush()


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        yield Forks(parent)


def check_whole(home: Path) -> set[str]:
    """Open the vault and return the digests that it holds, after checking that it holds nothing else."""
    vault = Vault.open(home)
    held = {v.sha256 for v in vault.vintages(as_of=MORNING)}
    assert vault.verify() == len(held)
    assert {p.name for p in (home / "files").glob("*/*")} == held
    assert {p.stem for p in (home / "events").iterdir()} == held | {"empty"}
    assert not list((home / "tmp").iterdir())
    if held:
        assert set(vault.events(as_of=MORNING)["sha256"]) <= held
    return held


@posix
def test_killed_at_any_step_leaves_all_or_nothing(tmp_path: Path, invented: None, forks: Forks) -> None:
    """Every file operation of an ingest in turn is the last thing the process does."""
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    outcomes = []
    for step in range(100):
        home = tmp_path / str(step)
        Vault.open(home)
        forks.start(home, "ingest-killed-at", str(step), str(path))
        forks.go()
        said, code = forks.finish()
        held = check_whole(home)
        if code == 0:
            assert said == ["new"]
            break
        assert code == -signal.SIGKILL
        assert "new" not in said or held
        outcomes.append(len(held))
        assert Vault.open(home).ingest(path, retrieved_at=MORNING).status == ("held" if held else "new")
        assert len(check_whole(home)) == 1
    assert outcomes == sorted(outcomes)
    assert len(outcomes) >= 10
    assert outcomes[0] == 0


@posix
def test_killed_at_random_times_leaves_all_or_nothing(tmp_path: Path, forks: Forks) -> None:
    home = tmp_path / "home"
    Vault.open(home)
    chance = random.Random(20250301)
    held: set[str] = set()
    for round_ in range(12):
        child = forks.start(home, "ingest-forever", str(tmp_path), str(round_ * 1000))
        began = time.monotonic()
        forks.go()
        first = forks.said.readline().strip()
        time.sleep(chance.uniform(0, 2) * (time.monotonic() - began))
        os.kill(child, signal.SIGKILL)
        more, code = forks.finish()
        assert code == -signal.SIGKILL
        said = [first, *more]
        now = check_whole(home)
        assert held <= now
        # What was reported as done is there; at most the one file under way is there unreported.
        assert 0 <= len(now) - len(held) - said.count("new_vintage") - said.count("new") <= 1
        held = now


@posix
def test_killed_while_the_vault_is_made(tmp_path: Path) -> None:
    (tmp_path / "home" / "tmp" / "catalogue").mkdir(parents=True)
    (tmp_path / "home" / "tmp" / "catalogue" / "vault.duckdb").write_bytes(b"half")
    assert check_whole(tmp_path / "home") == set()


@posix
def test_leftover_of_one_process_does_not_hinder_another(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    other = tmp_path / "elsewhere"
    sha256 = Vault.open(other).ingest(path, retrieved_at=MORNING).sha256
    (vault.home / "tmp" / sha256).mkdir()
    (vault.home / "tmp" / sha256 / "raw").write_bytes(b"half")
    assert vault.ingest(path, retrieved_at=MORNING).status == "new"
    assert check_whole(vault.home) == {sha256}


def test_two_processes_bring_in_files_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Vault.open(home)
    paths = [str(write(tmp_path / f"{i}.json", [(i, MALI, "2012-01-24", i)])) for i in range(8)]
    children = [start(home, "ingest", *paths), start(home, "ingest", *reversed(paths))]
    for child in children:
        go(child)
    while any(child.poll() is None for child in children):
        vault = Vault.open(home)
        if vault.vintages(as_of=MORNING):
            assert vault.events(as_of=MORNING).height == 1
    said = [status for child in children for status in finish(child)]
    assert (said.count("new"), said.count("new_vintage")) == (1, 7)
    # The other process finds each of them here already, and mostly under another that stands over it.
    assert said.count("held") + said.count("vault.held_under") == 8
    assert len(check_whole(home)) == 8


def test_writer_waits_a_bounded_time_and_readers_do_not(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    child = start(vault.home, "hold")
    go(child)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    impatient = Vault.open(vault.home, wait=0.2)
    with pytest.raises(TocsinError, match="Another process"):
        impatient.ingest(path, retrieved_at=MORNING)
    assert impatient.vintages(as_of=MORNING) == ()
    finish(child)
    assert impatient.ingest(path, retrieved_at=MORNING).status == "new"


def test_catalogue_open_for_writing_elsewhere(vault: Vault) -> None:
    impatient = Vault.open(vault.home, wait=0.2)
    with (
        duckdb.connect(str(vault.home / "vault.duckdb")),
        pytest.raises(TocsinError, match="Another process"),
    ):
        impatient.vintages(as_of=MORNING)
    assert impatient.vintages(as_of=MORNING) == ()


@posix
def test_file_too_large_for_the_disk(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(i, MALI, "2012-01-24", 82) for i in range(60_000)])
    assert path.stat().st_size > 1_600_000
    assert finish(start(vault.home, "ingest-small-limit", "1500000", str(path))) == ["vault.disk_full"]
    assert check_whole(vault.home) == set()


@posix
@pytest.mark.parametrize("size", [2_000, 20_000, 60_000, 200_000])
def test_vault_made_on_a_full_disk(tmp_path: Path, size: int) -> None:
    """Nothing of it is left in the way, whichever of its files finds no room."""
    with room_for(size), pytest.raises(TocsinError, match="full"):
        Vault.open(tmp_path / "home")
    assert check_whole(tmp_path / "home") == set()


@posix
def test_folder_for_reading_only() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        first, second = (write(Path(folder) / f"{i}.json", [(i, MALI, "2012-01-24", i)]) for i in (1, 2))
        child = start(home, "ingest", str(first))
        assert finish(child) == ["new"]
        for part in (home, *home.rglob("*")):
            part.chmod(0o555 if part.is_dir() else 0o444)
        job = "ingest-without-rights" if os.geteuid() == 0 else "ingest"
        said = finish(start(home, job, str(second)))
        for part in (home, *home.rglob("*")):
            part.chmod(0o755)
        assert said[-1] == "vault.read_only"
        if os.geteuid() == 0:
            assert said[0] == "1"
        assert len(check_whole(home)) == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (
            "The process cannot access the file because it is being used by another process.\n\n"
            "File is already open in \nC:\\Python\\python.exe (PID 8252)", Busy,
        ),
        (
            "Le processus ne peut pas acc\u00e9der au fichier car ce fichier est utilis\u00e9 par un autre "
            "processus.\n\nFile is already open in \nC:\\Python\\python.exe (PID 8252)", Busy,
        ),
        ("Acc\u00e8s refus\u00e9.", BadStore),
    ],
)  # fmt: skip
def test_a_catalogue_that_windows_does_not_open_is_not_called_damaged(
    words: str, kind: type[TocsinError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault.open(tmp_path, wait=0.1)

    def refused(path: str, **given: object) -> None:
        raise duckdb.IOException(f'IO Error: Cannot open file "{path}": {words}')

    monkeypatch.setattr(duckdb, "connect", refused)
    with pytest.raises(kind) as raised:
        vault.vintages(as_of=MORNING)
    assert type(raised.value) is kind


def test_a_lock_that_is_no_file_is_told_as_a_vault_that_cannot_be_written_to(
    vault: Vault, tmp_path: Path
) -> None:
    lock = vault.home / "writer.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(BadInput) as refused:
        vault.ingest(write(tmp_path / "a.json", [(1, 432, "2012-01-24", 1)]), publisher="ucdp")
    assert refused.value.key == "vault.read_only"
    assert str(vault.home) in str(refused.value)
