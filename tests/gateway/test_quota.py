"""The exact quota on a real Valkey: over connections and processes, at the edges of its window, under a bent clock."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterable, Sequence

import pytest

from bizosaas_app.gateway.limits import quota
from bizosaas_app.gateway.limits.quota import Decision
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.ids import new_id
from tests.support.engines import TestEngines

SECOND = 1_000_000
QUOTA = 110
"""No multiple of the 20 connections: in lockstep even a counter that looks first would stop on one of those."""

WORKER = """
import asyncio, sys
from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel.cache import Cache

async def exact(cache, key, limit):
    return (await quota.charge(cache, key, limit, window_seconds=600)).admitted

async def naive(cache, key, limit):
    if int(await cache.client.get(key) or 0) >= limit:
        return False
    await cache.client.incr(key)
    return True

async def main(url, limiter, key, limit):
    caches = [Cache(url, max_connections=1) for _ in range(20)]
    async def ask(cache):
        return sum([await globals()[limiter](cache, key, limit) for _ in range(15)])
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(await asyncio.gather(*map(ask, caches))))
    for cache in caches:
        await cache.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


@pytest.fixture
def key() -> str:
    return Cache.key(new_id(), "quota")


async def admitted_by_two_processes(cache: Cache, engines: TestEngines, limiter: str, key: str) -> int:
    """Ask 600 times from 20 connections in each of two processes that start together; say how often it was yes."""
    url = f"{engines.redis_url}?db={cache.client.connection_pool.connection_kwargs['db']}"
    command = [sys.executable, "-c", WORKER, url, limiter, key, str(QUOTA)]
    workers = [await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(worker.communicate(b"go\n") for worker in workers))
    return sum(int(out) for out, _ in answers)


async def server_time(cache: Cache) -> int:
    seconds, microseconds = await cache.client.time()
    return int(seconds) * SECOND + int(microseconds)


async def moments(cache: Cache, key: str) -> list[int]:
    return [int(stamp) for stamp in await cache.client.lrange(key, 0, -1)]


async def plant(cache: Cache, key: str, ages: Sequence[float]) -> None:
    """Put requests into the log that were admitted so many seconds ago, oldest first."""
    now = await server_time(cache)
    await cache.client.rpush(key, *(now - round(age * SECOND) for age in ages))


def crowded(stamps: Iterable[int], limit: int, window: float) -> list[int]:
    """Give every moment from which a window holds more than the limit."""
    ordered = sorted(stamps)
    return [first for first, beyond in zip(ordered, ordered[limit:], strict=False) if beyond - first < window * SECOND]


async def test_forty_connections_of_two_processes_get_exactly_the_quota(
    cache: Cache, engines: TestEngines, key: str
) -> None:
    assert await admitted_by_two_processes(cache, engines, "exact", key) == QUOTA
    assert await cache.client.llen(key) == QUOTA


async def test_a_naive_counter_overshoots_in_the_same_harness(cache: Cache, engines: TestEngines, key: str) -> None:
    assert await admitted_by_two_processes(cache, engines, "naive", key) > QUOTA


async def test_no_rolling_window_ever_holds_more_than_the_quota(cache: Cache, key: str) -> None:
    limit, window = 10, 1.0
    stamps: set[int] = set()

    async def ask() -> bool:
        decision = await quota.charge(cache, key, limit, window_seconds=window)
        stamps.update(await moments(cache, key))
        return decision.admitted

    began = await server_time(cache)
    admitted = 0
    # Bursts just before and just after the edge of a window are what gets twice the quota out of fixed ones.
    for pause in (0.0, 0.9, 0.12, 0.85, 0.1, 0.06, 1.0, 0.02):
        await asyncio.sleep(pause)
        admitted += sum(await asyncio.gather(*(ask() for _ in range(25))))
    assert admitted == len(stamps) > 2 * limit
    assert began <= min(stamps)
    assert max(stamps) <= await server_time(cache)
    assert crowded(stamps, limit, window) == []


