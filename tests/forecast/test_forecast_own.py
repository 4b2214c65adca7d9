"""A method of one's own: found by its name, held to what a forecast is, scored like the others."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from tocsin import backtest, forecast, months
from tocsin.errors import BadInput, UnknownName
from tocsin.figures import panel as shipped
from tocsin.panel import Panel

CODE = '''
import numpy as np

def again(history, steps, draws):
    """The last 12 months again, which is what conflictology-12 says."""
    values, _ = history.window(12)
    at = np.floor((np.arange(draws) + 0.5) / draws * 12).astype(int)
    law = np.sort(values, axis=1)[:, at]
    return np.repeat(law[:, None, :], len(steps), axis=1)

def thin(history, steps, draws):
    return again(history, steps, draws)[:, :, :5]

def below(history, steps, draws):
    return again(history, steps, draws) - 1

def halves(history, steps, draws):
    return again(history, steps, draws) + 0.5

def broken(history, steps, draws):
    return 1 / 0

number = 3
'''
ORIGIN = months.parse("2019-12")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module in a folder that Python looks into."""
    name = f"mine_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(CODE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, name)
    return name


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Return the shipped figures."""
    return shipped(as_of=dt.date(2026, 1, 1))


def test_its_forecast_is_that_of_the_function(mine: str, panel: Panel) -> None:
    method = forecast.found(f"{mine}:again")
    made = forecast.fit(panel, origin=ORIGIN, method=method).predict((1, 2))
    theirs = forecast.fit(panel, origin=ORIGIN, method="conflictology-12").predict((1, 2))
    assert made.method == f"{mine}:again"
    np.testing.assert_array_equal(np.sort(made.draws, axis=2), np.sort(theirs.draws, axis=2))
    assert (made.draws[~made.assessed] == 0).all()


def test_what_it_was_made_by_is_in_the_digest(mine: str, panel: Panel, tmp_path: Path) -> None:
    def inputs() -> str:
        return forecast.fit(panel, origin=ORIGIN, method=forecast.found(f"{mine}:again")).predict((1,)).inputs

    before = inputs()
    assert inputs() == before
    with (tmp_path / f"{mine}.py").open("a", encoding="utf-8") as file:
        file.write("# another thought\n")
    assert inputs() != before


@pytest.mark.parametrize(
    ("function", "told"),
    [("thin", "areas, steps, draws"), ("below", "-1"), ("halves", "0.5"), ("broken", "line 21 (ZeroDiv")],
)  # fmt: skip
def test_what_is_no_forecast_is_refused(mine: str, panel: Panel, function: str, told: str) -> None:
    fitted = forecast.fit(panel, origin=ORIGIN, method=forecast.found(f"{mine}:{function}"))
    with pytest.raises(BadInput) as caught:
        fitted.predict((1,))
    assert f"{mine}:{function}" in str(caught.value)
    assert told in str(caught.value)


def test_a_name_that_leads_nowhere_is_told_with_the_remedy(mine: str, tmp_path: Path) -> None:
    for name, said in (
        ("no_such_module:again", "PYTHONPATH"), (f"{mine}.deeper:again", "PYTHONPATH"),
        (f"{mine}:nothing", "MODULE:FUNCTION"), (f"{mine}:number", "MODULE:FUNCTION"),
        ("sys:exit", "MODULE:FUNCTION"), ("conflictology", "Choose one of"),
        ("mine.py:again()", "Choose one of"),
    ):  # fmt: skip
        with pytest.raises(UnknownName, match=said):
            forecast.found(name)
    for text in ("import no_such_thing_here\n", "1 / 0\n", "def (\n"):
        (tmp_path / f"{mine}_bad.py").write_text(text, encoding="utf-8")
        sys.modules.pop(f"{mine}_bad", None)
        with pytest.raises(BadInput, match="cannot be imported"):
            forecast.found(f"{mine}_bad:again")


def test_only_names_of_this_package_are_taken_where_a_name_may_come_from_elsewhere(
    mine: str, panel: Panel
) -> None:
    for ask in (forecast.named, lambda name: forecast.fit(panel, origin=ORIGIN, method=name)):
        with pytest.raises(UnknownName, match=r"forecast\.found"):
            ask(f"{mine}:again")
    assert mine not in sys.modules


def test_it_is_backtested_like_the_others_also_on_processes(mine: str, panel: Panel, tmp_path: Path) -> None:
    origins = [months.parse("2019-10"), months.parse("2020-10")]

    def run(name: str, jobs: int, out: str) -> backtest.Backtest:
        return backtest.run(
            panel, method=name, target="sb", origins=origins, steps=(1,), draws=200, jobs=jobs,
            out=tmp_path / out,
        )  # fmt: skip

    one, _ = run(f"{mine}:again", 1, "one.parquet"), run(f"{mine}:again", 2, "two.parquet")
    theirs = run("conflictology-12", 1, "theirs.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert one.months.collect()["crps"].mean() == pytest.approx(theirs.months.collect()["crps"].mean())


def test_a_backtest_of_another_version_of_it_is_made_anew(mine: str, panel: Panel, tmp_path: Path) -> None:
    def key() -> str:
        return backtest.Settings.of(panel, method=f"{mine}:again", target="sb", steps=(1,), draws=200).key

    before = key()
    with (tmp_path / f"{mine}.py").open("a", encoding="utf-8") as file:
        file.write("# another thought\n")
    assert key() != before


def test_the_method_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, panel: Panel) -> None:
    page = (Path(__file__).parents[2] / "docs/concepts/forecast.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n# mine\.py\n(.*?)```", page, flags=re.S)
    (tmp_path / "mine_of_the_page.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    method = forecast.found("mine_of_the_page:steady")
    made = forecast.fit(panel, origin=ORIGIN, method=method, target="total").predict((1, 2, 3))
    mali = made.index(432)
    assert made.probability(25)[mali] > 0.99
    past = panel.deaths[panel.index(432), : ORIGIN - panel.span.first + 1].sum(axis=1)
    assert made.draws[mali].mean() == pytest.approx(past[-12:].mean(), rel=0.02)
