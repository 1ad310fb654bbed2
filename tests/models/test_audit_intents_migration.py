"""The way back from entries whose outcome is not known: each act stands in the log once, in words that were known."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bizosaas_app.kernel import migrations
from tests.support.engines import TestEngines

TENANT = "00000000-0000-7000-8000-000000000001"
END = "00000000-0000-7000-8000-000000000102"
OPENED = """
INSERT INTO tenants (id, slug, name, kind, status, timezone, currency, created_at)
VALUES (:tenant, 'old', 'Old', 'customer', 'active', 'UTC', 'USD', now())
"""
ENTRIES = f"""
INSERT INTO audit_log (tenant_id, id, at, channel, action, subject, outcome, outcome_id, detail, address, request_id)
SELECT '{TENANT}', id::uuid, now(), 'http', action, '', outcome, outcome_id::uuid, '{{}}', '', ''
FROM (VALUES
    ('00000000-0000-7000-8000-000000000101', 'ended.changing', 'unknown', '{END}'),
    ('{END}', 'ended.changed', 'ok', NULL),
    ('00000000-0000-7000-8000-000000000103', 'lost.changing', 'unknown', '00000000-0000-7000-8000-000000000104')
) AS e (id, action, outcome, outcome_id)
"""  # noqa: S608  # our own words


@pytest.fixture
def database(engines: TestEngines) -> Iterator[tuple[str, Connection]]:
    """A database of this revision, and a connection that no policy holds back."""
    name = f"e_{uuid.uuid4().hex[:16]}"
    engines.create_database(name)
    migrations.upgrade(engines.admin_url(name), revision="0031")
    engine = create_engine(engines.superuser_url(name), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield engines.admin_url(name), connection
    engines.drop_database(name)


def test_the_way_down_keeps_each_act_once_and_shuts_the_table_again(database: tuple[str, Connection]) -> None:
    url, connection = database
    connection.execute(text(OPENED), {"tenant": TENANT})
    connection.execute(text(ENTRIES))
    migrations.downgrade(url, revision="0030")
    left = connection.execute(text("SELECT action, outcome FROM audit_log ORDER BY id"))
    assert [tuple(row) for row in left] == [("ended.changed", "ok"), ("lost.changing", "failed")]
    forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'audit_log'"
    assert connection.execute(text(forced)).scalar_one()
