"""Operations on social campaigns and their posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cursors, social_views
from bizosaas_app.gateway.contracts.social import (
    CampaignId,
    CampaignPage,
    CampaignSheet,
    CampaignView,
    ChangePost,
    CheckCsv,
    CsvErrorView,
    CsvView,
    DryRun,
    DryRunView,
    LaunchCampaign,
    ListCampaigns,
    PostId,
    PostView,
    PostWish,
    PreviewPost,
    PreviewView,
    SpreadPosts,
    TimesView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.social import accounts, calendar, campaigns, csv_posts, lifecycle, posts, previews, wishes
from bizosaas_app.services.social.calendar import Plan
from bizosaas_app.services.social.campaigns import Wanted
from bizosaas_app.services.social.posts import Rewording
from bizosaas_app.services.social.wishes import NewPost
from bizosaas_app.services.tenants import records
from models import SocialCampaign, SocialPost

PERMISSION: Final = "manage_social"


@operation("social.preview", permission=PERMISSION)
async def preview(actor: Actor, command: PreviewPost) -> PreviewView:
    """Show a text as its network would take it; raises `InputInvalid` for a hashtag that is none."""
    limit = None
    if command.account_id is not None:
        async with unit_of_work(actor) as session:
            limit = (await accounts.get(session, command.account_id)).character_limit
    post = NewPost(
        account_id=command.account_id or UUID(int=0),
        scheduled_at=utc_now(),
        **command.model_dump(exclude={"network", "account_id"}),
    )
    try:
        words = wishes.words_of(post)
    except ValueError as error:
        raise InputInvalid({"hashtags": str(error)}) from error
    return social_views.preview_view(previews.preview(command.network, words, character_limit=limit))


@operation("social.calendar", permission=PERMISSION)
async def spread(actor: Actor, command: SpreadPosts) -> TimesView:
    """Spread posts over days and hours; raises `InputInvalid`, or `TooFewSlots` with how many would fit."""
    async with unit_of_work(actor) as session:
        local = await _zone(session, actor)
    plan = Plan(
        **command.model_dump(include={"first", "last", "begins_at", "ends_at"}),
        gap=timedelta(minutes=command.gap_minutes),
        zone=local,
        weekdays=frozenset(command.weekdays),
    )
    times = calendar.spread(command.count, plan, not_before=utc_now())
    return TimesView(times=times, local_times=[social_views.local_time(moment, local) for moment in times])


@operation("social.check_csv", permission=PERMISSION)
async def check_csv(actor: Actor, command: CheckCsv) -> CsvView:
    """Read a table of posts; each error names its row and column. Nothing is written."""
    async with unit_of_work(actor) as session:
        known, local = await accounts.list_all(session), await _zone(session, actor)
    found = csv_posts.read(command.csv, known, local, now=utc_now())
    return CsvView(
        posts=[PostWish(**{name: getattr(post, name) for name in PostWish.model_fields}) for post in found.posts],
        errors=[CsvErrorView(row=error.row, column=error.column, message=error.message) for error in found.errors],
    )


@operation("social.dry_run", permission=PERMISSION)
async def dry_run(actor: Actor, command: DryRun) -> DryRunView:
    """Show who would publish what and when; writes nothing."""
    wish = social_views.wish_of(command)
    async with unit_of_work(actor) as session:
        seen, local = await campaigns.dry_run(session, wish, now=utc_now()), await _zone(session, actor)
    return DryRunView(
        posts=[social_views.planned_view(one, local) for one in seen], problems=wishes.problems(wish, seen)
    )


@operation("social.launch", permission=PERMISSION)
async def launch(actor: Actor, command: LaunchCampaign) -> CampaignSheet:
    """Launch a draft's campaign, once; raises `InputInvalid` with a message for each field."""
    wish = social_views.wish_of(command)
    async with unit_of_work(actor) as session:
        row = await campaigns.launch(session, actor, wish, draft_id=command.draft_id, now=utc_now())
        return await _sheet(session, actor, row)


@operation("social.list", permission=PERMISSION)
async def list_campaigns(actor: Actor, command: ListCampaigns) -> CampaignPage:
    """List the campaigns, the newest first if no other order is asked for."""
    async with unit_of_work(actor) as session:
        wanted = Wanted(command.q.strip(), command.state)
        sheet = await campaigns.read_sheet(session, wanted, cursors.asked(command))
        counts = await campaigns.count_posts(session, [row.id for row in sheet.rows])
    return CampaignPage(
        items=[CampaignView(**social_views.campaign_fields(row, counts[row.id])) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("social.read", permission=PERMISSION)
async def read(actor: Actor, command: CampaignId) -> CampaignSheet:
    """Give a campaign with its posts; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return await _sheet(session, actor, await campaigns.get(session, command.campaign_id))


@operation("social.pause", permission=PERMISSION)
async def pause(actor: Actor, command: CampaignId) -> CampaignSheet:
    """Stop publishing; raises `NotFound` or `WrongState`."""
    async with unit_of_work(actor) as session:
        row = await lifecycle.pause(session, actor, command.campaign_id, now=utc_now())
        return await _sheet(session, actor, row)


@operation("social.resume", permission=PERMISSION)
async def resume(actor: Actor, command: CampaignId) -> CampaignSheet:
    """Go on publishing; raises `NotFound` or `WrongState`."""
    async with unit_of_work(actor) as session:
        row = await lifecycle.resume(session, actor, command.campaign_id, now=utc_now())
        return await _sheet(session, actor, row)


@operation("social.cancel", permission=PERMISSION)
async def cancel(actor: Actor, command: CampaignId) -> CampaignSheet:
    """End a campaign; raises `NotFound` or `WrongState`."""
    async with unit_of_work(actor) as session:
        row = await lifecycle.cancel(session, actor, command.campaign_id, now=utc_now())
        return await _sheet(session, actor, row)


@operation("social.change_post", permission=PERMISSION)
async def change_post(actor: Actor, command: ChangePost) -> PostView:
    """Change a post that has not gone out; raises what `posts.change` raises."""
    wanted = Rewording(**command.change.model_dump())
    async with unit_of_work(actor) as session:
        row = await posts.change(session, actor, command.post_id, wanted, now=utc_now())
        return await _post(session, actor, row)


@operation("social.retry_post", permission=PERMISSION)
async def retry_post(actor: Actor, command: PostId) -> PostView:
    """Try a failed post again; raises `NotFound`, `NotFailed` or `WrongState`."""
    async with unit_of_work(actor) as session:
        return await _post(session, actor, await posts.retry(session, actor, command.post_id, now=utc_now()))


async def _sheet(session: AsyncSession, actor: Actor, row: SocialCampaign) -> CampaignSheet:
    counts = await campaigns.count_posts(session, [row.id])
    written = await posts.list_of(session, row.id)
    named, local = await accounts.by_id(session, {post.account_id for post in written}), await _zone(session, actor)
    shown = [social_views.post_view(post, named, local) for post in written]
    return CampaignSheet(**social_views.campaign_fields(row, counts[row.id]), timezone=local.key, sheet=shown)


async def _post(session: AsyncSession, actor: Actor, row: SocialPost) -> PostView:
    named = await accounts.by_id(session, [row.account_id])
    return social_views.post_view(row, named, await _zone(session, actor))


async def _zone(session: AsyncSession, actor: Actor) -> ZoneInfo:
    return zone((await records.get_tenant(session, actor.tenant_id)).timezone)
