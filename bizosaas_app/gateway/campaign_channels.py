"""The channels of campaigns as this process has them, by kind. A notice needs none: it is a row of our own."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.channels import Channel, ConsoleChannel, EmailChannel
from bizosaas_app.kernel.outgoing import open_client
from bizosaas_app.kernel.resources import resources
from bizosaas_app.kernel.secrets import SecretSource, SecretsUnavailable
from bizosaas_app.kernel.webhook_channel import WebhookChannel, make_key
from bizosaas_app.services.campaigns.contents import Kind

CONSOLE_FOLDER: Final = "campaigns"
"""Folder of the console twin, in the data folder."""
ENDS: Final[dict[Kind, type[Channel]]] = {
    "email": EmailChannel,
    "webhook": WebhookChannel,
    "console": ConsoleChannel,
}


async def open_channel(tenant_id: UUID, kind: Kind) -> Channel:
    """Give what hands messages of this kind over for the tenant; raises `SecretsUnavailable`."""
    held = resources()
    if kind == "email":
        return EmailChannel(held.mailer)
    if kind == "webhook":
        return WebhookChannel(await _find_key(held.secrets, tenant_id), partial(open_client, held.settings))
    return ConsoleChannel(held.settings.data_dir / CONSOLE_FOLDER)


async def renew_webhook_key(tenant_id: UUID) -> str:
    """Give the tenant another key for its webhooks, in force from the next message on."""
    key = make_key()
    await resources().secrets.put(_name(tenant_id), key)
    return key


async def _find_key(secrets: SecretSource, tenant_id: UUID) -> str:
    """Give the tenant's key, made now if there is none yet; raises `SecretsUnavailable`."""
    name = _name(tenant_id)
    known = await secrets.get(name)
    if not known:
        made = make_key()
        if not await secrets.put(name, made, only_if_absent=True):
            await secrets.swap(name, "", made)
        known = await secrets.get(name)
    if not known:
        raise SecretsUnavailable("The key of the webhooks is not there")
    return known


def _name(tenant_id: UUID) -> str:
    return f"webhooks/{tenant_id}"
