from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from warn_panels import FIRST, MALI, NIGER, SENEGAL, panel_of, rule

from tocsin import areas, figures, months, warn
from tocsin.errors import BadInput, Damaged, NotAssessed, Stale, UnknownName
from tocsin.ledger import Ledger, Receipt, Recorded, examples
from tocsin.ledger.log import Given
from tocsin.panel import Panel
from tocsin.warn import Message, Round, Store, facts

WAR = [30] * 24
RULES = (rule(),)
NOW = dt.datetime(2012, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def _hold(panel: Panel, store: Store, *, rules: Sequence[warn.Rule] = RULES, **more: object) -> Round:
    given: dict[str, object] = {
        "as_of": panel.as_of, "rules": rules, "method": "conflictology-12", "told": store.told,
        "states": store.states(warn.series_of(panel)), "made_at": "2012-01-01T00:00:00+00:00",
    }  # fmt: skip
    return warn.hold(panel, **(given | more))  # type: ignore[arg-type]


def _opener(home: Path, kind: type[Ledger] = Ledger, *, now: dt.datetime = NOW) -> Callable[[], Ledger]:
    return lambda: kind.open(home / "ledger.sqlite", clock=lambda: now)


def _round(panel: Panel, store: Store) -> tuple[Message, ...]:
    return store.keep(_hold(panel, store))


def _panel(series: Mapping[int, Sequence[int]], count: int) -> Panel:
    return panel_of({area: values[:count] for area, values in series.items()})


def test_a_round_raises_where_the_chance_is_and_is_silent_elsewhere(store: Store) -> None:
    panel = panel_of({MALI: WAR, SENEGAL: [0] * 24, NIGER: WAR}, uncovered={NIGER: slice(22, 24)})
    held = _hold(panel, store)
    (message,) = held.messages
    assert (message.gw, message.act, message.status) == (MALI, "alert", "draft")
    assert message.probability == pytest.approx(1.0)
    assert held.assessed == {"plain": 2}
    assert held.not_assessed == {"plain": (NIGER,)}
    assert held.open == (("plain", MALI),)


def test_a_message_says_what_it_must_in_both_languages(store: Store) -> None:
    (message,) = _hold(panel_of({MALI: WAR, NIGER: [0] * 23 + [40]}), store).messages
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
        texts = _hold(panel, store).messages[0].texts
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


@pytest.mark.parametrize(("deaths", "named"), [(24, False), (25, True)])
def test_a_neighbour_with_twenty_five_deaths_is_named(deaths: int, named: bool) -> None:
    panel = panel_of({MALI: [0] * 24, NIGER: [0] * 23 + [deaths]})
    last = facts.drivers(warn.Evidence(panel, {}), rule(), MALI, FIRST + 23)["en"][-1]
    assert (f"Niger ({deaths})" in last) is named


def test_a_usual_month_is_told_only_of_a_year_that_is_covered() -> None:
    whole, gap = panel_of({MALI: WAR}), panel_of({MALI: WAR}, uncovered={MALI: slice(14, 15)})
    told = [facts.drivers(warn.Evidence(p, {}), rule(), MALI, FIRST + 23)["en"] for p in (whole, gap)]
    assert told[1] == told[0][2:]


def test_ids_fit_cap_and_the_ledger_and_depend_on_inputs_alone(store: Store, tmp_path: Path) -> None:
    panel = panel_of({MALI: WAR}, basis="reconstructed, lag 1")
    first = _hold(panel, store).messages[0]
    second = _hold(panel, Store.open(tmp_path / "other")).messages[0]
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
    assert _hold(panel, store, as_of=ends + dt.timedelta(days=60)).messages
    with pytest.raises(Stale, match="61 days before"):
        _hold(panel, store, as_of=ends + dt.timedelta(days=61))
    with pytest.raises(BadInput, match="after the day of the warnings"):
        _hold(panel, store, as_of=ends)
    with pytest.raises(NotAssessed, match="No warning can be raised"):
        _hold(panel_of({MALI: WAR}, uncovered={MALI: slice(0, 24)}), store)


def test_a_reconstruction_may_read_provinces_that_were_published_later(store: Store) -> None:
    spread = [warn.named("spread", warn.built_in())]
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).only([MALI]).known(dt.date(2012, 5, 15), 0)
    assert _hold(panel, store, rules=spread).assessed == {"spread": 0}
    later = _hold(panel, store, rules=spread, places_as_of=dt.date(2026, 1, 1))
    assert later.assessed == {"spread": 1}


