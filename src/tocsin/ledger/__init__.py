"""The ledger: who was warned, what was answered, promised and done, in a log that shows tampering.

Append-only: an entry is never changed or deleted, a correction is a new entry. Each recorded entry is a leaf
of an RFC 6962 Merkle tree; checkpoints of the tree are C2SP signed notes.
"""

from tocsin.ledger.bundle import (
    Bundle,
    Exported,
    Imported,
    export_bundle,
    import_bundle,
    open_for,
    read_bundle,
    verify_bundle,
)
from tocsin.ledger.checkpoint import Checkpoint, SigningKey, VerifierKey
from tocsin.ledger.entries import REASONS, ROLES, TYPES, Entry, When, entry, entry_type
from tocsin.ledger.entries.examples import example_text, examples
from tocsin.ledger.entries.fields import FieldSpec, fields
from tocsin.ledger.entries.parts import area_name, area_names
from tocsin.ledger.existing import existing
from tocsin.ledger.form import ask_entry
from tocsin.ledger.keys import (
    key_file,
    load_key,
    load_public,
    make_key,
    public_file,
    retire_key,
    trust_key,
)
from tocsin.ledger.log import Ledger, new_key
from tocsin.ledger.reading import parse_entries, read_entries, write_yaml
from tocsin.ledger.record import Growth, Proof, Receipt, Recorded
from tocsin.ledger.stores import Place, locate
from tocsin.ledger.verdict import Problem, Verification

__all__ = [
    "REASONS",
    "ROLES",
    "TYPES",
    "Bundle",
    "Checkpoint",
    "Entry",
    "Exported",
    "FieldSpec",
    "Growth",
    "Imported",
    "Ledger",
    "Place",
    "Problem",
    "Proof",
    "Receipt",
    "Recorded",
    "SigningKey",
    "Verification",
    "VerifierKey",
    "When",
    "area_name",
    "area_names",
    "ask_entry",
    "entry",
    "entry_type",
    "example_text",
    "examples",
    "existing",
    "export_bundle",
    "fields",
    "import_bundle",
    "key_file",
    "load_key",
    "load_public",
    "locate",
    "make_key",
    "new_key",
    "open_for",
    "parse_entries",
    "public_file",
    "read_bundle",
    "read_entries",
    "retire_key",
    "trust_key",
    "verify_bundle",
    "write_yaml",
]
