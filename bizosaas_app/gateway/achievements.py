"""The achievements' operations."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from bizosaas_app.gateway import achievement_views, cursors
from bizosaas_app.gateway.contracts.achievements import (
    AchievementsView,
    ChangeAchievement,
    CreateAchievement,
    DecideReview,
    DefinitionView,
    DryRunView,
    GoalsView,
    ListDefinitions,
    ListReviews,
    ReadAchievements,
    ReadGoals,
    ReviewView,
)
from bizosaas_app.gateway.contracts.base import CountedPage, Page
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.achievements import (
    books,
    custom,
    deciding,
    defaults,
    dry_run,
    reviews,
    shelf,
)
from bizosaas_app.services.gamification.achievements.custom import Draft
from bizosaas_app.services.gamification.achievements.definitions import Definition
from bizosaas_app.services.gamification.achievements.reviews import Wanted
from bizosaas_app.services.gamification.achievements.shelf import Item
from models import Achievement, Member

READ: Final = "access_gamification"
MANAGE: Final = "manage_achievements"
SEE_OTHERS: Final = ("view_analytics", MANAGE)
"""Either lets one see how far somebody else is."""

Place = tuple[int, int, str]


@operation("achievements.read", permission=READ)
async def read_achievements(actor: Actor, command: ReadAchievements) -> AchievementsView:
    """List a member's achievements with their progress, by category."""
    user_id = _subject(actor, command.tenant_id, command.user_id)
    items = await _items(actor, user_id)
    shown = [item for item in items if achievement_views.is_shown_as(item, command.category, command.status)]
    page, cursor = _page([(achievement_views.place_of(item.definition), item) for item in shown], command)
    return AchievementsView(
        items=[achievement_views.achievement_view(item) for item in page],
        next_cursor=cursor,
        user_id=user_id,
        summary=achievement_views.summary_view(items),
    )


@operation("achievements.goals", permission=READ)
async def read_goals(actor: Actor, command: ReadGoals) -> GoalsView:
    """Give the unlocks that are nearest, with what gets there."""
    user_id = _subject(actor, command.tenant_id, command.user_id)
    found = shelf.nearest(await _items(actor, user_id), command.limit)
    return GoalsView(user_id=user_id, items=[achievement_views.achievement_view(item) for item in found])


@operation("achievements.definitions", permission=MANAGE)
async def list_definitions(actor: Actor, command: ListDefinitions) -> Page[DefinitionView]:
    """List every definition, archived ones too, with how many members have it."""
    async with unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())
        book = await books.current(session, actor.tenant_id)
        holders = await custom.count_holders(session)
    page, cursor = _page([(achievement_views.place_of(item), item) for item in book.all], command)
    views = [achievement_views.definition_view(item, holders.get(item.id, 0)) for item in page]
    return Page[DefinitionView](items=views, next_cursor=cursor)


@operation("achievements.create", permission=MANAGE)
async def create_achievement(actor: Actor, command: CreateAchievement) -> DefinitionView | DryRunView:
    """Publish an achievement and award it for what was, or only say who would have it."""
    now = utc_now()
    draft = _draft(command)
    async with unit_of_work(actor) as session:
        if command.dry_run:
            definition = await custom.examine(session, actor, draft, now=now)
            found = await dry_run.simulate(session, actor.tenant_id, definition, now=now, whole=command.whole_ledger)
            return achievement_views.dry_run_view(found)
        return await _with_holders(session, await custom.create(session, actor, draft, now=now))


@operation("achievements.change", permission=MANAGE)
async def change_achievement(actor: Actor, command: ChangeAchievement) -> DefinitionView:
    """Change, archive or bring back an achievement of the tenant's own."""
    changes = command.model_dump(exclude_unset=True, exclude={"key"})
    if command.limits is not None:
        changes["limits"] = command.limits.model_dump(exclude_none=True)
    async with unit_of_work(actor) as session:
        changed = await custom.change(session, actor, command.key, changes, now=utc_now())
        return await _with_holders(session, changed)


@operation("achievements.reviews", permission=MANAGE)
async def list_reviews(actor: Actor, command: ListReviews) -> CountedPage[ReviewView]:
    """List the unlocks that wait for a person, the oldest first."""
    after, wanted = cursors.decode(command.cursor), Wanted(command.status, command.q.strip())
    async with unit_of_work(actor) as session:
        found = await reviews.list_reviews(session, wanted, after=after, limit=command.limit + 1)
        total = await reviews.count_reviews(session, wanted)
    page = found[: command.limit]
    cursor = cursors.encode(page[-1][0].created_at, page[-1][0].id) if len(found) > command.limit else None
    views = [achievement_views.review_view(*row) for row in page]
    return CountedPage[ReviewView](items=views, next_cursor=cursor, total=total)


@operation("achievements.decide", permission=MANAGE)
async def decide_review(actor: Actor, command: DecideReview) -> ReviewView:
    """Confirm a doubtful unlock or take it away."""
    async with unit_of_work(actor) as session:
        row = await deciding.decide(
            session, actor, command.review_id, decision=command.decision, note=command.note, now=utc_now()
        )
        achievement = await session.get_one(Achievement, (actor.tenant_id, row.achievement_id))
        member = await session.get_one(Member, (actor.tenant_id, row.user_id))
        return achievement_views.review_view(row, achievement, member)


async def _items(actor: Actor, user_id: UUID) -> list[Item]:
    """Give a member's achievements; a tenant that has none yet is given the catalogue first."""
    async with unit_of_work(actor) as session:
        await shelf.get_member(session, user_id)
        await defaults.ensure(session, actor, now=utc_now())
        return await shelf.list_items(session, actor.tenant_id, user_id, now=utc_now())


async def _with_holders(session: Any, definition: Definition) -> DefinitionView:
    holders = await custom.count_holders(session)
    return achievement_views.definition_view(definition, holders.get(definition.id, 0))


def _subject(actor: Actor, tenant_id: UUID, user_id: UUID | None) -> UUID:
    """Give whose achievements are meant, if the actor may see them in this tenant."""
    if tenant_id != actor.tenant_id:
        raise NotFound
    if user_id is None and actor.user_id is None:
        raise InputInvalid({"user_id": "Name a member: a key has no achievements of its own"})
    if user_id not in (None, actor.user_id) and not any(actor.can(name) for name in SEE_OTHERS):
        raise NotPermitted("You can see your own achievements")
    return user_id or actor.member_id()


def _draft(command: CreateAchievement) -> Draft:
    fields = command.model_dump(exclude={"dry_run", "whole_ledger", "limits"})
    return Draft(**fields, limits=command.limits.model_dump(exclude_none=True))


def _page(
    rows: Sequence[tuple[Place, Any]], command: ListDefinitions | ReadAchievements
) -> tuple[list[Any], str | None]:
    """Give the rows of one page and the cursor after it; the whole list is at hand."""
    after = _place_after(command.cursor)
    left = [(place, row) for place, row in rows if after is None or place > after]
    page = left[: command.limit]
    cursor = base64.urlsafe_b64encode(json.dumps(page[-1][0]).encode()).decode() if len(left) > len(page) else None
    return [row for _, row in page], cursor


def _place_after(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        position, points, key = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return int(position), int(points), str(key)
    except (binascii.Error, ValueError, TypeError):
        raise InputInvalid({"cursor": "This is not a cursor of this list"}) from None
