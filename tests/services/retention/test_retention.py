"""What was kept long enough goes, in every tenant by itself, and nothing that anything is derived from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bizosaas_app.gateway import job_table, retention_rounds
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.backups import counting
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.retention import pruning
from bizosaas_app.services.retention.rules import RULES, Rule
from models import AuditEntry, metadata
from tests.models.rows import make_rows
from tests.support.engines import TestEngines
from tests.support.world import World

AGE: dict[str, dict[str, Any]] = {
    "sessions": {"revoked_at": None, "created_at": timedelta(days=-31), "expires_at": timedelta(0)},
    "account_tokens": {"created_at": timedelta(days=-7), "expires_at": timedelta(0)},
    "notifications.read": {"read_at": timedelta(0), "mail_due": False},
    "notifications.unread": {"created_at": timedelta(0), "read_at": None, "mail_due": False},
    "rank_notices": {"hour": timedelta(0)},
    "agent_runs": {"status": "cancelled", "finished_at": timedelta(0), "error_code": None},
    "exports": {"created_at": timedelta(0)},
    "job_runs": {"status": "done", "finished_at": timedelta(0)},
    "wizard_drafts": {"status": "discarded", "updated_at": timedelta(0), "completed_at": None},
    "referral_clicks": {"clicked_at": timedelta(0), "address": "198.51.100.7", "user_agent": "Browser"},
    "referral_identities": {"last_seen_at": timedelta(0)},
    "payment_events": {"received_at": timedelta(0)},
}
"""For each rule the columns that make a row's time over: moments as spans from when that is."""


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def tenants(world: World) -> list[UUID]:
    """Two tenants with a row in every table."""
    made = []
    for number in (1, 2):
        tenant_id = uuid4()
        async with world.resources.database.unit_of_work(Actor.system(tenant_id)) as session:
            for name, row in make_rows(tenant_id, number).items():
                await session.execute(metadata.tables[name].insert(), row)
        made.append(tenant_id)
    return made


def age(connection: psycopg.Connection, rule: Rule, tenant_id: UUID, moment: datetime) -> None:
    """Make the tenant's row of a rule's table as old as that."""
    values = {
        column: moment + value if isinstance(value, timedelta) else value for column, value in AGE[rule.key].items()
    }
    pairs = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), sql.Literal(v)) for c, v in values.items())
    name = sql.Identifier(str(rule.table.__tablename__))
    query = sql.SQL("UPDATE {} SET {} WHERE tenant_id = %s").format(name, pairs)
    assert connection.execute(query, (tenant_id,)).rowcount == 1


def count(connection: psycopg.Connection, rule: Rule, tenant_id: UUID) -> int:
    """Count what the rule has left of the row: the row itself, or what was to be blanked of it."""
    name = sql.Identifier(str(rule.table.__tablename__))
    blanked = [sql.SQL(" AND {} <> {}").format(sql.Identifier(c), sql.Literal(v)) for c, v in rule.blank.items()]
    query = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s{}").format(name, sql.SQL("").join(blanked))
    row = connection.execute(query, (tenant_id,)).fetchone()
    return row[0] if row else 0


async def pruned(world: World, tenant_id: UUID) -> dict[str, int]:
    """Give what the audit log says of each rule."""
    async with world.resources.database.unit_of_work(Actor.system(tenant_id)) as session:
        found = await session.exec(select(AuditEntry).where(AuditEntry.action == "retention.pruned"))
        return {entry.subject.removeprefix("rule:"): entry.detail["rows"] for entry in found.all()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
async def test_a_rule_takes_what_is_older_and_leaves_what_is_younger_and_other_tenants(
    world: World, tenants: list[UUID], superuser: psycopg.Connection, rule: Rule
) -> None:
    mine, theirs = tenants
    now = utc_now()
    for tenant in tenants:
        age(superuser, rule, tenant, now - rule.kept + timedelta(hours=1))
    await retention_rounds.prune(Actor.system(mine), now)
    assert count(superuser, rule, mine) == 1
    for tenant in tenants:
        age(superuser, rule, tenant, now - rule.kept - timedelta(hours=1))
    await retention_rounds.prune(Actor.system(mine), now)
    assert (count(superuser, rule, mine), count(superuser, rule, theirs)) == (0, 1)
    assert (await pruned(world, mine))[rule.key] == 1
    before = await pruned(world, mine)
    await retention_rounds.prune(Actor.system(mine), now)
    assert await pruned(world, mine) == before
    assert await pruned(world, theirs) == {}


async def test_the_ledger_and_what_pays_out_of_it_stay_for_ever(
    world: World, tenants: list[UUID], superuser: psycopg.Connection
) -> None:
    with superuser.transaction():
        before = counting.count(superuser)
    await retention_rounds.prune(Actor.system(tenants[0]), utc_now() + timedelta(days=309))
    with superuser.transaction():
        after = counting.count(superuser)
    assert (after.events, after.checksum) == (before.events, before.checksum)
    lasting = {
        "gamification_events",
        "reward_entries",
        "tier_moves",
        "tenant_achievements",
        "users",
        "referral_conversions",
    }
    assert {name: after.rows[f"public.{name}"] for name in lasting} == {
        name: before.rows[f"public.{name}"] for name in lasting
    }
    assert not lasting & {str(rule.table.__tablename__) for rule in RULES}


async def test_many_rows_go_batch_by_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mia = world.people["mia@acme.example"]
    old = utc_now() - timedelta(days=91)
    row = {
        "tenant_id": world.tenants["acme-corp"],
        "user_id": mia,
        "kind": "reward",
        "title": "x",
        "body": "",
        "data": {},
    }
    async with world.resources.database.unit_of_work(world.system()) as session:
        rows = [
            {**row, "id": uuid4(), "created_at": old, "read_at": old, "in_app": True, "mail_due": False}
            for _ in range(25)
        ]
        await session.execute(metadata.tables["notifications"].insert(), rows)
    monkeypatch.setattr(pruning, "BATCH", 10)
    await job_table.PERIODIC["retention.prune"].run(world.system(), utc_now())
    async with world.resources.database.unit_of_work(world.system()) as session:
        found = await session.exec(select(AuditEntry.detail).where(AuditEntry.subject == "rule:notifications.read"))
        assert sorted(detail["rows"] for detail in found.all()) == [5, 10, 10]


async def test_the_audit_log_goes_after_its_days_and_never_its_last_ninety(
    world: World, tenants: list[UUID], superuser: psycopg.Connection
) -> None:
    mine, theirs = tenants
    superuser.execute("UPDATE audit_log SET at = now() - interval '401 days' WHERE tenant_id = ANY (%s)", (tenants,))
    await retention_rounds.prune(Actor.system(mine), utc_now())
    left = superuser.execute("SELECT tenant_id FROM audit_log WHERE at < now() - interval '400 days'").fetchall()
    assert [row[0] for row in left] == [theirs]
    assert (await pruned(world, mine))["audit_log"] == 1
    with pytest.raises(DBAPIError, match="last 90 days"):
        async with world.resources.database.unit_of_work(Actor.system(mine)) as session:
            await session.execute(text("SELECT app.prune_audit(now() - interval '89 days', 10)"))


def test_every_rule_says_why_and_has_a_name_of_its_own() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)
    assert AGE.keys() == {rule.key for rule in RULES}
    assert all(rule.why.endswith(".") for rule in RULES)
