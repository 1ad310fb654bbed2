"""Sharing: what search engines and networks are told of a showcase, made of its own texts and figures alone. Pure.

Texts are cut between sentences only, so that no figure is ever cut in two; whoever edits the page edits these too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from bizosaas_app.gateway.contracts.portfolios import SeoView, SocialView

LONGEST_TITLE: Final = 60
LONGEST_DESCRIPTION: Final = 160
"""Characters that search engines show of either."""
KEYWORDS: Final = 8
TEMPLATES: Final = {"case_study": "Case study", "before_after": "Before and after"}

MEDIUM: Final = "share"
"""The medium of every shared link."""
_BETWEEN: Final = "\n\n"
_LAST_SINGLE: Final = 0x10FF
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_TELLING: Final = ("outcome", "after", "approach", "situation", "before")
"""Sections that tell what came of it, the most telling first."""
_WEIGHTY: Final = (
    *("referrals", "orders", "leads", "campaigns", "content", "posts", "reviews", "sign_ups", "tasks"),
    *("achievements", "points"),
)


class Network(NamedTuple):
    """A network: its name, its mark in links, the characters of a post, and what a link counts there (0: as long)."""

    name: str
    source: str
    limit: int
    link_counts: int = 0
    is_tagged: bool = False


NETWORKS: Final = (
    Network("LinkedIn", "linkedin", 3000, is_tagged=True),
    Network("X", "x", 280, link_counts=23, is_tagged=True),
    Network("Facebook", "facebook", 500),
    Network("WhatsApp", "whatsapp", 700),
)
"""LinkedIn's and X's own limits (X counts a link as 23); beyond the others' few read on, and previews are cut."""


def seo(*, title: str, company: str, template: str, sections: Mapping[str, str], labels: Mapping[str, str]) -> SeoView:
    """Give title, description and keywords; `labels` are the figures' labels by key."""
    full = f"{title} | {company}"
    return SeoView(
        title=full if len(full) <= LONGEST_TITLE else title,
        description=describe(title, sections),
        keywords=_keywords(template, company, labels),
    )


def describe(title: str, sections: Mapping[str, str]) -> str:
    """Give whole sentences of what came of it, as many as search engines show; at least the title."""
    return fitting(_sentences(sections), LONGEST_DESCRIPTION) or title


def social(
    *, title: str, url: str, referral_code: str | None, sections: Mapping[str, str], labels: Mapping[str, str]
) -> list[SocialView]:
    """Give a text for each network within its limit, with the page's link that tells where a visitor came from."""
    return [
        _post(network, title, tracked(url, network.source, referral_code), sections, labels) for network in NETWORKS
    ]


def tracked(url: str, source: str, referral_code: str | None) -> str:
    """Give the link with its campaign, and the owner's referral code where they are named."""
    campaign = {"utm_source": source, "utm_medium": MEDIUM, "utm_campaign": "showcase"}
    return f"{url}?{urlencode(campaign | ({'ref': referral_code} if referral_code else {}))}"


def fitting(sentences: Sequence[str], room: int) -> str:
    """Give as many of the sentences, in order, as there is room for."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip()
        if len(longer) > room:
            break
        text = longer
    return text


def _post(
    network: Network, title: str, link: str, sections: Mapping[str, str], labels: Mapping[str, str]
) -> SocialView:
    counted = (network.link_counts or len(link)) + len(_BETWEEN)
    tags = " ".join(_tags(labels)) if network.is_tagged else ""
    text = next(
        text
        for parts in ((title, tags), (title,), (_shortened(title, (network.limit - counted) // 2),))
        if _length(network, text := _joined(parts)) + counted <= network.limit
    )
    sentences = _sentences(sections)
    for number in range(len(sentences), 0, -1):
        longer = _joined((title, " ".join(sentences[:number]), tags if tags in text else ""))
        if text.startswith(title) and _length(network, longer) + counted <= network.limit:
            text = longer
            break
    return SocialView(
        network=network.name, text=text, link=link, length=_length(network, text) + counted, limit=network.limit
    )


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


def _sentences(sections: Mapping[str, str]) -> list[str]:
    told = next((sections[key] for key in _TELLING if sections.get(key)), "")
    return _SENTENCE_END.split(" ".join(told.split())) if told else []


def _keywords(template: str, company: str, labels: Mapping[str, str]) -> list[str]:
    work = [labels[key].casefold() for key in _WEIGHTY if key in labels]
    return [*work, TEMPLATES[template].casefold(), company][:KEYWORDS]


def _tags(labels: Mapping[str, str]) -> list[str]:
    """Give two tags at most: the weightiest kinds of work, in one word each."""
    work = [labels[key] for key in _WEIGHTY if key in labels][:2]
    return ["#" + "".join(part.capitalize() for part in re.findall(r"[A-Za-z]+", label)) for label in work]
