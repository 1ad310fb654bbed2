"""Who acts: the verified identity that every operation receives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from bizosaas_app.kernel.errors import NotPermitted
from bizosaas_app.kernel.ids import new_id

Channel = Literal["http", "ui", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, an API key or the system itself, acting for one tenant.

    Made only by authentication (from the session record, never from a request's own words) or by
    `Actor.system`. `address` is the client's network address as the trusted proxies tell it.
    """

    tenant_id: UUID
    tenant_slug: str = ""
    user_id: UUID | None = None
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    name: str = ""
    email: str = ""
    role: str = "system"
    permissions: frozenset[str] = field(default_factory=frozenset)
    platform: str = "bizosaas"
    allowed_platforms: tuple[str, ...] = ()
    channel: Channel = "system"
    is_following: bool = False
    """Whether an open page asks again by itself because something changed: that uses up nobody's budget."""
    request_id: str = ""
    address: str = ""
    user_agent: str = ""

    @classmethod
    def system(cls, tenant_id: UUID, *, request_id: str | None = None) -> Actor:
        """Give the actor of our own background work inside one tenant."""
        return cls(tenant_id=tenant_id, request_id=request_id or str(new_id()))

    @property
    def is_system(self) -> bool:
        """Whether this is our own background work, which no permission guards."""
        return self.channel == "system"

    def can(self, permission: str) -> bool:
        """Say whether this actor holds the permission."""
        return self.is_system or permission in self.permissions

    def require(self, permission: str) -> None:
        """Pass when the permission is held, else raise `NotPermitted`."""
        if not self.can(permission):
            raise NotPermitted(data={"permission": permission})

    def member_id(self) -> UUID:
        """Give the user's id, or raise `NotPermitted` when an API key or the system acts."""
        if self.user_id is None:
            raise NotPermitted("Only a signed-in member can do this")
        return self.user_id
