"""The Data Package of a watch: another's reader of the standard reads every table by it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, get_args, get_type_hints

import polars as pl
import pyarrow.parquet as pq
import pytest
from frictionless import Package
from package_faults import faults

from tocsin import warn
from tocsin.cli.dictionary import columns
from tocsin.feeds import write_feeds
from tocsin.figures import attribution
from tocsin.ledger import Ledger
from tocsin.panel import Panel
from tocsin.tables import NAME, meaning
from tocsin.text import LANGUAGES
from tocsin.warn import STATUSES, Act, Message
from tocsin.watch import Alerts, Watch, watch
from tocsin.watch.folder import check_folder
from tocsin.watch.tables import describe_tables, write_tables

DAY = dt.date(2012, 1, 15)
RELEASES = ("25.0.3", "25.1")
RULE = warn.Rule(name="plain", threshold=25, window=3, trigger=0.5, cancel=0.3, titles=("Plain", "Simple"))
STEPS = (1, 2, 3)


def _write(found: Watch, folder: Path) -> Path:
    write_tables(found, folder)
    assert found.alerted is not None
    write_feeds(found.alerted.shown, folder)
    describe_tables(found, folder)
    return folder


@pytest.fixture(scope="module")
def found(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Watch:
    home = tmp_path_factory.mktemp("home")
    alerts = Alerts(home, (RULE,), "Desk", lambda: Ledger.open(home / "ledger.sqlite"))
    known = dataclasses.replace(panel, releases=RELEASES)
    return watch(known, as_of=DAY, methods=("last", "conflictology-12"), steps=STEPS, alerts=alerts)


@pytest.fixture(scope="module")
def written(found: Watch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every table of a watch and its package, to read."""
    return _write(found, tmp_path_factory.mktemp("written"))


