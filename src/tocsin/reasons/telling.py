"""Reasons as sentences, in English or French."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import months
from tocsin.forecast.forecast import state_name
from tocsin.panel.panel import AreaId
from tocsin.reasons.facts import FEWEST, YEARS, Facts
from tocsin.reasons.precedents import Precedent, Precedents
from tocsin.reasons.record import AHEAD, THRESHOLD, Change, Reasons, Said
from tocsin.text import HARDLY, NEARLY, Language, current_language, number, percent, say

NEIGHBOURS = 4
"""Neighbours named in a sentence."""

STREAK = 2
"""Months in a row from which a rise or fall is worth a sentence."""

CERTAIN = 0.95
"""Chance from which the median is told of too: few things move a chance that is nearly one."""

SLIGHT = 0.05
"""Share of the median below which a change of it is not worth a line."""


def told(reasons: Reasons, language: Language | None = None) -> str:
    """Return the reasons as plain text to paste: a headline, then what drives it, precedents, what if."""
    return "\n".join(lines(reasons, language))


def lines(reasons: Reasons, language: Language | None = None) -> tuple[str, ...]:
    """Return the lines of the text; headings end in a colon, items begin with a dash."""
    tongue = language or current_language()
    return tuple(_Telling(reasons, tongue).lines())


class _Telling:
    def __init__(self, reasons: Reasons, language: Language) -> None:
        self.reasons, self.language = reasons, language

    def say(self, key: str, /, **values: object) -> str:
        return say(f"reasons.{key}", self.language, **values)

    def lines(self) -> Iterator[str]:
        reasons, said = self.reasons, self.reasons.said
        yield self.say(
            "headline", area=self.name(reasons.area, reasons.origin),
            kind=say(f"kinds.{reasons.target}", self.language), probability=self.percent(said.probability),
            least=THRESHOLD, first=months.label(reasons.origin + 1),
            last=months.label(reasons.origin + AHEAD),
            median=self.deaths(said.median), low=self.rounded(said.low), high=self.rounded(said.high),
            mean=self.rounded(said.expected), method=reasons.method, origin=months.label(reasons.origin),
        )  # fmt: skip
        if said.expected > max(said.high, 1):
            yield self.say("rare")
        yield self.say("heading.facts")
        yield from (self.say("item", text=text) for text in self.facts(reasons.facts))
        if reasons.precedents is None:
            yield self.say("item", text=self.reads(reasons.reads))
        if reasons.groups:
            key = "heading.groups_median" if self.certain else "heading.groups"
            yield self.say(
                key, probability=self.percent(said.probability), median=self.deaths(said.median),
                span=self.span,
            )  # fmt: skip
            yield from self.weighty()
        elif reasons.precedents is not None:
            yield self.say("item", text=self.say("too_short", count=FEWEST))
        if reasons.precedents is not None:
            yield from self.precedents(reasons.precedents)
        if reasons.whatif:
            yield self.say("heading.whatif", probability=self.percent(said.probability))
            yield from (self.imagined(change) for change in reasons.whatif)

    @property
    def certain(self) -> bool:
        """Whether the chance is so near one that only the median can tell what moves the forecast."""
        return self.reasons.said.probability >= CERTAIN

    @property
    def known_around(self) -> bool:
        """Whether any neighbour is covered in the last 3 months."""
        return self.reasons.facts.unknown < self.reasons.facts.touching

    @property
    def span(self) -> str:
        """What is usual is told over these months."""
        count = self.reasons.facts.usual_over
        return self.say("ten_years" if count == 12 * YEARS else "less_than_ten", count=count)

    def facts(self, facts: Facts) -> Iterator[str]:
        if facts.last_3 is None or facts.last_3 or (facts.quiet is not None and facts.before_3 != 0):
            yield self.sums("months_3", facts.last_3, facts.before_3)
        if facts.last_12 or (facts.last_12 is not None and facts.before_12):
            yield self.sums("months_12", facts.last_12, facts.before_12)
        if facts.usual_3 is not None and facts.quiet is not None:
            yield self.say("facts.usual", span=self.span, usual=self.deaths(facts.usual_3))
        if facts.rising >= STREAK:
            yield self.say("facts.rising", count=facts.rising)
        if facts.falling >= STREAK:
            yield self.say("facts.falling", count=facts.falling)
        if facts.quiet is None:
            yield self.say("facts.never", covered=self.months(facts.covered))
        elif facts.quiet:
            yield self.say("facts.quiet", count=facts.quiet)
        if self.known_around or not facts.touching:
            yield self.neighbours(facts)
        if facts.unknown:
            yield self.say("facts.unknown", count=facts.unknown)

    def sums(self, window: str, last: int | None, before: int | None) -> str:
        if last is None:
            return self.say("facts.not_covered", covered=self.months(self.reasons.facts.covered))
        if before is None:
            return self.say(f"facts.{window}_alone", last=self.deaths(last))
        return self.say(f"facts.{window}", last=self.deaths(last), before=self.rounded(before))

    def neighbours(self, facts: Facts) -> str:
        if not facts.touching:
            return self.say("facts.no_border")
        if not facts.neighbours:
            return self.say("facts.calm_neighbours")
        named = [
            self.say(
                "facts.neighbour", area=self.name(near.area, self.reasons.origin),
                last=self.rounded(near.last),
                before=self.say("not_covered") if near.before is None else self.rounded(near.before),
            )
            for near in facts.neighbours[:NEIGHBOURS]
        ]  # fmt: skip
        others = facts.neighbours[NEIGHBOURS:]
        if others:
            total = self.rounded(sum(near.last for near in others))
            named.append(self.say("facts.others", count=len(others), last=total))
        return self.say("facts.neighbours", names=", ".join(named))

    def reads(self, count: int | None) -> str:
        which = "nothing" if count == 0 else self.reasons.whose
        return self.say(f"reads.{which}", method=self.reasons.method, count=count)

    def weighty(self) -> Iterator[str]:
        """Yield the groups by how much they move the forecast; those that do not, in one line."""
        moving = [change for change in self.reasons.groups if self.moves(change)]
        for change in sorted(moving, key=lambda change: -abs(self.pull(change))):
            way = "raises" if self.pull(change) > 0 else "lowers"
            yield self.say(
                f"{way}_median" if self.certain else way, what=self.group(change.name),
                usual=self.outcome(change.said),
            )  # fmt: skip
        still = (change.name for change in self.reasons.groups if change not in moving)
        # Of neighbours that nothing is known of it is not said that they make no difference.
        rest = [self.group(name) for name in still if name != "neighbours" or self.known_around]
        if rest:
            yield self.say("unmoved", names=", ".join(rest))

    def group(self, name: str) -> str:
        """Return what a group of inputs is called; of the neighbours only those covered are one."""
        partly = name == "neighbours" and self.known_around and self.reasons.facts.unknown
        return self.say("covered_neighbours" if partly else f"group.{name}")

    def pull(self, change: Change) -> float:
        """Return what a group adds to the chance or, where that is near one, to the median."""
        now, other = self.reasons.said, change.said
        return now.median - other.median if self.certain else now.probability - other.probability

    def moves(self, change: Change) -> bool:
        now, other = self.reasons.said, change.said
        if self.certain:
            return abs(self.pull(change)) > SLIGHT * now.median
        return self.percent(other.probability) != self.percent(now.probability)

    def imagined(self, change: Change) -> str:
        what = self.say(f"whatif.{change.name}", least=THRESHOLD)
        return self.say("changed", what=what, outcome=self.outcome(change.said))

    def outcome(self, said: Said) -> str:
        high = round(said.high)
        return self.say(
            "outcome_median" if self.certain else "outcome", probability=self.percent(said.probability),
            median=self.rounded(said.median),
            worst=self.say("worst", high=self.deaths(high)) if high else self.say("worst_none"),
        )  # fmt: skip

    def precedents(self, found: Precedents) -> Iterator[str]:
        yield self.say(
            "heading.precedents", kind=say(f"kinds.{found.kind}", self.language), count=round(found.months),
            share=self.percent(found.reached), least=THRESHOLD,
        )  # fmt: skip
        yield from (self.precedent(precedent) for precedent in found.nearest)

    def precedent(self, found: Precedent) -> str:
        soon, later = found.next_3, found.next_12
        unknown = "unknown_yet" if found.month + 12 > self.reasons.origin else "not_covered"
        told = self.say(
            "precedent", area=self.name(found.area, found.month), month=months.label(found.month),
            likeness=self.fine(found.likeness), soon=self.whole(soon),
            before=self.say("not_covered") if found.before_3 is None else self.deaths(found.before_3),
            later=self.say(unknown) if later is None else self.whole(later),
        )  # fmt: skip
        scaled = [found.scaled_3] if found.scaled_12 is None else [found.scaled_3, found.scaled_12]
        if [round(value) for value in scaled] == [soon, later][: len(scaled)]:
            return told
        return told + self.say(
            "at_scale_3" if later is None else "at_scale",
            soon=self.whole(scaled[0]),
            later=self.whole(scaled[-1]),
        )

    def whole(self, value: float) -> str:
        return number(round(value), self.language)

    def name(self, area: AreaId, month: int) -> str:
        """Return what an area was called in a month, or is called where there was no such state then."""
        if self.reasons.level != "country":
            return str(area)
        return state_name(area, self.reasons.scheme, month, self.language)

    def percent(self, value: float) -> str:
        if value < HARDLY:
            return self.say("percent_below", value="1")
        if value >= NEARLY:
            return self.say("percent_above", value="99")
        return percent(value, self.language)

    def fine(self, value: float) -> str:
        """Return a small share in per cent with one decimal."""
        if value < 0.0005:
            return self.say("percent_below", value=number(0.1, self.language))
        return say("text.percent", self.language, value=number(100 * value, self.language, decimals=1))

    def rounded(self, value: float) -> str:
        """Return a number of deaths: whole from 10 on, with one decimal below where it needs one."""
        shown = round(value) if value >= 10 else round(value, 1)
        return number(int(shown) if shown == int(shown) else shown, self.language)

    def deaths(self, value: float) -> str:
        return self.say("deaths", count=self.rounded(value))

    def months(self, count: int) -> str:
        return self.say("covered_months", count=count)