def test_an_uncovered_month_neither_calls_off_nor_settles(store: Store) -> None:
    _round(panel_of({MALI: WAR, SENEGAL: [0] * 24}), store)
    later = panel_of({MALI: [*WAR, 0], SENEGAL: [0] * 25}, uncovered={MALI: slice(24, 25)})
    held = _hold(later, store)
    assert held.messages == ()
    assert held.states["plain", MALI].open


def test_the_life_of_an_issued_warning(store: Store) -> None:
    series = {MALI: [*WAR, 10, 2, 15, 0]}
    (alert,) = _round(_panel(series, 24), store)
    issued = store.decide(alert.id, "issued", by="Duty officer", at=NOW.isoformat())
    assert (issued.status, issued.by) == ("issued", "Duty officer")
    assert _round(_panel(series, 25), store) == ()
    (update,) = _round(_panel(series, 26), store)
    assert (update.act, update.sofar, update.before) == ("update", 12, alert.probability)
    assert update.probability is not None
    assert update.probability < 0.9
    assert update.references == ((alert.id, NOW.isoformat()),)
    (end,) = _round(_panel(series, 27), store)
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
        held = _hold(_panel(series, count), store, states=states)
        states, told = held.states, [*told, *(message.act for message in held.messages)]
    assert told == acts


def test_a_draft_that_nobody_issued_is_overtaken(store: Store) -> None:
    series = {MALI: [*([0, 30] * 12), 0, 24, 0, 0]}
    (alert,) = _round(_panel(series, 24), store)
    assert alert.status == "draft"
    made = [m for count in (25, 26, 27) for m in _round(_panel(series, count), store)]
    assert made
    assert store.message(alert.id).status == "lapsed"
    for message in made:
        assert message.act == "alert" if message.status == "draft" else message.status == "lapsed"
    assert not [m for m in store.messages() if m.status == "issued"]


def test_a_declined_warning_stays_silent(store: Store) -> None:
    series = {MALI: [*WAR, 10, 2, 15, 0]}
    (alert,) = _round(_panel(series, 24), store)
    store.decide(alert.id, "declined", by="Duty officer", at=NOW.isoformat())
    for count in (25, 26, 27):
        _round(_panel(series, count), store)
    assert {m.status for m in store.messages()} <= {"declined", "lapsed"}
    with pytest.raises(BadInput, match="no draft any more"):
        store.decide(alert.id, "issued", by="Duty officer", at=NOW.isoformat())


def test_keeping_a_round_twice_changes_nothing(store: Store) -> None:
    panel = panel_of({MALI: WAR})
    first = _round(panel, store)
    assert _round(panel, store) == first
    assert store.messages() == first
    with pytest.raises(BadInput, match="cannot be stepped back"):
        store.keep(_hold(panel_of({MALI: WAR[:-1]}), store, states={}))


def test_bad_decisions_are_refused(store: Store) -> None:
    (alert,) = _round(panel_of({MALI: WAR}), store)
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


def test_issued_messages_reach_the_ledger_once(store: Store, tmp_path: Path) -> None:
    messages = _round(panel_of({MALI: WAR}), store)
    opened = _opener(tmp_path)
    assert warn.record_issued(store, opened) == ()
    warn.issue_all(store, messages, by="Duty officer", at=NOW)
    assert [m.id for m in warn.record_issued(store, opened)] == [messages[0].id]
    assert warn.record_issued(store, opened) == ()
    with opened() as ledger:
        assert len(ledger) == 1
        entry = ledger.entry(messages[0].id).entry
        assert (entry.type, entry.areas) == ("warning", ("gw:432",))
        assert ledger.verify().ok


def test_what_another_process_records_meanwhile_is_not_recorded_twice(store: Store, tmp_path: Path) -> None:
    messages = _round(panel_of({MALI: WAR, NIGER: WAR, SENEGAL: WAR}), store)
    warn.issue_all(store, messages, by="Duty officer", at=NOW)
    opened = _opener(tmp_path)

    class Overtaken(Ledger):
        def extend(self, given: Iterable[Given]) -> tuple[Receipt, ...]:
            made = list(given)
            if len(self) < 2:
                with opened() as other:
                    other.extend(made[:1])
            return super().extend(made)

    (last,) = warn.record_issued(store, _opener(tmp_path, Overtaken))
    assert last == store.message(messages[2].id)
    with opened() as ledger:
        assert warn.on_record(store.messages(status="issued"), ledger) == store.messages(status="issued")
        assert [one.entry.id for one in ledger.entries()] == [m.id for m in messages]


