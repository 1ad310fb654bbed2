"""What changes an account and uses up its mailed links at the same moment: each waits for the other, none fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlmodel import col, select

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import credentials, members, recovery
from bizosaas_app.services.accounts.account_tokens import TokenInvalid, TokenRef
from models import AccountToken, User
from tests.support.world import World

ADMIN, MIA = "admin@acme.example", "mia@acme.example"
ROUNDS = 30

Act = Callable[[], Awaitable[None]]


async def at_once(act: Act, reset: Act) -> None:
    """Do both together; the link may be void before it is used. Whatever else goes wrong is raised."""
    outcomes = await asyncio.gather(act(), reset(), return_exceptions=True)
    assert outcomes[0] is None, outcomes
    assert outcomes[1] is None or isinstance(outcomes[1], TokenInvalid), outcomes


async def ask_for_a_reset(world: World) -> TokenRef:
    """Give the link that Mia finds in her mail."""
    async with world.resources.database.unit_of_work(world.system()) as session:
        who = await credentials.find(session, world.people[MIA])
        assert who is not None
        await recovery.request_reset(session, world.system(), who, now=utc_now())
        row = (await session.exec(select(AccountToken).where(col(AccountToken.used_at).is_(None)))).one()
    return TokenRef(row.tenant_id, row.id)


def resetting(world: World, ref: TokenRef) -> Act:
    async def reset() -> None:
        async with world.resources.database.unit_of_work(world.system()) as session:
            await recovery.reset(session, world.system(), ref, password_hash="by mail", now=utc_now())

    return reset


async def mia_of(world: World) -> User:
    async with world.resources.database.unit_of_work(world.system()) as session:
        return (await session.exec(select(User).where(User.email == MIA))).one()


async def test_a_change_of_password_and_a_reset_by_mail_wait_for_each_other(world: World) -> None:
    for _ in range(ROUNDS):
        ref, mia = await ask_for_a_reset(world), await world.actor(MIA)

        async def change(mia: Actor = mia) -> None:
            async with world.resources.database.unit_of_work(mia) as session:
                who = await credentials.find(session, world.people[MIA])
                assert who is not None
                await recovery.change(session, mia, who, password_hash="by hand", now=utc_now())

        await at_once(change, resetting(world, ref))
        assert (await mia_of(world)).password_hash in ("by hand", "by mail")


async def test_a_suspension_and_a_reset_by_mail_wait_for_each_other(world: World) -> None:
    admin = await world.actor(ADMIN)
    for _ in range(ROUNDS):
        ref = await ask_for_a_reset(world)

        async def suspend() -> None:
            async with world.resources.database.unit_of_work(admin) as session:
                await members.change_status(
                    session, admin, user_id=world.people[MIA], status="suspended", now=utc_now()
                )

        await at_once(suspend, resetting(world, ref))
        assert (await mia_of(world)).status == "suspended"
        async with world.resources.database.unit_of_work(admin) as session:
            await members.change_status(session, admin, user_id=world.people[MIA], status="active", now=utc_now())
