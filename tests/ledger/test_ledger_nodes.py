"""The nodes of the tree: whichever is gone is named by its place and by the entries under it."""

from __future__ import annotations

from pathlib import Path

from ledger_standin import event, tampering

from tocsin.ledger import Ledger


def test_any_node_that_is_gone_is_named_with_the_entries_under_it(tmp_path: Path) -> None:
    place = tmp_path / "ledger.sqlite"
    with Ledger.open(place) as ledger:
        ledger.extend(event(number) for number in range(13))
    with tampering(str(place)) as run:
        held = run("SELECT level, idx, hash FROM nodes")
    # 13 entries have 6 full pairs, 3 fours and one eight.
    assert sorted(row[0] for row in held) == [1] * 6 + [2] * 3 + [3]
    for level, index, value in held:
        with tampering(str(place)) as run:
            run("DELETE FROM nodes WHERE level = ? AND idx = ?", level, index)
        with Ledger.open(place) as ledger:
            (problem,) = ledger.verify().problems
        first, after = index << level, (index + 1) << level
        assert (problem.kind, problem.index, problem.id) == ("node_missing", first, f"e-{first}")
        assert problem.values | {"level": level, "node": index, "last": after} == problem.values
        with tampering(str(place)) as run:
            run("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", level, index, value)
    with Ledger.open(place) as ledger:
        assert ledger.verify().ok


def test_a_node_that_is_gone_is_named_though_one_under_it_is_gone_too(tmp_path: Path) -> None:
    place = tmp_path / "ledger.sqlite"
    with Ledger.open(place) as ledger:
        ledger.extend(event(number) for number in range(13))
        with tampering(str(place)) as run:
            run("DELETE FROM nodes WHERE idx = 0 AND level < 3")
        found = [(p.kind, p.values["level"], p.values["node"]) for p in ledger.verify().problems]
    assert found == [("node_missing", 1, 0), ("node_missing", 2, 0)]
