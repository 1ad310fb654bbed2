"""Stopping mails from a link in one of them, without a session."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select

from bizosaas_app.gateway.limits import throttle
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.notifications import mail_links, preferences
from bizosaas_app.services.notifications.kinds import KINDS, Channels, Kind
from models import AuditEntry
from tests.support.api import api_client
from tests.support.world import World

MIA, NOAH = "mia@acme.example", "noah@acme.example"
PATH = "/api/v1/notifications/unsubscribe"


def link_of(world: World, *kinds: Kind, email: str = MIA, age: timedelta = timedelta()) -> str:
    made = mail_links.make(world.tenants["acme-corp"], world.people[email], kinds, now=utc_now() - age)
    return made.text(world.resources.peppers["unsubscribe"])


async def chosen(world: World, email: str = MIA) -> dict[Kind, Channels]:
    actor = await world.actor(email)
    async with world.resources.database.unit_of_work(actor) as session:
        return await preferences.list_own(session, actor)


@pytest.fixture
async def stranger(world: World) -> httpx.AsyncClient:
    return api_client(world.resources.settings)


async def test_one_click_of_a_mail_program_stops_the_mails_of_its_kinds_only(
    world: World, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.post(
        PATH, params={"token": link_of(world, "reward")}, data={"List-Unsubscribe": "One-Click"}
    )
    assert (answer.status_code, answer.json()) == (200, {"stopped": ["Rewards"]})
    defaults = {kind: spec.defaults for kind, spec in KINDS.items()}
    assert await chosen(world) == defaults | {"reward": Channels(in_app=True, by_mail=False)}
    assert await chosen(world, NOAH) == defaults


async def test_our_page_sends_the_link_in_a_body_and_twice_does_no_harm(
    world: World, stranger: httpx.AsyncClient
) -> None:
    token = link_of(world, "reward", "hold")
    headers = {"Origin": "http://localhost:3000"}
    answers = [await stranger.post(PATH, json={"token": token}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [kind for kind, channels in (await chosen(world)).items() if channels.by_mail] == ["campaign"]
    async with world.resources.database.unit_of_work(world.system()) as session:
        acts = (await session.exec(select(AuditEntry).where(AuditEntry.action == "notifications.unsubscribed"))).all()
    assert [act.subject for act in acts] == [f"user:{world.people[MIA]}"] * 2


async def test_opening_the_link_only_leads_to_the_page_that_asks(world: World, stranger: httpx.AsyncClient) -> None:
    token = link_of(world, "reward")
    answer = await stranger.get(PATH, params={"token": token})
    target = urlsplit(answer.headers["location"])
    assert (answer.status_code, target.netloc, target.path) == (303, "localhost:3000", "/unsubscribe")
    assert parse_qs(target.query) == {"token": [token]}
    assert (await chosen(world))["reward"].by_mail


async def test_an_old_a_forged_and_a_missing_link_change_nothing(world: World, stranger: httpx.AsyncClient) -> None:
    good = link_of(world, "reward")
    old = link_of(world, "reward", age=mail_links.LIFETIME)
    foreign = mail_links.make(uuid4(), world.people[MIA], ["reward"], now=utc_now())
    forged = foreign.text(world.resources.peppers["account_token"])
    for token in (old, forged, good[:-2], "x"):
        answer = await stranger.post(PATH, json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (422, "link_invalid"), token
    for sent in ({"json": {}}, {"json": [good]}, {"content": b"\xff"}, {"json": {"token": good, "all": True}}, {}):
        answer = await stranger.post(PATH, **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "token"), sent
    assert (await stranger.post(PATH, params={"token": "a\u2028b"})).status_code == 422
    assert (await chosen(world))["reward"].by_mail


async def test_a_foreign_page_cannot_send_it(world: World, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post(
        PATH, json={"token": link_of(world, "reward")}, headers={"Origin": "https://e.example"}
    )
    assert answer.status_code == 403
    assert (await chosen(world))["reward"].by_mail


async def test_a_link_pressed_without_end_is_slowed_down(world: World, stranger: httpx.AsyncClient) -> None:
    token = link_of(world, "reward")
    pressed = [await stranger.post(PATH, json={"token": token}) for _ in range(throttle.UNSUBSCRIBE.pair.free + 1)]
    assert {answer.status_code for answer in pressed[:-1]} == {200}
    assert pressed[-1].status_code == 429
