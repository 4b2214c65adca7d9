"""The scores that ship: `tocsin skill ... --json | python -m tocsin.skill.shipping`.

Reads what `tocsin skill --json` says and writes it where `skill.shipped` finds it, without the paths of the
page, and rounded to what can be told: the same results give the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tocsin.errors import BadFile, TocsinError

FILE = Path(__file__).parent / "data" / "skill.json"
DIGITS = 6
"""Significant digits of a number that ships."""


def main(words: list[str]) -> int:
    """Write the scores to the file named, that of the package unless given; return the exit code."""
    try:
        ship(sys.stdin.read(), Path(words[0]) if words else FILE)
    except TocsinError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def ship(told: str, file: Path) -> None:
    """Write what was told as one line of JSON; BadFile unless it is what `tocsin skill --json` says."""
    try:
        held = json.loads(told)
        kept = {name: rounded(held[name]) for name in ("compared", "method", "reference")}
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile("skill.not_told") from error
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def rounded(value: Any) -> Any:
    """Return plain values with every fraction rounded to `DIGITS` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {name: rounded(one) for name, one in value.items()} if isinstance(value, dict) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
