"""Secrets in one file that only its owner can read: the store when no Vault is configured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bizosaas_app.kernel.secrets import owner_only
from bizosaas_app.kernel.secrets.source import Health, SecretsUnavailable, SecretsUnsafe, check_name

T = TypeVar("T")


class FileSecrets:
    """A SecretSource in `<folder>/secrets.json` (mode 0600 in a folder of mode 0700).

    Every call reads the file again, so that all processes see one truth. File work runs in threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "secrets.json"
        self._lock = folder / "lock"
        self._problem: str | None = None

    async def get(self, name: str) -> str | None:
        """See SecretSource.get."""
        check_name(name)
        return (await self._run(self._read)).get(name)

    async def put(self, name: str, value: str, *, only_if_absent: bool = False) -> bool:
        """See SecretSource.put."""
        return await self._write(name, value, lambda current: current is None or not only_if_absent)

    async def swap(self, name: str, expected: str, value: str) -> bool:
        """See SecretSource.swap."""
        return await self._write(name, value, lambda current: current == expected)

    async def delete(self, name: str) -> None:
        """See SecretSource.delete."""
        check_name(name)

        def remove() -> None:
            owner_only.make_folder(self._folder)
            with owner_only.locked(self._lock):
                values = self._read()
                if values.pop(name, None) is not None:
                    owner_only.write(self._file, json.dumps(values, indent=1))

        await self._run(remove)

    async def names(self) -> list[str]:
        """See SecretSource.names."""
        return sorted(await self._run(self._read))

    async def forget_older(self) -> int:
        """See SecretSource.forget_older; a file holds the present texts alone."""
        return 0

    def health(self) -> Health:
        """See SecretSource.health."""
        if self._problem:
            return Health("degraded", self._problem)
        return Health("ok", f"file {self._file}")

    async def close(self) -> None:
        """Nothing stays open between calls."""

    async def _write(self, name: str, value: str, accepts: Callable[[str | None], bool]) -> bool:
        check_name(name)

        def write() -> bool:
            owner_only.make_folder(self._folder)
            with owner_only.locked(self._lock):
                values = self._read()
                if not accepts(values.get(name)):
                    return False
                owner_only.write(self._file, json.dumps({**values, name: value}, indent=1))
                return True

        return await self._run(write)

    def _read(self) -> dict[str, str]:
        owner_only.make_folder(self._folder)
        text = owner_only.read(self._file)
        return {} if text is None else self._parse(text)

    def _parse(self, text: str) -> dict[str, str]:
        damaged = SecretsUnsafe(f"{self._file} is damaged; restore it from a backup, it is never overwritten")
        try:
            values = json.loads(text)
        except ValueError:
            raise damaged from None  # the parser's error would carry the whole text along
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise damaged
        return values

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            answer = await asyncio.to_thread(work)
        except OSError as error:
            self._problem = f"{self._file}: {error.strerror or type(error).__name__}"
            raise SecretsUnavailable(self._problem) from None
        except (SecretsUnavailable, SecretsUnsafe) as error:
            self._problem = error.message
            raise
        self._problem = None
        return answer
