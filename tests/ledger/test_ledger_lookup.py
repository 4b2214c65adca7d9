"""Looking up: entries are found by what they are of, and what is no id or author is never asked for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_standin import Clock, dismissal, event, tampering, values, warning

from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.ledger import (
    Ledger,
)


def test_an_area_is_found_as_it_is_written(ledger: Ledger) -> None:
    areas = ("pcode:ML09@cod_2023", "pcode:ML09@codX2023", "pcode:ML09@COD_2023", "pcode:ML09@cod_2023b")
    ledger.extend(values(f"e-{n}", areas=[area, "MLI"]) for n, area in enumerate(areas))
    for n, area in enumerate(areas):
        assert [one.entry.id for one in ledger.entries(area=area, newest=4)] == [f"e-{n}"]
    assert len(ledger.entries(area="MLI")) == 4


def test_entries_are_found_by_type_area_author_and_date(ledger: Ledger) -> None:
    ledger.extend([
        warning(date="2011-12/2012-02"),
        dismissal(date="2012-03", author="Other desk"),
        values("x", areas=["NER", "gid:1"], date="2012"),
        values("y", areas=["Niger"], date="2013-06-01"),
    ])  # fmt: skip

    def ids(**by: object) -> list[str]:
        return [one.entry.id for one in ledger.entries(**by)]  # type: ignore[arg-type]

    assert ids() == ["w-1", "d-1", "x", "y"]
    assert ids(type="dismissal") == ["d-1"]
    assert ids(area="Niger") == ids(area=436) == ids(area="gw:436") == ["x", "y"]
    assert ids(area="gid:1") == ["x"]
    assert ids(area="gid:146512") == []
    assert ids(author="Other desk") == ["d-1"]
    assert ids(since="2012-03") == ["d-1", "x", "y"]
    assert ids(until="2011") == ["w-1"]
    assert ids(since="2012-02", until="2012-02") == ["w-1", "x"]
    assert ids(newest=2) == ["x", "y"]
    with pytest.raises(UnknownName):
        ids(type="rumour")
    with pytest.raises(BadInput, match="Nowhere"):
        ids(area="Nowhere")
    with pytest.raises(BadInput, match="soon"):
        ids(since="soon")


def test_an_entry_that_is_not_there_is_named(ledger: Ledger) -> None:
    for ask in (ledger.entry, ledger.prove):
        with pytest.raises(UnknownName, match="no-such"):
            ask("no-such")


@pytest.mark.parametrize("id", ["a\x00b", "\udcff", "\x1b[31m", "No", "x" * 200])
def test_what_is_no_id_is_never_looked_for(ledger: Ledger, id: str) -> None:
    for ask in (ledger.entry, ledger.prove):
        with pytest.raises(UnknownName) as refused:
            ask(id)
        assert str(refused.value).isprintable()
    assert ledger.linked_from(id) == []


@pytest.mark.parametrize("author", ["a\x00b", "\udcff", " "])
def test_an_author_is_looked_for_as_one_can_be_written(ledger: Ledger, author: str) -> None:
    ledger.append(values(author="Rene\u0301"))
    assert len(ledger.entries(author="Rene\u0301")) == 1
    with pytest.raises(BadInput, match="author"):
        ledger.entries(author=author)


def test_more_entries_than_can_be_counted_are_all(ledger: Ledger) -> None:
    ledger.append(event(1))
    assert len(ledger.entries(newest=10**20)) == 1


def test_a_damaged_entry_is_named_when_it_is_read(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend([event(0), event(1)])
    with tampering(place) as run:
        run("UPDATE entries SET body = '{}' WHERE idx = 1")
    with Ledger.open(place) as ledger, pytest.raises(Damaged, match="2"):
        ledger.entry("e-1")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_can_be_recorded_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, text: str, author: str
) -> None:
    with Ledger.open(tmp_path_factory.mktemp("any") / "l.sqlite", clock=Clock()) as ledger:
        try:
            ledger.append(values("x", text=text, author=author))
        except BadInput:
            assert len(ledger) == 0
            return
        held = ledger.entry("x")
        assert held.entry.canonical() in held.body
        assert ledger.entries(author=held.entry.author) == [held]
        assert ledger.verify().ok
