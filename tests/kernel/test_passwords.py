"""The hash pool: bcrypt of the wanted cost, bounded, and as slow for nobody as for somebody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import bcrypt
import pytest

from bizosaas_app.kernel.errors import InputInvalid, Unavailable
from bizosaas_app.kernel.passwords import HashPool, encode


@pytest.fixture
def pool() -> Iterator[HashPool]:
    value = HashPool(cost=4, threads=1)  # the cheapest that bcrypt knows: what is tested here is not the cost
    yield value
    value.close()


async def test_a_hash_is_bcrypt_of_the_wanted_cost_and_verifies(pool: HashPool) -> None:
    hashed = await pool.hash("correct horse")
    assert hashed.startswith("$2b$04$")
    assert bcrypt.checkpw(b"correct horse", hashed.encode())
    assert await pool.verify("correct horse", hashed)
    assert not await pool.verify("correct horsf", hashed)
    assert not pool.is_outdated(hashed)
    assert pool.is_outdated(hashed.replace("$04$", "$05$"))


async def test_nobody_costs_one_hash_and_is_never_right(pool: HashPool) -> None:
    before = pool.hashes
    assert not await pool.verify("", None)
    assert not await pool.verify("anything", None)
    assert pool.hashes == before + 2


async def test_seventy_two_bytes_are_kept_and_one_more_is_refused(pool: HashPool) -> None:
    hashed = await pool.hash("x" * 72)
    assert not await pool.verify("x" * 71 + "y", hashed)
    for password in ("x" * 73, "ü" * 37, "🙂" * 19):
        with pytest.raises(InputInvalid) as refused:
            await pool.hash(password)
        assert refused.value.fields.keys() == {"password"}


def test_one_key_press_is_one_password_however_it_is_composed() -> None:
    assert encode("u\u0308ber") == encode("\u00fcber")
    with pytest.raises(InputInvalid):
        encode("lone \ud800 half", field="new_password")


@pytest.fixture
async def slow_pool() -> AsyncIterator[HashPool]:
    value = HashPool(cost=12, threads=1)
    await value.verify("x", None)
    yield value
    value.close()


async def test_a_full_pool_refuses_with_a_time_to_come_back(slow_pool: HashPool) -> None:
    answers = await asyncio.gather(*(slow_pool.verify("x", None) for _ in range(10)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == slow_pool.shed == 7  # one thread works, two callers wait
    assert all(error.retry_after_seconds >= 1 for error in refused)
    assert await slow_pool.verify("x", None) is False  # and has room again


async def test_who_gives_up_while_his_hash_runs_keeps_the_place_until_it_has_ended(slow_pool: HashPool) -> None:
    running = asyncio.ensure_future(slow_pool.verify("x", None))
    await asyncio.sleep(0.02)  # long enough for the thread to take it, far from long enough to finish it
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    others = await asyncio.gather(*(slow_pool.verify("x", None) for _ in range(3)), return_exceptions=True)
    assert [isinstance(answer, Unavailable) for answer in others] == [False, False, True]


async def test_the_event_loop_goes_on_while_passwords_are_hashed(slow_pool: HashPool) -> None:
    work = asyncio.ensure_future(slow_pool.verify("x", None))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
