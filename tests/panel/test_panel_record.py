"""The panel as a record: counts that are counts, plain ids, and nothing that changes under its digest."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.errors import BadInput, NotAssessed
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel, based

AREAS = (2, 20, 432)
SPAN = Span(109, 112)


def made(**changes: object) -> Panel:
    deaths = np.arange(36, dtype=np.int32).reshape(3, 4, 3).copy()
    covered = np.ones((3, 4), dtype=np.bool_)
    covered[0, 0] = False
    deaths[~covered] = 0
    plain: dict[str, object] = {
        "level": "country", "scheme": "gw", "areas": AREAS, "span": SPAN, "kinds": KINDS, "deaths": deaths,
        "covered": covered, "as_of": dt.date(2024, 1, 1), "releases": ("test 1.0",), "events": deaths // 2,
    }  # fmt: skip
    return Panel(**{**plain, **changes})  # type: ignore[arg-type]


def _with(value: float) -> NDArray[np.float64]:
    cube = made().deaths.astype(np.float64)
    cube[1, 2, 0] = value
    return cube


@pytest.mark.parametrize("kind", ["int64", "uint16", "float64", ">i4"])
def test_whole_numbers_of_any_type_are_the_same_panel(kind: str) -> None:
    known = made()
    assert known.events is not None
    other = made(deaths=known.deaths.astype(kind), events=known.events.astype(kind))
    assert (other.deaths.dtype, other.digest) == (np.int32, known.digest)


@pytest.mark.parametrize("field", ["deaths", "events"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 2.5, -1.0, 2.0**31])
def test_what_is_no_count_is_named_with_its_place(field: str, value: float) -> None:
    with pytest.raises(BadInput, match=rf"{field} hold {value} at \(1, 2, 0\).*not covered"):
        made(**{field: _with(value)})


def test_negative_whole_numbers_are_refused_too() -> None:
    with pytest.raises(BadInput, match=r"hold -1 at"):
        made(deaths=_with(-1).astype(np.int32))


def test_a_masked_value_is_no_zero() -> None:
    cube = np.ma.masked_array(made().deaths, mask=made().deaths == 17)
    with pytest.raises(BadInput, match="hold nan at"):
        made(deaths=cube)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"deaths": made().deaths.astype(str)}, "no numbers"),
     ({"deaths": made().deaths > 0}, "no numbers"),
     ({"covered": made().covered.astype(np.int8)}, "int8"),
     ({"covered": made().covered.astype(np.float64)}, "float64"),
     ({"kinds": ("os", "ns", "sb")}, "sb, ns, os"),
     ({"kinds": ("sb", "sb", "ns")}, "sb, ns, os"),
     ({"kinds": ("sb", "ns", "civil")}, "civil"),
     ({"areas": ("BEN", "MLI", "NGA")}, "'BEN'.*whole numbers"),
     ({"areas": (2.0, 20.0, 432.0)}, "2.0"),
     ({"level": "admin1"}, "are text"),
     ({"as_of": "2024-01-01"}, "'2024-01-01', which is no day"),
     ({"as_of": dt.datetime(2024, 1, 1)}, "without a time"),
     ({"as_of": np.datetime64("2024-01-01")}, "no day"),
     ({"deaths": made().deaths + 1}, "not covered"),
     ({"deaths": made().deaths[:, :3]}, r"\(3, 3, 3\)"),
     ({"covered": made().covered[:, :3]}, r"\(3, 3\)"),
     ({"events": made().deaths[:, :3]}, r"\(3, 3, 3\)"),
     ({"areas": (20, 2, 432)}, "ascending"),
     ({"areas": (2, 2, 432)}, "ascending"),
     ({"beside": made(span=Span(110, 113))}, "1989-02:1989-05")],
)  # fmt: skip
def test_what_a_panel_cannot_hold_is_refused(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        made(**changes)


@pytest.mark.parametrize("areas", [np.array(AREAS), [np.int16(gw) for gw in AREAS], list(AREAS)])
def test_ids_of_any_type_are_the_same_panel(areas: object) -> None:
    other = made(areas=areas)
    assert other.areas == AREAS
    assert [type(area) for area in other.areas] == [int] * 3
    assert other.digest == made().digest


COPIES: dict[str, Callable[[Panel], Panel]] = {
    "pickle 2": lambda panel: pickle.loads(pickle.dumps(panel, protocol=2)),
    "pickle": lambda panel: pickle.loads(pickle.dumps(panel)),
    "pickle 5": lambda panel: pickle.loads(pickle.dumps(panel, protocol=5)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "replace": dataclasses.replace,
}


@pytest.mark.parametrize("by", COPIES)
def test_a_copy_cannot_be_written_to_either(by: str) -> None:
    known = made(beside=made())
    assert known.index(432) == 2
    digest = known.digest
    other = COPIES[by](known)
    assert other.beside is not None
    assert other.events is not None
    for array in (other.deaths, other.covered, other.events, other.beside.deaths):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert "digest" not in vars(other)
    assert (other.digest, other.index(432)) == (digest, 2)


def test_an_array_under_the_one_given_changes_nothing() -> None:
    base = np.zeros((2, 3, 4, 3), dtype=np.int32)
    held = made(deaths=base[0], events=None)
    base[...] = 5
    assert not held.deaths.any()


def test_an_array_of_its_own_is_taken_without_a_copy() -> None:
    deaths = made().deaths.copy()
    assert made(deaths=deaths).deaths is deaths
    assert made(deaths=made().deaths[:]).deaths.base is not None


def test_an_origin_is_a_whole_number_of_any_kind() -> None:
    panel = made()
    assert panel.until(np.int64(110)).digest == panel.until(110).digest  # type: ignore[arg-type]
    with pytest.raises(NotAssessed):
        panel.until(np.int64(108))  # type: ignore[arg-type]
    for origin in (110.0, "1989-02", dt.date(1989, 2, 1), None):
        with pytest.raises(BadInput, match="origin is"):
            panel.until(origin)  # type: ignore[arg-type]


def test_what_was_known_is_asked_for_by_a_day_and_whole_months() -> None:
    panel = made()
    assert panel.known(dt.date(1989, 4, 1), np.int8(1)).span.last == 110  # type: ignore[arg-type]
    for on, lag in ((dt.datetime(1989, 4, 1), 1), ("1989-04-01", 1), (dt.date(1989, 4, 1), 1.5)):
        with pytest.raises(BadInput):
            panel.known(on, lag)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "gaps"),
    [
        ("0101", [Span(111, 111)]), ("1001", [Span(110, 111)]), ("0100", []), ("0000", []), ("1111", []),
    ],
)  # fmt: skip
def test_a_gap_lies_between_two_covered_months(held: str, gaps: list[Span]) -> None:
    covered = np.array([[month == "1" for month in held]] * 3)
    known = made(covered=covered, deaths=np.zeros((3, 4, 3), dtype=np.int32), events=None)
    assert list(known.gaps(432)) == gaps


def test_a_panel_may_hold_some_of_the_kinds_in_their_order() -> None:
    whole = made()
    assert whole.events is not None
    for kinds in (("sb",), ("os",), ("sb", "os")):
        at = [KINDS.index(kind) for kind in kinds]
        part = made(kinds=kinds, deaths=whole.deaths[:, :, at], events=whole.events[:, :, at])
        assert part.series(kinds[-1]).tolist() == whole.series(kinds[-1]).tolist()
        assert part.series("total").tolist() == whole.deaths[:, :, at].sum(axis=2).tolist()


@pytest.mark.parametrize(
    ("basis", "english", "french"),
    [
        ("as published", "as published", "chiffres publiés"),
        ("reconstructed, lag 2", "reconstructed, lag 2", "chiffres reconstitués, retard de 2 mois"),
        ("reconstructed", "reconstructed", "reconstructed"),
        ("of my own, lag 2", "of my own, lag 2", "of my own, lag 2"),
    ],
)  # fmt: skip
def test_what_a_panel_rests_on_is_told_in_either_language(basis: str, english: str, french: str) -> None:
    assert (based(basis, "en"), based(basis, "fr")) == (english, french)


def test_a_record_shows_arrays_by_their_shape_and_of_many_ids_the_first_and_the_last() -> None:
    told = repr(made(areas=tuple(range(2, 202)), deaths=np.zeros((200, 4, 3), dtype=np.int32), events=None,
                     covered=np.ones((200, 4), dtype=np.bool_)))  # fmt: skip
    assert "areas=<2 to 201, 200>" in told
    assert "deaths=<int32 [200, 4, 3]>" in told
    assert "areas=(2, 20, 432)" in repr(made())
    assert "releases=('test 1.0',)" in told
    assert len(told) < 1000
