"""HTML pages: what a page says about itself, read from its markup. No tool stands here.

The HTML parser of libxml2 neither expands entities that a page declares nor loads anything from outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

MOST_ITEMS: Final = 2000
"""Headings, links or images of a page that are looked at."""
MOST_NODES: Final = 300
"""Tags and texts inside a heading or link that are looked at."""
_UNSEEN: Final = ("script", "style", "noscript", "template", "head", "svg")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page; `text` is what a reader sees or hears of it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page's markup says. `images` are (source, alternative text or None); `data_errors` name broken JSON-LD."""

    titles: list[str]
    descriptions: list[str]
    canonicals: list[str]
    robots: str
    lang: str | None
    has_viewport: bool
    headings: list[tuple[int, str]]
    images: list[tuple[str, str | None]]
    links: list[Link]
    data_types: list[str]
    data_errors: list[str]
    open_graph: dict[str, str]
    resources: list[str]
    text: str


def read(html: str) -> Reading:
    """Read a page; broken markup is read as a browser would, as far as it can be."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    types, errors = _structured(soup)
    return Reading(
        # An SVG picture may have titles of its own: only the page's counts.
        titles=[_text(tag) for tag in soup.find_all("title", limit=50) if tag.find_parent("svg") is None],
        descriptions=_metas(soup, "name", "description"),
        canonicals=[_attribute(tag, "href") for tag in soup.select('link[rel~="canonical"]')],
        robots=",".join(_metas(soup, "name", "robots") + _metas(soup, "name", "googlebot")).lower(),
        lang=_attribute(soup.html, "lang") if soup.html and soup.html.has_attr("lang") else None,
        has_viewport=bool(_metas(soup, "name", "viewport")),
        headings=[(int(tag.name[1]), _text(tag)) for tag in soup.select("h1,h2,h3,h4,h5,h6", limit=MOST_ITEMS)],
        images=[
            (_attribute(tag, "src"), _attribute(tag, "alt") if tag.has_attr("alt") else None)
            for tag in soup.find_all("img", limit=MOST_ITEMS)
        ],
        links=[Link(_attribute(tag, "href"), _name(tag)) for tag in soup.select("a[href]", limit=MOST_ITEMS)],
        data_types=types,
        data_errors=errors,
        open_graph={
            _attribute(tag, "property"): _attribute(tag, "content") for tag in soup.select('meta[property^="og:"]')
        },
        resources=[
            _attribute(tag, "href" if tag.name == "link" else "src")
            for tag in soup.select('img[src],script[src],iframe[src],link[rel~="stylesheet"][href]', limit=MOST_ITEMS)
        ],
        text=_seen(soup),
    )


def _structured(soup: BeautifulSoup) -> tuple[list[str], list[str]]:
    types: list[str] = []
    errors: list[str] = []
    for tag in soup.find_all("script", type="application/ld+json", limit=50):
        try:
            types += _types(json.loads(tag.get_text()))
        except (ValueError, RecursionError) as error:
            errors.append(str(error)[:100])
    types += [_attribute(tag, "itemtype").rsplit("/", 1)[-1] for tag in soup.select("[itemtype]", limit=50)]
    return types, errors


def _types(data: Any) -> list[str]:
    if isinstance(data, list):
        return [name for item in data for name in _types(item)]
    if not isinstance(data, dict):
        return []
    own = data.get("@type")
    named = [own] if isinstance(own, str) else [item for item in own or [] if isinstance(item, str)]
    return named + _types(data.get("@graph"))


def _metas(soup: BeautifulSoup, key: str, value: str) -> list[str]:
    return [_attribute(tag, "content") for tag in soup.select(f'meta[{key}="{value}" i]')]


def _name(tag: Tag) -> str:
    from bs4 import Tag

    images = " ".join(_attribute(node, "alt") for node in _inside(tag) if isinstance(node, Tag) and node.name == "img")
    return _text(tag) or _attribute(tag, "aria-label") or images.strip() or _attribute(tag, "title")


def _text(tag: Tag) -> str:
    from bs4.element import NavigableString

    # Comments and the like are kinds of strings, and no reader sees them.
    return " ".join(" ".join(str(node) for node in _inside(tag) if type(node) is NavigableString).split())


def _inside(tag: Tag) -> Iterator[PageElement]:
    """Give what is inside a tag, up to a bound: broken markup may hang half of a page into each of its headings."""
    from bs4 import Tag

    levels, seen = [iter(tag.contents)], 0
    while levels and seen < MOST_NODES:
        node = next(levels[-1], None)
        if node is None:
            levels.pop()
            continue
        seen += 1
        yield node
        if isinstance(node, Tag):
            levels.append(iter(node.contents))


def _attribute(tag: Tag | None, name: str) -> str:
    value = tag.get(name) if tag is not None else None
    return " ".join(str(value).split()) if value is not None else ""


def _seen(soup: BeautifulSoup) -> str:
    for tag in soup(_UNSEEN):
        tag.decompose()
    return " ".join(soup.get_text(" ").split())
