import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_running import Run

from tocsin import __version__, errors
from tocsin.cli import app, entry
from tocsin.cli.app import SECTIONS, build
from tocsin.cli.pages import pages
from tocsin.text import LANGUAGES, Language, say

COMMANDS = sorted(page.removesuffix(".md") for page in pages() if page != "index.md")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_two_examples(run: Run, command: str, language: str) -> None:
    ran = run("--lang", language, *command.split("-"), "--help")
    assert (ran.code, ran.err) == (0, "")
    examples = ran.out.split("Exemples" if language == "fr" else "Examples")[1]
    assert examples.count("    tocsin ") >= 2
    assert "cli." not in ran.out


def test_the_help_lists_every_command_once() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(build().commands)


def test_a_command_is_made_without_the_others_and_a_word_that_is_none_with_all_to_choose_from() -> None:
    assert [list(build(name).commands) for name in app.COMMANDS] == [[name] for name in app.COMMANDS]
    assert all(len(build(word).commands) == len(app.COMMANDS) for word in ("wotch", "--help", ""))


def test_help_in_french_is_french_throughout(run: Run) -> None:
    text = run("watch", "--help", "--lang", "fr").out
    assert text.startswith("Usage\u00a0: tocsin watch")
    for english in ("Usage:", "Show", "default", "Examples", "FOLDER", "Options:"):
        assert english not in text


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    assert run().out == run("--help").out
    assert run().code == 0


def test_the_version(run: Run) -> None:
    assert run("--version").out == f"tocsin {__version__}\n"


@pytest.mark.parametrize(
    "words", [("--lang", "fr", "status"), ("status", "--lang=fr"), ("status", "--lang", "FR")]
)
def test_the_language_may_stand_anywhere(run: Run, words: tuple[str, ...]) -> None:
    assert "Le coffre est vide" in run(*words).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wach",), 'Did you mean "watch"?'),
        (("xyz",), "Choose one of: watch"),
        (("challenge", "rnu"), 'Did you mean "run"?'),
        (("watch", "--ouut", "x"), "Did you mean --out?"),
        (("watch", "--zzz"), "no option --zzz"),
        (("watch", "extra"), "Too many words: extra"),
        (("ingest",), "FILE... is missing"),
        (("fetch", "ucdp-ged"), "Which release of ucdp-ged? Name it with --release."),
        (
            ("forecast", "MLI", "--steps", "many"),
            '--steps cannot be "many". Give a whole number',
        ),
        (("watch", "--top", "-1"), '--top cannot be "-1". Give a whole number of 1 or more.'),
        (("serve", "--port", "abc"), '--port cannot be "abc". Give a whole number from 1 to 65535.'),
        (("serve", "--port", "99999"), '--port cannot be "99999". Give a whole number from 1 to 65535.'),
        (("replay", "mali", "--lags", "1", "99"), '--lags cannot be "99". Give a whole number from 0 to 36.'),
        (("warn", "record", "--cost", "dear"), '--cost cannot be "dear". Give a number'),
        (("forecast", "MLI", "--steps"), "--steps"),
        (("forecast",), "tocsin forecast MLI"),
        (("watch", "--origin", "2012-13"), "2012-13 is not a month"),
        (("watch", "--origin", "2012-00"), "2012-00 is not a month"),
        (("watch", "--as-of", "yesterday"), "--as-of"),
        (("watch", "--data", "tea"), "auto, vault, figures"),
        (("forecast", "Atlantis"), "Atlantis"),
        (("forecast", "MLI", "--method", "oracle"), "conflictology"),
        (("forecast", "MLI", "--target", "xx"), "sb, ns, os, total"),
        (("fetch", "ucdp-ged", "--release", "25.1", "--via", "pigeon"), "file, api"),
        (("--lang", "de", "status"), "en, fr"),
        (("score", "absent.parquet"), "no file absent.parquet"),
    ],
)
def test_wrong_usage_is_one_message_and_exit_code_2(run: Run, words: tuple[str, ...], said: str) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_wrong_usage_is_told_in_french_too(run: Run) -> None:
    assert "Il n'y a pas d'option" in run("watch", "--zzz", "--lang", "fr").err
    assert "Mots en trop" in run("status", "x", "--lang", "fr").err
    said = run("serve", "--port", "99999", "--lang", "fr").err
    assert said == "--port ne peut pas être «\u00a099999\u00a0». Donnez un nombre entier de 1 à 65535.\n"


