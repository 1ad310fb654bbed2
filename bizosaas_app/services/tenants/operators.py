"""Operators: who runs the platform. Nobody can invite the first one, so a command on the server makes them."""

from __future__ import annotations

from typing import Final

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import directory, members, password_policy
from bizosaas_app.services.tenants import records

SLUG: Final = "bizosaas"
NAME: Final = "BizOSaaS"
"""The operator's own tenant, which stands in no list of customers."""


async def appoint(*, email: str, name: str, password: str) -> None:
    """Make somebody an administrator of the platform, and before the first one the operator's tenant.

    Raises `InputInvalid` for `password`, `EmailTaken` for an address that signs in already; then nothing was written.
    """
    password_policy.check(password, email=email, name=name)
    password_hash = await resources().hash_pool.hash(password)
    async with resources().database.doors() as session:
        tenant_id = await directory.find_tenant(session, SLUG)
    actor, now = Actor.system(tenant_id or new_id()), utc_now()
    async with unit_of_work(actor) as session:
        if tenant_id is None:
            await records.create_tenant(session, actor, slug=SLUG, name=NAME, kind="operator", now=now)
        user = await members.add_member(
            session, actor, email=email, name=name, password_hash=password_hash, role="super_admin", now=now
        )
        await audit.record(session, actor, action="users.appointed", subject=f"user:{user.id}")
