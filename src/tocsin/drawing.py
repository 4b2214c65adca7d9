"""Pictures that come out alike everywhere: plain settings, letters that ship, no trace of version or day."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.errors import BadInput
from tocsin.files import write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg")


def check_out(path: str | Path) -> None:
    """Raise BadInput unless a picture can be written there: PNG or SVG, in a folder that exists."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise BadInput("drawing.unknown_format", file=str(path), choices=", ".join(FORMATS))
    if not path.parent.is_dir():
        raise BadInput("drawing.no_folder", file=str(path), folder=str(path.parent))
    if path.is_dir():
        raise BadInput("drawing.is_folder", file=str(path))


@contextmanager
def plain(points: float, hatching: float = 1.0) -> Iterator[None]:
    """Draw with letters and lines of hatching of so many points, whatever the user's settings."""
    import matplotlib as mpl

    fixed = {
        **mpl.rcParamsDefault, "font.family": "DejaVu Sans", "font.size": points, "hatch.linewidth": hatching,
        "svg.hashsalt": "tocsin",
    }  # fmt: skip
    with mpl.rc_context(rc=fixed):
        yield


def paper(width: float, height: float, **settings: Any) -> Figure:
    """Return an empty white figure of so many inches, to be drawn on without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white", **settings)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure whole or not at all, as PNG or SVG by the file's ending; the same bytes every time.

    BadInput for a place that refuses it.
    """
    path = Path(path)
    form = path.suffix.lower()[1:]
    # Metadata would name the version of the drawing library and the day.
    unsaid = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
    picture = io.BytesIO()
    figure.savefig(picture, format=form, metadata=unsaid)
    write(path, picture.getvalue())
