"""Files as HDX and ACLED lay them out, with rows made up for the tests."""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path

HDX = (
    "location_code,has_hrp,in_gho,provider_admin1_name,provider_admin2_name,admin1_code,admin1_name,"
    "admin2_code,admin2_name,admin_level,event_type,events,fatalities,reference_period_start,"
    "reference_period_end,dataset_hdx_id,resource_hdx_id,warning,error"
)
TAGS = (
    "#country+code,#meta+has_hrp,#meta+in_gho,#adm1+name+provider,#adm2+name+provider,#adm1+code,#adm1+name,"
    "#adm2+code,#adm2+name,#adm+level,#event+type,#indicator+event+num,#affected+killed,#date+start,#date+end,"
    "#meta+dataset_id,#meta+resource_id,#meta+warning,#meta+error"
)
ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,"
    "admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,notes,fatalities,"
    "tags,timestamp"
)
PERSON = "A. Person, journalist"
"""Stands in every note: no row of a file may be found in what is kept."""


def hdx_row(
    code: str, month: str, events: int | str, deaths: int | str, *, sort: str = "political_violence",
    district: str = "",
) -> str:  # fmt: skip
    """Return one row: of a country, or of a `district` of it."""
    year, number = map(int, month.split("-"))
    last = calendar.monthrange(year, number)[1]
    level = 2 if district else 0
    return (
        f"{code},N,N,{district},{district},,,,,{level},{sort},{events},{deaths},{month}-01,{month}-{last:02},"
        "a,b,,"
    )


def hdx(path: Path, rows: Iterable[str], *, header: str = HDX) -> Path:
    """Write a year's file of HDX, with its mark of UTF-8 and its row of hashtags."""
    path.write_text("\ufeff" + "\n".join([header, TAGS, *rows]) + "\n", encoding="utf-8")
    return path


def event(
    id: str, day: str, deaths: int | str, *, kind: str = "Battles", sub: str = "Armed clash",
    iso: int | str = 466, country: str = "Mali", changed: str = "2021-04-20",
) -> dict[str, str]:  # fmt: skip
    """Return one event of ACLED; changed: the day of its last change."""
    stamp = int(dt.datetime.fromisoformat(changed).replace(tzinfo=dt.UTC).timestamp())
    held = dict.fromkeys(ACLED.split(","), "")
    return held | {
        "event_id_cnty": id, "event_date": day, "event_type": kind, "sub_event_type": sub, "iso": str(iso),
        "country": country, "notes": PERSON, "fatalities": str(deaths), "timestamp": str(stamp),
    }  # fmt: skip


def acled(path: Path, events: Iterable[dict[str, str]]) -> Path:
    """Write an export of events as CSV."""
    rows = (",".join(f'"{value}"' for value in one.values()) for one in events)
    path.write_text("\n".join([ACLED, *rows]) + "\n", encoding="utf-8")
    return path


def answer(path: Path, events: list[dict[str, str]], *, count: int | None = None) -> Path:
    """Write the events as an answer of ACLED's interface, which announces `count` rows."""
    whole = {"success": True, "count": len(events) if count is None else count, "data": events}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path
