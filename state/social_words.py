"""How social campaigns, their posts and their clients' answers read on a page: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bizosaas_app.gateway.contracts.social import CampaignSheet, CampaignView, PostView
from bizosaas_app.gateway.contracts.social_approvals import ApprovalView
from bizosaas_app.kernel.errors import InputInvalid
from state import words
from state.social_rows import AnswerRow, DayRow, PostRow, SocialCampaignRow

PATH: Final = "/admin/social/campaign?id="
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("Waits for approval", "info"),
    "changes_asked": ("Changes asked for", "warn"),
    "running": ("Running", "good"),
    "paused": ("Paused", "warn"),
    "done": ("Done", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
}
"""Label and tone of each state, in the order that they are picked in."""
POSTS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("Waiting", "info"),
    "running": ("On its way", "info"),
    "done": ("Published", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "neutral"),
}
ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("Waits for the answer", "info"),
    "approved": ("Approved", "good"),
    "changes": ("Changes asked for", "warn"),
    "revoked": ("Taken back", "neutral"),
    "expired": ("Expired", "neutral"),
}
NETWORKS: Final[Mapping[str, str]] = {
    "x": "X",
    "linkedin": "LinkedIn",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "pinterest": "Pinterest",
    "youtube": "YouTube",
}
_ASKABLE: Final = ("running", "paused", "waiting", "changes_asked")
_TIME_FORM: Final = "Write the time as 2026-01-31 09:30"
_TO_THE_MINUTE: Final = 16
"""Letters of `2026-01-31 09:30`."""
NO_CAMPAIGN: Final = SocialCampaignRow(
    id="",
    name="",
    path="",
    goal="",
    state="",
    state_label="",
    tone="neutral",
    launched_at="",
    ended_at="",
    published="",
    waiting="",
    failed="",
    has_failed=False,
    stopping="",
    done=0,
    done_text="",
    of_text="",
    can_pause=False,
    can_resume=False,
    can_cancel=False,
    can_ask=False,
)
NO_POST: Final = PostRow(
    id="",
    at="",
    account="",
    note="",
    text="",
    title="",
    media_url="",
    hashtags="",
    words="",
    moment="",
    state_label="",
    tone="neutral",
    reason="",
    next_at="",
    link="",
    can_retry=False,
    can_change=False,
)


def campaign_row(view: CampaignView) -> SocialCampaignRow:
    """Show a campaign."""
    label, tone = STATES[view.state]
    counts = {state: view.posts.get(state, 0) for state in POSTS}
    total, waiting = sum(counts.values()), counts["pending"] + counts["running"]
    return SocialCampaignRow(
        id=str(view.id),
        name=view.name,
        path=f"{PATH}{view.id}",
        goal=view.goal,
        state=view.state,
        state_label=label,
        tone=tone,
        launched_at=words.moment(view.launched_at),
        ended_at=words.moment(view.ended_at) if view.ended_at else "",
        published=words.number(counts["done"]),
        waiting=words.number(waiting),
        failed=words.number(counts["failed"]),
        has_failed=counts["failed"] > 0,
        stopping=words.counted(counts["pending"], "post", "posts"),
        done=100 if total == 0 else 100 * (total - waiting) // total,
        done_text=words.number(total - waiting),
        of_text=f"of {words.counted(total, 'post', 'posts')}",
        can_pause=view.state == "running",
        can_resume=view.state == "paused",
        can_cancel=view.ended_at is None,
        can_ask=view.state in _ASKABLE,
    )


def calendar(sheet: CampaignSheet, answers: Sequence[ApprovalView]) -> list[DayRow]:
    """Give the posts by the day that they stand in the calendar, the earliest first."""
    is_agreed = sheet.state in ("running", "paused") and _is_approved(answers)
    can_change = sheet.state != "cancelled" and not is_agreed
    posts = sorted(sheet.sheet, key=lambda post: (post.scheduled_at, post.position))
    return [
        DayRow(
            key=day,
            label=format_date(date.fromisoformat(day), "EEEE, d MMMM y", locale="en"),
            posts=[_post(sheet, post, can_change=can_change) for post in found],
        )
        for day, found in groupby(posts, key=lambda post: post.local_time.partition(" ")[0])
    ]


def answer_row(view: ApprovalView) -> AnswerRow:
    """Show a client's link."""
    label, tone = ANSWERS[view.state]
    return AnswerRow(
        id=str(view.id),
        client=view.client_name,
        mail=_mail_words(view),
        mailed_at=words.moment(view.mailed_at) if view.mailed_at else "",
        state_label=label,
        tone=tone,
        comment=view.comment,
        url=view.url or "",
        asked_at=words.moment(view.created_at),
        expires_at=words.moment(view.expires_at),
        decided_at=words.moment(view.decided_at) if view.decided_at else "",
        is_open=view.state == "open",
    )


