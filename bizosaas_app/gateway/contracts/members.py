"""What the administration of members takes and gives."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.text import Email, Line

TenantRole = Literal["tenant_admin", "user"]


class ListUsers(SortedPaging):
    """Which members, and which page of them: `q` is looked for in name and address."""

    sort: Sort = "created_at"
    q: Words = ""
    role: TenantRole | None = None
    status: Literal["active", "invited", "suspended"] | None = None


class Invite(Command):
    """Whom to invite, and as what."""

    email: Email
    role: TenantRole = "user"
    name: Line = Field("", max_length=120)


class UserChange(Command):
    """Another role, another status, or both."""

    role: TenantRole | None = None
    status: Literal["active", "suspended"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.role is None and self.status is None:
            raise ValueError("Give role or status")
        return self


class ChangeUser(Command):
    """A change of one member."""

    user_id: UUID
    change: UserChange


class MemberView(View):
    """A member as the administration sees them."""

    id: UUID
    email: str
    name: str
    role: str
    status: str
    platforms: list[str]
    created_at: Moment
    last_login_at: Moment | None


class MemberPage(CountedPage[MemberView]):
    """Some of the members."""
