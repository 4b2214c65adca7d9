"""`tocsin ledger`: what is typed, what is printed, in both languages, and the exit codes."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from ledger_standin import tampering

from tocsin.cli import main
from tocsin.ledger import TYPES, Ledger, SigningKey, VerifierKey, example_text, examples

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Return a file of the examples of every type."""
    path = tmp_path / "story.yaml"
    path.write_text("".join(_item(type) for type in examples()), encoding="utf-8")
    return path


def _item(type: str) -> str:
    first, *rest = example_text(type).splitlines()
    return "\n".join([f"- {first}", *(f"  {line}" for line in rest)]) + "\n"


def test_record_list_show_and_verify(story: Path, home: Path, capsys: Captured) -> None:
    assert main(["ledger", "add", str(story)]) == 0
    said = capsys.readouterr().out
    assert f"number {len(TYPES)}" in said
    assert re.search(r"root [0-9a-f]{64}", said)

    assert main(["ledger", "log", "--type", "dismissal", "--area", "Mali", "--since", "2012"]) == 0
    said = capsys.readouterr().out
    assert "mali-2012-dismissal" in said
    assert "mali-2012-coup" not in said
    assert f"1 of {len(TYPES)}" in said

    assert main(["ledger", "show", "mali-2012-whatever-it-takes"]) == 0
    said = capsys.readouterr().out
    for word in ("whatever it takes", "France", "private", "mali-2013-denial", "denies", "Mali (gw:432)"):
        assert word in said

    assert main(["ledger", "verify"]) == 0
    assert f"All entries ({len(TYPES)})" in capsys.readouterr().out
    assert (home / "ledger.sqlite").is_file()