def test_the_help_says_between_which_ends_a_number_may_be(run: Run) -> None:
    assert "[default: 8321] [1 to 65535]" in run("serve", "--help").out
    assert "[par défaut\u00a0: 20] [au moins 1]" in run("watch", "--help", "--lang", "fr").out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_on_a_narrow_screen_drops_nothing_and_breaks_no_example(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    wide = run("--lang", language, *command.split("-"), "--help").out
    monkeypatch.setenv("COLUMNS", "40")
    narrow = run("--lang", language, *command.split("-"), "--help").out
    assert "…" not in narrow
    told = [[line for line in text.splitlines() if line.startswith("    tocsin ")] for text in (wide, narrow)]
    assert told[0] == told[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_of_the_commands_lists_every_exit_code(language: Language) -> None:
    kinds = [errors.TocsinError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    codes = {kind.exit_code for kind in kinds} | {
        0, entry.DEFECT, entry.INTERRUPTED, entry.BROKEN_PIPE, entry.ENDED,
    }  # fmt: skip
    assert {int(code) for code in re.findall(r"\d+", say("cli.pages.exit_codes", language))} == codes
    assert say("cli.pages.exit_codes", language) in pages(language)["index.md"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BadInput("months.not_a_month", value="x"), 2),
        (errors.NotAssessed("watch.no_month"), 3),
        (errors.Stale("watch.no_month"), 3),
        (errors.NotReachable("watch.no_month"), 4),
        (errors.Damaged("watch.no_month"), 5),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(32, "Broken pipe"), 141),
        (PermissionError(13, "Permission denied", "/nowhere"), 2),
    ],
)
def test_errors_become_exit_codes(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("tocsin.figures.manifest", fail)
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr("tocsin.cli.entry._leave_unsaid", lambda: None)
    ran = run("figures", "list")
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == (0 if code == 141 else 1)


def test_a_defect_is_saved_to_a_file_and_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("tocsin.figures.manifest", fail)
    ran = run("figures", "list")
    assert ran.code == 70
    assert len(ran.err.splitlines()) == 1
    assert "secret detail" not in ran.err
    (named,) = [word.rstrip(":") for word in ran.err.split() if word.rstrip(":").endswith(".txt")]
    saved = Path(named).read_text(encoding="utf-8")
    Path(named).unlink()
    assert "ZeroDivisionError: secret detail" in saved
    assert "['figures', 'list']" in saved


def _process(
    *words: str, home: Path, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TOCSIN_HOME": str(home), "TOCSIN_LANG": "en"}
    command = [sys.executable, "-m", "tocsin", *words]
    return subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment)


def test_json_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    with _process("figures", "list", "--json", home=tmp_path) as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0
    assert "country_month" in json.loads(out)["tables"]
    assert err == b""


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX systems")
@pytest.mark.parametrize("words", ["figures list", "figures list --json", "--help"])
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path, words: str) -> None:
    with _process(*words.split(), home=tmp_path, stdout=_unread()) as child:
        assert child.stderr is not None
        assert child.stderr.read() == b""
    assert child.returncode == 141


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX systems")
def test_an_error_that_nobody_reads_keeps_its_exit_code(tmp_path: Path) -> None:
    with _process("wach", home=tmp_path, stderr=_unread()) as child:
        child.communicate(timeout=60)
    assert child.returncode == 2


def _unread() -> int:
    """Return the writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device as on Linux")
@pytest.mark.parametrize(("where", "reason"), [(">/dev/full", "No space left"), (">&-", "Bad file")])
@pytest.mark.parametrize("words", ["figures list", "figures list --json", "--help"])
def test_an_output_that_cannot_be_written_is_one_message(
    tmp_path: Path, words: str, where: str, reason: str
) -> None:
    environment = os.environ | {"TOCSIN_HOME": str(tmp_path), "TOCSIN_LANG": "en"}
    line = f'"{sys.executable}" -m tocsin {words} {where}'
    ran = subprocess.run(
        ["bash", "-c", line], stderr=subprocess.PIPE, text=True, env=environment, check=False
    )
    assert ran.returncode == 2
    assert f"The output cannot be written: {reason}" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_what_a_library_warns_its_callers_of_is_not_shown_to_users() -> None:
    program = (
        "import sys, warnings\nfrom tocsin.cli import entry\n"
        "entry._run = lambda words: warnings.warn('call it otherwise') or 0\nsys.exit(entry.main([]))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_asking_for_help_loads_no_heavy_room(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom tocsin.cli import main\nmain(['--help'])\n"
        "heavy = {'numpy', 'polars', 'pyarrow', 'duckdb', 'matplotlib', 'scipy', 'sklearn', 'httpx'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ran.stderr.strip() == "[]"
