"""The HTML of public pages: one template, one stylesheet inside it, no script that runs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape as xml_escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bizosaas_app.gateway.contracts.showcase_pages import PageLine, PublicPage
from bizosaas_app.gateway.http import showcase_sheet

_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_FOLDER / "showcase.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; font-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
"""Sent beside the policy of all pages, and stricter: nothing that a text smuggles in could run or load."""

_UNSAFE_IN_SCRIPT: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

_environment: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_environment.globals.update(style=Markup(_STYLE))  # noqa: S704  # our own file
_environment.filters.update(day=showcase_sheet.day)


def page(shown: PublicPage) -> str:
    """Draw the page of a published showcase."""
    lines = showcase_sheet.lines(shown)
    return _environment.get_template("showcase.html").render(
        page=shown,
        kind=showcase_sheet.TEMPLATES[shown.template],
        byline=showcase_sheet.byline(shown),
        written_by=showcase_sheet.written_by(shown),
        headlines=showcase_sheet.headlines(lines),
        lines=lines,
        bars=showcase_sheet.bars(shown, lines),
        parts=[
            (showcase_sheet.HEADINGS[section.key], showcase_sheet.linked(section.text, shown), section.by)
            for section in shown.sections
            if section.key in showcase_sheet.HEADINGS
        ],
        quote=showcase_sheet.linked(shown.quote.text, shown) if shown.quote else "",
        shares=showcase_sheet.shares(shown),
        referral_url=showcase_sheet.referral_url(shown),
        structured=structured(shown),
    )


def missing() -> str:
    """Draw what stands where no published showcase is."""
    return _environment.get_template("showcase_missing.html").render()


def structured(shown: PublicPage) -> Markup:
    """Give the JSON-LD of the page, safe inside a script element whatever the texts hold."""
    text = json.dumps(_graph(shown), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE_IN_SCRIPT))  # noqa: S704  # every character that HTML could read is escaped


def sitemap(lines: Sequence[PageLine]) -> str:
    """Write the sitemap (sitemaps.org)."""
    entries = "".join(
        f"<url><loc>{xml_escape(line.url)}</loc><lastmod>{line.updated_at:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )


def _graph(shown: PublicPage) -> dict[str, Any]:
    origin = shown.url.rsplit("/showcase/", 1)[0]
    company = {"@type": "Organization", "@id": f"{shown.url}#company", "name": shown.company, "url": f"{origin}/"}
    author = {"@type": "Person", "name": shown.name} if shown.name else {"@id": company["@id"]}
    article = {
        "@type": "Article",
        "@id": f"{shown.url}#article",
        "headline": shown.title,
        "description": shown.seo.description,
        "keywords": shown.seo.keywords,
        "image": f"{shown.url}/image.png",
        "datePublished": shown.published_at.isoformat(),
        "dateModified": shown.updated_at.isoformat(),
        "author": author,
        "publisher": {"@id": company["@id"]},
        "mainEntityOfPage": shown.url,
        "inLanguage": "en",
        "articleSection": showcase_sheet.TEMPLATES[shown.template],
    }
    places = ((shown.company, f"{origin}/"), (shown.title, shown.url))
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": url}
            for number, (name, url) in enumerate(places, start=1)
        ],
    }
    return {"@context": "https://schema.org", "@graph": [article, company, crumbs]}
