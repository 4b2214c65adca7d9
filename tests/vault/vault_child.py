"""Work on a vault in a process of its own: `python vault_child.py HOME JOB ...`.

It says `ready` once the vault is open, waits for a line, and then does its job. Without words it does one
job after the other, each in a fork that begins where a new process stands once it has imported: it reads the
words of a job as a line of JSON, and says the id of the fork, and at the end the exit code of it.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

import vault_standin
from vault_standin import MORNING

from tocsin import sources
from tocsin.errors import TocsinError
from tocsin.vault import Vault


def kill_at_step(step: int) -> None:
    """Send SIGKILL to this process at its n-th file operation from here on."""
    counter = itertools.count()
    events = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}

    def watch(event: str, _: object) -> None:
        if event in events and next(counter) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def ingest(vault: Vault, *paths: str) -> None:
    for path in paths:
        try:
            print(vault.ingest(path, retrieved_at=MORNING).status, flush=True)
        except TocsinError as error:
            print(error.key, flush=True)


def main(home: str, job: str, *rest: str) -> None:
    sources.read = vault_standin.read  # type: ignore[assignment]
    vault = Vault.open(home, wait=20)
    vault.vintages(as_of=MORNING)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        if job == "ingest":
            ingest(vault, *rest)
        elif job == "ingest-killed-at":
            kill_at_step(int(rest[0]))
            ingest(vault, *rest[1:])
        elif job == "ingest-forever":
            for number in itertools.count(int(rest[1])):
                path = Path(rest[0]) / f"{number}.json"
                vault_standin.write(path, [(number, 432, "2012-01-24", i) for i in (number,)])
                ingest(vault, str(path))
        elif job == "ingest-small-limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest[0]), int(rest[0])))
            ingest(vault, *rest[1:])
        elif job == "ingest-without-rights":
            # What is imported late must be imported while this process may still read everything.
            with tempfile.TemporaryDirectory() as scratch:
                Vault.open(scratch).ingest(rest[0], retrieved_at=MORNING)
            os.setegid(65534)
            os.seteuid(65534)
            print(Vault.open(home).events(as_of=MORNING).height, flush=True)
            ingest(vault, *rest)
        elif job == "hold":
            lock = sqlite3.connect(vault.home / "writer.lock", isolation_level=None)
            lock.execute("BEGIN EXCLUSIVE")
            print("held", flush=True)
            sys.stdin.readline()
    except TocsinError as error:
        print(error.key, flush=True)


def forks() -> None:
    for line in iter(sys.stdin.readline, ""):
        fork = os.fork()
        if not fork:
            print(os.getpid(), flush=True)
            return main(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(*sys.argv[1:])
    else:
        forks()
