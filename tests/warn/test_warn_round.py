from __future__ import annotations

import dataclasses
import datetime as dt
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from warn_panels import FIRST, MALI, NIGER, SENEGAL, panel_of, rule
from warn_rounds import NOW, WAR, hold, panel_of_first, round_of

from tocsin import areas, figures, forecast, months, warn
from tocsin.errors import BadInput, Damaged, NotAssessed, Stale, UnknownName
from tocsin.warn import Store, facts, places


def test_a_round_raises_where_the_chance_is_and_is_silent_elsewhere(store: Store) -> None:
    panel = panel_of({MALI: WAR, SENEGAL: [0] * 24, NIGER: WAR}, uncovered={NIGER: slice(22, 24)})
    held = hold(panel, store)
    (message,) = held.messages
    assert (message.gw, message.act, message.status) == (MALI, "alert", "draft")
    assert message.probability == pytest.approx(1.0)
    assert held.assessed == {"plain": 2}
    assert held.not_assessed == {"plain": (NIGER,)}
    assert held.open == (("plain", MALI),)


def test_a_message_says_what_it_must_in_both_languages(store: Store) -> None:
    (message,) = hold(panel_of({MALI: WAR, NIGER: [0] * 23 + [40]}), store).messages
    english, french = message.texts["en"], message.texts["fr"]
    assert english.headline == "Mali: Plain rule – almost certain (>99%)"
    assert french.headline == "Mali\xa0: Règle simple – presque certain (>99\xa0%)"
    assert "at least 25 deaths" in english.question
    assert "2011-01 to 2011-03" in english.question
    assert "Niger (40)" in " ".join(english.drivers)
    assert "Niger (40)" in " ".join(french.drivers)
    assert english.lowering
    assert english.record
    assert "a release" in english.data
    assert "conflictology-12" in french.data
    assert re.fullmatch(r"[0-9a-f]{64}", message.inputs)
    for said in (english, french):
        for sentence in said.paragraphs():
            assert not ("onfidence" in sentence and "ikelihood" in sentence)
            assert not ("Confiance" in sentence and "Vraisemblance" in sentence)


def test_a_neighbour_that_is_not_covered_is_named_and_not_called_quiet(store: Store) -> None:
    near = areas.neighbours(MALI, month=panel_of({MALI: WAR}).span.last)
    series = {MALI: WAR} | {gw: [0] * 24 for gw in near}

    def told(loud: int, **more: object) -> tuple[str, str]:
        panel = panel_of(series | {NIGER: [loud] * 24}, **more)  # type: ignore[arg-type]
        texts = hold(panel, store).messages[0].texts
        return " ".join(texts["en"].drivers), " ".join(texts["fr"].drivers)

    quiet, _ = told(0)
    assert "No neighbour with 25 or more deaths" in quiet
    assert "not all of the last" not in quiet
    english, french = told(0, uncovered={NIGER: slice(23, 24)})
    assert "Neighbours for which not all of the last 3 months are covered: Niger." in english
    assert "No neighbour" not in english
    assert "No other neighbour with 25 or more deaths" in english
    assert "Voisins dont les 3 derniers mois ne sont pas tous couverts\xa0: Niger." in french
    assert "Aucun autre voisin" in french
    english, _ = told(40, uncovered={SENEGAL: slice(0, 24)})
    assert "not all of the last 3 months are covered: Senegal." in english
    assert "Neighbours with 25 or more deaths in the last 3 months: Niger (120)." in english
    english, _ = told(0, uncovered={gw: slice(0, 24) for gw in near})
    assert "neighbour with 25" not in english


def test_deaths_of_three_months_are_not_told_where_the_data_hold_two() -> None:
    panel = panel_of({MALI: [40] * 2, NIGER: [40] * 2})
    told = facts.drivers(warn.Evidence(panel, {}), rule(), MALI, FIRST + 1)["en"]
    assert [line.startswith("Neighbours for which not all of the last 3 months") for line in told] == [True]


