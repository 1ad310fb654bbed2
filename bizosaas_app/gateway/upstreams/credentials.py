"""What an upstream knows us by: a secret of the tenant's own, else the one for all."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.secrets.source import SecretsUnsafe

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

        The secret's text is a bearer token, or scheme and credentials with a space between. Raises
        `SecretsUnavailable` or `SecretsUnsafe`.
        """
        known = self._kept.get(tenant_id)
        if known is not None and time.monotonic() - known[0] < KEPT_SECONDS:
            return known[1]
        value = await self._read(tenant_id)
        self._kept[tenant_id] = (time.monotonic(), value)
        self._kept.move_to_end(tenant_id)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return value

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
