"""`/api/v1/gamification/achievements/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from bizosaas_app.gateway import achievement_designs, achievements
from bizosaas_app.gateway.contracts.achievement_designs import DefinitionsView, SearchDefinitions
from bizosaas_app.gateway.contracts.achievements import (
    AchievementChanges,
    AchievementsView,
    AskGoals,
    ChangeAchievement,
    CreateAchievement,
    DecideReview,
    Decision,
    DefinitionView,
    DryRunView,
    GoalsView,
    Key,
    ListAchievements,
    ListDefinitions,
    ListReviews,
    ReadAchievements,
    ReadGoals,
    ReviewView,
)
from bizosaas_app.gateway.contracts.base import CountedPage, Page
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("/definitions", dependencies=[Depends(permitted(achievements.list_definitions))])
async def list_definitions(actor: SignedInActor, command: Annotated[ListDefinitions, Query()]) -> Page[DefinitionView]:
    """Every definition of the tenant, with how many members have it."""
    return await achievements.list_definitions(actor, command)


@router.get("/definitions/search", dependencies=[Depends(permitted(achievement_designs.search_definitions))])
async def search_definitions(actor: SignedInActor, command: Annotated[SearchDefinitions, Query()]) -> DefinitionsView:
    """The definitions that are looked for, in the order that is asked for."""
    return await achievement_designs.search_definitions(actor, command)


@router.post("/custom", status_code=201, dependencies=[Depends(permitted(achievements.create_achievement))])
async def create_achievement(
    actor: SignedInActor, command: CreateAchievement, response: Response
) -> DefinitionView | DryRunView:
    """Publish an achievement of one's own (201), or with `dry_run` say who would have it (200)."""
    response.status_code = 200 if command.dry_run else 201
    return await achievements.create_achievement(actor, command)


@router.patch("/custom/{key}", dependencies=[Depends(permitted(achievements.change_achievement))])
async def change_achievement(actor: SignedInActor, key: Key, body: AchievementChanges) -> DefinitionView:
    """Change, archive or bring back an achievement of one's own."""
    return await achievements.change_achievement(
        actor, ChangeAchievement(key=key, **body.model_dump(exclude_unset=True))
    )


@router.get("/reviews", dependencies=[Depends(permitted(achievements.list_reviews))])
async def list_reviews(actor: SignedInActor, command: Annotated[ListReviews, Query()]) -> CountedPage[ReviewView]:
    """Unlocks that look like manipulation, the oldest first."""
    return await achievements.list_reviews(actor, command)


@router.post("/reviews/{review_id}", dependencies=[Depends(permitted(achievements.decide_review))])
async def decide_review(actor: SignedInActor, review_id: UUID, body: Decision) -> ReviewView:
    """Confirm a doubtful unlock or take it away."""
    return await achievements.decide_review(actor, DecideReview(review_id=review_id, **body.model_dump()))


@router.get("/{tenant_id}", dependencies=[Depends(permitted(achievements.read_achievements))])
async def read_achievements(
    actor: SignedInActor, tenant_id: UUID, query: Annotated[ListAchievements, Query()]
) -> AchievementsView:
    """A member's achievements with their progress: one's own, or with `user_id` another's."""
    return await achievements.read_achievements(actor, ReadAchievements(tenant_id=tenant_id, **query.model_dump()))


@router.get("/{tenant_id}/goals", dependencies=[Depends(permitted(achievements.read_goals))])
async def read_goals(actor: SignedInActor, tenant_id: UUID, query: Annotated[AskGoals, Query()]) -> GoalsView:
    """The nearest unlocks, each with the action that gets there."""
    return await achievements.read_goals(actor, ReadGoals(tenant_id=tenant_id, **query.model_dump()))
