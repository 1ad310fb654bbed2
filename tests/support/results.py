"""What came of a wizard at a real server: over HTTP, and in the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.servers import Server
from tests.support.tabs import log_in

PATIENCE_SECONDS: Final = 120
_EVENTS: Final = """
SELECT count(*) FROM gamification_events
WHERE type = %s AND properties @> %s AND tenant_id = (SELECT tenant_id FROM users WHERE email = %s)
"""
_ACTS: Final = "SELECT action, count(*) FROM audit_log WHERE subject = %s GROUP BY action"
_TABLES: Final = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
"""
_HELD: Final = sql.SQL("SELECT count(*) FROM {} AS held WHERE position(%s IN held::text) > 0")


@contextmanager
def api_of(server: Server, email: str) -> Iterator[httpx.Client]:
    """Somebody of the demo over HTTP."""
    _, token = log_in(server, email)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


@contextmanager
def administrator(server: Server) -> Iterator[httpx.Client]:
    """Acme's administrator over HTTP; the token outlives a restart."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        account = {"email": "admin@acme.demo", "password": "Demo-2026-pass!"}
        answer = client.post("/api/v1/auth/login", json=account).raise_for_status()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def read(api: httpx.Client, path: str, **params: Any) -> Any:
    return api.get(path, params=params).raise_for_status().json()


def await_that(is_so: Callable[[], Any]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it has not come to that"
        time.sleep(0.5)


@contextmanager
def superuser(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """The server's database past every policy."""
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        yield connection


def events(server: Server, email: str, kind: str, **properties: str) -> int:
    """How many events of this type, with these properties, the ledger of this person's organisation holds."""
    with superuser(server) as database:
        found = database.execute(_EVENTS, (kind, Jsonb(properties), email)).fetchone()
    return int(found[0]) if found else 0


def acts(server: Server, subject: str) -> dict[str, int]:
    """How often each act was done to this subject (`kind:id`), by the audit log."""
    with superuser(server) as database:
        return dict(database.execute(_ACTS, (subject,)).fetchall())


def rows_that_hold(server: Server, text: str) -> int:
    """How many rows of all tables hold this text, whatever the column."""
    with superuser(server) as database:
        tables = [name for (name,) in database.execute(_TABLES).fetchall()]
        found = [database.execute(_HELD.format(sql.Identifier(name)), (text,)).fetchone() for name in tables]
    return sum(int(row[0]) for row in found if row)
