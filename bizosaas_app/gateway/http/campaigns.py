"""`/api/v1/campaigns/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import campaigns
from bizosaas_app.gateway.contracts.campaigns import (
    CampaignId,
    CampaignPage,
    CampaignView,
    CancelledView,
    DryRunCampaign,
    LaunchCampaign,
    ListCampaigns,
    ListSends,
    PlanView,
    ProposeSplit,
    RenewWebhookKey,
    SendId,
    SendPage,
    SendsWanted,
    SplitView,
    WebhookKeyView,
)
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["campaigns"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("", dependencies=[Depends(permitted(campaigns.list_campaigns))])
async def list_campaigns(actor: SignedInActor, command: Annotated[ListCampaigns, Query()]) -> CampaignPage:
    """The organisation's campaigns, newest first if no `sort` is given."""
    return await campaigns.list_campaigns(actor, command)


@router.post("", status_code=202, dependencies=[Depends(permitted(campaigns.launch))])
async def launch(actor: SignedInActor, command: LaunchCampaign) -> CampaignView:
    """Launch a campaign; messages go in the background. The same `draft_id` again answers the same campaign."""
    return await campaigns.launch(actor, command)


@router.post("/dry-run", dependencies=[Depends(permitted(campaigns.dry_run))])
async def dry_run(actor: SignedInActor, command: DryRunCampaign) -> PlanView:
    """Who would get what and when, and who is left out and why; writes nothing."""
    return await campaigns.dry_run(actor, command)


@router.post("/split", dependencies=[Depends(permitted(campaigns.propose_split))])
async def propose_split(actor: SignedInActor, command: ProposeSplit) -> SplitView:
    """A budget divided in proportion to weights; the shares add up to it exactly."""
    return await campaigns.propose_split(actor, command)


@router.post("/webhook-key", dependencies=[Depends(permitted(campaigns.renew_webhook_key))])
async def renew_webhook_key(actor: SignedInActor) -> WebhookKeyView:
    """Make the key that signs your webhooks; it is shown this once, and the one before signs nothing more."""
    return await campaigns.renew_webhook_key(actor, RenewWebhookKey())


@router.get("/{campaign_id}", dependencies=[Depends(permitted(campaigns.read_campaign))])
async def read_campaign(actor: SignedInActor, campaign_id: UUID) -> CampaignView:
    """A campaign and how far it is."""
    return await campaigns.read_campaign(actor, CampaignId(campaign_id=campaign_id))


@router.post("/{campaign_id}/pause", dependencies=[Depends(permitted(campaigns.pause))])
async def pause(actor: SignedInActor, campaign_id: UUID) -> CampaignView:
    """Send nothing more until it is resumed; 409 `campaign_over` for one that has ended."""
    return await campaigns.pause(actor, CampaignId(campaign_id=campaign_id))


@router.post("/{campaign_id}/resume", dependencies=[Depends(permitted(campaigns.resume))])
async def resume(actor: SignedInActor, campaign_id: UUID) -> CampaignView:
    """Go on where it was paused; what fell due meanwhile goes at the next allowed hour."""
    return await campaigns.resume(actor, CampaignId(campaign_id=campaign_id))


@router.post("/{campaign_id}/cancel", dependencies=[Depends(permitted(campaigns.cancel))])
async def cancel(actor: SignedInActor, campaign_id: UUID) -> CancelledView:
    """End a campaign for good: what is not out yet never goes."""
    return await campaigns.cancel(actor, CampaignId(campaign_id=campaign_id))


@router.get("/{campaign_id}/sends", dependencies=[Depends(permitted(campaigns.list_sends))])
async def list_sends(actor: SignedInActor, campaign_id: UUID, wanted: Annotated[SendsWanted, Query()]) -> SendPage:
    """The messages of a campaign with how each ended; those left out are among them, with the reason."""
    return await campaigns.list_sends(actor, ListSends(campaign_id=campaign_id, wanted=wanted))


@router.post("/{campaign_id}/sends/{send_id}/retry", dependencies=[Depends(permitted(campaigns.retry_send))])
async def retry_send(actor: SignedInActor, campaign_id: UUID, send_id: UUID) -> CampaignView:
    """Send a failed message once more; 409 `send_not_failed` for any other."""
    return await campaigns.retry_send(actor, SendId(campaign_id=campaign_id, send_id=send_id))
