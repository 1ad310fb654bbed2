"""Guessing passwords: slowed down before the work, without locking the owner out."""

from __future__ import annotations

import asyncio

from sqlmodel import select

from bizosaas_app.gateway import afterwards
from bizosaas_app.gateway.limits import throttle
from models import AuditEntry
from tests.support.browser import Browser
from tests.support.world import World

MIA = "mia@acme.example"
GUESS = "Wrong-horse-battery-1"


async def test_thirty_parallel_guesses_are_counted_before_their_work(world: World) -> None:
    async with Browser() as browser:
        pool = world.resources.hash_pool
        before = pool.hashes
        answers = await asyncio.gather(*(browser.log_in(MIA, GUESS) for _ in range(30)))
    checked = pool.hashes - before
    assert checked <= throttle.LOGIN.pair.free
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 30 - throttle.LOGIN.pair.free
    assert {answer.json()["code"] for answer in refused} == {"too_many_attempts"}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    await afterwards.drain()
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert "login.throttled" in (await session.exec(select(AuditEntry.action))).all()


async def test_an_unknown_address_is_throttled_just_the_same(world: World) -> None:
    async with Browser() as browser:
        answers = [await browser.log_in("nobody@acme.example", GUESS) for _ in range(throttle.LOGIN.pair.free + 1)]
    assert [answer.status_code for answer in answers] == [401] * throttle.LOGIN.pair.free + [429]


async def test_a_forged_forwarding_header_buys_no_new_tries(world: World) -> None:
    async with Browser() as browser:
        statuses = []
        for number in range(throttle.LOGIN.pair.free + 3):
            answer = await browser.post(
                "/auth/login",
                {"email": MIA, "password": GUESS},
                headers={"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"},
            )
            statuses.append(answer.status_code)
    assert statuses[-3:] == [429, 429, 429]


async def test_a_strangers_attack_does_not_keep_the_owner_s_own_device_out(world: World) -> None:
    async with Browser(address="198.51.100.7") as owner:
        assert (await owner.log_in(MIA)).status_code == 200
        cache, pepper = world.resources.cache, world.resources.peppers["address"].current[1]
        for number in range(throttle.LOGIN.account.free):
            # The account's bucket as an attack from many addresses fills it, without the cost of the hashes.
            await throttle.reserve(cache, throttle.LOGIN, account=MIA, address=f"203.0.113.{number}/32", pepper=pepper)
        async with Browser(address="203.0.113.200") as stranger:
            assert (await stranger.log_in(MIA, GUESS)).status_code == 429
        assert (await owner.log_in(MIA)).status_code == 200


async def test_a_full_hash_pool_sheds_and_says_when_to_come_back(world: World) -> None:
    pool = world.resources.hash_pool
    answers = await asyncio.gather(*(_one_guess(number) for number in range(24)))
    shed = [answer for answer in answers if answer[0] == 503]
    assert shed
    assert {answer[1] for answer in shed} == {"unavailable"}
    assert all(answer[2] >= 1 for answer in shed)
    assert pool.shed >= len(shed)


async def _one_guess(number: int) -> tuple[int, str, int]:
    async with Browser(address=f"203.0.113.{number}") as browser:
        answer = await browser.log_in(f"person-{number}@acme.example", GUESS)
    return answer.status_code, answer.json()["code"], int(answer.headers.get("retry-after", 0))
