"""What the agent writes for search engines and networks: kept, told by the API and to crawlers, always in step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from bizosaas_app.gateway import job_runner
from bizosaas_app.kernel import number_guard
from bizosaas_app.services.gamification.portfolios import figures
from models import ShowcasePortfolio
from tests.gateway.test_showcase import Page, look
from tests.support import openai_server
from tests.support.boards import MIA, Arena, arena
from tests.support.showcases import Author, fill, served, served_by_model

__all__ = ["arena", "served"]

POSTS = {"LinkedIn": "linkedin", "X": "short_post", "Facebook": "facebook", "WhatsApp": "whatsapp"}
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CONSENTS = {"client_name": True, "figures": True}


async def _kept(arena: Arena, view: dict[str, Any]) -> dict[str, str]:
    """The texts as they are stored."""
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        query = select(ShowcasePortfolio.shared_texts).where(ShowcasePortfolio.id == UUID(view["id"]))
        return (await session.exec(query)).one()


def _posts(view: dict[str, Any]) -> dict[str, str]:
    return {post["network"]: post["text"] for post in view["social"]}


def _is_told(page: Page, view: dict[str, Any], title: str) -> None:
    """A crawler reads the texts of the API."""
    assert page.text("title") == view["seo"]["title"]
    for name in ("description", "og:description", "twitter:description"):
        assert page.meta(name) == view["seo"]["description"]
    assert page.meta("og:title") == page.meta("twitter:title") == title
    assert page.graph["Article"]["description"] == view["seo"]["description"]
    assert (page.text("h1"), page.graph["Article"]["headline"]) == (view["title"], view["title"])


@pytest.mark.usefixtures("served")
async def test_what_the_agent_wrote_is_kept_and_told_by_the_api_and_to_crawlers(arena: Arena) -> None:
    await fill(arena, MIA)
    view = await (await Author.of(arena, MIA)).write(publish=True)
    kept = await _kept(arena, view)
    assert kept.keys() == {"seo_title", "seo_description", *POSTS.values()}
    known = figures.load_all(view["figures"])
    bound = [number_guard.find_bindings(text, known) for text in kept.values()]
    assert [text for text in kept.values() if number_guard.find_faults(text, known)] == []
    assert sum(map(len, bound)) > 5
    assert view["seo"]["title"] == f"{kept['seo_title']} | Acme-Corp"
    assert " ".join(kept["seo_description"].split()).startswith(view["seo"]["description"])
    assert len(view["seo"]["title"]) <= 60
    assert len(view["seo"]["description"]) <= 160
    for post in view["social"]:
        assert post["text"].startswith(kept[POSTS[post["network"]]])
        assert post["length"] <= post["limit"]
    _is_told(await look(arena, view, agent=CRAWLER), view, kept["seo_title"])


def _untrue(words: dict[str, Any]) -> None:
    """Texts that pass for words with the agent, but not with the number guard, and one that is a model's own."""
    words["drafts"]["seo_description"] = "Points fell by {points_change}, to {points}."
    words["drafts"]["short_post"] = "Points are down by {points_change}."
    words["drafts"]["facebook"] = "Day after day: {actions} recorded actions."


async def test_a_text_that_the_number_guard_refuses_is_derived_and_the_others_are_kept(arena: Arena) -> None:
    await fill(arena, MIA)
    with served_by_model(arena, openai_server.words_as(_untrue)):
        view = await (await Author.of(arena, MIA)).write(publish=True)
    assert (await _kept(arena, view)).keys() == {"seo_title", "linkedin", "facebook", "whatsapp"}
    posts, outcome = _posts(view), " ".join(view["sections"][2]["text"].split())
    assert posts["Facebook"].startswith("Day after day: ")
    assert posts["X"].startswith(view["title"])
    assert outcome.startswith(view["seo"]["description"])
    assert "down by" not in str(posts)
    page = await look(arena, view, agent=CRAWLER)
    assert "fell by" not in page.html
    _is_told(page, view, (await _kept(arena, view))["seo_title"])


@pytest.mark.usefixtures("served")
async def test_no_figure_and_no_quote_is_told_without_its_consent(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write()
    assert not view["consents"]["figures"]
    told = [view["seo"]["description"], *_posts(view).values()]
    assert [text for text in told if number_guard.find_faults(text, ())] == []
    consented = (await mia.patch(view["id"], {"consents": CONSENTS})).json()
    kept = await _kept(arena, view)
    assert {name: text.startswith(kept[POSTS[name]]) for name, text in _posts(consented).items()} == dict.fromkeys(
        POSTS, True
    )
    quote = {"text": "We never looked back.", "author": "Ada Byron"}
    section = {"key": "outcome", "text": "It went well. As Ada Byron says, we never looked back. And on it went."}
    changed = (await mia.patch(view["id"], {"quote": quote, "sections": [section]})).json()
    assert changed["missing_consents"] == ["quote"]
    assert "looked back" not in str([changed["seo"], changed["social"]])
    assert "It went well. And on it went." in _posts(changed)["LinkedIn"]
    agreed = (await mia.patch(view["id"], {"consents": {"quote": True}})).json()
    assert "looked back" in _posts(agreed)["LinkedIn"]


@pytest.mark.usefixtures("served")
async def test_an_edit_keeps_them_in_step(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    titled = (await mia.patch(view["id"], {"title": "Our good days"})).json()
    assert titled["seo"]["title"] == "Our good days | Acme-Corp"
    assert (titled["seo"]["description"], titled["social"]) == (view["seo"]["description"], view["social"])
    _is_told(await look(arena, titled, agent=CRAWLER), titled, "Our good days")
    same = {"sections": [{"key": "outcome", "text": view["sections"][2]["text"]}]}
    assert (await mia.patch(view["id"], same)).json()["social"] == view["social"]
    changed = (await mia.patch(view["id"], {"sections": [{"key": "outcome", "text": "It went as planned."}]})).json()
    assert await _kept(arena, view) == {}
    assert changed["seo"]["description"] == "It went as planned."
    assert all(text.startswith("Our good days\n\nIt went as planned.") for text in _posts(changed).values())
    _is_told(await look(arena, changed, agent=CRAWLER), changed, "Our good days")


@pytest.mark.usefixtures("served")
async def test_figures_that_change_take_them_along(arena: Arena) -> None:
    events = await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    await arena.reverse(events["order"])
    await job_runner.run_waiting(arena.world.resources)
    fresh = await mia.read(view["id"])
    assert fresh["figures"] != view["figures"]
    assert await _kept(arena, view) == {}
    known = figures.load_all(fresh["figures"])
    for text in (fresh["seo"]["description"], *_posts(fresh).values()):
        assert number_guard.find_faults(text, known) == []
    _is_told(await look(arena, fresh, agent=CRAWLER), fresh, fresh["title"])


@pytest.mark.usefixtures("served")
async def test_with_a_title_of_ones_own_search_engines_are_told_it(arena: Arena) -> None:
    await fill(arena, MIA)
    view = await (await Author.of(arena, MIA)).write(title="Our good days", publish=True)
    assert view["seo"]["title"] == "Our good days | Acme-Corp"
    assert "seo_title" not in await _kept(arena, view)
