"""Kinds of text in an entry, each held to what can be shown, searched and hashed alike everywhere."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from tocsin.ledger.entries.refusal import Refused

LINE_LIMIT = 500
"""Longest name or title, in characters."""

TEXT_LIMIT = 65_536
"""Longest text, in bytes of UTF-8."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,118}[a-z0-9])?")
RESERVED_IDS = frozenset({"add", "checkpoint", "verify"})
"""What stands in the place of an id in an address of the pages or the API: no entry is called so."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_URL = re.compile(r"https?://[^\s<>\"]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")

# Overrides and isolates of text direction can make a sentence read otherwise than it is stored; halves of a
# surrogate pair have no UTF-8 form.
_HIDDEN = "\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff"
_NOT_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_HIDDEN}]")
_NOT_IN_PROSE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_HIDDEN}]")
# Marks of direction without a span, other signs that only steer, tags, and what is no character. Not U+200C
# and U+200D, without which some scripts cannot be written.
_STEERING = re.compile("[\u061c\u200e\u200f\u206a-\u206f\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]")

RECORDED = "recorded"
"""Validation context of an entry that is read back: signs refused only later do not hide it."""


def clean(text: str, *, lines: bool, recorded: bool = False) -> str:
    """Return `text` in Unicode form NFC, trimmed; Refused where it holds what cannot be shown.

    lines: whether it may have several. recorded: whether it was taken in before.
    """
    found = (_NOT_IN_PROSE if lines else _NOT_IN_LINE).search(text)
    if found is None and not recorded:
        found = _STEERING.search(text)
    if found is not None:
        raise Refused("ledger.bad.control", code=f"U+{ord(found[0]):04X}", position=found.start() + 1)
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise Refused("ledger.bad.blank")
    return text


def is_id(text: str) -> bool:
    """Return whether a text is of the form of an entry's id."""
    return _ID.fullmatch(text) is not None


def _line(text: str, info: ValidationInfo) -> str:
    text = clean(text, lines=False, recorded=info.context == RECORDED)
    if len(text) > LINE_LIMIT:
        raise Refused("ledger.bad.long_line", length=len(text), limit=LINE_LIMIT)
    return text


def _prose(text: str, info: ValidationInfo) -> str:
    # Measured before anything else is done with it: a text of many megabytes is not worth walking through.
    if len(text) > TEXT_LIMIT or len(text.encode("utf-8", "surrogatepass")) > TEXT_LIMIT:
        size = len(text.encode("utf-8", "surrogatepass"))
        raise Refused("ledger.bad.long_text", size=size, limit=TEXT_LIMIT)
    return clean(text.replace("\r\n", "\n"), lines=True, recorded=info.context == RECORDED)


def _matching(pattern: re.Pattern[str], key: str) -> Any:
    def check(text: str) -> str:
        if not pattern.fullmatch(text) or len(text) > 2_000:
            raise Refused(key)
        return text

    return AfterValidator(check)


def _day(value: Any) -> Any:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise Refused("ledger.bad.day")


Line = Annotated[
    str, AfterValidator(_line), Field(json_schema_extra={"minLength": 1, "maxLength": LINE_LIMIT})
]
Prose = Annotated[
    str, AfterValidator(_prose), Field(json_schema_extra={"minLength": 1, "maxLength": TEXT_LIMIT})
]
EntryId = Annotated[
    str, _matching(_ID, "ledger.bad.id"), Field(json_schema_extra={"pattern": f"^{_ID.pattern}$"})
]
LanguageTag = Annotated[
    str,
    _matching(_LANGUAGE, "ledger.bad.language"),
    Field(json_schema_extra={"pattern": f"^{_LANGUAGE.pattern}$"}),
]
Url = Annotated[str, _matching(_URL, "ledger.bad.url"), Field(json_schema_extra={"format": "uri"})]
Digest = Annotated[
    str, _matching(_DIGEST, "ledger.bad.digest"), Field(json_schema_extra={"pattern": f"^{_DIGEST.pattern}$"})
]
Currency = Annotated[
    str,
    _matching(_CURRENCY, "ledger.bad.currency"),
    Field(json_schema_extra={"pattern": f"^{_CURRENCY.pattern}$"}),
]
Day = Annotated[dt.date, BeforeValidator(_day)]
