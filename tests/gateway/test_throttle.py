"""The login throttle on a real Valkey. Time passes by moving what the buckets remember into the past."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.limits.policies import LOGIN, Bucket, ThrottlePolicy
from bizosaas_app.gateway.limits.throttle import Reservation
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.errors import LimitReached

PEPPER = b"p" * 32
OWNER = "owner@acme.example"
HOME = "203.0.113.9/32"
HOURS = 3600

WIDE = Bucket(free=10_000, window_seconds=12 * HOURS, memory_seconds=12 * HOURS)
STRICT = Bucket(
    free=3, window_seconds=HOURS, memory_seconds=12 * HOURS, first_delay_seconds=100, longest_delay_seconds=1000
)
PAIR_ONLY = ThrottlePolicy(name="pair-only", pair=STRICT, address=WIDE, account=WIDE)
ADDRESS_ONLY = ThrottlePolicy(name="address-only", pair=WIDE, address=STRICT, account=WIDE)


async def attempt(
    cache: Cache,
    policy: ThrottlePolicy = LOGIN,
    *,
    account: str = OWNER,
    address: str = HOME,
    device: str | None = None,
) -> Reservation:
    return await throttle.reserve(cache, policy, account=account, address=address, device=device, pepper=PEPPER)


async def wait_of(cache: Cache, policy: ThrottlePolicy, **who: str) -> float:
    """Give the announced wait of an attempt that must be refused."""
    with pytest.raises(LimitReached) as caught:
        await attempt(cache, policy, **who)
    assert caught.value.problem_code == "too_many_attempts"
    return caught.value.resets_in_seconds


async def let_through(cache: Cache, count: int, policy: ThrottlePolicy = LOGIN, **who: str) -> int:
    """Try so many times at once and say how many were let through."""
    answers = await asyncio.gather(*(attempt(cache, policy, **who) for _ in range(count)), return_exceptions=True)
    assert all(isinstance(answer, Reservation | LimitReached) for answer in answers)
    return sum(isinstance(answer, Reservation) for answer in answers)


async def elapse(cache: Cache, seconds: float) -> None:
    """Let time pass for every bucket."""
    async for key in cache.client.scan_iter("bz:{throttle}:*", _type="hash"):
        for field in ("last", "forget_at"):
            await cache.client.hincrby(key, field, -round(seconds * 1_000_000))


async def contents(cache: Cache) -> dict[str, dict[str, str]]:
    return {key: await cache.client.hgetall(key) async for key in cache.client.scan_iter("*", _type="hash")}


async def test_thirty_parallel_guesses_get_no_further_than_the_free_ones(cache: Cache) -> None:
    assert await let_through(cache, 30) == LOGIN.pair.free


async def test_looking_before_counting_lets_more_through_in_the_same_harness(cache: Cache) -> None:
    async def naive() -> bool:
        if int(await cache.client.get("failures") or 0) >= LOGIN.pair.free:
            return False
        await asyncio.sleep(0)
        await cache.client.incr("failures")
        return True

    assert sum(await asyncio.gather(*(naive() for _ in range(30)))) > LOGIN.pair.free


async def test_the_delay_doubles_with_each_attempt_up_to_the_longest(cache: Cache) -> None:
    assert await let_through(cache, 10, PAIR_ONLY) == 3
    waits = []
    for _ in range(6):
        waits.append(await wait_of(cache, PAIR_ONLY))
        await elapse(cache, waits[-1])
        await attempt(cache, PAIR_ONLY)
    for wait, delay in zip(waits, (100, 200, 400, 800, 1000, 1000), strict=True):
        assert delay - 50 < wait <= delay


async def test_only_one_of_many_parallel_attempts_passes_when_the_delay_is_over(cache: Cache) -> None:
    await let_through(cache, 10, PAIR_ONLY)
    await elapse(cache, 100)
    assert await let_through(cache, 30, PAIR_ONLY) == 1


async def test_refused_attempts_count_nowhere_and_prolong_nothing(cache: Cache) -> None:
    await let_through(cache, 3, PAIR_ONLY)
    before = await contents(cache)
    assert await let_through(cache, 50, PAIR_ONLY) == 0
    assert await contents(cache) == before


async def test_waiting_as_long_as_told_is_enough(cache: Cache) -> None:
    quick = replace(PAIR_ONLY, pair=replace(STRICT, first_delay_seconds=0.2))
    await let_through(cache, 3, quick)
    await asyncio.sleep(await wait_of(cache, quick) + 0.001)
    await attempt(cache, quick)


async def test_a_success_clears_the_pair(cache: Cache) -> None:
    await let_through(cache, 2, PAIR_ONLY)
    await throttle.succeed(cache, await attempt(cache, PAIR_ONLY))
    assert await let_through(cache, 30, PAIR_ONLY) == 3


async def test_successes_count_neither_against_the_address_nor_against_the_account(cache: Cache) -> None:
    for _ in range(60):
        await throttle.succeed(cache, await attempt(cache))
    assert await let_through(cache, 30) == LOGIN.pair.free


async def test_a_success_forgives_no_failure_on_other_accounts(cache: Cache) -> None:
    """Else whoever owns one account could guess at all others from the same address for ever."""
    for number in range(2):
        await attempt(cache, ADDRESS_ONLY, account=f"{number}@acme.example")
    await throttle.succeed(cache, await attempt(cache, ADDRESS_ONLY))
    assert await let_through(cache, 10, ADDRESS_ONLY) == 1


async def test_nobody_waits_for_the_success_of_a_neighbour(cache: Cache) -> None:
    await let_through(cache, 3, ADDRESS_ONLY, account="guessed@acme.example")
    await elapse(cache, 100)
    before = await contents(cache)
    await throttle.succeed(cache, await attempt(cache, ADDRESS_ONLY))
    after = await contents(cache)
    (address,) = [key for key in before if ":address:" in key]
    assert after[address] == before[address]
    await attempt(cache, ADDRESS_ONLY, account="neighbour@acme.example")


async def test_a_success_takes_nothing_from_the_delay_of_an_attempt_that_came_after_it(cache: Cache) -> None:
    await attempt(cache, ADDRESS_ONLY, account="first@acme.example")
    await elapse(cache, 500)
    slow = await attempt(cache, ADDRESS_ONLY)
    await attempt(cache, ADDRESS_ONLY, account="guessed@acme.example")
    before = await contents(cache)
    await throttle.succeed(cache, slow)
    (address,) = [key for key in before if ":address:" in key]
    assert (await contents(cache))[address] == {**before[address], "failures": "2"}


async def test_what_we_could_not_serve_is_neither_a_failure_nor_a_success(cache: Cache) -> None:
    await let_through(cache, 2, PAIR_ONLY)
    for _ in range(5):
        await throttle.release(cache, await attempt(cache, PAIR_ONLY, device="laptop"))
    assert await let_through(cache, 30, PAIR_ONLY) == 1


async def test_an_attempt_whose_outcome_never_comes_stays_counted_until_its_window_is_over(cache: Cache) -> None:
    await let_through(cache, 2, PAIR_ONLY)
    assert await let_through(cache, 10, PAIR_ONLY) == 1
    await cache.client.flushdb()
    await let_through(cache, 2, PAIR_ONLY)
    await elapse(cache, STRICT.window_seconds)
    assert await let_through(cache, 10, PAIR_ONLY) == 3


async def test_an_escalation_is_remembered_for_longer_than_the_window_and_then_forgotten(cache: Cache) -> None:
    await let_through(cache, 3, PAIR_ONLY)
    await elapse(cache, STRICT.window_seconds)
    assert await let_through(cache, 10, PAIR_ONLY) == 1
    await elapse(cache, STRICT.memory_seconds)
    assert await let_through(cache, 10, PAIR_ONLY) == 3


async def test_one_address_cannot_try_many_accounts_for_free(cache: Cache) -> None:
    passed = [await let_through(cache, 1, account=f"{number}@acme.example") for number in range(60)]
    assert sum(passed) == LOGIN.address.free


async def test_many_addresses_cannot_try_one_account_for_free(cache: Cache) -> None:
    passed = [await let_through(cache, 1, address=f"198.51.100.{number}/32") for number in range(80)]
    assert sum(passed) == LOGIN.account.free


async def test_a_strangers_attack_does_not_stop_a_known_device(cache: Cache) -> None:
    await throttle.succeed(cache, await attempt(cache, device="laptop"))
    for number in range(80):
        await let_through(cache, 1, address=f"198.51.100.{number}/32")
    assert await let_through(cache, 1, address="203.0.113.77/32", device="never seen") == 0
    assert await let_through(cache, 1, address="203.0.113.77/32", device="laptop") == 1


async def test_an_attack_from_the_owners_own_network_does_not_stop_a_known_device_either(cache: Cache) -> None:
    await throttle.succeed(cache, await attempt(cache, device="laptop"))
    await let_through(cache, 30)
    for number in range(60):
        await let_through(cache, 1, account=f"{number}@acme.example")
    assert await let_through(cache, 1) == 0
    assert await let_through(cache, 1, device="laptop") == 1


async def test_a_stolen_device_still_meets_the_growing_delay(cache: Cache) -> None:
    await throttle.succeed(cache, await attempt(cache, device="laptop"))
    assert await let_through(cache, 30, device="laptop") == LOGIN.pair.free


async def test_a_device_known_to_one_account_is_unknown_to_another(cache: Cache) -> None:
    await throttle.succeed(cache, await attempt(cache, account="mine@acme.example", device="laptop"))
    await let_through(cache, 30)
    assert await let_through(cache, 1, device="laptop") == 0


async def test_a_failed_attempt_makes_no_device_known(cache: Cache) -> None:
    await attempt(cache, device="laptop")
    await let_through(cache, 30)
    assert await let_through(cache, 1, device="laptop") == 0


async def test_policies_count_apart(cache: Cache) -> None:
    await let_through(cache, 30, PAIR_ONLY)
    assert await let_through(cache, 30, ADDRESS_ONLY) == 3


async def test_a_clock_set_back_makes_nobody_wait_for_longer_than_the_delay(cache: Cache) -> None:
    await let_through(cache, 3, PAIR_ONLY)
    await elapse(cache, -86_400)
    assert await wait_of(cache, PAIR_ONLY) == 100


async def test_no_name_reaches_valkey_in_the_clear_and_everything_goes_by_itself(cache: Cache) -> None:
    await let_through(cache, 3, device="laptop")
    await throttle.succeed(cache, await attempt(cache, account="other@acme.example", device="laptop"))
    names = [key async for key in cache.client.scan_iter("*")]
    kinds = {key.split(":")[3] for key in names}
    assert kinds == {"pair", "address", "account", "device"}
    assert not [key for key in names if "acme" in key or "203.0" in key or "laptop" in key]
    assert all([0 < await cache.client.ttl(key) <= throttle.DEVICE_SECONDS for key in names])


async def test_without_the_pepper_nobody_finds_the_bucket_of_an_address(cache: Cache) -> None:
    await attempt(cache)
    ours = set(await contents(cache))
    await throttle.reserve(cache, LOGIN, account=OWNER, address=HOME, pepper=b"q" * 32)
    assert len(await contents(cache)) == 2 * len(ours)
