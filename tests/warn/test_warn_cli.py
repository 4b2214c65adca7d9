from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tocsin.cli import main
from tocsin.text import set_language

Ran = tuple[int, str, str]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Return a function that runs `tocsin` with its words, in an empty home and an empty folder."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def runner(*words: str) -> Ran:
        set_language("en")
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return runner


RULES = """
[[rule]]
name = "war"
threshold = 100
window = 3
trigger = 0.9
title = { en = "War", fr = "Guerre" }
"""


def test_from_the_watch_to_a_situation_room(run: Callable[..., Ran]) -> None:
    Path("rules.toml").write_text(RULES, encoding="utf-8")
    words = ("watch", "--as-of", "2018-02-15", "--lag", "0", "--rules", "rules.toml", "--json", "--quiet")
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    told = json.loads(out)["warnings"]
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
    assert [m["id"] for m in json.loads(run("warn", "list", "--json")[1])] == [first]
    assert ET.fromstring(run("warn", "show", first, "--cap")[1]).tag.endswith("alert")
    assert "Vraisemblance" in run("--lang", "fr", "warn", "show", first)[1]

    code, out, err = run("warn", "send", "--to", "http://127.0.0.1:9/")
    assert code == 4
    assert "1 to be tried again" in err
    code, out, _ = run("ledger", "log", "--json")
    assert [one["entry"]["id"] for one in json.loads(out)] == [first]
    code, out, _ = run("hindsight", "--json")
    assert json.loads(out)["summary"]["settled"] == 1


def test_a_watch_of_old_data_says_why_it_raises_nothing(run: Callable[..., Ran]) -> None:
    code, out, _ = run("watch")
    assert code == 0
    assert "No warnings were raised or called off. The data end in 2021-12" in " ".join(out.split())
    assert json.loads(Path("out/summary.json").read_text(encoding="utf-8"))["warnings"]["refused"]
    assert json.loads(Path("out/warnings.json").read_text(encoding="utf-8")) == []


def test_rules_and_their_records_are_shown(run: Callable[..., Ran]) -> None:
    code, out, _ = run("warn", "rules")
    assert code == 0
    assert "at least 2 times the mean" in out
    code, out, _ = run("warn", "record", "mass-violence", "--precision", "0.9", "--json")
    (found,) = json.loads(out)
    assert found["record"]["precision"] >= 0.9
    assert found["record"]["trigger"] == found["trigger"]
    code, out, _ = run("warn", "record", "mass-violence", "--until", "1993-03")
    assert "too thin to rely on: fewer than 10 episodes" in " ".join(out.split())


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
def test_bad_words_are_answered_with_one_sentence(
    run: Callable[..., Ran], words: tuple[str, ...], said: str
) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert said in err
    assert out == ""


def test_hindsight_without_a_ledger_says_so(run: Callable[..., Ran]) -> None:
    code, _, err = run("hindsight")
    assert code == 2
    assert "ledger" in err
