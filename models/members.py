"""Members: users with their memberships, as one read-only view (with the reader's rights)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from models.base import TEXTS, TenantScoped


class Member(TenantScoped, table=True):
    """A user as the people of the tenant see them: no password hash."""

    __tablename__ = "members"
    __table_args__ = ({"info": {"is_view": True}},)

    id: UUID = Field(primary_key=True)
    email: str
    name: str
    status: str
    role_key: str
    platforms: list[str] = Field(sa_type=TEXTS)
    leaderboard_privacy: str
    created_at: datetime
    last_login_at: datetime | None
