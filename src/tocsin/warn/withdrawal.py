"""Withdrawals: the messages that take back what a correction in the ledger calls wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from tocsin.ledger import Ledger, Recorded
from tocsin.ledger.clock import moment
from tocsin.text import LANGUAGES, Language, say
from tocsin.warn.compose import headline
from tocsin.warn.life import State
from tocsin.warn.message import ENDS, Message, Texts

WITHDRAWN = "-withdrawn"
"""What the id of a withdrawal has behind that of the message it takes back."""


def withdrawals(
    messages: Iterable[Message], ledger: Ledger, as_of: dt.date = dt.date.max
) -> Mapping[str, Message]:
    """Return, by the id of each message that a correction dated up to `as_of` calls wrong, its withdrawal.

    messages: issued, and on record in `ledger`. A withdrawal refers to the one message it takes back, is
    issued when the ledger took the correction in, by the author of the correction, and is always the same.
    """
    wrong = ledger.corrections(as_of)
    return {m.id: _withdrawal(m, ledger.entry(wrong[m.id])) for m in messages if m.id in wrong}


def retold(messages: Iterable[Message], ledger: Ledger) -> tuple[Message, ...]:
    """Return messages in their order, each with its withdrawal behind it where there is one."""
    held = tuple(messages)
    wrong = withdrawals([message for message in held if message.status == "issued"], ledger)
    return tuple(one for message in held for one in (message, wrong.get(message.id)) if one is not None)


def upheld(told: Iterable[Message]) -> tuple[Message, ...]:
    """Return messages and withdrawals without the pairs of both; of a warning that is nothing else, all."""
    held = tuple(told)
    wrong = {message.references[0][0] for message in held if message.act == "withdraw"}
    left = {m.warning for m in held if m.id not in wrong and m.act != "withdraw"}
    return tuple(m for m in held if m.warning not in left or (m.id not in wrong and m.act != "withdraw"))


def without(state: State, told: Sequence[Message], wrong: Collection[str]) -> State:
    """Return where a rule and area stand once what corrections call wrong is taken out of their last warning.

    told: the issued messages of that warning, oldest first; wrong: ids. With none of them left it is as if it
    had never been: the rule is free to warn again. Otherwise the last one left says where it stands: an end,
    or open at the probability told there.
    """
    left = [message for message in told if message.id not in wrong]
    if len(left) == len(told):
        return state
    if not left:
        return State(month=state.month)
    if left[-1].act in ENDS:
        return state
    return dataclasses.replace(state, phase="open", told=left[-1].probability)


def _withdrawal(message: Message, correction: Recorded) -> Message:
    at = moment(correction.recorded_at)
    stamp = at.isoformat(timespec="seconds")
    return dataclasses.replace(
        message, id=f"{message.id}{WITHDRAWN}", act="withdraw", probability=None, before=None,
        references=((message.id, message.sent),), as_of=at.date(),
        age=(at.date() - message.data_as_of).days, by=correction.entry.author, made_at=stamp,
        issued_at=stamp, texts={language: _texts(message, correction, language) for language in LANGUAGES},
    )  # fmt: skip


def _texts(message: Message, correction: Recorded, language: Language) -> Texts:
    said, entry = message.texts[language], correction.entry
    told = say(
        "warn.withdrawn", language, headline=said.headline, id=message.id, correction=entry.id,
        by=message.by or "–", issued=message.sent[:10], author=entry.author,
        text=" ".join(entry.text_in(language).split()),
    )  # fmt: skip
    return Texts(
        area=said.area, rule=said.rule,
        headline=headline("withdraw", message.series, said.area, said.rule, {}, language),
        question=said.question, likelihood="", confidence="", change="", drivers=(), analogues=(),
        lowering=(), record="", data="", notice=" ".join(part for part in (said.notice, told) if part),
    )  # fmt: skip
