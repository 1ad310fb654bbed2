"""Rounds of the wizards: drafts whose time is over end, and what was put to a closed one is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bizosaas_app.gateway.wizard_bindings import BINDINGS
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
