"""Sharing: what search engines and networks are told of a showcase: what its writer wrote for them, or else what its
own texts and figures say. Pure.

Texts are cut between sentences only, so that no figure is ever cut in two; whoever edits the page edits these too.
`kept` are the writer's texts by name, as far as they may be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypedDict
from urllib.parse import urlencode

from bizosaas_app.gateway.contracts.portfolios import SeoView, SocialView
from bizosaas_app.services.gamification.portfolios.shared_texts import TITLE, sentences

LONGEST_TITLE: Final = 60
LONGEST_DESCRIPTION: Final = 160
"""Characters that search engines show of either."""
KEYWORDS: Final = 8
TEMPLATES: Final = {"case_study": "Case study", "before_after": "Before and after"}

MEDIUM: Final = "share"
"""The medium of every shared link."""
_BETWEEN: Final = "\n\n"
_LAST_SINGLE: Final = 0x10FF
_TELLING: Final = ("outcome", "after", "approach", "situation", "before")
"""Sections that tell what came of it, the most telling first."""
_WEIGHTY: Final = (
    *("referrals", "orders", "leads", "campaigns", "content", "posts", "reviews", "sign_ups", "tasks"),
    *("achievements", "points"),
)


class Network(NamedTuple):
    """A network: its name, its mark in links, the writer's text for it, the characters of a post, and what a link
    counts there (0: as long)."""

    name: str
    source: str
    kept: str
    limit: int
    link_counts: int = 0
    is_tagged: bool = False


NETWORKS: Final = (
    Network("LinkedIn", "linkedin", "linkedin", 3000, is_tagged=True),
    Network("X", "x", "short_post", 280, link_counts=23, is_tagged=True),
    Network("Facebook", "facebook", "facebook", 500),
    Network("WhatsApp", "whatsapp", "whatsapp", 700),
)
"""LinkedIn's and X's own limits (X counts a link as 23); beyond the others' few read on, and previews are cut."""


class Told(TypedDict):
    """What the texts are made of; `labels` are the figures' labels by key."""

    title: str
    sections: Mapping[str, str]
    labels: Mapping[str, str]
    kept: Mapping[str, str]


def seo(told: Told, *, company: str, template: str) -> SeoView:
    """Give title, description and keywords."""
    shown = headline(told)
    full = f"{shown} | {company}"
    return SeoView(
        title=full if len(full) <= LONGEST_TITLE else shown,
        description=describe(told),
        keywords=_keywords(template, company, told["labels"]),
    )


def headline(told: Told) -> str:
    """Give the title that a search result or a preview shows."""
    kept = " ".join(told["kept"].get(TITLE, "").split())
    return kept if kept and len(kept) <= LONGEST_TITLE else told["title"]


def describe(told: Told) -> str:
    """Give whole sentences, as many as search engines show; at least the title."""
    kept = fitting(sentences(told["kept"].get("seo_description", "")), LONGEST_DESCRIPTION)
    return kept or fitting(_telling(told["sections"]), LONGEST_DESCRIPTION) or told["title"]


def social(told: Told, *, url: str, referral_code: str | None) -> list[SocialView]:
    """Give a text for each network within its limit, with the page's link that tells where a visitor came from."""
    return [_post(network, told, tracked(url, network.source, referral_code)) for network in NETWORKS]


def tracked(url: str, source: str, referral_code: str | None) -> str:
    """Give the link with its campaign, and the owner's referral code where they are named."""
    campaign = {"utm_source": source, "utm_medium": MEDIUM, "utm_campaign": "showcase"}
    return f"{url}?{urlencode(campaign | ({'ref': referral_code} if referral_code else {}))}"


def fitting(parts: Sequence[str], room: int) -> str:
    """Give as many of the sentences, in order, as there is room for."""
    text = ""
    for sentence in parts:
        longer = f"{text} {sentence}".strip()
        if len(longer) > room:
            break
        text = longer
    return text


def _post(network: Network, told: Told, link: str) -> SocialView:
    counted = (network.link_counts or len(link)) + len(_BETWEEN)
    room = network.limit - counted
    tags = " ".join(_tags(told["labels"])) if network.is_tagged else ""
    text = _kept(network, told["kept"].get(network.kept, ""), tags, room) or _derived(network, told, tags, room)
    return SocialView(
        network=network.name, text=text, link=link, length=_length(network, text) + counted, limit=network.limit
    )


def _kept(network: Network, written: str, tags: str, room: int) -> str:
    """Give the writer's text, with the tags where there is room for them; empty where not one sentence fits."""
    parts = sentences(written)
    shorter = (" ".join(parts[:number]) for number in range(len(parts), 0, -1))
    wordings = ((text, ending) for text in (written, *shorter) for ending in (tags, "") if text)
    return next((text for parts in wordings if _length(network, text := _joined(parts)) <= room), "")


def _derived(network: Network, told: Told, tags: str, room: int) -> str:
    """Give the title with as many sentences of what came of it as fit."""
    title = told["title"]
    text = next(
        text
        for parts in ((title, tags), (title,), (_shortened(title, room // 2),))
        if _length(network, text := _joined(parts)) <= room
    )
    parts = _telling(told["sections"])
    for number in range(len(parts), 0, -1):
        longer = _joined((title, " ".join(parts[:number]), tags if tags in text else ""))
        if text.startswith(title) and _length(network, longer) <= room:
            return longer
    return text


def _joined(parts: Sequence[str]) -> str:
    return _BETWEEN.join(part for part in parts if part)


def _length(network: Network, text: str) -> int:
    """Count as the network does: X counts a sign beyond Latin, Greek, Cyrillic and the like twice (twitter-text)."""
    if network.name != "X":
        return len(text)
    return sum(1 if ord(sign) <= _LAST_SINGLE or 0x2000 <= ord(sign) <= 0x2037 else 2 for sign in text)


def _shortened(text: str, room: int) -> str:
    """Cut between words; a figure is one word."""
    return text if len(text) <= room else f"{text[:room].rsplit(' ', 1)[0]}\N{HORIZONTAL ELLIPSIS}"


def _telling(sections: Mapping[str, str]) -> list[str]:
    return sentences(next((sections[key] for key in _TELLING if sections.get(key)), ""))


def _keywords(template: str, company: str, labels: Mapping[str, str]) -> list[str]:
    work = [labels[key].casefold() for key in _WEIGHTY if key in labels]
    return [*work, TEMPLATES[template].casefold(), company][:KEYWORDS]


def _tags(labels: Mapping[str, str]) -> list[str]:
    """Give two tags at most: the weightiest kinds of work, in one word each."""
    work = [labels[key] for key in _WEIGHTY if key in labels][:2]
    return ["#" + "".join(part.capitalize() for part in re.findall(r"[A-Za-z]+", label)) for label in work]
