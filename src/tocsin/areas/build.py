"""The command that derives the tables this room ships: `python -m tocsin.areas.build SOURCE TOPOLOGY OUT`.

SOURCE is a folder with the source tables named in `data/SOURCES.md`, TOPOLOGY the `countries-50m.json` of
world-atlas 2.0.2. What no source holds stands in `data/hand`, one reason a row.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from babel.core import get_global

from tocsin.areas.names import fold, without_brackets
from tocsin.areas.tables import hand, months_held
from tocsin.areas.topology import shared_borders
from tocsin.errors import BadFile

Row = dict[str, str]

OPEN_END = "2050"
NO_ISO3 = {"347": "XKX"}
VATICAN = {
    "gwcode": "327", "isonum": "336", "isoab": "VAT", "name": "Vatican City", "isoname": "Holy See",
    "capname": "Vatican City", "caplong": "12.453", "caplat": "41.903",
    "gwsyear": "1946", "gwsmonth": "1", "gwsday": "1", "gweyear": OPEN_END, "gwemonth": "12", "gweday": "30",
    "country_id": "",
}  # fmt: skip

# Polygons without an ISO number, or whose land belongs to another unit here.
POLYGONS: dict[str, str | None] = {
    "Kosovo": "XKX",
    "Somaliland": "SOM",
    "N. Cyprus": "CYP",
    "Siachen Glacier": "IND",
    "Indian Ocean Ter.": None,
    "Hong Kong": "CHN",
    "Macao": "CHN",
    "Palestine": "PSE",
    "W. Sahara": "ESH",
    # The borders of the two parts of each stand in hand/borders.csv.
    "Germany": None,
    "Yemen": None,
}

# Factbook files whose `name` is missing, cut short or not the name of a state here.
FACTBOOK = {
    "africa/ct.json": "CAF",
    "africa/wi.json": "ESH",
    "africa/wz.json": "SWZ",
    "australia-oceania/fm.json": "FSM",
    "central-america-n-caribbean/dr.json": "DOM",
    "europe/ez.json": "CZE",
    "europe/kv.json": "XKX",
    "europe/vt.json": "VAT",
    "middle-east/ae.json": "ARE",
    "middle-east/gz.json": "PSE",
    "middle-east/we.json": "PSE",
}
# The GW-year file gives the Palestinian territories a code of their own.
TERRITORY_OF_CODE = {"699": "PSE"}
FACTBOOK_YEAR = "2025"


def build(source: Path, topology: Path, out: Path) -> None:
    """Write every table of the room into the folder `out`; see `build_states` and `build_borders`."""
    build_states(source, out)
    build_borders(topology, out)


def build_states(source: Path, out: Path) -> None:
    """Write countries.csv, views_ids.csv, holdings.csv, units.csv and population.csv into `out`.

    `source` holds geo/views_countries.csv, ucdp/organizedviolencecy_v25_1_to_2021.csv,
    covariates/gw_year_gdp_population_polyarchy_1980_2021.csv (population in millions) and
    covariates/factbook_area_population_2026.csv. Raises BadFile when a Factbook row fits no territory.
    """
    rows = _read(source / "geo" / "views_countries.csv")
    ucdp = {
        row["country_id_cy"]: row for row in _read(source / "ucdp" / "organizedviolencecy_v25_1_to_2021.csv")
    }
    states = _states([*rows, VATICAN], ucdp)
    holdings = _holdings(states)
    units = _units(holdings)
    factbook = _factbook(source / "covariates" / "factbook_area_population_2026.csv", states, units)
    for unit in units:
        if not unit["area_km2"]:
            unit["area_km2"] = _plain(factbook[unit["territory"]][0])
    _write(out / "countries.csv", states)
    _write(out / "views_ids.csv", _views_ids(rows))
    _write(out / "holdings.csv", holdings)
    _write(out / "units.csv", units)
    years = _read(source / "covariates" / "gw_year_gdp_population_polyarchy_1980_2021.csv")
    _write(out / "population.csv", _population(years, holdings, units, factbook))


def build_borders(topology: Path, out: Path) -> None:
    """Write borders.csv, the pairs of units that share a land border, into `out`.

    Somaliland counts as Somalia, Northern Cyprus as Cyprus, the Siachen Glacier as India, Hong Kong and Macao
    as China; dependencies make no pair. hand/borders.csv adds and drops pairs, with the reason.
    """
    iso3_of = {row["iso2"]: row["iso3"] for row in _read(out / "countries.csv") if not row["end"]}
    alpha2_of = {
        code: alpha2[0] for code, alpha2 in get_global("territory_aliases").items() if code.isdigit()
    }

    def unit_of(geometry: Mapping[str, object]) -> str | None:
        properties = geometry["properties"]
        assert isinstance(properties, dict)
        if properties["name"] in POLYGONS:
            return POLYGONS[properties["name"]]
        return iso3_of.get(alpha2_of.get(str(geometry.get("id")), ""))

    pairs = shared_borders(json.loads(topology.read_text(encoding="utf-8")), "countries", unit_of)
    sources = dict.fromkeys(pairs, "world-atlas")
    for row in hand("borders"):
        pair = (row["a"], row["b"])
        if row["action"] == "drop":
            del sources[pair]
        else:
            sources[pair] = "hand"
    _write(out / "borders.csv", [{"a": a, "b": b, "source": sources[a, b]} for a, b in sorted(sources)])


def _states(rows: Iterable[Row], ucdp: Mapping[str, Row]) -> list[Row]:
    """Merge the source's rows into one record per Gleditsch-Ward code and M49 code."""
    merged: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        merged.setdefault((int(row["gwcode"]), int(row["isonum"])), []).append(row)
    by_hand = {(int(row["gw"]), int(row["m49"] or 0)): row for row in hand("records")}
    alpha2 = get_global("territory_aliases")
    states = []
    for (gw, m49), group in merged.items():
        group.sort(key=_start)
        last = group[-1]
        told = by_hand.pop((gw, m49), {})
        end = "" if last["gweyear"] == OPEN_END else _end(last)
        ucdp_id = "345" if gw == 340 else str(gw)
        seen = ucdp[ucdp_id]
        iso2 = "XK" if gw == 347 else "" if end and told.get("en") else alpha2[last["isoab"]][0]
        aliases = [row[field] for row in group for field in ("name", "isoname")] + [seen["country_cy"]]
        states.append(
            {
                "gw": str(gw),
                "start": told.get("start") or _start(group[0]),
                "end": end,
                "iso3": last["isoab"],
                "iso2": iso2,
                "m49": str(m49 or ""),
                "ucdp_id": ucdp_id,
                "region": seen["region_cy"],
                "capital": told.get("capital") or last["capname"],
                "capital_lon": last["caplong"],
                "capital_lat": last["caplat"],
                "name_en": told.get("en", ""),
                "name_fr": told.get("fr", ""),
                "aliases": "|".join(sorted({*filter(None, aliases), *_split(told.get("aliases", ""))})),
            }
        )
    if by_hand:
        raise BadFile("areas.hand_unused", file="hand/records.csv", rows=", ".join(map(str, by_hand)))
    return sorted(states, key=lambda row: (int(row["gw"]), row["start"]))


