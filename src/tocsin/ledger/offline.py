"""Checks an exported ledger offline: python verify.py FOLDER_OR_ZIP [--key KEY] [--against FILE] [--part]

Every entry is hashed (RFC 6962) and carried by its proof to the root of the checkpoint. With --key, the
checkpoint's Ed25519 signature (C2SP signed note) is checked too; that needs the package `cryptography`.
Where several people sign one ledger, --key is given for each: one of them must have signed.
With --against, the entries must continue a checkpoint kept from before: nothing under it was rewritten.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys
import zipfile


def decoded(text: str) -> bytes:
    """Return the bytes of base64 in its one canonical form; ValueError for any other."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError
    return value


def root_of(leaf: bytes, index: int, size: int, path: "list[bytes]") -> "bytes | None":
    """Return the root to which an audit path leads from a leaf (RFC 9162, section 2.1.3.2)."""
    value, last = leaf, size - 1
    for sibling in path:
        left = index & 1 or index == last
        value = hashlib.sha256(b"\x01" + (sibling + value if left else value + sibling)).digest()
        while left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return value if last == 0 else None


def root_over(leaves: "list[bytes]") -> bytes:
    """Return the root of the tree over leaves (RFC 9162, section 2.1.1)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_over(leaves[:half]) + root_over(leaves[half:])).digest()


def checkpoint(file: "pathlib.Path | zipfile.Path") -> "tuple[str, int, bytes, str, str]":
    """Return origin, size and root of a checkpoint, the text that was signed, and the signatures."""
    text, _, signatures = file.read_text(encoding="utf-8").removesuffix("\n").rpartition("\n\n")
    origin, size, root = (text or signatures).split("\n")
    return origin, int(size), decoded(root), text, signatures


def is_signed(key: str, text: str, signatures: str) -> bool:
    """Return whether one of the signatures of a note is of its text and by a public key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for line in signatures.split("\n"):
        try:
            (name, hint, public), (dash, signer, told) = key.split("+", 2), line.split(" ")
            made = decoded(told)
            if (dash, signer, made[:4].hex()) == ("—", name, hint):
                Ed25519PublicKey.from_public_bytes(decoded(public)[1:]).verify(made[4:], f"{text}\n".encode())
                return True
        except (ValueError, InvalidSignature):
            continue
    return False


def main() -> None:
    """Check the bundle named on the command line; stop at the first thing that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=pathlib.Path)
    parser.add_argument("--key", action="append", help="public key of who may sign, as name+hint+base64")
    parser.add_argument("--against", type=pathlib.Path, help="a checkpoint kept from before")
    parser.add_argument("--part", action="store_true", help="the bundle holds a selection of the entries")
    asked = parser.parse_args()
    if asked.against and asked.part:
        parser.error("--against needs the whole ledger, not a --part")
    part = "" if asked.part else " (if it is meant to hold some entries only, check it with --part)"
    wrong = f"{asked.bundle} is not a bundle with checkpoint.txt, entries.jsonl and proofs.jsonl"
    try:
        where = asked.bundle if asked.bundle.is_dir() else zipfile.Path(asked.bundle)
        origin, size, root, text, signatures = checkpoint(where / "checkpoint.txt")
        before, stamp, leaves = -1, "", []
        bodies, proofs = ((where / f"{n}.jsonl").read_bytes().splitlines() for n in ("entries", "proofs"))
        for line, body in enumerate(bodies, 1):
            wrong = f"line {line} is not a complete entry with its proof"
            entry, proof = json.loads(body), json.loads(proofs[line - 1])
            index, leaf = proof["index"], hashlib.sha256(b"\x00" + body).digest()
            path = [decoded(value) for value in proof["path"]]
            name = f"line {line} ({entry['entry']['id']}, entry {index + 1})"
            if not 0 <= index < size or root_of(leaf, index, size, path) != root:
                sys.exit(f"BAD: {name} is not what was recorded")
            if index <= before or (index > before + 1 and not asked.part):
                sys.exit(f"BAD: {name} does not come next: some are missing, or the order was changed{part}")
            if entry["recorded_at"] < stamp:
                sys.exit(f"BAD: {name} is dated before the entry it follows")
            before, stamp = index, entry["recorded_at"]
            leaves.append(leaf)
        if len(proofs) != len(bodies) or (before + 1 != size and not asked.part):
            sys.exit(f"BAD: entry {before + 2} and those after it are missing{part}")
        if asked.against:
            wrong = f"{asked.against} is not a checkpoint"
            kept_origin, kept, kept_root, _, _ = checkpoint(asked.against)
            if kept_origin != origin:
                sys.exit(f"BAD: the checkpoint kept is of the log {kept_origin}; this one is {origin}")
            if kept > size:
                sys.exit(f"BAD: the checkpoint kept is of {kept} entries: some were dropped from the end")
            if root_over(leaves[:kept]) != kept_root:
                sys.exit(
                    f"BAD: among the first {kept} entries, under the checkpoint kept, history was rewritten"
                )
    except Exception:
        sys.exit(f"BAD: {wrong}")
    signer = next((key for key in asked.key or () if is_signed(key, text, signatures)), None)
    if asked.key and signer is None:
        sys.exit("BAD: the checkpoint is not signed by a key that was given")
    signed = f"signed by {signer}" if signer else "signature not checked (no --key)"
    held = f"; a continuation of the checkpoint kept, of {kept} entries" if asked.against else ""
    print(f"OK: {len(bodies)} of {size} entries of {origin} are as recorded; {signed}{held}")


if __name__ == "__main__":
    main()
