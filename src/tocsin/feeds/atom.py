"""An Atom feed (RFC 4287) of warnings: one entry a warning, which its later messages update."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from tocsin.feeds.cap import sender
from tocsin.feeds.plain import attribution_of
from tocsin.panel import released
from tocsin.text import Language, say
from tocsin.warn import Message

NAMESPACE = "http://www.w3.org/2005/Atom"

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tocsin:warnings")
_NEVER = "1970-01-01T00:00:00Z"


def atom(messages: Sequence[Message], language: Language, *, alerts: str = "cap/") -> bytes:
    """Return the feed of messages (oldest first) in one language, newest warning first, as XML in UTF-8.

    alerts: where the CAP files lie, as seen from the feed.
    The id of an entry is that of its warning and never changes; `updated` is the time of its last message,
    `published` that of its first, be it here or referred to.
    """
    feed = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": language})
    last: dict[str, Message] = {}
    first: dict[str, str] = {}
    for message in messages:
        first.setdefault(message.warning, message.references[0][1] if message.references else message.sent)
        last[message.warning] = message
    newest = sorted(last.values(), key=lambda m: (_time(m.sent), m.id), reverse=True)
    _add(feed, "id", _id(f"feed:{sender()}:{language}"))
    _add(feed, "title", say("feeds.title", language))
    _add(feed, "updated", _time(newest[0].sent) if newest else _NEVER)
    author = ET.SubElement(feed, "author")
    _add(author, "name", sender())
    _add(feed, "generator", "Tocsin")
    _add_rights(feed, newest, language)
    for message in newest:
        said = message.text(language)
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", _id(message.warning))
        _add(entry, "title", said.headline)
        _add(entry, "updated", _time(message.sent))
        _add(entry, "published", _time(first[message.warning]))
        ET.SubElement(entry, "category", {"term": message.rule, "label": said.rule})
        ET.SubElement(entry, "category", {"term": message.iso3 or f"GW{message.gw}", "label": said.area})
        ET.SubElement(
            entry,
            "link",
            {"rel": "alternate", "type": "application/cap+xml", "href": f"{alerts}{message.id}.xml"},
        )
        _add(entry, "summary", said.question)
        content = ET.SubElement(entry, "content", {"type": "text"})
        content.text = "\n\n".join(said.paragraphs())
        _add_rights(entry, [message], language)
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_rights(parent: ET.Element, messages: Sequence[Message], language: Language) -> None:
    """Add whose the data are, as text and, where one licence holds for all, as a link (RFC 4946)."""
    whose = attribution_of(messages)
    if whose.licence_url is not None:
        ET.SubElement(parent, "link", {"rel": "license", "href": whose.licence_url})
    if whose.releases:
        told = {
            "releases": released(whose.releases, language), "publishers": ", ".join(whose.derived_from),
            "licence": whose.licence, "url": whose.licence_url, "citations": " ".join(whose.citations),
        }  # fmt: skip
        key = "feeds.rights_unknown" if whose.licence is None else "feeds.rights"
        _add(parent, "rights", say(key, language, **told))


def _id(name: str) -> str:
    return uuid.uuid5(_SPACE, name).urn


def _time(stamp: str) -> str:
    moment = dt.datetime.fromisoformat(stamp).astimezone(dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
