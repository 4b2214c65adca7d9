import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decide import Pairs, best_trigger, break_even, value_curve
from tocsin.errors import BadInput


def test_break_even_is_cost_over_what_is_saved() -> None:
    assert break_even(10, 100) == pytest.approx(0.1)
    assert break_even(10, 100, 0.5) == pytest.approx(0.2)
    assert break_even(200, 100) > 1
    assert break_even(0, 100) == 0


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((-1, 100, 1), "-1"), ((1, 0, 1), "0"), ((1, 100, 0), "0"), ((1, 100, 1.5), "1.5"),
        ((np.inf, 100, 1), "inf"), ((1, np.inf, 1), "inf"), ((1, 100, np.nan), "nan"),
    ],
)  # fmt: skip
def test_impossible_costs_losses_and_effects_are_refused(values: tuple[float, ...], named: str) -> None:
    with pytest.raises(BadInput) as refused:
        break_even(*values)
    assert named in str(refused.value)


def test_perfect_foresight_is_worth_one_and_the_base_rate_nothing() -> None:
    happened = np.array([1, 0, 0, 1, 0, 0, 0, 0])
    perfect = value_curve(Pairs.of(happened.astype(float), happened), (0.1, 0.25, 0.6))
    assert perfect.value == pytest.approx([1, 1, 1])
    climate = value_curve(Pairs.of(np.full(8, 0.25), happened), (0.1, 0.25, 0.6))
    assert climate.value == pytest.approx([0, 0, 0])


@pytest.mark.parametrize("wrong", [0.0, 1.0, np.nan])
def test_a_ratio_of_no_cost_or_of_the_whole_loss_is_refused(wrong: float) -> None:
    with pytest.raises(BadInput, match=str(wrong)):
        value_curve(Pairs.of([0.2, 0.7], [0, 1]), (0.5, wrong))


def _expense(chance: np.ndarray, happened: np.ndarray, trigger: float, ratio: float) -> float:
    warned = chance >= trigger
    return float(np.mean(np.where(warned, ratio, happened)))


@given(
    rows=st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), st.booleans()), min_size=4, max_size=30
    ),
    ratio=st.sampled_from([0.05, 0.3, 0.5, 0.9]),
)
def test_value_is_that_of_counting_expenses_row_by_row(rows: list[tuple[float, bool]], ratio: float) -> None:
    chance, happened = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    curve = value_curve(Pairs.of(chance, happened), (ratio,))
    base = happened.mean()
    climate, perfect = min(ratio, base), ratio * base
    if climate == perfect:
        assert np.isnan(curve.value[0])
        return
    own = _expense(chance, happened, ratio, ratio)
    every = [_expense(chance, happened, t, ratio) for t in [*np.unique(chance), 2.0]]
    assert curve.value[0] == pytest.approx((climate - own) / (climate - perfect))
    assert curve.best[0] == pytest.approx((climate - min(every)) / (climate - perfect))
    # The best trigger can always warn of everything or of nothing, so it never does worse than climate.
    assert curve.best[0] >= -1e-12


def test_best_trigger_weighs_misses_against_false_alarms() -> None:
    pairs = Pairs.of([0.1, 0.2, 0.6, 0.9], [0, 1, 0, 1])
    assert best_trigger(pairs, cost=1, loss=100) == pytest.approx(0.2)
    assert best_trigger(pairs, cost=60, loss=100) == pytest.approx(0.9)
    assert best_trigger(pairs, cost=99, loss=100, effectiveness=0.5) > 1


@pytest.mark.parametrize(
    ("chance", "happened"),
    [([0.5], [0, 1]), ([], []), ([1.2], [1]), ([float("nan")], [1]), ([0.5], [2])],
)
def test_bad_pairs_are_refused(chance: list[float], happened: list[int]) -> None:
    with pytest.raises(BadInput):
        Pairs.of(chance, happened)


def test_pairs_come_from_a_backtest(shipped, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from tocsin import backtest

    panel = shipped.only([432, 436, 475, 625, 651, 900])
    origins = backtest.origins_of(backtest_span(), 12)
    found = backtest.run(
        panel, method="conflictology-12", target="total", origins=origins, steps=(1, 2, 3),
        out=tmp_path / "results.parquet", draws=200,
    )  # fmt: skip
    pairs = Pairs.of_backtest(found)
    series = panel.series("total")
    at = [origin - panel.span.first for origin in origins]
    sums = np.array([series[row, o + 1 : o + 4].sum() for row in range(6) for o in at])
    for deaths in (1, 25):
        assert Pairs.of_backtest(found, deaths=deaths).happened.sum() == (sums >= deaths).sum()
    assert pairs.method == "conflictology-12"
    # Shares of 200 draws to the last bit, though kept in fewer: 0.95 acts at the ratio 0.95.
    assert (pairs.probability == (200 * pairs.probability).round() / 200).all()
    assert (pairs.probability % 0.125 > 0).any()
    assert value_curve(pairs, (pairs.base_rate,)).value[0] > 0
    with pytest.raises(BadInput, match="26"):
        Pairs.of_backtest(found, deaths=26)
    with pytest.raises(BadInput, match="12 months"):
        Pairs.of_backtest(found, months=12)


def backtest_span():  # type: ignore[no-untyped-def]
    from tocsin.months import Span

    return Span.parse("2005-12:2018-12")
