import dataclasses
import datetime as dt
import hashlib
import json
from functools import partial
from pathlib import Path

import httpx
import polars as pl
import pytest
from cli_events import event, write_csv
from cli_running import Ran, Run

from tocsin import warn
from tocsin.watch import Alerts, current_panel, watch

NAME = "GEDEvent_v23_0_10.csv"


def test_ingest_says_what_it_kept_flagged_and_refused(run: Run, tmp_path: Path) -> None:
    rows = [event(1), event(2, low=9), event(3, high=1)]
    ran = run("ingest", str(write_csv(tmp_path / NAME, rows)))
    assert (ran.code, ran.err) == (0, "")
    assert "kept as release 23.0.10, 2023-10:2023-10" in ran.out
    assert "Events kept: 3. Flagged among them: 2. Refused: 0." in ran.out


def test_the_same_bytes_twice_change_nothing(run: Run, tmp_path: Path) -> None:
    path = str(write_csv(tmp_path / NAME, [event(1)]))
    run("ingest", path)
    ran = run("ingest", path, "--json")
    assert json.loads(ran.out)["files"][0]["status"] == "held"


def test_status_counts_what_is_held(run: Run, tmp_path: Path) -> None:
    assert "holds nothing" in run("status").out
    run("ingest", str(write_csv(tmp_path / NAME, [event(1), event(2, low=9)])))
    ran = run("status")
    assert "ucdp 23.0.10" in ran.out
    (release,) = json.loads(run("status", "--json", "--verify").out)["releases"]
    assert (release["rows"], release["flagged"]) == (2, 1)
    early = json.loads(run("status", "--json", "--as-of", "2000-01-01").out)
    assert early["releases"] == []


def test_a_vault_that_is_passed_over_is_not_taken_for_read(run: Run, tmp_path: Path) -> None:
    asked, said = ("forecast", "MLI", "--method", "last"), "--data vault"
    assert said not in run("status").out + run(*asked).err
    run("ingest", str(write_csv(tmp_path / NAME, [event(1)])))
    assert said in " ".join(run("status").out.split())
    assert said in run(*asked).err
    assert said not in run(*asked, "--data", "figures").err
    assert said not in " ".join(run("status", "--as-of", "2000-01-01").out.split())
    for words in (
        ("archive", "--json"),
        ("map", "risk", "--out", "m.svg", "--country", "MLI", "--method", "last"),
    ):
        ran = run(*words)
        assert (ran.code, said in ran.err, said in ran.out) == (0, True, False)


def test_status_says_which_releases_do_not_cover_every_country(run: Run, tmp_path: Path) -> None:
    run("ingest", str(write_csv(tmp_path / NAME, [event(1)])))
    whole = run("status").out
    assert "does not cover every country" not in whole
    assert "one covers for every country" not in whole
    rows = [event(1), event(2, country="Niger", country_id=436)]
    extract = pl.read_csv(write_csv(tmp_path / "rows.csv", rows)).with_columns(coverage=pl.lit("complete"))
    extract.write_parquet(tmp_path / "ged241.parquet")
    assert run("ingest", str(tmp_path / "ged241.parquet"), "--release", "24.1").code == 0
    shown = " ".join(run("status").out.split())
    assert "ucdp 24.1 does not cover every country." in shown
    assert "ucdp 23.0.10 does not" not in shown
    found = json.loads(run("status", "--json").out)["releases"]
    assert [release["countries"] for release in found] == [None, [432, 436]]


def test_status_tells_a_month_of_some_countries_from_one_of_all(run: Run, tmp_path: Path) -> None:
    late = event(1, date_start="2023-12-05", date_end="2023-12-05")
    extract = pl.read_csv(write_csv(tmp_path / "rows.csv", [late])).with_columns(coverage=pl.lit("complete"))
    extract.write_parquet(tmp_path / "ged241.parquet")
    run("ingest", str(tmp_path / "ged241.parquet"), "--release", "24.1")
    assert "No complete release here covers every country" in run("status").out
    assert "ne couvre ici tous les pays" in run("status", "--lang", "fr").out
    assert json.loads(run("status", "--json").out)["last_month_of_all"] is None
    run("ingest", str(write_csv(tmp_path / NAME, [event(2)])))
    shown = " ".join(run("status").out.split())
    assert "complete release covers: 2023-12," in shown
    assert "one covers for every country: 2023-10. After it, only some are assessed." in shown
    assert "pour tous les pays : 2023-10." in " ".join(run("status", "--lang", "fr").out.split())
    found = json.loads(run("status", "--json").out)
    assert (found["last_month"], found["last_month_of_all"]) == ("2023-12", "2023-10")