@pytest.fixture
def own(written: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder, to change."""
    return Path(shutil.copytree(written, tmp_path / "own"))


def _package(folder: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return held


def test_a_parquet_file_says_of_its_columns_what_the_package_does(written: Path) -> None:
    tables = [one for one in _package(written)["resources"] if one["format"] == "parquet"]
    assert len(tables) == 3
    for one in tables:
        told = pl.read_parquet_metadata(written / one["path"])["columns"]
        assert json.loads(told) == one["schema"]["fields"]


def test_a_reader_of_the_standard_finds_every_table_as_it_is_described(written: Path) -> None:
    names = [resource["name"] for resource in _package(written)["resources"]]
    assert names == ["ranking-csv", "ranking-parquet", "forecasts-parquet", "draws-parquet", "warnings-csv"]
    assert {name: found for name in names if (found := faults(written, name))} == {}
    assert all(Package(str(written / NAME)).get_resource(name).read_rows() for name in names[::4])


@pytest.mark.parametrize(
    ("table", "column", "value", "kind"),
    [
        ("ranking", "deaths_last_3", "many", "type-error"),
        ("ranking", "deaths_last_3", "-1", "constraint-error"),
        ("ranking", "p_25_next_3", "1.2", "constraint-error"),
        ("ranking", "change", "-1.2", "constraint-error"),
        ("ranking", "iso3", "Mali", "constraint-error"),
        ("ranking", "status", "calm", "constraint-error"),
        ("ranking", "status", "", "constraint-error"),
        ("ranking", "months_last_12", "1 2 ?", "constraint-error"),
        ("ranking", "gw", "", "primary-key"),
        ("warnings", "window_first", "2012-02-30", "type-error"),
        ("warnings", "probability", "88 %", "type-error"),
        ("warnings", "issued_at", "yesterday", "type-error"),
        ("warnings", "status", "sent", "constraint-error"),
        ("warnings", "inputs_sha256", "06cf", "constraint-error"),
    ],
)
def test_a_value_that_its_type_or_limits_forbid_is_found(
    own: Path, table: str, column: str, value: str, kind: str
) -> None:
    file = own / f"{table}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[2][rows[0].index(column)] = value
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    found = faults(own, f"{table}-csv")
    assert (kind, "" if kind == "primary-key" else column) in found
    assert ("hash-count", "") in found


@pytest.mark.parametrize(
    ("file", "column", "value", "kind"),
    [
        ("forecasts", "p_100", 1.5, "constraint-error"),
        ("forecasts", "month", "2012-13", "type-error"),
        ("draws", "outcome", -1, "constraint-error"),
        ("draws", "target", "war", "constraint-error"),
        ("ranking", "rank", 0, "constraint-error"),
    ],
)
def test_a_value_in_a_parquet_table_is_held_to_its_limits_too(
    own: Path, file: str, column: str, value: object, kind: str
) -> None:
    place = own / f"{file}.parquet"
    pl.read_parquet(place).with_columns(pl.lit(value).alias(column)).write_parquet(place)
    assert faults(own, f"{file}-parquet") == {(kind, column)}


def test_a_row_told_twice_is_found(own: Path) -> None:
    place = own / "ranking.parquet"
    frame = pl.read_parquet(place)
    pl.concat([frame, frame[:1]]).write_parquet(place)
    assert faults(own, "ranking-parquet") == {("primary-key", "")}


def test_all_that_a_message_may_lack_may_be_empty(found: Watch, tmp_path: Path) -> None:
    assert found.alerted is not None
    full, kinds = found.alerted.shown[0], get_type_hints(Message)
    lacking: dict[str, Any] = {name: None for name, kind in kinds.items() if type(None) in get_args(kind)}
    assert {"probability", "iso3", "issued_at", "by"} <= set(lacking)
    messages = [
        dataclasses.replace(full, id=f"{act}-{status}", act=act, status=status, **more)
        for more, status in zip(({}, lacking, lacking, lacking), STATUSES, strict=True)
        for act in get_args(Act)
    ]
    write_feeds(messages, tmp_path)
    describe_tables(found, tmp_path)
    assert not faults(tmp_path, "warnings-csv")
    assert len(Package(str(tmp_path / NAME)).get_resource("warnings-csv").read_rows()) == len(messages)


def test_without_the_dialect_the_tags_would_be_read_as_data(own: Path) -> None:
    held = _package(own)
    for resource in held["resources"]:
        resource.get("dialect", {}).pop("commentRows", None)
    (own / NAME).write_text(json.dumps(held), encoding="utf-8")
    assert ("type-error", "rank") in faults(own, "ranking-csv")


def test_every_file_is_held_to_its_bytes(written: Path) -> None:
    for resource in _package(written)["resources"]:
        content = (written / resource["path"]).read_bytes()
        assert resource.get("bytes") == (len(content) if resource["format"] == "csv" else None)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_what_the_standard_demands_is_there(written: Path) -> None:
    """The reader does not ask for all of it. Source: Data Package standard, version 2."""
    held = _package(written)
    assert held["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    (licence,) = held["licenses"]
    assert (licence["name"], licence["path"]) == ("CC-BY-4.0", attribution(RELEASES).licence_url)
    assert [source["version"] for source in held["sources"]] == list(RELEASES)
    assert {source["path"] for source in held["sources"]} == {"https://ucdp.uu.se/downloads/"}
    for resource in held["resources"]:
        names = [column["name"] for column in resource["schema"]["fields"]]
        assert resource["type"] == "table"
        assert resource["schema"]["missingValues"] == [""]
        assert len(names) == len(set(names))
        assert set(resource["schema"]["primaryKey"]) <= set(names)


def test_no_licence_is_claimed_for_a_release_of_another_name(found: Watch, tmp_path: Path) -> None:
    other = dataclasses.replace(found, panel=dataclasses.replace(found.panel, releases=("a release", "25.1")))
    held = _package(_write(other, tmp_path))
    assert "licenses" not in held
    assert held["attribution"]["licence"] is None
    assert {"title": "a release", "version": "a release"} in held["sources"]


def test_what_is_said_in_english_is_said_in_french_beside_it(written: Path) -> None:
    held = _package(written)
    parts = [held, *held["resources"], *(f for r in held["resources"] for f in r["schema"]["fields"])]
    assert len(parts) > 80
    for part in parts:
        for name in ("title", "description"):
            assert part[name]
            assert part[f"{name}_fr"]
        assert ("unit" in part) == ("unit_fr" in part)
    assert "constraints" in parts[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_that_may_be_empty_says_what_that_means(written: Path, language: str) -> None:
    for resource in _package(written)["resources"]:
        for column in resource["schema"]["fields"]:
            told = meaning(resource["path"].partition(".")[0], column["name"], language)  # type: ignore[arg-type]
            text = column["description" if language == "en" else "description_fr"]
            assert column.get("constraints", {}).get("required", False) == (told.empty is None)
            assert told.empty is None or text.endswith(f" {told.empty}.")


def test_the_package_says_what_is_written(written: Path) -> None:
    """Its columns are those of the files and, but for areas that go by other codes, those of the pages."""
    listed = columns()
    for resource in _package(written)["resources"]:
        names = [column["name"] for column in resource["schema"]["fields"]]
        file, table = written / resource["path"], resource["path"].partition(".")[0]
        if file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as stream:
                assert names == next(csv.reader(stream))
        else:
            assert names == pq.read_schema(file).names
        assert [name for name in listed[table] if name not in ("country_id", "priogrid_gid")] == names


def test_a_reconstruction_and_historical_figures_are_named_in_the_description(
    found: Watch, tmp_path: Path
) -> None:
    past = dataclasses.replace(
        found, panel=dataclasses.replace(found.panel, lag=1), as_of=DAY + dt.timedelta(200)
    )
    held = _package(_write(past, tmp_path))
    assert "Reconstructed as of 2012-08-02" in held["description"]
    assert "not an assessment of today" in held["description"]
    assert "Reconstitué au 2012-08-02" in held["description_fr"]
    assert "Reconstructed" not in _package(_write(found, tmp_path))["description"]


def test_the_same_tables_give_the_same_package(found: Watch, written: Path, tmp_path: Path) -> None:
    assert (_write(found, tmp_path) / NAME).read_bytes() == (written / NAME).read_bytes()


def test_a_folder_with_a_package_or_without_is_one_of_a_watch(own: Path) -> None:
    for file in own.iterdir():
        if file.name not in (NAME, "ranking.csv"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    assert check_folder(own) == own
    (own / NAME).unlink()
    assert check_folder(own) == own
