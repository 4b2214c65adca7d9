"""Agreements: what each side did after, and who fought and did not sign."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hindsight_world import (
    MALI,
    QUIET,
    entry_of,
    panel_of,
    see,
)

from tocsin import figures, months
from tocsin.errors import NotAssessed
from tocsin.hindsight import hindsight, propose_non_signatories
from tocsin.ledger.entries import Agreement


def test_what_followed_an_agreement_is_counted_from_when_it_is_in_force() -> None:
    told = {"title": "An accord", "parties": ["A", "B"], "in_force": "2012-03-01"}
    (made,) = see(
        [entry_of("agreement", "a1", "2012-01-10", **told)], panel_of([*QUIET, 7, 0, 0, 9, 0])
    ).deals
    assert (str(made.date), made.followed.before, made.followed.after_3) == ("2012-03-01", 7, 9)


def test_an_agreement_shows_what_each_side_did_after() -> None:
    signed = [{"name": "Government of Mali", "actor": 72}, {"name": "Invented coalition"}]
    deal = entry_of(
        "agreement", "a1", "2015-06-20", title="An agreement", parties=signed,
        non_signatories=[
            {"party": {"name": "AQIM", "actor": 539}, "basis": "Events of the year.", "status": "confirmed"},
            {"party": "FLM", "basis": "Events of the year."},
        ],
    )  # fmt: skip
    day = dt.date(2026, 1, 1)
    panel, groups = figures.panel(as_of=day), figures.groups(as_of=day)
    (found,) = hindsight([deal], panel, as_of=day, groups=groups).deals
    sides = {side.name: side for side in found.sides}
    after = groups.active(gw=MALI, until=months.parse("2016-05"), months_back=12)
    known = {row["group_id"]: row for row in after.to_dicts()}
    for name, actor in (("Government of Mali", 72), ("AQIM", 539)):
        expected = known.get(actor, {"events": 0, "deaths": 0})
        assert (sides[name].after, sides[name].deaths_after) == (expected["events"], expected["deaths"])
    assert (sides["AQIM"].role, sides["FLM"].role) == ("did_not_sign", "proposed")
    assert (sides["Invented coalition"].actor, sides["Invented coalition"].after) == (None, None)
    others = {side.actor for side in found.sides if side.role == "not_named"}
    assert others
    assert not others & {72, 539}
    mistyped = [signed[0], {"name": "Nobody known", "actor": 9999999}]
    slip = entry_of("agreement", "a3", "2015-06-20", title="A third", parties=mistyped)
    (of_slip,) = hindsight([slip], panel, as_of=day, groups=groups).deals
    (nobody,) = (side for side in of_slip.sides if side.actor == 9999999)
    assert (nobody.before, nobody.after, nobody.deaths_after) == (None, None, None)
    elsewhere = entry_of("agreement", "a2", "2015-06-20", areas=["gw:651"], title="Another", parties=signed)
    (unknown,) = hindsight([elsewhere], panel, as_of=day, groups=groups).deals
    assert {side.after for side in unknown.sides} == {None}


def _agreement(**fields: object) -> Agreement:
    parties = ["Government of Mali", {"name": "The coordination of movements", "actor": 1158}]
    told = {"title": "An accord", "parties": parties} | fields
    made = entry_of("agreement", "a1", "2015-06", **told)
    assert isinstance(made, Agreement)
    return made


def test_active_parties_that_did_not_sign_are_proposed_from_the_events_of_the_year_before() -> None:
    groups = figures.groups(as_of=dt.date(2025, 7, 1))
    given = _agreement(non_signatories=["FLM: said so itself"])
    made = propose_non_signatories(given, groups)
    assert made.id == "a1"
    assert made.non_signatories[0] == given.non_signatories[0]
    proposed = {other.party.actor: other for other in made.non_signatories[1:]}
    # Counted afresh from the rows: the groups of those twelve months, without who is named in any way.
    held = groups.rows
    last = months.parse("2015-05")
    year = held.filter(pl.col("gw") == MALI, pl.col("month").is_between(last - 11, last))
    sides = pl.concat([year.select(pl.col(f"side_{s}_id").alias("id"), "deaths") for s in "ab"]).drop_nulls()
    assert set(proposed) == set(sides["id"]) - {72, 1158, 6267}
    for actor, other in proposed.items():
        assert other.status == "proposed"
        assert other.deaths == sides.filter(pl.col("id") == actor)["deaths"].sum()
        assert "2014-06 to 2015-05" in other.basis
    assert propose_non_signatories(made, groups) == made


def test_nobody_is_proposed_where_nobody_is_known() -> None:
    for areas_ in (["gw:530"], ["gid:146512"]):
        with pytest.raises(NotAssessed):
            propose_non_signatories(_agreement(areas=areas_), figures.groups(as_of=dt.date(2025, 7, 1)))
