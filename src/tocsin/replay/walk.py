"""The walk: month by month through a past crisis, each month closed before the next is looked at."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin import __version__, digest, months
from tocsin.errors import BadInput, Busy, Damaged
from tocsin.files import SPOILT, write
from tocsin.kinds import KINDS
from tocsin.panel import Panel
from tocsin.replay.fits import Fits
from tocsin.replay.outlook import Outlook, Settings, look, prepare
from tocsin.replay.tracks import Track
from tocsin.text import say
from tocsin.warn import Message, State

WORKERS = 2
"""Threads that fit ahead of the month being looked at."""

WARM_UP = 12
"""Months walked before the first one shown, so that what was warned of before it is known."""

ROOMS = (
    "areas", "backtest", "bulletin", "control", "decide", "digest", "errors", "figures", "files", "forecast",
    "hindsight", "kinds", "ledger", "locale", "months", "panel", "replay", "revision", "score", "tables",
    "text", "vault", "warn", "watch",
)  # fmt: skip
"""Rooms whose code makes a month, and those that say what it holds."""

MARK = "run"
"""Name of the file that says which run the parts beside it are of."""

WORLD = ".world"
"""What the name of a track is followed by where a part keeps what it says of every country."""

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True, eq=False)
class Step:
    """One month of a walk.

    outlooks: facts by track, in the order of the tracks. messages: what the rules said, by track.
    revealed: deaths of the month by kind in the release in hand; None where no release covers it.
    draws:    int32 [step, draw] by track. world: float64 [assessed country, `COUNTRIES`] by track.
    """

    month: int
    outlooks: tuple[Mapping[str, Any], ...]
    messages: Mapping[str, tuple[Message, ...]]
    revealed: Mapping[str, int] | None
    draws: Mapping[str, NDArray[np.int32]]
    world: Mapping[str, NDArray[np.float64]]

    def of(self, track: str) -> Mapping[str, Any]:
        """Return the facts of one track."""
        return next(facts for facts in self.outlooks if facts["track"] == track)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the month says of the country; what it says of others comes from the same."""
        held = {name: [m.to_dict() for m in said] for name, said in self.messages.items()}
        return digest.of_parts(
            self.month, [dict(f) for f in self.outlooks], held, self.revealed,
            *[self.draws[name] for name in sorted(self.draws)],
        )  # fmt: skip


