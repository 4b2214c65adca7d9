"""The vault: what was published when. Files by their digest, their vintages, and reads as of a day."""

from tocsin.vault.ingest import Progress, Receipt
from tocsin.vault.resolve import CoverageRow, Resolved
from tocsin.vault.status import ReleaseStatus, Status
from tocsin.vault.vault import Vault
from tocsin.vault.vintage import Basis, Moment, Vintage
from tocsin.vault.withdrawal import Withdrawal

__all__ = [
    "Basis",
    "CoverageRow",
    "Moment",
    "Progress",
    "Receipt",
    "ReleaseStatus",
    "Resolved",
    "Status",
    "Vault",
    "Vintage",
    "Withdrawal",
]
