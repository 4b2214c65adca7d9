"""The vault with the real readers: real releases in, published totals out, bad files without a trace."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tocsin import months
from tocsin.errors import BadInput
from tocsin.vault import Vault

NOON = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC)
MALI, BANGLADESH = 432, 771


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><html><body>404</body></html>",
        b"id,year\n",
        b"PK\x03\x04cut off",
        b"PAR1cut off",
    ],
)
def test_bad_file_leaves_no_trace(tmp_path: Path, content: bytes) -> None:
    vault = Vault.open(tmp_path / "home")
    before = sorted(vault.home.rglob("*"))
    path = tmp_path / "GEDEvent_v24_1.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        vault.ingest(path)
    assert caught.value.exit_code == 2
    assert path.name in str(caught.value)
    assert sorted(vault.home.rglob("*")) == before


@pytest.mark.shared
def test_real_releases_side_by_side(shared: Path, tmp_path: Path) -> None:
    ucdp = shared / "data" / "ucdp"
    vault = Vault.open(tmp_path / "home")
    candidate = vault.ingest(ucdp / "GEDEvent_v23_0_10.csv", retrieved_at=NOON, known_at="assumed")
    assert (candidate.release, candidate.vintage.format) == ("23.0.10", "candidate-csv")
    assert candidate.report["kept"] == 2391
    vault.ingest(ucdp / "ged241_westafrica8_1989_2021.parquet", retrieved_at=NOON, known_at="assumed")
    vault.ingest(ucdp / "conflict_data_BGD.csv", release="19.1", retrieved_at=NOON, known_at="assumed")
    located = vault.ingest(
        ucdp / "ged211_located_global_1989_2020.parquet",
        release="21.1",
        retrieved_at=NOON,
        known_at="assumed",
    )
    assert located.vintage.partial
    assert located.shared_ids["24.1"] > 2000
    assert vault.verify() == 4

    early = vault.resolve(as_of=dt.date(2020, 1, 1))
    assert early.releases == ("19.1",)
    assert early.decides(MALI, months.parse("2012-01")) is None

    now = vault.resolve(as_of=NOON)
    assert now.releases == ("19.1", "23.0.10", "24.1")
    mali = now.events.filter(pl.col("country_gw") == MALI)
    totals = dict(mali.group_by(pl.col("date_start").dt.year()).agg(pl.col("best").sum()).iter_rows())
    # Published totals of Mali, UCDP GED 24.1.
    assert (totals[2012], totals[2013]) == (359, 881)
    bangladesh = now.decides(BANGLADESH, months.parse("2013-12"))
    assert bangladesh is not None
    assert bangladesh.release == "19.1"
    assert now.decides(MALI, months.parse("2022-06")) is None


@pytest.mark.shared
def test_truncated_zip_of_a_real_release(shared: Path, tmp_path: Path) -> None:
    ucdp = shared / "data" / "ucdp"
    path = tmp_path / "ged-23-0-10.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(ucdp / "GEDEvent_v23_0_10.csv", "GEDEvent_v23_0_10.csv")
    whole = path.read_bytes()
    vault = Vault.open(tmp_path / "home")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput):
        vault.ingest(path, retrieved_at=NOON)
    assert vault.vintages(as_of=NOON) == ()
    path.write_bytes(whole)
    assert vault.ingest(path, retrieved_at=NOON).vintage.rows == 2391
