"""The home and its catalogue: opened with DuckDB, renewed, and named where they are no vault."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path

import duckdb
import pytest
from vault_standin import DAY, MALI, MORNING, NIGER, write

from tocsin.errors import BadInput, Damaged, TocsinError
from tocsin.vault import Vault


def test_analyst_opens_the_folder_with_duckdb(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(vault.home)
    with duckdb.connect("vault.duckdb", read_only=True) as shell:
        assert shell.execute("SELECT count(*) FROM events").fetchone() == (0,)
    vault.ingest(write(tmp_path / "a.json", [(7, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    vault.ingest(
        write(tmp_path / "b.json", [(7, MALI, "2012-01-24", 95)]),
        retrieved_at=MORNING + dt.timedelta(days=1),
    )
    vault.ingest(
        write(tmp_path / "c.json", [(8, NIGER, "2012-01-24", 1)], countries=[NIGER]),
        retrieved_at=MORNING + dt.timedelta(days=2),
    )
    with duckdb.connect("vault.duckdb", read_only=True) as shell:
        every = shell.execute("SELECT best FROM events ORDER BY known_at").fetchall()
        latest = shell.execute("SELECT id, best, flags FROM latest ORDER BY id").fetchall()
        report = shell.execute("SELECT report->'$.kept' FROM vintages").fetchall()
        cut = shell.execute("SELECT count(*) FROM events WHERE known_at <= '2025-03-01 12:00'").fetchone()
    assert every == [(82,), (95,), (1,)]
    assert latest == [(7, 95, ["imprecise_date"]), (8, 1, [])]
    assert [int(kept) for (kept,) in report] == [1, 1, 1]
    assert cut == (1,)
    ours = vault.events(as_of=dt.date(2025, 4, 1))
    assert [(i, b) for i, b, _ in latest] == list(zip(ours["id"], ours["best"], strict=True))


def test_the_views_of_an_earlier_version_are_replaced(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, countries in (("a", [MALI, NIGER]), ("b", [MALI])):
        path = write(tmp_path / name, [(1, MALI, "2012-01-24", 82)], countries=countries)
        vault.ingest(path, retrieved_at=MORNING + dt.timedelta(hours=len(countries) == 1))
    monkeypatch.chdir(vault.home)
    with duckdb.connect("vault.duckdb") as earlier:
        earlier.execute("CREATE OR REPLACE VIEW latest AS SELECT * FROM events")

    def deaths() -> object:
        with duckdb.connect("vault.duckdb", read_only=True) as shell:
            return shell.execute("SELECT sum(best) FROM latest").fetchone()

    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)
        assert Vault.open(vault.home).status(as_of=DAY).releases[0].rows == 1
    assert deaths() == (164,)
    Vault.open(vault.home)
    assert deaths() == (82,)
    written = (vault.home / "vault.duckdb").stat().st_mtime_ns
    Vault.open(vault.home)
    assert (vault.home / "vault.duckdb").stat().st_mtime_ns == written


def test_home_whose_name_has_a_comma(tmp_path: Path, invented: None, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault.open(tmp_path / "Données, 2024 [a]*")
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    assert vault.events(as_of=DAY)["best"].to_list() == [82]
    monkeypatch.chdir(vault.home)
    with duckdb.connect("vault.duckdb", read_only=True) as shell:
        assert shell.execute("SELECT sum(best) FROM latest").fetchone() == (82,)


def test_a_comma_in_the_folder_of_temporary_files_is_in_the_way_only_of_a_home_with_one(
    tmp_path: Path, invented: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "a, b"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    vault = Vault.open(tmp_path / "home")
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    assert vault.events(as_of=DAY)["best"].to_list() == [82]
    with pytest.raises(BadInput, match="TMPDIR"):
        Vault.open(aside / "home")


def test_an_earlier_vault_opens_whatever_is_in_the_way_of_new_views(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    with duckdb.connect(str(vault.home / "vault.duckdb")) as earlier:
        earlier.execute("COMMENT ON VIEW latest IS NULL")

    def refused(*_: object) -> None:
        raise TocsinError("vault.disk_full", path=vault.home)

    with monkeypatch.context() as patch:
        patch.setattr("tocsin.vault.catalogue.renew", refused)
        assert Vault.open(vault.home).events(as_of=DAY)["best"].to_list() == [82]


@pytest.mark.skipif(os.name != "posix", reason="names that other systems do not allow")
@pytest.mark.parametrize("name", [b"what?", b"a\\b", b"donn\xe9es"])
def test_home_whose_name_duckdb_does_not_take(tmp_path: Path, name: bytes) -> None:
    home = tmp_path / os.fsdecode(name)
    with pytest.raises(BadInput, match="Rename the folder"):
        Vault.open(home)
    assert not home.exists()


def test_home_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "mine"))
    assert Vault.open().home == tmp_path / "mine"
    monkeypatch.delenv("TOCSIN_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert Vault.open().home == tmp_path / "data" / "tocsin"


def test_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="needs a folder"):
        Vault.open(tmp_path / "file")
    with pytest.raises(BadInput, match="needs a folder"):
        Vault.open(tmp_path / "file" / "below")


@pytest.mark.parametrize("keep", [0, 100, 5000, 200_000])
def test_cut_off_catalogue(vault: Vault, keep: int) -> None:
    catalogue = vault.home / "vault.duckdb"
    catalogue.write_bytes(catalogue.read_bytes()[:keep])
    with pytest.raises(Damaged, match="catalogue"):
        Vault.open(vault.home)


def test_catalogue_of_something_else(vault: Vault) -> None:
    (vault.home / "vault.duckdb").unlink()
    with duckdb.connect(str(vault.home / "vault.duckdb")) as other:
        other.execute("CREATE TABLE sheep (name VARCHAR)")
    with pytest.raises(Damaged, match="catalogue"):
        Vault.open(vault.home)


def test_catalogue_of_a_later_layout(vault: Vault) -> None:
    with duckdb.connect(str(vault.home / "vault.duckdb")) as later:
        later.execute("UPDATE layout SET version = 99")
    with pytest.raises(BadInput, match="layout 99"):
        Vault.open(vault.home)


def test_lost_catalogue_never_costs_a_file(vault: Vault, tmp_path: Path) -> None:
    receipt = vault.ingest(write(tmp_path / "a.json", [(1, MALI, "2012-01-24", 82)]), retrieved_at=MORNING)
    (vault.home / "vault.duckdb").unlink()
    with pytest.raises(Damaged, match="is gone, but files are held"):
        Vault.open(vault.home)
    assert (vault.home / "files" / receipt.sha256[:2] / receipt.sha256).is_file()
