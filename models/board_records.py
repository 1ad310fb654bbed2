"""What is kept about leaderboards beside their entries: closed seasons, ranks of yesterday, what members were told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantScoped, belongs_to, json_is, one_of
from models.leaderboards import PERIOD_IS_A_WINDOW, WINDOWS


class LeaderboardSeason(TenantScoped, table=True):
    """A closed period of a board as it was announced: a record, which later events do not change."""

    __tablename__ = "leaderboard_seasons"
    __table_args__ = (
        belongs_to("leaderboards", "leaderboard_id"),
        CheckConstraint(PERIOD_IS_A_WINDOW, name="period_is_a_window"),
        one_of("span", WINDOWS),
        CheckConstraint("total >= 0", name="total_not_negative"),
        json_is("podium", "array"),
        Index("ix_leaderboard_seasons_list", "tenant_id", "leaderboard_id", "span", "ended_at"),
    )

    leaderboard_id: UUID = Field(primary_key=True)
    period: str = Field(primary_key=True)
    span: str
    """The window that the period is one of."""
    ended_at: datetime
    closed_at: datetime = Field(default_factory=utc_now)
    total: int = 0
    """Members that others saw on the board."""
    podium: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`{user_id, rank, score}` of the first three; the score is a text with all its decimals."""


class RankSnapshot(TenantScoped, table=True):
    """The rank that a member had in a period when a day ended, among those that others saw."""

    __tablename__ = "rank_snapshots"
    __table_args__ = (
        belongs_to("leaderboards", "leaderboard_id"),
        belongs_to("users", "user_id"),
        CheckConstraint(PERIOD_IS_A_WINDOW, name="period_is_a_window"),
        CheckConstraint("rank > 0", name="rank_is_positive"),
    )

    leaderboard_id: UUID = Field(primary_key=True)
    period: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    """The day that ended, in the tenant's time zone."""
    user_id: UUID = Field(primary_key=True)
    rank: int


class BoardTop(TenantScoped, table=True):
    """The first places of a board as members were last told about them."""

    __tablename__ = "board_tops"
    __table_args__ = (belongs_to("leaderboards", "leaderboard_id"), json_is("places", "array"))

    leaderboard_id: UUID = Field(primary_key=True)
    period: str
    places: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`{user_id, rank, score}` in order."""
    updated_at: datetime = Field(default_factory=utc_now)


class RankNotice(TenantScoped, table=True):
    """That a member was told of a changed rank within this hour: once is enough."""

    __tablename__ = "rank_notices"
    __table_args__ = (belongs_to("leaderboards", "leaderboard_id"), belongs_to("users", "user_id"))

    leaderboard_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    hour: datetime = Field(primary_key=True)
