"""CAP 1.2: one alert a message, with an info block for each language.

Source: OASIS, Common Alerting Protocol Version 1.2 (1 July 2010).
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from typing import Literal
from xml.etree import ElementTree as ET

from tocsin.errors import BadInput
from tocsin.feeds.plain import attribution_of
from tocsin.text import LANGUAGES, Language
from tocsin.warn import Message
from tocsin.warn.message import ENDS

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

SENDER = "tocsin"
"""Sender where TOCSIN_SENDER names none."""

_SENDER = re.compile(r"[^\s,<&]+")
_TAGS: dict[Language, str] = {"en": "en-GB", "fr": "fr-FR"}


def cap(message: Message) -> bytes:
    """Return a message as CAP 1.2 XML in UTF-8; BadInput if TOCSIN_SENDER cannot be a sender.

    An alert is an Alert, an update an Update, the end of a warning a Cancel; both refer to what went before.
    A withdrawal is a Cancel of the one message it takes back, and no all-clear.
    `status` is Actual only for what a named role has issued of today: drafts say Draft, reconstructions
    Exercise. The probability decides `certainty` (Likely above one half, Possible, Unlikely below 5 %).
    """
    alert = ET.Element("alert", {"xmlns": NAMESPACE})
    _add(alert, "identifier", message.id)
    _add(alert, "sender", sender())
    _add(alert, "sent", _time(message.sent))
    _add(alert, "status", _status(message))
    _add(alert, "msgType", _type(message))
    _add(alert, "source", f"Tocsin, {message.method}")
    _add(alert, "scope", "Public")
    _add(alert, "note", message.texts["en"].notice)
    told = [f"{sender()},{id},{_time(sent)}" for id, sent in message.references]
    _add(alert, "references", " ".join(told))
    _add(alert, "incidents", message.warning)
    for language in LANGUAGES:
        _add_info(alert, message, language)
    ET.indent(alert)
    return bytes(ET.tostring(alert, encoding="utf-8", xml_declaration=True)) + b"\n"


def sender() -> str:
    """Return the sender of alerts: TOCSIN_SENDER, else `tocsin`; BadInput if CAP cannot carry it."""
    chosen = os.environ.get("TOCSIN_SENDER") or SENDER
    if not _SENDER.fullmatch(chosen) or not chosen.isprintable():
        raise BadInput("feeds.sender", value=chosen[:80])
    return chosen


def _add_info(alert: ET.Element, message: Message, language: Language) -> None:
    said = message.texts[language]
    info = ET.SubElement(alert, "info")
    _add(info, "language", _TAGS[language])
    _add(info, "category", "Security")
    _add(info, "event", said.rule)
    _add(info, "responseType", _response(message))
    _add(info, "urgency", "Past" if message.act in ENDS else "Future")
    _add(info, "severity", message.severity)
    _add(info, "certainty", _certainty(message))
    _add(info, "effective", _time(message.sent))
    _add(info, "onset", f"{message.first.isoformat()}T00:00:00+00:00")
    _add(info, "expires", f"{message.last.isoformat()}T23:59:59+00:00")
    _add(info, "senderName", message.by or "Tocsin")
    _add(info, "headline", said.headline)
    _add(info, "description", "\n\n".join(said.paragraphs()))
    for name, value in _parameters(message):
        parameter = ET.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", said.area)
    for name, code in (("ISO 3166-1 alpha-3", message.iso3), ("Gleditsch-Ward", str(message.gw))):
        if code:
            geocode = ET.SubElement(area, "geocode")
            _add(geocode, "valueName", name)
            _add(geocode, "value", code)


def _parameters(message: Message) -> list[tuple[str, str]]:
    values: dict[str, object] = {
        "rule": message.rule, "kind": message.kind, "deaths-needed": message.needed,
        "deaths-so-far": message.sofar, "window-first": message.first.isoformat(),
        "window-last": message.last.isoformat(), "probability": _share(message.probability),
        "probability-before": _share(message.before), "base-rate": _share(message.base_rate),
        "trigger": _share(message.trigger), "act": message.act, "series": message.series,
        "data-as-of": message.data_as_of.isoformat(), "data-age-days": message.age, "method": message.method,
        "inputs-sha256": message.inputs, "message-sha256": message.digest,
    }  # fmt: skip
    whose = attribution_of([message])
    several: dict[str, Sequence[str]] = {
        "derived-from": whose.derived_from, "citation": whose.citations, "release": whose.releases,
    }  # fmt: skip
    values |= {"licence": whose.licence, "licence-url": whose.licence_url}
    told = [(name, str(value)) for name, value in values.items() if value is not None]
    told += [(name, value) for name, held in several.items() for value in held]
    return [(f"tocsin:{name}", value) for name, value in told]


def _status(message: Message) -> str:
    if message.exercise:
        return "Exercise"
    return "Actual" if message.status == "issued" else "Draft"


def _type(message: Message) -> str:
    if message.act == "alert":
        return "Alert"
    return "Update" if message.act == "update" else "Cancel"


def _response(message: Message) -> Literal["AllClear", "Assess", "None"]:
    if message.act == "withdraw":
        return "None"
    return "AllClear" if message.act in ENDS else "Assess"


def _certainty(message: Message) -> Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]:
    if message.act == "came_true":
        return "Observed"
    if message.probability is None:
        return "Unknown"
    if message.probability > 0.5:
        return "Likely"
    return "Possible" if message.probability >= 0.05 else "Unlikely"


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _time(stamp: str) -> str:
    """Return a time as CAP writes it: whole seconds, a numeric offset, never Z."""
    moment = dt.datetime.fromisoformat(stamp).astimezone(dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def _add(parent: ET.Element, name: str, text: str) -> None:
    if text:
        ET.SubElement(parent, name).text = text
