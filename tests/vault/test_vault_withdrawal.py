"""What was wrongly brought in is taken back: no read sees it from then on, and nothing of it is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from vault_standin import MALI, MORNING, NIGER, write

from tocsin import digest, sources
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.vault import Vault, Vintage

LATER = MORNING + dt.timedelta(days=30)
WHY = "Deaths of Mali multiplied by 30"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def deaths(vault: Vault, as_of: dt.datetime) -> list[int]:
    return vault.events(as_of=as_of)["best"].to_list()


def shown(vault: Vault, query: str) -> list[tuple[object, ...]]:
    """Return what an analyst's own shell answers, from inside the folder."""
    with duckdb.connect() as shell, pytest.MonkeyPatch.context() as patch:
        patch.chdir(vault.home)
        shell.execute("ATTACH 'vault.duckdb' AS vault (READ_ONLY); USE vault")
        return shell.execute(query).fetchall()


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write(tmp_path / "right.json", [(1, MALI, "2012-01-24", 82)])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    return write(tmp_path / "wrong.json", [(1, MALI, "2012-01-24", 2460)])


@pytest.fixture
def mistaken(vault: Vault, right: Path, wrong: Path) -> Vault:
    """A vault in which a wrong file stands over the right one."""
    vault.ingest(right, retrieved_at=MORNING)
    vault.ingest(wrong, retrieved_at=LATER)
    return vault


def test_reads_before_a_withdrawal_see_the_vintage_and_later_ones_do_not(
    mistaken: Vault, right: Path, wrong: Path, tmp_path: Path
) -> None:
    before = now()
    done = mistaken.withdraw(digest.of_file(wrong)[:8], reason=f" {WHY} ")
    assert (done.vintage.sha256, done.vintage.reason) == (digest.of_file(wrong), WHY)
    assert [v.sha256 for v in done.standing] == [digest.of_file(right)]
    assert [deaths(mistaken, moment) for moment in (MORNING, LATER, before, now())] == [
        [82], [2460], [2460], [82],
    ]  # fmt: skip
    assert shown(mistaken, "SELECT best FROM latest") == [(82,)]
    assert shown(mistaken, "SELECT best FROM events WHERE withdrawn_at IS NOT NULL") == [(2460,)]
    assert mistaken.verify() == 2
    never = Vault.open(tmp_path / "never")
    never.ingest(right, retrieved_at=MORNING)
    assert mistaken.resolve(as_of=now()).digest == never.resolve(as_of=now()).digest
    assert mistaken.ingest(right).status == "held"


def test_what_is_known_of_a_vintage_before_its_withdrawal_does_not_speak_of_it(
    mistaken: Vault, wrong: Path
) -> None:
    mistaken.withdraw(digest.of_file(wrong), reason=WHY)
    assert {v.withdrawn_at for v in mistaken.vintages(as_of=LATER)} == {None}
    assert mistaken.status(as_of=LATER).withdrawn == ()
    (withdrawn,) = mistaken.status(as_of=now()).to_dict()["withdrawn"]
    assert (withdrawn["reason"], withdrawn["name"]) == (WHY, "wrong.json")


def test_a_release_without_another_vintage_is_not_assessed(vault: Vault, right: Path) -> None:
    vault.ingest(right, retrieved_at=MORNING)
    assert vault.withdraw("v24.1", reason=WHY).standing == ()
    assert vault.vintages(as_of=now()) == ()
    assert vault.status(as_of=now()).releases == ()
    with pytest.raises(NotAssessed):
        vault.resolve(as_of=now())


@pytest.mark.parametrize("release", [None, "23.1"])
def test_withdrawn_bytes_come_in_again_when_asked_under_whatever_name(
    vault: Vault, right: Path, release: str | None
) -> None:
    vault.ingest(right, retrieved_at=MORNING)
    vault.withdraw("24.1", reason=WHY)
    between = now()
    receipt = vault.ingest(right, release=release, again=True)
    assert (receipt.status, receipt.vintage.arrival) == ("new" if release else "new_vintage", 2)
    assert vault.ingest(right).status == vault.ingest(right, again=True).status == "held"
    assert [len(vault.vintages(as_of=moment)) for moment in (MORNING, between, now())] == [1, 0, 1]
    assert vault.events(as_of=now())["release"].to_list() == [release or "24.1"]
    assert shown(vault, "SELECT release, best FROM latest") == [(release or "24.1", 82)]
    assert shown(vault, "SELECT count(*) FROM events") == [(2,)]
    assert vault.verify() == 2
    vault.withdraw(receipt.sha256, reason=WHY)
    assert vault.vintages(as_of=now()) == ()


