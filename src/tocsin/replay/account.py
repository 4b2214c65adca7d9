"""The account of a replay: what the numbers showed, what people said, and how both did, in five pages."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import months
from tocsin.bulletin import Block, Box, Document, Figure, Heading, Paragraph
from tocsin.kinds import KINDS
from tocsin.ledger.entries import Dismissal, WarningEntry
from tocsin.panel import released
from tocsin.replay import ground, people
from tocsin.replay.findings import Before
from tocsin.replay.moved import moved
from tocsin.replay.numbers import pairs, points_table, price_table, scores
from tocsin.replay.replay import Replay
from tocsin.replay.timeline import timeline
from tocsin.revision import ENOUGH
from tocsin.text import Language, current_language, number, say
from tocsin.watch import percent


def account(found: Replay, language: Language | None = None) -> Document:
    """Return the account of a replay in one language; the same replay gives the same document."""
    tongue = language or current_language()
    root = "–" if found.checked is None else found.checked.root[:16]
    size = sum(len(group) for group in found.entries)
    return Document(
        language=tongue,
        title=say("replay.account.title", tongue, title=found.case.title.said(tongue)),
        subtitle=say(
            "replay.account.subtitle", tongue, country=found.country.name(tongue), method=found.method,
            first=months.label(found.case.span.first), last=months.label(found.case.span.last),
        ),
        blocks=tuple(_blocks(found, tongue)),
        footer=say(
            "replay.account.footer", tongue, case=found.case.name,
            labels=" / ".join(track.said(tongue) for track in found.tracks),
        ),
        attribution=say(
            "replay.account.attribution", tongue, entries=size, root=root,
            releases=released(found.outcomes.releases, tongue), digest=found.digest[:16],
        ),
    )  # fmt: skip


def _blocks(found: Replay, language: Language) -> Iterator[Block]:
    numbers = people.numbers(found)
    yield Paragraph(_verdict(found, language), "lead")
    for text in _heard(found, language):
        yield Paragraph(text)
    yield Box(say("replay.account.label_title", language), tuple(_labels(found, language)))
    yield Heading(say("replay.account.h_time", language))
    yield _figure(found, numbers, language)
    if found.case.turning_points:
        yield Heading(say("replay.account.h_points", language))
        yield points_table(found, language)
        yield Paragraph(say("replay.account.points_note", language), "small")
        yield Heading(say("replay.account.h_ground", language))
        yield from ground.control(found, language)
        yield from ground.neighbours(found, language)
        if found.case.entries:
            yield from ground.force(found, numbers, language)
        yield Heading(say("replay.account.h_price", language))
        yield from price_table(found, language)
    if found.case.entries:
        yield Heading(say("replay.account.h_promises", language))
        yield from people.promises(found, numbers, language)
        yield from people.deals(found, numbers, language)
    yield from moved(found, language)
    yield Heading(say("replay.account.h_score", language))
    yield from scores(found, language)
    if found.case.entries:
        yield from people.scorecard(found, numbers, language)
    yield Box(say("replay.account.h_limits", language), tuple(_limits(found, language)), "warning")
    if found.case.entries:
        yield Heading(say("replay.account.h_record", language))
        yield people.record(found, numbers, language)
        yield Paragraph(say("replay.account.record_note", language), "small")


def _figure(found: Replay, numbers: dict[str, int], language: Language) -> Figure:
    caption = say("replay.figure.caption", language)
    if found.case.entries:
        caption += " " + say("replay.figure.caption_people", language)
    if found.case.turning_points:
        caption += " " + say("replay.figure.caption_points", language)
    alt = say("replay.figure.alt", language, span=str(found.case.span), count=len(found.case.entries))
    return Figure(timeline(found, numbers, language), alt, caption)


def _verdict(found: Replay, language: Language) -> str:
    """Return the first paragraph: whether the first turning point would have been warned of."""
    if not found.before:
        return say("replay.account.verdict_no_points", language)
    point, row = found.case.turning_points[0], found.before[0]
    warned = sum(one.warned is not None for one in row)
    # A warning in the very month is not one in advance.
    ahead = sum(bool(one.lead) for one in row)
    outcome = "none" if not ahead else "all" if ahead == len(row) else "some"
    parts = [
        say(
            f"replay.account.verdict_{outcome}", language, point=point.name.said(language), month=point.month,
            country=found.country.name(language),
            leads=_joined([_lead(one, found, language) for one in row], language) if warned else "",
        )
    ]  # fmt: skip
    told = [_chance(one, found, language) for one in row if one.probability is not None]
    if told:
        parts.append(say("replay.account.verdict_chance", language, chances=_joined(told, language)))
    else:
        parts.append(say("replay.account.verdict_unassessed", language))
    if row[0].followed is not None:
        parts.append(say("replay.account.verdict_followed", language, deaths=row[0].followed))
    if any(one.local for one in row):
        counts = [
            say("replay.account.warned_of", language, count=one.local, track=_name(found, one, language))
            for one in row
        ]
        parts.append(say("replay.account.verdict_local", language, counts=_joined(counts, language)))
    if len(found.before) > 1:
        parts.append(_over_points(found, language))
    return " ".join(parts)


def _over_points(found: Replay, language: Language) -> str:
    """Return of how many turning points each track would have warned in advance."""
    times = [sum(bool(row[place].lead) for row in found.before) for place in range(len(found.tracks))]
    if not any(times):
        return say("replay.account.verdict_points_none", language, count=len(found.before))
    counts = [
        say("replay.account.warned_of", language, count=count, track=track.said(language))
        for count, track in zip(times, found.tracks, strict=True)
    ]
    warned = _joined(counts, language)
    return say("replay.account.verdict_points", language, count=len(found.before), warned=warned)


def _chance(one: Before, found: Replay, language: Language) -> str:
    track = _name(found, one, language)
    if one.rank is None:
        return f"{percent(one.probability, language)} ({track})"
    return say(
        "replay.account.chance", language, percent=percent(one.probability, language), track=track,
        rank=one.rank, of=one.of,
    )  # fmt: skip


def _lead(one: Before, found: Replay, language: Language) -> str:
    key = {None: "lead_none", 0: "lead_same"}.get(one.lead, "lead")
    return say(f"replay.account.{key}", language, lead=one.lead, track=_name(found, one, language))


def _name(found: Replay, one: Before, language: Language) -> str:
    return next(track for track in found.tracks if track.name == one.track).said(language)


def _joined(texts: list[str], language: Language) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return ", ".join(texts[:-1]) + say("replay.account.lags_and", language) + texts[-1]


def _heard(found: Replay, language: Language) -> Iterator[str]:
    """Yield the first warning that people gave, and how it was dismissed."""
    numbers = people.numbers(found)
    warning = next((one for one in found.case.entries if isinstance(one, WarningEntry)), None)
    if warning is None:
        return
    text = say(
        "replay.account.people_warned", language, number=numbers[warning.id], text=warning.text_in(language)
    )
    for one in found.case.entries:
        if isinstance(one, Dismissal) and any(link.id == warning.id for link in one.links):
            text += " " + say(
                "replay.account.people_answered", language, number=numbers[one.id],
                text=one.text_in(language),
            )  # fmt: skip
            break
    yield text


def _labels(found: Replay, language: Language) -> Iterator[str]:
    lags = [track for track in found.tracks if track.lag is not None]
    if lags:
        example = pairs([percent(0.09, language), percent(0.12, language)])
        given = say("replay.account.given", language, example=example) if len(lags) > 1 else ""
        yield say("replay.account.label_reconstructed", language, lags=_lags(found, language), given=given)
    for label in sorted({track.label for track in found.tracks} - {"reconstructed"}):
        yield say(f"replay.account.label_{label}", language)
    for track in found.tracks:
        absent = sum(not step.of(track.name)["assessed"] for step in found.steps)
        if absent:
            yield say("replay.account.label_unassessed", language, count=absent, track=track.said(language))
        unrevised = sum(step.of(track.name).get("revised") is False for step in found.steps)
        if track.revised is not None and unrevised:
            yield say(
                "replay.account.label_unrevised", language, count=unrevised, of=len(found.steps),
                track=track.said(language), least=ENOUGH,
            )  # fmt: skip


def _lags(found: Replay, language: Language) -> str:
    lags = [track.lag for track in found.tracks if track.lag is not None]
    if lags == [1]:
        return say("replay.account.lag_month", language)
    return say(
        "replay.account.lag_months", language, lags=_joined([number(lag, language) for lag in lags], language)
    )


def _limits(found: Replay, language: Language) -> Iterator[str]:
    if any(track.lag is not None for track in found.tracks):
        yield say("replay.account.limit_lag", language, lags=_lags(found, language))
        yield say("replay.account.limit_values", language)
    for name in ("rules", "cause", "kinds") if found.outcomes.kinds == KINDS else ("rules", "cause"):
        yield say(f"replay.account.limit_{name}", language)
    for limit in found.case.limits:
        yield limit.said(language)
