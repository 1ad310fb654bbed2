"""Wishes: the campaign that somebody wants, and everything that is wrong with it, each by its field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from bizosaas_app.services.social import hashtags, previews
from bizosaas_app.services.social.networks import NetworkKey
from bizosaas_app.services.social.previews import Preview, Words
from models import SocialAccount

MOST_POSTS: Final = 500
PAST: Final = timedelta(hours=1)
"""A time that has passed while somebody filled in the form is as good as now."""
AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to publish on one account at a moment."""

    account_id: UUID
    scheduled_at: datetime
    text: str
    hashtags: Sequence[str] = ()
    title: str | None = None
    media_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A campaign; with a `client_name` it waits for the approval of that client, by a link that lives so many days.

    With a `client_email` the link is mailed there.
    """

    name: str
    posts: Sequence[NewPost]
    goal: str = ""
    gap: timedelta = timedelta(minutes=30)
    client_name: str | None = None
    client_email: str | None = None
    approval_days: int = 14


@dataclass(frozen=True, slots=True)
class Seen:
    """One post as it would go out; `problems` are by the post's own field."""

    post: NewPost
    account: SocialAccount | None
    preview: Preview | None
    problems: dict[str, str]


def look(wish: Wish, accounts: Mapping[UUID, SocialAccount], *, now: datetime) -> list[Seen]:
    """Show every post as its network takes it, with what is wrong with it."""
    crowded = dict(_crowded(wish))
    return [
        _look_at(post, accounts.get(post.account_id), now, crowded.get(number))
        for number, post in enumerate(wish.posts)
    ]


def problems(wish: Wish, seen: Sequence[Seen]) -> dict[str, str]:
    """Give what is wrong with the campaign, as `posts.0.text` -> message; nothing when it can be launched."""
    found = {f"posts.{number}.{field}": text for number, one in enumerate(seen) for field, text in one.problems.items()}
    if not wish.posts:
        found["posts"] = "Write at least one post"
    if len(wish.posts) > MOST_POSTS:
        found["posts"] = f"A campaign has at most {MOST_POSTS} posts"
    if wish.client_email is not None and wish.client_name is None:
        found["client_name"] = "Say who is asked at this address"
    return found


def words_of(post: NewPost) -> Words:
    """Give the post's words with normalised hashtags; raises ValueError for one that is none."""
    tags = hashtags.normalise_all(post.hashtags)
    return Words(text=post.text, tags=tags, title=post.title or None, media_url=post.media_url or None)


def _look_at(post: NewPost, account: SocialAccount | None, now: datetime, crowded: str | None) -> Seen:
    wrong = {"scheduled_at": crowded} if crowded else {}
    if post.scheduled_at < now - PAST:
        wrong["scheduled_at"] = "This time has passed"
    if post.scheduled_at > now + AHEAD:
        wrong["scheduled_at"] = "At most a year ahead"
    if account is None or account.status == "removed":
        return Seen(post, None, None, {**wrong, "account_id": "Choose one of your accounts"})
    if account.status != "connected":
        wrong["account_id"] = f"Check the account {account.handle} first: its access is not proved"
    try:
        words = words_of(post)
    except ValueError as error:
        return Seen(post, account, None, {**wrong, "hashtags": str(error)})
    network = cast(NetworkKey, account.network)
    preview = previews.preview(network, words, character_limit=account.character_limit)
    return Seen(post, account, preview, {**preview.problems, **wrong})


def _crowded(wish: Wish) -> Iterator[tuple[int, str]]:
    """Find posts that come sooner after another one of their account than the gap allows."""
    latest: dict[UUID, tuple[int, datetime]] = {}
    for number, post in sorted(enumerate(wish.posts), key=lambda item: item[1].scheduled_at):
        before = latest.get(post.account_id)
        if before is not None and post.scheduled_at - before[1] < wish.gap:
            minutes = int(wish.gap.total_seconds() // 60)
            yield number, f"Less than {minutes} minutes after post {before[0] + 1} of the same account"
        latest[post.account_id] = number, post.scheduled_at