@pytest.mark.parametrize(("deaths", "named"), [(24, False), (25, True)])
def test_a_neighbour_with_twenty_five_deaths_is_named(deaths: int, named: bool) -> None:
    panel = panel_of({MALI: [0] * 24, NIGER: [0] * 23 + [deaths]})
    last = facts.drivers(warn.Evidence(panel, {}), rule(), MALI, FIRST + 23)["en"][-1]
    assert (f"Niger ({deaths})" in last) is named


def test_a_usual_month_is_told_only_of_a_year_that_is_covered() -> None:
    whole, gap = panel_of({MALI: WAR}), panel_of({MALI: WAR}, uncovered={MALI: slice(14, 15)})
    told = [facts.drivers(warn.Evidence(p, {}), rule(), MALI, FIRST + 23)["en"] for p in (whole, gap)]
    assert told[1] == told[0][2:]
    young = facts.drivers(warn.Evidence(panel_of({MALI: WAR[:3]}), {}), rule(), MALI, FIRST + 2)["en"]
    assert young == told[0][2:]


def test_provinces_with_deaths_in_the_last_year_are_named_where_spread_is_asked() -> None:
    spread, panel = warn.named("spread", warn.built_in()), panel_of({MALI: [0] * 24})
    deaths = np.zeros((3, 24), dtype=np.int32)
    deaths[0, 11], deaths[1, 12] = 9, 1
    names, codes = ("Kayes", "Mopti", "Diffa"), np.array([MALI, MALI, NIGER])
    told = []
    for of_diffa in (0, 5):
        deaths[2, 23] = of_diffa
        held = places.Places("total", codes, names, deaths, deaths >= 0, panel.span)
        evidence = warn.Evidence(panel, {"total": held})
        told += [facts.drivers(evidence, spread, MALI, FIRST + month)["en"] for month in (10, 23)]
    early, late = told[:2]
    assert told == [early, late, early, late]
    assert "No province with deaths in the last 12 months." in early
    assert "Provinces with deaths in the last 12 months: Mopti." in late


def test_ids_fit_cap_and_the_ledger_and_depend_on_inputs_alone(store: Store, tmp_path: Path) -> None:
    panel = panel_of({MALI: WAR}, basis="reconstructed, lag 1")
    first = hold(panel, store).messages[0]
    second = hold(panel, Store.open(tmp_path / "other")).messages[0]
    assert first == second
    assert first.digest == second.digest
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", first.id)
    assert first.id == "tocsin-exercise-reconstructed-lag-1-plain-gw432-2010-12-alert"
    assert first.exercise
    assert "EXERCISE" in first.texts["en"].headline
    assert "EXERCICE" in first.texts["fr"].notice


def test_stale_data_refuse_to_warn(store: Store) -> None:
    panel = panel_of({MALI: WAR})
    ends = months.last_day(panel.span.last)
    assert hold(panel, store, as_of=ends + dt.timedelta(days=60)).messages
    with pytest.raises(Stale, match="61 days before"):
        hold(panel, store, as_of=ends + dt.timedelta(days=61))
    with pytest.raises(BadInput, match="after the day of the warnings"):
        hold(panel, store, as_of=ends)
    with pytest.raises(NotAssessed, match="No warning can be raised"):
        hold(panel_of({MALI: WAR}, uncovered={MALI: slice(0, 24)}), store)


def test_a_reconstruction_may_read_provinces_that_were_published_later(store: Store) -> None:
    spread = [warn.named("spread", warn.built_in())]
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).only([MALI]).known(dt.date(2012, 5, 15), 0)
    assert hold(panel, store, rules=spread).assessed == {"spread": 0}
    later = hold(panel, store, rules=spread, groups=figures.groups(as_of=dt.date(2026, 1, 1)))
    assert later.assessed == {"spread": 1}


def test_an_uncovered_month_neither_calls_off_nor_settles(store: Store) -> None:
    round_of(panel_of({MALI: WAR, SENEGAL: [0] * 24}), store)
    later = panel_of({MALI: [*WAR, 0], SENEGAL: [0] * 25}, uncovered={MALI: slice(24, 25)})
    held = hold(later, store)
    assert held.messages == ()
    assert held.states["plain", MALI].open


