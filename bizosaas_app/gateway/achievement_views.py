"""Achievements as they are shown: services' rows made into views. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.gateway.contracts.achievement_designs import CategoryView, NamedView
from bizosaas_app.gateway.contracts.achievements import (
    AchievementView,
    DefinitionView,
    DryRunView,
    Number,
    ProgressView,
    ReviewView,
    SampleView,
    SummaryView,
)
from bizosaas_app.services.gamification.achievements import dry_run
from bizosaas_app.services.gamification.achievements.definitions import Definition
from bizosaas_app.services.gamification.achievements.dry_run import DryRun
from bizosaas_app.services.gamification.achievements.shelf import Item
from models import Achievement, AchievementCategory, AchievementReview, Member

HIDDEN: Final = "Hidden"
_NOTHING: Final = ProgressView(current=0, target=1, percent=0)


def achievement_view(item: Item) -> AchievementView:
    """Show an achievement of a member."""
    definition = item.definition
    view = AchievementView(
        id=definition.id,
        key=definition.key,
        name=definition.name,
        description=definition.description,
        category=definition.category,
        tier=definition.tier,
        points=definition.points,
        icon=definition.icon,
        is_hidden=definition.is_hidden,
        is_custom=definition.is_custom,
        repeats=definition.repeats,
        trigger=dict(definition.document),
        progress=ProgressView(
            current=_number(item.progress.current),
            target=_number(item.progress.target),
            percent=item.progress.percent,
        ),
        status=item.state,
        unlocked_at=item.unlocked_at,
        revoked_at=item.revoked_at,
        times_unlocked=item.times_unlocked,
        rarity_percent=item.rarity_percent,
        next_action=item.next_action,
        waits_for=list(item.waits_for),
        starts_at=definition.starts_at,
        ends_at=definition.ends_at,
    )
    return view.model_copy(update=_SILHOUETTE) if item.is_silhouette else view


_SILHOUETTE: Final[dict[str, Any]] = {
    "key": "hidden",
    "name": HIDDEN,
    "description": "",
    "icon": "lock",
    "trigger": None,
    "progress": _NOTHING,
    "status": "locked",
    "next_action": "",
    "waits_for": [],
    "starts_at": None,
    "ends_at": None,
}
"""What a silhouette shows in place of the real thing."""


def summary_view(items: Sequence[Item]) -> SummaryView:
    """Add up what a member has; each unlock of one that repeats brings its points."""
    return SummaryView(
        total=len(items),
        unlocked=sum(item.times_unlocked > 0 for item in items),
        provisional=sum(item.state == "provisional" for item in items),
        points=sum(item.points_awarded for item in items),
    )


def definition_view(definition: Definition, unlocked_by: int) -> DefinitionView:
    """Show a definition to its administrator."""
    return DefinitionView(
        id=definition.id,
        key=definition.key,
        name=definition.name,
        description=definition.description,
        category=definition.category,
        tier=definition.tier,
        points=definition.points,
        icon=definition.icon,
        platform=definition.platform,
        is_hidden=definition.is_hidden,
        is_custom=definition.is_custom,
        repeats=definition.repeats,
        trigger=dict(definition.document),
        preconditions=list(definition.preconditions),
        limits=dict(definition.limits),
        status=definition.status,
        starts_at=definition.starts_at,
        ends_at=definition.ends_at,
        created_at=definition.created_at,
        unlocked_by=unlocked_by,
    )


def category_view(category: AchievementCategory) -> CategoryView:
    """Show a category."""
    return CategoryView(key=category.key, name=category.name)


def named_view(definition: Definition) -> NamedView:
    """Name a definition."""
    return NamedView(key=definition.key, name=definition.name, status=definition.status)


def dry_run_view(found: DryRun) -> DryRunView:
    """Show what a draft would have done."""
    return DryRunView(
        would_unlock=found.would_unlock,
        would_be_provisional=found.would_be_provisional,
        unlocks=found.unlocks,
        events=found.events,
        days=dry_run.DAYS,
        members=found.members,
        is_whole=found.is_whole,
        sample=[SampleView(user_id=user_id, name=name) for user_id, name in found.sample],
    )


def review_view(row: AchievementReview, achievement: Achievement, member: Member) -> ReviewView:
    """Show a review."""
    return ReviewView(
        id=row.id,
        achievement_key=achievement.key,
        achievement_name=achievement.name,
        user_id=row.user_id,
        user_name=member.name,
        period=row.period,
        code=row.code,
        detail=row.detail,
        event_ids=row.event_ids,
        status=row.status,
        note=row.note,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )


def place_of(definition: Definition) -> tuple[int, int, str]:
    """Give the place of a definition in every list."""
    return definition.position, definition.points, definition.key


def is_shown_as(item: Item, category: str | None, status: str | None) -> bool:
    """Say whether a filter lets the item through; a silhouette is locked, whatever it is in truth."""
    state = "locked" if item.is_silhouette else item.state
    return category in (None, item.definition.category) and status in (None, state)


def _number(value: Decimal) -> Number:
    return int(value) if value == int(value) else float(value)
