"""What becomes of a warning of which a correction calls a message wrong, in the rounds that follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from warn_panels import MALI, panel_of, rule
from warn_rounds import hold

from tocsin import warn
from tocsin.desk.warnings import Standing
from tocsin.ledger import Ledger, examples
from tocsin.warn import Message, State, Store
from tocsin.warn.withdrawal import without

RAISED = 24
"""Months of data when the warning is raised, on every second month with 30 deaths."""


def _round(store: Store, months: int, wrong: Sequence[str] = (), *, last: int | None = None) -> list[Message]:
    deaths = ([0, 30] * RAISED)[:months]
    panel = panel_of({MALI: deaths if last is None else [*deaths[:-1], last]})
    asked = rule(window=6, trigger=0.5, cancel=0.3)
    held = hold(panel, store, rules=(asked,), wrong=wrong)
    return list(store.keep(held))


def _issue(store: Store, message: Message) -> str:
    return store.decide(message.id, "issued", by="Desk", at="2011-01-20T00:00:00+00:00").id


def test_a_rule_that_still_holds_raises_a_new_warning_after_a_withdrawal(store: Store) -> None:
    (alert,) = _round(store, RAISED)
    first = _issue(store, alert)
    (new,) = _round(store, RAISED + 1, [first])
    assert (new.act, new.references, new.origin) == ("alert", (), alert.origin + 1)
    assert new.warning != alert.warning
    _issue(store, new)
    # It lives like any other: the old correction is nothing to it.
    (end,) = _round(store, RAISED + 2, [first])
    assert (end.act, end.warning) == ("came_true", new.warning)


def test_without_a_withdrawal_the_question_of_the_warning_goes_on(store: Store) -> None:
    (alert,) = _round(store, RAISED)
    _issue(store, alert)
    assert _round(store, RAISED + 1) == []
    assert [s.issued for s in store.states("live").values()] == [alert.origin]


def test_a_rule_that_holds_no_more_says_nothing_after_a_withdrawal(store: Store) -> None:
    asked = rule(threshold=1000, trigger=0.5, cancel=0.3)
    with_war = panel_of({MALI: [400] * RAISED})
    (alert,) = store.keep(hold(with_war, store, rules=(asked,)))
    first = _issue(store, alert)
    calm = panel_of({MALI: [3] * (RAISED + 1)})
    assert store.keep(hold(calm, store, rules=(asked,), wrong=[first])) == ()
    assert [s.phase for s in store.states("live").values()] == ["calm"]


def test_a_draft_that_follows_on_a_withdrawn_warning_lapses(store: Store) -> None:
    (alert,) = _round(store, RAISED)
    first = _issue(store, alert)
    (draft,) = _round(store, RAISED + 1, last=400)
    assert (draft.warning, draft.status) == (alert.warning, "draft")
    _round(store, RAISED + 2, [first])
    assert store.message(draft.id).status == "lapsed"


@pytest.mark.parametrize(
    ("phase", "acts", "wrong", "expected"),
    [
        pytest.param("open", ["alert", "update"], [1], ("open", 0.5), id="the update is wrong"),
        pytest.param("open", ["alert", "update"], [0], ("open", 0.6), id="the alert is wrong"),
        pytest.param(
            "open", ["alert", "update", "update"], [2], ("open", 0.6), id="the last update is wrong"
        ),
        pytest.param("open", ["alert", "update"], [0, 1], ("calm", None), id="both are wrong"),
        pytest.param("cancelled", ["alert", "cancel"], [1], ("open", 0.5), id="the end is wrong"),
        pytest.param("over", ["alert", "came_true"], [1], ("open", 0.5), id="it had not come true"),
        pytest.param("cancelled", ["alert", "cancel"], [0], ("cancelled", 0.9), id="the end stands"),
        pytest.param("open", ["alert"], [], ("open", 0.9), id="nothing is wrong"),
        pytest.param("open", [], [], ("open", 0.9), id="nobody was told"),
    ],
)
def test_a_warning_stands_where_its_last_upheld_message_says(
    store: Store, phase: warn.life.Phase, acts: list[warn.Act], wrong: list[int], expected: tuple[str, float]
) -> None:
    (alert,) = _round(store, RAISED)
    told = [
        dataclasses.replace(alert, id=f"m{i}", act=act, probability=(5 + i) / 10)
        for i, act in enumerate(acts)
    ]
    state = State(phase, 30, 20, 25, 0.9)
    now = without(state, told, [f"m{i}" for i in wrong])
    assert (now.phase, now.told) == expected
    assert (now.month, now.issued) == (30, None if len(wrong) == len(acts) > 0 else 20)


def test_a_warning_is_open_while_one_of_its_messages_is_upheld(store: Store, tmp_path: Path) -> None:
    (alert,) = _round(store, RAISED)
    alert = store.message(_issue(store, alert))
    update = dataclasses.replace(alert, id=f"{alert.id}-2", act="update", references=((alert.id, "2011"),))
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.extend([warn.to_entry(alert), warn.to_entry(update)])
        for id, wrong, left in (("c1", update, [alert.id]), ("c2", alert, None)):
            links = [{"role": "corrects", "id": wrong.id}]
            ledger.append({**examples()["correction"], "id": id, "links": links, "date": "2012-01-01"})
            told = warn.retold((alert, update), ledger)
            assert [m.id for m in warn.upheld(told)] == (left or [m.id for m in told])
            shown = Standing(warn.upheld(told)[-1], told, ())
            # What people answer is what they are still told, while there is anything.
            expected = ("open", alert) if left else ("past", update)
            assert (shown.group, shown.told) == expected
    assert warn.upheld((alert, update)) == (alert, update)


def test_a_withdrawal_says_what_it_takes_back_whose_that_was_and_why(store: Store, tmp_path: Path) -> None:
    (alert,) = _round(store, RAISED)
    alert = store.message(_issue(store, alert))
    wrong = {
        **examples()["correction"], "id": "c1", "links": [{"role": "corrects", "id": alert.id}],
        "date": "2012-01-01", "text": "A town\nwas counted twice.",
    }  # fmt: skip
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(warn.to_entry(alert))
        ledger.append(wrong)
        told = warn.withdrawals((alert,), ledger)[alert.id]
        author = ledger.entry("c1").entry.author
    assert told.references == ((alert.id, "2011-01-20T00:00:00+00:00"),)
    assert (told.by, told.status, told.probability) == (author, "issued", None)
    for language, texts in told.texts.items():
        said = alert.texts[language]
        for part in (
            said.headline,
            alert.id,
            "Desk",
            "2011-01-20",
            "c1",
            author,
            "A town was counted twice.",
        ):
            assert part in texts.notice
        assert (texts.question, texts.likelihood, texts.drivers) == (said.question, "", ())
    assert told.texts["en"].notice.startswith(f'Withdrawn: "{alert.texts["en"].headline}" ({alert.id}, ')
    assert "issued on 2011-01-20 by Desk). The correction c1 in the ledger" in told.texts["en"].notice
