"""The session's entry beside the quota: alive, stale or dead, and who wins a race with a revocation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from bizosaas_app.gateway.limits import quota
from bizosaas_app.gateway.limits.quota import Admission
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.accounts import epochs


@dataclass(frozen=True)
class Session:
    """One session of one user, and what may happen to it."""

    cache: Cache
    tenant_id: UUID
    session_id: UUID
    user_id: UUID

    @property
    def quota_key(self) -> str:
        return Cache.key(self.tenant_id, "quota")

    async def admit(self, limit: int | None = 1000) -> Admission:
        return await quota.admit(
            self.cache, self.tenant_id, self.session_id, self.user_id, quota_key=self.quota_key, limit=limit
        )

    async def check(self) -> Admission:
        return await self.admit(limit=None)

    async def store(self, data: str | None, read: tuple[str, str]) -> bool:
        return await quota.store_session_entry(
            self.cache, self.tenant_id, self.session_id, self.user_id, data=data, epochs=read
        )

    async def load(self, data: str | None = "{}") -> bool:
        return await self.store(data, (await self.check()).epochs)

    async def end_epoch_of_user(self) -> None:
        await epochs.begin(self.cache, self.tenant_id, "user", self.user_id)

    async def end_epoch_of_tenant(self) -> None:
        await epochs.begin(self.cache, self.tenant_id, "tenant", self.tenant_id)

    async def charged(self) -> int:
        return int(await self.cache.client.llen(self.quota_key))


@pytest.fixture
def session(cache: Cache) -> Session:
    return Session(cache, new_id(), new_id(), new_id())


async def test_an_unknown_session_is_to_be_read_and_charges_nobody(session: Session) -> None:
    assert (await session.admit()).state == "reload"
    assert await session.charged() == 0


async def test_a_living_session_gives_its_data_and_takes_one_place_each_time(session: Session) -> None:
    await session.load('{"role":"user"}')
    answers = [await session.admit(limit=2) for _ in range(3)]
    assert [answer.state for answer in answers] == ["ok", "ok", "limited"]
    assert {answer.data for answer in answers} == {'{"role":"user"}'}
    assert [answer.decision and answer.decision.remaining for answer in answers] == [1, 0, 0]
    assert await session.charged() == 2


async def test_a_check_reads_the_same_and_charges_nobody(session: Session) -> None:
    await session.load("known")
    answer = await session.check()
    assert (answer.state, answer.data, answer.decision) == ("ok", "known", None)
    assert await session.charged() == 0


@pytest.mark.parametrize("change", [Session.end_epoch_of_user, Session.end_epoch_of_tenant])
async def test_a_new_epoch_makes_the_entry_stale_at_once(
    session: Session, change: Callable[[Session], Awaitable[None]]
) -> None:
    await session.load()
    await change(session)
    assert (await session.admit()).state == "reload"
    assert await session.charged() == 0
    await session.load("new rights")
    assert (await session.admit()).data == "new rights"
    await change(session)
    assert (await session.admit()).state == "reload"


async def test_an_epoch_of_another_user_or_tenant_changes_nothing_here(session: Session) -> None:
    await session.load()
    other = new_id()
    await epochs.begin(session.cache, session.tenant_id, "user", other)
    await epochs.begin(session.cache, other, "tenant", other)
    assert (await session.admit()).state == "ok"


@pytest.mark.parametrize("change", [Session.end_epoch_of_user, Session.end_epoch_of_tenant])
async def test_what_was_read_before_a_change_is_not_kept_after_it(
    session: Session, change: Callable[[Session], Awaitable[None]]
) -> None:
    read_before = (await session.admit()).epochs
    await change(session)
    assert not await session.store("old rights", read_before)
    assert (await session.admit()).state == "reload"


async def test_a_session_that_the_database_does_not_know_is_dead_until_rights_change(session: Session) -> None:
    await session.load("alive before")
    await session.end_epoch_of_user()
    await session.load(None)
    assert (await session.admit()).state == "revoked"
    assert await session.charged() == 0
    await session.end_epoch_of_user()
    assert (await session.admit()).state == "reload"


async def test_entries_and_epochs_go_by_themselves(session: Session) -> None:
    await session.load()
    await session.end_epoch_of_user()
    await session.end_epoch_of_tenant()
    names = [name async for name in session.cache.client.scan_iter("*")]
    assert len(names) == 3
    assert all([0 < await session.cache.client.ttl(name) <= 3600 for name in names])


async def resurrections(session: Session, store: Callable[[str, tuple[str, str]], Awaitable[object]]) -> int:
    """Change rights again and again while readers reload; count the answers older than the last change they follow."""
    version, announced, old, is_over = 0, 0, 0, False

    async def serve() -> None:
        nonlocal old
        while not is_over:
            known = announced
            answer = await session.check()
            if answer.data is not None:
                old += int(answer.data) < known
                continue
            read = version
            await asyncio.sleep(random.random() * 0.004)
            await store(str(read), answer.epochs)

    async def change() -> None:
        nonlocal version, announced, is_over
        for _ in range(100):
            await asyncio.sleep(random.random() * 0.008)
            version += 1
            await session.end_epoch_of_user()
            announced = version
        is_over = True

    await asyncio.gather(change(), *(serve() for _ in range(8)))
    return old


async def test_no_answer_is_ever_older_than_an_announced_change(session: Session) -> None:
    assert await resurrections(session, session.store) == 0


async def test_storing_without_a_look_at_the_epochs_brings_old_rights_back_in_the_same_harness(
    session: Session,
) -> None:
    async def store(data: str, _: tuple[str, str]) -> None:
        await session.store(data, (await session.check()).epochs)

    assert await resurrections(session, store) > 0
