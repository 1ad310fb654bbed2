"""One's own notices over HTTP and live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from bizosaas_app.gateway import job_table, live, notice_watching
from bizosaas_app.gateway.contracts.notifications import InboxLook, Mark
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.accounts import sessions
from bizosaas_app.services.notifications import notices
from bizosaas_app.services.notifications.kinds import KINDS, Kind
from tests.support.api import api_client
from tests.support.boards import Arena, arena, running_relay, until
from tests.support.followers import hub
from tests.support.world import SignedIn, World

__all__ = ["arena", "hub", "running_relay"]

MIA, NOAH, GUS = "mia@acme.example", "noah@acme.example", "gus@globex.example"
ADMIN = "admin@acme.example"


async def tell(world: World, title: str = "News", *, email: str = MIA, kind: Kind = "unlock", **words: Any) -> None:
    actor = Actor.system(world.tenant_of(email))
    async with world.resources.database.unit_of_work(actor) as session:
        await notices.tell(session, actor, kind, world.people[email], title=title, **words)


@asynccontextmanager
async def client_of(world: World, email: str = MIA) -> AsyncIterator[httpx.AsyncClient]:
    async with api_client(world.resources.settings, headers=(await world.sign_in(email)).headers) as client:
        client.base_url = client.base_url.join("/api/v1")
        yield client


async def test_a_notice_over_http_is_ones_own_and_complete(world: World) -> None:
    await tell(world, "First sale", body="Well done", path="/portal/achievements", data={"points": 50})
    await tell(world, "Somebody else's", email=NOAH)
    async with client_of(world) as client:
        page = (await client.get("/notifications")).json()
    (item,) = page["items"]
    assert page["next_cursor"] is None
    assert {name: item[name] for name in ("kind", "title", "body", "path", "data", "read_at")} == {
        "kind": "unlock",
        "title": "First sale",
        "body": "Well done",
        "path": "/portal/achievements",
        "data": {"points": 50},
        "read_at": None,
    }


async def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    for number in range(5):
        await tell(world, str(number), kind="reward" if number < 2 else "unlock")
    async with client_of(world) as client:
        first = (await client.get("/notifications", params={"limit": 3})).json()
        second = (await client.get("/notifications", params={"limit": 3, "cursor": first["next_cursor"]})).json()
        rewards = (await client.get("/notifications", params={"kind": "reward", "unread": "true"})).json()
        refused = [
            await client.get("/notifications", params=params)
            for params in ({"kind": "x"}, {"cursor": "x"}, {"unknown": 1})
        ]
    assert [item["title"] for item in first["items"] + second["items"]] == ["4", "3", "2", "1", "0"]
    assert second["next_cursor"] is None
    assert [item["title"] for item in rewards["items"]] == ["1", "0"]
    assert [answer.status_code for answer in refused] == [422, 422, 422]


async def test_reading_one_and_all_counts_down(world: World) -> None:
    for number in range(3):
        await tell(world, str(number))
    async with client_of(world) as client:
        newest = (await client.get("/notifications")).json()["items"][0]
        counts = [(await client.get("/notifications/unread")).json()]
        assert (await client.post(f"/notifications/{newest['id']}/read")).status_code == 204
        counts.append((await client.get("/notifications/unread")).json())
        counts.append((await client.post("/notifications/read-all")).json())
        left = (await client.get("/notifications", params={"unread": "true"})).json()["items"]
    assert counts == [{"unread": 3}, {"unread": 2}, {"unread": 0}]
    assert left == []


async def test_somebody_elses_notice_answers_as_one_that_does_not_exist(world: World) -> None:
    await tell(world)
    async with client_of(world) as client:
        mine = (await client.get("/notifications")).json()["items"][0]["id"]
    for stranger in (NOAH, GUS, ADMIN):
        async with client_of(world, stranger) as client:
            client.headers["X-Request-ID"] = "same"
            foreign, unknown = [await client.post(f"/notifications/{row_id}/read") for row_id in (mine, uuid4())]
            assert (foreign.status_code, foreign.content) == (404, unknown.content)
            assert (await client.get("/notifications")).json()["items"] == []
    async with client_of(world) as client:
        assert (await client.get("/notifications/unread")).json() == {"unread": 1}


async def test_preferences_are_read_whole_and_changed_in_part(world: World) -> None:
    async with client_of(world) as client:
        before = (await client.get("/notifications/preferences")).json()["preferences"]
        change = {"preferences": [{"kind": "reward", "in_app": False, "by_mail": False}]}
        after = (await client.put("/notifications/preferences", json=change)).json()["preferences"]
    assert [item["kind"] for item in before] == list(KINDS)
    assert [kind for kind, item in zip(KINDS, before, strict=True) if item["by_mail"]] == [
        "reward",
        "hold",
        "campaign",
    ]
    changed = [old["kind"] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["reward"]
    await tell(world, kind="reward")
    async with client_of(world) as client:
        assert (await client.get("/notifications")).json()["items"] == []


REFUSED: list[Any] = [
    {},
    {"preferences": []},
    {"preferences": [{"kind": "reward", "in_app": True}]},
    {"preferences": [{"kind": "gossip", "in_app": True, "by_mail": True}]},
    {"preferences": [{"kind": "reward", "in_app": True, "by_mail": True, "user_id": str(uuid4())}]},
    {"preferences": [{"kind": "reward", "in_app": True, "by_mail": flag} for flag in (True, False)]},
]


@pytest.mark.parametrize("body", REFUSED)
async def test_a_choice_that_cannot_be_taken_names_the_field(world: World, body: Any) -> None:
    async with client_of(world) as client:
        answer = await client.put("/notifications/preferences", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_the_round_forgets_what_was_read_long_ago(world: World) -> None:
    await tell(world, "Old")
    await tell(world, "Young")
    actor = world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        old = utc_now() - timedelta(days=91)
        await session.execute(text("update notifications set read_at = :at where title = 'Old'"), {"at": old})
    await job_table.PERIODIC["retention.prune"].run(actor, utc_now())
    async with client_of(world) as client:
        assert [item["title"] for item in (await client.get("/notifications")).json()["items"]] == ["Young"]


class Bell:
    """An open page's bell: every look that it had, the latest last."""

    def __init__(self) -> None:
        self.looks: list[InboxLook] = []
        self.is_over = False

    @property
    def unread(self) -> int:
        return self.looks[-1].unread if self.looks else -1

    @property
    def fresh(self) -> list[str]:
        return [notice.title for look in self.looks for notice in look.fresh]


