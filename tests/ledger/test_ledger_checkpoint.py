"""Checkpoints and keys against published examples of C2SP signed notes, and against what is none."""

from __future__ import annotations

import base64
import errno
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.errors import BadInput, Damaged
from tocsin.ledger import Checkpoint, SigningKey, VerifierKey, load_key, load_public, make_key

# The example of the package golang.org/x/mod/sumdb/note.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"


def test_published_note_is_verified() -> None:
    assert VerifierKey.parse(KEY).signed(NOTE) == TEXT
    assert str(VerifierKey.parse(KEY)) == KEY


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
@example(len(NOTE.encode()) - 1, ord("\n") ^ ord(" "))
def test_a_note_changed_anywhere_is_not_the_one_signed(position: int, change: int) -> None:
    touched = bytearray(NOTE.encode())
    touched[position] ^= change
    with pytest.raises(Damaged):
        VerifierKey.parse(KEY).signed(touched.decode("utf-8", "replace"))


def test_published_checkpoint_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    found = Checkpoint.parse(text)
    assert (found.origin, found.size, len(found.root)) == ("example.com/behind-the-sofa", 20852163, 32)
    assert found.text() == text


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", "a\n-1\n" + "A" * 43 + "=\n",
     "a\n1\nAAAA\n", "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", "a\n1\n!!!\n",
     "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        Checkpoint.parse(text)


def test_a_key_signs_what_its_public_half_verifies_and_no_other() -> None:
    key, other = SigningKey.generate("example.org/log"), SigningKey.generate("example.org/log")
    made = Checkpoint("example.org/log", 7, bytes(range(32)))
    note = key.sign(made)
    assert Checkpoint.parse(key.verifier.signed(note)) == made
    assert key.verifier.signed(note + other.sign(made).rpartition("\n\n")[2]) == made.text()
    with pytest.raises(Damaged):
        other.verifier.signed(note)
    with pytest.raises(Damaged):
        key.verifier.signed(note.replace("\n7\n", "\n8\n"))
    with pytest.raises(Damaged):
        key.verifier.signed(made.text())


def test_a_signature_counts_wherever_it_stands_among_those_of_others() -> None:
    key, other = SigningKey.generate("example.org/log"), SigningKey.generate("example.org/log")
    made = Checkpoint("example.org/log", 7, bytes(range(32)))
    text, _, own = key.sign(made).rpartition("\n\n")
    for before in (other.sign(made).rpartition("\n\n")[2], "— witness not-base64\n", "— of another form\n"):
        assert key.verifier.signed(f"{text}\n\n{before}{own}") == made.text()


def test_a_secret_comes_back_as_the_same_key_and_is_never_shown() -> None:
    key = SigningKey.generate("example.org/log")
    assert SigningKey.parse(key.secret()).verifier == key.verifier
    assert key.secret().split("+", 4)[4] not in repr(key)
    for broken in (
        "",
        "nonsense",
        key.secret()[:-6],
        key.secret().replace("PRIVATE", "PUBLIC"),
        str(key.verifier),
    ):
        with pytest.raises(BadInput) as refused:
            SigningKey.parse(broken)
        assert not broken or broken not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+00000000+AAAA", KEY.replace("c74f", "0000"), KEY[:-4],
     # Another algorithm: 2 where Ed25519 is 1.
     KEY.replace("+ARpc", "+Ahpc")],
)  # fmt: skip
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="public key"):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\udcff"])
def test_a_key_needs_a_name_that_a_note_can_carry(name: str) -> None:
    with pytest.raises(BadInput):
        SigningKey.generate(name)


def test_a_kept_key_is_the_owners_alone_and_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert load_key(folder) is None
    made = make_key(folder, "example.org/log")
    path = folder / "ledger.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(folder).verifier == made.verifier  # type: ignore[union-attr]
    before = path.read_bytes()
    with pytest.raises(BadInput, match="already"):
        make_key(folder, "example.org/other")
    assert path.read_bytes() == before


@pytest.mark.parametrize("full", ["os.fsync", "pathlib.Path.open"])
def test_a_full_disk_leaves_no_half_of_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    first = make_key(tmp_path, "example.org/log").verifier
    (tmp_path / "ledger.key").unlink()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(full, refuse)
        with pytest.raises(BadInput, match=r"ledger\.key.*No space left"):
            make_key(tmp_path, "example.org/log")
    assert load_public(tmp_path) == (first,)
    make_key(tmp_path, "example.org/log")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"no key\n", None])
def test_a_list_of_public_keys_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    make_key(tmp_path, "example.org/log")
    listed = tmp_path / "ledger.pub"
    listed.unlink()
    if content is None:
        listed.mkdir()
    else:
        listed.write_bytes(content)
    with pytest.raises(BadInput, match=r"ledger\.pub (cannot be read|is not a list of public keys)"):
        load_public(tmp_path)


def test_public_keys_outlive_the_key_that_was_lost(tmp_path: Path) -> None:
    first = make_key(tmp_path, "example.org/log").verifier
    (tmp_path / "ledger.key").unlink()
    second = make_key(tmp_path, "example.org/log").verifier
    assert load_public(tmp_path) == (first, second)


def test_a_spoilt_key_file_is_named(tmp_path: Path) -> None:
    for content in (b"", b"\xff\xfe", base64.b64encode(b"secret")):
        (tmp_path / "ledger.key").write_bytes(content)
        with pytest.raises(BadInput, match=r"ledger\.key"):
            load_key(tmp_path)


def test_no_bit_of_a_signed_note_can_be_flipped() -> None:
    """The spare bits in the last character of base64 are part of no hash: they must be held to none."""
    key = SigningKey.generate("example.org/log")
    note = key.sign(Checkpoint("example.org/log", 7, bytes(range(32))))
    whole = note.encode()
    for at in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(Damaged):
            Checkpoint.parse(key.verifier.signed(changed.decode("utf-8", "replace")))


def test_no_bit_of_an_unsigned_checkpoint_can_be_flipped_and_leave_the_same_state() -> None:
    held = Checkpoint("log", 7, bytes(range(32)))
    whole = held.text().encode()
    for at in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[at // 8] ^= 1 << at % 8
        try:
            assert Checkpoint.of_note(changed.decode("utf-8", "replace")) != held
        except Damaged:
            continue
