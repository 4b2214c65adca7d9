from __future__ import annotations

from pathlib import Path

import pytest
import vault_standin

from tocsin.vault import Vault


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the invented format in place of real files."""
    monkeypatch.setattr("tocsin.sources.read", vault_standin.read)


@pytest.fixture
def vault(tmp_path: Path, invented: None) -> Vault:
    return Vault.open(tmp_path / "home", wait=5)
