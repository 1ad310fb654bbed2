"""What social campaigns do in the background: publishing a post, and finding those that no job looks after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.outgoing import open_client
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.kernel.secrets import SecretsUnavailable
from bizosaas_app.services.social import accounts, publishing, queueing
from bizosaas_app.services.social.ends import open_end
from bizosaas_app.services.social.port import NetworkFailed, Postponed, Published
from bizosaas_app.services.social.publishing import Claimed

log = get_logger(__name__)

_CHANCE: Final = Random()


async def publish(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Publish one post, if it is due; nothing is held in the database while its network is asked."""
    async with unit_of_work(actor) as session:
        claimed = await publishing.claim(session, UUID(arguments["post_id"]), now=utc_now())
    if claimed is None:
        return
    try:
        published = await _send(claimed)
    except NetworkFailed as error:
        log.info("a post was not published", post_id=str(claimed.post.key), code=error.code, attempt=claimed.attempt)
        async with unit_of_work(actor) as session:
            await publishing.fail(session, actor, claimed, error, now=utc_now(), chance=_CHANCE)
        return
    async with unit_of_work(actor) as session:
        await publishing.finish(session, actor, claimed, published, now=utc_now())


async def forget_secret(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Delete the secret of an account that was removed, or never written."""
    account_id = UUID(arguments["account_id"])
    async with unit_of_work(actor) as session:
        if await accounts.is_there(session, account_id):
            return
    await accounts.forget(resources().secrets, accounts.secret_name(actor, account_id))


async def sweep(actor: Actor, moment: datetime) -> None:
    """Have every post of the tenant published that is overdue, or that a dead worker has left."""
    async with unit_of_work(actor) as session:
        await queueing.enqueue_overdue(session, actor, now=moment)


async def _send(claimed: Claimed) -> Published:
    held = resources()
    try:
        access = await accounts.open_access(
            claimed.network, claimed.handle, claimed.base_url, claimed.secret_name, held.secrets
        )
    except SecretsUnavailable as error:
        raise Postponed(error.message) from error
    async with open_client(held.settings) as client:
        return await open_end(claimed.network, client).publish(access, claimed.post)
