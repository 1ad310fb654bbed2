"""Social media as its contracts show it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from bizosaas_app.gateway.contracts.social import (
    CampaignView,
    CampaignWish,
    PieceView,
    PlannedView,
    PostView,
    PreviewView,
)
from bizosaas_app.gateway.contracts.social_accounts import AccountView, NetworkView
from bizosaas_app.services.social import hashtags
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.previews import Preview
from bizosaas_app.services.social.wishes import NewPost, Seen, Wish
from models import SocialAccount, SocialCampaign, SocialPost

_YEARS: Final = range(1900, 9000)
"""At the ends of the calendar a moment has no local time."""


def network_views() -> list[NetworkView]:
    """Show every network with its rules."""
    shown = NetworkView.model_fields.keys() - {"key"}
    return [NetworkView(key=key, **{name: getattr(rules, name) for name in shown}) for key, rules in NETWORKS.items()]


def account_view(row: SocialAccount) -> AccountView:
    """Show an account."""
    return AccountView(**_fields(row, set(AccountView.model_fields)))


def preview_view(preview: Preview) -> PreviewView:
    """Show a preview."""
    return PreviewView(
        text=preview.text,
        length=preview.length,
        limit=preview.limit,
        left=preview.left,
        pieces=[PieceView(kind=piece.kind, text=piece.text) for piece in preview.pieces],
        problems=preview.problems,
        folds_at=preview.folds_at,
    )


def planned_view(seen: Seen, zone: ZoneInfo) -> PlannedView:
    """Show one post of a dry run."""
    return PlannedView(
        account_id=seen.post.account_id,
        network=cast(NetworkKey, seen.account.network) if seen.account else None,
        handle=seen.account.handle if seen.account else None,
        scheduled_at=seen.post.scheduled_at,
        local_time=local_time(seen.post.scheduled_at, zone),
        preview=preview_view(seen.preview) if seen.preview else None,
        problems=seen.problems,
    )


def post_view(row: SocialPost, accounts: Mapping[UUID, SocialAccount], zone: ZoneInfo) -> PostView:
    """Show a post; the next try of one that waits for none is null."""
    account = accounts[row.account_id]
    shown = PostView.model_fields.keys() - {"network", "handle", "is_sandbox", "full_text", "local_time", "next_at"}
    return PostView(
        **_fields(row, shown),
        network=cast(NetworkKey, account.network),
        handle=account.handle,
        is_sandbox=account.is_sandbox,
        full_text=hashtags.join(row.text, row.hashtags),
        local_time=local_time(row.scheduled_at, zone),
        next_at=row.next_at if row.state == "pending" else None,
    )


def campaign_fields(row: SocialCampaign, counts: Mapping[str, int]) -> dict[str, Any]:
    """Give the fields of a campaign's view."""
    return {**_fields(row, CampaignView.model_fields.keys() - {"posts"}), "posts": dict(counts)}


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Say a moment as the clocks of the zone show it, with their distance from UTC."""
    if moment.year not in _YEARS:
        return moment.isoformat(sep=" ", timespec="minutes")
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")


def wish_of(command: CampaignWish) -> Wish:
    """Give the wish that a command means."""
    return Wish(
        name=command.name,
        goal=command.goal,
        gap=timedelta(minutes=command.gap_minutes),
        posts=[NewPost(**post.model_dump()) for post in command.posts],
        client_name=command.client_name,
        client_email=command.client_email,
        approval_days=command.approval_days,
    )


def _fields(row: object, names: set[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
