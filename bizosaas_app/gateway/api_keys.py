"""Operations on the tenant's API keys."""

from __future__ import annotations

from datetime import timedelta

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.accounts import Done
from bizosaas_app.gateway.contracts.api_keys import (
    ApiKeyPage,
    ApiKeyView,
    CreateApiKey,
    CreatedApiKey,
    ListApiKeys,
    RevokeApiKey,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import api_keys
from models import ApiKey


@operation("api_keys.create", permission="manage_api_keys")
async def create_key(actor: Actor, command: CreateApiKey) -> CreatedApiKey:
    """Make a key and show it once; raises `InputInvalid` for scopes that its maker does not hold."""
    now, days = utc_now(), command.expires_in_days
    async with unit_of_work(actor) as session:
        row, text = await api_keys.create(
            session,
            actor,
            resources().peppers["api_key"],
            name=command.name,
            scopes=command.scopes,
            expires_at=command.expires_at if days is None else now + timedelta(days=days),
            now=now,
        )
    return CreatedApiKey(**_view(row).model_dump(), key=text)


@operation("api_keys.list", permission="manage_api_keys")
async def list_keys(actor: Actor, command: ListApiKeys) -> ApiKeyPage:
    """Give one page of the keys, revoked ones included, without their secrets."""
    wanted = api_keys.Wanted(command.q.strip(), command.status, utc_now())
    async with unit_of_work(actor) as session:
        sheet = await api_keys.read_sheet(session, wanted, cursors.asked(command))
    return ApiKeyPage(
        items=[_view(row) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("api_keys.revoke", permission="manage_api_keys")
async def revoke_key(actor: Actor, command: RevokeApiKey) -> Done:
    """End a key; it is refused from the next request on. Raises `NotFound`."""
    async with unit_of_work(actor) as session:
        await api_keys.revoke(session, actor, key_id=command.key_id, now=utc_now())
    return Done()


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=row.id,
        name=row.name,
        scopes=list(row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
