"""The gallery and the page of a showcase: finding, counting, previewing, trying again, and news of all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from bizosaas_app.gateway import job_runner, portfolio_watching, portfolios
from bizosaas_app.gateway.contracts.portfolios import ListPeriods, ListShowcases, ReadSummary, ShowcaseId
from bizosaas_app.gateway.contracts.showcase_previews import PreviewView
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.gamification.portfolios import presets, visits
from bizosaas_app.services.gamification.portfolios.figures import Stretch
from tests.support.boards import MIA, NOAH, Arena, arena, running_relay, until
from tests.support.followers import hub
from tests.support.showcases import Author, fill, period

__all__ = ["arena", "hub", "running_relay"]

ADMIN = "admin@acme.example"
LONG_AGO = {"from": "2020-01-01", "to": "2020-01-31"}


async def listed(actor: Actor, **wanted: Any) -> list[str]:
    page = await portfolios.list_showcases(actor, ListShowcases.model_validate(wanted))
    assert page.total >= len(page.items)
    return [item.title for item in page.items]


async def seen(arena: Arena, portfolio_id: str, times: int) -> None:
    system = arena.world.system()
    async with arena.world.resources.database.unit_of_work(system) as session:
        for number in range(times):
            day = utc_now().date() - timedelta(days=number)
            await visits.count(session, system, UUID(portfolio_id), day=day, now=utc_now(), is_shared=number == 0)


async def test_the_gallery_is_searched_filtered_and_sorted_by_the_server(arena: Arena) -> None:
    await fill(arena, MIA)
    mia, noah = await Author.of(arena, MIA), await Author.of(arena, NOAH)
    for title in ("Beta", "alpha"):
        await mia.ask(title=title, publish=title == "Beta")
    await mia.ask(title="Gone", **LONG_AGO)
    await job_runner.run_waiting(arena.world.resources)
    await noah.ask(title="Noah's own")
    alpha = (await mia.get("?q=ALPHA")).json()["items"][0]
    await seen(arena, alpha["id"], 3)
    owner, admin = await arena.world.actor(MIA), await arena.world.actor(ADMIN)
    assert await listed(owner, sort="title") == ["alpha", "Beta", "Gone"]
    assert await listed(owner, sort="-views", limit=1) == ["alpha"]
    assert await listed(owner, status="failed") == ["Gone"]
    assert await listed(owner, status="published") == ["Beta"]
    assert await listed(admin, q="noah") == ["Noah's own"]
    assert len(await listed(admin)) == 4
    assert (await mia.get("?sort=colour")).status_code == 422
    answer = (await mia.get("?limit=2&sort=title")).json()
    assert (answer["total"], [item["owner_name"] for item in answer["items"]]) == (3, ["Mia", "Mia"])
    after = (await mia.get(f"?limit=2&sort=title&cursor={answer['next_cursor']}")).json()
    assert ([item["title"] for item in after["items"]], after["next_cursor"]) == (["Gone"], None)


async def test_the_summary_counts_what_one_may_see(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    await seen(arena, view["id"], 3)
    summary = await portfolios.read_summary(await arena.world.actor(MIA), ReadSummary())
    assert (summary.total, summary.published) == (1, 1)
    assert (summary.metrics.views, summary.metrics.shares, summary.metrics.referral_clicks) == (3, 1, 0)
    nobody = await portfolios.read_summary(await arena.world.actor(NOAH), ReadSummary())
    assert (nobody.total, nobody.metrics.views) == (0, 0)


async def test_how_far_the_writing_is_stands_in_the_showcase(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()
    progress = (await mia.read(ids["portfolio_id"]))["progress"]
    assert (progress["done"], progress["is_waiting"], progress["is_cancel_asked"]) == (0, True, False)
    assert progress["steps"][2] == "Writing"
    assert (await mia.http.post(f"/api/v1/jobs/{ids['run_id']}/cancel")).status_code == 200
    stopped = await mia.read(ids["portfolio_id"])
    assert (stopped["status"], stopped["failure"], stopped["progress"]) == ("failed", "Writing was stopped", None)


async def test_what_failed_is_written_again_of_another_period(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    failed = await mia.write(title="Second try", publish=True, **LONG_AGO)
    assert failed["status"] == "failed"
    refused = await mia.post(f"/{failed['id']}/retry", {"from": "2020-02-01", "to": "2020-01-01"})
    assert [item["field"] for item in refused.json()["errors"]] == ["from"]
    stretch = period()
    days = {"from": stretch.begins.isoformat(), "to": stretch.ends.isoformat()}
    answer = await mia.post(f"/{failed['id']}/retry", days)
    assert answer.status_code == 202
    assert (await mia.read(failed["id"]))["run_id"] == answer.json()["run_id"] != failed["run_id"]
    await job_runner.run_waiting(arena.world.resources)
    view = await mia.read(failed["id"])
    assert (view["status"], view["title"], view["from"]) == ("published", "Second try", days["from"])
    again = await mia.post(f"/{failed['id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "showcase_not_failed")


async def test_a_stopped_run_does_not_end_the_one_that_came_after_it(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()
    assert (await mia.http.post(f"/api/v1/jobs/{ids['run_id']}/cancel")).status_code == 200
    assert (await mia.post(f"/{ids['portfolio_id']}/retry")).status_code == 202
    await job_runner.run_waiting(arena.world.resources)
    assert (await mia.read(ids["portfolio_id"]))["status"] == "draft"


async def test_nobody_tries_again_for_somebody_else(arena: Arena) -> None:
    mia, noah = await Author.of(arena, MIA), await Author.of(arena, NOAH)
    failed = await mia.write(**LONG_AGO)
    assert (await noah.post(f"/{failed['id']}/retry")).status_code == 404
    with pytest.raises(NotFound):
        await portfolios.preview(await arena.world.actor(NOAH), ShowcaseId(portfolio_id=UUID(failed["id"])))


def told(view: PreviewView) -> dict[str, str]:
    return {part.key: "".join(piece.text for piece in part.pieces) for part in view.parts}


async def test_the_preview_says_what_the_public_page_says(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    preview = await portfolios.preview(await arena.world.actor(MIA), ShowcaseId(portfolio_id=UUID(view["id"])))
    assert told(preview) == {item["key"]: item["text"] for item in view["sections"]}
    numbers = {piece.text: piece.figure for part in preview.parts for piece in part.pieces if piece.figure}
    assert numbers["290"] == "points"
    assert numbers["480%"] == "points"
    points = preview.headlines[0]
    assert (points.label, points.rendered, points.moved, points.direction) == (
        "Points earned",
        "290",
        "480% higher than before",
        "up",
    )
    page = await mia.http.get(f"/showcase/{view['slug']}")
    for words in (preview.title, preview.written_by, *preview.period.split(" to "), *preview.baseline.split(" to ")):
        assert words in page.text


def test_the_periods_are_whole_days_of_the_calendar() -> None:
    found = {item.key: item.stretch for item in presets.list_presets(date(2026, 1, 1))}
    assert found["last_30_days"] == Stretch(date(2025, 12, 2), date(2025, 12, 31))
    assert found["this_month"] == Stretch(date(2026, 1, 1), date(2026, 1, 1))
    assert found["last_month"] == Stretch(date(2025, 12, 1), date(2025, 12, 31))
    assert found["last_quarter"] == Stretch(date(2025, 10, 1), date(2025, 12, 31))
    later = {item.key: item.stretch for item in presets.list_presets(date(2026, 8, 31))}
    assert later["last_quarter"] == Stretch(date(2026, 4, 1), date(2026, 6, 30))
    assert later["last_month"] == Stretch(date(2026, 7, 1), date(2026, 7, 31))


async def test_every_period_can_be_written_of(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    for item in await portfolios.list_periods(await arena.world.actor(MIA), ListPeriods()):
        days = item.model_dump(mode="json", by_alias=True)
        assert await mia.ask(**{"from": days["from"], "to": days["to"]})


class Watcher:
    """An open page: how often it was told to look, and how the showcase stood each time."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.views: list[tuple[str, int]] = []

    async def run(self) -> None:
        async with aclosing(portfolio_watching.watch_showcases(self.actor)) as news:
            async for _ in news:
                page = await portfolios.list_showcases(self.actor, ListShowcases())
                self.views.append((page.items[0].status, page.items[0].views) if page.items else ("", 0))


@pytest.fixture
async def watcher(arena: Arena, hub: LiveHub) -> AsyncIterator[Watcher]:
    value = Watcher(await arena.world.actor(MIA))
    task = asyncio.create_task(value.run())
    await until(lambda: value.views == [("", 0)])
    yield value
    await end(task)


async def test_an_open_page_hears_of_the_writing_the_publishing_and_each_visit(arena: Arena, watcher: Watcher) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()
    await until(lambda: watcher.views[-1] == ("generating", 0))
    await job_runner.run_waiting(arena.world.resources)
    await until(lambda: watcher.views[-1] == ("draft", 0))
    consents = {"client_name": True, "figures": True}
    assert (await mia.patch(ids["portfolio_id"], {"consents": consents})).status_code == 200
    assert (await mia.post(f"/{ids['portfolio_id']}/publish")).status_code == 200
    await until(lambda: watcher.views[-1] == ("published", 0))
    await seen(arena, ids["portfolio_id"], 1)
    await until(lambda: watcher.views[-1] == ("published", 1))
    assert (await mia.post(f"/{ids['portfolio_id']}/unpublish")).status_code == 200
    await until(lambda: watcher.views[-1] == ("unpublished", 1))
