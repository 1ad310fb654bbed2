"""The portfolio over HTTP: asking for a showcase, its run, its texts, consent and publishing."""

from __future__ import annotations

import asyncio
import contextvars
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from agents.runtime import Runtime
from bizosaas_app.gateway import job_runner, portfolio_runs, portfolios, ports
from bizosaas_app.gateway.contracts.portfolios import GenerateShowcase, ShowcaseId
from bizosaas_app.gateway.ports import RunOrder, RunReport, RunWatch
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.gamification.portfolios import described
from models import AuditEntry, GamificationEvent, Notification, ShowcasePortfolio
from tests.support.boards import GUS, MIA, NOAH, Arena, arena, event
from tests.support.showcases import Author, fill, noon, period, wish

__all__ = ["arena"]

ADMIN, FOREIGN_ADMIN = "admin@acme.example", "admin@globex.example"
CONSENTS = {"client_name": True, "figures": True}


@pytest.fixture
def serve() -> Iterator[Callable[[Runtime], None]]:
    """Serves a test's own agents; without any the composer writes."""
    with ExitStack() as held:

        def begin(runtime: Runtime) -> None:
            held.callback(runtime.close)
            held.callback(ports.serve_agents, None)
            ports.serve_agents(runtime)

        yield begin


async def test_a_showcase_is_written_in_the_background_from_the_figures_of_its_period(arena: Arena) -> None:
    named = await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask(title="Ten good days")
    waiting = await mia.read(ids["portfolio_id"])
    assert (waiting["status"], waiting["slug"], waiting["run_id"]) == ("generating", "ten-good-days", ids["run_id"])
    assert (await mia.run(ids["run_id"]))["status"] == "pending"
    await job_runner.run_waiting(arena.world.resources)
    view = await mia.read(ids["portfolio_id"])
    assert (view["status"], view["engine"], view["title"]) == ("draft", "composer", "Ten good days")
    assert (view["public_url"], view["views"], view["failure"]) == (None, 0, None)
    assert [section["key"] for section in view["sections"]] == ["situation", "approach", "outcome", "figures"]
    figures = {figure["key"]: figure for figure in view["figures"]}
    assert (figures["points"]["value"], figures["points_before"]["value"]) == (290, 50)
    assert figures["points_change"] | {"source": None} == {
        "key": "points_change",
        "label": "Points earned, rise on the period before",
        "value": 480,
        "rendered": "480%",
        "from": period().begins.isoformat(),
        "to": period().ends.isoformat(),
        "source": None,
    }
    assert figures["referrals"]["source"]["event_ids"] == [str(named["referral"])]
    run = await mia.run(ids["run_id"])
    assert (run["status"], run["done"], run["total"]) == ("done", 5, 5)
    assert run["result"] == {"portfolio_id": view["id"], "status": "draft"}


async def test_every_number_of_the_texts_is_the_rendered_form_of_a_figure(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    for template in ("case_study", "before_after"):
        view = await mia.write(template=template)
        rendered = {figure["rendered"] for figure in view["figures"]}
        found = re.findall(r"\d[\d.,]*%?", " ".join(section["text"] for section in view["sections"]))
        assert len(found) > 5
        assert {number.rstrip(".,") for number in found} <= rendered


async def test_an_administrators_showcase_tells_of_the_whole_tenant(arena: Arena) -> None:
    await fill(arena, MIA)
    await fill(arena, NOAH)
    member, admin = await Author.of(arena, MIA), await Author.of(arena, ADMIN)
    own, all_of_it = await member.write(), await admin.write()
    assert [view["scope"] for view in (own, all_of_it)] == ["member", "tenant"]
    values = [{item["key"]: item["value"] for item in view["figures"]} for view in (own, all_of_it)]
    assert [item["points"] for item in values] == [290, 580]
    assert values[1]["members"] == 2


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"template": "novel"}, "template"),
    ({"template": None}, "template"),
    ({"from": "soon"}, "from"),
    ({"from": None}, "from"),
    ({"to": (utc_now() + timedelta(days=2)).date().isoformat()}, "to"),
    ({"from": (utc_now() + timedelta(days=2)).date().isoformat()}, "from"),
    ({"from": period().ends.isoformat(), "to": period().begins.isoformat()}, "from"),
    ({"from": (period().ends - timedelta(days=366)).isoformat()}, "from"),
    ({"title": ""}, "title"),
    ({"title": "two\nlines"}, "title"),
    ({"title": "x" * 141}, "title"),
    ({"publish": "perhaps"}, "publish"),
    ({"begins": "2026-01-01"}, "begins"),
    ({"mood": "bright"}, "mood"),
]


