"""What a page of skill found, as a record and as plain values, and the one that ships."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.areas import REGIONS
from tocsin.backtest import STATES
from tocsin.skill.ratios import Ratio
from tocsin.skill.tables import Against, Findings, Reliability


@dataclass(frozen=True)
class Page:
    """A written page: its file, the plots, and what it was made from.

    against: the method beside more baselines, by name, each in the order of `found` where it was compared.
    """

    file: Path
    images: tuple[Path, ...]
    found: tuple[Findings, ...]
    against: dict[str, tuple[Against, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return what every comparison found, and the files, as plain values."""
        compared = [
            {
                "target": item.pair.target,
                "scheme": item.pair.own.scheme,
                "forecasts": item.rows,
                "whole": asdict(item.whole) if item.whole else None,
                "windows": asdict(item.headline.ratio) if item.headline else None,
                "by_window": [asdict(window) for window in item.windows],
                "scores": item.headline.scores if item.headline else None,
                "difference": asdict(item.headline.difference) if item.headline else None,
                "coverage": [asdict(row) for row in item.coverage],
                "pit": {horizon: shares.round(5).tolist() for horizon, shares in item.pit.items()},
                "reliability": [_plain(row) for row in item.reliability],
                "groups": _plain_groups(item.groups),
                "against": {
                    name: {
                        "windows": asdict(one.windows) if one.windows else None,
                        "groups": _plain_groups(one.groups),
                    }
                    for name, held in self.against.items()
                    for one in held
                    if one.pair.name == item.pair.name
                },
            }
            for item in self.found
        ]
        return {
            "page": str(self.file),
            "images": [str(image) for image in self.images],
            "method": self.found[0].pair.own.method,
            "reference": self.found[0].pair.reference.method,
            "compared": compared,
        }


def shipped() -> dict[str, Any]:
    """Return what the page `docs/skill.md` says of the default method, as `Page.to_dict` gives it.

    Groups stand in their order; written by `python -m tocsin.skill.shipping`.
    """
    file = resources.files("tocsin.skill") / "data" / "skill.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for one in found["compared"]:
        for held in (one, *one["against"].values()):
            for group, order in (("state", STATES), ("region", REGIONS)):
                held["groups"][group] = {
                    v: held["groups"][group][v] for v in order if v in held["groups"][group]
                }
    return found


def _plain_groups(groups: dict[str, dict[str, Ratio]]) -> dict[str, dict[str, Any]]:
    return {group: {value: asdict(one) for value, one in held.items()} for group, held in groups.items()}


def _plain(row: Reliability) -> dict[str, Any]:
    return {k: v.round(5).tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(row).items()}