async def test_a_fixed_window_is_found_out_by_the_same_check(cache: Cache) -> None:
    async def ask() -> int | None:
        now = await server_time(cache)
        return now if await cache.client.incr(f"fixed:{now // SECOND}") <= 10 else None

    for _ in range(5):
        await asyncio.sleep(1 - (await server_time(cache) + SECOND // 10) % SECOND / SECOND)
        answers = await asyncio.gather(*(ask() for _ in range(25)))
        await asyncio.sleep(0.1)
        answers += await asyncio.gather(*(ask() for _ in range(25)))
        if crowded([moment for moment in answers if moment is not None], 10, 1.0):
            return
    pytest.fail("twenty requests within a fifth of a second were not noticed")


async def test_refused_attempts_are_not_recorded_and_waiting_as_told_is_enough(cache: Cache, key: str) -> None:
    for _ in range(3):
        await quota.charge(cache, key, 3, window_seconds=1)
    before = await moments(cache, key)
    refused = [await quota.charge(cache, key, 3, window_seconds=1) for _ in range(50)]
    assert not any(decision.admitted for decision in refused)
    assert await moments(cache, key) == before
    await asyncio.sleep(refused[-1].retry_after_seconds + 0.001)
    assert (await quota.charge(cache, key, 3, window_seconds=1)).admitted


@pytest.mark.parametrize("gone", [0, 1, 2, 3, 4, 37, 63, 64, 65, 99, 100])
async def test_whatever_number_left_the_window_exactly_those_are_dropped(cache: Cache, key: str, gone: int) -> None:
    await plant(cache, key, [7200.0] * gone + [60.0] * (100 - gone))
    decision = await quota.charge(cache, key, 1000, window_seconds=3600)
    assert decision.remaining == 1000 - (100 - gone) - 1
    assert await cache.client.llen(key) == 100 - gone + 1


async def test_the_log_never_holds_more_than_the_quota(cache: Cache, key: str) -> None:
    await plant(cache, key, [7200.0] * 5)
    for _ in range(40):
        await quota.charge(cache, key, 5, window_seconds=3600)
    assert await cache.client.llen(key) == 5


async def test_the_log_outlives_its_newest_entry_and_then_goes_by_itself(cache: Cache, key: str) -> None:
    for _ in range(20):
        await quota.charge(cache, key, 50, window_seconds=3600)
        newest = (await moments(cache, key))[-1]
        assert 0 <= await cache.client.pexpiretime(key) * 1000 - (newest + 3600 * SECOND) <= SECOND


async def test_requests_of_one_microsecond_and_of_a_clock_set_back_all_count(cache: Cache, key: str) -> None:
    await plant(cache, key, [-1800.0])
    decisions = [await quota.charge(cache, key, 10, window_seconds=3600) for _ in range(20)]
    assert sum(decision.admitted for decision in decisions) == 9
    stamps = await moments(cache, key)
    assert len(stamps) == 10
    assert len(set(stamps)) == 1


async def test_a_clock_set_back_makes_nobody_wait_for_longer_than_one_window(cache: Cache, key: str) -> None:
    await plant(cache, key, [-86_400.0] * 3)
    decision = await quota.charge(cache, key, 3, window_seconds=60)
    assert (decision.admitted, decision.retry_after_seconds) == (False, 60)
    assert 0 < await cache.client.pttl(key) <= 60_000


async def test_a_lowered_quota_waits_until_enough_places_are_free(cache: Cache, key: str) -> None:
    await plant(cache, key, [3000, 2400, 1800, 1200, 600])
    decision = await quota.charge(cache, key, 3, window_seconds=3600)
    assert not decision.admitted
    assert 1200 < decision.retry_after_seconds <= 1800
    assert await cache.client.llen(key) == 5


async def test_one_tenants_requests_leave_another_tenants_quota_alone(cache: Cache, key: str) -> None:
    assert not [await quota.charge(cache, key, 1, window_seconds=60) for _ in range(5)][-1].admitted
    assert (await quota.charge(cache, Cache.key(new_id(), "quota"), 1, window_seconds=60)).admitted


async def test_the_headers_count_down_and_say_when_to_come_back(cache: Cache, key: str) -> None:
    headers = [(await quota.charge(cache, key, 2, window_seconds=3600)).headers() for _ in range(3)]
    assert [values["RateLimit-Remaining"] for values in headers] == ["1", "0", "0"]
    assert {values["RateLimit-Limit"] for values in headers} == {"2"}
    assert ["Retry-After" in values for values in headers] == [False, False, True]
    assert headers[2]["Retry-After"] == headers[2]["RateLimit-Reset"]
    assert 0 < int(headers[2]["Retry-After"]) <= 3600


def test_header_times_are_whole_seconds_rounded_up_and_never_zero_for_the_refused() -> None:
    assert Decision(True, 5, 4, 1.2, 0).headers()["RateLimit-Reset"] == "2"
    assert Decision(False, 5, 0, 0.0, 0.0).headers()["Retry-After"] == "1"
