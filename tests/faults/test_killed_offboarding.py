"""Workers are killed while they erase a tenant or write its export: another ends it, once, and nothing is half-left."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import Table

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths
from bizosaas_app.kernel.embedded.valkey import url as valkey_url
from bizosaas_app.kernel.secrets import FileSecrets
from bizosaas_app.services.departures import erasing
from bizosaas_app.services.exports.scopes import sources
from tests.support.results import administrator
from tests.support.servers import Server

EXPORTS: Final = "/api/v1/privacy/exports"
PATIENCE_SECONDS: Final = 300
FILES: Final = frozenset({"README.txt", *(f"{source.table.name}.jsonl" for source in sources("tenant"))})
WRITTEN_MEANWHILE: Final = frozenset({"audit_log", "auth_sessions", "job_runs", "rank_snapshots"})
"""What the servers themselves write while an export goes on."""
HOLD: Final = """
CREATE FUNCTION hold_export() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM export_parts p WHERE p.run_id = NEW.run_id AND p.source = NEW.source) THEN
        PERFORM pg_advisory_xact_lock(4711);
    END IF;
    RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION hold_export() TO PUBLIC;
CREATE TRIGGER hold_export BEFORE INSERT ON export_parts FOR EACH ROW WHEN (NEW.source = 'gamification_events')
EXECUTE FUNCTION hold_export();
"""
"""Whoever writes the second part of the ledger waits for whoever holds this lock."""


class Rows:
    """The server's database past every policy: what there is, and a lock in somebody's way."""

    def __init__(self, server: Server) -> None:
        self._url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
        self._connection = psycopg.connect(self._url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def execute(self, statement: str, *values: object) -> list[Any]:
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def tenant(self, slug: str) -> UUID:
        [(found,)] = self.execute("SELECT id FROM tenants WHERE slug = %s", slug)
        tenant: UUID = found
        return tenant

    def count(self, table: Table, tenant_id: UUID) -> int:
        column = sql.Identifier("id" if table.name == "tenants" else "tenant_id")
        query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(sql.Identifier(table.name), column)
        row = self._connection.execute(query, (tenant_id,)).fetchone()
        assert row is not None
        number: int = row[0]
        return number

    def counts(self, tenant_id: UUID) -> dict[str, int]:
        """Count what a tenant has, table by table; only what there is."""
        found = {table.name: self.count(table, tenant_id) for table in erasing.tables()}
        return {name: number for name, number in found.items() if number}

    @contextmanager
    def in_the_way(self, statement: str, *values: object) -> Iterator[psycopg.Connection]:
        """Hold the locks that the statement takes for as long as the block lasts."""
        with psycopg.connect(self._url) as connection:
            connection.execute(statement.encode(), values)
            yield connection

    def await_blocked(self, connection: psycopg.Connection) -> None:
        """Wait until somebody waits for what the connection holds."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        until(lambda: self.execute(query, connection.info.backend_pid) != [(0,)])


