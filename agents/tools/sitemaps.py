"""Sitemaps: the addresses that a site lists, by the protocol of sitemaps.org. No tool stands here.

XML comes from outside: a document type is refused, no entity is expanded, nothing is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MOST_URLS: Final = 50_000
"""Addresses that a sitemap may list, by the protocol."""


class SitemapInvalid(Exception):
    """It is no sitemap; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An address with the day of its last change; `dated` is that day as it is written."""

    url: str
    dated: str = ""
    changed_on: date | None = None

    @property
    def is_dated_wrong(self) -> bool:
        """Whether a date stands there that is none."""
        return bool(self.dated) and self.changed_on is None


def read(xml: str) -> list[Entry]:
    """Give the addresses of a sitemap or of an index of sitemaps; raises `SitemapInvalid`."""
    from lxml import etree  # type: ignore[import-untyped]

    if "<!DOCTYPE" in xml.upper() or "<!ENTITY" in xml.upper():
        raise SitemapInvalid("A sitemap with a document type is not read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8")
    try:
        root = etree.fromstring(xml.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        raise SitemapInvalid(f"The XML cannot be read: {(error.msg or 'it is empty')[:120]}") from error
    except ValueError as error:
        raise SitemapInvalid("The XML cannot be read: it holds signs that XML forbids") from error
    if etree.QName(root).localname not in ("urlset", "sitemapindex"):
        raise SitemapInvalid("The XML is no sitemap: it must start with urlset or sitemapindex")
    entries = []
    for item in root.iterchildren(tag=etree.Element):
        values = {
            etree.QName(child).localname: (child.text or "").strip() for child in item.iterchildren(etree.Element)
        }
        dated = values.get("lastmod", "")
        entries.append(Entry(values.get("loc", ""), dated, _day(dated)))
    return entries


def _day(written: str) -> date | None:
    """Read a W3C date: a year, a month, a day or a moment."""
    filled = written + {4: "-01-01", 7: "-01"}.get(len(written), "")
    try:
        return datetime.fromisoformat(filled).date()
    except ValueError:
        return None
