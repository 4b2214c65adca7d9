"""Files: whole or not at all, under the name, the rights and the link they had."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from filled_disk import room_for
from nobody import as_nobody

from tocsin import files
from tocsin.errors import BadFile, BadInput


def test_a_disk_that_fills_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    files.write(path, b"old" * 1000)
    with room_for(1000), pytest.raises(BadInput, match=r"kept\.txt cannot be written: File too large"):
        files.write(path, b"new" * 1000)
    assert path.read_bytes() == b"old" * 1000
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_keeps_its_rights_and_a_link_leads_where_it_led(tmp_path: Path) -> None:
    path, link = tmp_path / "secret.csv", tmp_path / "latest.csv"
    files.write(path, b"old")
    path.chmod(0o600)
    link.symlink_to(path)
    files.write(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_closed_to_others_is_closed_while_it_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    files.write(path, b"old")
    path.chmod(0o600)
    with files.whole(path) as file:
        file.write(b"new")
        assert {stat.S_IMODE(found.stat().st_mode) for found in tmp_path.iterdir()} == {0o600}
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device as on Linux")
def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    nothing, full = tmp_path / "nothing", tmp_path / "full"
    nothing.symlink_to("/dev/null")
    full.symlink_to("/dev/full")
    files.write(nothing, b"new")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(BadInput, match="full cannot be written: No space left"):
        files.write(full, b"new")


def test_what_a_killed_process_left_is_removed_a_day_later_and_what_another_writes_is_not(
    tmp_path: Path,
) -> None:
    place = tmp_path / "out [1]"
    left, busy = files.passing_folder(place), files.passing_folder(place)
    other = files.passing_folder(tmp_path / "out 1")
    for folder in (left, other):
        (folder / "draws.parquet").write_bytes(b"half")
        os.utime(folder, (0, time.time() - files.ABANDONED - 60))
    fresh = files.passing_folder(place)
    assert set(tmp_path.iterdir()) == {busy, other, fresh}


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_a_process_killed_while_it_writes_leaves_the_old_file_and_what_passed_goes_a_day_later(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept.txt"
    files.write(path, b"old")
    program = (
        "import os, pathlib, signal, sys\n"
        "from tocsin import files\n"
        "with files.whole(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = set(tmp_path.iterdir()) - {path}
    assert (path.read_bytes(), left.read_bytes()) == (b"old", b"half")
    assert files.foreign(tmp_path, ["kept.txt"]) == []
    assert files.foreign(tmp_path, ["other.txt"]) == [left.name, "kept.txt"]
    files.write(path, b"new")
    assert left.exists()
    os.utime(left, (0, time.time() - files.ABANDONED - 60))
    files.write(path, b"newer")
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    files.write(tmp_path / "file", b"")
    with pytest.raises(BadInput, match=rf"{tmp_path} cannot be written: Is a directory"):
        files.write(tmp_path, b"new")
    with pytest.raises(BadInput, match=r"file/page\.md cannot be written: "):
        files.write_pages(tmp_path / "file", {"page.md": "new"})


def test_pages_lie_below_their_folder_and_what_is_not_owned_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    assert files.foreign(folder, ()) == []
    files.write_pages(folder, {"index.md": "é", "schema/one.json": "{}", "note": ""})
    assert (folder / "index.md").read_bytes() == "é".encode()
    assert (folder / "schema/one.json").read_text(encoding="utf-8") == "{}"
    assert files.foreign(folder, {"index.md", "absent"}) == ["note", "schema"]


def test_what_windows_refuses_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, refused = tmp_path / "kept.txt", [True, True]
    replace = Path.replace

    def scanned(source: Path, target: Path) -> Path:
        if refused and refused.pop():
            raise PermissionError(13, "Access is denied", str(source))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", scanned)
    with pytest.raises(BadInput, match=r"kept\.txt cannot be written: Access is denied"):
        files.write(path, b"new")
    assert list(tmp_path.iterdir()) == []
    refused[:] = [True, True]
    monkeypatch.setattr(files, "PATIENCE", 5.0)
    files.write(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_passing_folder_has_the_rights_that_new_folders_have(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        made = files.passing_folder(tmp_path / "out")
    finally:
        os.umask(before)
    assert made.parent == tmp_path
    assert stat.S_IMODE(made.stat().st_mode) == 0o750


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_a_folder_without_rights_is_seen_to_be_unwritable(
    system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def task() -> None:
            monkeypatch.setattr(os, "name", system)
            # The system that tells nothing of rights says yes.
            if system == "nt":
                monkeypatch.setattr(os, "access", lambda *given: True)
            assert not files.writable(folder)

        assert files.writable(folder)
        folder.chmod(0o555)
        code = as_nobody(task)
        folder.chmod(0o755)
        assert code == 0
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx"])
def test_no_cell_is_a_formula_and_plain_text_stays_as_it_is(text: str) -> None:
    assert files.inert(text) == f"'{text}"
    assert files.inert(f"a{text}") == f"a{text}"
    assert files.inert("") == ""


def test_what_a_zip_file_would_unpack_is_limited_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "held.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * 1000)
    with zipfile.ZipFile(path) as archive:
        assert files.member(archive, "zeros", 1000, "sources.too_large") == b"0" * 1000
        with pytest.raises(BadFile) as refused:
            files.member(archive, "zeros", 999, "sources.too_large", file="held.zip")
        assert refused.value.values == {"size": 1000, "limit": 999, "file": "held.zip"}
        with pytest.raises(KeyError):
            files.member(archive, "absent", 1000, "sources.too_large")


@pytest.mark.parametrize(
    ("raised", "key"),
    [(zipfile.BadZipFile(), "a.damaged"), (EOFError(), "a.damaged"), (RuntimeError("password"), "a.locked")],
)
def test_what_a_zip_file_refuses_is_told_as_damaged_or_as_locked(raised: Exception, key: str) -> None:
    with pytest.raises(BadFile) as refused, files.unpacking("a.damaged", "a.locked", file="held.zip"):
        raise raised
    assert (refused.value.key, refused.value.values) == (key, {"file": "held.zip"})
