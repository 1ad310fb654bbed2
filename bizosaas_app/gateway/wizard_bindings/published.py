"""What a tenant has published and may be told of: showcases and products, those first that suit what is planned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_currency
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.portfolio_views import url_of
from bizosaas_app.services.gamification.portfolios import gallery, shared_texts
from bizosaas_app.services.sourcing import reading
from models import CatalogueItem, ShowcasePortfolio

_READ: Final = 50
"""The newest of each kind: what is older is no news."""
_WORD: Final = re.compile(r"\w{4,}")
"""Shorter words hardly tell what a text is of."""
_LISTED: Final = ("figures",)
"""Sections that list and tell no story."""


@dataclass(frozen=True, slots=True)
class Story:
    """Something that was published: its text in whole sentences, and where it can be read, if anywhere."""

    title: str
    text: str
    url: str = ""


async def showcases(session: AsyncSession, *, about: str) -> list[Story]:
    """Give the public showcases, those that share words with `about` first, then the newest."""
    rows = await gallery.list_published(session, limit=_READ)
    return _by_fit([story for row in rows if (story := _of_showcase(row)).text], about)


async def news(session: AsyncSession, *, about: str) -> list[Story]:
    """Give showcases and products of our own catalogue, in the same order."""
    items = await reading.newest_items(session, limit=_READ)
    return _by_fit([*await showcases(session, about=about), *map(_of_item, items)], about)


def _by_fit(stories: Sequence[Story], about: str) -> list[Story]:
    """Order the stories; of several with the same title only the first one is kept."""
    wanted, kept = _words(about), dict[str, Story]()
    for story in sorted(stories, key=lambda story: -len(wanted & _words(f"{story.title} {story.text}"))):
        kept.setdefault(story.title.strip().casefold(), story)
    return list(kept.values())


def _words(text: str) -> set[str]:
    """Give the words of a text as they are compared: a plural counts as its singular."""
    return {word.rstrip("s") for word in _WORD.findall(text.casefold())}


def _of_showcase(row: ShowcasePortfolio) -> Story:
    told = shared_texts.told_sections(row)
    return Story(
        row.title, " ".join(text for key, text in told.items() if text and key not in _LISTED), url_of(row.slug)
    )


def _of_item(row: CatalogueItem) -> Story:
    price = format_currency(row.price, row.currency, locale="en")
    return Story(row.title, f"{row.description} Now for {price}.".strip())
