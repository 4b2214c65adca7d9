"""What the answers in JSON hold, as JSON Schema for the OpenAPI document."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
REAL: Shape = {"type": "number"}
YES: Shape = {"type": "boolean"}
ANY: Shape = {"type": "object"}


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def _list(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def _object(**fields: Shape) -> Shape:
    """Return an object that holds these fields always; it may hold others."""
    return {"type": "object", "required": sorted(fields), "properties": fields}


ATTRIBUTION = _object(
    derived_from=_list(TEXT), licence=_or_null(TEXT), licence_url=_or_null(TEXT), citations=_list(TEXT),
    releases=_list(TEXT),
)  # fmt: skip
_HEAD = {
    "as_of": TEXT, "origin": TEXT, "method": TEXT, "stale": YES, "releases": _list(TEXT), "basis": TEXT,
    "digest": TEXT, "attribution": ATTRIBUTION,
}  # fmt: skip
_PAGE = {"next": _or_null(TEXT)}
_ENTRY = _object(id=TEXT, type=TEXT, date=ANY, areas=_list(TEXT), text=TEXT, language=TEXT, author=TEXT)
_RECORDED = {"number": WHOLE, "recorded_at": TEXT, "exercise": YES, "entry": _ENTRY}
_MESSAGE = {"id": TEXT, "warning": TEXT, "act": TEXT, "rule": TEXT, "attribution": ATTRIBUTION}

FORECASTS = _object(**_HEAD, **_PAGE, rows=_list(_object(gw=WHOLE, iso3=TEXT, method=TEXT, step=WHOLE)))
DRAWS = _object(**_HEAD, area=TEXT, months=_list(TEXT), draws=_list(_list(REAL)))
AREAS = _object(
    **_HEAD,
    areas=_list(_object(gw=WHOLE, iso3=TEXT, name_en=TEXT, name_fr=TEXT, region=TEXT, assessed=YES)),
)
_WATCH = _object(
    as_of=TEXT, began_at=TEXT, kept_at=TEXT, on_its_day=YES, origin=TEXT, method=TEXT, digest=TEXT,
    on_record=_or_null(YES), entry=_or_null(TEXT), recorded_at=_or_null(TEXT),
)  # fmt: skip
ARCHIVE = _object(watches=_list(_WATCH), damaged=_list(TEXT), gone=_or_null(_list(TEXT)))
WARNINGS = _object(
    **_HEAD, **_PAGE, found=WHOLE, warnings=_list(_object(**_MESSAGE, group=TEXT, answers=WHOLE))
)
MESSAGES = _list(_object(**_MESSAGE))
WARNING = _object(**_HEAD, warning=TEXT, group=TEXT, messages=MESSAGES, answers=_list(_ENTRY))
LEDGER = _object(**_PAGE, found=WHOLE, entries=_list(_object(**_RECORDED)))
ENTRY = _object(**_RECORDED, corrected=YES)
GROWTH = _object(old=WHOLE, size=WHOLE, root=TEXT, proof=_list(TEXT), checkpoint=TEXT)
PROOF = _object(proof=ANY, checked=ANY, body=TEXT)
_RECORD = _object(rule=TEXT, method=TEXT, first=TEXT, until=TEXT, hits=WHOLE)
SCORES = _object(period=TEXT, windows=TEXT, skill=ANY, records=_list(_RECORD), attribution=ATTRIBUTION)
_PRICED = _object(name=TEXT, moments=_list(ANY), break_even=ANY, watching=_or_null(ANY), tornado=_list(ANY))
DECISION = _object(**_HEAD, decision=_object(options=_list(_PRICED)), decision_digest=TEXT)
WRITTEN = _object(id=TEXT, recorded=YES)
HEALTH: Shape = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["green", "red"]}, "reason": TEXT, "as_of": TEXT, "origin": TEXT,
        "data_age_days": WHOLE, "digest": TEXT, "languages": _list(TEXT),
    },
}  # fmt: skip
