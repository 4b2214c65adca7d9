"""Check an exported ledger offline: python verify.py FOLDER_OR_ZIP [--key PUBLIC_KEY] [--part]

Needs Python 3.9 and, for signatures, the package `cryptography`. Every entry is hashed (RFC 6962) and carried
by its proof to the root of the checkpoint, whose Ed25519 signature (C2SP signed note) is checked with --key.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys
import zipfile


def root_of(leaf: bytes, index: int, size: int, path: "list[bytes]") -> "bytes | None":
    """Return the root to which an audit path leads from a leaf (RFC 9162, section 2.1.3.2)."""
    value, last = leaf, size - 1
    for sibling in path:
        if index & 1 or index == last:
            value = hashlib.sha256(b"\x01" + sibling + value).digest()
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + sibling).digest()
        index, last = index >> 1, last >> 1
    return value if last == 0 else None


def check_signature(note: str, key: str) -> None:
    """Stop unless the note is signed by the key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name, hint, public = key.split("+", 2)
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        material = base64.b64decode(line.split(" ")[-1])
        if line.startswith(f"— {name} ") and material[:4].hex() == hint:
            try:
                signer = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:])
                return signer.verify(material[4:], f"{text}\n".encode())
            except InvalidSignature:
                sys.exit("BAD: the signature of the checkpoint is not by this key")
    sys.exit("BAD: the checkpoint is not signed by this key")


def main() -> None:
    """Check the bundle named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--key", help="public key of the ledger, as name+hint+base64")
    parser.add_argument("--part", action="store_true", help="the bundle holds a selection of the entries")
    asked = parser.parse_args()
    bundle = pathlib.Path(asked.bundle)
    where = bundle if bundle.is_dir() else zipfile.Path(bundle)
    note = (where / "checkpoint.txt").read_text(encoding="utf-8")
    origin, count, encoded = note.split("\n")[:3]
    size, root, before, stamp = int(count), base64.b64decode(encoded), -1, ""
    bodies = (where / "entries.jsonl").read_bytes().splitlines()
    proofs = (where / "proofs.jsonl").read_bytes().splitlines()
    for line, body in enumerate(bodies, 1):
        try:
            entry, proof = json.loads(body), json.loads(proofs[line - 1])
            name = f"line {line} ({entry['entry']['id']}, entry {proof['index'] + 1})"
            path = [base64.b64decode(value) for value in proof["path"]]
            leaf = hashlib.sha256(b"\x00" + body).digest()
            good = 0 <= proof["index"] < size and root_of(leaf, proof["index"], size, path) == root
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            sys.exit(f"BAD: line {line} is not a complete entry with its proof")
        if not good:
            sys.exit(f"BAD: {name} is not what was recorded")
        if proof["index"] <= before or (proof["index"] > before + 1 and not asked.part):
            sys.exit(
                f"BAD: {name} does not come next: entries before it are missing, or the order was changed"
            )
        if entry["recorded_at"] < stamp:
            sys.exit(f"BAD: {name} is dated before the entry it follows")
        before, stamp = proof["index"], entry["recorded_at"]
    if len(proofs) != len(bodies) or (before + 1 != size and not asked.part):
        sys.exit(f"BAD: entry {before + 2} and those after it are missing")
    if asked.key:
        check_signature(note, asked.key)
    signed = "signed by the key given" if asked.key else "signature not checked (no --key)"
    print(f"OK: {len(bodies)} of {size} entries of {origin} are as recorded; {signed}")


if __name__ == "__main__":
    main()
