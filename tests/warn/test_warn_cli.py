from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from cli_events import event, write_csv
from cli_running import Run
from warn_home import BY, HOME, LEDGER, Hook, drafts, recorded
from warn_panels import MALI, NIGER, SENEGAL, panel_of

from tocsin import feeds, figures, months, warn
from tocsin.ledger import Ledger, Place, examples, make_key
from tocsin.warn import Store
from tocsin.watch import deposit, keep, watch

RULES = """
[[rule]]
name = "war"
threshold = 100
window = 3
trigger = 0.9
title = { en = "War", fr = "Guerre" }
"""


def _bring_in() -> str:
    """Write a release of two countries at war for ten years, and return the name of its file."""
    days = [f"{year}-{month:02d}-05" for year in range(2009, 2019) for month in range(1, 13)]
    events = [
        event(2 * at + gw % 2, country_id=gw, date_start=day, date_end=day, best=60, high=60)
        for at, day in enumerate(days)
        for gw in (MALI, SENEGAL)
    ]
    rows = pl.read_csv(write_csv(Path("rows.csv"), events))
    rows.with_columns(coverage=pl.lit("complete")).write_parquet("ged241.parquet")
    return "ged241.parquet"


def test_from_the_watch_to_a_situation_room(run: Run) -> None:
    assert run("ingest", _bring_in(), "--release", "24.1")[0] == 0
    Path("rules.toml").write_text(RULES, encoding="utf-8")
    words = ("--lag", "0", "--origin", "2017-12", "--rules", "rules.toml", "--json", "--quiet")
    code, out, err = run("watch", "--data", "vault", "--as-of", "2018-02-15", *words)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["origin"] == "2017-12"
    ranked = pl.read_csv("out/ranking.csv", skip_rows_after_header=1)
    assert [row["iso3"] for row in found["ranking"]] == ranked["iso3"].to_list()
    told = found["warnings"]
    assert told["series"] == "reconstructed, lag 0"
    assert told["recorded"] == 0
    drafts = told["messages"]
    assert drafts
    assert {m["status"] for m in drafts} == {"draft"}
    held = json.loads(Path("out/warnings.json").read_text(encoding="utf-8"))
    assert [m["id"] for m in held] == [m["id"] for m in drafts]

    code, out, _ = run("warn", "list", "--status", "draft")
    assert code == 0
    assert "War" in out
    first = drafts[0]["id"]
    assert run("warn", "send", first, "--to", "http://127.0.0.1:9/")[0] == 2
    assert run("warn", "issue", first)[0] == 2
    code, out, _ = run("warn", "issue", first, "--by", "Duty officer")
    assert code == 0
    assert first in out
    code, out, _ = run("warn", "issue", "--all", "--by", "Duty officer", "--decline", "--json")
    assert {m["status"] for m in json.loads(out)} == {"declined"}
    (listed,) = json.loads(run("warn", "list", "--json")[1])
    assert (listed["id"], listed["attribution"]["licence"]) == (first, "CC BY 4.0")
    assert ET.fromstring(run("warn", "show", first, "--cap")[1]).tag.endswith("alert")
    assert "Vraisemblance" in run("--lang", "fr", "warn", "show", first)[1]

    code, out, err = run("warn", "send", "--to", "http://127.0.0.1:9/secret")
    assert code == 4
    assert "1 to be tried again" in err
    # The URL of a webhook is its secret.
    assert "127.0.0.1: " in err
    assert "secret" not in out + err
    code, out, _ = run("ledger", "log", "--json")
    assert [one["entry"]["id"] for one in json.loads(out)] == [first]
    code, out, _ = run("hindsight", "--data", "vault", "--json")
    assert json.loads(out)["exercises"]["settled"] == 1


def _lose_key() -> Path:
    """Sign the ledger of the home, put the key aside, and return where it is."""
    make_key(HOME, "a-test")
    with Ledger.open(LEDGER) as ledger:
        ledger.append(examples()["event"])
    return (HOME / "ledger.key").rename(HOME / "aside.key")


