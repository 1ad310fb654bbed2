"""Shared texts: what the writer says of a showcase to search engines and networks, kept beside the page. Pure.

One is kept only if each of its numbers is a figure of the showcase, and told only as far as the client consents. What
is not kept, or not told, is derived from the page's own texts by whoever shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bizosaas_app.kernel import number_guard
from bizosaas_app.services.gamification.portfolios import figures
from bizosaas_app.services.gamification.portfolios.figures import Figure
from bizosaas_app.services.gamification.portfolios.writing import Draft
from models import ShowcasePortfolio

TITLE: Final = "seo_title"
NAMES: Final = (TITLE, "seo_description", "linkedin", "short_post", "facebook", "whatsapp")

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")


def keep(draft: Draft, known: Sequence[Figure], *, is_titled: bool) -> dict[str, str]:
    """Give the draft's texts that are fit to be kept; a title of the owner's own stands for itself."""
    given = {name: draft.shared.get(name, "").strip() for name in NAMES if not (is_titled and name == TITLE)}
    return {name: text for name, text in given.items() if text and not number_guard.find_faults(text, known)}


def keep_after(row: ShowcasePortfolio, *, is_retitled: bool, is_rewritten: bool) -> dict[str, str]:
    """Give what is left after a person's edit: a new title takes the writer's along, a new text all of them."""
    if is_rewritten:
        return {}
    return {name: text for name, text in row.shared_texts.items() if not (is_retitled and name == TITLE)}


def told(row: ShowcasePortfolio) -> dict[str, str]:
    """Give the kept texts that may be told: true by the figures of now, and of nothing that is held back."""
    known = figures.load_all(row.figures)
    return {
        name: text
        for name, text in row.shared_texts.items()
        if not number_guard.find_faults(text, known) and _is_consented(text, row)
    }


def told_sections(row: ShowcasePortfolio) -> dict[str, str]:
    """Give the page's texts by key, without the sentences that tell what is held back."""
    return {
        item["key"]: " ".join(part for part in sentences(item["text"]) if _is_consented(part, row))
        for item in row.sections
    }


def sentences(text: str) -> list[str]:
    """Give the sentences of a text, each on one line."""
    return _SENTENCE_END.split(" ".join(text.split())) if text.strip() else []


def _is_consented(text: str, row: ShowcasePortfolio) -> bool:
    """Say whether a text holds no figure, and nothing of the quote, that the client does not agree to show."""
    # Bound to nothing, every number is a fault: that is how one is found.
    if row.consents.get("figures") is not True and number_guard.find_faults(text, ()):
        return False
    return row.consents.get("quote") is True or not any(_holds(text, words) for words in _quoted(row))


def _quoted(row: ShowcasePortfolio) -> Iterator[str]:
    if row.quote:
        yield row.quote["author"]
        yield from sentences(row.quote["text"])


def _holds(text: str, words: str) -> bool:
    plain = " ".join(words.split()).rstrip(".!?").casefold()
    return bool(plain) and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", " ".join(text.split()).casefold()) is not None
