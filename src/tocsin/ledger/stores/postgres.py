"""The ledger in a PostgreSQL database, for several people at once."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tocsin.errors import BadInput, BadStore, Busy, Damaged, NotReachable, TocsinError
from tocsin.ledger.stores.store import COLUMNS, LAYOUT, LAYOUT_OF, Flaw, Row, Session, check_layout

if TYPE_CHECKING:
    import psycopg

SCHEMA = "tocsin_ledger"

CONNECT = 10
"""Seconds after which a server that lets nobody in is out of reach; a lock may be waited for longer."""

_TABLES = """
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE entries (
    idx bigint PRIMARY KEY,
    id text NOT NULL UNIQUE,
    type text NOT NULL,
    date_from text NOT NULL,
    date_to text NOT NULL,
    author text NOT NULL,
    areas text NOT NULL,
    recorded_at text NOT NULL,
    leaf bytea NOT NULL,
    body text NOT NULL
);
CREATE TABLE links (
    idx bigint NOT NULL, position integer NOT NULL, role text NOT NULL, target text NOT NULL,
    PRIMARY KEY (idx, position)
);
CREATE INDEX links_by_target ON links (target);
CREATE TABLE nodes (
    level integer NOT NULL, idx bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, idx)
);
CREATE TABLE checkpoints (seq bigint PRIMARY KEY, size bigint NOT NULL, note text NOT NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
"""

# Views and rules in the place of tables, policies that hide rows, and triggers and indexes by other hands.
_STRANGE = """
SELECT relname FROM pg_class WHERE relnamespace = 'tocsin_ledger'::regnamespace AND relname = ANY(?)
    AND (relkind <> 'r' OR relhasrules OR relrowsecurity)
UNION ALL SELECT indexes.relname FROM pg_index JOIN pg_class indexes ON indexes.oid = indexrelid
    JOIN pg_class tables ON tables.oid = indrelid
    WHERE tables.relnamespace = 'tocsin_ledger'::regnamespace AND tables.relname = ANY(?)
    AND (indexes.relname <> ALL(?) OR indpred IS NOT NULL OR indexprs IS NOT NULL)
UNION ALL SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'tocsin_ledger'::regnamespace AND relname = ANY(?)
    AND NOT tgisinternal AND tgname <> 'no_change'
"""
_INDEXES = [
    "entries_pkey", "entries_id_key", "links_pkey", "links_by_target", "nodes_pkey", "checkpoints_pkey",
    "meta_pkey",
]  # fmt: skip
_SOUGHT = (
    ("entries", "idx", "-9223372036854775808"), ("entries", "id", ""),
    ("links", "idx", "-9223372036854775808"), ("links", "target", ""),
)  # fmt: skip
"""Columns by which rows are looked up, each the first of an index, and the least that can stand in one."""

# One lock for the whole ledger, named by its schema: appends wait for each other, readers for nobody.
_LOCK = 0x746F6373696E
# Where a password holds @ or / as they are, libpq takes the rest of it for a host, a port or a database.
_TORN = re.compile(r"postgres(ql)?://[^@/]*[@/][^?]*@")


class PostgresSession:
    """One transaction on the database."""

    bytes_of_body = "convert_to(body, 'UTF8')"

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._cursors = itertools.count()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""
        return self._connection.execute(_marked(statement), parameters).fetchall()

    def stream(self, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a query without holding them all."""
        with self._connection.cursor(name=f"stream_{next(self._cursors)}") as cursor:
            cursor.itersize = 2_000
            cursor.execute(_marked(statement), parameters)
            yield from cursor

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Append rows to a table."""
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})".encode()
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, rows)


class PostgresStore:
    """A ledger in the schema `tocsin_ledger` of a database; appends take an advisory lock in turn."""

    def __init__(self, url: str, *, create: bool, origin: str, wait: float) -> None:
        try:
            import psycopg
        except ImportError:
            raise BadStore("ledger.no_psycopg") from None
        self._errors_of = psycopg
        self._wait = wait
        self._name = _name(url)
        try:
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=min(max(2, round(wait)), CONNECT)
            )
        except psycopg.OperationalError as error:
            raise NotReachable("ledger.no_server", path=self._name, reason=_first_line(error)) from None
        except psycopg.ProgrammingError:
            raise BadStore("ledger.bad_url", path=self._name) from None
        try:
            with self._errors():
                self._connection.execute(f"SET search_path TO {SCHEMA}")
                self._connection.execute(f"SET lock_timeout = {round(wait * 1000)}")
                self._connection.execute("SET synchronous_commit = on")
                self._lay(create, origin)
        except BaseException:
            self._connection.close()
            raise

    @property
    def name(self) -> str:
        """The address, without a password."""
        return self._name

    @contextlib.contextmanager
    def read(self) -> Iterator[PostgresSession]:
        """Open a transaction that sees one state of the ledger throughout."""
        with self._errors():
            self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield PostgresSession(self._connection)
            finally:
                self._roll_back()

    @contextlib.contextmanager
    def write(self) -> Iterator[PostgresSession]:
        """Open the transaction that alone may append; it is on disk when the block ends without an error."""
        with self._errors():
            self._connection.execute("BEGIN")
            try:
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                yield PostgresSession(self._connection)
                self._connection.execute("COMMIT")
            finally:
                self._roll_back()

    def check(self, session: Session) -> Flaw | None:
        """Return what others have laid over the tables, or an index that does not list all rows, or None.

        The server checks the pages of its files itself.
        """
        tables = list(COLUMNS)
        strange = session.rows(_STRANGE, (tables, tables, _INDEXES, tables))
        if strange:
            return Flaw("schema", strange[0][0])
        for table, column, least in _SOUGHT:
            if _sum(session, table, column, least, "off") != _sum(session, table, column, least, "on"):
                return Flaw("index", f"{table}.{column}")
        return None

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _lay(self, create: bool, origin: str) -> None:
        if self._is_laid():
            return
        if not create:
            raise BadStore("ledger.no_ledger", path=self.name)
        with self.write() as session:
            if self._is_laid():
                return
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            self._connection.execute(_TABLES.encode())
            for table in COLUMNS:
                self._connection.execute(
                    f"CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION refuse()".encode()
                )
            session.insert("meta", COLUMNS["meta"], [("layout", LAYOUT), ("origin", origin)])

    def _is_laid(self) -> bool:
        # Asked of the catalogue, not of to_regclass: what that remembers may be older than the lock.
        tables = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = 'meta'"
        if not self._connection.execute(tables, (SCHEMA,)).fetchone():
            return False
        check_layout(self._connection.execute(LAYOUT_OF).fetchone(), self.name)
        return True

    def _roll_back(self) -> None:
        if not self._connection.closed and self._connection.info.transaction_status:
            with contextlib.suppress(self._errors_of.Error):
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._errors_of.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: psycopg.Error) -> TocsinError:
        errors, reason = self._errors_of.errors, _first_line(error)
        if self._connection.closed and not self._connection.broken:
            return BadInput("files.not_open", path=self.name, reason=reason)
        if isinstance(error, (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)):
            return Busy("ledger.busy", path=self.name, seconds=self._wait)
        if isinstance(error, errors.DiskFull):
            return TocsinError("ledger.disk_full", path=self.name)
        if isinstance(error, (errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)):
            return BadStore("ledger.read_only", path=self.name, reason=reason)
        if isinstance(error, (errors.DataCorrupted, errors.IndexCorrupted)):
            return Damaged("ledger.database_damaged", path=self.name, reason=reason)
        if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn, self._errors_of.IntegrityError)):
            return Damaged("ledger.database_damaged", path=self.name, reason=reason)
        if isinstance(error, (self._errors_of.OperationalError, self._errors_of.InterfaceError)):
            return NotReachable("ledger.no_server", path=self.name, reason=reason)
        return TocsinError("ledger.disk_refused", path=self.name, reason=reason)


def _sum(session: Session, table: str, column: str, least: str, through_index: str) -> list[Row]:
    """Return a sum over a table's rows: as they lie (`off`), or as the index over a column lists them."""
    directly = "off" if through_index == "on" else "on"
    ways = {"seqscan": directly} | dict.fromkeys(("indexscan", "indexonlyscan", "bitmapscan"), through_index)
    for way, used in ways.items():
        session.rows(f"SELECT set_config('enable_{way}', ?, true)", (used,))
    found = session.rows(
        f"SELECT count(*), sum(hashtext(idx || ' ' || {column})) FROM {table} WHERE {column} >= '{least}'"
    )
    for way in ways:
        session.rows(f"SELECT set_config('enable_{way}', 'on', true)")
    return found


def _name(url: str) -> str:
    """Return an address by user, host, port and database, which are no secrets; BadStore if it is none."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        parts = {}
    keys = ("user", "host", "port", "dbname")
    user, host, port, database = (quote(str(parts.get(key, "")), safe=",:") for key in keys)
    if not parts or _TORN.match(url) or re.search(r"[^\d,]", port):
        # Not shown: whatever stands in it may be the password.
        raise BadStore("ledger.bad_url", path="postgresql://…")
    return f"postgresql://{user and user + '@'}{host}{port and ':' + port}/{database}"


def _marked(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
