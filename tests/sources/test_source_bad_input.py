"""What is wrong with a file is said once, clearly: file, line, value, remedy."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from ged_table import HEADER, NAME, SOUND, put, row, text, write

from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.sources import read


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \n\n", "empty_file"),
        (text([]).encode(), "header_only"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "html"),
        (b"\n  <html>", "html"),
        (text([row(1)]).encode("utf-16"), "utf16"),
        (text([row(1)]).encode("utf-16-le"), "utf16"),
        (SOUND[:-1] + b"\0\n", "nul"),
        (b"\x1f\x8b\x08\x00abc", "unknown_format"),
        (SOUND.replace(b",", b";"), "separator"),
        (SOUND.replace(b",", b"\t"), "separator"),
        (b"name,age\nx,1\n", "not_events"),
        (b"PAR1 and nothing more", "parquet_damaged"),
        (b'{"TotalCount": 2, "Result": [', "json_damaged"),
        (b'{"message": "hello"}', "not_a_page"),
        (b'{"TotalCount": 0, "TotalPages": 0, "Result": []}', "header_only"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(tmp_path: Path, content: bytes, key: str) -> None:
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, content))
    assert caught.value.key == f"sources.{key}"
    assert caught.value.exit_code == 2
    assert NAME in caught.value.message("en")
    assert NAME in caught.value.message("fr")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="There is no file"):
        read(tmp_path / "absent.csv")


def test_wrong_encoding_names_byte_and_line(tmp_path: Path) -> None:
    content = text([row(1), row(2, side_b="Armée")]).encode("latin-1")
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, content))
    at = content.index(b"\xe9")
    assert caught.value.values["byte"] == "0xE9"
    assert caught.value.values["offset"] == at
    assert caught.value.values["line"] == content[:at].count(b"\n") + 1


def test_wrong_encoding_at_the_seam_of_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = text([row(1, side_b="Armée,")]).encode("latin-1")
    monkeypatch.setattr("tocsin.sources.comma._BLOCK", content.index(b"\xe9") + 1)
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, content))
    assert (caught.value.values["byte"], caught.value.values["offset"]) == ("0xE9", content.index(b"\xe9"))


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("cut", [1, 4, 30, 200, 300])
def test_a_csv_cut_short(tmp_path: Path, cut: int, before: int) -> None:
    rows = [*map(row, range(before)), row(3, source_article="plain")]
    content = text(rows).encode()[: -cut - 1]
    if cut == 1:
        # Only the empty last field is gone: the row still has all its fields but one.
        content = content.removesuffix(b",")
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, content), skip_bad_rows=True)
    assert caught.value.key == "sources.cut_short"
    # Each row before takes two lines, for its quoted line end.
    assert int(str(caught.value.values["line"])) == 2 + 2 * before


def test_a_csv_cut_within_quotes_or_within_a_letter(tmp_path: Path) -> None:
    content = SOUND[: SOUND.rindex(b"enough")]
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, content + b"a"))
    assert caught.value.key == "sources.quote_open"
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, SOUND + "3,é".encode()[:-1]))
    assert caught.value.key == "sources.cut_short"


def test_zip_files(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("GEDEvent_v23_1.csv", text([row(n) for n in range(300)]))
    whole = stream.getvalue()
    for cut in (10, len(whole) // 2, len(whole) - 5):
        with pytest.raises(BadFile) as caught:
            read(put(tmp_path, whole[:cut], "ged231-csv.zip"))
        assert caught.value.key == "sources.zip_damaged"
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, bytes(flipped), "ged231-csv.zip"))
    assert caught.value.key == "sources.zip_damaged"


def test_a_table_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", SOUND)
    whole = bytearray((tmp_path / "x.zip").read_bytes())
    # The size unpacked, in the list at the end of the archive.
    at = whole.index(b"PK\x01\x02") + 24
    whole[at : at + 4] = (1_530_000_000).to_bytes(4, "little")
    with pytest.raises(BadFile, match=r"a\.csv in x\.zip would unpack to 1,530,000,000 bytes"):
        read(put(tmp_path, bytes(whole), "x.zip"))


def test_a_zip_whose_names_are_damaged_is_said_to_be(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("évènements.csv", "x")
    whole = (tmp_path / "x.zip").read_bytes()
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, whole.replace("é".encode(), b"\xff\xff"), "x.zip"))
    assert caught.value.key == "sources.zip_damaged"


@pytest.mark.parametrize(
    ("members", "key"),
    [
        (["readme.txt"], "zip_members"),
        (["a.csv", "b.csv"], "zip_members"),
        (["xl/workbook.xml", "[Content_Types].xml"], "excel"),
    ],
)
def test_zip_with_other_things(tmp_path: Path, members: list[str], key: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in members:
            archive.writestr(name, "x")
    with pytest.raises(BadFile) as caught:
        read(tmp_path / "x.zip")
    assert caught.value.key == f"sources.{key}"


def test_truncated_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame([row(1)]).write_parquet(path)
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, path.read_bytes()[:-20], "b.parquet"))
    assert caught.value.key == "sources.parquet_damaged"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("best", "best_est", "best (≈ best_est)"),
        ("date_start", "date_started", "date_start (≈ date_started)"),
        ("adm_1", "adm1", "adm_1 (≈ adm1)"),
        ("low", "LOW", "low (≈ LOW)"),
        ("country_id", "zzz", "country_id"),
    ],
)
def test_renamed_columns_are_named_with_the_closest(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    header = [new if name == old else name for name in HEADER]
    rows = [{(new if name == old else name): value for name, value in row(1).items()}]
    with pytest.raises(BadFile) as caught:
        read(write(tmp_path, rows, header=header))
    assert caught.value.key == "sources.columns_missing"
    assert caught.value.values["columns"] == expected


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, SOUND.replace(b",gwnoa,", b",best,", 1)))
    assert caught.value.values["column"] == "best"


def test_line_ends_of_old_macintosh_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, SOUND.replace(b"\n", b"\r")))
    assert caught.value.key == "sources.line_ends"
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, b"x" * 200_000 + b"\n1\n"))
    assert caught.value.key == "sources.unreadable"


def test_pages_that_do_not_add_up(tmp_path: Path) -> None:
    page = {"TotalCount": 3, "TotalPages": 2, "Result": [row(1), row(2)]}
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, json.dumps(page).encode(), "gedevents-23.0.10.json"))
    assert caught.value.key == "sources.pages_incomplete"
    assert (caught.value.values["found"], caught.value.values["expected"]) == (2, 3)


def test_pages_that_announce_different_totals(tmp_path: Path) -> None:
    pages = [{"TotalCount": 3, "Result": [row(1)]}, {"TotalCount": 2, "Result": [row(2)]}]
    with pytest.raises(BadFile) as caught:
        read(put(tmp_path, json.dumps(pages).encode(), "gedevents-23.0.10.json"))
    assert caught.value.key == "sources.total_changed"
    assert (caught.value.values["before"], caught.value.values["now"]) == (3, 2)


def test_a_release_that_does_not_fit_its_events(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1), row(2)])
    with pytest.raises(BadFile) as caught:
        read(path, release="23.0.9")
    assert caught.value.key == "sources.release_mismatch"
    assert caught.value.values["share"] == 100


def test_names_that_are_none(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)])
    with pytest.raises(UnknownName, match="ucdp"):
        read(path, publisher="acled")
    with pytest.raises(BadInput, match=r"25\.0\.3"):
        read(path, release="latest")
