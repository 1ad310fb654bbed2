"""The secrets that a database needs beside it: named in its backup, never kept there.

Rows hold digests under peppers (API keys, pseudonyms, addresses, queued jobs) and names of secrets (access to payment
providers and social networks). Without the same peppers they can no longer be matched. A name and a key's id tell
nothing of the key.
"""

from __future__ import annotations

import json
from typing import Any, Final

from bizosaas_app.kernel.secrets import SecretSource

_REPLACEABLE: Final = ("signing/", "db/")
"""Made anew where they are missing, and no row of the database is lost by it: everybody signs in again, at most."""
_RINGS: Final = "pepper/"

KeyNames = dict[str, list[str]]
"""By the name of a secret, the ids of the keys in it; none for what is no ring."""


async def name_keys(secrets: SecretSource) -> KeyNames:
    """List the secrets that a database needs; raises SecretsUnavailable or SecretsUnsafe."""
    found: KeyNames = {}
    for name in await secrets.names():
        if not name.startswith(_REPLACEABLE):
            found[name] = _ids(await secrets.get(name)) if name.startswith(_RINGS) else []
    return found


async def missing_keys(secrets: SecretSource, needed: KeyNames) -> list[str]:
    """Say which of the secrets that a backup names are not here, or are others; by name, sorted."""
    here = await name_keys(secrets)
    return sorted(name for name, ids in needed.items() if name not in here or not set(ids) <= set(here[name]))


def _ids(text: str | None) -> list[str]:
    ring: dict[str, Any] = json.loads(text or "{}")
    return [str(key["id"]) for key in ring.get("keys", ())]