WAITING = {("plain", MALI): warn.State("open", month=FIRST + 23, issued=FIRST + 23, needed=500, told=0.7)}


@pytest.mark.parametrize(("gap", "acts"), [(None, ["alert"]), (slice(24, 25), []), (slice(25, 26), [])])
def test_a_month_so_far_that_no_release_covers_calls_nothing_off(
    store: Store, gap: slice | None, acts: list[str]
) -> None:
    panel = panel_of({MALI: [*WAR, 490, 0], SENEGAL: [0] * 26}, uncovered=gap and {MALI: gap})
    held = hold(panel, store, states=WAITING)
    assert [message.act for message in held.messages] == acts
    assert held.states["plain", MALI].open


def test_deaths_of_months_not_all_covered_are_told_as_such(store: Store) -> None:
    panel = panel_of({MALI: [*WAR, 490, 600]}, uncovered={MALI: slice(24, 25)})
    (message,) = hold(panel, store, states=WAITING).messages
    assert (message.act, message.sofar) == ("came_true", None)
    assert "from 2011-01 on, in the 1 of 2 months that a release covers" in message.texts["en"].change
    assert "now stand: 600;" in message.texts["en"].change
    assert "600 décès depuis 2011-01" in message.texts["fr"].change
    assert "dans les mois qu'une édition couvre (1 sur 2)" in message.texts["fr"].change
    followed = dataclasses.replace(message, references=(("the-alert", "2011-01-15T00:00:00+00:00"),))
    assert "deaths" not in warn.to_entry(followed).content()


def test_the_life_of_an_issued_warning(store: Store) -> None:
    series = {MALI: [*WAR, 10, 2, 15, 0]}
    (alert,) = round_of(panel_of_first(series, 24), store)
    issued = store.decide(alert.id, "issued", by="Duty officer", at=NOW.isoformat())
    assert (issued.status, issued.by) == ("issued", "Duty officer")
    assert round_of(panel_of_first(series, 25), store) == ()
    (update,) = round_of(panel_of_first(series, 26), store)
    assert (update.act, update.sofar, update.before) == ("update", 12, alert.probability)
    # The alert is two months old: what it told is not the probability of a month before.
    assert update.texts["en"].change.startswith("Earlier: >99%.")
    assert update.probability is not None
    assert update.probability < 0.9
    assert update.references == ((alert.id, NOW.isoformat()),)
    (end,) = round_of(panel_of_first(series, 27), store)
    assert (end.act, end.sofar, end.probability) == ("came_true", 27, None)
    assert "now stand: 27;" in end.texts["en"].change
    assert end.references[0] == (alert.id, NOW.isoformat())


@pytest.mark.parametrize(("burst", "acts"), [(600, ["cancel"]), (30, ["cancel", "alert"])])
def test_a_cancelled_warning_that_comes_true_after_all_has_to_end_before_the_next(
    store: Store, burst: int, acts: list[str]
) -> None:
    series = {MALI: [*WAR, burst, *[30] * 4]}
    issued = panel_of(series).span.first + 22
    states: Mapping[tuple[str, int | str], warn.State]
    states = {("plain", MALI): warn.State("open", month=issued, issued=issued, needed=500)}
    told: list[str] = []
    for count in range(24, 30):
        held = hold(panel_of_first(series, count), store, states=states)
        states, told = held.states, [*told, *(message.act for message in held.messages)]
    assert told == acts


def test_a_draft_that_nobody_issued_is_overtaken(store: Store) -> None:
    series = {MALI: [*([0, 30] * 12), 0, 24, 0, 0]}
    (alert,) = round_of(panel_of_first(series, 24), store)
    assert alert.status == "draft"
    made = [m for count in (25, 26, 27) for m in round_of(panel_of_first(series, count), store)]
    assert made
    assert store.message(alert.id).status == "lapsed"
    for message in made:
        assert message.act == "alert" if message.status == "draft" else message.status == "lapsed"
        assert message.act != "alert" or message.before is None, "nobody was told of it before"
    assert not [m for m in store.messages() if m.status == "issued"]


