"""Showcase portfolios: case studies whose every figure comes from the ledger, and how often they are seen."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantModel, TenantScoped, belongs_to, json_is, one_of

TEMPLATES: Final = ("case_study", "before_after")
STATUSES: Final = ("generating", "failed", "draft", "published", "unpublished")
SCOPES: Final = ("member", "tenant")


class ShowcasePortfolio(TenantModel, table=True):
    """One showcase; `showcase_slugs` keeps its slug unique over the whole platform."""

    __tablename__ = "showcase_portfolios"
    __table_args__ = (
        belongs_to("users", "owner_user_id"),
        UniqueConstraint("tenant_id", "slug"),
        one_of("template", TEMPLATES),
        one_of("status", STATUSES),
        one_of("scope", SCOPES),
        json_is("sections", "array"),
        json_is("figures", "array"),
        json_is("consents", "object"),
        json_is("quote", "object"),
        json_is("shared_texts", "object"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100", name="slug_is_url_safe"),
        CheckConstraint("period_from <= period_to", name="period_in_order"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_has_a_time"),
        Index("ix_showcase_portfolios_list", "tenant_id", "created_at", "id"),
        Index("ix_showcase_portfolios_owner", "tenant_id", "owner_user_id", "created_at"),
    )

    owner_user_id: UUID
    scope: str = "member"
    """Whose figures it tells: the owner's own, or those of the whole tenant."""
    template: str
    slug: str
    title: str
    status: str = "draft"
    sections: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{key, text, by}]`; `by` is the engine that wrote it, or `person`."""
    figures: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{key, label, value, rendered, from, to, source}]`; a number in a text is one of these as rendered."""
    consents: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Field name -> whether the client agreed to publish it."""
    period_from: dt.date
    period_to: dt.date
    quote: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """`{text, author}`: the client's own words."""
    shared_texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """Name (`seo_title`, `linkedin`, ...) -> what the writer says there; each number is one of the figures."""
    run_id: UUID | None = None
    """The run that writes it."""
    engine: str | None = None
    """Which writer wrote it."""
    as_of: datetime | None = None
    """The figures count what the ledger held at this moment."""
    failure: str | None = None
    image_path: str | None = None
    published_at: datetime | None = None
    unpublished_at: datetime | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)

    @property
    def is_public(self) -> bool:
        return self.status == "published"


class PortfolioMetric(TenantScoped, table=True):
    """What happened to one showcase on one day (in the tenant's time zone)."""

    __tablename__ = "portfolio_metrics"
    __table_args__ = (
        belongs_to("showcase_portfolios", "portfolio_id"),
        CheckConstraint(
            "views >= 0 AND visitors >= 0 AND shares >= 0 AND referral_clicks >= 0",
            name="counts_not_negative",
        ),
        Index("ix_portfolio_metrics_day", "tenant_id", "day"),
    )

    portfolio_id: UUID = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    views: int = 0
    visitors: int = 0
    shares: int = 0
    referral_clicks: int = 0
    updated_at: datetime = Field(default_factory=utc_now)