def test_what_the_ledger_refuses_stands_as_issued_and_is_recorded_by_the_next_call(
    store: Store, tmp_path: Path
) -> None:
    (message,) = _round(panel_of({MALI: WAR}), store)
    late, opened = _opener(tmp_path, now=NOW + dt.timedelta(days=200)), _opener(tmp_path)
    with late() as ledger:
        ledger.append(examples()["event"])
    warn.issue_all(store, [message], by="Duty officer", at=NOW)
    with pytest.raises(BadInput, match=r"Issued, but not recorded.*the clock lies") as refused:
        warn.record_issued(store, opened)
    assert message.id in str(refused.value)
    with opened() as ledger:
        assert warn.on_record(store.messages(status="issued"), ledger) == ()
    # Nor does it stop who wants nothing of it.
    assert warn.record_issued(store, opened, wanted=["another"]) == ()
    assert [m.id for m in warn.record_issued(store, late)] == [message.id]


def test_what_a_ledger_put_back_from_a_copy_lacks_is_recorded_again(store: Store, tmp_path: Path) -> None:
    first, second = _round(panel_of({MALI: WAR, NIGER: WAR}), store)
    opened, kept, copy = _opener(tmp_path), tmp_path / "ledger.sqlite", tmp_path / "copy.sqlite"
    warn.issue_all(store, [first], by="Duty officer", at=NOW)
    warn.record_issued(store, opened)
    shutil.copy(kept, copy)
    warn.issue_all(store, [second], by="Duty officer", at=NOW)
    warn.record_issued(store, opened)
    for left in tmp_path.glob("ledger.sqlite*"):
        left.unlink()
    copy.rename(kept)
    assert [m.id for m in warn.record_issued(store, opened)] == [second.id]
    with opened() as ledger:
        assert warn.on_record(store.messages(), ledger) == store.messages()
        assert ledger.verify().ok


@pytest.mark.parametrize("squatter", ["an event", "the same by another role"])
def test_another_entry_under_the_id_of_a_message_is_told_and_holds_up_no_other_warning(
    store: Store, tmp_path: Path, squatter: str
) -> None:
    series = {MALI: [*WAR, 10, 2], NIGER: WAR + [30] * 2}
    first, second = _round(_panel(series, 24), store)
    opened = _opener(tmp_path)
    other = warn.to_entry(dataclasses.replace(store.message(first.id), by="The minister"))
    with opened() as ledger:
        ledger.append(
            {**examples()["event"], "id": first.id, "date": "2011-12-01"} if squatter == "an event" else other
        )
    warn.issue_all(store, [first, second], by="Duty officer", at=NOW)
    _round(_panel(series, 25), store)
    (update,) = (m for m in _round(_panel(series, 26), store) if m.gw == MALI)
    warn.issue_all(store, [update], by="Duty officer", at=NOW)
    for wanted in (None, [first.id], [update.id]):
        with pytest.raises(BadInput, match="another entry under the id") as refused:
            warn.record_issued(store, opened, wanted=wanted)
        assert first.id in str(refused.value)
    assert warn.record_issued(store, opened, wanted=[second.id]) == ()
    with opened() as ledger:
        assert [m.id for m in warn.on_record(store.messages(status="issued"), ledger)] == [second.id]


def test_what_an_earlier_version_recorded_is_on_record(store: Store, tmp_path: Path) -> None:
    warn.issue_all(store, _round(panel_of({MALI: WAR}), store), by="Duty officer", at=NOW)
    (message,) = store.messages()
    told = warn.to_entry(message).content()
    assert told.pop("level") == "country"
    with _opener(tmp_path)() as ledger:
        ledger.append(told | {"sources": ["Tocsin, method conflictology-12, on: a release"]})
        assert warn.on_record([message], ledger) == (message,)
    assert warn.record_issued(store, _opener(tmp_path)) == ()


def test_a_file_of_an_earlier_version_is_asked_of_the_ledger_once_more(store: Store, tmp_path: Path) -> None:
    first, second = _round(panel_of({MALI: WAR, NIGER: WAR}), store)
    opened = _opener(tmp_path)
    warn.issue_all(store, [first], by="Duty officer", at=NOW)
    warn.record_issued(store, opened)
    warn.issue_all(store, [second], by="Duty officer", at=NOW)
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as file, file:
        file.execute("ALTER TABLE messages DROP COLUMN origin")
        # What an earlier version kept instead: whether some ledger had taken it.
        file.execute("ALTER TABLE messages ADD COLUMN recorded INTEGER NOT NULL DEFAULT 1")
    with Store.open(tmp_path) as old, opened() as ledger:
        assert old.origins() == {}
        assert [m.id for m in warn.on_record(old.messages(), ledger, old.origins())] == [first.id]
        assert [m.id for m in warn.record_issued(old, opened)] == [second.id]
        assert old.origins() == {first.id: ledger.origin, second.id: ledger.origin}


