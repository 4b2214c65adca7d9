"""The feeds in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.feeds.atom import atom
from tocsin.feeds.cap import cap
from tocsin.feeds.places import geojson
from tocsin.feeds.plain import plain
from tocsin.feeds.table import table
from tocsin.text import LANGUAGES
from tocsin.warn import Message

NAMES: tuple[str, ...] = (
    "warnings.json", "warnings.csv", "warnings.geojson", "warnings.en.atom", "warnings.fr.atom", "cap",
)  # fmt: skip
"""What `write_feeds` writes."""


def write_feeds(messages: Sequence[Message], folder: str | Path) -> None:
    """Write messages (oldest first) as JSON, CSV, GeoJSON, Atom in both languages, and a CAP file each."""
    folder = Path(folder)
    (folder / "warnings.json").write_bytes(plain(messages))
    (folder / "warnings.csv").write_bytes(table(messages))
    (folder / "warnings.geojson").write_bytes(geojson(messages))
    for language in LANGUAGES:
        (folder / f"warnings.{language}.atom").write_bytes(atom(messages, language))
    alerts = folder / "cap"
    alerts.mkdir(exist_ok=True)
    for message in messages:
        (alerts / f"{message.id}.xml").write_bytes(cap(message))
