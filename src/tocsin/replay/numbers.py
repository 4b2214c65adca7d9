"""The tables of what the numbers showed: turning points, prices, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tocsin import decide
from tocsin.bulletin import Block, Paragraph, Table
from tocsin.decide.words import whole
from tocsin.replay.outlook import BESIDE
from tocsin.replay.replay import Replay
from tocsin.replay.timeline import letter
from tocsin.text import Language, number, say, whole_percent
from tocsin.watch import percent

UNKNOWN = "?"
SHOWN = ("security-assistance", "mediation", "peacekeeping-100")
"""Responses of the library in the table of prices: help to the state, talks, troops."""

LATER = 12


def pairs(values: Sequence[str]) -> str:
    """Return values of the tracks side by side, in their order."""
    return " / ".join(values)


def head(*names: str, language: Language) -> tuple[str, ...]:
    """Return the headers of a table by their names; an empty name is an empty header."""
    return tuple(say(f"replay.account.col_{name}", language) if name else "" for name in names)


def points_table(found: Replay, language: Language) -> Table:
    """Return the table of turning points: what was told on each track, and what followed."""
    rows = []
    for place, (point, row) in enumerate(zip(found.case.turning_points, found.before, strict=True)):
        rows.append(
            (
                letter(place), point.name.said(language), point.month,
                pairs([percent(one.probability, language) for one in row]),
                pairs([UNKNOWN if one.rank is None else number(one.rank, language) for one in row]),
                pairs([_expected(facts, language) for facts in found.facts(point.id)]),
                pairs([_warned(one.lead, one.local, language) for one in row]),
                UNKNOWN if row[0].followed is None else number(row[0].followed, language),
            )
        )  # fmt: skip
    names = ("", "point", "month", "chance", "rank", "expected", "warned", "followed")
    return Table(
        head(*names, language=language), tuple(rows),
        ("left", "left", "left", "right", "right", "right", "left", "right"),
        (None, 2.0, None, 1.0, None, 1.6, 1.4, 0.9),
    )  # fmt: skip


def _expected(facts: Mapping[str, Any], language: Language) -> str:
    if not facts["assessed"]:
        return UNKNOWN
    ahead = facts["ahead"]
    low, high = whole(ahead["low_80"], language), whole(ahead["high_80"], language)
    return f"{whole(ahead['expected'], language)} ({low}–{high})"


def _warned(lead: int | None, local: int, language: Language) -> str:
    key = {None: "warned_no", 0: "warned_same"}.get(lead, "warned_lead")
    text = say(f"replay.account.{key}", language, lead=lead)
    return f"{text} {say('replay.account.local_too', language, count=local)}" if local else text


def price_table(found: Replay, language: Language) -> Iterator[Block]:
    """Yield the price of acting at each turning point, or a year later, for some responses."""
    rows: list[tuple[str, ...]] = []
    for place, point in enumerate(found.case.turning_points):
        priced = [(facts.get("price") or {}).get("responses", {}) for facts in found.facts(point.id)]
        for name in SHOWN:
            held = [one.get(name) for one in priced]
            if not any(held):
                continue
            label = decide.library().option(name).label(language)
            first = f"{letter(place)}  {point.month}" if name == SHOWN[0] else ""
            rows.append((first, label, *_prices(held, language)))
    if not rows:
        yield Paragraph(say(f"replay.account.price_{'absent' if found.priced else 'not_asked'}", language))
        return
    yield Table(
        head("point", "response", "now", "later", "lost", "cost", language=language), tuple(rows),
        ("left", "left", "right", "right", "right", "right"), (None, 1.4, 1.8, 1.8, 0.9, 1.0),
        caption=say("replay.account.price_caption", language),
    )  # fmt: skip
    lags = say("replay.account.price_lags", language) if len(found.tracks) > 1 else ""
    yield Paragraph(lags + say("replay.account.price_note", language), "small")


def _prices(held: Sequence[list[dict[str, Any]] | None], language: Language) -> tuple[str, str, str, str]:
    now = [_averted(one, 0) for one in held]
    later = [_averted(one, LATER) for one in held]
    lost = [None if a is None or b is None else a[0] - b[0] for a, b in zip(now, later, strict=True)]
    cost = [_of(one, 0, "cost") for one in held]
    return (
        _ranged(now, language), _ranged(later, language),
        pairs([UNKNOWN if one is None else whole(one, language) for one in lost]),
        pairs([UNKNOWN if one is None else whole(one[0], language) for one in cost]),
    )  # fmt: skip


def _averted(moments: list[dict[str, Any]] | None, ahead: int) -> list[float] | None:
    return _of(moments, ahead, "averted")


def _of(moments: list[dict[str, Any]] | None, ahead: int, name: str) -> list[float] | None:
    if moments is None:
        return None
    row = next((one for one in moments if one["months"] == ahead), None)
    return None if row is None else row[name]


def _ranged(values: Sequence[list[float] | None], language: Language) -> str:
    texts = [UNKNOWN if one is None else whole(one[0], language) for one in values]
    first = values[0]
    if first is None:
        return pairs(texts)
    low, high = whole(first[1], language), whole(first[2], language)
    texts[0] += f" ({low}–{high})" if first[1] >= 0 else f" ({low} – {high})"
    return pairs(texts)


def scores(found: Replay, language: Language) -> Iterator[Block]:
    """Yield how the method and the rules did over the whole walk, track by track."""
    rows = []
    for track, one in zip(found.tracks, found.verdicts, strict=True):
        rows.append(
            (
                track.said(language), number(one.months, language), number(one.happened, language),
                _score(one.brier, 3, language), _score(one.beside, 3, language),
                percent_or(one.held, language),
                _score(one.crps, 1, language), number(one.alerts, language),
                number(one.came_true, language), number(one.did_not, language),
                number(one.called_off, language),
            )
        )  # fmt: skip
    names = (
        "track", "months", "happened", "brier", "beside", "held", "crps", "alerts", "came", "false",
        "called_off",
    )  # fmt: skip
    compared = [
        say(
            "replay.account.score_pair", language, lead=_score(one.brier, 3, language),
            beside=_score(one.beside, 3, language), track=track.said(language),
        )
        for track, one in zip(found.tracks, found.verdicts, strict=True)
        if one.brier is not None
    ]  # fmt: skip
    if compared and found.method != BESIDE:
        # As they are told: what reads as equal was not beaten.
        won = [
            round(one.brier, 3) < round(one.beside or 0, 3) for one in found.verdicts if one.brier is not None
        ]
        key = "better" if all(won) else "mixed" if any(won) else "worse"
        yield Paragraph(
            say(
                f"replay.account.{key}",
                language,
                method=found.method,
                scores=say("text.semicolon", language).join(compared),
            )
        )
    yield Table(
        head(*names, language=language), tuple(rows), ("left", *(["right"] * 10)),  # type: ignore[arg-type]
        (2.2, *([1] * 10)), caption=say("replay.account.score_numbers", language),
    )  # fmt: skip
    yield Paragraph(say("replay.account.score_note", language, beside=BESIDE), "small")


def percent_or(value: float | None, language: Language) -> str:
    """Return a share in per cent, unlike a probability also 0 and 100; a question mark where not known."""
    return UNKNOWN if value is None else whole_percent(value, language)


def _score(value: float | None, decimals: int, language: Language) -> str:
    return UNKNOWN if value is None else number(value, language, decimals=decimals)
