"""What an upstream knows us by: a secret of the tenant's own, else the one for all."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.secrets import SecretSource, SecretsUnavailable
from bizosaas_app.kernel.secrets.source import SecretsUnsafe

_log = get_logger(__name__)

KEPT_SECONDS: Final = 30.0
"""How long a secret is used before it is read again: a new one counts within that time."""
_MOST_KEPT: Final = 1024
_PLAIN: Final = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)?")


class Credentials:
    """The `Authorization` headers for one upstream."""

    def __init__(self, name: str, secrets: SecretSource) -> None:
        self._name = name
        self._secrets = secrets
        self._kept: OrderedDict[UUID, tuple[float, str | None]] = OrderedDict()

    async def header_for(self, tenant_id: UUID) -> str | None:
        """Give the value of the header, None where there is no secret.

        The secret's text is a bearer token, or scheme and credentials with a space between. While the store is away
        a tenant goes on with what it had, "none" included; raises `SecretsUnavailable` for one that is new here, and
        `SecretsUnsafe`.
        """
        known = self._kept.get(tenant_id)
        if known is None:
            value = await self._read(tenant_id)
        elif time.monotonic() - known[0] < KEPT_SECONDS:
            return known[1]
        else:
            value = await self._read_again(tenant_id, known)
        self._keep(tenant_id, value)
        return value

    async def _read_again(self, tenant_id: UUID, known: tuple[float, str | None]) -> str | None:
        # First, so that one call alone waits for a store that hangs; the others go on with what is known.
        self._keep(tenant_id, known[1])
        try:
            return await self._read(tenant_id)
        except SecretsUnavailable as error:
            _log.debug("credentials_from_memory", upstream=self._name, reason=error.message)
            return known[1]
        except BaseException:
            self._kept[tenant_id] = known
            raise

    def _keep(self, tenant_id: UUID, value: str | None) -> None:
        self._kept[tenant_id] = (time.monotonic(), value)
        self._kept.move_to_end(tenant_id)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    async def _read(self, tenant_id: UUID) -> str | None:
        for name in (f"{self._name}/{tenant_id}/token", f"{self._name}/token"):
            text = await self._secrets.get(name)
            if text is not None:
                return self._header(name, text.strip())
        return None

    @staticmethod
    def _header(name: str, text: str) -> str:
        if not _PLAIN.fullmatch(text):
            raise SecretsUnsafe(f"the secret {name} is no token")
        return text if " " in text else f"Bearer {text}"