def test_a_draft_is_made_anew_each_month_until_someone_is_told(store: Store) -> None:
    def month(count: int) -> tuple[warn.Message, ...]:
        year = (rule(threshold=600, window=12),)
        return store.keep(hold(panel_of({MALI: [100] * count}), store, rules=year))

    (first,) = month(24)
    (anew,) = month(25)
    assert (anew.act, anew.warning, anew.month, anew.before) == (
        "alert",
        first.warning,
        first.month + 1,
        None,
    )
    assert [store.message(m.id).status for m in (first, anew)] == ["lapsed", "draft"]
    store.decide(anew.id, "issued", by="Duty officer", at=NOW.isoformat())
    assert month(26) == ()


def test_a_draft_outlasts_a_month_that_is_not_covered(store: Store) -> None:
    year, gap = (rule(threshold=600, window=12),), {MALI: slice(24, 25)}

    def month(*more: int) -> tuple[warn.Message, ...]:
        deaths = [*([100] * 24), *more]
        panel = panel_of({MALI: deaths, NIGER: [0] * len(deaths)}, uncovered=gap if more else None)
        return store.keep(hold(panel, store, rules=year))

    (draft,) = month()
    assert month(0) == ()
    store.decide(draft.id, "issued", by="Duty officer", at=NOW.isoformat())
    (end,) = month(0, 700)
    assert (end.act, end.before) == ("came_true", draft.probability)


def test_a_draft_of_old_data_is_let_be_only_in_an_exercise(store: Store) -> None:
    (live,) = hold(panel_of({MALI: WAR}), store).messages
    exercise = dataclasses.replace(live, series="reconstructed, lag 0")
    settled = dataclasses.replace(live, act="came_true", probability=None)
    warn.check_draft(live, dt.date(2011, 3, 1))
    with pytest.raises(Stale, match=r"2010-12, 61 days before 2011-03-02\b"):
        warn.check_draft(live, dt.date(2011, 3, 2))
    for message in (exercise, settled, dataclasses.replace(live, status="issued")):
        warn.check_draft(message, dt.date(2020, 1, 1))


def test_a_declined_warning_stays_silent(store: Store) -> None:
    series = {MALI: [*WAR, 10, 2, 15, 0]}
    (alert,) = round_of(panel_of_first(series, 24), store)
    store.decide(alert.id, "declined", by="Duty officer", at=NOW.isoformat())
    for count in (25, 26, 27):
        round_of(panel_of_first(series, count), store)
    assert {m.status for m in store.messages()} <= {"declined", "lapsed"}
    with pytest.raises(BadInput, match="no draft any more"):
        store.decide(alert.id, "issued", by="Duty officer", at=NOW.isoformat())


def test_keeping_a_round_twice_changes_nothing(store: Store) -> None:
    panel = panel_of({MALI: WAR})
    first = round_of(panel, store)
    assert round_of(panel, store) == first
    assert store.messages() == first
    with pytest.raises(BadInput, match="cannot be stepped back"):
        store.keep(hold(panel_of({MALI: WAR[:-1]}), store, states={}))


def test_bad_decisions_are_refused(store: Store) -> None:
    (alert,) = round_of(panel_of({MALI: WAR}), store)
    for role in ("", "  ", "x" * 300):
        with pytest.raises(BadInput, match="--by"):
            store.decide(alert.id, "issued", by=role, at=NOW.isoformat())
    with pytest.raises(UnknownName, match="no warning or message"):
        store.message("tocsin-nothing")
    assert store.message(alert.warning).id == alert.id


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "warnings.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Damaged, match="damaged"):
        Store.open(tmp_path)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE rounds SET month = 'March'", "warnings.sqlite is damaged"),
        ("UPDATE states SET needed = 'many'", "warnings.sqlite is damaged"),
        ("UPDATE states SET told = 'much'", "warnings.sqlite is damaged"),
        ("UPDATE messages SET body = '[]'", "cannot be read as it is stored"),
    ],
)
def test_what_a_hand_put_into_the_file_is_no_defect_of_the_product(
    store: Store, damage: str, told: str
) -> None:
    round_of(panel_of({MALI: WAR}), store)
    with sqlite3.connect(store.path) as held:
        held.execute(damage)
    held.close()
    with pytest.raises(Damaged, match=told):
        _ = store.last_month(warn.LIVE), store.states(warn.LIVE), store.messages()