def _views_ids(rows: Iterable[Row]) -> list[Row]:
    """Return the months at whose end each VIEWS id holds; ids that hold at no month's end are left out."""
    found = []
    for row in rows:
        end = None if row["gweyear"] == OPEN_END else dt.date.fromisoformat(_end(row))
        first, last = months_held(dt.date.fromisoformat(_start(row)), end)
        if last is None or first <= last:
            found.append(
                {
                    "id": row["country_id"],
                    "gw": row["gwcode"],
                    "first": str(first),
                    "last": "" if last is None else str(last),
                    "in_challenge": str(int(row["in_challenge_191"] == "True")),
                }
            )
    return sorted(found, key=lambda row: int(row["id"]))


def _holdings(states: Iterable[Row]) -> list[Row]:
    """Return who held which unit when: each of today's states its own land, and the rows told by hand."""
    spans: dict[str, list[str]] = {}
    for row in states:
        spans.setdefault(row["gw"], []).append(row["start"])
    told = hand("holdings")
    covered = {(row["unit"], row["gw"]) for row in told}
    split = {row["territory"] for row in hand("units")} - {row["unit"] for row in hand("units")}
    held = [
        {"unit": unit, "gw": row["gw"], "start": min(spans[row["gw"]]), "end": ""}
        for row in states
        if not row["end"]
        and (unit := row["iso3"] or NO_ISO3[row["gw"]]) not in split
        and (unit, row["gw"]) not in covered
    ]
    for row in told:
        held.append({**row, "start": row["start"] or min(spans[row["gw"]])})
    return sorted(held, key=lambda row: (row["unit"], row["start"]))


