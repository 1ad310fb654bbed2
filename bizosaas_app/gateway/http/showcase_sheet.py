"""What a public page shows, arranged: headline figures, comparisons, linked texts and ways to share. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from babel.dates import format_date
from markupsafe import Markup, escape

from bizosaas_app.gateway import portfolio_sharing
from bizosaas_app.gateway.contracts.portfolios import FigureView
from bizosaas_app.gateway.contracts.showcase_pages import PublicPage
from bizosaas_app.kernel import number_guard

HEADINGS: Final = {
    "situation": "The situation",
    "approach": "The approach",
    "outcome": "The outcome",
    "before": "Before",
    "after": "After",
    "figures": "The figures",
}
TEMPLATES: Final = portfolio_sharing.TEMPLATES
_OWN_ENGINES: Final = {
    "composer": "The built-in composer",
    "embedded": "The showcase agent on its embedded engine",
}
_LINK: Final = Markup('<a class="number" href="#figure-{}">{}</a>')
_HEADLINES: Final = 4
_BARS: Final = 6
_LEADS: Final = (
    *("points", "referrals", "orders", "order_value", "leads", "campaigns", "content", "posts", "reviews"),
    *("achievements", "rank", "tasks", "actions"),
)
"""What a headline may be, the weightier ones first."""

_SHARES: Final = (
    ("LinkedIn", "linkedin", "https://www.linkedin.com/sharing/share-offsite/?url={url}"),
    ("X", "x", "https://x.com/intent/post?url={url}&text={title}"),
    ("Facebook", "facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
    ("WhatsApp", "whatsapp", "https://wa.me/?text={title}%20{url}"),
    ("E-mail", "mail", "mailto:?subject={title}&body={url}"),
)
"""Name, source for the statistics, and address of each way to share."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with what it was before and how it moved; `direction` is up, down or empty."""

    figure: FigureView
    before: str = ""
    change: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure before and after, with the length of each bar in percent."""

    label: str
    before: str
    after: str
    before_share: int
    after_share: int


@dataclass(frozen=True, slots=True)
class Share:
    """A way to share the page."""

    name: str
    url: str


def lines(page: PublicPage) -> list[Line]:
    """Give every figure that is not itself a comparison, with its comparisons."""
    known = {figure.key: figure for figure in page.figures}
    return [_line(figure, known) for figure in page.figures if not figure.key.endswith(("_before", "_change"))]


def headlines(all_lines: Sequence[Line]) -> list[Line]:
    """Give the few figures that stand large at the top."""
    known = {line.figure.key: line for line in all_lines}
    return [known[key] for key in _LEADS if key in known][:_HEADLINES]


def bars(page: PublicPage, all_lines: Sequence[Line]) -> list[Bar]:
    """Give what a before-and-after draws side by side, each pair against its own larger value."""
    if page.template != "before_after":
        return []
    known = {figure.key: figure for figure in page.figures}
    pairs = ((line, known.get(f"{line.figure.key}_before")) for line in all_lines if line.figure.key in _LEADS)
    return [_bar(line.figure, before) for line, before in pairs if before is not None][:_BARS]


def linked(text: str, page: PublicPage) -> Markup:
    """Give the text with each number as a link to the figure that it stands for."""
    return Markup("").join(_LINK.format(key, words) if key else escape(words) for words, key in pieces(text, page))


def pieces(text: str, page: PublicPage) -> Iterator[tuple[str, str]]:
    """Cut the text at its numbers: words, and the key of the figure's line that they stand for, or nothing."""
    keys = {
        figure.rendered: figure.key.removesuffix("_before").removesuffix("_change") for figure in page.figures[::-1]
    }
    plain = ""
    for before, word, after in number_guard.cut(text):
        if word not in keys:
            plain += before + word + after
            continue
        yield plain + before, ""
        yield word, keys[word]
        plain = after
    yield plain, ""


def day(value: date) -> str:
    """Write a date in full."""
    return format_date(value, "d MMMM y", locale="en")


def byline(page: PublicPage) -> str:
    """Say whose showcase it is, as far as they want to be named."""
    if page.is_of_team:
        return page.company
    return f"{page.name}, {page.company}" if page.name else f"A member of {page.company}"


def written_by(page: PublicPage) -> str:
    """Say who wrote the text, plainly where it was no model."""
    own = _OWN_ENGINES.get(page.engine)
    return (
        f"{own}, from these figures alone" if own else f"{page.engine}, with every number checked against these figures"
    )


def shares(page: PublicPage) -> list[Share]:
    """Give the ways to share, each with its source and the owner's referral code."""
    return [Share(name, _share_url(page, source, template)) for name, source, template in _SHARES]


def referral_url(page: PublicPage) -> str | None:
    """Give where the owner's referral code leads."""
    if page.referral_code is None:
        return None
    origin, slug = page.url.rsplit("/showcase/", 1)
    campaign = {
        "utm_source": "showcase",
        "utm_medium": portfolio_sharing.MEDIUM,
        "utm_campaign": "showcase",
        "utm_content": slug,
    }
    return f"{origin}/r/{quote(page.referral_code)}?{urlencode(campaign)}"


def _line(figure: FigureView, known: Mapping[str, FigureView]) -> Line:
    before, change = known.get(f"{figure.key}_before"), known.get(f"{figure.key}_change")
    moved = change.value if change is not None and isinstance(change.value, (int, float)) else 0
    direction = "up" if moved > 0 else "down" if moved < 0 else ""
    return Line(figure, before.rendered if before else "", change.rendered if change else "", direction)


def _bar(now: FigureView, before: FigureView) -> Bar:
    largest = max(_amount(now), _amount(before))
    shares = [round(100 * _amount(figure) / largest) for figure in (before, now)]
    return Bar(now.label, before.rendered, now.rendered, *shares)


def _amount(figure: FigureView) -> float:
    return float(figure.value["amount"]) if isinstance(figure.value, dict) else figure.value


def _share_url(page: PublicPage, source: str, template: str) -> str:
    url = portfolio_sharing.tracked(page.url, source, page.referral_code)
    return template.format(url=quote(url, safe=""), title=quote(page.title, safe=""))
