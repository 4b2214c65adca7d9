"""What a message tells beside its probability: confidence, base rate, what would lower it, its record."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from warn_panels import FIRST, MALI, SENEGAL, panel_of, rule
from warn_rounds import NOW, WAR, hold, panel_of_first, round_of

from tocsin import warn
from tocsin.forecast import Forecast
from tocsin.warn import Basis, Readings, Store, facts
from tocsin.warn.words import confidence

PLACE = 20
"""The past origin at which the rule of the readings warned."""


def _readings(hits: int, false_alarms: int, *, quiet: int = 0, release: str = "a release") -> Readings:
    """Return readings of the plain rule that warned so often and was so often right, an area each.

    40 windows have closed in each area, and in `quiet` more that it never warned of.
    """
    count = hits + false_alarms + quiet
    chances, results = np.zeros((count, 42), dtype=np.float32), np.zeros((count, 42), dtype=np.int8)
    chances[: hits + false_alarms, PLACE] = 0.9
    results[:hits, PLACE] = 1
    basis = Basis("a-method", (release,), "as published", "e" * 64, "c" * 64)
    return Readings(
        tuple(range(1, count + 1)), tuple(range(FIRST - 42, FIRST)), chances,
        np.ones(chances.shape, dtype=bool), results, results, basis, rule().criterion,
    )  # fmt: skip


def _kept(held: Readings) -> dict[str, Readings]:
    return {held.criterion: held}


@pytest.mark.parametrize(
    ("hits", "false_alarms", "level"),
    [
        (9, 0, "low"), (10, 0, "moderate"), (29, 0, "moderate"), (30, 0, "high"), (30, 30, "high"),
        (30, 31, "moderate"),
    ],
)  # fmt: skip
def test_confidence_is_high_from_thirty_episodes_and_one_right_warning_in_two(
    store: Store, hits: int, false_alarms: int, level: str
) -> None:
    (message,) = hold(panel_of({MALI: WAR}), store, table=_kept(_readings(hits, false_alarms))).messages
    assert message.confidence == level
    for language in ("en", "fr"):
        assert message.texts[language].confidence == confidence(level, language)


def test_a_record_of_other_data_or_of_a_reconstruction_gives_low_confidence(store: Store) -> None:
    war = panel_of({MALI: WAR})
    (message,) = hold(war, store, table=_kept(_readings(30, 0, release="another release"))).messages
    assert message.confidence == "low"
    (message,) = hold(
        panel_of({MALI: WAR}, basis="reconstructed, lag 1"), store, table=_kept(_readings(30, 0))
    ).messages
    assert message.confidence == "low"
    (message,) = hold(war, store).messages
    assert message.confidence == "low"


@pytest.mark.parametrize(
    ("share", "said"), [(0.1, "is 10 times that"), (0.5, "is 2 times that"), (0.55, None), (0.0, None)]
)
def test_a_chance_at_least_twice_the_base_rate_is_told_as_its_multiple(
    store: Store, share: float, said: str | None
) -> None:
    results = np.zeros((1, 42), dtype=np.int8)
    results[0, : round(40 * share)] = 1
    held = dataclasses.replace(_readings(1, 0), results=results, after=results)
    (message,) = hold(panel_of({MALI: WAR}), store, table=_kept(held)).messages
    assert message.base_rate == pytest.approx(share)
    change = message.texts["en"].change
    assert "Base rate" in change
    assert (said in change) if said else ("times that" not in change)


def _forecast(paths: list[list[int]]) -> Forecast:
    draws = np.array(paths, dtype=np.int32).T[None]
    steps = tuple(range(1, draws.shape[1] + 1))
    return Forecast(
        level="country", scheme="gw", areas=(MALI,), origin=FIRST + 23, steps=steps,
        target="total", method="a-method", draws=draws, assessed=np.ones(1, dtype=np.bool_), inputs="",
    )  # fmt: skip


def test_a_quiet_next_month_is_told_with_the_chance_on_the_paths_that_begin_so() -> None:
    # A quarter of the paths, and one more, begin with 2 deaths or fewer: of these three, one reaches 25 in
    # the two months that are left of the window, with the 5 deaths so far. The third month is beyond it.
    said = _forecast(
        [[0, 19, 0], [2, 18, 0], [2, 0, 90], [9, 9, 9], [9, 9, 9], [9, 9, 9], [9, 20, 0], [30, 0, 0]]
    )  # fmt: skip
    assert np.quantile([0, 2, 2, 9, 9, 9, 9, 30], 0.25, method="lower") == 2

    def told(probability: float, *, sofar: int = 5, last: int = FIRST + 25) -> tuple[str, ...]:
        found = facts.lowering(
            rule(), said, MALI, probability=probability, needed=25, sofar=sofar, last=last
        )  # fmt: skip
        return found["en"]

    off = "The warning is called off if the probability falls below 30%."
    quiet = "If deaths in 2011-01 come to 2 at most, the probability falls to {} by this forecast."
    assert told(0.9) == (quiet.format("33%"), off)
    assert told(0.9, sofar=6) == (quiet.format("67%"), off)
    assert told(0.9, sofar=4) == (quiet.format("<1%"), off)
    assert told(0.9, sofar=0, last=FIRST + 26) == (quiet.format("33%"), off)
    none = "If there are no deaths in 2011-01, the probability falls to 75% by this forecast."
    assert facts.lowering(
        rule(), _forecast([[0, 30, 0]] * 3 + [[0, 0, 0], [9, 20, 0]]), MALI, probability=0.9, needed=25,
        sofar=0, last=FIRST + 25,
    )["en"] == (none, off)  # fmt: skip
    # What does not fall, and a window that the next month closes, are not told as falling.
    assert told(1 / 3) == (off,)
    assert told(0.9, last=FIRST + 24) == (off,)


@pytest.mark.parametrize(
    ("areas", "english", "french"), [(2, "7.7", "7,7"), (3, "11", "11"), (4, "14", "14")]
)
def test_years_between_warnings_are_told_to_a_tenth_below_ten_and_whole_from_there(
    areas: int, english: str, french: str
) -> None:
    # One warning in 40 months of so many areas, and a year added, as Weibull has it.
    found = warn.record(rule(), _readings(1, 0, quiet=areas - 1), until=FIRST)
    assert found is not None
    assert found.return_period == pytest.approx(areas * 40 / 12 + 1)
    assert f"one warning in {english} years in a country" in found.sentence("en")
    assert f"une alerte tous les {french} ans dans un pays" in found.sentence("fr")


def test_a_warning_carries_the_time_at_which_it_was_issued_and_one_declined_carries_none(
    store: Store,
) -> None:
    later = NOW + dt.timedelta(days=3)
    series = {MALI: [*WAR, 10, 2], SENEGAL: [*WAR, 10, 2]}
    first, second = round_of(panel_of_first(series, 24), store)
    assert first.made_at == NOW.isoformat() != later.isoformat()
    issued = store.decide(first.id, "issued", by="Duty officer", at=later.isoformat())
    declined = store.decide(second.id, "declined", by="Duty officer", at=later.isoformat())
    assert (issued.issued_at, declined.issued_at) == (later.isoformat(), None)
    round_of(panel_of_first(series, 25), store)
    (update,) = (m for m in round_of(panel_of_first(series, 26), store) if m.gw == MALI)
    assert update.references == ((first.id, later.isoformat()),)