def test_status_names_months_between_releases_and_puts_these_by_number(run: Run, tmp_path: Path) -> None:
    for month in (2, 9, 10):
        day = f"2023-{month:02}-05"
        rows = [event(month, date_start=day, date_end=day)]
        run("ingest", str(write_csv(tmp_path / f"GEDEvent_v23_0_{month}.csv", rows)))
    found = json.loads(run("status", "--json").out)
    assert found["gaps"] == ["2023-03:2023-08"]
    assert [release["release"] for release in found["releases"]] == ["23.0.2", "23.0.9", "23.0.10"]
    assert "no complete release covers: 2023-03:2023-08." in run("status").out


def test_a_forecast_names_the_months_that_no_release_covers(run: Run, tmp_path: Path) -> None:
    rows = [event(1, date_start="2023-10-05", date_end="2023-10-05")]
    run("ingest", str(write_csv(tmp_path / "GEDEvent_v24_1.csv", rows)))
    late = [event(2, date_start="2024-03-05", date_end="2024-03-05")]
    run("ingest", str(write_csv(tmp_path / "GEDEvent_v24_0_3.csv", late)))
    ran = run("forecast", "MLI", "--method", "conflictology-12", "--steps", "1")
    assert ran.code == 0
    assert "Mali: no release in hand covers these months, so they are not known: 2024-01:2024-02." in ran.out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.csv", b"<!DOCTYPE html><html><body>Not found</body></html>", "page.csv"),
        ("empty.csv", b"", "empty.csv"),
        ("short.zip", b"PK\x03\x04 cut", "short.zip"),
        ("other.csv", b"a,b\n1,2\n", "other.csv"),
    ],
)
def test_broken_files_are_refused_whole(
    run: Run, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    good = write_csv(tmp_path / NAME, [event(1)])
    ran = run("ingest", str(tmp_path / name), str(good))
    assert ran.code == 2
    assert said in ran.err.splitlines()[0]
    assert "Files not brought in: 1 of 2" in ran.err
    (release,) = json.loads(run("status", "--json").out)["releases"]
    assert release["release"] == "23.0.10"


def test_a_bad_row_is_named_by_line_and_column(run: Run, tmp_path: Path) -> None:
    path = str(write_csv(tmp_path / NAME, [event(1), event(2, best=-4)]))
    ran = run("ingest", path)
    assert ran.code == 2
    for part in (NAME, "3", "best", "-4"):
        assert part in ran.err
    kept = run("ingest", path, "--skip-bad-rows")
    assert kept.code == 0
    assert "Events kept: 1. Flagged among them: 0. Refused: 1." in kept.out


def test_fetch_without_a_token_names_the_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UCDP_ACCESS_TOKEN", raising=False)
    ran = run("fetch", "ucdp-candidate", "--release", "23.0.10", "--via", "api", "--out", "downloads")
    assert ran.code in (2, 4)
    assert "UCDP_ACCESS_TOKEN" in ran.err


@pytest.mark.parametrize(
    ("place", "left"),
    [((), []), (("--out", "cache/tocsin/downloads"), [NAME])],
    ids=["vault", "folder"],
)
def test_a_second_fetch_of_a_release_says_that_one_is_at_it_and_spoils_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[str, ...], left: list[str]
) -> None:
    words = ("fetch", "ucdp-candidate", "--release", "23.0.10", *place)
    content = write_csv(tmp_path / NAME, [event(1)]).read_bytes()
    languages, second = ["en", "fr"], list[Ran]()

    def answer(request: httpx.Request) -> httpx.Response:
        while languages:
            second.append(run(*words, "--lang", languages.pop(0)))
        return httpx.Response(200, content=content)

    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    client = partial(httpx.Client, transport=httpx.MockTransport(answer))
    monkeypatch.setattr("tocsin.sources.fetching._client", client)
    first = run(*words, "--json")
    assert [ran.code for ran in second] == [1, 1]
    assert second[0].err.startswith("Release 23.0.10 is being brought in by another `tocsin fetch`.")
    assert "télécharge déjà l'édition 23.0.10" in second[1].err
    assert first.code == 0
    assert json.loads(first.out)["file"].endswith(NAME)
    assert sorted(path.name for path in Path("cache/tocsin/downloads").iterdir()) == left


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("ucdp-gde", "--release", "25.1"), "ucdp-gde"),
        (("ucdp-ged", "--release", "23.0.10"), "23.0.10"),
        (("ucdp-ged", "--release", "soon"), "soon"),
        (("ucdp-candidate", "--release", "23.0.10", "--via", "api"), "UCDP_ACCESS_TOKEN"),
    ],
)
@pytest.mark.parametrize("place", [(), ("--out", "downloads")], ids=["vault", "folder"])
def test_what_cannot_be_asked_for_is_refused_before_anything_is_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], named: str, place: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.delenv("UCDP_ACCESS_TOKEN", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    ran = run("fetch", *words, *place)
    assert ran.code in (2, 4)
    assert named in ran.err
    assert list(tmp_path.rglob("*")) == [Path.cwd()]


def test_a_fetch_that_fails_leaves_no_lock_in_the_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = httpx.MockTransport(lambda _: httpx.Response(404))
    monkeypatch.setattr("tocsin.sources.fetching._client", partial(httpx.Client, transport=refusing))
    assert run("fetch", "ucdp-candidate", "--release", "23.0.10", "--out", "downloads").code == 4
    assert list(Path("downloads").iterdir()) == []


def test_forecast_of_one_country(run: Run) -> None:
    ran = run("forecast", "Mali", "--origin", "2012-12", "--steps", "3")
    assert (ran.code, ran.err) == (0, "")
    assert "Mali: deaths a month (all kinds), by tocsin from 2012-12" in ran.out
    assert [line.split()[0] for line in ran.out.splitlines() if line.strip().startswith("2013")] == [
        "2013-01", "2013-02", "2013-03",
    ]  # fmt: skip
    assert "Mali\u00a0: décès par mois" in run("forecast", "432", "--method", "last", "--lang", "fr").out


def test_a_mean_above_its_interval_is_explained_and_no_other_is(run: Run) -> None:
    words = ("forecast", "Georgia", "Mali", "--origin", "2012-12", "--steps", "1")
    told = {"en": "rare but very large weigh on it", "fr": "rares mais très meurtrières pèsent sur elle"}
    for language, sentence in told.items():
        ran = run(*words, "--method", "negative-binomial-120", "--lang", language)
        said = " ".join(ran.out.split())
        assert said.count(sentence) == 1
        assert said.index(sentence) < said.index("Mali")
    assert told["en"] not in " ".join(run(*words, "--method", "last").out.split())


def test_forecasts_written_down_are_scored_later(run: Run) -> None:
    words = ("forecast", "--origin", "2020-12", "--steps", "2", "--method", "conflictology-12")
    assert run(*words, "--target", "sb", "--out", "draws.parquet").code == 0
    table = pl.read_parquet("draws.parquet")
    assert table["target"].unique().to_list() == ["sb"]
    assert table["draw"].n_unique() == 1000
    told = json.loads(run("score", "draws.parquet", "--json").out)
    (scores,) = told["scores"]
    assert told["attribution"]["licence"] == "CC BY 4.0"
    assert "ged-25.1" in told["attribution"]["releases"]
    table.filter(draw=0).select("gw", "month_id", "outcome").write_csv("actuals.csv")
    own = json.loads(run("score", "draws.parquet", "--actuals", "actuals.csv", "--json").out)
    assert (own["attribution"]["licence"], own["attribution"]["releases"]) == (None, [])
    assert scores["rows"] == table.select("gw", "month_id").n_unique()
    assert scores["unknown"] == 0
    shown = run("score", "draws.parquet").out
    assert "conflictology-12" in shown
    assert f"{scores['ignorance']:.3f}" in shown


def test_forecast_as_json(run: Run) -> None:
    words = ("MLI", "NER", "--method", "conflictology-12", "--json", "--origin", "2011-12")
    found = json.loads(run("forecast", *words).out)
    assert found["origin"] == "2011-12"
    assert [row["iso3"] for row in found["rows"][::12]] == ["MLI", "NER"]
    assert all(row["low_80"] <= row["median"] <= row["high_80"] for row in found["rows"])
    assert all(1 >= row["p_1"] >= row["p_25"] >= 0 for row in found["rows"])


@pytest.mark.parametrize(("width", "columns"), [(80, 6), (60, 5), (48, 4), (40, 3)])
def test_columns_give_way_to_numbers_in_a_narrow_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = run("forecast", "MLI", "--method", "last", "--origin", "2020-12").out
    rows = [line.split() for line in shown.splitlines() if line.strip().startswith("2021-")]
    told = " ".join(shown.split())
    assert ("Left out, for the width: " in told) is (columns < 6)
    assert ("width: Mean, Median, P of 1+. A wider screen" in told) is (columns == 3)
    assert len(rows) == 12
    assert {len(row) for row in rows} == {columns}
    assert all(row[-1].endswith("%") for row in rows)
    assert all(sum("–" in cell for cell in row) == 1 for row in rows)


def test_all_countries_as_json_are_those_that_exist_at_the_origin(run: Run) -> None:
    ran = run("forecast", "--json", "--method", "zero", "--steps", "1", "--origin", "2012-12")
    codes = [row["iso3"] for row in json.loads(ran.out)["rows"]]
    assert ran.code == 0
    assert {"MLI", "SSD", "DEU"} <= set(codes)
    assert "DDR" not in codes
    assert len(codes) == len(set(codes))


def test_a_country_named_twice_is_told_of_once_and_its_lines_break_at_words(run: Run) -> None:
    words = ("--method", "last", "--steps", "1", "--origin", "1990-12", "--why", "--lang", "fr")
    shown = run("forecast", "Soviet Union", "365", *words).out
    assert shown.count("Union soviétique\u00a0:") == 1
    assert "Russie" not in shown
    assert not [line for line in shown.splitlines() if line.lstrip()[:1] in (":", ";", "%")]


def test_nothing_is_known_before_the_figures_were_published(run: Run) -> None:
    ran = run("forecast", "MLI", "--as-of", "2001-01-01")
    assert ran.code == 3
    assert "2001" in ran.err


def test_watch_on_the_shipped_figures(run: Run) -> None:
    ran = run("watch", "--out", "out", "--top", "5", "--as-of", "2025-08-01")
    assert (ran.code, ran.err) == (0, "")
    assert "demonstration on historical figures" in ran.out
    ranked = pl.read_csv("out/ranking.csv", skip_rows_after_header=1)
    shown = [line for line in ran.out.splitlines() if line.split()[:1] == ["1"]]
    assert ranked["name_en"][0] in shown[0]
    assert len(list(Path("out/charts").glob("*.png"))) == 10
    told = " ".join(ran.out.split())
    assert "No warnings were raised or called off. The data end in 2021-12" in told
    assert json.loads(Path("out/summary.json").read_text(encoding="utf-8"))["warnings"]["refused"]
    assert json.loads(Path("out/warnings.json").read_text(encoding="utf-8")) == []
    (kept,) = json.loads(run("archive", "--json").out)["kept"]
    assert kept["as_of"] == "2025-08-01"
    assert (kept["on_its_day"], kept["scores"]) == (False, [])
    assert (Path(kept["folder"]) / "draws.parquet").read_bytes() == Path("out/draws.parquet").read_bytes()


def test_watch_leaves_the_folder_of_others_alone(run: Run) -> None:
    Path("work").mkdir()
    Path("work/notes.txt").write_text("mine")
    ran = run("watch", "--out", "work")
    assert ran.code == 2
    assert "notes.txt" in ran.err


def test_a_vault_without_a_whole_release_leaves_the_figures_in_use(run: Run, tmp_path: Path) -> None:
    run("ingest", str(write_csv(tmp_path / NAME, [event(1)])))
    words = ("forecast", "MLI", "--json", "--steps", "1", "--method", "zero")
    found = json.loads(run(*words).out)
    assert found["origin"] == "2021-12"
    from_vault = json.loads(run(*words, "--data", "vault").out)
    assert from_vault["origin"] == "2023-10"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("MLI", "--steps", "99"), 2, "Step 99 is outside"),
        (("MLI", "--steps", "0"), 2, "Step 0 is outside"),
        (("MLI", "--level", "cell", "--why"), 2, "--why tells of countries only"),
        (("--json", "--why"), 2, "--why tells of the countries named"),
        (("MLI", "--origin", "2030-01"), 3, "2030-01 lies outside the data (1989-01:2021-12)"),
        (("SSD", "--origin", "2010-01"), 2, "begins on 2011-07-09"),
    ],
)
def test_a_forecast_that_cannot_be_made_is_one_sentence(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("forecast", *words, "--method", "zero")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_forecast_on_few_months_says_how_few(run: Run) -> None:
    words = ("--steps", "1", "--method", "recent")
    ran = run("forecast", "SSD", "--origin", "2012-02", *words)
    assert ran.code == 0
    assert "South Sudan: months of data up to 2012-02: 8." in ran.err
    assert run("forecast", "SSD", "--origin", "2013-06", *words).err == ""


@pytest.fixture
def partly(run: Run, tmp_path: Path) -> None:
    """Bring in a release that covers Mali and Niger only."""
    rows = [event(1), event(2, country="Niger", country_id=436)]
    extract = pl.read_csv(write_csv(tmp_path / "rows.csv", rows)).with_columns(coverage=pl.lit("complete"))
    extract.write_parquet(tmp_path / "ged241.parquet")
    assert run("ingest", str(tmp_path / "ged241.parquet"), "--release", "24.1").code == 0


@pytest.mark.usefixtures("partly")
def test_a_country_that_no_release_covers_keeps_no_other_from_being_forecast(run: Run) -> None:
    words = ("--data", "vault", "--steps", "1", "--method", "recent")
    told = "Burkina Faso is not assessed: no release in hand covers it in 2023-10."
    ran = run("forecast", "BFA", "MLI", "NER", *words, "--why", "--out", "draws.parquet")
    said = " ".join(ran.out.split())
    assert ran.code == 0
    assert said.count(told) == 1
    assert said.index(told) < said.index("Mali: deaths a month") < said.index("Niger: deaths a month")
    assert pl.read_parquet("draws.parquet")["gw"].unique().sort().to_list() == [432, 436]
    found = json.loads(run("forecast", "MLI", "BFA", *words, "--why", "--json").out)
    assert [(row["iso3"], row["assessed"]) for row in found["rows"]] == [("MLI", True), ("BFA", False)]
    assert [reasons["area"] for reasons in found["reasons"]] == [432]


@pytest.mark.usefixtures("partly")
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_where_none_of_the_countries_is_covered_no_forecast_is_made(run: Run, form: tuple[str, ...]) -> None:
    words = ("--data", "vault", "--steps", "1", "--method", "recent")
    ran = run("forecast", "BFA", "DZA", *words, *form)
    assert (ran.code, ran.out) == (3, "")
    assert "Burkina Faso is not assessed" in ran.err


def test_what_no_release_covers_is_not_assessed_and_not_peace(run: Run, tmp_path: Path) -> None:
    run("ingest", str(write_csv(tmp_path / NAME, [event(1)])))
    words = ("--data", "vault", "--steps", "1", "--origin", "2023-09", "--method", "recent")
    ran = run("forecast", "MLI", *words)
    assert (ran.code, ran.out) == (3, "")
    assert "2023-09" in ran.err


def test_entries_are_checked_before_there_is_a_ledger_and_none_is_made(run: Run, tmp_path: Path) -> None:
    Path("w.yaml").write_text(run("ledger", "add", "--example", "warning").out, encoding="utf-8")
    ran = run("ledger", "add", "w.yaml", "--check")
    assert (ran.code, ran.out) == (0, "")
    assert "no ledger" in ran.err
    assert "Nothing was recorded." in ran.err
    assert list((tmp_path / "home").glob("*")) == []
    Path("w.yaml").write_text("type: warning\n", encoding="utf-8")
    assert run("ledger", "add", "w.yaml", "--check").code == 2


def test_a_date_of_the_log_that_is_none_is_refused_by_the_name_of_its_option(run: Run) -> None:
    Path("w.yaml").write_text(run("ledger", "add", "--example", "warning").out, encoding="utf-8")
    run("ledger", "add", "w.yaml")
    ran = run("ledger", "log", "--until", "mars 2012")
    assert ran.code == 2
    assert ran.err.startswith("--until")
    assert "mars 2012" in ran.err


def test_a_file_wrongly_brought_in_is_withdrawn(run: Run, tmp_path: Path) -> None:
    right = str(write_csv(tmp_path / NAME, [event(1)]))
    (tmp_path / "wrong").mkdir()
    wrong = write_csv(tmp_path / "wrong" / NAME, [event(1), event(2)])
    run("ingest", right)
    run("ingest", str(wrong))
    held = run("ingest", right)
    assert (held.code, held.out) == (2, "")
    digest = hashlib.sha256(wrong.read_bytes()).hexdigest()
    assert f"tocsin withdraw {digest[:12]}" in held.err
    assert f"what stands is SHA-256 {digest[:12]}" in run("status").out
    assert run("withdraw", digest[:12]).code == 2
    done = run("withdraw", digest[:12], "--reason", "A test file", "--json")
    assert json.loads(done.out)["withdrawn"]["sha256"] == digest
    assert run("ingest", right).code == 0
    shown = run("status").out
    assert "A test file" in shown
    assert f"l'empreinte SHA-256 {digest[:12]}" in run("--lang", "fr", "status").out
    assert run("withdraw", "23.0.10", "--reason", "A test too").out.count("not assessed") == 1
    refused = run("ingest", str(wrong))
    assert refused.code == 2
    assert "A test file" in refused.err
    assert run("ingest", str(wrong), "--again").code == 0
    (release,) = json.loads(run("status", "--json").out)["releases"]
    assert release["rows"] == 2


def test_a_release_in_the_vault_tells_provinces_and_groups(run: Run, tmp_path: Path) -> None:
    """Mali's war goes on in Gao; that of an invented group reaches quiet Kayes in the last months."""
    days = [f"{year}-{month:02d}-05" for year in range(2015, 2024) for month in range(1, 13)]
    rows = [event(at, adm_1="Gao region", date_start=day, date_end=day) for at, day in enumerate(days)]
    for at, year in enumerate((2015, 2018, 2021, 2023), len(days)):
        day = f"{year}-11-20"
        told = {"side_b_new_id": 7, "side_b": "Invented front", "date_start": day, "date_end": day}
        rows.append(event(at, adm_1="Kayes region", **told))
    file = str(write_csv(tmp_path / "GEDEvent_v24_1.csv", rows))
    assert run("ingest", file, "--known-at", "2024-01-20").code == 0
    day = dt.date(2024, 2, 15)
    spread = dataclasses.replace(warn.named("spread", warn.built_in()), trigger=0.01, cancel=0.005)
    alerts = Alerts(tmp_path / "home", [spread])
    found = watch(
        current_panel(day).only([432, 436]), as_of=day, methods=("conflictology-12",), steps=(1, 2, 3),
        alerts=alerts,
    )  # fmt: skip
    assert found.alerted is not None
    (message,) = found.alerted.messages
    assert (message.gw, message.rule, message.releases) == (432, "spread", ("24.1",))
    assert any("Gao" in line and "Kayes" in line for line in message.texts["en"].drivers)

    accord = {
        "type": "agreement", "id": "an-accord", "date": "2023-12-10", "areas": ["MLI"], "text": "Invented.",
        "language": "en", "sources": ["A test"], "author": "A desk", "confidence": "high",
        "title": "An accord", "parties": [{"name": "A", "actor": 1}, {"name": "B", "actor": 2}],
    }  # fmt: skip
    (tmp_path / "accord.json").write_text(json.dumps(accord), encoding="utf-8")
    ran = run("ledger", "add", str(tmp_path / "accord.json"), "--propose")
    assert (ran.code, "Invented front" in ran.err) == (0, True), ran.err
    assert "UCDP GED 24.1, 2022-12 to 2023-11: a side in events: 1; deaths in them: 3" in " ".join(
        ran.err.split()
    )
    (deal,) = json.loads(run("hindsight", "--as-of", "2026-01-01", "--json").out)["deals"]
    assert {side["name"]: side["before"] for side in deal["sides"]} == {"A": 13, "B": 12, "Invented front": 1}
    # Without the vault nothing is known of these months.
    (deal,) = json.loads(run("hindsight", "--data", "figures", "--json").out)["deals"]
    assert {side["before"] for side in deal["sides"]} == {None}
