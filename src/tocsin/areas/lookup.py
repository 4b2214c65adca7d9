"""Finding states: by code, by name, by the ids of UCDP and VIEWS, all by month."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from tocsin import months
from tocsin.areas.names import closest, fold, without_brackets
from tocsin.areas.state import Country, ViewsId
from tocsin.areas.tables import countries_table, holdings_table
from tocsin.errors import UnknownName
from tocsin.text import LANGUAGES, Language

Key = TypeVar("Key", int, str)

# The larger part of a divided territory answers to the code of the whole, the part to its own former code.
_UNIT_OF_CODE = {"DEU": "DEW", "DDR": "DEE", "YEM": "YEN", "YMD": "YES"}

# UCDP, VIEWS and ISO 3166 call Congo-Brazzaville "Congo"; who types it may as well mean the DR Congo.
_SHARED = {"congo": (484, 490)}

# Territories without a Gleditsch-Ward code, and the state in whose figures the sources count them.
_COUNTED_WITH = {
    fold(name): gw
    for gw, names in {
        352: ("Northern Cyprus", "Chypre du Nord"),
        520: ("Somaliland",),
        600: ("Western Sahara", "Sahara occidental", "ESH"),
        666: (
            "Palestine", "State of Palestine", "Palestinian territories", "Gaza", "Gaza Strip", "West Bank",
            "État de Palestine", "Territoires palestiniens", "Bande de Gaza", "Cisjordanie", "PSE",
        ),
    }.items()
    for name in names
}  # fmt: skip

_M49_OF_TERRITORIES = {275: "PSE", 732: "ESH"}

_SUGGESTED = 3

DIGITS = 20
"""Digits beyond which a number is no code: Python reads none of thousands, nor does anyone in a message."""


def countries(*, month: int | None = None) -> tuple[Country, ...]:
    """Return the states that exist at the end of `month` (every record, past ones too, when None).

    Sorted by Gleditsch-Ward code, then by first day. At one month a code occurs once and no land is in two
    states, so that sums over them count nothing twice.
    """
    if month is None:
        return countries_table()
    return tuple(_at(month).values())


def country(code: int | str, *, month: int | None = None) -> Country:
    """Return one state by Gleditsch-Ward code, ISO 3166 alpha-3 code, or name in English or French.

    With `month`, the state of that name at the end of the month, else the one with the same Gleditsch-Ward
    code then (Germany in 1985 is West Germany); without, the latest record of that name or code. Case,
    accents, punctuation and what stands in brackets do not matter; names used by UCDP and VIEWS are known,
    but "Congo" alone is not taken: two states go by it.
    Raises UnknownName with the closest names, with the states that share the name, with the state a
    territory is counted with, or, where the state did not exist in the month, with the months in which it
    did; BadInput for a code that is neither whole number nor text.
    """
    if isinstance(code, str) and code.strip().isdecimal():
        if len(code.strip()) > DIGITS:
            raise UnknownName("areas.unknown_gw", value=f"{code.strip()[:DIGITS]}…")
        code = int(code)
    if not isinstance(code, str):
        code = months.whole(code, "code")
        found = _by_gw().get(code, ())
        if not found:
            raise UnknownName("areas.unknown_gw", value=code)
    else:
        key = next((k for k in (fold(code), fold(without_brackets(code))) if k in _by_text()), "")
        if key in _SHARED:
            meant = (_by_gw()[gw][-1] for gw in _SHARED[key])
            told = ", ".join(f"{state.name()} ({_code(state)})" for state in meant)
            raise UnknownName("areas.shared_name", value=code, choices=told)
        found = _by_text().get(key, ())
        if not found:
            if gw := _COUNTED_WITH.get(fold(code)):
                holder = _by_gw()[gw][-1].name()
                raise UnknownName("areas.counted_with", value=code, holder=holder, gw=gw)
            near = _suggested(code)
            if near:
                raise UnknownName("areas.unknown_name", value=code, choices=", ".join(near))
            raise UnknownName("areas.unknown_name_far", value=code)
    return _existing(found, month)


def name_then(gw: int, month: int, language: Language | None = None) -> str:
    """Return what a state was called in a month, or is called where there was none such then.

    language: the current one when None. UnknownName for a code that is none.
    """
    try:
        return country(gw, month=month).name(language)
    except UnknownName:
        return country(gw).name(language)


def by_views_id(id: int, *, month: int | None = None) -> Country:
    """Return the state of a VIEWS `country_id`.

    With `month`, the id must hold at its end; without, the id alone decides (tables that use today's ids for
    past months). Raises UnknownName otherwise. Ids that hold at no month's end (248, 249, 251, 254 and 255,
    days of the Soviet Union's end) are not held.
    """
    if id not in _by_views():
        raise UnknownName("areas.unknown_views_id", value=id)
    state, views = _by_views()[id]
    if month is None or month in views:
        return state
    told = {"value": id, "name": state.name(), "month": months.label(month)}
    if month < views.first:
        raise UnknownName("areas.views_id_not_yet", first=months.label(views.first), **told)
    raise UnknownName("areas.views_id_no_longer", last=months.label(views.last or month), **told)


def views_id(gw: int, *, month: int) -> int:
    """Return the VIEWS `country_id` of a state at the end of a month.

    Raises UnknownName where the state does not exist then, or VIEWS has no id for it (Vatican City).
    """
    state = country(gw, month=month)
    found = state.views_id(month)
    if found is None:
        raise UnknownName("areas.no_views_id", name=state.name(), month=months.label(month))
    return found


def by_ucdp_id(id: int, *, month: int) -> Country:
    """Return the state that held, at the end of a month, the land UCDP files under a country id.

    UCDP's ids are Gleditsch-Ward codes, except that Serbia stays 345 after 2006. Land that was no state yet
    (Namibia in 1989) goes to the state that held it (South Africa), as in VIEWS.
    Raises UnknownName for an id UCDP does not use, or land that no state here held then.
    """
    found = _by_ucdp().get(id)
    if not found:
        raise UnknownName("areas.unknown_ucdp_id", value=id)
    return _existing_or_holder(found, month)


def by_iso3(iso3: str, *, month: int) -> Country:
    """Return the state that held, at the end of a month, the land of an ISO 3166 alpha-3 code.

    SRB in 1995 is Serbia and Montenegro, UKR in 1989 the Soviet Union. Former codes (YUG, SUN, CSK, DDR, YMD,
    SCG) hold while their state existed. XKX, not an ISO code but the usual one, is Kosovo.
    Raises UnknownName for an unknown code, or land that no state here held then.
    """
    found = _by_code().get(str(iso3).strip().upper())
    if not found:
        raise UnknownName("areas.unknown_iso3", value=iso3)
    return _existing_or_holder(found, month)


def counted_in(code: int | str, *, month: int) -> Country:
    """Return the state in whose figures UCDP counts, in a month, the land of an ISO 3166 or M49 code.

    code: alpha-3 as for `by_iso3`, or the number. PSE is counted in Israel, ESH in Morocco, and what no
    state was yet in the state that held it. UnknownName for the code of another territory, or of none.
    """
    if isinstance(code, int):
        iso3 = _M49_OF_TERRITORIES.get(code) or _iso3_of_m49().get(code)
        if iso3 is None:
            raise UnknownName("areas.unknown_m49", value=code)
        code = iso3
    gw = _COUNTED_WITH.get(fold(code)) if len(code) == 3 else None
    return by_iso3(code, month=month) if gw is None else _existing(_by_gw()[gw], month)


@cache
def held(month: int) -> dict[str, int]:
    """Return the Gleditsch-Ward code of the state that held each unit of land at the end of a month."""
    day = months.last_day(month)
    return {h.unit: h.gw for h in holdings_table() if h.covers(day)}


@cache
def _existing_or_holder(found: tuple[Country, ...], month: int) -> Country:
    existing = [state for state in found if state.exists(month)]
    if existing:
        return existing[-1]
    holder = _holder(found[-1], month)
    if holder is None:
        raise _not_then(found[-1], month)
    return holder


def _existing(found: tuple[Country, ...], month: int | None) -> Country:
    if month is None:
        return found[-1]
    existing = [state for state in found if state.exists(month)]
    if existing:
        return existing[-1]
    same_code = _at(month).get(found[-1].gw)
    if same_code is None:
        raise _not_then(found[-1], month)
    return same_code


def _suggested(written: str) -> list[str]:
    """Return, in the current language, the names of the states that what was written is closest to."""
    spelt = {
        text: state
        for state in countries_table()
        for text in (*(state.name(language) for language in LANGUAGES), *state.aliases)
    }
    near = closest(written, spelt, count=4 * _SUGGESTED)
    by_code: dict[int, str] = {}
    for name in near:
        by_code.setdefault(spelt[name].gw, spelt[name].name())
    return list(by_code.values())[:_SUGGESTED]


def _holder(state: Country, month: int) -> Country | None:
    """Return the state that holds the land of `state` in a month; None where that is several units."""
    code = _code(state)
    gw = held(month).get(_UNIT_OF_CODE.get(code, code))
    return None if gw is None else _at(month)[gw]


def _not_then(state: Country, month: int) -> UnknownName:
    told: dict[str, object] = {"name": state.name(), "month": months.label(month)}
    if state.end is not None and state.end < months.last_day(month):
        key, told["end"] = "areas.no_longer", state.end.isoformat()
    else:
        key, told["start"] = "areas.not_yet", state.start.isoformat()
    holder = _holder(state, month)
    if holder is None:
        return UnknownName(key, **told)
    return UnknownName(f"{key}_held", holder=holder.name(), gw=holder.gw, **told)


def _code(state: Country) -> str:
    return state.iso3 or "XKX"


@cache
def _at(month: int) -> dict[int, Country]:
    return {state.gw: state for state in countries_table() if state.exists(month)}


@cache
def _iso3_of_m49() -> dict[int, str]:
    return {state.m49: state.iso3 for state in countries_table() if state.m49 and state.iso3}


@cache
def _by_gw() -> dict[int, tuple[Country, ...]]:
    return _grouped((state.gw, state) for state in countries_table())


@cache
def _by_ucdp() -> dict[int, tuple[Country, ...]]:
    return _grouped((state.ucdp_id, state) for state in countries_table())


@cache
def _by_code() -> dict[str, tuple[Country, ...]]:
    return _grouped((_code(state), state) for state in countries_table())


@cache
def _by_text() -> dict[str, tuple[Country, ...]]:
    return _grouped(
        (key, state)
        for state in countries_table()
        for key in {
            fold(text)
            for text in (*(state.name(language) for language in LANGUAGES), _code(state), *state.aliases)
        }
    )


@cache
def _by_views() -> dict[int, tuple[Country, ViewsId]]:
    return {views.id: (state, views) for state in countries_table() for views in state.views_ids}


def _grouped(pairs: Iterable[tuple[Key, Country]]) -> dict[Key, tuple[Country, ...]]:
    """Return the records under each key, the latest last."""
    table: dict[Key, list[Country]] = {}
    for key, state in pairs:
        table.setdefault(key, []).append(state)
    return {key: tuple(sorted(states, key=lambda s: s.start)) for key, states in table.items()}
