"""What API keys take and give."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.text import Line, Name


class CreateApiKey(Command):
    """A key for one of the tenant's own systems; `scopes` are permissions that its maker holds.

    It ends at `expires_at` or `expires_in_days` from now; without either it has no end.
    """

    name: Name
    scopes: list[Annotated[Line, Field(max_length=64)]] = Field(min_length=1, max_length=50)
    expires_at: Moment | None = None
    expires_in_days: int | None = Field(None, ge=1, le=3650)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.expires_at is not None and self.expires_in_days is not None:
            raise ValueError("Give either expires_at or expires_in_days")
        return self


KeyStatus = Literal["active", "expired", "revoked"]


class ListApiKeys(SortedPaging):
    """Which keys, and which page of them, in the order they were made if no other is asked for."""

    sort: Sort = "created_at"
    q: Words = ""
    status: KeyStatus | None = None


class RevokeApiKey(Command):
    """The key to end."""

    key_id: UUID


class ApiKeyView(View):
    """A key, without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    created_by: UUID | None
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None


class CreatedApiKey(ApiKeyView):
    """A new key with its text, which is shown this once."""

    key: str


class ApiKeyPage(CountedPage[ApiKeyView]):
    """Some of the keys."""
