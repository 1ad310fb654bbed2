"""Vaulting: what signs us in at a provider, kept in the store of secrets and nowhere else.

Names are `payments/<tenant>/<account>/<which>`. Credentials are written under a name of their own before the account
points to them, so that a crash in between leaves the old ones in force. Nothing is ever written over those, so the
store keeps them until they are deleted: jobs see to that (`forgetting.py`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.services.payments.providers.port import Endpoint
from models import PaymentAccount

_GONE: Final = ""
"""What earlier versions of ours wrote over what was no longer used."""
_TYPED: Final = re.compile(r"payments/([0-9a-f-]{36})/typed/([0-9a-f-]{36})/([^/]+)")


class NoCredentials(Conflict):
    """Nothing signs us in at the provider yet, or it has been lost from the store of secrets."""

    code = "no_credentials"
    title = "Enter the credentials first"


async def keep_credentials(
    secrets: SecretSource, account: PaymentAccount, credentials_id: UUID, fields: Mapping[str, str]
) -> None:
    """Write credentials; raises `SecretsUnavailable`."""
    await secrets.put(_name(account, str(credentials_id)), json.dumps(dict(fields)))


async def read_credentials(secrets: SecretSource, account: PaymentAccount) -> dict[str, str]:
    """Give the credentials that the account points to; raises `NoCredentials` or `SecretsUnavailable`."""
    found = await secrets.get(_name(account, str(account.credentials_id))) if account.credentials_id else None
    if not found:
        raise NoCredentials
    fields: dict[str, str] = json.loads(found)
    return fields


async def forget_credentials(secrets: SecretSource, account: PaymentAccount, credentials_id: UUID) -> None:
    """Delete credentials that are no longer used."""
    await forget(secrets, account, str(credentials_id))


async def forget(secrets: SecretSource, account: PaymentAccount, which: str) -> None:
    """Delete a secret of the account, credentials by their id or what `registration_of` names."""
    await secrets.delete(_name(account, which))


def registration_of(account: PaymentAccount) -> str:
    """Give the last part of the name under which the account's present registration is kept."""
    return f"webhook-{account.round}"


async def keep_endpoint(secrets: SecretSource, account: PaymentAccount, endpoint: Endpoint) -> None:
    """Write what the provider registered, with the secret of its signatures."""
    await secrets.put(_name(account, registration_of(account)), _written(endpoint))


async def make_endpoint(secrets: SecretSource, account: PaymentAccount, endpoint: Endpoint) -> Endpoint:
    """Write a registration unless there is one, and give the one that stands then: two callers get the same."""
    name, document = _name(account, registration_of(account)), _written(endpoint)
    if not await secrets.put(name, document, only_if_absent=True):
        await secrets.swap(name, _GONE, document)
    return await find_endpoint(secrets, account) or endpoint


async def find_endpoint(secrets: SecretSource, account: PaymentAccount) -> Endpoint | None:
    """Give what was registered, if anything."""
    found = await secrets.get(_name(account, registration_of(account)))
    return Endpoint(**json.loads(found)) if found else None


async def forget_endpoint(secrets: SecretSource, account: PaymentAccount) -> None:
    """Delete what was registered at an account that is another one now."""
    await secrets.delete(_name(account, registration_of(account)))


async def keep_typed(secrets: SecretSource, tenant_id: UUID, draft_id: UUID, key: str, value: str) -> None:
    """Write a credential that was typed into a wizard and has not been tried yet."""
    await secrets.put(_typed(tenant_id, draft_id, key), value)


async def read_typed(secrets: SecretSource, tenant_id: UUID, draft_id: UUID, keys: Iterable[str]) -> dict[str, str]:
    """Give what was typed of these credentials."""
    found = {key: await secrets.get(_typed(tenant_id, draft_id, key)) for key in keys}
    return {key: value for key, value in found.items() if value}


async def forget_typed(secrets: SecretSource, tenant_id: UUID, draft_id: UUID, keys: Iterable[str]) -> None:
    """Delete what was typed."""
    for key in keys:
        await secrets.delete(_typed(tenant_id, draft_id, key))


async def list_typed(secrets: SecretSource) -> dict[UUID, dict[UUID, list[str]]]:
    """List what was typed and is still kept, by tenant and draft; raises `SecretsUnavailable`."""
    found: dict[UUID, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in await secrets.names():
        if parts := _TYPED.fullmatch(name):
            found[UUID(parts[1])][UUID(parts[2])].append(parts[3])
    return found


def _typed(tenant_id: UUID, draft_id: UUID, key: str) -> str:
    return f"payments/{tenant_id}/typed/{draft_id}/{key}"


def _name(account: PaymentAccount, which: str) -> str:
    return f"payments/{account.tenant_id}/{account.id}/{which}"


def _written(endpoint: Endpoint) -> str:
    return json.dumps({"reference": endpoint.reference, "secret": endpoint.secret})