@pytest.mark.parametrize("columns", ["20", "80"])
def test_the_list_has_each_id_whole_on_a_line_of_its_own(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    ids = drafts(MALI, NIGER)
    monkeypatch.setenv("COLUMNS", columns)
    lines = [line.strip() for line in run("--lang", "fr", "warn", "list")[1].splitlines()]
    assert [line for line in lines if line in ids] == ids


def test_nothing_is_sent_that_the_ledger_refused_until_it_has_taken_it(run: Run, hook: Hook) -> None:
    first, second = drafts(MALI, NIGER)
    key = _lose_key()
    key.rename(HOME / "ledger.key")
    assert run("warn", "issue", first, *BY)[0] == 0
    (HOME / "ledger.key").rename(key)
    code, out, err = run("warn", "issue", second, *BY)
    assert code == 2
    assert f"Issued: {second}" in " ".join(out.split())
    assert f"Issued, but not recorded in the ledger yet, and not sent before that: {second}." in err
    assert "ledger.key" in err
    code, _, err = run("warn", "send", second, "--to", hook.url)
    assert (code, hook.got) == (2, [])
    assert second in err
    # What is on record goes out all the same.
    assert run("warn", "send", first, "--to", hook.url)[0] == 0
    assert hook.got == [first]
    key.rename(HOME / "ledger.key")
    assert run("warn", "send", second, "--to", hook.url)[0] == 0
    assert hook.got == [first, second]
    assert recorded() == [first, second]


def test_nothing_is_sent_that_the_ledger_in_use_does_not_hold(
    run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = drafts(MALI, NIGER)
    kept = HOME / "ledger.sqlite"
    with Ledger.open(Place(None, kept, HOME)) as ledger:
        ledger.append(examples()["event"])
    copy = shutil.copy(kept, "copy.sqlite")
    assert run("warn", "issue", first, second, *BY)[0] == 0
    hook.codes = [503] * 4
    monkeypatch.setattr("tocsin.feeds.sending.WAITS", (0.0,) * 3)
    assert run("warn", "send", "--to", hook.url)[0] == 4
    # Put back from before, the ledger lacks both; then someone's entry has the place of the first.
    for left in HOME.glob("ledger.sqlite*"):
        left.unlink()
    shutil.move(copy, kept)
    with Ledger.open(Place(None, kept, HOME)) as ledger:
        ledger.append({**examples()["event"], "id": first})
    hook.got.clear()
    code, _, err = run("warn", "send", first, "--to", hook.url)
    assert (code, hook.got) == (2, [])
    assert "another entry under the id" in err
    code, _, err = run("warn", "send")
    assert hook.got == [second]
    assert f"{first} is not on record in the ledger" in err
    assert recorded() == [second]
    # Declined or issued, others are not held up by it.
    assert run("warn", "issue", second, *BY)[0] == 0
    assert run("warn", "issue", first, *BY)[0] == 2


def test_what_was_issued_into_a_ledger_of_its_own_is_copied_into_no_other(run: Run) -> None:
    first, second = drafts(MALI, NIGER)
    assert run("warn", "issue", first, *BY, "--ledger", "exercise.sqlite")[0] == 0
    assert run("warn", "send")[0] == 0
    # With nothing to send, no ledger is made either.
    assert not (HOME / "ledger.sqlite").exists()
    assert run("warn", "issue", second, *BY)[0] == 0
    assert run("warn", "send", "--ledger", "exercise.sqlite")[0] == 0
    assert recorded() == [second]
    with Ledger.open("exercise.sqlite") as ledger:
        assert [one.entry.id for one in ledger.entries()] == [first]


def test_a_ledger_out_of_reach_does_not_hold_up_what_is_on_record(
    run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = drafts(MALI, SENEGAL, NIGER)
    assert run("warn", "issue", first, second, *BY)[0] == 0
    with feeds.Outbox.open(HOME) as outbox:
        outbox.put([(first, hook.url)])
    monkeypatch.setenv("TOCSIN_LEDGER_URL", "postgresql://someone@127.0.0.1:1/none")
    assert run("warn", "send")[0] == 0
    assert hook.got == [first]
    assert run("warn", "issue", third, *BY)[0] == 4
    assert run("warn", "send", second, "--to", hook.url)[0] == 0
    assert run("warn", "send", third, "--to", hook.url)[0] == 4
    assert hook.got == [first, second]


def test_ids_of_warnings_are_given_to_nothing_else_and_come_in_with_a_bundle(
    run: Run,
) -> None:
    (id,) = drafts(MALI)
    told = json.dumps({**examples()["event"], "id": id})
    Path("mine.json").write_text(told, encoding="utf-8")
    for words in (("mine.json",), ("mine.json", "--check")):
        code, _, err = run("ledger", "add", *words)
        assert code == 2
        assert f"The id {id} cannot be given" in err
    assert run("warn", "issue", id, *BY)[0] == 0
    assert run("ledger", "export", "bundle")[0] == 0
    assert run("ledger", "import", "bundle", "--ledger", "other.sqlite")[0] == 0
    assert run("ledger", "show", id, "--ledger", "other.sqlite")[0] == 0


def test_a_recorded_warning_is_read_in_one_language(run: Run) -> None:
    (id,) = drafts(MALI)
    assert run("warn", "issue", id, *BY)[0] == 0
    english, french = (
        " ".join(run("--lang", lang, "ledger", "show", id)[1].split()) for lang in ("en", "fr")
    )
    assert english.count("There is no record of this rule") == 2
    assert french.index("Il n'y a pas de bilan de cette règle") < french.index("no record of this rule")
    # Once in the text as it was recorded, and in no field that the French text says.
    assert french.count("no record of this rule") == 1
    assert french.count("Mali: at least") == 1


@pytest.mark.parametrize(("days", "said"), [(30, False), (200, True)])
def test_a_long_pause_is_told_before_a_warning_isrecorded(run: Run, days: int, said: bool) -> None:
    (id,) = drafts(MALI)
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with Ledger.open(LEDGER, clock=lambda: before) as ledger:
        ledger.append(examples()["event"])
    code, _, err = run("warn", "issue", id, *BY)
    assert code == 0
    assert (f"is {days} days past. If the clock is ahead" in " ".join(err.split())) is said


def test_issuing_again_completes_the_record(run: Run) -> None:
    (id,) = drafts(MALI)
    key = _lose_key()
    for _ in range(2):
        assert run("warn", "issue", id, *BY)[0] == 2
    key.rename(HOME / "ledger.key")
    for _ in range(2):
        assert run("warn", "issue", id, *BY)[0] == 0
        assert recorded() == [id]


def test_warnings_issued_by_several_processes_at_once_are_all_recorded_once(
    run: Run,
) -> None:
    ids = drafts(MALI, SENEGAL, NIGER)
    command = [sys.executable, "-m", "tocsin", "warn", "issue"]
    started = [
        subprocess.Popen([*command, id, *BY], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for id in ids
    ]
    for one in started:
        _, err = one.communicate()
        assert (one.returncode, err) == (0, b"")
    assert sorted(recorded()) == sorted(ids)


def test_what_a_webhook_refused_is_sent_when_it_is_named_again_and_its_address_is_not_shown(
    run: Run, hook: Hook
) -> None:
    (id,) = drafts(MALI)
    run("warn", "issue", id, *BY)
    hook.codes = [404, 403]
    for reason in ("404 Not Found", "403 Forbidden"):
        code, out, err = run("warn", "send", id, "--to", hook.url, "--json")
        assert code == 4
        assert f"127.0.0.1: {reason}" in err
        assert [d["recipient"] for d in json.loads(out)["not_sent"]] == ["127.0.0.1"]
        assert "s3cret" not in out + err
    code, out, err = run("warn", "send", id, "--to", hook.url)
    assert (code, err) == (0, "")
    assert "Sent: 1." in out
    assert len(hook.got) == 3


def test_rules_and_their_records_are_shown(run: Run) -> None:
    code, out, _ = run("warn", "rules")
    assert code == 0
    assert "at least 2 times the mean" in out
    code, out, _ = run("warn", "record", "mass-violence", "--precision", "0.9", "--json")
    (found,) = json.loads(out)
    assert found["record"]["precision"] >= 0.9
    assert found["record"]["trigger"] == found["trigger"]
    code, out, _ = run("warn", "record", "mass-violence", "--until", "1993-03")
    assert "too thin to rely on: fewer than 10 episodes" in " ".join(out.split())
    code, out, _ = run("warn", "record", "mass-violence", "--until", "1992-06")
    assert "none of the windows it asks about had closed yet" in " ".join(out.split())


def test_records_that_another_version_computed_are_told(run: Run) -> None:
    assert "another version of Tocsin" not in run("warn", "record", "onset")[1]
    table = {
        criterion: replace(one, basis=replace(one.basis, code="earlier"))
        for criterion, one in warn.known(None, "tocsin").items()
    }
    warn.write(table, warn.kept(HOME, "tocsin"))
    assert "another version of Tocsin" in " ".join(run("warn", "record", "onset")[1].split())


def test_the_records_of_all_rules_are_made_and_kept_together_as_the_help_says(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day).only([MALI, SENEGAL]).until(months.parse("1993-06"))
    monkeypatch.setattr("tocsin.watch.current_panel", lambda *_: panel)
    code, out, _ = run("warn", "record", "onset", "--compute", "--method", "zero", "--json")
    assert (code, [one["rule"] for one in json.loads(out)]) == (0, ["onset"])
    assert set(warn.known(HOME, "zero")) == {one.criterion for one in warn.built_in()}
    assert "records of all rules" in " ".join(run("warn", "record", "--help")[1].split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("warn", "show", "nothing"), "There is no warning or message"),
        (("warn", "list", "--status", "lost"), "draft, issued, declined, lapsed"),
        (("warn", "issue"), "--all"),
        (("warn", "record", "nothing"), "onset, escalation, mass-violence, spread"),
        (("warn", "record", "--precision", "0.5", "--return-period", "3"), "one aim"),
        (("warn", "record", "--cost", "1"), "both --cost and --loss"),
        (("warn", "record", "--precision", "7"), "cannot be aimed at"),
        (("warn", "rules", "--rules", "absent.toml"), "cannot be read"),
        (("warn", "send", "--to", "nobody"), "no recipient"),
        (("watch", "--rules", "absent.toml"), "cannot be read"),
        (("watch", "--lag", "-1", "--as-of", "2018-01-01"), "lag"),
    ],
)
def test_bad_words_are_answered_with_one_sentence(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert said in err
    assert out == ""


def test_hindsight_without_a_ledger_says_so(run: Run) -> None:
    code, _, err = run("hindsight")
    assert code == 2
    assert "ledger" in err


def test_a_draft_whose_data_have_become_old_is_declined_but_not_issued(run: Run) -> None:
    (old,) = drafts(MALI, age=90)
    for words in (("--all",), (old,)):
        code, _, err = run("warn", "issue", *words, *BY)
        assert (code, err.count("\n")) == (3, 1)
        assert f"{old} is not issued: its data end in" in err
    assert run("warn", "issue", "--all", "--decline", *BY)[0] == 0
    with Store.open(HOME) as store:
        assert store.message(old).status == "declined"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "is not on record: `tocsin"), ("fr", "ne sont pas au registre\u00a0: `tocsin")]
)
def test_who_issues_is_told_how_to_put_the_watch_on_record_until_it_is(
    run: Run, lang: str, words: str
) -> None:
    day = months.today()
    first, second, third, last = drafts(MALI, NIGER, SENEGAL, 483)
    made = watch(
        panel_of({MALI: [30] * 24}, as_of=day, first=months.of_date(day) - 24),
        as_of=day, methods=("no-learning", "conflictology-12"),
    )  # fmt: skip
    one = keep(made, HOME / "archive")
    assert one.on_its_day
    issue = ("--lang", lang, "warn", "issue")
    code, out, err = run(*issue, first, *BY, "--json")
    assert (code, json.loads(out)[0]["id"]) == (0, first)
    assert f"{words} archive --record 'Duty officer'`" in err
    assert day.isoformat() in err
    # Into another ledger, or declined, nothing is said of the one in use.
    assert "archive" not in run(*issue, second, *BY, "--ledger", "own.sqlite")[2]
    assert "archive" not in run(*issue, third, *BY, "--decline")[2]
    with Ledger.open(LEDGER) as ledger:
        deposit([one], ledger, by="Duty officer")
    assert "archive" not in run(*issue, last, *BY)[2]