def asked_last(answers: Sequence[ApprovalView]) -> tuple[str, str]:
    """Give the name and the address of the client who was asked last; empty when nobody was, or by no mail."""
    return (answers[0].client_name, answers[0].client_email or "") if answers else ("", "")


def asked_words(made: ApprovalView) -> str:
    """Say what comes of a link that was just made."""
    if made.client_email is None:
        return "The link is ready. Copy it and send it to your client."
    return f"The link is on its way to {made.client_email}."


_MAIL_FAILURES: Final = {
    "refused": "The mail server refuses mail to",
    "unclear": "It is not known whether the mail arrived at",
}


def _mail_words(view: ApprovalView) -> str:
    if view.client_email is None:
        return ""
    if view.mailed_at is not None:
        return f"Mailed to {view.client_email}"
    if view.mail_failure is not None:
        return f"{_MAIL_FAILURES[view.mail_failure]} {view.client_email}; send the link yourself"
    return f"{'Not mailed yet to' if view.state == 'open' else 'Not mailed to'} {view.client_email}"


def rewording(sent: Mapping[str, Any], chosen: PostRow, timezone: str) -> dict[str, Any]:
    """Give what was typed as a command takes it; raises `InputInvalid` for the time."""
    title, media = str(sent.get("title", "")).strip(), str(sent.get("media_url", "")).strip()
    return {
        "text": str(sent.get("text", "")).replace("\r\n", "\n"),
        "hashtags": [tag for part in re.split(r"[\s,]+", str(sent.get("hashtags", ""))) if (tag := part.strip("#"))],
        "title": title or None,
        "media_url": media or None,
        "scheduled_at": _time(str(sent.get("scheduled_at", "")).strip(), chosen, timezone),
    }


def _time(typed: str, chosen: PostRow, timezone: str) -> datetime:
    if typed == chosen["at"]:
        return datetime.fromisoformat(chosen["moment"])
    if len(typed) != _TO_THE_MINUTE:
        raise InputInvalid({"scheduled_at": _TIME_FORM})
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        raise InputInvalid({"scheduled_at": _TIME_FORM}) from None


def _is_approved(answers: Sequence[ApprovalView]) -> bool:
    """Say whether the last answer of a client was yes."""
    decided = [answer.state for answer in answers if answer.decided_at is not None]
    return bool(decided) and decided[0] == "approved"


def _post(sheet: CampaignSheet, view: PostView, *, can_change: bool) -> PostRow:
    label, tone = POSTS[view.state]
    is_late = view.next_at is not None and view.next_at != view.scheduled_at and sheet.state == "running"
    return PostRow(
        id=str(view.id),
        at=view.local_time[:_TO_THE_MINUTE],
        account=f"{NETWORKS[view.network]}: {view.handle}",
        note="On a sandbox: nobody reads it" if view.is_sandbox else "",
        text=view.full_text,
        title=view.title or "",
        media_url=view.media_url or "",
        hashtags=" ".join(f"#{tag}" for tag in view.hashtags),
        words=view.text,
        moment=words.moment(view.scheduled_at),
        state_label=label,
        tone=tone,
        reason=words.sentence(view.failure or ""),
        next_at=words.moment(view.next_at) if view.next_at is not None and is_late else "",
        link=_web_address(view.remote_url),
        can_retry=view.state == "failed" and sheet.state != "cancelled",
        can_change=can_change and view.state in ("pending", "failed"),
    )


def _web_address(url: str | None) -> str:
    """Give the address where a network says that the post stands, if it is one of the web: nothing else is a link."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""