def until(is_so: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to nobody: each test says who works on them."""
    folder = tmp_path_factory.mktemp("leaving") / "data"
    value = Server(folder, BIZOSAAS_JOBS="0", BIZOSAAS_JOB_LEASE_SECONDS="20")
    yield value.start()
    value.stop()


@pytest.fixture
def rows(server: Server) -> Iterator[Rows]:
    value = Rows(server)
    yield value
    value.close()


def kill_a_worker_held_by(server: Server, rows: Rows, statement: str, *values: object) -> None:
    """Let a worker run into the locks of the statement, and kill it there."""
    with rows.in_the_way(statement, *values) as connection, server.another_worker():
        rows.await_blocked(connection)


def test_a_tenant_whose_erasure_is_killed_three_times_is_gone_whole_and_once(server: Server, rows: Rows) -> None:
    tenant, neighbour = rows.tenant("globex"), rows.tenant("acme-corp")
    secrets = FileSecrets(server.data_dir / "secrets")
    asyncio.run(secrets.put(f"payments/{tenant}/account/credentials", "theirs"))
    asyncio.run(secrets.put(f"payments/{neighbour}/account/credentials", "the neighbour's"))
    until(lambda: "outbox" not in rows.counts(tenant))
    rows.execute("UPDATE tenants SET status = 'suspended' WHERE id = %s", tenant)
    held, others = rows.counts(tenant), rows.counts(neighbour)
    assert held["gamification_events"] > erasing.BATCH
    rows.execute(
        "INSERT INTO app.departures (tenant_id, slug, asked_in, asked_at, erase_after, state, rows_erased)"
        " SELECT %s, 'globex', id, now(), now(), 'waiting', 0 FROM tenants WHERE slug = 'bizosaas'",
        tenant,
    )

    kill_a_worker_held_by(server, rows, "SELECT FROM memberships WHERE tenant_id = %s FOR UPDATE", tenant)
    left = rows.counts(tenant)
    assert left["memberships"] == held["memberships"]
    assert sum(left.values()) < sum(held.values())

    kill_a_worker_held_by(server, rows, "SELECT FROM tenants WHERE id = %s FOR UPDATE", tenant)
    assert rows.counts(tenant).keys() <= {"tenants", "outbox", "daily_counts", "audit_log"}

    with rows.in_the_way("LOCK TABLE audit_log IN SHARE MODE") as connection, server.another_worker():
        until(lambda: "tenants" not in rows.counts(tenant))
        rows.await_blocked(connection)
    assert rows.counts(tenant).keys() == {"audit_log"}
    state = "SELECT state FROM app.departures WHERE tenant_id = %s"
    assert rows.execute(state, tenant) == [("erasing",)]

    with server.another_worker():
        until(lambda: rows.execute(state, tenant) == [("gone",)])
    assert rows.counts(tenant) == {}
    assert rows.execute("SELECT rows_erased FROM app.departures") == [(sum(held.values()),)]
    told = "SELECT detail ->> 'rows' FROM audit_log WHERE action = 'platform.tenant_erased'"
    assert rows.execute(told) == [(str(sum(held.values())),)]
    kept = asyncio.run(secrets.names())
    assert [name for name in kept if name.startswith("payments/")] == [f"payments/{neighbour}/account/credentials"]
    with redis.from_url(valkey_url(ValkeyPaths.under(server.data_dir))) as valkey:
        assert list(valkey.scan_iter(match=f"*{tenant}*")) == []
    assert {name: rows.counts(neighbour)[name] for name in ("users", "gamification_events")} == {
        name: others[name] for name in ("users", "gamification_events")
    }


def test_an_export_whose_worker_is_killed_between_two_parts_of_a_table_holds_each_row_once(
    server: Server, rows: Rows
) -> None:
    tenant = rows.tenant("acme-corp")
    rows.execute(HOLD)
    parts = "SELECT number, source, rows, content FROM export_parts WHERE run_id = %s ORDER BY number"
    with administrator(server) as api:
        asked = api.post(EXPORTS, json={"scope": "tenant"}).raise_for_status().json()
        kill_a_worker_held_by(server, rows, "SELECT pg_advisory_lock(4711)")
        begun = rows.execute(parts, asked["id"])
        assert begun[-1][1] == "gamification_events"
        assert api.get(f"{EXPORTS}/{asked['id']}").json()["status"] == "running"
        with server.another_worker():
            until(lambda: api.get(f"{EXPORTS}/{asked['id']}").raise_for_status().json()["status"] == "done")
        whole = rows.execute(parts, asked["id"])
        content = api.get(f"{EXPORTS}/{asked['id']}/file").raise_for_status().content
    assert whole[: len(begun)] == begun
    assert [part[0] for part in whole] == list(range(len(whole)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert Counter(archive.namelist()) == Counter(FILES)
        for source in sources("tenant"):
            lines = archive.read(f"{source.table.name}.jsonl").decode().splitlines()
            assert len(lines) == len(set(lines)), source.table.name
            if source.table.name not in WRITTEN_MEANWHILE:
                assert len(lines) == rows.count(source.table, tenant), source.table.name
        ledger = [json.loads(line)["event_id"] for line in archive.read("gamification_events.jsonl").splitlines()]
    assert len(ledger) == len(set(ledger)) > 1000
