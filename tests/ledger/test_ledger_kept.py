"""A published bundle held against a checkpoint kept from before: by its script, by the command, in Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_standin import NAME, Clock, check, event

from tocsin.cli import main
from tocsin.errors import BadInput
from tocsin.ledger import Ledger, SigningKey, export_bundle, verify_bundle

Publish = Callable[..., Path]


@pytest.fixture
def publish(key: SigningKey, place: str, tmp_path: Path, clock: Clock) -> Publish:
    """Return a function that records numbered events and publishes the ledger, or some of its entries."""

    def published(name: str, numbers: range, *ids: str, ledger: str = place) -> Path:
        with Ledger.open(ledger, clock=clock) as log:
            log.extend(event(n) for n in numbers)
            return export_bundle(log, tmp_path / name, ids=ids or None).path

    return published


@pytest.fixture
def kept(publish: Publish) -> Path:
    """Return the checkpoint of a ledger of five entries, kept from what was published then."""
    return publish("before", range(5)) / "checkpoint.txt"


@pytest.mark.parametrize("more", [0, 1, 3, 8])
def test_what_goes_on_from_the_checkpoint_kept_holds(
    kept: Path, publish: Publish, key: SigningKey, capsys: pytest.CaptureFixture[str], more: int
) -> None:
    path = publish("now", range(5, 5 + more))
    ran = check(path, "--key", str(key.verifier), "--against", str(kept))
    assert (ran.returncode, "checkpoint kept, of 5 entries" in ran.stdout) == (0, True), ran.stderr
    words = ["ledger", "verify", str(path), "--key", str(key.verifier), "--against", str(kept)]
    assert main(words) == 0
    assert "continuation of the checkpoint kept (entries: 5)" in " ".join(capsys.readouterr().out.split())
    found = verify_bundle(path, keys=[key.verifier], kept=kept.read_text())
    assert (found.ok, found.size, found.kept, found.signatures) == (True, 5 + more, 5, 1)


@pytest.mark.parametrize(
    ("numbers", "kind", "said"),
    [
        (range(1, 10), "kept_root", "rewritten"),
        (range(4), "kept_beyond", "dropped from the end"),
    ],
)
def test_what_the_holder_of_the_key_wrote_anew_does_not(
    kept: Path,
    publish: Publish,
    tmp_path: Path,
    key: SigningKey,
    capsys: pytest.CaptureFixture[str],
    numbers: range,
    kind: str,
    said: str,
) -> None:
    path = publish("anew", numbers, ledger=str(tmp_path / "anew.sqlite"))
    assert check(path, "--key", str(key.verifier)).returncode == 0
    ran = check(path, "--key", str(key.verifier), "--against", str(kept))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert main(["ledger", "verify", str(path), "--against", str(kept), "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert [problem["kind"] for problem in told["problems"]] == [kind]


def test_a_checkpoint_of_another_log_is_said_to_be_one(kept: Path, publish: Publish) -> None:
    path, text = publish("now", range(5, 7)), kept.read_text()
    kept.write_text(text.replace(NAME, "another.example/log", 1))
    assert "of the log another.example/log" in check(path, "--against", str(kept)).stderr
    assert [p.kind for p in verify_bundle(path, kept=kept.read_text()).problems] == ["kept_origin"]


@pytest.mark.parametrize("content", ["", "garbage", "log\n5\nAAAA\nmore\n"])
def test_what_is_no_checkpoint_is_said_to_be_none(kept: Path, publish: Publish, content: str) -> None:
    path = publish("now", range(5, 7))
    kept.write_text(content)
    assert "is not a checkpoint" in check(path, "--against", str(kept)).stderr
    assert main(["ledger", "verify", str(path), "--against", str(kept)]) == 5


def test_a_checkpoint_of_no_entries_is_continued_by_all(publish: Publish, place: str, tmp_path: Path) -> None:
    with Ledger.open(place) as ledger:
        (tmp_path / "kept.txt").write_text(ledger.checkpoint())
    path = publish("now", range(3))
    assert check(path, "--against", str(tmp_path / "kept.txt")).returncode == 0
    assert verify_bundle(path, kept=(tmp_path / "kept.txt").read_text()).ok


def test_a_part_is_checked_and_held_against_nothing(
    kept: Path, publish: Publish, capsys: pytest.CaptureFixture[str]
) -> None:
    path = publish("part", range(5, 7), "e-1", "e-6")
    assert main(["ledger", "verify", str(path)]) == 0
    assert "2 of the 7 entries" in capsys.readouterr().out
    with pytest.raises(BadInput, match="holds 2 of the 7"):
        verify_bundle(path, kept=kept.read_text())
    assert check(path, "--part", "--against", str(kept)).returncode == 2


def test_the_checkpoint_of_a_bundle_is_kept_for_the_next(
    kept: Path, publish: Publish, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.txt"
    assert main(["ledger", "verify", str(kept.parent), "--save", str(saved)]) == 0
    assert saved.read_bytes() == kept.read_bytes()
    assert main(["ledger", "verify", str(publish("now", range(5, 7))), "--against", str(saved)]) == 0


def test_a_bundle_and_a_ledger_are_not_checked_at_once(publish: Publish, place: str) -> None:
    assert main(["ledger", "verify", str(publish("now", range(2))), "--ledger", place]) == 2