def test_what_follows_on_a_warning_in_another_ledger_is_told_and_holds_up_no_other(
    store: Store, tmp_path: Path
) -> None:
    series = {MALI: [*WAR, 10, 2], NIGER: WAR + [30] * 2}
    first, second = _round(_panel(series, 24), store)
    (tmp_path / "aside").mkdir()
    opened, aside = _opener(tmp_path), _opener(tmp_path / "aside")
    warn.issue_all(store, [first], by="Duty officer", at=NOW)
    warn.record_issued(store, aside)
    warn.issue_all(store, [second], by="Duty officer", at=NOW)
    _round(_panel(series, 25), store)
    (update,) = (m for m in _round(_panel(series, 26), store) if m.gw == MALI)
    warn.issue_all(store, [update], by="Duty officer", at=NOW)
    there = store.origins()[first.id]
    with pytest.raises(BadInput, match="in another ledger") as refused:
        warn.record_issued(store, opened)
    assert refused.value.values == {"ids": update.id, "id": first.id, "origin": there}
    with opened() as ledger:
        assert [one.entry.id for one in ledger.entries()] == [second.id]
    with aside() as ledger:
        ledger.append(warn.to_entry(store.message(update.id)))
    assert warn.record_issued(store, aside) == ()
    assert warn.record_issued(store, opened) == ()
    assert store.origins().keys() == {first.id, second.id, update.id}


def test_the_warnings_of_a_ledger_are_read_at_once(store: Store, tmp_path: Path) -> None:
    asked: list[str] = []

    class Counted(Ledger):
        def entries(self, **given: Any) -> list[Recorded]:
            asked.append("entries")
            return super().entries(**given)

        def entry(self, id: str) -> Recorded:
            asked.append(id)
            return super().entry(id)

    messages = _round(panel_of({MALI: WAR, NIGER: WAR, SENEGAL: WAR}), store)
    warn.issue_all(store, messages, by="Duty officer", at=NOW)
    counted = _opener(tmp_path, Counted)
    warn.record_issued(store, counted)
    asked.clear()
    assert warn.record_issued(store, counted) == ()
    with counted() as ledger:
        assert len(warn.on_record(store.messages(), ledger, store.origins())) == 3
    assert asked == ["entries", "entries"]


def test_what_a_ledger_put_back_holds_in_other_words_is_not_on_record(store: Store, tmp_path: Path) -> None:
    (message,) = _round(panel_of({MALI: WAR}), store)
    warn.issue_all(store, [message], by="Duty officer", at=NOW)
    with _opener(tmp_path)() as ledger:
        ledger.append(warn.to_entry(dataclasses.replace(store.message(message.id), by="The minister")))
        store.mark([message.id], ledger.origin)
        assert warn.on_record(store.messages(), ledger, store.origins()) == ()
        assert warn.on_record(store.messages(), None, store.origins()) == store.messages()


def test_a_warning_of_provinces_names_the_share_that_made_it_and_no_method_of_forecasts(store: Store) -> None:
    spread = dataclasses.replace(warn.named("spread", warn.built_in()), trigger=0.01, cancel=0.005)
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).only([MALI]).known(dt.date(2012, 5, 15), 0)
    (message,) = _hold(panel, store, rules=[spread], places_as_of=dt.date(2026, 1, 1)).messages
    assert message.method == "share of alike country-months"
    assert message.method in message.texts["en"].data
    assert "fréquence parmi les mois-pays semblables" in message.texts["fr"].data
    issued = warn.to_entry(dataclasses.replace(message, by="Duty officer")).content()
    assert (issued["method"], issued["level"]) == (message.method, "admin1")
    assert issued["sources"][0]["citation"].startswith(f"Tocsin, {message.method}: ")


def test_a_warning_of_a_country_that_ends_does_not_stay_open(store: Store) -> None:
    _round(panel_of({MALI: WAR, SENEGAL: [0] * 24}), store)
    for count, phase in ((26, "open"), (27, "calm")):
        held = _hold(panel_of({SENEGAL: [0] * count}), store)
        assert held.messages == ()
        assert held.states["plain", MALI].phase == phase


def test_asking_every_rule_of_every_country_stays_silent_without_a_chance(store: Store) -> None:
    panel = panel_of({MALI: [0] * 24, SENEGAL: [0] * 24})
    held = _hold(panel, store, rules=warn.built_in())
    assert held.messages == ()
    assert held.states == {}