def _units(holdings: Iterable[Row]) -> list[Row]:
    told = {row["unit"]: row for row in hand("units")}
    units = []
    for unit in sorted({row["unit"] for row in holdings}):
        row = told.get(unit, {})
        units.append(
            {"unit": unit, "territory": row.get("territory", unit), "area_km2": row.get("area_km2", "")}
        )
    return units


def _factbook(path: Path, states: Iterable[Row], units: Iterable[Row]) -> dict[str, tuple[float, int]]:
    """Return area in km2 and population by territory."""
    by_name: dict[str, str] = {}
    for row in states:
        if not row["end"]:
            own = row["iso3"] or NO_ISO3[row["gw"]]
            by_name |= {fold(name): own for name in _split(row["aliases"])}
    found: dict[str, tuple[float, int]] = {}
    for row in _read(path):
        name = fold(without_brackets(html.unescape(row["name"])))
        code = FACTBOOK.get(row["file"]) or by_name.get(name)
        if code is not None and row["area_text"]:
            area, people = found.get(code, (0.0, 0))
            found[code] = (area + _square_km(row["area_text"]), people + round(float(row["population"] or 0)))
    missing = sorted({row["territory"] for row in units} - set(found))
    if missing:
        raise BadFile("areas.factbook_incomplete", file=path.name, missing=", ".join(missing))
    return found


def _population(
    years: Iterable[Row],
    holdings: Iterable[Row],
    units: Iterable[Row],
    factbook: Mapping[str, tuple[float, int]],
) -> list[Row]:
    """Return persons by territory and year; the Factbook's estimate stands as the last row of each."""
    territory = {row["unit"]: row["territory"] for row in units}
    code_of = {row["gw"]: territory[row["unit"]] for row in holdings if not row["end"]}
    code_of |= {"260": "DEU", "678": "YEM", "600": "MAR", "666": "ISR"} | TERRITORY_OF_CODE
    rows = [
        {
            "territory": code_of[gw],
            "year": str(int(float(row["year"]))),
            "persons": str(round(float(row["population"]) * 1_000_000)),
            "source": "gw_year",
        }
        for row in years
        if row["population"] and (gw := str(int(float(row["gwcode"])))) in code_of
    ]
    rows += [
        {"territory": code, "year": FACTBOOK_YEAR, "persons": str(factbook[code][1]), "source": "factbook"}
        for code in set(territory.values())
    ]
    return sorted(rows, key=lambda row: (row["territory"], int(row["year"])))


def _square_km(text: str) -> float:
    """Return the first number of a Factbook area, some of which are written in millions."""
    found = re.search(r"([\d,.]+)\s*(million)?\s*sq", text)
    if not found:
        raise BadFile("areas.factbook_area", value=text)
    return float(found[1].replace(",", "")) * (1_000_000 if found[2] else 1)


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _start(row: Row) -> str:
    return dt.date(int(row["gwsyear"]), int(row["gwsmonth"]), int(row["gwsday"])).isoformat()


def _end(row: Row) -> str:
    return dt.date(int(row["gweyear"]), int(row["gwemonth"]), int(row["gweday"])).isoformat()


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    build(*(Path(argument) for argument in sys.argv[1:4]))
