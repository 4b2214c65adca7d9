"""GeoJSON (RFC 7946) of warnings: one point a warning, at the capital of its country."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tocsin.feeds.plain import attribution_of
from tocsin.text import LANGUAGES
from tocsin.warn import Message, word


def geojson(messages: Sequence[Message]) -> bytes:
    """Return the last message of each warning as a FeatureCollection in UTF-8, sorted by warning.

    The member `tocsin` says whose the data are. The point is the capital, in degrees of WGS84: a place to put
    a mark, not where violence is expected.
    """
    last = {message.warning: message for message in messages}
    features = [_feature(last[warning]) for warning in sorted(last)]
    whose = {"attribution": attribution_of(last.values()).to_dict()}
    whole = {"type": "FeatureCollection", "tocsin": whose, "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _feature(message: Message) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "message": message.id, "act": message.act, "status": message.status, "series": message.series,
        "rule": message.rule, "gw": message.gw, "iso3": message.iso3, "point": "capital",
        "window_first": message.first.isoformat(), "window_last": message.last.isoformat(),
        "deaths_needed": message.needed, "deaths_so_far": message.sofar, "kind": message.kind,
        "probability": message.probability, "probability_before": message.before,
        "base_rate": message.base_rate,
        "likelihood": None if message.probability is None else word(message.probability),
        "data_as_of": message.data_as_of.isoformat(), "exercise": message.exercise,
    }  # fmt: skip
    for language in LANGUAGES:
        properties[f"name_{language}"] = message.texts[language].area
        properties[f"headline_{language}"] = message.texts[language].headline
    return {
        "type": "Feature",
        "id": message.warning,
        "geometry": {"type": "Point", "coordinates": [round(message.lon, 5), round(message.lat, 5)]},
        "properties": properties,
    }
