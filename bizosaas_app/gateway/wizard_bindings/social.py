"""The social media campaign's ties: accounts to choose from, posts as networks take them, and the launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import social_approvals, social_views
from bizosaas_app.gateway.contracts.wizards import FinishView, LinkView, PreviewView
from bizosaas_app.gateway.wizard_bindings.binding import Binding, Order
from bizosaas_app.gateway.wizard_bindings.social_assists import ASSISTS
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.social import accounts, approvals, campaigns, csv_posts, plans
from bizosaas_app.services.social.csv_posts import Table
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.wishes import NewPost, Seen
from bizosaas_app.services.wizards import uploads
from bizosaas_app.services.wizards.catalogue.social import ACCOUNTS, RULES
from bizosaas_app.services.wizards.fields import Choice
from models import SocialAccount

_PREVIEWED: Final = 50
"""Lines of a table that is only looked over."""
_FIRST_ERRORS: Final = 3


async def _accounts(session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    return tuple(Choice(str(row.id), _name(row), _hint(row)) for row in await _connected(session))


async def _rules(session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    return tuple(Choice(str(row.id), row.network, str(row.character_limit or "")) for row in await _connected(session))


async def _shown(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    """Show how long each post is where it goes, and what is wrong with it."""
    posts = await _untimed(session, order)
    seen = await campaigns.dry_run(session, plans.wish_of({"name": "", "gap_minutes": 5}, posts), now=order.now)
    wrong = sum(bool(_told(one)) for one in seen)
    rows = [[str(number), _name_of(one), _room(one), _told(one) or "Fits"] for number, one in enumerate(seen, start=1)]
    return PreviewView(
        title="As the networks take them",
        head=["Post", "Account", "Length", "Verdict"],
        rows=rows[:_PREVIEWED],
        note=f"{wrong} of {len(seen)} posts need a change." if wrong else "",
        tone="warn" if wrong else "good" if seen else "neutral",
    )


async def _times(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    """Show when each post goes out, by the tenant's clocks."""
    posts = await _timed(session, order)
    named = await accounts.by_id(session, {post.account_id for post in posts})
    local = zone(order.around.zone)
    rows = [
        [social_views.local_time(post.scheduled_at, local), _name(named[post.account_id]), post.text[:80]]
        for post in sorted(posts, key=lambda post: post.scheduled_at)
    ]
    return PreviewView(
        title=f"Calendar ({order.around.zone})", head=["When", "Account", "Text"], rows=rows[:_PREVIEWED]
    )


