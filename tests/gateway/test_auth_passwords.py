"""Passwords: forgotten, reset by mail, changed by hand."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select, update

from bizosaas_app.gateway import afterwards
from bizosaas_app.kernel.clock import utc_now
from models import AccountToken
from tests.support.browser import Browser, letters_of, link_token
from tests.support.world import PASSWORD, World

MIA = "mia@acme.example"
SECRET = "A-fresh-word-of-mine"


async def ask_for_reset(world: World, browser: Browser) -> str:
    answer = await browser.post("/auth/forgot-password", {"email": MIA})
    assert answer.status_code == 202
    return link_token((await letters_of(world))[-1])


async def test_forgetting_is_answered_alike_whether_or_not_the_address_is_known(world: World) -> None:
    async with Browser() as browser:
        known = await browser.post("/auth/forgot-password", {"email": MIA})
        unknown = await browser.post("/auth/forgot-password", {"email": "nobody@acme.example"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, {"status": "accepted"})
    assert [str(letter["To"]) for letter in await letters_of(world)] == [MIA]


async def test_a_reset_sets_the_password_and_ends_every_session(world: World) -> None:
    phone = await world.sign_in(MIA)
    async with Browser() as browser:
        token = await ask_for_reset(world, browser)
        assert (await browser.get("/auth/me", phone.headers)).status_code == 200
        done = await browser.post("/auth/reset-password", {"token": token, "password": SECRET})
        assert done.status_code == 204
        assert (await browser.get("/auth/me", phone.headers)).status_code == 401
        assert (await browser.log_in(MIA, PASSWORD)).status_code == 401
        assert (await browser.log_in(MIA, SECRET)).status_code == 200
        again = await browser.post("/auth/reset-password", {"token": token, "password": SECRET})
        assert (again.status_code, again.json()["code"]) == (422, "token_invalid")
    assert str((await letters_of(world))[-1]["Subject"]) == "Your password was changed"


async def test_a_password_that_cannot_be_kept_leaves_the_link_good(world: World) -> None:
    async with Browser() as browser:
        token = await ask_for_reset(world, browser)
        for password in ("short", "x" * 73, MIA):
            answer = await browser.post("/auth/reset-password", {"token": token, "password": password})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "password")
        assert (await browser.post("/auth/reset-password", {"token": token, "password": SECRET})).status_code == 204


async def test_a_reset_link_dies_after_an_hour_and_by_a_newer_one(world: World) -> None:
    async with Browser() as browser:
        first = await ask_for_reset(world, browser)
        second = await ask_for_reset(world, browser)
        assert (await browser.post("/auth/reset-password", {"token": first, "password": SECRET})).status_code == 422
        async with world.resources.database.unit_of_work(world.system()) as session:
            await session.exec(
                update(AccountToken).values(
                    created_at=utc_now() - timedelta(hours=2), expires_at=utc_now() - timedelta(hours=1)
                )
            )
        assert (await browser.post("/auth/reset-password", {"token": second, "password": SECRET})).status_code == 422


async def test_a_stranger_cannot_fill_an_inbox(world: World) -> None:
    async with Browser() as browser:
        answers = [await browser.post("/auth/forgot-password", {"email": MIA}) for _ in range(6)]
    await afterwards.drain()
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "too_many_attempts"
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert len((await session.exec(select(AccountToken))).all()) < 6


async def test_changing_the_password_keeps_this_device_and_ends_the_others(world: World) -> None:
    phone = await world.sign_in(MIA)
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        body = {"current_password": PASSWORD, "new_password": SECRET}
        assert (await browser.post("/auth/change-password", body)).status_code == 204
        assert (await browser.get("/auth/me")).status_code == 200
        assert (await browser.get("/auth/me", phone.headers)).status_code == 401
        assert (await browser.log_in(MIA, SECRET)).status_code == 200


BAD_CHANGES = (
    ({"current_password": "Wrong-horse-battery-1", "new_password": SECRET}, "current_password"),
    ({"current_password": "x" * 73, "new_password": SECRET}, "current_password"),
    ({"current_password": PASSWORD, "new_password": "short"}, "new_password"),
    ({"current_password": PASSWORD, "new_password": "ü" * 37}, "new_password"),
)


async def test_a_change_that_cannot_be_made_names_its_field(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, MIA)
        for body, field in BAD_CHANGES:
            answer = await browser.post("/auth/change-password", body)
            assert answer.status_code == 422, body
            assert answer.json()["errors"][0]["field"] == field, body