def walk(
    tracks: Sequence[Track],
    span: months.Span,
    settings: Settings,
    *,
    outcomes: Panel,
    parts: str | Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> tuple[Step, ...]:
    """Walk the months of `span`, and up to twelve before them, and return what each of them showed.

    tracks:   ways to know; each sees only what its source gives for the first day of a month.
    outcomes: the panel from which a month is revealed once it has been looked at.
    parts:    folder in which each month is kept when it is done, whole or not at all; what is found there of
              the same run is not walked again.
    Raises BadInput where the span does not lie within the months of `outcomes`, Busy where another run was
    begun in `parts` since.
    """
    parts = None if parts is None else Path(parts)
    if span.first not in outcomes.span or span.last not in outcomes.span:
        raise BadInput("replay.outside_data", span=str(span), held=str(outcomes.span))
    run = _run_of(tracks, span, settings, outcomes)
    if parts is not None:
        _claim(parts, run)
    states: dict[str, dict[str, State]] = {track.name: {} for track in tracks}
    history: dict[str, dict[str, list[Message]]] = {track.name: {} for track in tracks}
    steps: list[Step] = []
    # On the first day of the data nothing is known; a span that begins there shows it, not assessed.
    begin = min(outcomes.span.first + 1, span.first)
    walked = range(max(span.first - WARM_UP, begin), span.last + 1)
    with Fits(workers=WORKERS) as fits:
        for place, month in enumerate(walked):
            progress(say("replay.stage_month", None, month=months.label(month)), place, len(walked))
            held = None if parts is None else _read(parts, run, month, tracks)
            if held is None:
                for soon, track in itertools.product((month, month + 1), tracks):
                    if soon in walked:
                        prepare(track, soon, settings, fits)
                looked = {
                    track.name: look(
                        track, month, settings, states[track.name], history[track.name],
                        rules_only=month < span.first, fits=fits,
                    )
                    for track in tracks
                }  # fmt: skip
                held = _step(month, looked, outcomes, settings.gw), {n: o.states for n, o in looked.items()}
                if parts is not None:
                    _write(parts, run, *held)
            step, after = held
            for track in tracks:
                states[track.name] = dict(after[track.name])
                for message in step.messages[track.name]:
                    history[track.name].setdefault(message.warning, []).append(message)
            steps.append(step)
    progress(say("replay.stage_walked"), len(walked), len(walked))
    return tuple(steps)


def _step(month: int, looked: Mapping[str, Outlook], outcomes: Panel, gw: int) -> Step:
    return Step(
        month, tuple(outlook.facts for outlook in looked.values()),
        {name: outlook.messages for name, outlook in looked.items()}, reveal(outcomes, gw, month),
        {name: outlook.draws for name, outlook in looked.items()},
        {name: outlook.world for name, outlook in looked.items()},
    )  # fmt: skip


def reveal(panel: Panel, gw: int, month: int) -> dict[str, int] | None:
    """Return the deaths of a month by kind and in all; None where no release covers it."""
    if gw not in panel.areas or month not in panel.span:
        return None
    row, column = panel.index(gw), month - panel.span.first
    if not panel.covered[row, column]:
        return None
    kinds = KINDS if panel.kinds == KINDS else ()
    found = {kind: int(panel.series(kind)[row, column]) for kind in kinds}
    return found | {"total": int(panel.series("total")[row, column])}


def _run_of(tracks: Sequence[Track], span: months.Span, settings: Settings, outcomes: Panel) -> str:
    return digest.of_parts(
        __version__, digest.of_rooms(*ROOMS), [(t.name, t.label, t.digest) for t in tracks], str(span),
        settings.gw, list(settings.neighbours), settings.method, [asdict(rule) for rule in settings.rules],
        settings.priced, outcomes.digest,
        *(part for name, held in sorted(settings.readings.items()) for part in (name, *vars(held).values())),
    )  # fmt: skip


def _claim(parts: Path, run: str) -> None:
    """Take the folder for a run: parts of another run in it are removed."""
    parts.mkdir(parents=True, exist_ok=True)
    if _is_ours(parts, run):
        return
    for file in _parts_in(parts):
        file.unlink(missing_ok=True)
    write(parts / MARK, run.encode())


def _is_ours(parts: Path, run: str) -> bool:
    mark = parts / MARK
    return mark.is_file() and mark.read_text(encoding="utf-8") == run


def _check_ours(parts: Path, run: str) -> None:
    # Either would take for its own what the other has written.
    if not _is_ours(parts, run):
        raise Busy("replay.taken", out=str(parts.parent))


def _parts_in(parts: Path) -> Iterator[Path]:
    yield from sorted(parts.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].*"))


def _write(parts: Path, run: str, step: Step, states: Mapping[str, Mapping[str, State]]) -> None:
    _check_ours(parts, run)
    name = months.label(step.month)
    packed = io.BytesIO()
    held: dict[str, Any] = {track: step.draws[track] for track in sorted(step.draws)}
    held |= {f"{track}{WORLD}": step.world[track] for track in sorted(step.world)}
    np.savez_compressed(packed, **held)
    write(parts / f"{name}.npz", packed.getvalue())
    values = {
        "month": name, "outlooks": [dict(facts) for facts in step.outlooks], "revealed": step.revealed,
        "messages": {track: [m.to_dict() for m in said] for track, said in step.messages.items()},
        "states": {track: {rule: asdict(s) for rule, s in held.items()} for track, held in states.items()},
    }  # fmt: skip
    # Written last: a month counts as done when this file is there.
    write(parts / f"{name}.json", _json(values))


def _json(values: object) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _read(
    parts: Path, run: str, month: int, tracks: Sequence[Track]
) -> tuple[Step, dict[str, Mapping[str, State]]] | None:
    """Return a month that was walked before, or None; a part that cannot be read is walked again."""
    _check_ours(parts, run)
    name = months.label(month)
    packed = arrays(parts / f"{name}.npz", [t.name + end for end in ("", WORLD) for t in tracks])
    if packed is None:
        return None
    try:
        values = json.loads((parts / f"{name}.json").read_text(encoding="utf-8"))
        by_track = {facts["track"]: facts for facts in values["outlooks"]}
        step = Step(
            month, tuple(by_track[track.name] for track in tracks),
            {t.name: tuple(Message.from_dict(m) for m in values["messages"][t.name]) for t in tracks},
            values["revealed"], {t.name: packed[t.name] for t in tracks},
            {t.name: packed[f"{t.name}{WORLD}"] for t in tracks},
        )  # fmt: skip
        states: dict[str, Mapping[str, State]] = {
            t.name: {rule: State(**held) for rule, held in values["states"][t.name].items()} for t in tracks
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Damaged):
        return None
    return step, states


def arrays(file: Path, names: Sequence[str]) -> dict[str, NDArray[Any]] | None:
    """Return arrays of a part by their names; None where the file or one of them is missing or damaged."""
    try:
        with np.load(file) as packed:
            return {name: packed[name] for name in names}
    except (*SPOILT, RuntimeError, KeyError, TypeError):
        return None
