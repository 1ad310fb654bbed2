"""The platform's operations: for whoever runs the platform alone, counts only, and every act written down."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bizosaas_app.gateway import failed_jobs, members, platform, removal
from bizosaas_app.gateway.contracts.members import ChangeUser, Invite, ListUsers, UserChange
from bizosaas_app.gateway.contracts.platform import (
    ChangeTenant,
    CreateTenant,
    ListTenants,
    ReadPlatform,
    RetryJobs,
    TenantLineView,
)
from bizosaas_app.gateway.contracts.privacy import RemoveUser
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.services.accounts import registration
from bizosaas_app.services.accounts.account_tokens import TokenRef
from bizosaas_app.services.tenants.opening import slug_of
from bizosaas_app.services.tenants.records import SlugTaken
from models import (
    Achievement,
    AgentSpending,
    AuditEntry,
    Leaderboard,
    Member,
    OutboxMessage,
    ReferralProgram,
    Tenant,
)
from tests.support.world import World

ROOT, ADMIN, MIA = "root@bizosaas.example", "admin@acme.example", "mia@acme.example"


def wanted(**more: Any) -> CreateTenant:
    return CreateTenant.model_validate({"name": "Bäckerei Groß", "admin_email": "chef@gross.example"} | more)


async def rows_of(world: World, tenant_id: UUID, model: type[Any]) -> list[Any]:
    async with world.resources.database.unit_of_work(Actor.system(tenant_id)) as session:
        return list((await session.exec(select(model))).all())


async def line_of(world: World, slug: str) -> TenantLineView:
    page = await platform.list_tenants(await world.actor(ROOT), ListTenants(q=slug))
    return next(line for line in page.items if line.slug == slug)


async def test_nobody_but_the_platforms_administrator_may_call_any_of_it(world: World) -> None:
    calls: list[tuple[Any, Any]] = [
        (platform.list_tenants, ListTenants()),
        (platform.read_totals, ReadPlatform()),
        (platform.read_backlog, ReadPlatform()),
        (failed_jobs.retry_jobs, RetryJobs(task="ledger.recount")),
        (platform.read_health, ReadPlatform()),
        (platform.read_consoles, ReadPlatform()),
        (platform.create_tenant, wanted()),
        (platform.change_tenant, ChangeTenant(tenant_id=uuid4(), status="active")),
    ]
    for email in (ADMIN, MIA):
        actor = await world.actor(email)
        for operation, command in calls:
            with pytest.raises(NotPermitted):
                await operation(actor, command)


async def test_tenants_are_searched_sorted_and_paged_by_the_server(world: World) -> None:
    root = await world.actor(ROOT)
    for name in ("Zeta", "alpha", "Beta 50%"):
        await platform.create_tenant(root, wanted(name=name, admin_email=f"{slug_of(name)}@x.example"))
    seen, cursor = [], None
    while True:
        page = await platform.list_tenants(root, ListTenants(limit=2, cursor=cursor))
        seen += [line.slug for line in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["acme-corp", "alpha", "beta-50", "globex", "zeta"]
    assert page.total == 5
    largest = await platform.list_tenants(root, ListTenants(sort="-members", limit=1))
    assert [(line.slug, line.members) for line in largest.items] == [("acme-corp", 4)]
    assert [line.slug for line in (await platform.list_tenants(root, ListTenants(q="50%"))).items] == ["beta-50"]
    assert (await platform.list_tenants(root, ListTenants(status="suspended"))).total == 0
    with pytest.raises(InputInvalid):
        await platform.list_tenants(root, ListTenants(sort="slug_of_others"))


async def test_a_tenant_is_shown_as_counts_of_its_size_and_its_agents_cost(world: World) -> None:
    acme = world.system()
    async with world.resources.database.unit_of_work(acme) as session:
        spending = {"tenant_id": acme.tenant_id, "day": utc_now().date(), "tokens": 1200}
        session.add(AgentSpending(**spending, cost_usd=Decimal("1.25")))
    line = await line_of(world, "acme-corp")
    assert (line.members, line.agent_tokens, line.agent_cost_usd) == (4, 1200, Decimal("1.25"))
    assert (await line_of(world, "globex")).agent_tokens == 0
    totals = await platform.read_totals(await world.actor(ROOT), ReadPlatform())
    assert (totals.tenants, totals.active, totals.members) == (2, 2, 6)


async def test_members_who_were_removed_are_counted_no_more_and_those_who_wait_or_are_suspended_are(
    world: World,
) -> None:
    admin = await world.actor(ADMIN)
    await removal.remove_user(admin, RemoveUser(user_id=world.people[MIA]))
    suspended = ChangeUser(user_id=world.people["noah@acme.example"], change=UserChange(status="suspended"))
    await members.change_user(admin, suspended)
    await members.invite_user(admin, Invite(email="new@acme.example", name="New", role="user"))
    assert (await line_of(world, "acme-corp")).members == 4
    assert (await line_of(world, "acme-corp")).members == (await members.list_users(admin, ListUsers())).total
    assert (await platform.read_totals(await world.actor(ROOT), ReadPlatform())).members == 6


async def test_a_new_tenant_has_what_every_tenant_begins_with_and_its_administrator_is_invited(world: World) -> None:
    root = await world.actor(ROOT)
    made = await platform.create_tenant(root, wanted(timezone="Europe/Berlin", currency="chf", industry="  Bakery "))
    assert made.slug == "backerei-gross"
    (tenant,) = await rows_of(world, made.id, Tenant)
    assert (tenant.name, tenant.timezone, tenant.currency, tenant.industry, tenant.shares_standing) == (
        "Bäckerei Groß",
        "Europe/Berlin",
        "CHF",
        "bakery",
        False,
    )
    (person,) = await rows_of(world, made.id, Member)
    assert (person.email, person.role_key, person.status) == ("chef@gross.example", "tenant_admin", "invited")
    assert [row.payload["to"] for row in await rows_of(world, made.id, OutboxMessage) if row.topic == "mail"] == [
        person.email
    ]
    for model in (Leaderboard, Achievement, ReferralProgram):
        assert await rows_of(world, made.id, model), model
    (own,) = [row for row in await rows_of(world, root.tenant_id, AuditEntry) if row.action.startswith("platform.")]
    assert (own.action, own.subject, own.actor_user_id) == (
        "platform.tenant_created",
        f"tenant:{made.id}",
        root.user_id,
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"slug": "Not A Slug"}, "slug"),
        ({"name": "日本"}, "slug"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"currency": "QQQ"}, "currency"),
        ({"admin_email": MIA}, "admin_email"),
    ],
)
async def test_what_makes_no_tenant_is_refused_beside_its_field_and_leaves_nothing(
    world: World, more: dict[str, Any], field: str
) -> None:
    root = await world.actor(ROOT)
    with pytest.raises(InputInvalid) as refusal:
        await platform.create_tenant(root, wanted(**more))
    assert list(refusal.value.fields) == [field]
    assert (await platform.read_totals(root, ReadPlatform())).tenants == 2


async def test_a_short_name_is_taken_once_and_a_name_without_letters_is_none(world: World) -> None:
    root = await world.actor(ROOT)
    with pytest.raises(SlugTaken):
        await platform.create_tenant(root, wanted(slug="acme-corp"))
    for name in ("", "   ", "line\nbreak"):
        with pytest.raises(ValidationError):
            wanted(name=name)


async def test_suspending_asks_for_the_short_name_and_stands_in_both_logs(world: World) -> None:
    root = await world.actor(ROOT)
    acme = world.tenants["acme-corp"]
    with pytest.raises(InputInvalid):
        await platform.change_tenant(root, ChangeTenant(tenant_id=acme, status="suspended", confirm="acme"))
    assert (await line_of(world, "acme-corp")).status == "active"
    line = await platform.change_tenant(root, ChangeTenant(tenant_id=acme, status="suspended", confirm=" acme-corp"))
    assert (line.status, line.active_sessions) == ("suspended", 0)
    await platform.change_tenant(root, ChangeTenant(tenant_id=acme, status="suspended", confirm="acme-corp"))
    await platform.change_tenant(root, ChangeTenant(tenant_id=acme, status="active"))
    own = [row.action for row in sorted(await rows_of(world, root.tenant_id, AuditEntry), key=lambda row: row.at)]
    assert [act for act in own if act.startswith("platform.")] == [
        "platform.tenant_suspended",
        "platform.tenant_reopened",
    ]
    theirs = [row.action for row in sorted(await rows_of(world, acme, AuditEntry), key=lambda row: row.at)]
    assert theirs.count("tenants.status_changed") == 2


async def test_an_act_whose_line_the_operators_log_refuses_has_not_happened(world: World) -> None:
    root = replace(await world.actor(ROOT), channel="pigeon")  # type: ignore[arg-type]  # the log knows no such way
    acme = world.tenants["acme-corp"]
    change = ChangeTenant(tenant_id=acme, status="suspended", confirm="acme-corp")
    for call, command in ((platform.create_tenant, wanted()), (platform.change_tenant, change)):
        with pytest.raises(IntegrityError, match="ck_audit_log_channel_known"):
            await call(root, command)
    lines = (await platform.list_tenants(await world.actor(ROOT), ListTenants())).items
    assert {line.slug: line.status for line in lines} == {"acme-corp": "active", "globex": "active"}
    assert "tenants.status_changed" not in [row.action for row in await rows_of(world, acme, AuditEntry)]
    assert not [row for row in await rows_of(world, root.tenant_id, AuditEntry) if row.action.startswith("platform.")]


async def test_the_operator_itself_and_nobody_cannot_be_suspended(world: World) -> None:
    root = await world.actor(ROOT)
    for tenant_id in (root.tenant_id, uuid4()):
        with pytest.raises(NotFound):
            await platform.change_tenant(
                root, ChangeTenant(tenant_id=tenant_id, status="suspended", confirm="bizosaas")
            )


async def test_an_invitation_of_a_suspended_tenant_waits_until_it_is_let_in_again(world: World) -> None:
    admin, system = await world.actor(ADMIN), world.system()
    async with world.resources.database.unit_of_work(admin) as session:
        await registration.invite(session, admin, email="new@acme.example", name="", role="user", now=utc_now())
    (token_id,) = [
        UUID(row.payload["token_id"])
        for row in await rows_of(world, admin.tenant_id, OutboxMessage)
        if row.topic == "mail" and row.payload["kind"] == "invite"
    ]
    ref = TokenRef(admin.tenant_id, token_id)
    root = await world.actor(ROOT)
    change = ChangeTenant(tenant_id=admin.tenant_id, status="suspended", confirm="acme-corp")
    await platform.change_tenant(root, change)
    async with world.resources.database.unit_of_work(system) as session:
        with pytest.raises(InputInvalid):
            await registration.check_invite(session, ref, email="new@acme.example", now=utc_now())
    await platform.change_tenant(root, change.model_copy(update={"status": "active"}))
    async with world.resources.database.unit_of_work(system) as session:
        await registration.check_invite(session, ref, email="new@acme.example", now=utc_now())


async def test_the_engines_are_asked_and_the_looks_are_kept(world: World) -> None:
    root = await world.actor(ROOT)
    await platform.read_health(root, ReadPlatform())
    found = await platform.read_health(replace(root, is_following=True), ReadPlatform())
    assert found.checks[-1].services["postgres"].status == "ok"
    assert (await platform.read_consoles(root, ReadPlatform())).database == "/sqladmin/"
    assert (await platform.read_backlog(root, ReadPlatform())).failed == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Acme, Inc.", "acme-inc"), ("  Müller & Söhne ", "muller-sohne"), ("x" * 80, "x" * 63), ("---", "")],
)
def test_short_names(name: str, slug: str) -> None:
    assert slug_of(name) == slug
