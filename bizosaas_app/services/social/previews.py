"""Previews: a post as its network would take it, what is wrong with it, and where its links and hashtags are. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from bizosaas_app.services.social import hashtags
from bizosaas_app.services.social.counting import LINK, length
from bizosaas_app.services.social.networks import NETWORKS, Network, NetworkKey

Kind = Literal["text", "link", "hashtag"]
_LONGEST_URL: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a post says: `tags` are normalised hashtags without their sign."""

    text: str
    tags: Sequence[str] = ()
    title: str | None = None
    media_url: str | None = None

    @property
    def full_text(self) -> str:
        """The text as it is published, hashtags included."""
        return hashtags.join(self.text, self.tags)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text and what it is."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How long the post is of `limit`, its pieces, and what is wrong: field -> message."""

    text: str
    length: int
    limit: int
    pieces: Sequence[Piece]
    problems: dict[str, str]
    folds_at: int | None

    @property
    def left(self) -> int:
        """How much room is left; negative when it is too long."""
        return self.limit - self.length


def preview(network: NetworkKey, words: Words, *, character_limit: int | None = None) -> Preview:
    """Show a post as the network takes it; `character_limit` is what the account's server says it takes."""
    rules = NETWORKS[network]
    limit = character_limit or rules.limit
    text = words.full_text
    size = length(text, rules.counting, link_length=rules.link_length)
    problems = {
        **_problems_of_text(rules, text, size, limit),
        **_problems_of_title(rules, words.title),
        **_problems_of_media(rules, words.media_url),
    }
    return Preview(text, size, limit, list(pieces(text)), problems, rules.fold)


def pieces(text: str) -> Iterator[Piece]:
    """Divide a text into plain stretches, links and hashtags, in order."""
    marked: list[tuple[int, int, Kind]] = [(match.start(), match.end(), "link") for match in LINK.finditer(text)]
    marked += [(start, end, "hashtag") for start, end, _ in hashtags.find(text)]
    at = 0
    for start, end, kind in sorted(marked):
        if at < start:
            yield Piece("text", text[at:start])
        yield Piece(kind, text[start:end])
        at = end
    if at < len(text):
        yield Piece("text", text[at:])


def _problems_of_text(rules: Network, text: str, size: int, limit: int) -> dict[str, str]:
    unit = "bytes" if rules.counting == "bytes" else "characters"
    tags = len(hashtags.find(text))
    if not text.strip():
        return {"text": "Write something"}
    if size > limit:
        return {"text": f"{rules.name} takes {limit:,} {unit}; this has {size:,}"}
    if rules.byte_limit is not None and len(text.encode()) > rules.byte_limit:
        return {"text": f"{rules.name} takes {rules.byte_limit:,} bytes; this has {len(text.encode()):,}"}
    if any(sign in text for sign in rules.forbidden):
        return {"text": f"{rules.name} does not take the characters {' '.join(rules.forbidden)}"}
    if rules.hashtag_limit is not None and tags > rules.hashtag_limit:
        return {"hashtags": f"{rules.name} takes {rules.hashtag_limit} hashtags; this has {tags}"}
    return {}


def _problems_of_title(rules: Network, title: str | None) -> dict[str, str]:
    if not title:
        return {"title": f"{rules.name} needs a title"} if rules.needs_title else {}
    if not rules.title_limit:
        return {"title": f"Posts on {rules.name} have no title"}
    if "\n" in title:
        return {"title": "Keep the title on one line"}
    if len(title) > rules.title_limit:
        return {"title": f"{rules.name} takes a title of {rules.title_limit} characters; this has {len(title)}"}
    if any(sign in title for sign in rules.forbidden):
        return {"title": f"{rules.name} does not take the characters {' '.join(rules.forbidden)}"}
    return {}


def _problems_of_media(rules: Network, url: str | None) -> dict[str, str]:
    if not url:
        return {"media_url": f"{rules.name} needs a picture or a video"} if rules.media == "needed" else {}
    if rules.media == "not sent":
        return {"media_url": f"Files are not sent to {rules.name} from here; put a link into the text"}
    if len(url) > _LONGEST_URL or not _is_https(url):
        return {"media_url": "Give the https address of a picture or a video"}
    return {}


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not any(sign.isspace() for sign in url)