def test_a_narrow_list_tells_the_whole_of_an_id_that_is_to_be_copied(
    home: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = "an-event-whose-id-does-not-fit-into-a-column-of-a-narrow-screen-2012"
    text = re.sub("^id: .*$", f"id: {id}", example_text("event"), flags=re.MULTILINE)
    (tmp_path / "event.yaml").write_text(text, encoding="utf-8")
    assert main(["ledger", "add", str(tmp_path / "event.yaml")]) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["ledger", "log", "--type", "event"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert id in "".join(line.split()[-1] for line in lines if line.strip())
    assert max(map(len, lines)) <= 70


def test_everything_is_said_in_french(story: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    assert main(["--lang", "fr", "ledger", "add", str(story)]) == 0
    assert "Gardez ce reçu" in capsys.readouterr().out
    assert main(["--lang", "fr", "ledger", "log", "--type", "dismissal"]) == 0
    said = capsys.readouterr().out
    assert "rejet" in said
    assert "Les alertes ont été jugées" in said
    assert main(["--lang", "fr", "ledger", "show", "mali-2012-dismissal"]) == 0
    said = capsys.readouterr().out
    assert "exagérée" in said
    assert "répond à" in said
    assert main(["--lang", "fr", "ledger", "verify"]) == 0
    assert "telles qu'elles ont été faites" in capsys.readouterr().out
    assert main(["--lang", "fr", "ledger", "show", "rien"]) == 2
    assert "«\xa0rien\xa0»" in capsys.readouterr().err


def test_what_is_corrected_is_marked(story: Path, capsys: Captured) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    main(["ledger", "log", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["entry"]["id"] for one in told if one["corrected"]] == ["mali-2012-outside-view"]
    main(["ledger", "show", "mali-2012-outside-view", "--json"])
    assert json.loads(capsys.readouterr().out)["corrected"] is True
    main(["ledger", "show", "mali-2012-dismissal", "--json"])
    assert json.loads(capsys.readouterr().out)["corrected"] is False
    main(["ledger", "show", "mali-2012-outside-view"])
    assert "corrects this one" in capsys.readouterr().out
    with Ledger.open() as ledger:
        (first,) = (one.entry.id for one in ledger.entries(type="correction"))
        further = examples()["correction"] | {"id": "k2", "links": [f"corrects:{first}"]}
        other = examples()["event"] | {"id": "e2", "links": ["corrects:mali-2012-outside-view"]}
        ledger.extend([further, other])
    main(["ledger", "show", "mali-2012-outside-view"])
    assert "corrects this one" not in capsys.readouterr().out
    main(["ledger", "log", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["entry"]["id"] for one in told if one["corrected"]] == [first]


@pytest.mark.parametrize("digits", [20, 400, 5_000])
@pytest.mark.parametrize("scheme", ["", "gw:", "gid:"])
def test_a_number_too_long_for_an_area_is_refused(
    story: Path, capsys: Captured, scheme: str, digits: int
) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    assert main(["ledger", "log", "--area", scheme + "9" * digits]) == 2
    said = capsys.readouterr().err
    assert "99999999999999999999" in said
    assert len(said) < 400


def test_json_for_programs(story: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["ledger", "add", str(story), "--json"]) == 0
    receipts = json.loads(capsys.readouterr().out)
    assert [r["index"] for r in receipts] == list(range(len(TYPES)))
    main(["ledger", "show", "mali-2012-dismissal", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert json.loads(told["body"])["entry"] == told["entry"]
    assert told["proof"]["root"] == receipts[-1]["root"]
    main(["ledger", "verify", "--json"])
    assert json.loads(capsys.readouterr().out)["ok"] is True
    main(["ledger", "export", str(tmp_path / "b"), "--json"])
    assert json.loads(capsys.readouterr().out)["entries"] == len(TYPES)
    main(["ledger", "import", str(tmp_path / "b"), "--json"])
    assert json.loads(capsys.readouterr().out) | {"origin": ""} == {
        "held": len(TYPES), "recorded": 0, "origin": "", "taken_over": False,
    }  # fmt: skip


def test_tampering_ends_with_5_and_names_the_entry(story: Path, home: Path, capsys: Captured) -> None:
    main(["ledger", "add", str(story)])
    with tampering(home / "ledger.sqlite") as run:
        run("UPDATE entries SET body = replace(body, 'hyperbolic', 'ambiguous') WHERE type = 'dismissal'")
    kept = home / "kept.txt"
    capsys.readouterr()
    assert main(["ledger", "verify", "--save", str(kept)]) == 5
    said = capsys.readouterr()
    assert "mali-2012-dismissal" in said.err
    assert "All" not in said.out
    assert not kept.exists()
    assert main(["ledger", "verify", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["problems"][0]["id"]) == (False, "mali-2012-dismissal")
    assert main(["ledger", "export", str(home / "b")]) == 5


def test_a_checkpoint_is_kept_and_held_against_what_follows(
    story: Path, tmp_path: Path, capsys: Captured
) -> None:
    main(["ledger", "add", str(story)])
    kept = tmp_path / "kept.txt"
    assert main(["ledger", "verify", "--save", str(kept)]) == 0
    entry = tmp_path / "more.yaml"
    entry.write_text(example_text("event").replace("mali-2012-coup", "another"))
    main(["ledger", "add", str(entry)])
    capsys.readouterr()
    assert main(["ledger", "verify", "--against", str(kept)]) == 0
    assert f"checkpoint kept (entries: {len(TYPES)})" in capsys.readouterr().out
    other = str(tmp_path / "other.sqlite")
    main(["ledger", "add", str(story), "--ledger", other])
    assert main(["ledger", "verify", "--against", str(kept), "--ledger", other]) == 5
    kept.write_bytes(b"\xff")
    assert main(["ledger", "verify", "--against", str(kept)]) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device as on Linux")
def test_a_checkpoint_that_cannot_be_kept_is_named(story: Path, tmp_path: Path, capsys: Captured) -> None:
    main(["ledger", "add", str(story)])
    kept = tmp_path / "kept.txt"
    kept.symlink_to("/dev/full")
    assert main(["ledger", "verify", "--save", str(kept)]) == 2
    assert "kept.txt cannot be written: No space left" in " ".join(capsys.readouterr().err.split())


def test_a_checkpoint_of_no_entries_is_one(tmp_path: Path, story: Path, capsys: Captured) -> None:
    place, kept = str(tmp_path / "empty.sqlite"), tmp_path / "kept.txt"
    with Ledger.open(place) as ledger:
        note = ledger.checkpoint()
    assert main(["ledger", "verify", "--save", str(kept), "--ledger", place]) == 0
    assert kept.read_text() == note
    main(["ledger", "add", str(story), "--ledger", place])
    assert main(["ledger", "verify", "--against", str(kept), "--ledger", place]) == 0


def test_keys_are_made_shown_and_used(story: Path, home: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["ledger", "key", "show"]) == 2
    assert main(["ledger", "key", "new", "--name", "example.org/log"]) == 0
    said = capsys.readouterr()
    key = VerifierKey.parse(said.out)
    secret = (home / "ledger.key").read_text()
    assert secret not in said.out + said.err
    assert main(["ledger", "key", "public"]) == 0
    assert capsys.readouterr().out.strip() == str(key)
    assert main(["ledger", "key", "show"]) == 0
    assert str(home / "ledger.key") in capsys.readouterr().out
    assert main(["ledger", "key", "new"]) == 2
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    assert main(["ledger", "verify", "--key", str(key)]) == 0
    assert "Signatures checked: 1" in capsys.readouterr().out
    assert main(["ledger", "verify", "--key", "nonsense"]) == 2
    assert main(["ledger", "show", "mali-2012-coup"]) == 0
    assert "signed by example.org/log" in capsys.readouterr().out
    bundle = str(tmp_path / "b.zip")
    assert main(["ledger", "export", bundle]) == 0
    assert main(["ledger", "import", bundle, "--key", str(key), "--ledger", str(tmp_path / "o.sqlite")]) == 0


def test_a_party_that_is_only_proposed_as_one_that_did_not_sign_is_shown_as_such(
    story: Path, capsys: Captured
) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    main(["ledger", "show", "mali-2015-agreement"])
    assert "AQIM (Events of the 12 months before), proposed" in capsys.readouterr().out


def test_an_export_says_how_to_check_what_is_in_it(story: Path, tmp_path: Path, capsys: Captured) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    assert main(["ledger", "export", str(tmp_path / "whole")]) == 0
    assert "verify.py BUNDLE --key" in capsys.readouterr().err
    assert main(["ledger", "export", str(tmp_path / "one"), "--id", "mali-2012-coup"]) == 0
    assert "verify.py BUNDLE --part --key" in capsys.readouterr().err


def test_a_colleague_s_key_is_trusted_and_shown(home: Path, tmp_path: Path, capsys: Captured) -> None:
    colleague = str(SigningKey.generate("example.org/colleague").verifier)
    main(["ledger", "key", "new", "--name", "example.org/log"])
    assert main(["ledger", "key", "trust", "nonsense"]) == 2
    capsys.readouterr()
    assert main(["ledger", "key", "trust", colleague]) == 0
    assert "example.org/colleague is trusted from now on" in capsys.readouterr().out
    listed = (home / "ledger.pub").read_text()
    assert main(["ledger", "key", "trust", colleague, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] is False
    assert (home / "ledger.pub").read_text() == listed
    assert main(["ledger", "key", "show"]) == 0
    assert f"Trusted too: {colleague}" in capsys.readouterr().out.replace("\n", "")


def test_a_key_that_is_there_already_signs_a_ledger_that_none_has_signed(
    story: Path, tmp_path: Path, capsys: Captured
) -> None:
    main(["ledger", "add", str(story)])
    assert main(["ledger", "key", "new", "--ledger", str(tmp_path / "none.sqlite")]) == 0
    capsys.readouterr()
    assert main(["ledger", "key", "new"]) == 0
    said = capsys.readouterr()
    assert "already" in said.err
    assert "is signed with it" in said.err
    assert main(["ledger", "key", "new"]) == 2


def test_what_nobody_s_signature_vouches_for_is_told_as_the_bundle_s_word(
    story: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["ledger", "key", "new"])
    key = capsys.readouterr().out.strip()
    main(["ledger", "add", str(story)])
    main(["ledger", "export", str(tmp_path / "b")])
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "of another"))
    for checked in (False, True):
        other = ["--ledger", str(tmp_path / f"{checked}.sqlite")]
        capsys.readouterr()
        by = ["--key", key] if checked else []
        assert main(["ledger", "import", str(tmp_path / "b"), *by, *other]) == 0
        assert ("was not checked" in capsys.readouterr().err) is not checked
        main(["ledger", "show", "mali-2012-coup", *other])
        assert "By the bundle it came from, recorded first in" in capsys.readouterr().out


def test_a_key_signs_a_ledger_that_is_there_already(story: Path, capsys: Captured) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    assert main(["ledger", "key", "new", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signed"] == len(TYPES)
    assert main(["ledger", "verify"]) == 0


def test_entries_from_stdin(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def give(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    give(json.dumps(examples()["event"]).encode())
    assert main(["ledger", "add", "-"]) == 0
    give(b'{"text": "\xff"}')
    assert main(["ledger", "add", "-"]) == 2
    assert "UTF-8" in capsys.readouterr().err
    give(b"")
    assert main(["ledger", "add"]) == 2
    assert "--example" in capsys.readouterr().err


@pytest.mark.parametrize("type", list(TYPES))
def test_the_example_of_a_type_is_its_own_documentation(type: str, tmp_path: Path, capsys: Captured) -> None:
    assert main(["ledger", "add", "--example", type]) == 0
    text = capsys.readouterr().out
    assert text == example_text(type)
    assert text.startswith(f"type: {type}\n")
    assert main(["ledger", "add", "--example", type, "--lang", "fr"]) == 0
    french = capsys.readouterr().out
    assert french == example_text(type, "fr") != text
    assert "\nlanguage: fr\n" in french


def test_entries_can_be_checked_without_being_recorded(story: Path, home: Path, capsys: Captured) -> None:
    assert main(["ledger", "add", str(story), "--ledger", str(home / "l.sqlite")]) == 0
    assert main(["ledger", "add", str(story), "--check", "--ledger", str(home / "l.sqlite")]) == 2
    assert "number 1" in capsys.readouterr().err
    entry = home / "one.yaml"
    entry.write_text(example_text("event").replace("mali-2012-coup", "another"))
    assert main(["ledger", "add", str(entry), "--check", "--ledger", str(home / "l.sqlite")]) == 0
    with Ledger.open(home / "l.sqlite") as ledger:
        assert len(ledger) == len(TYPES)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["log"], "ledger add"),
        (["verify"], "ledger add"),
        (["add", "none.yaml"], "none.yaml"),
        (["add", "--example", "rumour"], "rumour"),
        (["log", "--last", "0"], "--last"),
        (["import", "nowhere"], "nowhere"),
        (["log", "--ledger", "mysql://host/db"], "postgresql"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: list[str], expected: str, capsys: Captured) -> None:
    assert main(["ledger", *words]) == 2
    said = capsys.readouterr().err.strip()
    assert expected in said
    assert "\n" not in said


@pytest.mark.parametrize("words", [["show", "\udcff"], ["log", "--author", "\udcff"]])
def test_a_word_that_is_no_text_is_said_to_be_unusable(
    words: list[str], story: Path, capsys: Captured
) -> None:
    main(["ledger", "add", str(story)])
    capsys.readouterr()
    assert main(["ledger", *words]) == 2
    assert "�" in capsys.readouterr().err


def test_what_looks_like_markup_is_shown_as_it_is(tmp_path: Path, capsys: Captured) -> None:
    entry = tmp_path / "one.json"
    entry.write_text(
        json.dumps(examples()["event"] | {"text": "[bold]Loud[/bold] [link=x]y[/link]", "id": "loud"})
    )
    assert main(["ledger", "add", str(entry)]) == 0
    capsys.readouterr()
    main(["ledger", "show", "loud"])
    assert "[bold]Loud[/bold] [link=x]y[/link]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    ["", "add", "show", "log", "verify", "export", "import",
     "key", "key new", "key show", "key public", "key trust"],
)  # fmt: skip
def test_help_in_both_languages(command: str, capsys: Captured) -> None:
    said = []
    for language in ("en", "fr"):
        assert main(["--lang", language, "ledger", *command.split(), "--help"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] != said[1]
    assert all("tocsin ledger" in text for text in said)


def test_an_agreement_is_recorded_with_who_fought_and_did_not_sign(
    tmp_path: Path, home: Path, capsys: Captured
) -> None:
    text = example_text("agreement").partition("non_signatories")[0]
    (tmp_path / "agreement.yaml").write_text(text, encoding="utf-8")
    assert main(["ledger", "add", str(tmp_path / "agreement.yaml"), "--propose"]) == 0
    assert "AQIM" in capsys.readouterr().err
    with Ledger.open(create=False) as ledger:
        content = ledger.entry("mali-2015-agreement").entry.content()
    assert {"name": "AQIM", "actor": 539} in [other["party"] for other in content["non_signatories"]]
    (tmp_path / "elsewhere.yaml").write_text(text.replace("MLI", "ETH").replace("id: mali", "id: other"))
    assert main(["ledger", "add", str(tmp_path / "elsewhere.yaml"), "--propose"]) == 3
    assert "not known" in capsys.readouterr().err
    with Ledger.open(create=False) as ledger:
        assert len(ledger) == 1
