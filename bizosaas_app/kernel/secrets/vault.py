"""Secrets in Vault or OpenBao: KV version 2, written with check-and-set, read through a last-known copy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from hvac.exceptions import InvalidPath, InvalidRequest

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.secrets.copies import Copies
from bizosaas_app.kernel.secrets.source import Health, SecretsUnavailable, check_name
from bizosaas_app.kernel.secrets.vault_lease import AppRole, Token
from bizosaas_app.kernel.secrets.vault_session import VaultSession
from bizosaas_app.kernel.secrets.vault_versions import Versions

_log = get_logger(__name__)

_FIELD: Final = "value"
"""The one field of the KV document that holds the text."""
_WRITE_ATTEMPTS: Final = 20
"""Each lost race means that another writer got on; so many in a row do not happen by chance."""


class VaultSecrets:
    """A SecretSource at `<mount>/<path>/<name>`.

    `get` answers from memory while Vault is away, what was read in its last day; all else raises SecretsUnavailable
    then. `start` signs in and keeps the token alive in the background; without it the token is used until it dies,
    then replaced.
    """

    def __init__(
        self,
        addr: str,
        mount: str,
        path: str,
        auth: AppRole | Token,
        *,
        timeout_seconds: float = 5.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = VaultSession(addr, auth, timeout_seconds=timeout_seconds, now=now)
        self._mount = mount.strip("/")
        self._path = path.strip("/")
        self._versions = Versions(self._session, self._mount)
        self._known = Copies(now=now)

    async def start(self) -> None:
        """Sign in and begin to renew; a Vault that is down only makes `health` degraded."""
        await self._session.start()

    async def get(self, name: str) -> str | None:
        """See SecretSource.get; answers the last-known text while Vault is away."""
        check_name(name)
        with self._known.asking(name) as question:
            try:
                value, _ = await self._read(name)
            except SecretsUnavailable as error:
                if name not in self._known:
                    raise
                _log.debug("secret_from_memory", secret_name=name, reason=error.message)
                return self._known.give(name)
            self._known.learn(question, value)
        return value

    async def put(self, name: str, value: str, *, only_if_absent: bool = False) -> bool:
        """See SecretSource.put."""
        return await self._write(name, value, lambda current: current is None or not only_if_absent)

    async def swap(self, name: str, expected: str, value: str) -> bool:
        """See SecretSource.swap."""
        return await self._write(name, value, lambda current: current == expected)

    async def delete(self, name: str) -> None:
        """See SecretSource.delete; destroys every version, which needs `delete` on the secret's metadata."""
        check_name(name)
        try:
            await self._session.call(
                lambda client: client.secrets.kv.v2.delete_metadata_and_all_versions(
                    self._at(name), mount_point=self._mount
                )
            )
        except InvalidPath as error:
            if error.errors:
                raise self._no_mount() from None
        except InvalidRequest:
            raise SecretsUnavailable(f"Vault does not remove the secret {name}") from None
        except (asyncio.CancelledError, SecretsUnavailable):
            self._known.forget(name)  # the request may go on in its thread, or be done and its answer lost
            raise
        self._known.forget(name)

    async def names(self) -> list[str]:
        """See SecretSource.names; a secret that was deleted but not destroyed in Vault is still named."""
        return sorted(await self._list(""))

    async def forget_older(self) -> int:
        """See SecretSource.forget_older; a deletion that can be taken back stays so."""
        removed = [await self._versions.destroy_older(self._at(name)) for name in await self.names()]
        return sum(map(bool, removed))

    def health(self) -> Health:
        """See SecretSource.health."""
        return self._session.health()

    async def close(self) -> None:
        """See SecretSource.close; forgets the copies too."""
        await self._session.close()
        self._known.clear()

    async def _write(self, name: str, value: str, accepts: Callable[[str | None], bool]) -> bool:
        check_name(name)
        for _ in range(_WRITE_ATTEMPTS):
            with self._known.asking(name) as question:
                current, version = await self._read(name)
                if not accepts(current):
                    return False
                if version:
                    await self._versions.limit(self._at(name))
                if await self._write_after(version, name, value):
                    self._known.replace(question, value)
                    if version:
                        await self._drop_older(name)
                    return True
        raise SecretsUnavailable(f"the secret {name} is written by too many at once")

    async def _drop_older(self, name: str) -> None:
        """Have nobody read what was replaced; the write counts even when that does not succeed."""
        try:
            await self._versions.destroy_older(self._at(name))
        except SecretsUnavailable as error:
            _log.warning("secret_versions_kept", secret_name=name, reason=error.message)

    async def _write_after(self, version: int, name: str, value: str) -> bool:
        """Write if the secret is still at that version (0 = never written); False when it is not."""
        try:
            await self._session.call(
                lambda client: client.secrets.kv.v2.create_or_update_secret(
                    self._at(name), {_FIELD: value}, cas=version, mount_point=self._mount
                )
            )
        except (asyncio.CancelledError, SecretsUnavailable):
            self._known.forget(name)  # as with a deletion: nobody knows whether it was written
            raise
        except InvalidRequest as error:
            if any("check-and-set" in reason for reason in error.errors or ()):
                return False
            raise SecretsUnavailable(f"Vault does not take the secret {name}") from None
        except InvalidPath:
            raise self._no_mount() from None
        return True

    async def _read(self, name: str) -> tuple[str | None, int]:
        """Give the text and the version to name in a check-and-set."""
        try:
            answer = await self._session.call(
                lambda client: client.secrets.kv.v2.read_secret_version(
                    self._at(name), mount_point=self._mount, raise_on_deleted_version=True
                )
            )
        except InvalidPath as error:
            if error.errors:
                raise self._no_mount() from None
            return None, _deleted_version(error.json)
        except InvalidRequest:
            raise SecretsUnavailable(f"Vault does not give the secret {name}") from None
        try:
            return _text(answer["data"]["data"][_FIELD]), int(answer["data"]["metadata"]["version"])
        except (KeyError, TypeError):
            raise SecretsUnavailable(f"the secret {name} in Vault has no text field {_FIELD!r}") from None

    async def _list(self, folder: str) -> list[str]:
        try:
            answer = await self._session.call(
                lambda client: client.secrets.kv.v2.list_secrets(self._at(folder), mount_point=self._mount)
            )
        except InvalidPath as error:
            if error.errors:
                raise self._no_mount() from None
            return []
        except InvalidRequest:
            raise SecretsUnavailable("Vault does not list its secrets") from None
        found: list[str] = []
        for key in answer["data"]["keys"]:
            found += await self._list(folder + key) if key.endswith("/") else [folder + key]
        return found

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}" if self._path else name

    def _no_mount(self) -> SecretsUnavailable:
        return SecretsUnavailable(f"Vault has no KV version 2 store mounted at {self._mount!r}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _deleted_version(answer: Any) -> int:
    """Give the version of a deleted secret: writing anew must name it, 0 would be refused for ever."""
    try:
        return int(answer["data"]["metadata"]["version"])
    except (KeyError, TypeError):
        return 0
