"""The checks of the on-page audit, each of which gives its findings. No tool stands here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urljoin, urlsplit

from agents.tools.findings import Finding
from agents.tools.html_pages import Reading
from agents.tools.widths import DESCRIPTION_PIXELS, TITLE_PIXELS, description_pixels, title_pixels
from agents.tools.words import words

THIN: Final = 300
"""Words below which a page is called thin: the usual floor of editorial checkers such as Yoast SEO."""
SHORT_TITLE: Final = 20
SHORT_DESCRIPTION: Final = 70
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.I)
"""The usual shapes of a language tag (BCP 47)."""
_EMPTY_WORDS: Final = frozenset({"here", "click here", "more", "read more", "learn more", "link", "this", "this page"})


@dataclass(frozen=True, slots=True)
class Looked:
    """The page as the checks see it; `status` and `hops` are of a fetch, if there was one."""

    page: Reading
    url: str | None
    keyword: str | None
    header: str = ""
    status: int | None = None
    hops: int = 0


def _answer(looked: Looked) -> Iterator[Finding]:
    if looked.status is not None and looked.status >= 400:
        finding = f"The address answers with status {looked.status}"
        yield Finding(severity="serious", check="Answer", place="HTTP", finding=finding, remedy="Serve it with 200")
    elif looked.hops:
        finding = f"The address redirects {looked.hops} time(s) before the page"
        remedy = "Link straight to the final address"
        yield Finding(severity="note", check="Answer", place="HTTP", finding=finding, remedy=remedy)


def _title(looked: Looked) -> Iterator[Finding]:
    titles = [item for item in looked.page.titles if item]
    if not titles:
        remedy = "Write a title that names the page's subject and the site"
        yield Finding(severity="serious", check="Title", place="<title>", finding="The title is missing", remedy=remedy)
        return
    if len(looked.page.titles) > 1:
        finding = f"There are {len(looked.page.titles)} titles"
        yield Finding(severity="warning", check="Title", place="<title>", finding=finding, remedy="Keep one title")
    if (width := title_pixels(titles[0])) > TITLE_PIXELS:
        finding = f"The title takes {width} pixels and is cut at about {TITLE_PIXELS}"
        remedy = "Shorten the title, the telling words in front"
        yield Finding(severity="warning", check="Title", place="<title>", finding=finding, remedy=remedy)
    elif len(titles[0]) < SHORT_TITLE:
        finding = f"The title has only {len(titles[0])} characters"
        remedy = "Say in the title what the page offers and for whom"
        yield Finding(severity="note", check="Title", place="<title>", finding=finding, remedy=remedy)


def _description(looked: Looked) -> Iterator[Finding]:
    place = '<meta name="description">'
    given = [item for item in looked.page.descriptions if item]
    if not given:
        finding, remedy = "The description is missing", "Write a description that says why to click"
        yield Finding(severity="warning", check="Description", place=place, finding=finding, remedy=remedy)
    elif (width := description_pixels(given[0])) > DESCRIPTION_PIXELS:
        finding = f"The description takes {width} pixels and is cut at about {DESCRIPTION_PIXELS}"
        remedy = "Shorten the description"
        yield Finding(severity="note", check="Description", place=place, finding=finding, remedy=remedy)
    elif len(given[0]) < SHORT_DESCRIPTION:
        finding = f"The description has only {len(given[0])} characters"
        remedy = "Use the room of the description for a reason to click"
        yield Finding(severity="note", check="Description", place=place, finding=finding, remedy=remedy)


def _headings(looked: Looked) -> Iterator[Finding]:
    heads = looked.page.headings
    main = [name for level, name in heads if level == 1]
    if not any(main):
        remedy = "Give the page one H1 that names its subject"
        yield Finding(
            severity="warning", check="Headings", place="<h1>", finding="There is no main heading", remedy=remedy
        )
    elif len(main) > 1:
        finding = f"There are {len(main)} main headings"
        remedy = "Keep one H1 and make the others H2"
        yield Finding(severity="note", check="Headings", place="<h1>", finding=finding, remedy=remedy)
    for (above, _), (level, name) in pairwise(heads):
        if level > above + 1:
            finding = f"A heading jumps from level {above} to level {level}"
            remedy = "Let headings go down by one level at a time"
            yield Finding(severity="note", check="Headings", place=f"H{level}: {name}", finding=finding, remedy=remedy)
            return


def _canonical(looked: Looked) -> Iterator[Finding]:
    place, given = '<link rel="canonical">', looked.page.canonicals
    if not given:
        finding, remedy = "No canonical address is named", "Name the page's own address as canonical"
        yield Finding(severity="note", check="Canonical", place=place, finding=finding, remedy=remedy)
    elif len(set(given)) > 1:
        finding, remedy = "Several canonical addresses contradict each other", "Keep one canonical address"
        yield Finding(severity="serious", check="Canonical", place=place, finding=finding, remedy=remedy)
    elif looked.url and _same(urljoin(looked.url, given[0])) != _same(looked.url):
        finding, remedy = "The canonical address is another page", "Check that the other page is the one to be found"
        yield Finding(severity="warning", check="Canonical", place=given[0], finding=finding, remedy=remedy)
    elif not urlsplit(given[0]).scheme:
        finding, remedy = "The canonical address is relative", "Write the canonical address in full"
        yield Finding(severity="note", check="Canonical", place=given[0], finding=finding, remedy=remedy)


def _same(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower(), parts.path.rstrip("/"), parts.query


def _robots(looked: Looked) -> Iterator[Finding]:
    for place, given in (('<meta name="robots">', looked.page.robots), ("X-Robots-Tag", looked.header)):
        named = {word.strip() for word in re.split(r"[,:]", given)}
        if named & {"noindex", "none"}:
            finding, remedy = "The page asks not to be indexed", "Remove noindex if the page is to be found"
            yield Finding(severity="serious", check="Robots", place=place, finding=finding, remedy=remedy)
        elif "nofollow" in named:
            finding, remedy = "The page asks that its links are not followed", "Remove nofollow from the page"
            yield Finding(severity="warning", check="Robots", place=place, finding=finding, remedy=remedy)


def _language(looked: Looked) -> Iterator[Finding]:
    lang, remedy = looked.page.lang, "Name the page's language, such as en or de-CH"
    if not lang:
        finding = "The language is not named"
        yield Finding(severity="warning", check="Language", place="<html lang>", finding=finding, remedy=remedy)
    elif not _LANGUAGE.fullmatch(lang):
        finding = "The language is not a language tag"
        yield Finding(severity="note", check="Language", place=f'lang="{lang}"', finding=finding, remedy=remedy)


def _images(looked: Looked) -> Iterator[Finding]:
    if lacking := [source for source, alt in looked.page.images if alt is None]:
        finding = f"{len(lacking)} of {len(looked.page.images)} images have no alternative text"
        remedy = "Describe each image in its alt, or give an empty alt where it only decorates"
        yield Finding(severity="warning", check="Images", place=lacking[0] or "<img>", finding=finding, remedy=remedy)


def _links(looked: Looked) -> Iterator[Finding]:
    links = looked.page.links
    if nameless := [link for link in links if not link.text]:
        finding, remedy = f"{len(nameless)} link(s) have no text", "Give every link a text or a label"
        yield Finding(severity="warning", check="Links", place=nameless[0].href, finding=finding, remedy=remedy)
    if vague := [link for link in links if link.text.lower().strip(" .>") in _EMPTY_WORDS]:
        finding = f'{len(vague)} link(s) say no more than "{vague[0].text}"'
        remedy = "Let a link's text name its target"
        yield Finding(severity="note", check="Links", place=vague[0].href, finding=finding, remedy=remedy)
    if dead := [link for link in links if link.href in ("", "#") or link.href.lower().startswith("javascript:")]:
        finding = f"{len(dead)} link(s) lead nowhere without a script"
        remedy = "Use a button for an action and an address for a link"
        yield Finding(severity="note", check="Links", place=dead[0].text or "<a>", finding=finding, remedy=remedy)


def _safety(looked: Looked) -> Iterator[Finding]:
    plain = [item for item in looked.page.resources if item.lower().startswith("http://")]
    if looked.url and looked.url.startswith("https://") and plain:
        finding = f"{len(plain)} file(s) are loaded without encryption"
        remedy = "Load images, scripts and styles over https"
        yield Finding(severity="warning", check="Encryption", place=plain[0], finding=finding, remedy=remedy)


def _data(looked: Looked) -> Iterator[Finding]:
    place = '<script type="application/ld+json">'
    if looked.page.data_errors:
        finding = f"Structured data cannot be read: {looked.page.data_errors[0]}"
        remedy = "Correct the JSON of the structured data"
        yield Finding(severity="warning", check="Structured data", place=place, finding=finding, remedy=remedy)
    elif not looked.page.data_types:
        finding, remedy = "There is no structured data", "Add the markup that fits the page's kind"
        yield Finding(severity="note", check="Structured data", place=place, finding=finding, remedy=remedy)


def _phone(looked: Looked) -> Iterator[Finding]:
    if not looked.page.has_viewport:
        finding, remedy = "The page does not adapt to phones", "Add a viewport with width=device-width"
        place = '<meta name="viewport">'
        yield Finding(severity="warning", check="Viewport", place=place, finding=finding, remedy=remedy)


def _sharing(looked: Looked) -> Iterator[Finding]:
    lacking = [name for name in ("og:title", "og:image") if not looked.page.open_graph.get(name)]
    if lacking:
        finding, remedy = f"Shared links lack {' and '.join(lacking)}", "Add title and image for shared links"
        yield Finding(severity="note", check="Sharing", place="<meta property>", finding=finding, remedy=remedy)


def _length(looked: Looked) -> Iterator[Finding]:
    if (number := len(words(looked.page.text))) < THIN:
        finding = f"The page has {number} words; below {THIN} it is called thin"
        remedy = "Answer what a visitor asks next, or merge the page with a fuller one"
        yield Finding(severity="note", check="Length", place="<body>", finding=finding, remedy=remedy)


def _keyword(looked: Looked) -> Iterator[Finding]:
    if looked.keyword is None:
        return
    page, phrase = looked.page, " ".join(words(looked.keyword))
    places = (
        ("warning", "<title>", " ".join(page.titles), "title"),
        ("note", "<h1>", " ".join(name for level, name in page.headings if level == 1), "main heading"),
        ("note", '<meta name="description">', " ".join(page.descriptions), "description"),
        ("warning", "<body>", page.text, "text"),
    )
    for severity, place, text, name in places:
        if f" {phrase} " not in f" {' '.join(words(text))} ":
            finding = f"The {name} does not name the phrase"
            remedy = f"Use the phrase in the {name}"
            yield Finding.model_validate(
                {"severity": severity, "check": "Phrase", "place": place, "finding": finding, "remedy": remedy}
            )


CHECKS: Final[tuple[Callable[[Looked], Iterator[Finding]], ...]] = (
    _robots,
    _answer,
    _title,
    _description,
    _headings,
    _canonical,
    _language,
    _images,
    _links,
    _safety,
    _data,
    _phone,
    _sharing,
    _length,
    _keyword,
)
"""In the order in which their findings are shown within a severity."""
