"""The warnings of a watch: raised, kept, issued where asked, and recorded in the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin import months, warn
from tocsin.errors import BadInput, Stale, TocsinError
from tocsin.figures import Groups
from tocsin.forecast.forecast import Forecast
from tocsin.ledger import Ledger
from tocsin.panel import Panel
from tocsin.text import Language, number, say
from tocsin.warn import Message, Round, Rule, Store
from tocsin.watch.data import current_groups


@dataclass(frozen=True, eq=False)
class Alerted:
    """What a watch did about warnings.

    round:    None where no warning could be raised; refused: why, to be said in any language.
    messages: those of this month, as they stand; shown: they and all others of warnings still open, in place
    of what a correction calls wrong its withdrawal, until the window of its question has closed.
    recorded: how many the ledger took; unrecorded: why it cannot take others that are issued, to be said in
    any language. They are among neither messages nor shown. other_data: whether the messages of this month
    were made before, from other data, for other rules or by another version: they stand as they were said.
    old_record: whether the records of the rules were computed here by another version.
    """

    round: Round | None
    refused: TocsinError | None
    messages: tuple[Message, ...] = ()
    shown: tuple[Message, ...] = ()
    recorded: int = 0
    unrecorded: TocsinError | None = None
    other_data: bool = False
    old_record: bool = False

    def remarks(self, language: Language) -> Iterator[str]:
        """Yield sentences: what was made from other data or by another version, and what was not asked."""
        if self.round is None:
            return
        if self.other_data:
            yield say("watch.told_from_other_data", language)
        if self.old_record:
            yield say("warn.record.outdated", language)
        lacking = [(rule, len(self.round.not_assessed[rule.name])) for rule in self.round.rules]
        told = ", ".join(
            f"{rule.title(language)} ({number(count, language)})" for rule, count in lacking if count
        )
        if told:
            yield say("watch.not_asked", language, rules=told)

    def to_dict(self) -> dict[str, object]:
        """Return what was done as plain values for JSON."""
        return {
            "refused": None if self.refused is None else str(self.refused),
            "series": None if self.round is None else self.round.series,
            "open": 0 if self.round is None else len(self.round.open),
            "recorded": self.recorded,
            "unrecorded": None if self.unrecorded is None else str(self.unrecorded),
            "told_from_other_data": self.other_data,
            "not_assessed": {} if self.round is None else {
                rule: len(areas) for rule, areas in self.round.not_assessed.items()
            },
            "messages": [
                {
                    "id": message.id, "act": message.act, "status": message.status, "gw": message.gw,
                    "rule": message.rule, "probability": message.probability,
                }
                for message in self.messages
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Alerts:
    """How a watch deals with warnings.

    home:  folder of the warnings and of the records computed there.
    rules: asked of every country. by: the role that issues what is raised; drafts wait for one when None.
    ledger: opens the ledger that takes what is issued.
    groups: reads events by province as known on a day, for rules that ask of them.
    """

    home: Path
    rules: tuple[Rule, ...]
    by: str | None = None
    ledger: Callable[[], Ledger] | None = None
    groups: Callable[[dt.date], Groups | None] = current_groups

    def run(
        self, panel: Panel, *, as_of: dt.date, origin: int, said: Sequence[Forecast],
        earlier: Sequence[Forecast],
    ) -> Alerted:  # fmt: skip
        """Hold this month's round of warnings; a month that was held before is shown as it was.

        said, earlier: forecasts by the leading method from the origin and from the month before.
        Data that are too old, or older than those of the last round, raise nothing: the result says why.
        """
        method = said[0].method
        series = warn.series_of(panel)
        with Store.open(self.home) as store:
            last = store.last_month(series)
            if last is not None and origin < last:
                behind = {"month": months.label(origin), "last": months.label(last)}
                return Alerted(None, BadInput("warn.backwards", **behind))
            wrong = self._withdrawals(store.messages(series=series, status="issued"), as_of)
            # A reconstruction reads the provinces of the release that it reconstructs from.
            day = as_of if series == warn.LIVE else months.today()
            try:
                held = warn.hold(
                    panel, as_of=as_of, rules=self.rules, method=method, states=store.states(series),
                    made_at=f"{as_of.isoformat()}T00:00:00+00:00", told=store.told, origin=origin, said=said,
                    earlier=earlier, table=warn.known(self.home, method),
                    groups=self.groups(day) if warn.by_province(self.rules) else None, wrong=wrong,
                )  # fmt: skip
            except Stale as error:
                return Alerted(None, error)
            told_from = store.inputs(series, held.origin)
            messages = store.keep(held)
            if self.by is not None:
                warn.issue_all(store, messages, by=self.by, at=dt.datetime.now(dt.UTC))
            now = {message.id for message in messages}
            recorded, unrecorded = self._recorded(store, now)
            known = self._known(store, series)
            return Alerted(
                held, None, tuple(m for m in known if m.id in now and m.id not in wrong),
                _shown(known, held, now, wrong), recorded, unrecorded,
                other_data=told_from not in (None, held.inputs), old_record=warn.outdated(self.home, method),
            )  # fmt: skip

    def _withdrawals(self, messages: Sequence[Message], as_of: dt.date) -> Mapping[str, Message]:
        if self.ledger is None or not messages:
            return {}
        with self.ledger() as held:
            return warn.withdrawals(messages, held, as_of)

    def _known(self, store: Store, series: str) -> list[Message]:
        """Return drafts and what is issued; what is on record nowhere, where it should be, goes to nobody."""
        known = [m for m in store.messages(series=series) if m.status in ("draft", "issued")]
        if self.ledger is None:
            return known
        seen = store.origins()
        return [m for m in known if m.status == "draft" or m.id in seen]

    def _recorded(self, store: Store, now: set[str]) -> tuple[int, TocsinError | None]:
        if self.ledger is None:
            return 0, None
        try:
            return len(warn.record_issued(store, self.ledger, wanted=now)), None
        except BadInput as error:
            # No second run would help: what is issued stands. The forecast does not wait for it.
            if error.key not in warn.BLOCKED:
                raise
            return int(str(error.values["recorded"])), error


def _shown(
    known: Sequence[Message], held: Round, now: set[str], wrong: Mapping[str, Message]
) -> tuple[Message, ...]:
    rules = {rule.name: rule for rule in held.rules}
    standing = {
        warn.warning_id(rules[name], area, state.issued, held.series)
        for (name, area), state in held.states.items()
        if name in rules and state.open and state.issued is not None
    }
    # What nobody may trust any more is told as long as its question is open.
    return tuple(
        wrong.get(m.id, m)
        for m in known
        if m.id in now or m.warning in standing or (m.id in wrong and held.origin < m.origin + m.window)
    )
