"""`/api/v1/gamification/portfolio/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import portfolios
from bizosaas_app.gateway.contracts.portfolios import (
    ChangeShowcase,
    GenerateShowcase,
    GenerationView,
    ListShowcases,
    NewPeriod,
    RetryShowcase,
    ShowcaseChange,
    ShowcaseId,
    ShowcasePage,
    ShowcaseView,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.post("/generate", status_code=202, dependencies=[Depends(permitted(portfolios.generate))])
async def generate(actor: SignedInActor, command: GenerateShowcase) -> GenerationView:
    """Have a showcase written from the figures of a period; watch the run at `/jobs/{run_id}`."""
    return await portfolios.generate(actor, command)


@router.post("/{portfolio_id}/retry", status_code=202, dependencies=[Depends(permitted(portfolios.retry))])
async def retry(actor: SignedInActor, portfolio_id: UUID, period: NewPeriod | None = None) -> GenerationView:
    """Have a showcase that failed written again, maybe for another period; 409 `showcase_not_failed` for any other."""
    return await portfolios.retry(actor, RetryShowcase(portfolio_id=portfolio_id, period=period))


@router.get("", dependencies=[Depends(permitted(portfolios.list_showcases))])
async def list_showcases(actor: SignedInActor, command: Annotated[ListShowcases, Query()]) -> ShowcasePage:
    """One's own showcases, newest first if no `sort` is given; an administrator sees everybody's."""
    return await portfolios.list_showcases(actor, command)


@router.get("/{portfolio_id}", dependencies=[Depends(permitted(portfolios.read_showcase))])
async def read_showcase(actor: SignedInActor, portfolio_id: UUID) -> ShowcaseView:
    """A showcase with its texts and the figures behind them."""
    return await portfolios.read_showcase(actor, ShowcaseId(portfolio_id=portfolio_id))


@router.patch("/{portfolio_id}", dependencies=[Depends(permitted(portfolios.change_showcase))])
async def change_showcase(actor: SignedInActor, portfolio_id: UUID, change: ShowcaseChange) -> ShowcaseView:
    """Change title, texts, quote or consents; every number in a text must be one of the figures as rendered."""
    return await portfolios.change_showcase(actor, ChangeShowcase(portfolio_id=portfolio_id, change=change))


@router.post("/{portfolio_id}/publish", dependencies=[Depends(permitted(portfolios.publish))])
async def publish(actor: SignedInActor, portfolio_id: UUID) -> ShowcaseView:
    """Put a showcase before everybody; 409 `consent_missing` names what lacks."""
    return await portfolios.publish(actor, ShowcaseId(portfolio_id=portfolio_id))


@router.post("/{portfolio_id}/unpublish", dependencies=[Depends(permitted(portfolios.unpublish))])
async def unpublish(actor: SignedInActor, portfolio_id: UUID) -> ShowcaseView:
    """Take a showcase down; its page answers 404 at once."""
    return await portfolios.unpublish(actor, ShowcaseId(portfolio_id=portfolio_id))
