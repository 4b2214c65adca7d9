"""The data a forecast of today reads: the vault where it holds a whole release, else the shipped figures."""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from tocsin import figures
from tocsin import panel as panels
from tocsin.errors import UnknownName
from tocsin.panel import Panel
from tocsin.vault import Vault
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


def reads_vault(as_of: dt.date, data: str = "auto") -> bool:
    """Return whether `current_panel` reads the vault; UnknownName for another `data`."""
    if data not in get_args(Data):
        raise UnknownName("watch.unknown_data", value=data, choices=", ".join(get_args(Data)))
    # Opening a vault makes one; asking what is at hand must not.
    if data != "auto" or not locate(None).catalogue.exists():
        return data == "vault"
    known = [v for v in Vault.open().vintages(as_of=as_of) if v.publisher == PUBLISHER]
    return any(v.countries is None and len(v.span) >= ENOUGH_MONTHS for v in known if not v.partial)
