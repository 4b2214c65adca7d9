"""What is told of data and of counts, and a warning that says too little for a count."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from hindsight_world import QUIET, entry_of, panel_of, see, warning

from tocsin import figures
from tocsin.errors import BadInput, NotAssessed
from tocsin.figures import attribution
from tocsin.hindsight import propose_non_signatories, wilson


def test_the_data_are_told_with_what_they_rest_on() -> None:
    found = see([], panel_of(QUIET))
    assert "reconstructed" not in found.data("en")
    rebuilt = dataclasses.replace(found, basis="reconstructed, lag 2")
    assert "reconstructed, lag 2" in rebuilt.data("en")
    assert "chiffres reconstitués, retard de 2 mois" in rebuilt.data("fr")
    for language in ("en", "fr"):
        for part in (found.as_of.isoformat(), "2011-12", "a release"):
            assert part in rebuilt.data(language)
    told = rebuilt.facts()
    assert told == {
        "as_of": "2014-06-01", "data_until": "2011-12", "basis": "reconstructed, lag 2",
        "releases": ["a release"], "inputs": found.inputs,
        "attribution": attribution(found.releases).to_dict(),
    }  # fmt: skip


def test_hindsight_is_by_state_and_its_inputs_are_all_that_it_rests_on() -> None:
    panel = panel_of(QUIET)
    with pytest.raises(BadInput, match="cell"):
        see([], dataclasses.replace(panel, level="cell", scheme="priogrid", areas=(154062,)))
    inputs = [see([warning()], panel, belated=late).inputs for late in ((), ("w1",))]
    inputs += [see([], panel).inputs, see([warning()], panel_of([*QUIET, 0])).inputs]
    assert len(set(inputs)) == 4


def test_the_summary_counts_settled_warnings_and_tells_their_median_lead() -> None:
    # 5 deaths come in the first month, 10 by the second, 30 by the third; 99 never.
    panel = panel_of([*QUIET, 5, 5, 20])
    said = [warning(f"w{needed}", threshold=needed) for needed in (30, 5, 10, 99)]
    assert see(said[:2], panel).live.lead == 2
    found = see([*said, warning("later", window="2012-01-01/2012-06-30", threshold=99)], panel)
    assert found.live.to_dict() == {
        "warnings": 5, "settled": 4, "pending": 1, "hits": 3, "false_alarms": 1,
        "precision_95": wilson(3, 4), "brier": pytest.approx((3 * 0.09 + 0.49) / 4),
        "log": pytest.approx(-(3 * np.log(0.7) + np.log(0.3)) / 4), "lead_months_median": 2,
    }  # fmt: skip


@pytest.mark.parametrize("lacking", ["threshold", "window"])
def test_a_warning_without_deaths_or_without_months_to_count_has_no_criterion(lacking: str) -> None:
    told = {"threshold": 25, "window": "2012-01-01/2012-03-31", "rule": None} | {lacking: None}
    (alarm,) = see([warning(**told)], panel_of([*QUIET, 30, 0, 0])).alarms  # type: ignore[arg-type]
    assert (alarm.result, alarm.settled, alarm.deaths) == ("no_criterion", None, None)


def test_an_interval_of_a_share_holds_the_share_and_leaves_nothing_below_0_or_above_1() -> None:
    for cases in range(1, 200):
        for times in range(cases + 1):
            low, high = wilson(times, cases)
            assert 0 <= low <= times / cases + 1e-12
            assert times / cases - 1e-12 <= high <= 1
            opposite = wilson(cases - times, cases)
            assert (1 - high, 1 - low) == (pytest.approx(opposite[0]), pytest.approx(opposite[1]))


def test_the_twelve_months_that_no_figures_on_groups_cover_are_named() -> None:
    signed = entry_of("agreement", "a1", "2015-06", title="An accord", parties=["A", "B"], areas=["gw:530"])
    with pytest.raises(NotAssessed, match=r"gw:530.*2014-06.*2015-05"):
        propose_non_signatories(signed, figures.groups(as_of=dt.date(2025, 7, 1)))  # type: ignore[arg-type]
