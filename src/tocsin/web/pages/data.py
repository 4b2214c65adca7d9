"""The data: what is at hand, how fresh it is, what it covers, and whose it is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from tocsin.desk import Desk, inventory
from tocsin.desk.ledger import deposits
from tocsin.errors import Damaged
from tocsin.tally import ACLED, Shelf, Tally
from tocsin.text import Language, say
from tocsin.watch import Archive, gone
from tocsin.watch.archive import by_day
from tocsin.web.rendering import page

SHOWN = 24
"""Watches of the archive that the page names, the last ones."""

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/data")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the page."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    found = inventory(snapshot, desk.today())
    archive, readable = _archive(desk)
    recorded = deposits(desk.home)
    tallies, refused = _tallies(desk)
    watches = archive.watches
    # Of several watches of a day only the one that the API answers with is linked to.
    answered = {
        day: one.digest for day, one in by_day(watches).items() if not archive.spoilt(day.isoformat())
    } | {snapshot.as_of: snapshot.digest}
    return page(
        request, "data.html", snapshot=snapshot, found=found, whose=found.attribution,
        archive=watches[: -SHOWN - 1 : -1], earlier=len(watches) - SHOWN,
        spoilt=[error.message(lang) for error in archive.damaged.values()],
        answered=answered, recorded=recorded, tallies=tallies, other=ACLED,
        lost=gone(archive, recorded) if readable else None,
        refused=None if refused is None else refused.message(lang),
        age=snapshot.age(desk.today()), missing=[line.country.name(lang) for line in found.without],
        shipped=[
            (
                one,
                _told("table_name", one.name, lang, one.name),
                _told("table_covers", one.name, lang, one.coverage),
            )
            for one in found.shipped
        ],
    )  # fmt: skip


def _archive(desk: Desk) -> tuple[Archive, bool]:
    """Return what was kept, and whether its folder could be read; where it could not, that alone."""
    try:
        return desk.archive(), True
    except Damaged as error:
        return Archive(damaged={desk.home: error}), False


def _tallies(desk: Desk) -> tuple[tuple[Tally, ...], Damaged | None]:
    """Return the tallies known on the desk's day, the last first; where one cannot be read, that alone."""
    try:
        return Shelf(desk.home).tallies(as_of=desk.today())[::-1], None
    except Damaged as error:
        return (), error


def _told(kind: str, table: str, language: Language, otherwise: str) -> str:
    """Return what a table is called or covers; a table nobody has described yet speaks for itself."""
    try:
        return say(f"web.data.{kind}.{table}", language)
    except KeyError:
        return otherwise
