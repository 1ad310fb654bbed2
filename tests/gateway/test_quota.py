"""The exact quota on a real Valkey, over several connections and processes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from itertools import pairwise
from uuid import UUID

from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.ids import new_id
from tests.support.engines import TestEngines

WORKER = """
import asyncio, sys
from bizosaas_app.gateway.limits import quota
from bizosaas_app.kernel.cache import Cache

async def main(url, key, limit, attempts):
    caches = [Cache(url, max_connections=1) for _ in range(20)]
    async def ask(cache):
        return sum([(await quota.charge(cache, key, limit, window_seconds=60)).admitted for _ in range(attempts)])
    print(sum(await asyncio.gather(*map(ask, caches))))
    for cache in caches:
        await cache.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


def ids() -> tuple[UUID, UUID, UUID]:
    return new_id(), new_id(), new_id()


async def test_forty_connections_of_two_processes_get_exactly_the_quota(
    cache: Cache, engines: TestEngines, worker_id: str
) -> None:
    key = Cache.key(new_id(), "quota")
    database = cache.client.connection_pool.connection_kwargs["db"]
    url = f"{engines.redis_url}?db={database}"
    command = [sys.executable, "-c", WORKER, url, key, "100", "15"]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    admitted = [int((await asyncio.to_thread(worker.communicate))[0]) for worker in workers]
    assert sum(admitted) == 100
    assert await cache.client.zcard(key) == 100


async def test_no_rolling_window_ever_holds_more_than_the_quota(cache: Cache) -> None:
    key, limit, window = Cache.key(new_id(), "quota"), 10, 0.4
    times: list[int] = []
    # Bursts around the window's end are what admits twice the quota in a fixed window.
    for pause in (0.0, 0.35, 0.06, 0.3, 0.1, 0.41, 0.02):
        await asyncio.sleep(pause)
        await asyncio.gather(*(quota.charge(cache, key, limit, window_seconds=window) for _ in range(25)))
        log = await cache.client.zrange(key, 0, -1, withscores=True)
        times = sorted({*times, *(int(score) for _, score in log)})
    assert len(times) > limit
    for first, beyond in zip(times, times[limit:], strict=False):
        assert beyond - first >= window * 1_000_000


async def test_a_naive_counter_overshoots_in_the_same_harness(cache: Cache) -> None:
    """The control: what is shown above is not shown for free."""

    async def ask() -> bool:
        used = int(await cache.client.get("naive") or 0)
        if used >= 100:
            return False
        await cache.client.incr("naive")
        return True

    answers = await asyncio.gather(*(ask() for _ in range(300)))
    assert sum(answers) > 100


async def test_refused_attempts_are_not_recorded_and_the_told_wait_is_enough(cache: Cache) -> None:
    key = Cache.key(new_id(), "quota")
    for _ in range(3):
        await quota.charge(cache, key, 3, window_seconds=0.3)
    refused = [await quota.charge(cache, key, 3, window_seconds=0.3) for _ in range(50)]
    assert not any(decision.admitted for decision in refused)
    assert await cache.client.zcard(key) == 3
    await asyncio.sleep(refused[-1].retry_after_seconds + 0.002)
    assert (await quota.charge(cache, key, 3, window_seconds=0.3)).admitted


async def test_the_headers_count_down_and_say_when_to_come_back(cache: Cache) -> None:
    key = Cache.key(new_id(), "quota")
    decisions = [await quota.charge(cache, key, 2, window_seconds=3600) for _ in range(3)]
    remaining = [decision.headers()["RateLimit-Remaining"] for decision in decisions]
    assert remaining == ["1", "0", "0"]
    assert [before.limit for before, _ in pairwise(decisions)] == [2, 2]
    last = decisions[-1].headers()
    assert last["RateLimit-Limit"] == "2"
    assert 0 < int(last["Retry-After"]) <= 3600
    assert "Retry-After" not in decisions[0].headers()


async def test_a_session_is_read_and_charged_in_one_go_and_only_while_it_lives(cache: Cache) -> None:
    tenant, session, user = ids()
    key = Cache.key(tenant, "quota")

    async def admit() -> quota.Admission:
        return await quota.admit(cache, tenant, session, user, quota_key=key, limit=2)

    unknown = await admit()
    assert unknown.state == "reload"
    assert await quota.store_session_entry(
        cache, tenant, session, user, data=json.dumps({"a": 1}), epochs=unknown.epochs
    )
    assert [(await admit()).state for _ in range(3)] == ["ok", "ok", "limited"]
    await quota.mark_revoked(cache, tenant, session, ttl_seconds=60)
    assert (await admit()).state == "revoked"
    assert await cache.client.zcard(key) == 2


async def test_a_changed_epoch_makes_the_entry_stale_at_once(cache: Cache) -> None:
    tenant, session, user = ids()
    for bump in (lambda: quota.bump_epoch(cache, tenant, user), lambda: quota.bump_epoch(cache, tenant)):
        epochs = (await quota.check(cache, tenant, session, user)).epochs
        await quota.store_session_entry(cache, tenant, session, user, data="{}", epochs=epochs)
        assert (await quota.check(cache, tenant, session, user)).state == "ok"
        await bump()
        assert (await quota.check(cache, tenant, session, user)).state == "reload"


async def test_a_reload_that_races_with_a_revocation_does_not_bring_old_rights_back(cache: Cache) -> None:
    tenant, session, user = ids()
    read_before = (await quota.check(cache, tenant, session, user)).epochs
    await quota.bump_epoch(cache, tenant, user)
    assert not await quota.store_session_entry(cache, tenant, session, user, data="old", epochs=read_before)
    assert (await quota.check(cache, tenant, session, user)).state == "reload"


async def test_one_tenants_requests_leave_another_tenants_quota_alone(cache: Cache) -> None:
    mine, theirs = (Cache.key(new_id(), "quota") for _ in range(2))
    assert not [await quota.charge(cache, mine, 1, window_seconds=60) for _ in range(5)][-1].admitted
    assert (await quota.charge(cache, theirs, 1, window_seconds=60)).admitted
