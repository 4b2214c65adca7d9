"""The console on which commands write: text taken as it is, broken at plain spaces only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

# Rich breaks lines at every space that Unicode knows. Held by a character that is no space while it breaks
# them, a space that binds keeps "3 792" and " :" on one line.
_HELD = str.maketrans("\u00a0\u202f", "\ue000\ue001")
_LET_GO = str.maketrans("\ue000\ue001", "\u00a0\u202f")

# Characters that are taken apart into no letters of ASCII; the bars keep their order by how dark they are.
_NEAREST = dict(zip("▁▂▃▄▅▆▇█", "_-~=+*%#", strict=True)) | {
    "–": "-", "—": "-", "−": "-", "─": "-", "·": ".", "•": "-", "×": "x", "±": "+/-", "≈": "~", "≤": "<=",
    "≥": ">=", "→": "->", "▲": "^", "†": "+", "°": "o", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o",
    "Ø": "O", "ı": "i", "«": '"', "»": '"', "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip


def nearest(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an output lacks, in ASCII, and where to go on: `codecs` asks so.

    A letter loses its accent, a binding space no longer binds, and what has no likeness is `?`.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(character: str) -> str:
    apart = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return _NEAREST.get(character) or apart or "?"


def screen(*, stderr: bool = False) -> Console:
    """Return a console that reads no markup nor emoji code in strings and breaks no line at a binding space.

    What is meant to have a style is given one as `rich.text.Text`; a path such as a[b].parquet is a path.
    """
    return _kind()(stderr=stderr, highlight=False, markup=False, emoji=False)


@cache
def _kind() -> type[Console]:
    from rich.console import Console
    from rich.segment import Segment
    from rich.text import Text

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            # Rich would end the process with 1; which code it ends with is for `tocsin.cli.entry` to say.
            raise

        def render_str(self, text: str, **told: Any) -> Text:
            return super().render_str(text.translate(_HELD), **told)

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            if isinstance(renderable, Text):
                held = renderable.copy()
                held.plain = held.plain.translate(_HELD)
                renderable = held
            elif not isinstance(renderable, str):
                yield from super().render(renderable, options)
                return
            for text, style, control in super().render(renderable, options):
                yield Segment(text.translate(_LET_GO), style, control)

    return Screen
