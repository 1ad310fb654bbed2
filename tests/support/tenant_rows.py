"""A tenant's rows as the superuser sees them: their ids, the texts that nobody else has, and whether they changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlmodel.sql.sqltypes import AutoString

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from models import metadata
from tests.support.servers import Server

_DIGEST = sql.SQL("SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM {} t {}")
_LONGEST_NAME = 60
"""A longer key is one of ours, made to write something once."""
_SHORTEST = 6
_OURS = re.compile(r'["a-z_./-]*')
"""Short texts, and those of small letters alone, are words of ours rather than somebody's."""

_NAMES = ("key", "slug", "code")

Digest = dict[str, tuple[int, str]]


class TenantRows:
    """The tables of a running server, past every policy."""

    def __init__(self, server: Server) -> None:
        paths = PostgresPaths.under(server.data_dir)
        self._connection = psycopg.connect(
            cluster.superuser_url(paths, "bizosaas").replace("+psycopg", ""), autocommit=True
        )

    def close(self) -> None:
        self._connection.close()

    def tenant(self, slug: str) -> UUID:
        found = self._connection.execute("SELECT id FROM tenants WHERE slug = %s", (slug,)).fetchone()
        assert found is not None
        tenant: UUID = found[0]
        return tenant

    def digest(self, tenant: UUID | None = None) -> Digest:
        """Give a count and a digest of every table, of all rows or of one tenant's."""
        found: Digest = {}
        for table in _tables():
            if tenant is not None and "tenant_id" not in table.columns:
                continue
            where = sql.SQL("" if tenant is None else "WHERE tenant_id = {}").format(sql.Literal(tenant))
            row = self._connection.execute(_DIGEST.format(_name(table), where)).fetchone()
            assert row is not None
            found[table.fullname] = (row[0], row[1])
        return found

    def ids(self, tenant: UUID) -> dict[str, list[str]]:
        """Give the ids of a tenant's rows by table."""
        return {
            table.name: [str(value) for value in self._values(table, "id", tenant)]
            for table in _tables()
            if {"tenant_id", "id"} <= set(table.columns.keys())
        }

    def keys(self, tenant: UUID) -> list[str]:
        """Give a name by which a row of each table is called and no other tenant's is: a key, a slug, a code."""
        found = (self._own_texts(table, column, tenant) for table, column in _texts() if column in _NAMES)
        short = ([text for text in texts if len(text) <= _LONGEST_NAME] for texts in found)
        return [max(texts) for texts in short if texts]

    def private_texts(self, tenant: UUID) -> set[str]:
        """Give the texts that stand in this tenant's rows and in nobody else's."""
        own = {text for table, column in _texts() for text in self._own_texts(table, column, tenant)}
        others = (set(self._values(table, column, tenant, is_other=True)) for table, column in _texts())
        return own.difference(*others)

    def _own_texts(self, table: Table, column: str, tenant: UUID) -> set[str]:
        own = set(self._values(table, column, tenant)) - set(self._values(table, column, tenant, is_other=True))
        return {text for text in own if len(text) >= _SHORTEST and not _OURS.fullmatch(text)}

    def _values(self, table: Table, column: str, tenant: UUID, *, is_other: bool = False) -> list[str]:
        query = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} IS NOT NULL AND tenant_id {2} %s ORDER BY 1").format(
            sql.Identifier(column), _name(table), sql.SQL("<>" if is_other else "=")
        )
        return [row[0] for row in self._connection.execute(query, (tenant,))]


def _tables() -> Iterator[Table]:
    return (table for table in metadata.sorted_tables if not table.info.get("is_view"))


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(*((table.schema, table.name) if table.schema else (table.name,)))


def _texts() -> list[tuple[Table, str]]:
    """List the columns of tenants' tables that hold text."""
    return [
        (table, column.name)
        for table in _tables()
        for column in (table.columns if "tenant_id" in table.columns else ())
        if isinstance(column.type, AutoString)
    ]