async def _dry_run(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    """Say what launching does."""
    posts = await _timed(session, order)
    named = await accounts.by_id(session, {post.account_id for post in posts})
    local, moments = zone(order.around.zone), sorted(post.scheduled_at for post in posts)
    facts = [
        ("Posts", str(len(posts))),
        ("Accounts", ", ".join(sorted(_name(row) for row in named.values())) or "none"),
    ]
    if moments:
        facts += [
            ("First post", social_views.local_time(moments[0], local)),
            ("Last post", social_views.local_time(moments[-1], local)),
        ]
    facts.append(("Approval", _approval_of(order)))
    untrue = [row for row in named.values() if row.is_sandbox]
    note = "Some of these accounts are on a sandbox: their posts reach nobody." if untrue else ""
    return PreviewView(title="When you launch", facts=facts, note=note, tone="warn" if untrue else "neutral")


def _approval_of(order: Order) -> str:
    """Say who is asked for an approval, and how they get the link."""
    client, address = order.values.get("client_name"), order.values.get("client_email")
    if not client:
        return "not asked for"
    return f"waits for {client}, who gets the link at {address}" if address else f"waits for {client}"


async def _check_table(actor: Actor, order: Order) -> Mapping[str, Any]:
    """Read the table; the outcome names the first errors by row and column."""
    async with unit_of_work(actor) as session:
        table = await _table(session, order)
    if wrong := _said_of(table):
        return {"state": "failed", "says": wrong}
    return {"state": "passed", "says": f"{len(table.posts)} posts, no errors"}


def _said_of(table: Table) -> str:
    """Say what is wrong with a table, the first errors by row and column."""
    if not table.errors:
        return "" if table.posts else "The table has no posts"
    first = "; ".join(f"row {error.row}, {error.column}: {error.message}" for error in table.errors[:_FIRST_ERRORS])
    more = len(table.errors) - _FIRST_ERRORS
    return first + (f"; and {more} more" if more > 0 else "")


async def _complete(session: AsyncSession, actor: Actor, order: Order) -> FinishView:
    if order.values["source"] == "table" and (wrong := _said_of(await _table(session, order))):
        raise InputInvalid({"table": wrong})  # it was right when it was checked, but time has gone on
    wish = plans.wish_of(order.values, await _timed(session, order))
    campaign = await campaigns.launch(session, actor, wish, draft_id=order.draft_id, now=order.now)
    facts = [("Posts", str(len(wish.posts)))]
    if wish.client_name is not None:
        (newest, *_) = await approvals.list_of(session, campaign.id)
        facts.append((f"Link for {wish.client_name}", social_approvals.link_to(newest)))
    if wish.client_email is not None:
        facts.append(("Goes by mail to", wish.client_email))
    return FinishView(
        title=f"{campaign.name} is launched" if wish.client_name is None else f"{campaign.name} waits for approval",
        text="Each post goes out in its time; what fails is shown with its reason and can be tried again.",
        subject=f"social_campaign:{campaign.id}",
        facts=facts,
        links=[
            LinkView(label="Follow the campaign", href=f"/admin/social/campaign?id={campaign.id}"),
            LinkView(label="All social campaigns", href="/admin/social"),
        ],
    )


async def _timed(session: AsyncSession, order: Order) -> Sequence[NewPost]:
    """Give the posts with their times: of the table its own, of the others what the calendar finds."""
    posts = await _untimed(session, order)
    if order.values.get("source") == "table":
        return posts
    try:
        return plans.timed(posts, order.values, zone(order.around.zone), now=order.now)
    except KeyError:
        return []  # the calendar's own answers are still to come


async def _untimed(session: AsyncSession, order: Order) -> Sequence[NewPost]:
    if order.values.get("source") != "table":
        return plans.posts_of(order.values, now=order.now)
    return (await _table(session, order)).posts if "table" in order.values else []


async def _table(session: AsyncSession, order: Order) -> Table:
    """Read the uploaded table for the campaign's accounts; raises `InputInvalid` for the field when it is gone."""
    kept = await uploads.get(session, UUID(order.values["table"]["file_id"])) if "table" in order.values else None
    if kept is None:
        raise InputInvalid({"table": "Choose the file of the table"})
    chosen = order.values.get("accounts", ())
    known = [row for row in await _connected(session) if str(row.id) in chosen]
    return csv_posts.read(kept.content.decode("utf-8-sig"), known, zone(order.around.zone), now=order.now)


async def _connected(session: AsyncSession) -> list[SocialAccount]:
    return [row for row in await accounts.list_all(session) if row.status == "connected"]


def _name(row: SocialAccount) -> str:
    return f"{NETWORKS[cast(NetworkKey, row.network)].name}: {row.handle}"


def _hint(row: SocialAccount) -> str:
    return "On a sandbox: nobody reads it" if row.is_sandbox else ""


def _name_of(seen: Seen) -> str:
    return _name(seen.account) if seen.account else "Unknown account"


def _room(seen: Seen) -> str:
    return f"{seen.preview.length:,} of {seen.preview.limit:,}" if seen.preview else ""


def _told(seen: Seen) -> str:
    return "; ".join(text for field, text in seen.problems.items() if field != "scheduled_at")


BINDING = Binding(
    complete=_complete,
    lists={ACCOUNTS: _accounts, RULES: _rules},
    previews={"shown": _shown, "times": _times, "dry_run": _dry_run},
    acts={"table_check": _check_table},
    assists=ASSISTS,
)
