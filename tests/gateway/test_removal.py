"""A member who was removed: nothing says who it was, everything that they did still counts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlmodel import select

from bizosaas_app.gateway import export_runs, exports, removal
from bizosaas_app.gateway.contracts.privacy import DeleteAccount, RemoveUser, StartExport
from bizosaas_app.kernel.backups import counting
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.services.accounts import credentials, directory, members, registration, sessions
from bizosaas_app.services.accounts.account_tokens import TokenRef
from bizosaas_app.services.accounts.members import LastAdmin, OwnAccount
from bizosaas_app.services.departures import removing
from bizosaas_app.services.exports import writing
from models import AccountToken, AuditEntry, AuthSession, ExportPart, JobRun, User, metadata
from models.base import is_view
from tests.models.rows import make_rows
from tests.support.api import api_client
from tests.support.boards import Arena, Client, arena
from tests.support.engines import TestEngines
from tests.support.waiting import blocked
from tests.support.world import PASSWORD, World

__all__ = ["arena"]

ROOT, ADMIN, MIA, NOAH = "root@bizosaas.example", "admin@acme.example", "mia@acme.example", "noah@acme.example"


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Any:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def texts_of(connection: psycopg.Connection) -> str:
    """Everything that stands in any table but the audit log, as one text."""
    found = []
    for table in metadata.sorted_tables:
        if not is_view(table) and table.name != "audit_log":
            name = sql.Identifier(*filter(None, (table.schema, table.name)))
            found += [row[0] for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(name))]
    return "\n".join(found)


async def delete_own(world: World, email: str, password: str = PASSWORD) -> None:
    await removal.delete_account(await world.actor(email), DeleteAccount.model_validate({"password": password}))


async def test_who_deletes_the_own_account_is_named_nowhere_any_more_and_is_out_at_once(
    world: World, superuser: psycopg.Connection
) -> None:
    mia = await world.sign_in(MIA)
    settings = world.resources.settings
    async with api_client(settings, headers=mia.headers) as client:
        assert (await client.post("/api/v1/privacy/deletion", json={"password": "Wrong-pass-1"})).status_code == 422
        answer = await client.post("/api/v1/privacy/deletion", json={"password": PASSWORD})
        assert (answer.status_code, answer.json()) == (200, {"redirect_to": "/login"})
        assert (await client.get("/api/v1/auth/me")).status_code == 401
        again = await client.post("/api/v1/auth/login", json={"email": MIA, "password": PASSWORD})
        assert again.status_code == 401
    everything = texts_of(superuser)
    assert "mia@acme" not in everything
    assert "Mia" not in everything
    assert str(world.people[MIA]) in everything
    async with world.resources.database.unit_of_work(world.system()) as session:
        user = (await session.exec(select(User).where(User.id == world.people[MIA]))).one()
        assert (user.name, user.status, user.password_hash) == (removing.FORMER, "removed", None)
        acts = select(AuditEntry.action, AuditEntry.actor_user_id).where(AuditEntry.action == "users.removed")
        assert (await session.exec(acts)).all() == [("users.removed", world.people[MIA])]


async def test_every_row_that_names_the_person_goes_and_every_other_stays(
    world: World, superuser: psycopg.Connection
) -> None:
    acme, mia = world.tenants["acme-corp"], world.people[MIA]
    rows = make_rows(acme, 1)
    kept = {"tenants", "users", "memberships"}
    async with world.resources.database.unit_of_work(world.system()) as session:
        for name, row in rows.items():
            if name in kept:
                continue
            owned = {column: _whose(column, value, rows, mia) for column, value in row.items()}
            if name == "account_tokens":
                owned["email"] = MIA
            await session.execute(metadata.tables[name].insert(), owned)
    with superuser.transaction():
        before = counting.count(superuser)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await removing.remove(session, world.system(), user_id=mia, now=utc_now())
    with superuser.transaction():
        after = counting.count(superuser)
    assert (after.events, after.checksum) == (before.events, before.checksum)
    assert {name for name, number in after.rows.items() if number < before.rows[name]} == {
        "public.account_tokens",
        "public.auth_sessions",
        "public.notifications",
        "public.notification_preferences",
        "public.rank_notices",
        "public.referral_identities",
        "public.wizard_drafts",
        "public.wizard_files",
        "public.campaign_sends",
        "public.data_exports",
        "public.export_parts",
        "app.login_names",
    }
    assert "mia@acme" not in texts_of(superuser)


def _whose(column: str, value: Any, rows: dict[str, dict[str, Any]], person: UUID) -> Any:
    return person if value == rows["users"]["id"] and column != "id" else value


async def test_boards_go_on_with_a_former_member(arena: Arena) -> None:
    world = arena.world
    await arena.score(NOAH, 5)
    await arena.score(MIA, 3)
    await arena.relay.drain()
    reader = await Client.of(arena, MIA)
    assert await _board(reader) == [(1, "Noah", 5), (2, "Mia", 3)]
    await removal.remove_user(await world.actor(ADMIN), RemoveUser(user_id=world.people[NOAH]))
    await arena.relay.drain()
    assert await _board(reader) == [(1, "Former member", 5), (2, "Mia", 3)]


async def _board(reader: Client) -> list[tuple[int, str, float]]:
    entries = (await reader.get("/leaderboards/points?window=all")).json()["entries"]
    return [(row["rank"], row["display_name"], row["score"]) for row in entries]


async def test_a_removed_member_is_listed_no_more_and_the_address_is_free_again(world: World) -> None:
    admin = await world.sign_in(ADMIN)
    noah = world.people[NOAH]
    async with api_client(world.resources.settings, headers=admin.headers) as client:
        assert (await client.delete(f"/api/v1/users/{noah}")).status_code == 204
        assert (await client.delete(f"/api/v1/users/{noah}")).status_code == 404
        assert (await client.patch(f"/api/v1/users/{noah}", json={"status": "active"})).status_code == 404
        listed = (await client.get("/api/v1/users")).json()["items"]
        assert str(noah) not in {item["id"] for item in listed}
        invited = await client.post("/api/v1/users/invites", json={"email": NOAH})
        assert invited.status_code == 201
        assert invited.json()["id"] != str(noah)
    async with world.resources.database.doors() as session:
        assert await directory.find_login(session, NOAH) is None


async def test_the_last_administrator_stays_and_nobody_removes_what_is_not_theirs(world: World) -> None:
    with pytest.raises(LastAdmin):
        await delete_own(world, ADMIN)
    with pytest.raises(LastAdmin):
        await delete_own(world, ROOT)
    admin = await world.actor(ADMIN)
    with pytest.raises(OwnAccount):
        await removal.remove_user(admin, RemoveUser(user_id=world.people[ADMIN]))
    for stranger in (uuid4(), world.people["gus@globex.example"]):
        with pytest.raises(NotFound):
            await removal.remove_user(admin, RemoveUser(user_id=stranger))
    with pytest.raises(InputInvalid):
        await delete_own(world, MIA, password="Wrong-horse-battery-1")
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await members.get_member(session, world.people[MIA])).status == "active"


async def remove(world: World, user_id: UUID) -> None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        await removing.remove(session, world.system(), user_id=user_id, now=utc_now())


async def test_a_session_that_is_opened_in_the_same_moment_is_not_left(
    world: World, superuser: psycopg.Connection
) -> None:
    mia, system, now = world.people[MIA], world.system(), utc_now()
    async with world.resources.database.unit_of_work(system) as session:
        who = await credentials.find(session, mia)
        assert who is not None
        assert await credentials.note_sign_in(session, who, now=now)
        await sessions.open_session(
            session, system, user_id=mia, platform="bizosaas", device_hash=None, lifetime=timedelta(days=1), now=now
        )
        removed = asyncio.create_task(remove(world, mia))
        await blocked(superuser, removed)
    await removed
    async with world.resources.database.unit_of_work(system) as session:
        assert (await session.exec(select(AuthSession.id).where(AuthSession.user_id == mia))).all() == []
        assert not await credentials.note_sign_in(session, who, now=now)
        await credentials.set_password(session, user_id=mia, password_hash="late", now=now)
        assert (await session.exec(select(User.password_hash).where(User.id == mia))).one() is None


async def test_an_invitation_that_is_accepted_in_the_same_moment_leaves_no_password(
    world: World, superuser: psycopg.Connection
) -> None:
    system, now, admin = world.system(), utc_now(), await world.actor(ADMIN)
    async with world.resources.database.unit_of_work(system) as session:
        invited = await registration.invite(session, admin, email="new@acme.example", name="", role="user", now=now)
        token = (await session.exec(select(AccountToken.id).where(AccountToken.user_id == invited.id))).one()
    async with world.resources.database.unit_of_work(system) as session:
        ref = TokenRef(system.tenant_id, token)
        await registration.accept_invite(session, system, ref, name="New One", password_hash="hash", now=now)
        await session.flush()
        removed = asyncio.create_task(remove(world, invited.id))
        await blocked(superuser, removed)
    await removed
    async with world.resources.database.unit_of_work(system) as session:
        user = (await session.exec(select(User).where(User.id == invited.id))).one()
        assert (user.name, user.status, user.password_hash) == (removing.FORMER, "removed", None)
        assert user.password_changed_at is None
    async with world.resources.database.doors() as session:
        assert await directory.find_login(session, "new@acme.example") is None


async def test_a_page_of_an_export_that_is_written_in_the_same_moment_is_not_left(
    world: World, superuser: psycopg.Connection
) -> None:
    mia, system = world.people[MIA], world.system()
    asked = await exports.start_export(await world.actor(MIA), StartExport())
    async with world.resources.database.unit_of_work(system) as session:
        assert await writing.write_page(session, system, asked.id, "me")
        await session.flush()
        removed = asyncio.create_task(remove(world, mia))
        await blocked(superuser, removed)
    await removed
    await export_runs.write(system, {"run_id": str(asked.id), "scope": "me"})
    async with world.resources.database.unit_of_work(system) as session:
        assert (await session.exec(select(ExportPart.number).where(ExportPart.run_id == asked.id))).all() == []
        run = (await session.exec(select(JobRun).where(JobRun.id == asked.id))).one()
        assert run.has_ended
