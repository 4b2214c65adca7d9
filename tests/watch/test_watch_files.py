import csv
import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for
from PIL import Image

from tocsin import months
from tocsin.errors import BadInput
from tocsin.files import move
from tocsin.forecast import Forecast, fit
from tocsin.panel import Panel
from tocsin.watch import Watch, write_draws
from tocsin.watch import watch as full_watch
from tocsin.watch.edition import FILES
from tocsin.watch.folder import check_folder, replaced
from tocsin.watch.tables import forecast_frame

DAY = dt.date(2012, 1, 15)
watch = partial(full_watch, methods=("no-learning", "conflictology-12"))


def _bytes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def written(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Watch, Path]:
    """Return a watch and the folder that it was written into, to read."""
    out = tmp_path_factory.mktemp("written") / "out"
    return watch(panel, as_of=DAY, out=out), out


def test_the_same_input_gives_the_same_bytes(
    panel: Panel, written: tuple[Watch, Path], tmp_path: Path
) -> None:
    watch(panel, as_of=DAY, out=tmp_path / "again")
    assert _bytes(tmp_path / "again") == _bytes(written[1])


def test_draws_are_numbered_beyond_what_sixteen_bits_hold(panel: Panel, tmp_path: Path) -> None:
    made = fit(panel, origin=panel.span.last, target="total", method="conflictology-12").predict((1,))
    many = np.tile(made.draws[:1], (1, 1, 40))
    one = dataclasses.replace(made, areas=made.areas[:1], draws=many, assessed=np.array([True]))
    write_draws(one, tmp_path / "draws.parquet", releases=("25.1",))
    numbers = pl.read_parquet(tmp_path / "draws.parquet")["draw"]
    assert (numbers.min(), numbers.max(), numbers.n_unique()) == (0, 39_999, 40_000)


def test_the_folder_holds_tables_summary_and_charts(written: tuple[Watch, Path]) -> None:
    found, out = written
    names = set(_bytes(out))
    charts = {f"charts/{row.rank:02d}-{found.country(row).iso3}.png" for row in found.ranked}
    tables = {"ranking.csv", "ranking.parquet", "forecasts.parquet", "draws.parquet"}
    assert names == tables | {"summary.json", "datapackage.json"} | charts | set(FILES)
    assert json.loads((out / "summary.json").read_text()) == found.summary()


