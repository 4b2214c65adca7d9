"""Signals: what events and other kinds say, that none reads a later month, and when they are left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import forecast
from tocsin.forecast import FittedPool, Pool
from tocsin.forecast.features import FEATURES, LEVEL, features
from tocsin.forecast.signals import SIGNALS, STEADIED, USUAL, signals, usual
from tocsin.months import parse
from tocsin.panel import Panel

MakePanel = Callable[..., Panel]


def noise(seed: int, months: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    deaths = rng.negative_binomial(0.4, 0.02, (4, months)).astype(np.int32)
    return deaths, (deaths + 3) // 4, rng.random((4, months)) > 0.1


def said(deaths: np.ndarray, events: np.ndarray, covered: np.ndarray | None = None) -> np.ndarray:
    known = np.ones(deaths.shape, dtype=bool) if covered is None else covered
    touching = ~np.eye(len(deaths), dtype=bool)
    return signals(deaths, events, 2 * deaths[::-1], events[::-1], known, touching)


def one(found: np.ndarray, name: str, area: int = 0) -> float:
    return float(found[area, -1, SIGNALS.index(name)])


@given(seed=st.integers(0, 10**6), cut=st.integers(1, 79))
@settings(max_examples=20)
def test_later_months_never_change_earlier_signals(seed: int, cut: int) -> None:
    deaths, events, covered = noise(seed)
    before = said(deaths, events, covered)[:, :cut]
    deaths[:, cut:], events[:, cut:], covered[:, cut:] = 777, 77, ~covered[:, cut:]
    np.testing.assert_allclose(said(deaths, events, covered)[:, :cut], before, rtol=1e-6, atol=1e-6)


def test_signals_say_what_their_names_say() -> None:
    deaths, events = np.zeros((2, 36)), np.zeros((2, 36))
    deaths[0, 24:], events[0, 24:] = 12, 3
    deaths[1, 35], events[1, 35] = 30, 5
    found = said(deaths, events)
    expected = {
        "events_12": np.log1p(3), "events_36": np.log1p(1), "each_12": np.log1p(12) - np.log1p(3),
        "others_12": np.log1p(60 / 12), "other_events_12": np.log1p(5 / 12),
        "near_events_12": np.log1p(5 / 12 + 3),
    }  # fmt: skip
    for name, value in expected.items():
        assert one(found, name) == pytest.approx(value, rel=1e-5), name


def test_a_massacre_moves_the_steadied_level_less_than_the_level() -> None:
    deaths, events = np.full((2, 60), 40.0), np.full((2, 60), 10.0)
    calm = said(deaths, events)
    deaths[0, -1] = 1000
    known, touching = np.ones((2, 60), dtype=bool), np.zeros((2, 2), dtype=bool)
    level = features(deaths, known, touching)[0, -1, FEATURES.index(LEVEL)]
    steadied = np.expm1(one(said(deaths, events), STEADIED))
    assert np.expm1(one(calm, STEADIED)) < steadied < 0.25 * np.expm1(level)


def test_a_massacre_moves_usual_months_less_than_the_level() -> None:
    deaths, known = np.full((1, 60), 40.0), np.ones((1, 60), dtype=bool)
    assert np.expm1(usual(deaths, known)) == pytest.approx(40.0, rel=1e-5)
    assert not usual(deaths * 0, known).any()
    deaths[0, -1], known[0, -2] = 1000, False
    level = np.expm1(features(deaths, known, np.zeros((1, 1), dtype=bool))[0, -1, FEATURES.index(LEVEL)])
    found = usual(deaths, known)
    assert 40 < np.expm1(found[0, -1]) < 0.5 * level
    unknown = deaths.copy()
    unknown[0, -2] = 9000
    np.testing.assert_array_equal(usual(unknown, known), found)
    np.testing.assert_array_equal(usual(deaths[:, :-1], known[:, :-1]), found[:, :-1])


def test_what_a_month_without_knowledge_holds_is_not_read() -> None:
    deaths, events, covered = noise(3, 60)
    before = said(deaths, events, covered)
    other, others = np.where(covered, deaths, 900), np.where(covered, events, 90)
    np.testing.assert_array_equal(
        said(other, others, covered & covered[::-1]), said(deaths, events, covered & covered[::-1])
    )
    assert np.isfinite(before).all()


def with_events(panel: Panel) -> Panel:
    return dataclasses.replace(panel, events=(panel.deaths + 3) // 4)


def fitted(panel: Panel) -> FittedPool:
    made = forecast.fit(panel, origin=panel.span.last, target="sb")
    assert isinstance(made, FittedPool)
    return made


def test_events_are_read_where_the_panel_holds_them(make_panel: MakePanel) -> None:
    deaths = noise(11, 240)[0]
    bare = make_panel(deaths)
    told = with_events(bare)
    assert fitted(bare).reading.columns == (*FEATURES, USUAL)
    assert fitted(told).reading.columns == (*FEATURES, USUAL, *SIGNALS)
    assert SIGNALS[0] == STEADIED
    for pool in (fitted(bare), fitted(told)):
        assert pool.reading.described.shape[-1] == len(pool.reading.columns)
    assert told.digest != bare.digest
    first, second = (fitted(panel).predict((1, 6), 100) for panel in (bare, told))
    assert first.inputs != second.inputs
    assert first.digest != second.digest
    # What stands beside a panel is read as its own would be, but for the digest of the inputs.
    beside = fitted(dataclasses.replace(bare, beside=told)).predict((1, 6), 100)
    np.testing.assert_array_equal(beside.draws, second.draws)


def test_events_that_stop_before_the_origin_are_not_read(make_panel: MakePanel) -> None:
    bare = make_panel(noise(11, 120)[0])
    known = bare.covered.copy()
    known[:, -6:] = False
    short = dataclasses.replace(
        with_events(bare), covered=known, deaths=np.where(known[..., None], bare.deaths, 0)
    )
    late = fitted(dataclasses.replace(bare, beside=short))
    assert late.reading.told is None
    np.testing.assert_array_equal(late.predict((1,), 50).draws, fitted(bare).predict((1,), 50).draws)


@pytest.mark.parametrize(
    ("method", "reads"),
    [("tocsin", True), ("recent", False), ("hurdle", True), ("weighted", True), ("last", False)],
)
def test_methods_that_read_events_say_when_they_do_without(
    make_panel: MakePanel, method: str, reads: bool
) -> None:
    bare = make_panel(noise(11, 120)[0])
    known = bare.covered.copy()
    known[:, -6:] = False
    short = dataclasses.replace(
        with_events(bare), covered=known, deaths=np.where(known[..., None], bare.deaths, 0)
    )
    for beside, missed in ((None, False), (with_events(bare), False), (short, reads)):
        panel = dataclasses.replace(bare, beside=beside)
        made = forecast.fit(panel, origin=panel.span.last, method=method)
        assert made.misses_events is missed


def test_an_area_that_never_had_deaths_needs_no_events(make_panel: MakePanel) -> None:
    deaths = noise(11, 120)[0]
    deaths[0] = 0
    bare = make_panel(deaths)
    known = bare.covered.copy()
    known[0] = False
    assert fitted(
        dataclasses.replace(bare, beside=dataclasses.replace(with_events(bare), covered=known))
    ).reading.told
    deaths[0, -20] = 1
    late = make_panel(deaths)
    gap = dataclasses.replace(
        with_events(late), covered=known, deaths=np.where(known[..., None], late.deaths, 0)
    )
    assert fitted(dataclasses.replace(late, beside=gap)).reading.told is None


def test_imagined_deaths_bring_their_events(make_panel: MakePanel) -> None:
    months = parse("2012-12") - 109 + 1
    panel = with_events(make_panel(noise(5, months)[0], areas=(432, 436, 615, 625)))
    pool = fitted(panel)
    series = panel.series("sb")[0]
    np.testing.assert_array_equal(pool.imagined(432, series).described[0], pool.present.described[0])
    calm, column = (
        np.where(np.arange(months) < months - 12, series, 0),
        pool.reading.columns.index("events_12"),
    )
    assert pool.imagined(432, calm).described[0, column] == 0
    shock = series.copy()
    shock[series == 0] = 25
    assert pool.imagined(432, shock).described[0, column] > pool.present.described[0, column]


@pytest.mark.parametrize(("told", "shares"), [(False, (0.0, 0.4)), (True, (0.0, 0.4)), (True, (0.4, 0.0))])
def test_the_shares_of_steadied_levels_are_settings(
    make_panel: MakePanel, told: bool, shares: tuple[float, ...]
) -> None:
    panel = make_panel(noise(7, 200)[0])
    history = forecast.History.of(with_events(panel) if told else panel, 109 + 199, "sb")
    plain = Pool("tocsin", forest=dataclasses.replace(Pool("tocsin").forest, steadied=shares))
    first, second = (pool.fit(history).predict((1,), 50).draws for pool in (Pool("tocsin"), plain))
    assert (first != second).any()


def test_steadied_levels_take_their_shares_on_a_log_scale(make_panel: MakePanel) -> None:
    bare = make_panel(noise(3, 120)[0])
    for panel, expected in ((bare, (0.6, 0.4)), (with_events(bare), (0.2, 0.4, 0.4))):
        pool = fitted(panel)
        now, grown = pool.present.described, pool.taught((1, 2, 3))
        assert grown is not None
        told = np.expm1(now[:, [FEATURES.index(LEVEL), *range(len(FEATURES), now.shape[1])]].astype(float))
        logs = np.log(told[:, : len(expected)] + pool.pool.forest.offset)
        np.testing.assert_allclose(np.log(grown.analogues(now).present), logs @ expected, rtol=1e-9)
