"""The public page: who sees it, what it says of itself, what it hides, and how its visitors are counted."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import httpx
from PIL import Image
from sqlmodel import select

from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.portfolios import visits
from bizosaas_app.services.tenants import records
from models import PortfolioMetric, ReferralCode, ReferralProgram
from tests.support.api import api_client
from tests.support.boards import GUS, MIA, Arena, arena
from tests.support.referrals import open_shop
from tests.support.showcases import BROWSER, Author, fill

__all__ = ["arena"]

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"quoted\" 'and' &amp; {{ 7*7 }}"


class Page(HTMLParser):
    """A page as a browser reads it: its elements, and what stands in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.inside.setdefault(tag, []).append(data)

    def text(self, tag: str) -> str:
        return " ".join("".join(self.inside.get(tag, [])).split())

    def meta(self, name: str) -> str | None:
        for tag, attributes in self.elements:
            if tag == "meta" and name in (attributes.get("name"), attributes.get("property")):
                return attributes.get("content")
        return None

    def links(self, **wanted: str) -> list[str]:
        return [
            str(attributes["href"])
            for tag, attributes in self.elements
            if tag in ("a", "link") and all(attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def graph(self) -> dict[str, dict[str, Any]]:
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', self.html, re.DOTALL)
        return {item["@type"]: item for item in json.loads(text)["@graph"]}


def reader(arena: Arena, *, agent: str = BROWSER, address: str = "203.0.113.5") -> httpx.AsyncClient:
    """Somebody who follows a link."""
    return api_client(arena.world.resources.settings, headers={"User-Agent": agent}, address=address)


async def look(arena: Arena, view: dict[str, Any], **who: str) -> Page:
    async with reader(arena, **who) as client:
        answer = await client.get(f"/showcase/{view['slug']}")
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


async def published(arena: Arena, email: str = MIA, **fields: Any) -> tuple[Author, dict[str, Any]]:
    await fill(arena, email)
    author = await Author.of(arena, email)
    return author, await author.write(publish=True, **fields)


async def test_the_page_tells_search_engines_and_networks_what_it_is(arena: Arena) -> None:
    _, view = await published(arena, title="Ten good days")
    page = await look(arena, view)
    url = view["public_url"]
    assert page.text("title") == "Ten good days | Acme-Corp"
    assert page.text("h1") == "Ten good days"
    assert page.links(rel="canonical") == [url]
    description = page.meta("description")
    assert description
    assert len(description) <= 160
    told = {"og:title": "Ten good days", "og:url": url, "og:image": f"{url}/image.png", "og:type": "article"}
    assert {name: page.meta(name) for name in told} == told
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("1200", "630")
    assert (page.meta("twitter:card"), page.meta("twitter:image")) == ("summary_large_image", f"{url}/image.png")
    graph = page.graph
    assert graph.keys() == {"Article", "Organization", "BreadcrumbList"}
    assert (graph["Article"]["headline"], graph["Article"]["author"]["name"]) == ("Ten good days", "Mia")
    assert graph["Organization"]["name"] == "Acme-Corp"
    assert [item["position"] for item in graph["BreadcrumbList"]["itemListElement"]] == [1, 2]


async def test_the_page_shows_the_texts_and_the_proof_of_every_number(arena: Arena) -> None:
    _, view = await published(arena)
    page = await look(arena, view)
    for section in view["sections"]:
        assert " ".join(section["text"].split()) in page.text("main")
    anchors = {attributes.get("id") for _, attributes in page.elements}
    numbers = [href for href in page.links() if href.startswith("#figure-")]
    assert len(numbers) > 5
    assert {href[1:] for href in numbers} <= anchors
    proof = page.text("aside")
    for word in ("Period", "Baseline", "Method", "Counted as of", "The built-in composer"):
        assert word in proof
    assert "count of order.completed, 1 event" in page.text("table")
    assert all(event_id not in page.html for figure in view["figures"] for event_id in figure["source"]["event_ids"])


async def test_a_hostile_title_is_only_text(arena: Arena) -> None:
    author, view = await published(arena, title=HOSTILE)
    words = {"text": f"{HOSTILE.replace('1', 'a').replace('2', 'b').replace('7', 'c')} indeed", "author": HOSTILE[:120]}
    changed = await author.patch(view["id"], {"quote": words, "consents": {"quote": True}})
    assert changed.status_code == 200, changed.text
    page = await look(arena, view)
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert scripts == [{"type": "application/ld+json"}]
    assert [tag for tag, _ in page.elements if tag in ("img", "iframe", "object", "form")] == []
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text("h1") == HOSTILE
    assert page.meta("og:title") == HOSTILE
    assert page.graph["Article"]["headline"] == HOSTILE
    assert words["text"] in page.text("blockquote")


async def test_nothing_but_our_own_style_may_load_and_no_script_runs(arena: Arena) -> None:
    _, view = await published(arena)
    async with reader(arena) as client:
        answer = await client.get(f"/showcase/{view['slug']}")
    own = answer.headers.get_list("content-security-policy")[0]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert own.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; font-src 'self'")
    assert "style=" not in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    async with reader(arena) as client:
        for path, kind in (("inter.woff2", "font/woff2"), ("icon.svg", "image/svg+xml")):
            assert (await client.get(f"/showcase/{path}")).headers["content-type"] == kind


async def test_only_a_published_showcase_has_a_page(arena: Arena) -> None:
    author, view = await published(arena)
    draft = await author.write()
    async with reader(arena) as client:
        assert (await client.head(f"/showcase/{view['slug']}")).status_code == 200
        assert (await client.post(f"/showcase/{view['slug']}")).status_code == 405
        await author.post(f"/{view['id']}/unpublish")
        for slug in (view["slug"], draft["slug"], "nothing", "NOTHING", "a--b", "%00", "x" * 300, "..%2f"):
            answer = await client.get(f"/showcase/{slug}")
            assert answer.status_code in (400, 404), slug
            assert (await client.get(f"/showcase/{slug}/image.png")).status_code in (400, 404), slug
        gone = await client.get(f"/showcase/{view['slug']}")
        assert gone.headers["content-type"].startswith("text/html")
        assert view["title"] not in gone.text
        await author.post(f"/{view['id']}/publish")
        assert (await client.get(f"/showcase/{view['slug']}")).status_code == 200


async def test_a_suspended_tenant_shows_nothing(arena: Arena) -> None:
    _, view = await published(arena)
    system = arena.world.system()
    async with arena.world.resources.database.unit_of_work(system) as session:
        await records.change_status(session, system, status="suspended", now=utc_now())
    async with reader(arena) as client:
        assert (await client.get(f"/showcase/{view['slug']}")).status_code == 404
        assert "<loc>" not in (await client.get("/sitemap.xml")).text


async def test_the_owner_is_named_as_they_want_to_be_named_now(arena: Arena) -> None:
    _, view = await published(arena)
    await _give_code(arena, MIA, "MIA-2026")
    mia = await arena.world.actor(MIA)
    seen: dict[str, Page] = {}
    for mode in ("public", "pseudonym", "hidden"):
        async with arena.world.resources.database.unit_of_work(mia) as session:
            await people.set_privacy(session, mia, mode)
        seen[mode] = await look(arena, view)
    assert "Mia, Acme-Corp" in seen["public"].text("main")
    assert re.search(r"\w+ \w+ \d{3}, Acme-Corp", seen["pseudonym"].text("main"))
    assert "A member of Acme-Corp" in seen["hidden"].text("main")
    assert [("Mia" in seen[mode].html) for mode in seen] == [True, False, False]
    assert [("MIA-2026" in seen[mode].html) for mode in seen] == [True, False, False]
    assert seen["hidden"].graph["Article"]["author"] == {"@id": seen["hidden"].graph["Organization"]["@id"]}


async def test_the_page_of_a_whole_tenant_names_no_member(arena: Arena) -> None:
    _, view = await published(arena, "admin@acme.example")
    page = await look(arena, view)
    assert "Admin" not in page.html
    assert page.graph["Article"]["author"]["@id"] == page.graph["Organization"]["@id"]


async def _give_code(arena: Arena, email: str, code: str) -> None:
    system = arena.world.system()
    async with arena.world.resources.database.unit_of_work(system) as session:
        program = ReferralProgram(
            tenant_id=system.tenant_id,
            name="Friends",
            platform="bizosaas",
            landing_url="https://acme.example/",
            qualifying_event="order.completed",
        )
        session.add(program)
        await session.flush()
        session.add(
            ReferralCode(tenant_id=system.tenant_id, program_id=program.id, user_id=arena.person(email), code=code)
        )


async def test_shared_links_carry_their_source_and_the_owners_referral_code(arena: Arena) -> None:
    _, view = await published(arena)
    without = (await look(arena, view)).links(rel="noopener nofollow")
    assert len(without) == 5
    assert all("utm_campaign%3Dshowcase" in href and "ref%3D" not in href for href in without)
    await _give_code(arena, MIA, "MIA-2026")
    page = await look(arena, view)
    shares = page.links(rel="noopener nofollow")
    assert all("ref%3DMIA-2026" in href for href in shares)
    assert len({re.search(r"utm_source%3D(\w+)", href)[1] for href in shares}) == 5  # type: ignore[index]
    (start,) = page.links(**{"class": "button"})
    assert "/r/MIA-2026?utm_source=showcase" in start


async def test_the_picture_is_drawn_for_networks(arena: Arena) -> None:
    author, view = await published(arena)
    async with reader(arena) as client:
        first = await client.get(f"/showcase/{view['slug']}/image.png")
        await author.patch(view["id"], {"title": "Ünïcode Łódź 東京 " + "and a very long title " * 4})
        second = await client.get(f"/showcase/{view['slug']}/image.png")
    for answer in (first, second):
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.content != second.content


async def test_the_sitemap_lists_what_is_published_everywhere(arena: Arena) -> None:
    _, here = await published(arena)
    author, there = await published(arena, GUS)
    await author.write()
    async with reader(arena) as client:
        tree = ElementTree.fromstring((await client.get("/sitemap.xml")).text)  # noqa: S314  # our own answer
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    assert {item.text for item in tree.findall("s:url/s:loc", spaces)} == {here["public_url"], there["public_url"]}


async def test_a_visitor_counts_once_a_day_and_a_machine_never(arena: Arena) -> None:
    author, view = await published(arena)
    for _ in range(3):
        await look(arena, view)
    assert (await author.read(view["id"]))["views"] == 1
    await look(arena, view, address="203.0.113.6")
    await look(arena, view, agent=BROWSER.replace("140", "141"))
    for agent in ("Googlebot/2.1 (+http://www.google.com/bot.html)", "facebookexternalhit/1.1", ""):
        await look(arena, view, agent=agent, address="203.0.113.9")
    async with reader(arena, address="203.0.113.10") as client:
        await client.get(f"/showcase/{view['slug']}/image.png")
    assert (await author.read(view["id"]))["views"] == 3
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        (metric,) = (await session.exec(select(PortfolioMetric))).all()
    assert (str(metric.portfolio_id), metric.day, metric.views, metric.visitors) == (
        view["id"],
        utc_now().date(),
        3,
        3,
    )
    keys = [key async for key in arena.cache.client.scan_iter("*showcase-visit*")]
    assert len(keys) == 3
    assert not [key for key in keys if "203.0.113" in key or "Firefox" in key]


async def test_visits_by_shared_links_and_clicks_on_the_referral_code_are_counted(arena: Arena) -> None:
    author, view = await published(arena)
    shop = await open_shop(arena.world)
    view = await author.read(view["id"])
    (post,) = [post for post in view["social"] if post["network"] == "X"]
    assert post["link"].endswith(f"utm_source=x&utm_medium=share&utm_campaign=showcase&ref={shop.code}")
    await look(arena, view)
    (start,) = (await look(arena, view)).links(**{"class": "button"})
    for address in ("203.0.113.20", "203.0.113.20", "203.0.113.21"):
        async with reader(arena, address=address) as client:
            assert (await client.get(post["link"])).status_code == 200
            assert (await client.get(start)).status_code == 302
    async with reader(arena, agent="Googlebot/2.1 (+http://www.google.com/bot.html)", address="203.0.113.22") as client:
        await client.get(post["link"])
        await client.get(start)
    metrics = (await author.read(view["id"]))["metrics"]
    assert metrics == {"views": 3, "shares": 2, "referral_clicks": 2}


async def test_without_valkey_the_page_is_served_and_nobody_counted(arena: Arena) -> None:
    author, view = await published(arena)
    held = arena.world.resources
    kernel_resources.install(replace(held, cache=Cache("redis://127.0.0.1:1")))
    try:
        await look(arena, view)
    finally:
        kernel_resources.install(held)
    assert (await author.read(view["id"]))["views"] == 0


async def test_a_flood_of_readers_is_slowed_down(arena: Arena) -> None:
    async with reader(arena, address="203.0.113.77") as client:
        statuses = [(await client.get("/showcase/nothing")).status_code for _ in range(400)]
    assert set(statuses) == {404, 429}
    assert statuses[:100] == [404] * 100


PEOPLE = [
    BROWSER,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
]
MACHINES = [
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "WhatsApp/2.23.20.0 Link Preview",
    "  ",
]


def test_a_machine_is_known_by_what_it_says() -> None:
    assert [visits.is_machine(agent) for agent in (*PEOPLE, *MACHINES)] == [False] * 3 + [True] * 5
