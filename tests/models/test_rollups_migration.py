"""The rollups of a database that was in use before they existed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from bizosaas_app.kernel import migrations
from tests.support.engines import TestEngines

TENANT = "00000000-0000-7000-8000-000000000001"
USER = "00000000-0000-7000-8000-0000000000ff"
UNDONE = "00000000-0000-7000-8000-000000000103"

EVENTS = f"""
INSERT INTO gamification_events
    (tenant_id, event_id, type, user_id, value, properties, occurred_at, received_at, source, reverses_event_id)
SELECT '{TENANT}', event_id::uuid, type, user_id::uuid, value, properties::jsonb, at::timestamptz, now(), 'api', undoes::uuid
FROM (VALUES
    ('00000000-0000-7000-8000-000000000101', 'task.completed', '{USER}', 5, '{{}}', '2026-03-01T18:29Z', NULL),
    ('00000000-0000-7000-8000-000000000102', 'order.completed', NULL, 2.5, '{{"platform": "coreldove"}}', '2026-03-01T19:00Z', NULL),
    ('{UNDONE}', 'task.completed', '{USER}', 9, '{{}}', '2026-03-01T10:00Z', NULL),
    ('00000000-0000-7000-8000-000000000104', 'event.reversed', '{USER}', NULL, '{{}}', '2026-03-02T10:00Z', '{UNDONE}'),
    ('00000000-0000-7000-8000-000000000105', 'referral.held', '{USER}', 100, '{{}}', '2026-03-01T10:00Z', NULL),
    ('00000000-0000-7000-8000-000000000106', 'referral.signed_up', '{USER}', 1, '{{"platform": 3}}', '2026-03-01T10:00Z', NULL),
    ('00000000-0000-7000-8000-000000000107', 'achievement.unlocked', '{USER}', NULL, '{{}}', '2026-03-01T10:00Z', NULL)
) AS e (event_id, type, user_id, value, properties, at, undoes)
"""  # noqa: E501, S608  # a table reads best with one row on each line


@pytest.fixture
def before(engines: TestEngines) -> Iterator[tuple[str, Connection]]:
    """A database at the revision before the rollups, and a connection that no policy holds back."""
    name = f"e_{uuid.uuid4().hex[:16]}"
    engines.create_database(name)
    migrations.upgrade(engines.admin_url(name), revision="0015")
    engine = create_engine(engines.superuser_url(name), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield engines.admin_url(name), connection
    engines.drop_database(name)


def test_the_migration_counts_what_the_ledger_holds_and_shuts_its_tables_again(before: tuple[str, Connection]) -> None:
    url, connection = before
    connection.execute(
        text(
            "INSERT INTO tenants (id, slug, name, kind, status, timezone, currency, created_at)"
            " VALUES (:id, 'old', 'Old', 'customer', 'active', 'Asia/Kolkata', 'INR', now())"
        ),
        {"id": TENANT},
    )
    connection.execute(
        text(
            "INSERT INTO users (tenant_id, id, email, name, status, created_at)"
            " VALUES (:tenant, :id, 'old@old.example', 'Old', 'invited', now())"
        ),
        {"tenant": TENANT, "id": USER},
    )
    connection.execute(text(EVENTS))
    migrations.upgrade(url, revision="0016")
    daily = connection.execute(
        text("SELECT day, platform, slot, events, points, unlocks, sign_ups FROM daily_counts ORDER BY day, slot")
    )
    assert [tuple(row) for row in daily] == [
        (date(2026, 3, 1), "bizosaas", 63, 2, Decimal(6), 1, 1),
        (date(2026, 3, 2), "coreldove", 64, 1, Decimal("2.5"), 0, 0),
    ]
    members = connection.execute(text("SELECT day, platform, events, points, unlocks FROM member_days"))
    assert [tuple(row) for row in members] == [(date(2026, 3, 1), "bizosaas", 2, Decimal(6), 1)]
    forced = connection.execute(
        text(
            "SELECT count(*) FROM pg_class WHERE relname IN ('gamification_events', 'tenants') AND relforcerowsecurity"
        )
    )
    assert forced.scalar_one() == 2
