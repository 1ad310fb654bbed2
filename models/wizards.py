"""Wizards on their way: the answers typed so far, and the files that were put to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TEXTS, TenantModel, belongs_to, json_is, one_of

STATUSES: Final = ("open", "completed", "discarded", "expired")
BIGGEST_FILE: Final = 5 * 1024 * 1024
"""Bytes of one file that is kept with a draft."""
BYTES: Any = LargeBinary


class WizardDraft(TenantModel, table=True):
    """One person's draft of one wizard; at most one of a kind is open."""

    __tablename__ = "wizard_drafts"
    __table_args__ = (
        belongs_to("users", "user_id"),
        one_of("status", STATUSES),
        json_is("answers", "object"),
        json_is("revisions", "object"),
        json_is("guesses", "object"),
        json_is("overwritten", "array"),
        json_is("result", "object"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_has_a_time"),
        CheckConstraint("version >= 0", name="version_not_negative"),
        Index(
            "ux_wizard_drafts_open",
            "tenant_id",
            "user_id",
            "wizard",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_wizard_drafts_expiry", "tenant_id", "expires_at", postgresql_where=text("status = 'open'")),
    )

    user_id: UUID
    wizard: str
    """Key of the declaration."""
    status: str = "open"
    step: str
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Field -> what was typed, right or wrong; never a secret."""
    revisions: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    guesses: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    overwritten: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{field, lost, at}]`: answers that a later save of another tab took the place of, the latest first."""
    done: list[str] = Field(default_factory=list, sa_type=TEXTS)
    version: int = 0
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """What completing it made."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    completed_at: datetime | None = None


class WizardFile(TenantModel, table=True):
    """A file that was put to a field of a draft; gone with it unless completing it took the file over."""

    __tablename__ = "wizard_files"
    __table_args__ = (
        belongs_to("wizard_drafts", "draft_id"),
        CheckConstraint(f"octet_length(content) BETWEEN 1 AND {BIGGEST_FILE}", name="content_in_bounds"),
        Index("ix_wizard_files_draft", "tenant_id", "draft_id", "field"),
    )

    draft_id: UUID
    field: str
    name: str
    media_type: str
    """As sniffed from the content, not as the browser said."""
    content: bytes = Field(sa_type=BYTES)
    created_at: datetime = Field(default_factory=utc_now)