async def test_a_wish_that_cannot_be_met_names_its_field(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    for fields, name in REFUSED:
        answer = await mia.post("/generate", wish(**fields))
        assert answer.status_code == 422, fields
        assert name in [item["field"] for item in answer.json()["errors"]], (fields, answer.json()["errors"])
    assert (await mia.get()).json()["items"] == []
    longest = (period().ends - timedelta(days=365)).isoformat()
    assert (await mia.post("/generate", wish(**{"from": longest}))).status_code == 202


async def test_too_little_to_tell_fails_with_a_plain_reason(arena: Arena) -> None:
    await arena.append(*(event(arena.person(MIA), 5, occurred_at=noon(period().begins)) for _ in range(2)))
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()
    await job_runner.run_waiting(arena.world.resources)
    view = await mia.read(ids["portfolio_id"])
    assert (view["status"], view["sections"]) == ("failed", [])
    assert view["failure"].startswith("The ledger holds 2 verified actions in this period")
    run = await mia.run(ids["run_id"])
    assert (run["status"], run["failure"]) == ("failed", view["failure"])
    for act in ("publish", "unpublish"):
        assert (await mia.post(f"/{view['id']}/{act}")).json()["code"] == "showcase_not_written"


async def test_a_run_that_is_cancelled_writes_nothing(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask(publish=True)
    assert (await mia.http.post(f"/api/v1/jobs/{ids['run_id']}/cancel")).status_code == 200
    before = await mia.read(ids["portfolio_id"])
    assert (before["status"], before["failure"]) == ("failed", "Writing was stopped")
    await job_runner.run_waiting(arena.world.resources)
    view = await mia.read(ids["portfolio_id"])
    assert (view["status"], view["failure"], view["sections"]) == ("failed", "Cancelled before it was done", [])


async def test_a_showcase_that_is_done_while_it_is_read_has_not_failed(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask(publish=True)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        [row] = (await session.exec(select(ShowcasePortfolio))).all()
        work = job_runner.run_waiting(arena.world.resources)
        await asyncio.create_task(work, context=contextvars.Context())  # a worker of its own, outside this transaction
        [read] = await described.describe(session, [row])
    assert (read.status, read.failure) == ("published", None)
    assert (await mia.run(ids["run_id"]))["status"] == "done"


class Interrupted(Runtime):
    """The agents, in whose turn something happens: the first time only."""

    def __init__(self, happening: Callable[[], Awaitable[None]]) -> None:
        super().__init__(Settings())
        self.happening = happening
        self.turns = 0

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        self.turns += 1
        if self.turns == 1:
            await self.happening()
        return await super().run(order, watch)


async def test_a_run_that_is_cancelled_while_it_writes_stops_before_the_next_step(
    arena: Arena, serve: Callable[[Runtime], None]
) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()

    async def cancel() -> None:
        running = await mia.run(ids["run_id"])
        assert (running["status"], running["done"], running["note"]) == ("running", 2, "Writing")
        await mia.http.post(f"/api/v1/jobs/{ids['run_id']}/cancel")

    serve(Interrupted(cancel))
    await job_runner.run_waiting(arena.world.resources)
    assert (await mia.run(ids["run_id"]))["status"] == "cancelled"
    view = await mia.read(ids["portfolio_id"])
    assert (view["status"], view["failure"]) == ("failed", "Cancelled before it was done")


async def test_a_run_that_was_interrupted_begins_again_and_has_its_effect_once(
    arena: Arena, serve: Callable[[Runtime], None]
) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask(publish=True)

    async def fall_over() -> None:
        raise asyncio.CancelledError  # as every job meets it when its process ends

    agents = Interrupted(fall_over)
    serve(agents)
    arguments = {**ids, "is_titled": False, "is_to_publish": True}
    system = arena.world.system()
    with pytest.raises(asyncio.CancelledError):
        await portfolio_runs.generate(system, arguments)
    assert (await mia.read(ids["portfolio_id"]))["status"] == "generating"
    for _ in range(3):
        await portfolio_runs.generate(system, arguments)
    assert agents.turns == 2
    view = await mia.read(ids["portfolio_id"])
    assert (view["status"], view["engine"]) == ("published", "embedded")
    async with arena.world.resources.database.unit_of_work(system) as session:
        facts = (
            await session.exec(select(GamificationEvent).where(GamificationEvent.type == "showcase.published"))
        ).all()
        notices = (await session.exec(select(Notification))).all()
    assert [(fact.user_id, fact.properties["portfolio_id"]) for fact in facts] == [(arena.person(MIA), view["id"])]
    assert [notice.title for notice in notices] == ["Your showcase is written"]


class Boaster(Runtime):
    """The agents, with a number in a text that nobody counted."""

    async def run(self, order: RunOrder, watch: RunWatch) -> RunReport:
        report = await super().run(order, watch)
        boast = {"proof": {"text": "That is 100 times more."}, "written_by": "boaster"}
        return replace(report, output={**(report.output or {}), **boast})


async def test_a_text_with_a_number_that_nobody_counted_is_refused_and_written_anew(
    arena: Arena, serve: Callable[[Runtime], None]
) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    serve(Boaster(Settings()))
    view = await mia.write(publish=True)
    assert (view["status"], view["engine"]) == ("published", "boaster")
    assert [section["by"] for section in view["sections"]] == ["boaster", "boaster", "boaster", "composer"]
    assert "100" not in str(view["sections"])
    assert "recorded actions" in view["sections"][-1]["text"]


async def test_texts_are_changed_within_the_figures(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write()
    good = {"key": "outcome", "text": "In the end, 290 points (480% more than before)."}
    answer = await mia.patch(view["id"], {"title": "Our story", "sections": [good]})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["title"], changed["slug"]) == ("Our story", view["slug"])
    assert changed["sections"][2] == {**good, "by": "person"}
    assert [changed["sections"][place] for place in (0, 1, 3)] == [view["sections"][place] for place in (0, 1, 3)]
    bad = {"key": "situation", "text": "We had 51 points, then twice as many."}
    refused = await mia.patch(view["id"], {"title": "Lost", "sections": [good, bad]})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "sections.1.text", "message": '"51" is none of the figures as they are written'}
    ]
    assert await mia.read(view["id"]) == changed


FAULTY: list[tuple[Any, str]] = [
    ({}, "body"),
    ({"sections": [{"key": "epilogue", "text": "The end."}]}, "sections.0.key"),
    ({"sections": [{"key": "outcome", "text": "a"}, {"key": "outcome", "text": "b"}]}, "sections.1.key"),
    ({"sections": [{"key": "outcome", "text": ""}]}, "sections.0.text"),
    ({"sections": [{"key": "outcome", "text": "a\0b"}]}, "sections.0.text"),
    ({"sections": [{"key": "outcome", "text": "x" * 4001}]}, "sections.0.text"),
    ({"quote": {"text": "We grew by 300%.", "author": "Clara"}}, "quote.text"),
    ({"quote": {"text": "Good."}}, "quote.author"),
    ({"consents": {"soul": True}}, "consents.soul"),
    ({"status": "published"}, "status"),
]


async def test_a_change_that_cannot_be_made_names_its_field(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write()
    for body, name in FAULTY:
        answer = await mia.patch(view["id"], body)
        assert answer.status_code == 422, body
        assert name in [item["field"] for item in answer.json()["errors"]], (body, answer.json())
    assert await mia.read(view["id"]) == view


async def test_publishing_needs_the_consents_and_says_which_are_missing(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write()
    refused = await mia.post(f"/{view['id']}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    assert refused.json()["missing"] == ["client_name", "figures"]
    words = {"text": "It just works.", "author": "Clara Novak"}
    await mia.patch(view["id"], {"quote": words, "consents": CONSENTS})
    assert (await mia.post(f"/{view['id']}/publish")).json()["missing"] == ["quote"]
    await mia.patch(view["id"], {"consents": {"quote": True}})
    published = (await mia.post(f"/{view['id']}/publish")).json()
    assert (published["status"], published["missing_consents"]) == ("published", [])
    assert published["public_url"].endswith(f"/showcase/{view['slug']}")
    assert published["sections"][-1] == {"key": "quote", "text": words["text"], "by": "client"}
    assert (await mia.post(f"/{view['id']}/publish")).json() == published
    taken_back = (await mia.patch(view["id"], {"consents": {"figures": False}})).json()
    assert (taken_back["status"], taken_back["public_url"]) == ("unpublished", None)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        acts = (await session.exec(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert [act for act in acts if act.startswith("portfolio.")] == [
        "portfolio.requested",
        *["portfolio.consents"] * 2,
        "portfolio.published",
        "portfolio.consents",
        "portfolio.unpublished",
    ]


async def test_other_words_of_the_client_need_their_consent_anew(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    words = {"text": "It just works.", "author": "Clara"}
    view = await mia.write(publish=True)
    shown = await mia.patch(view["id"], {"quote": words, "consents": {"quote": True}})
    assert (shown.json()["status"], shown.json()["quote"]) == ("published", words)
    other = (await mia.patch(view["id"], {"quote": {**words, "text": "It never fails."}})).json()
    assert (other["status"], other["missing_consents"]) == ("unpublished", ["quote"])
    without = (await mia.patch(view["id"], {"quote": None})).json()
    assert (without["quote"], without["missing_consents"]) == (None, [])


async def test_asking_to_publish_at_once_is_consent_and_publishes_when_it_is_written(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    assert (view["status"], view["consents"]) == ("published", {**CONSENTS, "quote": False})
    down = (await mia.post(f"/{view['id']}/unpublish")).json()
    assert (down["status"], down["public_url"]) == ("unpublished", None)
    assert (await mia.post(f"/{view['id']}/publish")).json()["status"] == "published"


async def test_a_member_sees_own_showcases_an_administrator_all_and_nobody_those_of_others(arena: Arena) -> None:
    await fill(arena, MIA)
    mia, noah, admin = [await Author.of(arena, email) for email in (MIA, NOAH, ADMIN)]
    strangers = [await Author.of(arena, email) for email in (GUS, FOREIGN_ADMIN)]
    view = await mia.write()
    assert [(await person.get()).json()["items"] for person in (mia, admin, noah)] == [[view], [view], []]
    assert (await admin.read(view["id"])) == view
    for person in (noah, *strangers):
        unknown = str(uuid4())
        for portfolio_id in (view["id"], unknown):
            answers = [
                await person.get(f"/{portfolio_id}"),
                await person.patch(portfolio_id, {"title": "Mine"}),
                await person.post(f"/{portfolio_id}/publish"),
                await person.post(f"/{portfolio_id}/unpublish"),
            ]
            assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    refused = await admin.patch(view["id"], {"consents": CONSENTS})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert (await mia.read(view["id"])) == view


async def test_showcases_are_listed_newest_first_in_pages(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    ids = [(await mia.ask(title=f"Story {name}"))["portfolio_id"] for name in "abc"]
    first = (await mia.get("?limit=2")).json()
    second = (await mia.get(f"?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == ids[::-1]
    assert second["next_cursor"] is None
    assert (await mia.get("?cursor=nonsense")).status_code == 422


async def test_no_two_showcases_of_the_platform_share_an_address(arena: Arena) -> None:
    here, there = await Author.of(arena, MIA), await Author.of(arena, GUS)
    ids = [await person.ask(title="Große Taten!") for person in (here, there, here)]
    views = [await person.read(item["portfolio_id"]) for person, item in zip((here, there, here), ids, strict=True)]
    slugs = [view["slug"] for view in views]
    assert slugs[0] == "grosse-taten"
    assert len(set(slugs)) == 3
    assert all(slug.startswith("grosse-taten-") for slug in slugs[1:])
    odd = await here.read((await here.ask(title="東京"))["portfolio_id"])
    assert odd["slug"] == "showcase"


async def test_the_operations_answer_the_same_without_http(arena: Arena) -> None:
    await fill(arena, MIA)
    actor, mia = await arena.world.actor(MIA), await Author.of(arena, MIA)
    command = GenerateShowcase.model_validate(wish(template="before_after"))
    made = await portfolios.generate(actor, command)
    await job_runner.run_waiting(arena.world.resources)
    view = await portfolios.read_showcase(actor, ShowcaseId(portfolio_id=made.portfolio_id))
    assert view.document() == await mia.read(str(made.portfolio_id))
    with pytest.raises(NotFound):
        await portfolios.publish(await arena.world.actor(NOAH), ShowcaseId(portfolio_id=made.portfolio_id))


async def _reverse(arena: Arena, event_id: UUID) -> None:
    await arena.reverse(event_id)
    await job_runner.run_waiting(arena.world.resources)


async def test_a_reversal_changes_the_figures_and_the_texts_of_what_is_published(arena: Arena) -> None:
    named = await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    await _reverse(arena, named["referral"])
    changed = await mia.read(view["id"])
    figures = {figure["key"]: figure for figure in changed["figures"]}
    assert (changed["status"], figures["points"]["value"]) == ("published", 190)
    assert "referrals" not in figures
    assert "290" not in " ".join(section["text"] for section in changed["sections"])
    assert changed["as_of"] == view["as_of"]


async def test_a_reversal_while_it_is_written_is_seen_once_it_is(
    arena: Arena, serve: Callable[[Runtime], None]
) -> None:
    named = await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()

    async def reverse() -> None:
        await arena.reverse(named["referral"])

    serve(Interrupted(reverse))
    await portfolio_runs.generate(arena.world.system(), {**ids, "is_titled": False, "is_to_publish": False})
    await job_runner.run_waiting(arena.world.resources)
    view = await mia.read(ids["portfolio_id"])
    assert {figure["key"]: figure["value"] for figure in view["figures"]}["points"] == 190


async def test_a_look_that_comes_too_early_comes_again(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    ids = await mia.ask()
    await portfolio_runs.refresh(arena.world.system(), {"portfolio_id": ids["portfolio_id"]})
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        rows = await session.execute(text("select task_name, scheduled_at from jobs.procrastinate_jobs order by id"))
        jobs = [(row.task_name, row.scheduled_at is None) for row in rows]
    assert jobs == [("portfolio.generate", True), ("portfolio.refresh", False)]


async def test_new_facts_leave_a_showcase_as_it_was_counted(arena: Arena) -> None:
    await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write()
    late = event(arena.person(MIA), 1000, occurred_at=noon(period().begins))
    await arena.append(late)
    await job_runner.run_waiting(arena.world.resources)
    assert await mia.read(view["id"]) == view
    await _reverse(arena, late.event_id)
    assert await mia.read(view["id"]) == view


async def test_a_persons_text_that_a_reversal_makes_untrue_takes_the_page_down(arena: Arena) -> None:
    named = await fill(arena, MIA)
    mia = await Author.of(arena, MIA)
    view = await mia.write(publish=True)
    own = {"key": "outcome", "text": "We made 290 points."}
    await mia.patch(view["id"], {"sections": [own]})
    await _reverse(arena, named["order"])
    down = await mia.read(view["id"])
    assert (down["status"], down["public_url"]) == ("unpublished", None)
    assert "a text of your own names a figure that has changed" in down["failure"]
    assert down["sections"][2]["text"] == own["text"]
    refused = await mia.post(f"/{view['id']}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "number_unbound")
    assert refused.json()["sections"] == ["outcome"]
    mended = await mia.patch(view["id"], {"sections": [{**own, "text": "We made 250 points."}]})
    assert mended.status_code == 200, mended.text
    again = (await mia.post(f"/{view['id']}/publish")).json()
    assert (again["status"], again["failure"]) == ("published", None)


async def test_when_too_little_is_left_the_showcase_ends(arena: Arena) -> None:
    mia = await Author.of(arena, MIA)
    events = [event(arena.person(MIA), 5, occurred_at=noon(period().begins)) for _ in range(3)]
    await arena.append(*events)
    view = await mia.write(publish=True)
    await _reverse(arena, events[0].event_id)
    ended = await mia.read(view["id"])
    assert (ended["status"], ended["public_url"]) == ("failed", None)
    assert ended["failure"].endswith("too little is left to tell")
