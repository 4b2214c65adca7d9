"""The challenge's folders, as we write them and as others do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from tocsin.challenge import SubmissionDetails, layout, model_name, window_files, write_details, write_window
from tocsin.errors import BadFile, BadInput, UnknownName

DRAWS = np.arange(2 * 12 * 3, dtype=np.int32).reshape(2, 12, 3)


def test_a_window_is_written_as_the_layout_asks(tmp_path: Path) -> None:
    file = write_window(tmp_path, "cm", "Y2018", [5, 9], range(457, 469), DRAWS)
    assert file == tmp_path / "cm" / "window=Y2018" / "predictions_2018.parquet"
    table = pl.read_parquet(file, hive_partitioning=False)
    assert table.columns == ["month_id", "country_id", "draw", "outcome"]
    assert set(table.dtypes) == {pl.Int32}
    assert table.height == DRAWS.size
    assert table.equals(table.sort("month_id", "country_id", "draw"))
    picked = table.filter(month_id=460, country_id=9, draw=2)["outcome"].item()
    assert picked == DRAWS[1, 3, 2]
    assert [child.name for child in file.parent.iterdir()] == [file.name]


def test_writing_twice_replaces_and_never_mixes(tmp_path: Path) -> None:
    first = write_window(tmp_path, "pgm", "Y2018", [5, 9], range(457, 469), DRAWS)
    assert "priogrid_gid" in pl.read_parquet(first, hive_partitioning=False).columns
    before = first.read_bytes()
    assert write_window(tmp_path, "pgm", "Y2018", [5, 9], range(457, 469), DRAWS).read_bytes() == before
    first.rename(first.with_name("someone_else.parquet"))
    with pytest.raises(BadInput, match=r"someone_else\.parquet"):
        write_window(tmp_path, "pgm", "Y2018", [5, 9], range(457, 469), DRAWS)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"level": "country"}, "cm, pgm"),
        ({"window": "18"}, "not a window"),
        ({"units": [5, 5]}, "country_id hold 5"),
        ({"units": [5, 9.7]}, r"country_id hold 9\.7"),
        ({"units": [5, 0]}, "country_id hold 0"),
        ({"units": [5, 2**31]}, "country_id hold 2147483648"),
        ({"units": [5, float("nan")]}, "country_id hold nan"),
        ({"units": ["MLI", "NER"]}, "country_id hold MLI"),
        ({"units": [5]}, r"\(2, 12, 3\), not one of 1 unit, "),
        ({"month_ids": range(1, 13)}, r"month_id 1 \(1980-01\) is not in the window Y2018"),
        ({"month_ids": [*range(457, 468), 469]}, r"month_id 469 \(2019-01\)"),
        ({"month_ids": [*range(457, 468), 468.5]}, r"month_id hold 468\.5"),
        ({"month_ids": range(457, 463)}, "not one of 2 units, 6 months"),
        ({"draws": DRAWS[0]}, r"\(12, 3\)"),
        ({"draws": DRAWS[:, :, :0]}, "at least one draw"),
        ({"draws": DRAWS / 2}, "float64"),
        ({"draws": -DRAWS}, "hold -71"),
        ({"draws": DRAWS.astype(np.int64) * 10**10}, "hold 710000000000"),
    ],
)
def test_a_window_that_no_scorer_could_use_is_not_written(
    tmp_path: Path, changed: dict[str, object], says: str
) -> None:
    given = {"level": "cm", "window": "Y2018", "units": [5, 9], "month_ids": range(457, 469), "draws": DRAWS}
    with pytest.raises(BadInput, match=says):
        write_window(tmp_path, **{**given, **changed})
    assert not list(tmp_path.iterdir())


def test_a_window_goes_by_one_name_and_its_draws_by_one_type(tmp_path: Path) -> None:
    file = write_window(tmp_path / "a", "cm", "Y2018", [5, 9], range(457, 469), DRAWS)
    for name, window in (("b", 2018), ("c", "2018")):
        units, month_ids = np.array([5.0, 9.0]), np.arange(457, 469)
        again = write_window(tmp_path / name, "cm", window, units, month_ids, DRAWS.astype(np.uint16))
        assert again.relative_to(tmp_path / name) == file.relative_to(tmp_path / "a")
        assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("name", ["window=Y2018", "window=2018", "year=2018", "test_window_2018"])
def test_every_name_the_organisers_used_is_known(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "cm" / name
    folder.mkdir(parents=True)
    for file in ("b.parquet", "a.parquet", "eval_crps.parquet", ".hidden.parquet", "notes.txt"):
        (folder / file).touch()
    (tmp_path / "cm" / "eval").mkdir()
    found = window_files(tmp_path, "cm")
    assert {window: [file.name for file in files] for window, files in found.items()} == {
        "Y2018": ["a.parquet", "b.parquet"]
    }


def test_folders_without_the_layout_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match='no folder "cm"'):
        window_files(tmp_path, "cm")
    (tmp_path / "cm").mkdir()
    with pytest.raises(BadInput, match="no window"):
        window_files(tmp_path, "cm")
    (tmp_path / "cm" / "window=Y2018").mkdir()
    with pytest.raises(BadInput, match="no Parquet file"):
        window_files(tmp_path, "cm")
    for name in ("window=Y2018", "year=2018"):
        (tmp_path / "cm" / name).mkdir(exist_ok=True)
        (tmp_path / "cm" / name / "a.parquet").touch()
    with pytest.raises(BadInput, match="two folder names"):
        window_files(tmp_path, "cm")


def test_windows_know_their_months_and_origin() -> None:
    assert layout.window_of(2018) == layout.window_of("2018") == layout.window_of("Y2018") == "Y2018"
    assert layout.months_of("Y2018") == tuple(range(457, 469))
    assert layout.origin_of("Y2018") == 454
    assert layout.origin_of("Y2023") == 514
    assert layout.origin_of("Y2018", (457, 458)) == 454
    # A window of the true future: July to June.
    assert layout.months_of("Y2018", range(463, 475)) == tuple(range(463, 475))
    for passed in range(464, 476):
        assert layout.origin_of("Y2018", range(463, passed)) == 460
    with pytest.raises(BadInput, match="not a window"):
        layout.window_of("18")
    with pytest.raises(UnknownName, match="cm, pgm"):
        layout.level_of("country")


def test_details_pass_the_organisers_checks_and_name_the_model(tmp_path: Path) -> None:
    assert model_name(tmp_path) == tmp_path.name
    write_details(tmp_path, SubmissionDetails(short_title="Un titre: été", authors=(("A. Bé", "Là"),)))
    content = yaml.safe_load((tmp_path / "submission_details.yml").read_text(encoding="utf-8"))
    for name in ("team", "short_title", "even_shorter_identifier"):
        assert content[name]
        assert isinstance(content[name], str)
    assert content["authors"] == [{"name": "A. Bé", "affil": "Là"}]
    assert "@" in content["contact"]
    assert model_name(tmp_path) == "tocsin tocsin"
    (tmp_path / "submission_details.yml").write_text("team: [")
    with pytest.raises(BadFile, match="YAML"):
        model_name(tmp_path)
    (tmp_path / "submission_details.yml").write_text("only a sentence")
    with pytest.raises(BadFile, match="YAML"):
        model_name(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("team: &a [x, x]\nb: &b [*a, *a]\neven_shorter_identifier: c", "alias"),
        ("[" * 1000 + "]" * 1000, "nested too deeply"),
        ("team: [a, b]", "not short texts"),
        (f"team: {'a' * 201}", "at most 200"),
        ('team: "a\\e[2J"', "printable"),
        (f"team: {'9' * 5000}", "at most 200"),
        ('team: "\\U00110000"', "YAML"),
        ('team: "\\UFFFFFFFF"', "YAML"),
        (f"%YAML {'1' * 5000}.1\n---\nteam: a", "YAML"),
    ],
)
def test_details_of_others_that_hold_no_short_name_are_refused(
    tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "submission_details.yml").write_text(content)
    with pytest.raises(BadFile, match=says):
        model_name(tmp_path)


@pytest.mark.parametrize("team", ["2024-02-30", "007", "1.10"])
def test_a_name_that_looks_like_a_day_or_a_number_is_listed_as_written(tmp_path: Path, team: str) -> None:
    (tmp_path / "submission_details.yml").write_text(f"team: {team}\neven_shorter_identifier:\n")
    assert model_name(tmp_path) == team