def test_a_warning_of_provinces_names_the_share_that_made_it_and_no_method_of_forecasts(store: Store) -> None:
    spread = dataclasses.replace(warn.named("spread", warn.built_in()), trigger=0.01, cancel=0.005)
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).only([MALI]).known(dt.date(2012, 5, 15), 0)
    (message,) = hold(panel, store, rules=[spread], groups=figures.groups(as_of=dt.date(2026, 1, 1))).messages
    assert message.method == "share of alike country-months"
    assert message.method in message.texts["en"].data
    assert "fréquence parmi les mois-pays semblables" in message.texts["fr"].data
    issued = warn.to_entry(dataclasses.replace(message, by="Duty officer")).content()
    assert (issued["method"], issued["level"]) == (message.method, "admin1")
    assert issued["sources"][0]["citation"].startswith(f"Tocsin, {message.method}: ")


def test_a_warning_of_a_country_that_ends_does_not_stay_open(store: Store) -> None:
    round_of(panel_of({MALI: WAR, SENEGAL: [0] * 24}), store)
    for count, phase in ((26, "open"), (27, "calm")):
        held = hold(panel_of({SENEGAL: [0] * count}), store)
        assert held.messages == ()
        assert held.states["plain", MALI].phase == phase


def test_a_warning_of_a_rule_and_a_country_that_are_both_gone_does_not_stay_open(store: Store) -> None:
    round_of(panel_of({MALI: WAR, SENEGAL: [0] * 24}), store)
    held = hold(panel_of({SENEGAL: [0] * 25}), store, rules=[rule(name="another")])
    assert (held.messages, held.states["plain", MALI].phase) == ((), "calm")


def test_an_alert_tells_the_chance_of_the_month_before_where_it_was_forecast_and_asked(store: Store) -> None:
    panel = panel_of({MALI: [*[30] * 9, 0, 0, 0] * 2})
    then = panel.span.last - 1
    made = forecast.fit(panel.until(then), origin=then, target="total", method="conflictology-12")
    earlier = made.predict((1, 2, 3))
    # Not quiet for three months before this one.
    quiet = rule(name="quiet", quiet_months=3)
    before = {m.rule: m.before for m in hold(panel, store, rules=[rule(), quiet], earlier=[earlier]).messages}
    assert before == {"plain": float((earlier.total_over(1, 3)[0] >= 25).mean()), "quiet": None}
    for too_little in ([], [made.predict((1, 2))]):
        assert hold(panel, store, earlier=too_little).messages[0].before is None


def test_the_first_month_of_data_may_warn_and_tells_of_none_before(store: Store) -> None:
    (message,) = hold(panel_of({MALI: [30]}), store).messages
    assert (message.act, message.before) == ("alert", None)


def test_a_rule_of_quiet_months_is_at_rest_once_it_has_come_true_and_is_not_asked(store: Store) -> None:
    lull = [*[30] * 9, 0, 0, 0] * 2
    quiet = (rule(quiet_months=3),)
    (draft,) = store.keep(hold(panel_of({MALI: lull}), store, rules=quiet))
    store.decide(draft.id, "issued", by="Duty officer", at=NOW.isoformat())
    for more, phase in (([30], "over"), ([30, 30], "calm")):
        held = hold(panel_of({MALI: lull + more}), store, rules=quiet)
        store.keep(held)
        assert held.states["plain", MALI].phase == phase


def test_asking_every_rule_of_every_country_stays_silent_without_a_chance(store: Store) -> None:
    panel = panel_of({MALI: [0] * 24, SENEGAL: [0] * 24})
    held = hold(panel, store, rules=warn.built_in())
    assert held.messages == ()
    assert held.states == {}
