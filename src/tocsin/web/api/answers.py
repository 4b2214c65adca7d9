"""One content in the form asked for: JSON, CSV, Parquet or GeoJSON, with an ETag."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import polars as pl
from fastapi import Request
from fastapi.responses import Response

from tocsin.figures import Attribution
from tocsin.files import inert, parquet
from tocsin.web.refusal import Refusal

JSON, CSV, PARQUET, GEOJSON = (
    "application/json", "text/csv", "application/vnd.apache.parquet", "application/geo+json",
)  # fmt: skip
PLAIN = "text/plain"
CAP, ATOM = "application/cap+xml", "application/atom+xml"
_CONTENT: dict[str, dict[str, Any]] = {
    JSON: {"schema": {"type": "object"}},
    GEOJSON: {"schema": {"type": "object"}},
    CSV: {"schema": {"type": "string"}},
    PARQUET: {"schema": {"type": "string", "format": "binary"}},
    PLAIN: {"schema": {"type": "string"}},
    CAP: {"schema": {"type": "string"}},
    ATOM: {"schema": {"type": "string"}},
}
_HEADERS = {
    "Link": {
        "description": 'Licence of the data that the answer is derived from, with rel="license" (RFC 8288); '
        "absent where it is not known.",
        "schema": {"type": "string"},
    }
}
FORMATS = {"json": JSON, "csv": CSV, "parquet": PARQUET, "geojson": GEOJSON}


def asked_for(request: Request, offered: Sequence[str], format: str = "") -> str:
    """Return the media type to answer with: `format` if given, else the one preferred by Accept.

    Refusal (400, 406) where that is not offered.
    """
    if format:
        if FORMATS.get(format) not in offered:
            choices = ", ".join(name for name, kind in FORMATS.items() if kind in offered)
            raise Refusal(400, "api.no_format", value=format[:20], choices=choices)
        return FORMATS[format]
    accept = request.headers.get("accept", "").strip() or "*/*"
    wanted = {one: _wanted(accept, one) for one in offered}
    best = max(offered, key=lambda one: wanted[one])
    if wanted[best] <= 0:
        raise Refusal(406, "api.not_offered", value=accept[:80], choices=", ".join(offered))
    return best


def _wanted(accept: str, kind: str) -> float:
    """Return how much a form is wanted, 0 to 1: what names it most closely says so (RFC 9110, 12.5.1).

    `text/csv;q=0, */*` asks for anything but CSV.
    """
    ranges = "*/*", f"{kind.partition('/')[0]}/*", kind
    closest, share = -1, 0.0
    for part in accept.lower().split(",")[:20]:
        name, _, about = part.strip().partition(";")
        name, weight = name.strip(), _weight(about)
        close = ranges.index(name) if name in ranges else -1
        if weight is not None and close > closest:
            closest, share = close, weight
    return share


def _weight(about: str) -> float | None:
    """Return the weight among the parameters of a media range, 1 without one; None for what is none."""
    for one in about.split(";"):
        name, _, value = one.strip().partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"[01](\.[0-9]{0,3})?", value) else None
    return 1.0


def offers(
    *kinds: str, shape: dict[str, Any] | None = None, derived: bool = True
) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the forms in which a path answers.

    shape: the schema of its JSON. derived: whether the answer is derived from a publisher's data, whose
    licence it names in a header.
    """
    content = {kind: _CONTENT[kind] for kind in kinds}
    if shape is not None:
        content[JSON] = {"schema": shape}
    headers: dict[str, Any] = {"headers": _HEADERS} if derived else {}
    return {200: {"description": "OK", "content": content, **headers}}


def answer(request: Request, content: bytes, kind: str, whose: Attribution | None = None) -> Response:
    """Return content with its ETag, or 304 where the client holds it already.

    whose: the data that it is derived from, whose licence a header names; None for what is not.
    """
    tag = f'"{hashlib.sha256(kind.encode() + content).hexdigest()[:32]}"'
    given = {"ETag": tag, "Vary": "Accept, Accept-Language"}
    if whose is not None and whose.licence_url is not None:
        given["Link"] = f'<{whose.licence_url}>; rel="license"'
    held = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in held or "*" in held:
        return Response(status_code=304, headers=given)
    charset = "; charset=utf-8" if kind in (CSV, PLAIN) else ""
    return Response(content, headers=given, media_type=kind + charset)


def as_json(request: Request, value: Any, whose: Attribution | None = None) -> Response:
    """Return plain values as JSON; `whose` as in `answer`."""
    return answer(request, dumps(value), JSON, whose)


def dumps(value: Any) -> bytes:
    """Return plain values as compact JSON; what is not finite is refused, for JSON cannot say it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def table(request: Request, frame: pl.DataFrame, kind: str, whose: Attribution | None = None) -> Response:
    """Return a table as CSV, its text such that no spreadsheet takes it for a formula, or as Parquet.

    whose: as in `answer`; Parquet holds it too, a CSV has no place for it.
    """
    if kind == CSV:
        shown = frame.with_columns(pl.col(pl.String).map_elements(inert, return_dtype=pl.String))
        return answer(request, shown.write_csv(float_precision=6).encode(), CSV, whose)
    facts = None if whose is None else whose.lines
    return answer(request, parquet(frame, statistics=False, metadata=facts), PARQUET, whose)
