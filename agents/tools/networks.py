"""Networks: what each social network takes, as data. Every limit names the page of the network that states it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

NetworkName = Literal[
    "x", "linkedin", "instagram", "facebook", "threads", "bluesky", "mastodon", "tiktok", "pinterest", "youtube"
]
Counting = Literal["weighted", "plain", "graphemes"]
"""`weighted`: wide signs and emoji count as two; `plain`: each code point; `graphemes`: each sign that one sees."""

PLAIN_LINK: Final = 0
"""A link counts by its own length."""
SHORT_LINK: Final = 23
"""A link counts as this many characters, however long it is."""


@dataclass(frozen=True, slots=True)
class Network:
    """The limits of a post's text; `fold` is about where a feed hides the rest behind "more" (seen, not promised)."""

    name: str
    limit: int
    counting: Counting
    link_length: int
    fold: int | None
    most_hashtags: int | None
    good_hashtags: int
    """More than this reads as noise: the network's own advice, or the custom where it gives none."""
    alt_text_limit: int | None
    links_work: bool
    source: str


NETWORKS: Final[dict[NetworkName, Network]] = {
    "x": Network("X", 280, "weighted", SHORT_LINK, None, None, 2, 1000, True, "docs.x.com, Counting characters"),
    "linkedin": Network(
        "LinkedIn", 3000, "plain", PLAIN_LINK, 210, None, 5, 4086, True, "learn.microsoft.com, Posts API"
    ),
    "instagram": Network(
        "Instagram",
        2200,
        "plain",
        PLAIN_LINK,
        125,
        30,
        5,
        1000,
        False,
        "developers.facebook.com, IG User Media: caption",
    ),
    "facebook": Network(
        "Facebook", 63_206, "plain", PLAIN_LINK, 477, None, 3, None, True, "facebook.com/help, length of a post"
    ),
    "threads": Network(
        "Threads", 500, "plain", PLAIN_LINK, None, 1, 1, 1000, True, "developers.facebook.com, Threads API"
    ),
    "bluesky": Network(
        "Bluesky", 300, "graphemes", PLAIN_LINK, None, None, 3, 2000, True, "AT Protocol lexicon app.bsky.feed.post"
    ),
    "mastodon": Network(
        "Mastodon", 500, "graphemes", SHORT_LINK, None, None, 5, 1500, True, "docs.joinmastodon.org, Posting"
    ),
    "tiktok": Network(
        "TikTok", 2200, "plain", PLAIN_LINK, 100, None, 5, None, False, "developers.tiktok.com, Post info: title"
    ),
    "pinterest": Network(
        "Pinterest", 800, "plain", PLAIN_LINK, 60, None, 5, 500, False, "developers.pinterest.com, Pins: description"
    ),
    "youtube": Network(
        "YouTube",
        5000,
        "plain",
        PLAIN_LINK,
        157,
        60,
        3,
        None,
        True,
        "support.google.com/youtube, descriptions and hashtags",
    ),
}

LINK: Final = re.compile(r"\bhttps?://[^\s<>\"]+", re.IGNORECASE)
HASHTAG: Final = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
_BASE: Final = (
    "[\U0001f300-\U0001f5ff\U0001f600-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
)
_ONE: Final = f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff]*)"
EMOJI: Final = re.compile(f"{_ONE}(?:\u200d{_ONE})*")
"""An emoji with all that is joined to it."""

# The ranges of a single weight in version 3 of the configuration of the twitter-text library.
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def length(text: str, network: Network) -> int:
    """Give the length of a text as the network counts it, after Unicode normalisation (NFC)."""
    plain = unicodedata.normalize("NFC", text)
    links = 0
    if network.link_length:
        plain, links = LINK.subn("", plain)
    if network.counting == "plain":
        return len(plain) + links * network.link_length
    rest, emoji = EMOJI.subn("", plain)
    if network.counting == "graphemes":
        seen = sum(1 for sign in rest if not unicodedata.combining(sign) and sign not in "\u200d\ufe0f")
        return seen + emoji + links * network.link_length
    weights = sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in rest)
    return weights + 2 * emoji + links * network.link_length


def hashtags(text: str) -> list[str]:
    """Give the hashtags of a text with their sign, in order; links are no hashtags."""
    return [f"#{match}" for match in HASHTAG.findall(LINK.sub(" ", text))]