def test_a_vintage_keeps_its_own_table_when_its_bytes_are_read_otherwise_later(
    vault: Vault, right: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.ingest(right, retrieved_at=MORNING)
    vault.withdraw("24.1", reason=WHY)
    read = sources.read

    def better(path: Path, **options: object) -> object:
        reading = read(path, **options)  # type: ignore[arg-type]
        return dataclasses.replace(reading, events=reading.events.with_columns(best=pl.col("best") + 1))

    monkeypatch.setattr(sources, "read", better)
    vault.ingest(right, again=True)
    assert (deaths(vault, MORNING), deaths(vault, now())) == ([82], [83])


def test_an_interrupted_second_arrival_leaves_the_first_whole(vault: Vault, right: Path) -> None:
    sha256 = vault.ingest(right, retrieved_at=MORNING).sha256
    vault.withdraw("24.1", reason=WHY)
    (vault.home / "tmp" / f"{sha256}-2").mkdir()
    (vault.home / "events" / f"{sha256}-2.parquet").write_bytes(b"half")
    vault = Vault.open(vault.home)
    assert {path.stem for path in (vault.home / "events").iterdir()} == {sha256, "empty"}
    assert vault.verify() == 1
    assert deaths(vault, MORNING) == [82]


def ahead(vault: Vault, right: Path, wrong: Path) -> Path:
    vault.ingest(right, retrieved_at=now() + dt.timedelta(days=200))
    return right


def withdrawn(vault: Vault, right: Path, wrong: Path) -> Path:
    vault.ingest(right, retrieved_at=MORNING)
    vault.withdraw("24.1", reason=WHY)
    return right


def under(vault: Vault, right: Path, wrong: Path) -> Path:
    vault.ingest(right, retrieved_at=MORNING)
    vault.ingest(wrong, retrieved_at=LATER)
    return right


def under_in_part(vault: Vault, right: Path, wrong: Path) -> Path:
    vault.ingest(right, retrieved_at=MORNING)
    part = write(wrong.with_name("mali.json"), [(1, MALI, "2012-01-24", 9)], countries=[MALI])
    vault.ingest(part, retrieved_at=LATER)
    return right


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (ahead, "known only from"),
        (withdrawn, WHY),
        (under, "wrong.json"),
        (under_in_part, "mali.json"),
    ],
)
def test_held_bytes_that_reads_do_not_return_are_refused(
    vault: Vault, right: Path, wrong: Path, case: Callable[[Vault, Path, Path], Path], said: str
) -> None:
    path = case(vault, right, wrong)
    before = vault.folder.catalogue.read_bytes()
    with pytest.raises(BadInput, match=said) as refusal:
        vault.ingest(path)
    assert ("--again" if case in (ahead, withdrawn) else "tocsin withdraw") in str(refusal.value)
    assert vault.folder.catalogue.read_bytes() == before


def test_vintages_that_share_nothing_do_not_stand_over_each_other(vault: Vault, tmp_path: Path) -> None:
    mali = write(tmp_path / "mali.json", [(1, MALI, "2012-01-24", 82)], countries=[MALI])
    niger = write(tmp_path / "niger.json", [(2, NIGER, "2012-01-24", 9)], countries=[NIGER])
    vault.ingest(mali, retrieved_at=MORNING)
    vault.ingest(niger, retrieved_at=LATER)
    assert vault.ingest(mali).status == "held"
    (release,) = vault.status(as_of=now()).releases
    assert not release.contested


def test_a_file_that_came_in_by_a_clock_ahead_is_mended(vault: Vault, right: Path, tmp_path: Path) -> None:
    sha256 = vault.ingest(right, retrieved_at=now() + dt.timedelta(days=200)).sha256
    status = vault.status(as_of=now())
    assert (status.releases, [v.sha256 for v in status.ahead]) == ((), [sha256])
    vault.withdraw("24.1", reason="The clock was ahead")
    other = write(tmp_path / "other.json", [(1, MALI, "2012-01-24", 83)])
    assert vault.ingest(other).status == "new_vintage"
    assert vault.ingest(right, known_at=LATER, again=True).known_at == LATER
    assert (deaths(vault, LATER), deaths(vault, now())) == ([82], [83])
    assert vault.status(as_of=now()).ahead == ()


@pytest.mark.parametrize(
    ("named", "reason", "kind", "key"),
    [
        ("24.1", WHY, BadInput, "vault.several_vintages"),
        ("25.1", WHY, UnknownName, "vault.unknown_vintage"),
        ("abcdef", WHY, UnknownName, "vault.unknown_vintage"),
        ("", WHY, UnknownName, "vault.unknown_vintage"),
        ("24.1", "  ", BadInput, "vault.no_reason"),
    ],
)
def test_what_cannot_be_withdrawn(
    mistaken: Vault, named: str, reason: str, kind: type[BadInput], key: str
) -> None:
    with pytest.raises(kind) as refusal:
        mistaken.withdraw(named, reason=reason)
    assert refusal.value.key == key
    assert len(mistaken.vintages(as_of=now())) == 2


