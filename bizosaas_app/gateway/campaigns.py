"""The operations on campaigns."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import campaign_channels, campaign_views, cursors
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
    SplitView,
    WebhookKeyView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.money import Money
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.campaigns import budgets, launching, planning, reading, steering
from models import Tenant

PERMISSION = "manage_campaigns"


@operation("campaigns.list", permission=PERMISSION)
async def list_campaigns(actor: Actor, command: ListCampaigns) -> CampaignPage:
    """List the campaigns, newest first if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.read_sheet(session, command.q.strip(), command.status, cursors.asked(command))
    return CampaignPage(
        items=[campaign_views.campaign_view(found) for found in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("campaigns.read", permission=PERMISSION)
async def read_campaign(actor: Actor, command: CampaignId) -> CampaignView:
    """Give a campaign and how far it is; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return await _view(session, command.campaign_id)


@operation("campaigns.split", permission=PERMISSION)
async def propose_split(actor: Actor, command: ProposeSplit) -> SplitView:
    """Divide a budget in proportion to weights, exact to the smallest unit of the organisation's currency."""
    async with unit_of_work(actor) as session:
        tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    shares = budgets.split(Money(command.budget, tenant.currency), command.weights)
    return SplitView(shares=[campaign_views.money_view(share) for share in shares])


@operation("campaigns.dry_run", permission=PERMISSION)
async def dry_run(actor: Actor, command: DryRunCampaign) -> PlanView:
    """Say who would get what and when, and who is left out and why; writes nothing."""
    wish = campaign_views.wish_of(command)
    async with unit_of_work(actor) as session:
        plan = await planning.plan(session, actor, wish, now=utc_now())
    return campaign_views.plan_view(plan, wish, command.shown)


@operation("campaigns.launch", permission=PERMISSION)
async def launch(actor: Actor, command: LaunchCampaign) -> CampaignView:
    """Launch a campaign; a second launch of the same draft gives the first one's and changes nothing."""
    wish = campaign_views.wish_of(command)
    async with unit_of_work(actor) as session:
        done = await launching.launch(session, actor, wish, draft_id=command.draft_id, now=utc_now())
        return await _view(session, done.campaign.id)


@operation("campaigns.pause", permission=PERMISSION)
async def pause(actor: Actor, command: CampaignId) -> CampaignView:
    """Send nothing more until it is resumed; raises `NotFound` or `CampaignOver`."""
    async with unit_of_work(actor) as session:
        await steering.pause(session, actor, command.campaign_id, now=utc_now())
        return await _view(session, command.campaign_id)


@operation("campaigns.resume", permission=PERMISSION)
async def resume(actor: Actor, command: CampaignId) -> CampaignView:
    """Go on where it was paused; raises `NotFound` or `CampaignOver`."""
    async with unit_of_work(actor) as session:
        await steering.resume(session, actor, command.campaign_id, now=utc_now())
        return await _view(session, command.campaign_id)


@operation("campaigns.cancel", permission=PERMISSION)
async def cancel(actor: Actor, command: CampaignId) -> CancelledView:
    """End a campaign: what is not out yet never goes; raises `NotFound` or `CampaignOver`."""
    async with unit_of_work(actor) as session:
        stopped = await steering.cancel(session, actor, command.campaign_id, now=utc_now())
        return CancelledView(campaign=await _view(session, command.campaign_id), stopped=stopped)


@operation("campaigns.sends", permission=PERMISSION)
async def list_sends(actor: Actor, command: ListSends) -> SendPage:
    """List a campaign's messages, those that are due first in front; raises `NotFound`."""
    wanted = command.wanted
    async with unit_of_work(actor) as session:
        sheet = await reading.read_sends(
            session, command.campaign_id, wanted.q.strip(), wanted.status, cursors.asked(wanted)
        )
    return SendPage(
        items=[campaign_views.send_view(found) for found in sheet.rows],
        next_cursor=cursors.after(sheet, wanted.sort),
        total=sheet.total,
    )


@operation("campaigns.retry", permission=PERMISSION)
async def retry_send(actor: Actor, command: SendId) -> CampaignView:
    """Send a failed message once more; raises `NotFound`, `SendNotFailed` or `CampaignOver`."""
    async with unit_of_work(actor) as session:
        await steering.retry(session, actor, command.campaign_id, command.send_id, now=utc_now())
        return await _view(session, command.campaign_id)


@operation("campaigns.webhook_key", permission=PERMISSION)
async def renew_webhook_key(actor: Actor, command: RenewWebhookKey) -> WebhookKeyView:  # noqa: ARG001  # no parameters
    """Make another key by which the receivers of webhooks know us; it is shown this once."""
    async with unit_of_work(actor) as session:
        await audit.record(session, actor, action="campaigns.webhook_key_renewed")
    return WebhookKeyView(key=await campaign_channels.renew_webhook_key(actor.tenant_id))


async def _view(session: AsyncSession, campaign_id: UUID) -> CampaignView:
    return campaign_views.campaign_view(await reading.get(session, campaign_id))
