"""`/api/v1/social/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from bizosaas_app.gateway import social, social_accounts, social_approvals
from bizosaas_app.gateway.contracts.social import (
    CampaignId,
    CampaignPage,
    CampaignSheet,
    ChangePost,
    CheckCsv,
    CsvView,
    DryRun,
    DryRunView,
    LaunchCampaign,
    ListCampaigns,
    NewWords,
    PostId,
    PostView,
    PreviewPost,
    PreviewView,
    SpreadPosts,
    TimesView,
)
from bizosaas_app.gateway.contracts.social_accounts import (
    AccountId,
    AccountView,
    ConnectAccount,
    ListAccounts,
    ListNetworks,
    NetworkView,
    NewSecret,
    RenewAccount,
)
from bizosaas_app.gateway.contracts.social_approvals import ApprovalId, ApprovalView, AskApproval, NewApproval
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["social media"])

SignedInActor = Annotated[Actor, Depends(signed_in)]


@router.get("/networks", dependencies=[Depends(permitted(social_accounts.list_networks))])
async def list_networks(actor: SignedInActor) -> list[NetworkView]:
    """The networks with their limits and where these come from."""
    return await social_accounts.list_networks(actor, ListNetworks())


@router.get("/accounts", dependencies=[Depends(permitted(social_accounts.list_accounts))])
async def list_accounts(actor: SignedInActor) -> list[AccountView]:
    """The connected accounts."""
    return await social_accounts.list_accounts(actor, ListAccounts())


@router.post("/accounts", status_code=201, dependencies=[Depends(permitted(social_accounts.connect))])
async def connect(actor: SignedInActor, command: ConnectAccount) -> AccountView:
    """Connect an account; its token or app password goes to the store of secrets and is never shown."""
    return await social_accounts.connect(actor, command)


@router.post("/accounts/{account_id}/check", dependencies=[Depends(permitted(social_accounts.check))])
async def check_account(actor: SignedInActor, account_id: UUID) -> AccountView:
    """Ask the account's server for it; what fails there stands in `failure`."""
    return await social_accounts.check(actor, AccountId(account_id=account_id))


@router.put("/accounts/{account_id}/secret", dependencies=[Depends(permitted(social_accounts.renew))])
async def renew_account(actor: SignedInActor, account_id: UUID, command: NewSecret) -> AccountView:
    """Give an account another token or app password."""
    return await social_accounts.renew(actor, RenewAccount(account_id=account_id, secret=command.secret))


@router.delete("/accounts/{account_id}", status_code=204, dependencies=[Depends(permitted(social_accounts.remove))])
async def remove_account(actor: SignedInActor, account_id: UUID) -> None:
    """Let an account go with its secret; 409 `account_in_use` while posts wait for it."""
    await social_accounts.remove(actor, AccountId(account_id=account_id))


@router.post("/preview", dependencies=[Depends(permitted(social.preview))])
async def preview(actor: SignedInActor, command: PreviewPost) -> PreviewView:
    """A text as its network would take it: its length there, its pieces, and what is wrong."""
    return await social.preview(actor, command)


@router.post("/calendar", dependencies=[Depends(permitted(social.spread))])
async def spread(actor: SignedInActor, command: SpreadPosts) -> TimesView:
    """Times for posts, spread over days and hours of the organisation's zone."""
    return await social.spread(actor, command)


@router.post("/csv", dependencies=[Depends(permitted(social.check_csv))])
async def check_csv(actor: SignedInActor, command: CheckCsv) -> CsvView:
    """A table of posts read and checked; each error names its row and column."""
    return await social.check_csv(actor, command)


@router.post("/campaigns/dry-run", dependencies=[Depends(permitted(social.dry_run))])
async def dry_run(actor: SignedInActor, command: DryRun) -> DryRunView:
    """What would go out where and when; nothing is written."""
    return await social.dry_run(actor, command)


@router.post("/campaigns", status_code=201, dependencies=[Depends(permitted(social.launch))])
async def launch(actor: SignedInActor, command: LaunchCampaign) -> CampaignSheet:
    """Launch a campaign; the same `draft_id` again gives the same one and changes nothing."""
    return await social.launch(actor, command)


@router.get("/campaigns", dependencies=[Depends(permitted(social.list_campaigns))])
async def list_campaigns(actor: SignedInActor, command: Annotated[ListCampaigns, Query()]) -> CampaignPage:
    """The campaigns, newest first if no `sort` is given."""
    return await social.list_campaigns(actor, command)


@router.get("/campaigns/{campaign_id}", dependencies=[Depends(permitted(social.read))])
async def read_campaign(actor: SignedInActor, campaign_id: UUID) -> CampaignSheet:
    """A campaign with every post of it."""
    return await social.read(actor, CampaignId(campaign_id=campaign_id))


@router.post("/campaigns/{campaign_id}/pause", dependencies=[Depends(permitted(social.pause))])
async def pause(actor: SignedInActor, campaign_id: UUID) -> CampaignSheet:
    """Stop publishing for now; 409 `campaign_state` unless it runs."""
    return await social.pause(actor, CampaignId(campaign_id=campaign_id))


@router.post("/campaigns/{campaign_id}/resume", dependencies=[Depends(permitted(social.resume))])
async def resume(actor: SignedInActor, campaign_id: UUID) -> CampaignSheet:
    """Go on; posts whose time has passed go out from now on, kept apart."""
    return await social.resume(actor, CampaignId(campaign_id=campaign_id))


@router.post("/campaigns/{campaign_id}/cancel", dependencies=[Depends(permitted(social.cancel))])
async def cancel(actor: SignedInActor, campaign_id: UUID) -> CampaignSheet:
    """End it; what has not gone out never does."""
    return await social.cancel(actor, CampaignId(campaign_id=campaign_id))


@router.get("/campaigns/{campaign_id}/approvals", dependencies=[Depends(permitted(social_approvals.list_approvals))])
async def list_approvals(actor: SignedInActor, campaign_id: UUID) -> list[ApprovalView]:
    """The links that clients were given, with their answers."""
    return await social_approvals.list_approvals(actor, CampaignId(campaign_id=campaign_id))


@router.post(
    "/campaigns/{campaign_id}/approvals",
    status_code=201,
    dependencies=[Depends(permitted(social_approvals.ask))],
)
async def ask_approval(actor: SignedInActor, campaign_id: UUID, command: NewApproval) -> ApprovalView:
    """Make a link for a client; the campaign waits for the answer, and earlier links end."""
    return await social_approvals.ask(actor, AskApproval(campaign_id=campaign_id, **command.model_dump()))


@router.delete("/approvals/{approval_id}", dependencies=[Depends(permitted(social_approvals.revoke))])
async def revoke_approval(actor: SignedInActor, approval_id: UUID) -> ApprovalView:
    """End a link at once."""
    return await social_approvals.revoke(actor, ApprovalId(approval_id=approval_id))


@router.put("/posts/{post_id}", dependencies=[Depends(permitted(social.change_post))])
async def change_post(actor: SignedInActor, post_id: UUID, change: NewWords) -> PostView:
    """Change a post that has not gone out."""
    return await social.change_post(actor, ChangePost(post_id=post_id, change=change))


@router.post("/posts/{post_id}/retry", dependencies=[Depends(permitted(social.retry_post))])
async def retry_post(actor: SignedInActor, post_id: UUID) -> PostView:
    """Try a failed post again, now."""
    return await social.retry_post(actor, PostId(post_id=post_id))