@asynccontextmanager
async def ringing(who: SignedIn, mark: Mark | None = None) -> AsyncIterator[Bell]:
    bell = Bell()

    async def follow() -> None:
        async for look in notice_watching.watch_notices(who.actor, mark):
            bell.looks.append(look)
        bell.is_over = True

    task = asyncio.create_task(follow())
    await until(lambda: bool(bell.looks) or task.done())
    yield bell
    await end(task)


async def test_an_open_page_learns_of_its_members_notices_and_of_nobody_elses(arena: Arena, hub: LiveHub) -> None:
    world = arena.world
    await tell(world, "Before")
    async with ringing(await world.sign_in(MIA)) as mine, ringing(await world.sign_in(NOAH)) as other:
        assert (mine.unread, mine.fresh) == (1, [])
        await tell(world, "For Gus", email=GUS)
        await tell(world, "One")
        await until(lambda: mine.unread == 2)
        await tell(world, "Two")
        await until(lambda: mine.unread == 3)
        await tell(world, "For Noah", email=NOAH)
        await until(lambda: other.unread == 1)
    assert mine.fresh == ["One", "Two"]
    assert other.fresh == ["For Noah"]
    assert hub.seats.all() == {}


async def test_reading_on_one_page_counts_down_on_the_other(arena: Arena, hub: LiveHub) -> None:
    world = arena.world
    await tell(world)
    async with ringing(await world.sign_in(MIA)) as bell, client_of(world) as client:
        await client.post("/notifications/read-all")
        await until(lambda: bell.unread == 0)
    assert bell.fresh == []


async def test_what_came_between_two_pages_of_a_tab_is_new_to_the_second_one(arena: Arena, hub: LiveHub) -> None:
    world, who = arena.world, await arena.world.sign_in(MIA)
    await tell(world, "Known")
    async with ringing(who) as first:
        await tell(world, "Seen")
        await until(lambda: first.fresh == ["Seen"])
    await tell(world, "Between")
    async with ringing(who, first.looks[-1].mark) as second:
        await until(lambda: second.fresh == ["Between"])
    async with ringing(who, second.looks[-1].mark) as third:
        assert third.fresh == []


async def test_news_that_were_lost_with_valkey_are_found_when_it_is_back(
    arena: Arena, hub: LiveHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ringing(await arena.world.sign_in(MIA)) as bell:
        hub._set_connection("reconnecting")
        with monkeypatch.context() as quiet:
            quiet.setattr(hub, "_receive", lambda _: None)
            await tell(arena.world, "Lost")
            await arena.relay.drain()
        hub._set_connection("live")
        await until(lambda: bell.fresh == ["Lost"])


async def test_the_end_of_the_session_ends_the_watch(arena: Arena, hub: LiveHub) -> None:
    world, who = arena.world, await arena.world.sign_in(MIA)
    async with ringing(who) as bell:
        async with world.resources.database.unit_of_work(who.actor) as session:
            await sessions.end_session(
                session,
                who.actor,
                session_id=who.session_id,
                user_id=world.people[MIA],
                reason="logout",
                now=utc_now(),
            )
        await until(lambda: bell.is_over)
    assert live.hub().seats.all() == {}
