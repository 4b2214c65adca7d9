"""One content in the form asked for: JSON, CSV, Parquet or GeoJSON, with an ETag."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from fastapi import Request
from fastapi.responses import Response

from tocsin.web.refusal import Refusal

JSON, CSV, PARQUET, GEOJSON = (
    "application/json", "text/csv", "application/vnd.apache.parquet", "application/geo+json",
)  # fmt: skip
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
    accept = request.headers.get("accept", "*/*")
    best: tuple[float, str] | None = None
    for part in accept.split(",")[:20]:
        kind, _, weight = part.strip().partition(";q=")
        kind = kind.partition(";")[0].strip().lower()
        try:
            share = float(weight.partition(";")[0]) if weight else 1.0
        except ValueError:
            continue
        for one in offered:
            same = kind in (one, "*/*") or (kind.endswith("/*") and one.startswith(kind[:-1]))
            if same and share > (best[0] if best else 0):
                best = (share, one)
    if best is None:
        raise Refusal(406, "api.not_offered", value=accept[:80], choices=", ".join(offered))
    return best[1]


def answer(request: Request, content: bytes, kind: str) -> Response:
    """Return content with its ETag, or 304 where the client holds it already."""
    tag = f'"{hashlib.sha256(kind.encode() + content).hexdigest()[:32]}"'
    given = {"ETag": tag, "Vary": "Accept, Accept-Language"}
    held = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in held or "*" in held:
        return Response(status_code=304, headers=given)
    charset = "; charset=utf-8" if kind in (CSV,) else ""
    return Response(content, headers=given, media_type=kind + charset)


def as_json(request: Request, value: Any) -> Response:
    """Return plain values as JSON."""
    return answer(request, dumps(value), JSON)


def dumps(value: Any) -> bytes:
    """Return plain values as compact JSON; what is not finite is refused, for JSON cannot say it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def table(request: Request, frame: pl.DataFrame, kind: str) -> Response:
    """Return a table as CSV or Parquet."""
    if kind == CSV:
        return answer(request, frame.write_csv(float_precision=6).encode(), CSV)
    held = io.BytesIO()
    frame.write_parquet(held, compression="zstd", statistics=False)
    return answer(request, held.getvalue(), PARQUET)
