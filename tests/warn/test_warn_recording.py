from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from warn_panels import MALI, NIGER, SENEGAL, panel_of
from warn_rounds import NOW, WAR, opener, panel_of_first, round_of

from tocsin import warn
from tocsin.errors import BadInput
from tocsin.ledger import Ledger, Receipt, Recorded, examples
from tocsin.ledger.log import Given
from tocsin.warn import Store


def test_issued_messages_reach_the_ledger_once(store: Store, tmp_path: Path) -> None:
    messages = round_of(panel_of({MALI: WAR}), store)
    opened = opener(tmp_path)
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
    messages = round_of(panel_of({MALI: WAR, NIGER: WAR, SENEGAL: WAR}), store)
    warn.issue_all(store, messages, by="Duty officer", at=NOW)
    opened = opener(tmp_path)

    class Overtaken(Ledger):
        def extend(self, given: Iterable[Given]) -> tuple[Receipt, ...]:
            made = list(given)
            if len(self) < 2:
                with opened() as other:
                    other.extend(made[:1])
            return super().extend(made)

    (last,) = warn.record_issued(store, opener(tmp_path, Overtaken))
    assert last == store.message(messages[2].id)
    with opened() as ledger:
        assert warn.on_record(store.messages(status="issued"), ledger) == store.messages(status="issued")
        assert [one.entry.id for one in ledger.entries()] == [m.id for m in messages]


def test_what_the_ledger_refuses_stands_as_issued_and_is_recorded_by_the_next_call(
    store: Store, tmp_path: Path
) -> None:
    (message,) = round_of(panel_of({MALI: WAR}), store)
    late, opened = opener(tmp_path, now=NOW + dt.timedelta(days=200)), opener(tmp_path)
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
    first, second = round_of(panel_of({MALI: WAR, NIGER: WAR}), store)
    opened, kept, copy = opener(tmp_path), tmp_path / "ledger.sqlite", tmp_path / "copy.sqlite"
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
    first, second = round_of(panel_of_first(series, 24), store)
    opened = opener(tmp_path)
    other = warn.to_entry(dataclasses.replace(store.message(first.id), by="The minister"))
    with opened() as ledger:
        ledger.append(
            {**examples()["event"], "id": first.id, "date": "2011-12-01"} if squatter == "an event" else other
        )
    warn.issue_all(store, [first, second], by="Duty officer", at=NOW)
    round_of(panel_of_first(series, 25), store)
    (update,) = (m for m in round_of(panel_of_first(series, 26), store) if m.gw == MALI)
    warn.issue_all(store, [update], by="Duty officer", at=NOW)
    for wanted in (None, [first.id], [update.id]):
        with pytest.raises(BadInput, match="another entry under the id") as refused:
            warn.record_issued(store, opened, wanted=wanted)
        assert first.id in str(refused.value)
    assert warn.record_issued(store, opened, wanted=[second.id]) == ()
    with opened() as ledger:
        assert [m.id for m in warn.on_record(store.messages(status="issued"), ledger)] == [second.id]


def test_what_an_earlier_version_recorded_is_on_record(store: Store, tmp_path: Path) -> None:
    warn.issue_all(store, round_of(panel_of({MALI: WAR}), store), by="Duty officer", at=NOW)
    (message,) = store.messages()
    told = warn.to_entry(message).content()
    assert told.pop("level") == "country"
    french = told["translation"]
    earlier = told | {
        "sources": ["Tocsin, method conflictology-12, on: a release"],
        "text": told["text"].replace("\n", " "),
        "translation": french | {"text": french["text"].replace("\n", " ")},
    }
    with opener(tmp_path)() as ledger:
        ledger.append(earlier)
        assert earlier["text"] != told["text"]
        assert warn.on_record([message], ledger) == (message,)
    assert warn.record_issued(store, opener(tmp_path)) == ()


