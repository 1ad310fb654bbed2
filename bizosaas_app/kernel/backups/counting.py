"""What a database holds, in numbers that two copies of it can be compared by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import psycopg
from psycopg import sql

_TABLES: Final = """
    SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""

_LEDGER: Final = """
    WITH facts AS (
        SELECT sha256(convert_to(jsonb_build_array(
            tenant_id, event_id, type, user_id, value, properties,
            (extract(epoch FROM occurred_at) * 1000000)::bigint, (extract(epoch FROM received_at) * 1000000)::bigint,
            source, reverses_event_id
        )::text, 'UTF8')) AS digest
        FROM gamification_events
    )
    SELECT count(*),
        coalesce(sum(('x' || encode(substr(digest, 1, 8), 'hex'))::bit(64)::bigint::numeric), 0)::text || '/' ||
        coalesce(sum(('x' || encode(substr(digest, 9, 8), 'hex'))::bit(64)::bigint::numeric), 0)::text
    FROM facts
"""
"""The checksum of the ledger: each event's canonical columns as a JSON array, its SHA-256, and of all of them the
sums of the first and of the second eight bytes as signed numbers. Equal for equal sets of events in any order, and
it needs no sort and no memory, however many there are. It tells of loss and change, not of a forger."""


_PRESENT: Final = frozenset({"jobs.procrastinate_workers"})
"""Who is at work just now. A server that was not stopped writes itself down again before anybody can count."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows each table holds, by `schema.table`, and the ledger's checksum."""

    rows: dict[str, int]
    events: int
    checksum: str

    def differences(self, other: Contents) -> list[str]:
        """Say in words what the other copy has otherwise; nothing when both hold the same data."""
        names = sorted((self.rows.keys() | other.rows.keys()) - _PRESENT)
        found = [
            f"{name} has {other.rows.get(name, 'no table')} rows, not {self.rows.get(name, 'no table')}"
            for name in names
            if self.rows.get(name) != other.rows.get(name)
        ]
        if (self.events, self.checksum) != (other.events, other.checksum):
            found.append("the ledger's checksum is another one")
        return found


def count(connection: psycopg.Connection) -> Contents:
    """Count every table's rows and sum the ledger up, within the connection's transaction.

    A role that would not see every row is refused by PostgreSQL rather than shown a part.
    """
    connection.execute("SET LOCAL row_security = off")
    connection.execute("SET LOCAL TimeZone = 'UTC'")
    rows = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        rows[f"{schema}.{table}"] = cast(int, _one(connection, query)[0])
    if "public.gamification_events" not in rows:
        return Contents(rows, 0, "0/0")
    events, checksum = _one(connection, sql.SQL(_LEDGER))
    return Contents(rows, cast(int, events), cast(str, checksum))


def revision(connection: psycopg.Connection) -> str | None:
    """Give the schema's revision; None when nothing was ever migrated here."""
    if _one(connection, sql.SQL("SELECT to_regclass('public.alembic_version')"))[0] is None:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else cast(str, found[0])


def _one(connection: psycopg.Connection, query: sql.SQL | sql.Composed) -> tuple[object, ...]:
    found = connection.execute(query).fetchone()
    if found is None:
        raise RuntimeError("an aggregate gave no row")
    return cast("tuple[object, ...]", found)
