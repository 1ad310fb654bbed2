"""Rounds of the wizards: drafts whose time is over end, and what was put to a closed one is forgotten.

A job forgets it soon. What that could not do in all its tries is found by a nightly sweep, once the store is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bizosaas_app.gateway.wizard_bindings import BINDINGS
from bizosaas_app.gateway.wizard_bindings.binding import Secrets
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.wizards import drafts
from bizosaas_app.services.wizards.catalogue import WIZARDS


async def expire(actor: Actor, now: datetime) -> None:
    """End the drafts of one tenant that nobody has touched for as long as their wizard waits."""
    async with unit_of_work(actor) as session:
        for wizard in WIZARDS.values():
            await drafts.expire(session, actor, wizard, now=now)


async def forget_secrets(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Have the secret store forget what was typed into a draft that is closed: the job that its closing has left."""
    wizard = WIZARDS[arguments["wizard"]]
    kept_by = BINDINGS[wizard.key].secrets
    if kept_by is not None:
        await kept_by.forget(actor, UUID(arguments["draft_id"]), wizard.secrets)


async def sweep_secrets() -> None:
    """Have the secret store forget whatever was typed into a draft that is closed, or not there any more.

    For all tenants in one go, since the store is listed as a whole. Raises `SecretsUnavailable`.
    """
    for binding in BINDINGS.values():
        if binding.secrets is not None:
            for tenant_id, by_draft in (await binding.secrets.list_kept()).items():
                await _sweep(Actor.system(tenant_id), binding.secrets, by_draft)


async def _sweep(actor: Actor, kept_by: Secrets, by_draft: Mapping[UUID, Iterable[str]]) -> None:
    # The store was listed before: a draft is always there before what is typed into it.
    async with unit_of_work(actor) as session:
        is_open = await drafts.find_open(session, by_draft.keys())
    for draft_id in by_draft.keys() - is_open:
        await kept_by.forget(actor, draft_id, by_draft[draft_id])
