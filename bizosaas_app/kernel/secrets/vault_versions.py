"""Older versions of a secret in Vault: none stays readable once another text has taken its place.

A secret is limited to one version before it is replaced, so that Vault removes what was before within the very write:
no crash can come between. A mount that is configured to keep more wins over that limit; what is left then is
destroyed after the write, or after the next one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from hvac.exceptions import InvalidPath, InvalidRequest

from bizosaas_app.kernel.secrets.source import SecretsUnavailable
from bizosaas_app.kernel.secrets.vault_session import VaultSession

_FORBIDDEN: Final = (
    "Vault's policy does not let replaced secrets be removed: write deploy/openbao/policy.hcl again, then run"
    " `python -m bizosaas_app forget-old-secrets`"
)


class Versions:
    """What a mount keeps of the secrets in it beside their present texts."""

    def __init__(self, session: VaultSession, mount: str) -> None:
        self._session = session
        self._mount = mount

    async def limit(self, path: str) -> None:
        """Have the next write remove the versions before it; without the right to ask for that nothing happens.

        Whoever is about to write does so all the same: `destroy_older` finds what was not removed.
        """
        with suppress(SecretsUnavailable, InvalidPath, InvalidRequest):
            await self._session.attempt(
                lambda client: client.secrets.kv.v2.update_metadata(path, max_versions=1, mount_point=self._mount)
            )

    async def destroy_older(self, path: str) -> int:
        """Destroy every version but the newest and give how many there were; raises SecretsUnavailable."""
        older = await self._find_older(path)
        if older and not await self._destroy(path, older):
            raise SecretsUnavailable(_FORBIDDEN)
        return len(older)

    async def _find_older(self, path: str) -> list[int]:
        """Give the numbers of older versions that can be read, or could be once their deletion is taken back."""
        try:
            answer = await self._session.call(
                lambda client: client.secrets.kv.v2.read_secret_metadata(path, mount_point=self._mount)
            )
            known = answer["data"]
            kept = {int(number): bool(version["destroyed"]) for number, version in known["versions"].items()}
            return sorted(
                number for number, is_gone in kept.items() if number < known["current_version"] and not is_gone
            )
        except InvalidPath:
            return []  # deleted meanwhile, with all its versions
        except (InvalidRequest, KeyError, TypeError):
            raise SecretsUnavailable("Vault does not tell which versions of a secret it keeps") from None

    async def _destroy(self, path: str, versions: list[int]) -> bool:
        """Say whether the policy allowed it."""
        try:
            return await self._session.attempt(
                lambda client: client.secrets.kv.v2.destroy_secret_versions(path, versions, mount_point=self._mount)
            )
        except InvalidPath:
            return True
        except InvalidRequest:
            raise SecretsUnavailable("Vault does not destroy the older versions of a secret") from None