def test_too_few_digits_and_a_second_withdrawal_are_refused(mistaken: Vault, wrong: Path) -> None:
    sha256 = digest.of_file(wrong)
    with pytest.raises(UnknownName):
        mistaken.withdraw(sha256[:5], reason=WHY)
    mistaken.withdraw(sha256[:6].upper(), reason=WHY)
    with pytest.raises(BadInput, match=WHY):
        mistaken.withdraw(sha256, reason="Another")
    assert mistaken.withdraw("24.1", reason="The other too").vintage.name == "right.json"


def to_first_layout(vault: Vault) -> None:
    """Make the catalogue one of the first layout, in which no vintage could be withdrawn."""
    with duckdb.connect(str(vault.folder.catalogue)) as earlier:
        earlier.execute("""
            ALTER TABLE vintages RENAME TO present;
            CREATE TABLE vintages (
                sha256 VARCHAR PRIMARY KEY, publisher VARCHAR NOT NULL, release VARCHAR NOT NULL,
                name VARCHAR NOT NULL, format VARCHAR NOT NULL, bytes BIGINT NOT NULL,
                retrieved_at TIMESTAMP NOT NULL, known_at TIMESTAMP NOT NULL CHECK (known_at <= retrieved_at),
                basis VARCHAR NOT NULL, first_month VARCHAR NOT NULL, last_month VARCHAR NOT NULL,
                countries INTEGER[], partial BOOLEAN NOT NULL, rows BIGINT NOT NULL, flagged BIGINT NOT NULL,
                refused BIGINT NOT NULL, shared_ids VARCHAR NOT NULL, report VARCHAR NOT NULL,
                events_sha256 VARCHAR NOT NULL, tocsin VARCHAR NOT NULL);
            INSERT INTO vintages SELECT * EXCLUDE (arrival, withdrawn_at, reason) FROM present;
            DROP TABLE present;
            UPDATE layout SET version = 1;
            DROP VIEW latest;
            CREATE OR REPLACE VIEW events AS SELECT v.publisher, v.release, v.known_at, e.*
                FROM read_parquet('events/*.parquet') e JOIN vintages v USING (sha256);
            CREATE VIEW latest AS SELECT * FROM events;
            COMMENT ON VIEW latest IS '2';
        """)


@pytest.mark.parametrize("renewed", [True, False])
def test_a_vault_of_the_first_layout_loses_nothing(
    mistaken: Vault, wrong: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renewed: bool
) -> None:
    expected: tuple[Vintage, ...] = mistaken.vintages(as_of=now())
    with monkeypatch.context() as patch:
        patch.chdir(mistaken.home)
        to_first_layout(mistaken)
    with monkeypatch.context() as patch:
        if not renewed:
            patch.setattr("tocsin.vault.vault.Vault._renew", lambda _: None)
        vault = Vault.open(mistaken.home)
    assert (shown(vault, "SELECT version FROM layout") == [(2,)]) == renewed
    assert vault.vintages(as_of=now()) == expected
    assert deaths(vault, now()) == [2460]
    extra = write(tmp_path / "mali.json", [(2, MALI, "2012-01-25", 9)], release="23.1")
    vault.ingest(extra, retrieved_at=LATER)
    vault.withdraw(digest.of_file(wrong), reason=WHY)
    assert sorted(deaths(vault, now())) == [9, 82]
    assert shown(vault, "SELECT version FROM layout") == [(2,)]
    assert sorted(shown(vault, "SELECT best FROM latest")) == [(9,), (82,)]
    assert vault.verify() == 3


def test_only_vintages_of_the_release_withdrawn_are_told_as_standing(
    mistaken: Vault, right: Path, wrong: Path, tmp_path: Path
) -> None:
    older = write(
        tmp_path / "older.json", [(1, MALI, "2012-01-24", 80)], release="23.1", span="1989-01:2022-12"
    )
    mistaken.ingest(older, retrieved_at=MORNING)
    done = mistaken.withdraw(digest.of_file(wrong)[:8], reason=WHY)
    assert [v.sha256 for v in done.standing] == [digest.of_file(right)]
    assert mistaken.withdraw("23.1", reason=WHY).standing == ()


def test_withheld_is_what_was_withdrawn_until_something_of_it_comes_in(
    mistaken: Vault, right: Path, wrong: Path, tmp_path: Path
) -> None:
    def withheld() -> tuple[str, ...]:
        return mistaken.status(as_of=now()).withheld

    assert withheld() == ()
    mistaken.withdraw(digest.of_file(right), reason="An older one, which does not stand")
    assert withheld() == ()
    mistaken.withdraw("24.1", reason=WHY)
    assert withheld() == ("24.1",)
    mistaken.ingest(right, again=True)
    assert withheld() == ()


@pytest.mark.parametrize("scope", [{"countries": [MALI]}, {"partial": True}])
def test_a_part_that_was_withdrawn_withholds_nothing_of_the_whole(
    vault: Vault, tmp_path: Path, scope: dict[str, Any]
) -> None:
    vault.ingest(write(tmp_path / "part.json", [(1, MALI, "2012-01-24", 82)], **scope))
    vault.withdraw("24.1", reason=WHY)
    assert vault.status(as_of=now()).withheld == ()
