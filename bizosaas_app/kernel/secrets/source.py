"""What every store of secrets can do, and how it fails."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, Protocol

from bizosaas_app.kernel.errors import AppError, UpstreamFailed

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")


class SecretsUnavailable(UpstreamFailed):
    """The store cannot be read or written now, and no last-known copy helps."""

    code = "secrets_unavailable"
    title = "The store of secrets did not answer"


class SecretsUnsafe(AppError):
    """The store may not be used as it is: open to others, damaged or wrongly configured."""

    code = "secrets_unsafe"
    title = "The store of secrets is not safe to use"


class Health(NamedTuple):
    """How a store is doing; `detail` is for the operator and holds no secret."""

    status: Literal["ok", "degraded"]
    detail: str


class SecretSource(Protocol):
    """A store of named texts: `signing/keys`, `pepper/refresh`, `db/context`.

    A name that is not lower-case words parted by slashes is a bug and raises ValueError.
    """

    async def get(self, name: str) -> str | None:
        """Give the text of a secret, or None when there is none.

        Raises SecretsUnavailable, or SecretsUnsafe when the store may not be trusted.
        """
        ...

    async def put(self, name: str, value: str, *, only_if_absent: bool = False) -> bool:
        """Write a secret in place of what it read before; False only when `only_if_absent` and somebody was first.

        Raises SecretsUnavailable or SecretsUnsafe; then nothing was promised about the write.
        """
        ...

    async def swap(self, name: str, expected: str, value: str) -> bool:
        """Replace a secret if it still reads `expected`; False when somebody changed it meanwhile.

        Raises SecretsUnavailable or SecretsUnsafe.
        """
        ...

    async def delete(self, name: str) -> None:
        """Remove a secret with all that it ever read; nothing happens when there is none.

        Raises SecretsUnavailable or SecretsUnsafe.
        """
        ...

    async def names(self) -> list[str]:
        """Give all the names kept here, sorted; never some of them from memory.

        Raises SecretsUnavailable or SecretsUnsafe.
        """
        ...

    async def forget_older(self) -> int:
        """Remove what secrets read before they were replaced; gives the number of secrets that still had such texts.

        Raises SecretsUnavailable or SecretsUnsafe.
        """
        ...

    def health(self) -> Health:
        """Say how the store is doing, from memory, without asking it."""
        ...

    async def close(self) -> None:
        """Let go of files, threads and connections; safe to call twice."""
        ...


def check_name(name: str) -> str:
    """Give the name back, or raise ValueError: a name becomes part of a path and of a URL."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a secret: {name!r}")
    return name
