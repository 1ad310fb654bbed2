"""`/c/{token}`, at the root: where the links in campaigns' mails begin."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from bizosaas_app.gateway import campaign_links
from bizosaas_app.gateway.contracts.campaign_links import FollowCampaignLink
from bizosaas_app.gateway.http.referral_links import is_probe, visitor_from_anywhere
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.services.campaigns import links

PATH: Final = f"{links.PATH}{{token}}"

router = APIRouter(tags=["campaigns"])


@router.get(PATH, status_code=302, response_class=RedirectResponse)
async def follow(
    request: Request, token: str, visitor: Annotated[Visitor, Depends(visitor_from_anywhere)]
) -> RedirectResponse:
    """Record the click and lead on to the address that the campaign's text has there."""
    command = FollowCampaignLink(token=token, is_probe=is_probe(request))
    target = await campaign_links.follow(visitor, command)
    return RedirectResponse(target.location, status_code=302, headers={"Cache-Control": "no-store"})
