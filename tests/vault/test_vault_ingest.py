"""Bringing in: what becomes of a file, once or twice, and what is refused leaves no trace."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from pathlib import Path

import pytest
from vault_standin import DAY, MALI, MORNING, NIGER, tree, write

from tocsin import sources
from tocsin.errors import BadFile, BadInput, Damaged, NotAssessed, TocsinError, UnknownName
from tocsin.text import say
from tocsin.vault import Vault


def test_file_is_kept_under_its_digest(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(2, MALI, "2012-01-17", 9), (1, MALI, "2012-01-24", 82)])
    receipt = vault.ingest(path, retrieved_at=MORNING)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (receipt.status, receipt.sha256, receipt.release) == ("new", sha256, "24.1")
    assert receipt.known_at == MORNING
    assert receipt.report["kept"] == 2
    assert (vault.home / "files" / sha256[:2] / sha256).read_bytes() == path.read_bytes()
    events = vault.events(as_of=MORNING)
    assert events["id"].to_list() == [1, 2]
    assert events["best"].sum() == 91
    assert set(events["sha256"]) == {sha256}
    assert vault.verify() == 1


def test_same_bytes_twice_change_nothing(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    first = vault.ingest(path, retrieved_at=MORNING)
    before = tree(vault.home)
    times = {p: p.stat().st_mtime_ns for p in vault.home.rglob("*") if p.is_file()}
    again = vault.ingest(path, retrieved_at=MORNING + dt.timedelta(days=40))
    assert again.status == "held"
    assert again.vintage == first.vintage
    assert tree(vault.home) == before
    assert {p: p.stat().st_mtime_ns for p in vault.home.rglob("*") if p.is_file()} == times


def test_other_bytes_make_a_second_vintage_and_the_later_wins(vault: Vault, tmp_path: Path) -> None:
    first = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    second = write(tmp_path / "b.json", [(1, MALI, "2012-01-24", 95)])
    later = MORNING + dt.timedelta(days=30)
    assert vault.ingest(first, retrieved_at=MORNING).status == "new"
    assert vault.ingest(second, retrieved_at=later).status == "new_vintage"
    assert vault.events(as_of=later - dt.timedelta(microseconds=1))["best"].to_list() == [82]
    assert vault.events(as_of=later)["best"].to_list() == [95]
    assert len(vault.vintages(as_of=later)) == 2
    assert len(vault.vintages(as_of=DAY)) == 1


def test_ingests_in_reverse_order_of_publication(vault: Vault, tmp_path: Path) -> None:
    newer = write(tmp_path / "b.json", [(1, MALI, "2012-01-24", 95)])
    older = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    vault.ingest(newer, retrieved_at=MORNING, known_at=dt.date(2024, 9, 1))
    vault.ingest(older, retrieved_at=MORNING, known_at=dt.date(2024, 6, 30))
    assert vault.events(as_of=dt.date(2024, 7, 1))["best"].to_list() == [82]
    assert vault.events(as_of=DAY)["best"].to_list() == [95]


def test_other_countries_of_a_release_take_nothing_away(vault: Vault, tmp_path: Path) -> None:
    mali = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)], countries=[MALI])
    niger = write(tmp_path / "b.json", [(2, NIGER, "2012-01-24", 3)], countries=[NIGER])
    vault.ingest(mali, retrieved_at=MORNING)
    vault.ingest(niger, retrieved_at=MORNING + dt.timedelta(days=1))
    assert vault.events(as_of=dt.date(2025, 4, 1))["id"].to_list() == [1, 2]


def test_located_events_do_not_supersede_the_whole(vault: Vault, tmp_path: Path) -> None:
    whole = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82), (2, MALI, "2012-02-01", 5)])
    located = write(tmp_path / "b.json", [(1, MALI, "2012-01-24", 82)], partial=True)
    vault.ingest(whole, retrieved_at=MORNING)
    vault.ingest(located, retrieved_at=MORNING + dt.timedelta(days=1))
    assert vault.resolve(as_of=dt.date(2025, 4, 1)).events["id"].to_list() == [1, 2]


def test_known_at_of_a_day_is_its_end(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    receipt = vault.ingest(path, retrieved_at=MORNING, known_at=dt.date(2024, 6, 30))
    assert receipt.vintage.basis == "stated"
    assert vault.events(as_of=dt.date(2024, 6, 30)).height == 1
    with pytest.raises(NotAssessed, match="2024-06-30T12:00"):
        vault.events(as_of=dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC))


def test_known_at_on_the_day_of_retrieval_is_the_retrieval(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    assert vault.ingest(path, retrieved_at=MORNING, known_at=DAY).known_at == MORNING


def test_assumed_day_comes_from_the_release_name(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    receipt = vault.ingest(path, retrieved_at=MORNING, known_at="assumed")
    assert receipt.known_at.date() == sources.known_at("24.1")
    assert receipt.vintage.basis == "assumed"


@pytest.mark.parametrize(
    ("known", "key"),
    [
        (dt.date(2025, 3, 2), "vault.known_after_retrieved"),
        (dt.date(2023, 11, 30), "vault.known_before_events"),
        (dt.datetime(2024, 6, 30, 12), "vault.naive_datetime"),
    ],
)
def test_times_that_cannot_be(vault: Vault, tmp_path: Path, known: dt.date, key: str) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    before = tree(vault.home)
    with pytest.raises(BadInput) as caught:
        vault.ingest(path, retrieved_at=MORNING, known_at=known)
    assert caught.value.key == key
    assert tree(vault.home) == before


def test_a_clock_behind_the_last_retrieval_of_a_release_is_refused(vault: Vault, tmp_path: Path) -> None:
    first = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    vault.ingest(first, retrieved_at=later)
    before = tree(vault.home)
    corrected = write(tmp_path / "b.json", [(1, MALI, "2012-01-24", 95)])
    with pytest.raises(BadInput, match="Set the clock") as refusal:
        vault.ingest(corrected)
    assert refusal.value.values["last"] == later.isoformat(timespec="seconds")
    assert tree(vault.home) == before
    other = write(tmp_path / "c.json", [(1, MALI, "2012-01-24", 82)], release="23.1")
    assert vault.ingest(other).status == "new"
    vault.ingest(corrected, retrieved_at=later + dt.timedelta(hours=1))
    assert vault.events(as_of=later + dt.timedelta(days=1), release="24.1")["best"].to_list() == [95]


def test_a_clock_a_moment_behind_the_last_retrieval_goes_on_from_there(vault: Vault, tmp_path: Path) -> None:
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=4)
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=ahead)
    done = vault.ingest(write(tmp_path / "b.json", [(1, MALI, "2012-01-24", 95)]))
    assert done.vintage.retrieved_at >= ahead
    assert vault.events(as_of=ahead + dt.timedelta(days=1))["best"].to_list() == [95]


def test_naive_retrieval_is_refused(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    with pytest.raises(BadInput, match="no time zone"):
        vault.ingest(path, retrieved_at=MORNING.replace(tzinfo=None))


@pytest.mark.parametrize("read", ["events", "vintages", "resolve", "status"])
def test_as_of_is_required_and_aware(vault: Vault, read: str) -> None:
    with pytest.raises(TypeError):
        getattr(vault, read)()
    with pytest.raises(BadInput, match="no time zone"):
        getattr(vault, read)(as_of=dt.datetime(2025, 3, 1))
    with pytest.raises(BadInput, match="neither a day nor a time"):
        getattr(vault, read)(as_of="2025-03-01")


def test_as_of_in_another_zone(vault: Vault, tmp_path: Path) -> None:
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    east = dt.timezone(dt.timedelta(hours=3))
    assert vault.events(as_of=MORNING.astimezone(east)).height == 1
    with pytest.raises(NotAssessed):
        vault.events(as_of=dt.datetime(2025, 3, 1, 12, 29, 59, tzinfo=east))


@pytest.mark.parametrize(
    "other",
    [{"release": "23.1"}, {"publisher": "acled"}, {"known_at": dt.date(2024, 7, 1)}],
)
def test_held_bytes_are_not_renamed(vault: Vault, tmp_path: Path, other: dict[str, object]) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    vault.ingest(path, retrieved_at=MORNING)
    with pytest.raises(BadInput, match=r"already held as ucdp 24\.1"):
        vault.ingest(path, retrieved_at=MORNING, **other)  # type: ignore[arg-type]
    assert len(vault.vintages(as_of=DAY)) == 1


def test_file_that_does_not_tell_its_release(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)], release=None)
    with pytest.raises(BadInput, match="--release"):
        vault.ingest(path, retrieved_at=MORNING)
    assert vault.ingest(path, release="24.1", retrieved_at=MORNING).status == "new"


def test_held_bytes_under_the_same_name_in_another_spelling(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    vault.ingest(path, retrieved_at=MORNING)
    assert vault.ingest(path, release="v24.1").status == "held"


def test_ids_in_two_releases_are_counted(vault: Vault, tmp_path: Path) -> None:
    annual = write(tmp_path / "a.json", [(i, MALI, "2012-01-24", 1) for i in range(10)])
    month = write(
        tmp_path / "b.json",
        [(i, MALI, "2024-01-24", 1) for i in range(7, 15)],
        release="24.0.1",
        span="2024-01",
    )
    vault.ingest(annual, retrieved_at=MORNING)
    assert vault.ingest(month, retrieved_at=MORNING).shared_ids == {"24.1": 3}
    again = write(tmp_path / "c.json", [(i, MALI, "2012-01-24", 2) for i in range(9)])
    assert vault.ingest(again, retrieved_at=MORNING).shared_ids == {"24.0.1": 2}


def test_receipt_and_progress(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [(7, MALI, "2012-01-24", 82)])
    told: list[tuple[str, float]] = []
    receipt = vault.ingest(
        path, retrieved_at=MORNING, progress=lambda step, share: told.append((step, share))
    )
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == (say("vault.step.done"), 1.0)
    assert json.loads(json.dumps(receipt.to_dict()))["coverage"] == "1989-01:2023-12"
    assert receipt.vintage.flagged == 1


def test_names_never_ingested(vault: Vault, tmp_path: Path) -> None:
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    with pytest.raises(UnknownName, match=r"24\.1"):
        vault.events(as_of=DAY, release="23.1")
    with pytest.raises(UnknownName, match="ucdp"):
        vault.events(as_of=DAY, publisher="acled")


def test_empty_vault_is_not_calm(vault: Vault) -> None:
    assert vault.vintages(as_of=DAY) == ()
    with pytest.raises(NotAssessed):
        vault.events(as_of=DAY)
    with pytest.raises(NotAssessed):
        vault.resolve(as_of=DAY)
    assert vault.status(as_of=DAY).last_month is None


def test_refused_file_leaves_no_trace(vault: Vault, tmp_path: Path) -> None:
    before = tree(vault.home)
    with pytest.raises(BadFile, match="There is no file"):
        vault.ingest(tmp_path / "absent.csv")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(json.JSONDecodeError):
        vault.ingest(broken)
    assert tree(vault.home) == before


def test_file_that_changes_while_it_is_read(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    before = tree(vault.home)
    honest = sources.read

    def meddle(*args: object, **kwargs: object) -> object:
        reading = honest(*args, **kwargs)
        write(path, [(1, MALI, "2012-01-24", 83)])
        return reading

    monkeypatch.setattr("tocsin.sources.read", meddle)
    with pytest.raises(BadFile, match="changed while"):
        vault.ingest(path, retrieved_at=MORNING)
    assert tree(vault.home) == before


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace", "polars.DataFrame.write_parquet"])
def test_full_disk(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)])
    before = tree(vault.home)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(call, full)
        with pytest.raises(TocsinError, match="full"):
            vault.ingest(path, retrieved_at=MORNING)
    assert tree(vault.home) == before
    assert vault.ingest(path, retrieved_at=MORNING).status == "new"


def test_raw_file_with_other_bytes(vault: Vault, tmp_path: Path) -> None:
    receipt = vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    raw = vault.home / "files" / receipt.sha256[:2] / receipt.sha256
    raw.write_bytes(raw.read_bytes().replace(b"82", b"28"))
    with pytest.raises(Damaged, match=receipt.sha256):
        vault.verify()
    raw.unlink()
    with pytest.raises(Damaged, match="is gone"):
        vault.verify()


def test_event_table_with_other_bytes_is_not_read(vault: Vault, tmp_path: Path) -> None:
    receipt = vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    table = vault.home / "events" / f"{receipt.sha256}.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    for read in (vault.verify, lambda: vault.events(as_of=DAY), lambda: vault.resolve(as_of=DAY)):
        with pytest.raises(Damaged, match="SHA-256"):
            read()
    table.unlink()
    with pytest.raises(Damaged, match="is gone"):
        vault.events(as_of=DAY)


def test_same_vault_gives_the_same_bytes(tmp_path: Path, invented: None) -> None:
    made = []
    for home in ("one", "two"):
        vault = Vault.open(tmp_path / home)
        for name, best in (("a", 82), ("b", 95)):
            path = write(tmp_path / f"{name}.json", [(i, MALI, "2012-01-24", best) for i in range(50, 0, -1)])
            vault.ingest(path, retrieved_at=MORNING, release=None if name == "a" else "23.1")
        made.append(vault)
    one, two = made
    assert one.vintages(as_of=DAY) == two.vintages(as_of=DAY)
    first = one.events(as_of=DAY)
    assert first.equals(two.events(as_of=DAY))
    assert first["id"].to_list() == [*range(1, 51), *range(1, 51)]
    assert one.resolve(as_of=DAY).digest == two.resolve(as_of=DAY).digest


@pytest.mark.skipif(os.name != "posix", reason="names that other systems do not allow")
def test_file_whose_name_is_not_utf_8(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode(b"donn\xe9es.json"), [(1, MALI, "2012-01-24", 82)])
    assert vault.ingest(path, retrieved_at=MORNING).vintage.name == "donn?es.json"
