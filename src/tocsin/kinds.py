"""The three kinds of organised violence that UCDP tells apart, and their total."""

from __future__ import annotations

from typing import Literal

from tocsin.errors import UnknownName

Kind = Literal["sb", "ns", "os"]
Target = Literal["sb", "ns", "os", "total"]

KINDS: tuple[Kind, ...] = ("sb", "ns", "os")
"""State-based, non-state, one-sided: the order of the last axis of a panel (UCDP codes 1, 2, 3)."""

TARGETS: tuple[Target, ...] = ("sb", "ns", "os", "total")
"""What can be forecast: one kind, or the sum of the three."""


def target(name: str) -> Target:
    """Return `name` as a target; UnknownName, with the choices, if it is none."""
    for valid in TARGETS:
        if name == valid:
            return valid
    raise UnknownName("kinds.unknown", value=name, choices=", ".join(TARGETS))
