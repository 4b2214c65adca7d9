"""Files that pages ask for: styles, scripts, the chart library."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.errors import UnknownName
from tocsin.web.assets import asset

router = APIRouter(include_in_schema=False)

FOR_GOOD = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"

GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
"""A coding that may be sent; with the weight 0 it may not."""


@router.get("/static/{name}")
def send(request: Request, name: str) -> Response:
    """Return a file, to be kept for good where its address names its content."""
    try:
        found = asset(name)
    except KeyError:
        raise UnknownName("web.no_page", path=f"/static/{name}"[:80]) from None
    tag = f'"{found.digest[:32]}"'
    # Weak, for packed or not it is the same file in other bytes.
    headers = {
        "ETag": f"W/{tag}", "Vary": "Accept-Encoding",
        "Cache-Control": FOR_GOOD if request.url.query == found.digest[:12] else AN_HOUR,
    }  # fmt: skip
    held = request.headers.get("if-none-match", "")
    if tag in held or held.strip() == "*":
        return Response(status_code=304, headers=headers)
    body = found.body
    if GZIP.search(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(body, media_type=found.media, headers=headers)