def test_the_csv_has_a_row_of_hxl_tags_and_leaves_the_unknown_empty(written: tuple[Watch, Path]) -> None:
    header, tags, *rows = list(csv.reader((written[1] / "ranking.csv").open(encoding="utf-8")))
    assert all(tag.startswith("#") for tag in tags)
    assert len(header) == len(tags) == len(set(header))
    by_code = {row[header.index("iso3")]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_code["NER"]["status"] == "not assessed"
    assert by_code["NER"]["p_25_next_3"] == by_code["NER"]["rank"] == ""
    assert by_code["SEN"]["deaths_last_3"] == "0"
    assert by_code["MLI"]["months_last_12"].split()[-1] == "90"
    assert (by_code["SDN"]["name_en"], by_code["SDN"]["name_fr"]) == ("Sudan", "Soudan")


def test_the_parquet_tables_agree_with_the_draws(written: tuple[Watch, Path]) -> None:
    found, out = written
    table = pl.read_parquet(out / "forecasts.parquet")
    draws = pl.read_parquet(out / "draws.parquet")
    assert table.height == len(found.forecasts) * len(found.rows) * 12
    mali = pl.col("method").eq("no-learning") & pl.col("gw").eq(432) & pl.col("month_id").eq(found.origin + 4)
    row = table.filter(mali).row(0, named=True)
    held = draws.filter(mali).sort("draw")["outcome"].to_numpy()
    assert (held == found.lead.path(432)[3]).all()
    assert row["mean"] == pytest.approx(held.mean())
    assert [row["low_80"], row["median"], row["high_80"]] == pytest.approx(np.quantile(held, [0.1, 0.5, 0.9]))
    assert row["p_25"] == pytest.approx((held >= 25).mean())
    absent = table.filter(pl.col("gw") == 436)
    assert absent["mean"].null_count() == absent["p_1"].null_count() == absent.height
    assert 436 not in draws["gw"]


def test_a_state_without_a_code_has_none_in_any_table() -> None:
    kosovo, mali = 347, 432
    made = Forecast(
        level="country", scheme="gw", areas=(kosovo, mali), origin=months.parse("2011-12"), steps=(1, 2),
        target="total", method="by hand", draws=np.zeros((2, 2, 4), dtype=np.int32),
        assessed=np.array([False, True]), inputs="none",
    )  # fmt: skip
    table = forecast_frame([made])
    assert table.schema["iso3"] == pl.String()
    assert table["iso3"].to_list() == [None, None, "MLI", "MLI"]


def test_charts_can_be_read_and_carry_no_metadata(panel: Panel, tmp_path: Path) -> None:
    watch(panel, as_of=DAY, out=tmp_path / "out", language="fr")
    for path in (tmp_path / "out/charts").iterdir():
        with Image.open(path) as image:
            assert image.size == (1200, 660)
            assert "Software" not in image.info


def test_a_folder_with_other_work_in_it_is_left_alone(panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match=r"thesis\.txt"):
        watch(panel, as_of=DAY, out=tmp_path)
    with pytest.raises(BadInput, match="is a file"):
        watch(panel, as_of=DAY, out=tmp_path / "thesis.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_error_on_the_way_leaves_the_old_results_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with replaced(out) as folder:
        (folder / "ranking.csv").write_text("old")
    with pytest.raises(BadInput, match="Is a directory"), replaced(out) as folder:
        folder.write_text("not a file")
    assert (out / "ranking.csv").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("room", [100, 20_000])
def test_a_full_disk_is_told_with_the_folder_and_the_old_results_stay(
    panel: Panel, written: tuple[Watch, Path], tmp_path: Path, room: int
) -> None:
    out = tmp_path / "out"
    shutil.copytree(written[1], out)
    before = _bytes(out)
    with room_for(room), pytest.raises(BadInput, match=rf"^{out} cannot be written: File too large"):
        watch(panel, as_of=DAY, out=out)
    assert _bytes(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_place_that_refuses_the_folder_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    told = rf"^{tmp_path}/file/out cannot be written: (File exists|Not a directory)"
    with pytest.raises(BadInput, match=told), replaced(tmp_path / "file/out"):
        pass


def test_draws_that_a_full_disk_refuses_are_named(panel: Panel, tmp_path: Path) -> None:
    made = fit(panel, origin=panel.span.last, target="total", method="conflictology-12").predict((1,))
    with room_for(1_000), pytest.raises(BadInput, match=r"draws\.parquet cannot be written: File too large"):
        write_draws(made, tmp_path / "draws.parquet", releases=("25.1",))
    assert not list(tmp_path.iterdir())


def test_results_that_a_program_holds_open_stay_and_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with replaced(out) as folder:
        (folder / "ranking.csv").write_text("old")

    def held(source: Path, target: Path) -> Path:
        raise PermissionError(13, "Access is denied", str(source))

    monkeypatch.setattr(Path, "replace", held)
    told = r"cannot be replaced \(Access is denied\).*Close every program"
    with pytest.raises(BadInput, match=told), replaced(out) as folder:
        (folder / "ranking.csv").write_text("new")
    assert (out / "ranking.csv").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_another_watch_that_ends_between_the_moves_fails_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    ended: list[Path] = []

    def write(content: str) -> None:
        with replaced(out) as folder:
            (folder / "ranking.csv").write_text(content)

    def crossed(source: Path, target: Path) -> None:
        if target == out and not ended:
            ended.append(target)
            write("other")
        move(source, target)

    write("old")
    monkeypatch.setattr("tocsin.watch.folder.move", crossed)
    write("new")
    assert ended
    assert (out / "ranking.csv").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_another_watch_moves_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retired = tmp_path / ".out.old"
    retired.mkdir()

    def taken(path: Path, target: Path) -> Path:
        path.rmdir()
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "rename", taken)
    assert check_folder(tmp_path / "out") == tmp_path / "out"


def test_results_have_the_rights_that_new_folders_have(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with replaced(tmp_path / "out"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_results_retired_by_a_run_that_was_killed_come_back(tmp_path: Path) -> None:
    retired = tmp_path / ".out.old"
    retired.mkdir()
    (retired / "ranking.csv").write_text("old")
    with pytest.raises(ZeroDivisionError), replaced(tmp_path / "out"):
        raise ZeroDivisionError
    assert (tmp_path / "out/ranking.csv").read_text() == "old"


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_a_killed_run_leaves_the_old_results_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with replaced(out) as folder:
        (folder / "ranking.csv").write_text("old")
    program = (
        "import sys, time, pathlib\n"
        "from tocsin.watch.folder import replaced\n"
        "with replaced(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'ranking.csv').write_text('half')\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(out)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"ready"
        child.send_signal(signal.SIGKILL)
    assert (out / "ranking.csv").read_text() == "old"
    with replaced(out) as folder:
        (folder / "ranking.csv").write_text("new")
    assert (out / "ranking.csv").read_text() == "new"
