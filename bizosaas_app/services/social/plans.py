"""Plans: the answers of the wizard become a campaign's wish. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bizosaas_app.services.social.calendar import Plan, spread
from bizosaas_app.services.social.wishes import NewPost, Wish

_TAG_ENDS: Final = re.compile(r"[\s,;]+")


def posts_of(values: Mapping[str, Any], *, now: datetime) -> list[NewPost]:
    """Give the posts that were written by hand, each with the hashtags of all; their times are still to be found."""
    common = tags_of(values.get("hashtags", ""))
    return [
        NewPost(
            account_id=UUID(row["account"]),
            scheduled_at=now,
            text=row.get("text", ""),
            hashtags=[*tags_of(row.get("hashtags", "")), *common],
            title=row.get("title"),
            media_url=row.get("media_url"),
        )
        for row in values.get("posts", ())
    ]


def tags_of(typed: str) -> list[str]:
    """Give the hashtags of a line, as they were typed."""
    return [tag for tag in _TAG_ENDS.split(typed) if tag]


def timed(posts: Sequence[NewPost], values: Mapping[str, Any], zone: ZoneInfo, *, now: datetime) -> list[NewPost]:
    """Give the posts with their times: those of each account spread over the plan in their order.

    Raises `InputInvalid` or `TooFewSlots` as `calendar.spread` does.
    """
    plan = plan_of(values, zone)
    times = {
        account_id: iter(spread(sum(post.account_id == account_id for post in posts), plan, not_before=now))
        for account_id in {post.account_id for post in posts}
    }
    return [replace(post, scheduled_at=next(times[post.account_id])) for post in posts]


def plan_of(values: Mapping[str, Any], zone: ZoneInfo) -> Plan:
    """Give the plan of the answers."""
    return Plan(
        first=values["first"],
        last=values["last"],
        begins_at=time.fromisoformat(values["begins_at"]),
        ends_at=time.fromisoformat(values["ends_at"]),
        gap=timedelta(minutes=int(values["gap_minutes"])),
        zone=zone,
        weekdays=frozenset(int(day) for day in values["weekdays"]),
    )


def wish_of(values: Mapping[str, Any], posts: Sequence[NewPost]) -> Wish:
    """Give the wish of the answers with these posts."""
    return Wish(
        name=values["name"],
        goal=values.get("goal", ""),
        gap=timedelta(minutes=int(values["gap_minutes"])),
        posts=posts,
        client_name=values.get("client_name"),
        client_email=values["client_email"].lower() if "client_email" in values else None,
        approval_days=int(values.get("approval_days", 14)),
    )
