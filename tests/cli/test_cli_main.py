import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_running import Run

from tocsin import __version__, errors
from tocsin.cli.app import SECTIONS, build
from tocsin.cli.pages import pages
from tocsin.text import LANGUAGES

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
        (("fetch", "ucdp-ged"), "--release RELEASE is missing"),
        (("forecast", "MLI", "--steps", "many"), "--steps N"),
        (("forecast", "MLI", "--steps"), "--steps"),
        (("forecast",), "tocsin forecast MLI"),
        (("watch", "--origin", "2012-13"), "2012-13 is not a month"),
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


def _process(*words: str, home: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TOCSIN_HOME": str(home), "TOCSIN_LANG": "en"}
    command = [sys.executable, "-m", "tocsin", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_json_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    with _process("figures", "list", "--json", home=tmp_path) as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0
    assert "country_month" in json.loads(out)["tables"]
    assert err == b""


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX systems")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    with _process("figures", "list", "--json", home=tmp_path) as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.stderr is not None
        err = child.stderr.read()
        child.wait(timeout=60)
    assert err == b""
    assert child.returncode in (0, 141)


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


def test_asking_for_help_loads_no_heavy_room(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom tocsin.cli import main\nmain(['watch', '--help'])\n"
        "heavy = {'numpy', 'polars', 'pyarrow', 'duckdb', 'matplotlib', 'scipy', 'sklearn', 'httpx'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ran.stderr.strip() == "[]"
