"""The schema: what could hide entries in it is named, and so is one of another layout or in part gone."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from ledger_standin import Clock, copy_of, event, fill, tampering, verify

from tocsin.errors import BadInput, BadStore, Damaged
from tocsin.ledger import Ledger, existing


def hidden(statements: list[str], index: str) -> list[str]:
    """Return statements that rebuild an index in part, and then let the schema say that it is whole."""
    return [
        *statements,
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = 'CREATE INDEX {index} ON links (target)' WHERE name = '{index}'",
    ]


PART = "CREATE INDEX links_by_target ON links (target) WHERE target <> 'e-4'"


@pytest.mark.parametrize(
    ("statements", "kind", "what"),
    [
        (hidden(["DROP INDEX links_by_target", PART], "links_by_target"), "pages", "links_by_target"),
        (["DROP INDEX links_by_target", PART], "schema", "links_by_target"),
        (["CREATE INDEX roles ON links (role, target)"], "schema", "roles"),
        (["CREATE VIEW seen AS SELECT * FROM links"], "schema", "seen"),
        (["CREATE TRIGGER links_no_update BEFORE INSERT ON links BEGIN SELECT 1; END"], "schema", "links_no"),
    ],
)  # fmt: skip
def test_an_index_trigger_or_view_that_can_hide_entries_is_named(
    original: Path, tmp_path: Path, statements: list[str], kind: str, what: str
) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        for statement in statements:
            run(statement)
    (problem,) = verify(path).problems
    assert problem.kind == kind
    assert what in problem.message("en")
    assert what in problem.message("fr")


WHOLE = "UPDATE pg_index SET indpred = NULL WHERE indexrelid = '{}'::regclass"


def test_a_table_of_ones_own_hides_nothing(original: Path, tmp_path: Path) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        run("ANALYZE")
        run("CREATE TABLE remarks (entry TEXT, remark TEXT)")
    assert verify(path).ok


@pytest.mark.parametrize(
    ("statements", "kind", "what"),
    [
        (["DROP INDEX links_by_target", PART], "schema", "links_by_target"),
        (["CREATE INDEX roles ON links (role, target)"], "schema", "roles"),
        (["ALTER TABLE links ENABLE ROW LEVEL SECURITY"], "schema", "links"),
        (["CREATE RULE quiet AS ON INSERT TO links DO INSTEAD NOTHING"], "schema", "links"),
        (
            ["CREATE TRIGGER t BEFORE INSERT ON links FOR EACH STATEMENT EXECUTE FUNCTION refuse()"],
            "schema",
            "t",
        ),
        *(
            ([drop, make, WHOLE.format(name)], "index", column)
            for name, drop, make, column in (
                ("links_by_target", "DROP INDEX links_by_target", PART, "links.target"),
                (
                    "entries_id_key", "ALTER TABLE entries DROP CONSTRAINT entries_id_key",
                    "CREATE UNIQUE INDEX entries_id_key ON entries (id) WHERE id <> 'e-4'", "entries.id",
                ),
                (
                    "entries_pkey", "ALTER TABLE entries DROP CONSTRAINT entries_pkey",
                    "CREATE UNIQUE INDEX entries_pkey ON entries (idx) WHERE idx <> 4", "entries.idx",
                ),
            )
        ),
    ],
)  # fmt: skip
def test_what_can_hide_entries_on_a_server_is_named(
    postgres: str, statements: list[str], kind: str, what: str
) -> None:
    fill(postgres)
    with tampering(postgres) as run:
        for statement in statements:
            run(statement)
    first = verify(postgres).problems[0]
    assert (first.kind, first.values) == (kind, {"what": what})


def test_another_layout_is_left_alone(place: str) -> None:
    Ledger.open(place).close()
    with tampering(place) as run:
        run("UPDATE meta SET value = '99' WHERE name = 'layout'")
    with pytest.raises(BadInput, match="99"):
        Ledger.open(place)


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (id)")
    before = path.read_bytes()
    with pytest.raises(BadInput, match="not a ledger"):
        Ledger.open(path)
    assert path.read_bytes() == before


def test_where_the_making_of_a_ledger_was_broken_off_there_is_none_yet(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "broken-off.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with existing(path) as held:
        assert held is None
    with Ledger.open(path, clock=clock) as ledger:
        ledger.append(event(0))
    with existing(path) as held:
        assert held is not None
        assert len(held) == 1


def test_a_table_that_is_gone_is_said_to_be_damage(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    with tampering(place) as run:
        run("DROP TABLE nodes")
    with Ledger.open(place) as ledger, pytest.raises(Damaged):
        ledger.verify()


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_ledger_that_someone_named_and_that_is_not_there_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    with existing() as held:
        assert held is None
    path = tmp_path / "mistyped.sqlite"
    monkeypatch.setenv("TOCSIN_LEDGER_URL", str(path) if by == "environment" else "")
    named = path if by == "option" else None
    with pytest.raises(BadStore, match=r"no ledger at .*mistyped"), existing(named):
        pass
    with existing(named, new=True) as held:
        assert held is None