def test_a_file_of_an_earlier_version_is_asked_of_the_ledger_once_more(store: Store, tmp_path: Path) -> None:
    first, second = round_of(panel_of({MALI: WAR, NIGER: WAR}), store)
    opened = opener(tmp_path)
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
    first, second = round_of(panel_of_first(series, 24), store)
    (tmp_path / "aside").mkdir()
    opened, aside = opener(tmp_path), opener(tmp_path / "aside")
    warn.issue_all(store, [first], by="Duty officer", at=NOW)
    warn.record_issued(store, aside)
    warn.issue_all(store, [second], by="Duty officer", at=NOW)
    round_of(panel_of_first(series, 25), store)
    (update,) = (m for m in round_of(panel_of_first(series, 26), store) if m.gw == MALI)
    warn.issue_all(store, [update], by="Duty officer", at=NOW)
    there = store.origins()[first.id]
    with pytest.raises(BadInput, match="in another ledger") as refused:
        warn.record_issued(store, opened)
    assert refused.value.values == {"ids": update.id, "id": first.id, "origin": there, "recorded": 1}
    with opened() as ledger:
        assert [one.entry.id for one in ledger.entries()] == [second.id]
    with aside() as ledger:
        ledger.append(warn.to_entry(store.message(update.id)))
    assert warn.record_issued(store, aside) == ()
    assert warn.record_issued(store, opened) == ()
    assert store.origins().keys() == {first.id, second.id, update.id}


def test_what_follows_goes_into_any_ledger_that_holds_what_went_before(store: Store, tmp_path: Path) -> None:
    series = {MALI: [*WAR, 10, 2]}
    (first,) = round_of(panel_of_first(series, 24), store)
    (tmp_path / "aside").mkdir()
    opened, aside = opener(tmp_path), opener(tmp_path / "aside")
    warn.issue_all(store, [first], by="Duty officer", at=NOW)
    warn.record_issued(store, aside)
    warn.record_issued(store, opened, again=[first.id])
    round_of(panel_of_first(series, 25), store)
    (update,) = round_of(panel_of_first(series, 26), store)
    warn.issue_all(store, [update], by="Duty officer", at=NOW)
    # Seen on record in the other last, and here all the same.
    with opened() as ledger:
        assert store.origins() == {first.id: ledger.origin}
    assert [m.id for m in warn.record_issued(store, aside)] == [update.id]


def test_a_ledger_made_anew_takes_again_what_is_named(store: Store, tmp_path: Path) -> None:
    first, second = round_of(panel_of({MALI: WAR, NIGER: WAR}), store)
    warn.issue_all(store, [first, second], by="Duty officer", at=NOW)
    warn.record_issued(store, opener(tmp_path))
    for file in tmp_path.glob("ledger.sqlite*"):
        file.unlink()
    anew = opener(tmp_path)
    assert warn.record_issued(store, anew) == ()
    assert [m.id for m in warn.record_issued(store, anew, wanted=[first.id], again=[first.id])] == [first.id]
    with anew() as ledger:
        assert store.origins()[first.id] == ledger.origin != store.origins()[second.id]
        assert [one.entry.id for one in ledger.entries()] == [first.id]


def test_the_warnings_of_a_ledger_are_read_at_once(store: Store, tmp_path: Path) -> None:
    asked: list[str] = []

    class Counted(Ledger):
        def entries(self, **given: Any) -> list[Recorded]:
            asked.append("entries")
            return super().entries(**given)

        def entry(self, id: str) -> Recorded:
            asked.append(id)
            return super().entry(id)

    messages = round_of(panel_of({MALI: WAR, NIGER: WAR, SENEGAL: WAR}), store)
    warn.issue_all(store, messages, by="Duty officer", at=NOW)
    counted = opener(tmp_path, Counted)
    warn.record_issued(store, counted)
    asked.clear()
    assert warn.record_issued(store, counted) == ()
    with counted() as ledger:
        assert len(warn.on_record(store.messages(), ledger, store.origins())) == 3
    assert asked == ["entries", "entries"]


def test_what_a_ledger_put_back_holds_in_other_words_is_not_on_record(store: Store, tmp_path: Path) -> None:
    (message,) = round_of(panel_of({MALI: WAR}), store)
    warn.issue_all(store, [message], by="Duty officer", at=NOW)
    with opener(tmp_path)() as ledger:
        ledger.append(warn.to_entry(dataclasses.replace(store.message(message.id), by="The minister")))
        store.mark([message.id], ledger.origin)
        assert warn.on_record(store.messages(), ledger, store.origins()) == ()
        assert warn.on_record(store.messages(), None, store.origins()) == store.messages()
