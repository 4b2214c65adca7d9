"""Files that pages ask for, at addresses that change with their content: our own, and the chart library.

The library is the file that the installed package of Plotly carries; it is asked for by pages with charts
alone. It would put styles of its own into a page, which the policy refuses, where it finds no element with
an id it knows: for its own charts we give that id to our style sheet, into which it then puts its rules; for
its maps, which we do not draw, the ids are read from the file (`style_ids`), and a page carries them empty.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources, util
from pathlib import Path

from tocsin import digest
from tocsin.errors import BadFile

LIBRARY = "plotly.min.js"
STYLE_ID = "plotly.js-style-global"
"""The id of the style sheet into which the library puts its rules."""

_MEDIA = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_OWN = ("tocsin.css", "tocsin.js", "charts.js", "tocsin.svg")
_STYLE = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')


@dataclass(frozen=True)
class Asset:
    """One file: its name, content and digest."""

    name: str
    body: bytes
    digest: str

    @cached_property
    def packed(self) -> bytes:
        """The content as gzip, made once; the same bytes each time."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @property
    def media(self) -> str:
        """The content type."""
        return _MEDIA[self.name.rpartition(".")[2]]

    @property
    def url(self) -> str:
        """The address, which another content would change."""
        return f"/static/{self.name}?{self.digest[:12]}"


@cache
def asset(name: str) -> Asset:
    """Return a file by its name; KeyError for one that no page asks for, BadFile if it is not installed."""
    if name == LIBRARY:
        body = _library().read_bytes()
    elif name in _OWN:
        body = (resources.files("tocsin.web") / "static" / name).read_bytes()
    else:
        raise KeyError(name)
    return Asset(name, body, digest.of_bytes(body))


def url(name: str) -> str:
    """Return the address of a file."""
    return asset(name).url


@cache
def style_ids() -> tuple[str, ...]:
    """Return the ids of style elements that the library makes unless a page has them."""
    return tuple(sorted({found.decode() for found in _STYLE.findall(asset(LIBRARY).body)}))


def _library() -> Path:
    """Return the file of the library, without importing its package, which takes longer than a page."""
    spec = util.find_spec("plotly")
    file = Path(spec.origin).parent / "package_data" / LIBRARY if spec and spec.origin else Path(LIBRARY)
    if not file.is_file():
        raise BadFile("web.no_library", file=file)
    return file
