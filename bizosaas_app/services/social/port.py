"""The port to the networks: what each end can do, and the three ways in which it can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bizosaas_app.kernel.errors import UpstreamFailed


class NetworkFailed(UpstreamFailed):
    """The network did not take what we sent; the message is for the person who wrote the post."""

    code = "network_failed"
    title = "The network did not answer as it should"


class Refused(NetworkFailed):
    """It said no, and will again until a person changes something."""

    code = "network_refused"
    retryable = False


class Postponed(NetworkFailed):
    """It certainly has not taken it, and may later: after so many seconds, where it says so."""

    code = "network_busy"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unclear(Postponed):
    """Nobody knows whether it has taken it: the answer never came, or was none."""

    code = "network_unclear"


@dataclass(frozen=True, slots=True)
class Access:
    """An account with its secret; `base_url` has no slash at its end."""

    network: str
    handle: str
    base_url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A post to publish. `key` is the same at every try; `is_repeat` says that there may have been one before."""

    key: UUID
    text: str
    at: datetime
    title: str | None = None
    media_url: str | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """Where the post stands."""

    remote_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the server says of the account; `character_limit` where it says one."""

    handle: str
    is_sandbox: bool
    character_limit: int | None = None


class SocialNetwork(Protocol):
    """One end. Both verbs raise `Refused`, `Postponed` or `Unclear`."""

    async def check(self, access: Access) -> Profile:
        """Ask the server who the account is: proves address and secret."""
        ...

    async def publish(self, access: Access, post: Outgoing) -> Published:
        """Publish the post, or give the one that an earlier try with its key has left."""
        ...
