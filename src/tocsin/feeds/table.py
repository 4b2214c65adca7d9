"""Warnings as CSV with a second row of HXL tags: one row a message."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from tocsin.files import inert
from tocsin.text import Language
from tocsin.warn import Message, likelihood

COLUMNS: dict[str, tuple[str, Callable[[Message], object]]] = {
    "message": ("#meta+id", lambda m: m.id),
    "warning": ("#event+id", lambda m: m.warning),
    "act": ("#event+type", lambda m: m.act),
    "status": ("#status", lambda m: m.status),
    "series": ("#meta+series", lambda m: m.series),
    "gw": ("#country+code+v_gw", lambda m: m.gw),
    "iso3": ("#country+code+v_iso3", lambda m: m.iso3),
    "name_en": ("#country+name+i_en", lambda m: m.texts["en"].area),
    "name_fr": ("#country+name+i_fr", lambda m: m.texts["fr"].area),
    "rule": ("#indicator+code", lambda m: m.rule),
    "kind": ("#indicator+kind", lambda m: m.kind),
    "window_first": ("#date+start", lambda m: m.first.isoformat()),
    "window_last": ("#date+end", lambda m: m.last.isoformat()),
    "deaths_needed": ("#affected+killed+threshold", lambda m: m.needed),
    "deaths_so_far": ("#affected+killed", lambda m: m.sofar),
    "probability": ("#indicator+probability+num", lambda m: m.probability),
    "probability_before": ("#indicator+probability+previous+num", lambda m: m.before),
    "base_rate": ("#indicator+probability+base+num", lambda m: m.base_rate),
    "trigger": ("#indicator+probability+trigger+num", lambda m: m.trigger),
    "likelihood_en": ("#indicator+likelihood+i_en", lambda m: _word(m, "en")),
    "likelihood_fr": ("#indicator+likelihood+i_fr", lambda m: _word(m, "fr")),
    "confidence": ("#indicator+confidence", lambda m: m.confidence),
    "headline_en": ("#description+i_en", lambda m: m.texts["en"].headline),
    "headline_fr": ("#description+i_fr", lambda m: m.texts["fr"].headline),
    "issued_at": ("#date+issued", lambda m: m.issued_at),
    "issued_by": ("#org+issuer", lambda m: m.by),
    "data_as_of": ("#date+data", lambda m: m.data_as_of.isoformat()),
    "data_age_days": ("#date+data+age+num", lambda m: m.age),
    "method": ("#meta+method", lambda m: m.method),
    "inputs_sha256": ("#meta+digest", lambda m: m.inputs),
}
"""Columns in order: the HXL tag of each, and what it holds."""


def table(messages: Sequence[Message]) -> bytes:
    """Return messages as CSV in UTF-8: header, HXL tags, a row a message; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(tag for tag, _ in COLUMNS.values())
    for message in messages:
        writer.writerow(_cell(take(message)) for _, take in COLUMNS.values())
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return inert(value)
    return round(value, 4) if isinstance(value, float) else value


def _word(message: Message, language: Language) -> str | None:
    return None if message.probability is None else likelihood(message.probability, language)
