"""Networks: what each one takes, as data. Pure.

Every limit comes from the network's own documentation, named in `source`:

- X: 280 weighted characters, links 23 (developer.x.com, Counting characters; twitter-text, config/v3.json).
- LinkedIn: 3,000 characters of commentary (learn.microsoft.com, Posts API).
- Instagram: a caption of 2,200 characters with at most 30 hashtags, always with media (developers.facebook.com,
  IG User Media).
- Facebook: 63,206 characters (facebook.com/help, length of a post).
- Mastodon: 500 characters (the server may set another limit), links 23, and of a mention only the name without its
  server (docs.joinmastodon.org, Posting; Instance: `configuration.statuses`).
- Bluesky: 300 graphemes and 3,000 bytes of UTF-8 (lexicon app.bsky.feed.post: `maxGraphemes`, `maxLength`).
- Pinterest: a description of 800 characters and a title of 100, always with media (developers.pinterest.com, Pins).
- YouTube: a description of 5,000 bytes and a title of 100 characters, required, without `<` and `>`; always a video
  (developers.google.com/youtube/v3/docs/videos). With more than 60 hashtags all are ignored (support.google.com).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from bizosaas_app.services.social.counting import Counting

NetworkKey = Literal["x", "linkedin", "instagram", "facebook", "mastodon", "bluesky", "pinterest", "youtube"]
Media = Literal["needed", "optional", "not sent"]
"""`not sent`: our publishing carries no files there, so a post must not promise one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The rules of one network. Lengths are counted by `counting`; `byte_limit` is of the text in UTF-8."""

    name: str
    limit: int
    counting: Counting
    source: str
    link_length: int = 0
    """What a link counts, however long it is; 0: its own length."""
    byte_limit: int | None = None
    hashtag_limit: int | None = None
    media: Media = "optional"
    title_limit: int = 0
    """The longest title; 0: posts have none."""
    needs_title: bool = False
    forbidden: str = ""
    """Characters that are refused."""
    fold: int | None = None
    """About where a feed hides the rest behind "more": seen, not promised."""
    is_real: bool = False
    """Whether posts go to the network itself; the others go to a sandbox that says it is one."""
    usual_url: str | None = None
    """The server, where there is a usual one."""
    remembers: timedelta | None = None
    """For how long the network knows a repetition by its key; None: for good."""


NETWORKS: Final[dict[NetworkKey, Network]] = {
    "x": Network(
        name="X",
        limit=280,
        counting="weighted",
        link_length=23,
        source="https://developer.x.com/en/docs/counting-characters",
    ),
    "linkedin": Network(
        name="LinkedIn",
        limit=3000,
        counting="characters",
        fold=210,
        source="https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api",
    ),
    "instagram": Network(
        name="Instagram",
        limit=2200,
        counting="characters",
        hashtag_limit=30,
        media="needed",
        fold=125,
        source="https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media",
    ),
    "facebook": Network(
        name="Facebook",
        limit=63_206,
        counting="characters",
        fold=477,
        source="https://www.facebook.com/help",
    ),
    "mastodon": Network(
        name="Mastodon",
        limit=500,
        counting="short mentions",
        link_length=23,
        media="not sent",
        is_real=True,
        # Keys are kept for an hour (docs.joinmastodon.org/methods/statuses); clocks and queues take their part.
        remembers=timedelta(minutes=50),
        source="https://docs.joinmastodon.org/user/posting/",
    ),
    "bluesky": Network(
        name="Bluesky",
        limit=300,
        counting="graphemes",
        byte_limit=3000,
        media="not sent",
        is_real=True,
        usual_url="https://bsky.social",
        source="https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
    ),
    "pinterest": Network(
        name="Pinterest",
        limit=800,
        counting="characters",
        media="needed",
        title_limit=100,
        fold=60,
        source="https://developers.pinterest.com/docs/api/v5/pins-create",
    ),
    "youtube": Network(
        name="YouTube",
        limit=5000,
        counting="bytes",
        hashtag_limit=60,
        media="needed",
        title_limit=100,
        needs_title=True,
        forbidden="<>",
        fold=157,
        source="https://developers.google.com/youtube/v3/docs/videos",
    ),
}
