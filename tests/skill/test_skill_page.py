"""The page from small backtests: its numbers are those of the files, in both languages, every time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for

from tocsin import areas, backtest, months, skill
from tocsin.cli import main
from tocsin.errors import BadFile, BadInput
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.skill.tables import BINS, LEAST_IN_BIN
from tocsin.text import number


def _panel(seed: int = 5) -> Panel:
    span = Span(months.parse("2003-01"), months.parse("2013-12"))
    states = [c.gw for c in areas.countries(month=span.first) if c.exists(span.last)][:24]
    random = np.random.default_rng(seed)
    rate = random.choice([0.0, 0.2, 4.0, 40.0], (len(states), 1))
    level = rate * np.exp(np.cumsum(random.normal(0, 0.35, (len(states), len(span))), axis=1).clip(-3, 3))
    deaths = random.poisson(level[:, :, None] * np.array([1.0, 0.3, 0.2])).astype(np.int32)
    return Panel(
        level="country", scheme="gw", areas=tuple(sorted(states)), span=span, kinds=KINDS, deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=np.bool_), as_of=dt.date(2020, 1, 1),
        releases=("invented-1",),
    )  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    for target in ("sb", "total"):
        for method in ("no-learning", "conflictology-12"):
            backtest.run(
                _panel(), method=method, target=target, origins=list(Span.parse("2005-10:2012-10"))[::3],
                steps=range(1, 37), out=folder / f"{target}-{method}.parquet", draws=200,
            )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def page(results: Path, tmp_path_factory: pytest.TempPathFactory) -> skill.Page:
    return _write(results, tmp_path_factory.mktemp("page") / "skill.md")


def _write(results: Path, out: Path, **changes: object) -> skill.Page:
    settings: dict[str, object] = {"method": "no-learning", "language": "en"}
    return skill.write([results], out=out, **{**settings, **changes})  # type: ignore[arg-type]


def _joined(results: Path, target: str) -> pl.DataFrame:
    frames = [
        backtest.read(results / f"{target}-{method}.parquet").months.collect()
        for method in ("no-learning", "conflictology-12")
    ]
    return frames[0].join(frames[1], on=["area", "origin", "first", "last"], suffix="_r")


def test_the_headline_is_that_of_the_files(results: Path, page: skill.Page) -> None:
    rows = _joined(results, "sb").filter(
        ((pl.col("origin") - 1) % 12 == 9) & pl.col("last").is_between(3, 14)
    )
    years = rows.group_by("origin").agg(pl.col("crps").mean(), pl.col("crps_r").mean()).sort("origin")
    ratios = (years["crps"] / years["crps_r"]).to_numpy()
    head = page.found[0].headline
    assert head is not None
    assert head.ratio.value == pytest.approx(float(np.exp(np.log(ratios).mean())), rel=1e-5)
    assert head.ratio.years == len(ratios) == 8
    assert head.ratio.worse == int((ratios > 1.01).sum())
    assert [window.year for window in page.found[0].windows] == [*range(2006, 2014)]
    assert head.difference.estimate == pytest.approx((rows["crps"] - rows["crps_r"]).mean(), rel=1e-4)
    assert head.scores["ign"] == pytest.approx((rows["ign"].mean(), rows["ign_r"].mean()), rel=1e-5)
    text = page.file.read_text(encoding="utf-8")
    assert f"{head.ratio.value:.2f}" in text
    assert "A line without windows" not in text
    assert f"{head.scores['crps'][0]:.2f} / {head.scores['crps'][1]:.2f}" in text


def test_all_forecasts_together_are_those_of_the_files(results: Path, page: skill.Page) -> None:
    rows = _joined(results, "total").with_columns(year=(pl.col("month").cast(pl.Int32) - 1) // 12)
    whole = page.found[1].whole
    assert whole is not None
    assert whole.difference.estimate == pytest.approx((rows["crps"] - rows["crps_r"]).mean(), rel=1e-4)
    assert whole.difference.low < whole.difference.estimate < whole.difference.high
    means = rows.group_by("year").agg(pl.col("crps", "crps_r").mean() + 0.01)
    value = float(np.exp((means["crps"] / means["crps_r"]).log().mean()))  # type: ignore[arg-type]
    assert whole.ratio.value == pytest.approx(value, rel=1e-5)
    assert page.to_dict()["compared"][1]["whole"]["ratio"]["value"] == whole.ratio.value
    assert whole.ratio.rows == rows.height


def test_groups_coverage_and_probabilities_are_those_of_the_files(results: Path, page: skill.Page) -> None:
    rows = _joined(results, "total").with_columns(year=(pl.col("month") - 1) // 12)
    found = page.found[1]
    near = rows.filter(pl.col("last") <= 3)
    by_year = near.group_by("year").agg(pl.col("crps", "crps_r").mean() + 0.01)
    value = float(np.exp((by_year["crps"] / by_year["crps_r"]).log().mean()))  # type: ignore[arg-type]
    assert found.groups["horizon"]["1–3"].value == pytest.approx(value, rel=1e-5)
    states = rows["state"].unique().to_list()
    assert set(found.groups["state"]) == set(states)
    assert sum(ratio.rows for ratio in found.groups["state"].values()) == rows.height == found.rows
    assert sum(ratio.rows for ratio in found.groups["region"].values()) == rows.height
    assert sum(ratio.rows for ratio in found.groups["period"].values()) == rows.height
    active = near.filter("active24")
    assert found.coverage[0].rows == active.height
    assert found.coverage[0].closed[80] == pytest.approx(active["in80"].mean())
    middle = ((active["pit_r"] >= 0.1) & (active["pit_r"] <= 0.9)).mean()
    assert found.coverage[0].randomised_r[80] == pytest.approx(middle)
    assert found.pit["1–3"].sum() == pytest.approx(1)
    year = rows.filter(pl.col("last") <= 12)
    happened = (year["observed"] >= 25).cast(pl.Float64)
    of_25 = found.reliability[1]
    assert of_25.deaths == 25
    assert of_25.rate == pytest.approx(happened.mean())
    assert of_25.brier == pytest.approx(((year["p25"] - happened) ** 2).mean(), rel=1e-5)
    place = np.digitize(year["p25"].to_numpy(), BINS[1:-1])
    counts = np.bincount(place, minlength=len(BINS) - 1)
    shown = counts >= LEAST_IN_BIN
    assert of_25.counts.tolist() == counts[shown].tolist()
    means = np.bincount(place, happened, minlength=len(BINS) - 1)[shown] / counts[shown]
    assert of_25.happened == pytest.approx(means)


def test_sums_are_those_of_the_files(results: Path, page: skill.Page) -> None:
    held = [
        backtest.read(results / f"total-{method}.parquet").windows.collect()
        for method in ("no-learning", "conflictology-12")
    ]
    rows = held[0].join(held[1], on=["area", "origin", "first", "last"], suffix="_r")
    found = page.found[1]
    assert [(one.months, one.deaths) for one in found.sums] == [(3, 1), (3, 25), (12, 1), (12, 25)]
    quarter = rows.filter(pl.col("last") == 3)
    happened = (quarter["observed"] >= 25).cast(pl.Float64)
    of_25 = found.sums[1]
    assert of_25.happened == pytest.approx(happened.mean())
    assert of_25.said == pytest.approx(quarter["p25"].mean())
    assert of_25.brier_r == pytest.approx(((quarter["p25_r"] - happened) ** 2).mean())
    middle = (quarter["p25"] > 0.2) & (quarter["p25"] < 0.9)
    assert of_25.middle == middle.sum() > 0
    assert of_25.middle_happened == pytest.approx(happened.filter(middle).mean())
    active = quarter.filter("active24")
    assert found.sum_coverage[0].rows == active.height
    assert found.sum_coverage[0].randomised[80] == pytest.approx(((active["pit"] - 0.5).abs() <= 0.4).mean())
    text = page.file.read_text(encoding="utf-8")
    assert f"| 3 | 25 | {100 * of_25.said:.1f}% | {100 * of_25.happened:.1f}% |" in text


def test_what_a_step_is_is_told_where_all_origins_are_in_one_month(
    results: Path, page: skill.Page, tmp_path: Path
) -> None:
    assert "same month of the year" not in page.file.read_text(encoding="utf-8")
    octobers = tmp_path / "octobers"
    for method in ("no-learning", "conflictology-12"):
        backtest.run(
            _panel(), method=method, target="sb", origins=list(Span.parse("2005-10:2012-10"))[::12],
            steps=range(1, 4), out=octobers / f"{method}.parquet", draws=200,
        )  # fmt: skip
    text = _write(octobers, tmp_path / "october.md").file.read_text(encoding="utf-8")
    assert "same month of the year" in text


def test_no_group_is_left_out_of_the_verdicts(page: skill.Page) -> None:
    text = page.file.read_text(encoding="utf-8")
    told = [int(number) for number in re.findall(r"\* \*\*(?:Worse|Better|Not told apart) \((\d+)\)", text)]
    held = sum(len(ratios) for item in page.found for ratios in item.groups.values())
    assert len(told) == 3
    assert sum(told) == held + sum(len(item.brier) for item in page.found)


def test_the_page_links_to_its_plots_and_names_files_and_command(results: Path, tmp_path: Path) -> None:
    made = _write(results, tmp_path / "docs" / "skill.md", command="tocsin skill --out docs/skill.md")
    text = made.file.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+\.png)\)", text)
    assert len(links) == len(made.images) == 5
    assert {(made.file.parent / link).resolve() for link in links} == {i.resolve() for i in made.images}
    assert all(image.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for image in made.images)
    assert "tocsin skill --out docs/skill.md" in text
    for file in results.glob("*.parquet"):
        held = backtest.read(file)
        assert f"--out {file.name}`" in text
        assert held.digest[:12] in text
    assert "--origins 2005-10:2012-10 --every 3 --steps 1-36 --draws 200 --as-of 2020-01-01" in text
    assert str(tmp_path) not in text


def test_the_same_files_write_the_same_bytes(results: Path, page: skill.Page, tmp_path: Path) -> None:
    again = _write(results, tmp_path / "skill.md")
    assert again.file.read_bytes() == page.file.read_bytes()
    assert [i.read_bytes() for i in again.images] == [i.read_bytes() for i in page.images]


def test_the_french_page_has_the_same_numbers(results: Path, page: skill.Page, tmp_path: Path) -> None:
    french = _write(results, tmp_path / "skill.md", language="fr").file.read_text(encoding="utf-8")
    english = page.file.read_text(encoding="utf-8")
    assert french.count("\n## ") == english.count("\n## ")
    assert french.count("\n|") == english.count("\n|")
    assert "Calibration" not in french
    shown = {number.replace(".", ",") for number in re.findall(r"\d\.\d\d\d? / \d\.\d\d\d?", english)}
    assert shown
    assert shown <= set(re.findall(r"\d,\d\d\d? / \d,\d\d\d?", french))
    for text in (english, french):
        assert "\N{MINUS SIGN}" in text
        assert not re.search(r"[ (]-\d", text)


def test_the_challenge_table_sets_its_own_row_among_the_published(results: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores_cm.json"
    given = {
        "model": "mine mine",
        "windows": [
            {"window": "Y2020", "crps": 20.0, "ign": 0.5, "mis": 300.0},
            {"window": "Y2021", "crps": 75.0, "ign": 0.6, "mis": 1300.0},
        ],
        "published": [
            {"model": model, "metric": "CRPS", "window": window, "value": value}
            for model, window, value in [
                ("best", "Y2020", 19.0), ("best", "Y2021", 70.0), ("half", "Y2020", 1.0),
                ("worst", "Y2020", 30.0), ("worst", "Y2021", 90.0),
            ]
        ],
        "other_vintage": ["Y2020"],
    }  # fmt: skip
    scores.write_text(json.dumps(given), encoding="utf-8")
    log = tmp_path / "log.md"
    log.write_text("## What was tried\n\nNothing yet.\n", encoding="utf-8")
    text = _write(results, tmp_path / "skill.md", scores=scores, log=log).file.read_text(encoding="utf-8")
    (table,) = re.findall(r"\| CRPS \| Y2020.*?\n\n", text, flags=re.S)
    names = [line.split("|")[1].strip() for line in table.strip().splitlines()[2:]]
    assert names == ["best", "**mine**", "worst"]
    assert "**47.500**" in table
    assert "The actuals of Y2020" in text
    assert text.endswith("Nothing yet.\n")
    scores.write_text("{}", encoding="utf-8")
    with pytest.raises(BadFile, match=r"scores_cm\.json"):
        _write(results, tmp_path / "skill.md", scores=scores)
    with pytest.raises(BadFile, match="cannot be read"):
        _write(results, tmp_path / "skill.md", log=tmp_path / "absent.md")


def test_more_baselines_have_their_ratios_in_the_page_and_for_programs(
    results: Path, page: skill.Page, tmp_path: Path
) -> None:
    backtest.run(
        _panel(), method="zero", target="total", origins=list(Span.parse("2005-10:2012-10"))[::3],
        steps=range(1, 37), out=tmp_path / "total-zero.parquet", draws=200,
    )  # fmt: skip
    out = tmp_path / "skill.md"
    words = {"method": "no-learning", "language": "en", "baselines": ("zero", "conflictology-12")}
    both = skill.write([results, tmp_path], out=out, **words)  # type: ignore[arg-type]
    assert list(both.against) == ["zero"]
    (found,) = both.against["zero"]
    assert found.windows is not None
    own = backtest.read(results / "total-no-learning.parquet").months.collect()
    rows = own.filter(((pl.col("origin") - 1) % 12 == 9) & pl.col("last").is_between(3, 14))
    years = rows.group_by("origin").agg(pl.col("crps").mean(), pl.col("observed").mean())
    expected = float(np.exp((years["crps"] / years["observed"]).log().mean()))  # type: ignore[arg-type]
    assert found.windows.value == pytest.approx(expected, rel=1e-5)
    held = {one["target"]: one["against"] for one in both.to_dict()["compared"]}
    assert held["sb"] == {}
    assert held["total"]["zero"]["windows"]["value"] == found.windows.value
    assert set(held["total"]["zero"]["groups"]["horizon"]) == set(found.groups["horizon"])
    text = out.read_text(encoding="utf-8")
    assert "| Deaths | `conflictology-12` | `zero` |" in text
    assert f"{found.windows.value:.2f}" in text
    assert "--method zero" in text
    assert both.found[1].headline == page.found[1].headline
    assert "`zero`" not in page.file.read_text(encoding="utf-8")


def test_without_octobers_there_is_no_headline_but_a_page(results: Path, tmp_path: Path) -> None:
    for method in ("no-learning", "conflictology-12"):
        backtest.run(
            _panel(), method=method, target="sb", origins=list(Span.parse("2006-03:2010-03"))[::6],
            steps=[1, 2], out=tmp_path / "in" / f"{method}.parquet", draws=200,
        )  # fmt: skip
    made = _write(tmp_path / "in", tmp_path / "skill.md")
    whole = made.found[0].whole
    assert made.found[0].headline is None
    assert whole is not None
    assert "after" not in made.found[0].groups["kept"]
    text = made.file.read_text(encoding="utf-8")
    assert "Window by window" not in text
    assert f"| State-based | – | {whole.ratio.value:.2f}" in text
    assert "A line without windows" in text


def test_only_the_months_again_are_called_the_hardest_baseline(
    results: Path, page: skill.Page, tmp_path: Path
) -> None:
    words = {"method": "conflictology-12", "reference": "no-learning"}
    other = _write(results, tmp_path / "skill.md", **words).file.read_text(encoding="utf-8")
    assert "against `no-learning`. Every" in other
    assert 'against `conflictology-12`, "the same months again"' in page.file.read_text(encoding="utf-8")


def test_groups_of_steps_are_named_for_the_steps_that_are_there(tmp_path: Path) -> None:
    for target, steps in (("sb", [1, 2, 4, 5, 6]), ("total", [3, 4, 6, *range(13, 15)])):
        for method in ("no-learning", "conflictology-12"):
            backtest.run(
                _panel(), method=method, target=target, origins=list(Span.parse("2006-03:2010-03"))[::6],
                steps=steps, out=tmp_path / "in" / f"{target}-{method}.parquet", draws=200,
            )  # fmt: skip
    made = _write(tmp_path / "in", tmp_path / "skill.md")
    names = [["1–2", "4–6"], ["3", "4,6", "13–14"]]
    for item, expected in zip(made.found, names, strict=True):
        assert list(item.groups["horizon"]) == expected
        assert [row.horizon for row in item.coverage] == list(item.pit) == expected
    told = made.file.read_text(encoding="utf-8").partition("### By horizon")[2].partition("###")[0]
    rows = [line.split("|")[1].strip() for line in told.splitlines() if line.startswith("| s")]
    assert rows == ["steps 1–2", "step 3", "steps 4–6", "steps 4,6", "steps 13–14"]


def test_steps_that_no_probability_is_counted_for_have_a_page_and_steps_apart_have_none(
    tmp_path: Path,
) -> None:
    for name, method, steps in (
        ("far-a", "no-learning", [13, 14]), ("far-b", "conflictology-12", [14, 15]),
        ("near-b", "conflictology-12", [1, 2]),
    ):  # fmt: skip
        backtest.run(
            _panel(), method=method, target="sb", origins=list(Span.parse("2006-03:2010-03"))[::6],
            steps=steps, out=tmp_path / f"{name}.parquet", draws=200,
        )  # fmt: skip
    words = {"method": "no-learning", "out": tmp_path / "skill.md", "language": "en"}
    made = skill.write([tmp_path / "far-a.parquet", tmp_path / "far-b.parquet"], **words)  # type: ignore[arg-type]
    assert [row.horizon for row in made.found[0].coverage] == ["14"]
    assert [image.name for image in made.images] == ["skill-coverage.png", "skill-pit.png"]
    assert "## Probabilities" not in made.file.read_text(encoding="utf-8")
    with pytest.raises(BadInput, match="a step that both have"):
        skill.write([tmp_path / "far-a.parquet", tmp_path / "near-b.parquet"], **words)  # type: ignore[arg-type]


def test_a_world_at_peace_has_a_page_without_plots_of_it(tmp_path: Path) -> None:
    panel = _panel()
    calm = dataclasses.replace(panel, deaths=np.zeros_like(panel.deaths))
    for method in ("no-learning", "conflictology-12"):
        backtest.run(
            calm, method=method, target="sb", origins=[months.parse("2009-10")], steps=range(1, 15),
            draws=200, out=tmp_path / "in" / f"{method}.parquet",
        )  # fmt: skip
    made = _write(tmp_path / "in", tmp_path / "skill.md")
    assert [image.name for image in made.images] == ["skill-reliability-sb-gw.png"]
    assert made.found[0].headline is None
    assert set(made.found[0].groups["state"]) == {"quiet"}


def test_a_disk_that_fills_leaves_the_page_and_the_plots_that_were_there(
    results: Path, tmp_path: Path
) -> None:
    made = _write(results, tmp_path / "skill.md")
    before = {file: file.read_bytes() for file in (made.file, *made.images)}
    room = min(map(len, before.values())) // 2
    with room_for(room), pytest.raises(BadInput, match=r"\.png cannot be written: File too large"):
        _write(results, made.file)
    assert {file: file.read_bytes() for file in before} == before


def test_what_cannot_be_compared_is_refused(results: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no Parquet files"):
        _write(tmp_path / "empty", tmp_path / "skill.md")
    with pytest.raises(BadInput, match="The files hold: conflictology-12, no-learning"):
        _write(results, tmp_path / "skill.md", method="tocsin")
    with pytest.raises(BadInput, match=r"another method with --reference\. The files hold: .*, no-learning"):
        _write(results, tmp_path / "skill.md", method="conflictology-12")
    with pytest.raises(BadInput, match="another method with --baseline"):
        _write(results, tmp_path / "skill.md", baselines=("no-learning",))
    assert not (tmp_path / "skill.md").exists()
    with pytest.raises(BadInput, match="same data"):
        skill.write(
            [results / "sb-no-learning.parquet", results / "total-conflictology-12.parquet"],
            method="no-learning", out=tmp_path / "skill.md",
        )  # fmt: skip
    twin = tmp_path / "twin.parquet"
    twin.write_bytes((results / "sb-no-learning.parquet").read_bytes())
    with pytest.raises(BadInput, match="the same method, kind and data"):
        skill.write([results, twin], method="no-learning", out=tmp_path / "skill.md")
    other = backtest.run(
        _panel(6), method="no-learning", target="sb", origins=[months.parse("2010-10")], steps=[1],
        out=tmp_path / "other.parquet", draws=200,
    )  # fmt: skip
    third = backtest.run(
        _panel(6), method="conflictology-12", target="sb", origins=[months.parse("2010-10")], steps=[1],
        out=tmp_path / "third.parquet", draws=200,
    )  # fmt: skip
    with pytest.raises(BadInput, match="two versions of the data"):
        skill.write([results, other.file, third.file], method="no-learning", out=tmp_path / "skill.md")
    with pytest.raises(BadInput, match="cannot be written"):
        _write(results, results / "sb-no-learning.parquet" / "skill.md")


def test_the_command_shows_the_difference_with_its_interval(
    results: Path, page: skill.Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["skill", "--method", "no-learning", "--backtests", str(results)]
    assert main([*words, "--out", str(tmp_path / "skill.md")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for item in page.found:
        assert item.whole is not None
        gap = item.whole.difference
        for value in (gap.estimate, gap.low, gap.high, item.whole.ratio.value):
            assert number(value, "en", decimals=2) in shown
    assert "no-learning beside conflictology-12" in shown
