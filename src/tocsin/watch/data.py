"""The data of today: those of the vault where it holds a whole release, else the shipped figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, get_args

from tocsin import figures
from tocsin import panel as panels
from tocsin.errors import NotAssessed, UnknownName
from tocsin.figures import Groups
from tocsin.panel import Panel
from tocsin.vault import Vault, Vintage
from tocsin.vault.folder import locate

Data = Literal["auto", "vault", "figures"]

PUBLISHER = "ucdp"

ENOUGH_MONTHS = 24
"""Months of every country that a release must cover for the vault to be read rather than the figures."""


def current_panel(as_of: dt.date, data: str = "auto") -> Panel:
    """Return deaths by country, month and kind as known on `as_of`.

    data: `vault` or `figures`; `auto` takes the vault if a release in it covers every country for two
          years or more, else the figures that ship with the package.
    Raises NotAssessed when nothing was known on that day, UnknownName for another `data`.
    """
    if reads_vault(as_of, data):
        return panels.from_vault(Vault.open(), as_of=as_of)
    return figures.panel(as_of=as_of)


def current_groups(as_of: dt.date, data: str = "auto") -> Groups | None:
    """Return events by province and pair of sides as known on `as_of`, from where `current_panel` reads.

    data: as for `current_panel`; with `auto` the shipped figures stand in for states and months that the
          vault does not cover.
    None when nothing was known on that day; UnknownName for another `data`.
    """
    shipped = None
    if data != "vault":
        with suppress(NotAssessed):
            shipped = figures.groups(as_of=as_of)
    if not reads_vault(as_of, data):
        return shipped
    try:
        held = vault_groups(Vault.open(), as_of)
    except NotAssessed:
        return shipped
    return held if shipped is None else held.or_else(shipped)


def vault_groups(vault: Vault, as_of: dt.date) -> Groups:
    """Return events by province and pair of sides in a vault's complete releases; errors as `resolve`."""
    resolved = vault.resolve(as_of=as_of, publisher=PUBLISHER)
    return Groups.of_events(resolved.events, panels.of_resolved(resolved, as_of=as_of))


def reads_vault(as_of: dt.date, data: str = "auto") -> bool:
    """Return whether `current_panel` reads the vault; UnknownName for another `data`."""
    if data not in get_args(Data):
        raise UnknownName("watch.unknown_data", value=data, choices=", ".join(get_args(Data)))
    if data != "auto":
        return data == "vault"
    return _enough(_held(as_of))


def passes_over_vault(as_of: dt.date, data: str = "auto") -> bool:
    """Return whether `current_panel` reads the figures though the vault holds releases; as `reads_vault`."""
    held = _held(as_of) if data == "auto" else []
    return bool(held) and not _enough(held)


def _enough(held: Iterable[Vintage]) -> bool:
    return any(v.whole and len(v.span) >= ENOUGH_MONTHS for v in held)


def _held(as_of: dt.date) -> list[Vintage]:
    # Opening a vault makes one; asking what is at hand must not.
    if not locate(None).catalogue.exists():
        return []
    return [v for v in Vault.open().vintages(as_of=as_of) if v.publisher == PUBLISHER]
