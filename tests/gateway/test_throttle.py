"""The login throttle on a real Valkey."""

from __future__ import annotations

import asyncio

import pytest

from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.limits.throttle import LOGIN, Bucket, ThrottlePolicy
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.errors import LimitReached

QUICK = ThrottlePolicy("quick", pair=Bucket(2, 1), address=Bucket(100, 1), account=Bucket(3, 600))


async def attempts(cache: Cache, count: int, policy: ThrottlePolicy = LOGIN, **who: str | None) -> int:
    """Try so many times at once and say how many were let through."""
    given = {"account": "a@x.example", "address": "198.51.100.1", "device": None, **who}
    answers = await asyncio.gather(
        *(throttle.reserve(cache, policy, **given) for _ in range(count)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, LimitReached)]
    assert all(error.resets_in_seconds > 0 and error.problem_code == "too_many_attempts" for error in refused)
    return count - len(refused)


async def test_thirty_parallel_guesses_get_no_further_than_the_free_ones(cache: Cache) -> None:
    assert await attempts(cache, 30) == LOGIN.pair.free


async def test_the_delay_grows_with_each_attempt_that_is_let_through(cache: Cache) -> None:
    waits = []
    for level in range(5, 9):
        await cache.client.flushdb()
        for _ in range(level):
            await throttle.reserve(cache, ThrottlePolicy("x", *[Bucket(99, 600)] * 3), account="a", address="b")
        with pytest.raises(LimitReached) as caught:
            await throttle.reserve(
                cache, ThrottlePolicy("x", Bucket(5, 600), *[Bucket(99, 600)] * 2), account="a", address="b"
            )
        waits.append(round(caught.value.resets_in_seconds))
    assert waits == [2, 4, 8, 16]


async def test_waiting_as_long_as_told_is_enough(cache: Cache) -> None:
    assert await attempts(cache, 5, QUICK) == 2
    with pytest.raises(LimitReached) as caught:
        await throttle.reserve(cache, QUICK, account="a@x.example", address="198.51.100.1")
    await asyncio.sleep(caught.value.resets_in_seconds + 0.01)
    await throttle.reserve(cache, QUICK, account="a@x.example", address="198.51.100.1")


async def test_a_success_clears_the_pair_and_is_not_counted_against_the_address(cache: Cache) -> None:
    for _ in range(60):
        reservation = await throttle.reserve(cache, LOGIN, account="a@x.example", address="198.51.100.1")
        await throttle.succeed(cache, reservation)
    assert await attempts(cache, 30) == LOGIN.pair.free


async def test_one_address_cannot_try_many_accounts_for_free(cache: Cache) -> None:
    let_through = [await attempts(cache, 1, account=f"{number}@x.example") for number in range(60)]
    assert sum(let_through) == LOGIN.address.free


async def test_a_strangers_attack_from_many_addresses_does_not_stop_the_known_device(cache: Cache) -> None:
    owner = {"account": "a@x.example", "address": "203.0.113.9", "device": "laptop"}
    await throttle.succeed(cache, await throttle.reserve(cache, LOGIN, **owner))
    let_through = [await attempts(cache, 1, address=f"198.51.100.{number}") for number in range(80)]
    assert sum(let_through) == LOGIN.account.free
    assert await attempts(cache, 1, address="203.0.113.77", device="unknown") == 0
    await throttle.reserve(cache, LOGIN, **owner)


async def test_a_device_known_to_one_account_is_unknown_to_another(cache: Cache) -> None:
    await throttle.succeed(cache, await throttle.reserve(cache, QUICK, account="mine", address="b", device="laptop"))
    let_through = [
        await attempts(cache, 1, QUICK, account="theirs", address=f"b{number}", device="laptop") for number in range(9)
    ]
    assert sum(let_through) == QUICK.account.free


async def test_no_name_of_an_account_reaches_valkey(cache: Cache) -> None:
    await throttle.succeed(cache, await throttle.reserve(cache, LOGIN, account="a@x.example", address="b", device="d"))
    await attempts(cache, 3)
    keys = await cache.client.keys("*")
    assert keys
    assert not [key for key in keys if "x.example" in key or "198.51" in key]
    assert all([await cache.client.ttl(key) > 0 for key in keys])
