"""Background jobs: left by a transaction, run once, tried again, taken up after a crash, never forged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import failed_jobs, job_rescue, job_runner, job_tries, platform
from bizosaas_app.gateway.contracts.platform import ReadPlatform, RetryJobs
from bizosaas_app.gateway.job_table import PERIODIC, TASKS, Periodic
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.services.jobs import queue, runs
from models import AuditEntry, JobRun
from tests.support.api import api_client
from tests.support.engines import TestEngines
from tests.support.waiting import blocked
from tests.support.world import World

ROOT = "root@bizosaas.example"
NOTE = "test.note"


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, Mapping[str, Any]]]:
    """What the task of these tests was asked to do, in order."""
    kept: list[tuple[UUID, Mapping[str, Any]]] = []

    async def note(actor: Actor, arguments: Mapping[str, Any]) -> None:
        kept.append((actor.tenant_id, arguments))

    monkeypatch.setitem(TASKS, NOTE, note)
    return kept


async def _leave(world: World, slug: str = "acme-corp", **arguments: Any) -> None:
    actor = world.system(slug)
    async with world.resources.database.unit_of_work(actor) as session:
        await queue.enqueue(session, actor, NOTE, arguments)


async def _sql(world: World, statement: str, **values: Any) -> Any:
    async with world.resources.database.unit_of_work(world.system()) as session:
        result = await session.execute(text(statement), values)
        return result.scalars().all() if result.returns_rows else None


async def test_a_job_runs_in_its_tenant_with_its_arguments(world: World, done: list[Any]) -> None:
    await _leave(world, "globex", number=1)
    await job_runner.run_waiting(world.resources)
    assert done == [(world.tenants["globex"], {"number": 1})]
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []


async def test_a_transaction_that_fails_leaves_no_job(world: World, done: list[Any]) -> None:
    actor = world.system()
    with pytest.raises(Conflict):
        async with world.resources.database.unit_of_work(actor) as session:
            await queue.enqueue(session, actor, NOTE, {})
            raise Conflict
    await job_runner.run_waiting(world.resources)
    assert done == []


async def test_several_workers_share_the_jobs_and_run_each_once(world: World, done: list[Any]) -> None:
    for number in range(40):
        await _leave(world, number=number)
    await asyncio.gather(*(job_runner.run_waiting(world.resources) for _ in range(3)))
    assert sorted(arguments["number"] for _, arguments in done) == list(range(40))


async def test_while_a_job_waits_no_second_one_of_the_same_name_is_added(world: World, done: list[Any]) -> None:
    actor = world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        for _ in range(3):
            await queue.enqueue(session, actor, NOTE, {}, once="tidy")
    await job_runner.run_waiting(world.resources)
    assert len(done) == 1


async def test_a_job_that_somebody_wrote_by_sql_is_not_run(world: World, done: list[Any]) -> None:
    ring = world.resources.peppers["job"]
    genuine = queue.seal(ring, NOTE, world.tenants["acme-corp"], {"number": 1})
    forged = [
        {"tenant_id": str(world.tenants["globex"]), "arguments": {}, "seal": genuine["seal"]},
        {**genuine, "arguments": {"number": 2}},
        {**genuine, "seal": "nothing"},
        {"tenant_id": str(world.tenants["globex"]), "arguments": {}},
    ]
    for row in forged:
        await _sql(
            world,
            "insert into jobs.procrastinate_jobs (queue_name, task_name, args) values (:q, :t, cast(:a as jsonb))",
            q=queue.QUEUE,
            t=NOTE,
            a=json.dumps(row),
        )
    await job_runner.run_waiting(world.resources)
    assert done == []


async def test_a_job_that_fails_is_tried_again_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    async def fail_once(actor: Actor, arguments: Mapping[str, Any]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise UpstreamFailed

    monkeypatch.setitem(TASKS, NOTE, fail_once)
    await _leave(world)
    await job_runner.run_waiting(world.resources)
    assert len(tries) == 1
    assert await _sql(world, "select status::text from jobs.procrastinate_jobs") == ["todo"]
    await _sql(world, "update jobs.procrastinate_jobs set scheduled_at = now()")
    await job_runner.run_waiting(world.resources)
    assert len(tries) == 2
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []


@pytest.mark.parametrize("error", [UpstreamFailed, RuntimeError])
async def test_a_job_that_fails_to_its_last_try_stays_as_failed(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    tries: list[int] = []

    async def fail(actor: Actor, arguments: Mapping[str, Any]) -> None:
        tries.append(1)
        raise error

    monkeypatch.setitem(TASKS, NOTE, fail)
    await _leave(world)
    run = await _start(world, "mia@acme.example")
    for _ in range(job_tries.TRIES + 2):
        await job_runner.run_waiting(world.resources)
        await _sql(world, "update jobs.procrastinate_jobs set scheduled_at = now() where status = 'todo'")
    assert len(tries) == 2 * job_tries.TRIES
    assert await _sql(world, "select status::text from jobs.procrastinate_jobs") == ["failed", "failed"]
    assert await _sql(world, "select status from job_runs where id = :id", id=run.id) == ["failed"]
    root = await world.actor(ROOT)
    (failed,) = (await platform.read_backlog(root, ReadPlatform())).failed
    assert (failed.task, failed.count) == (NOTE, 2)


async def test_what_failed_for_good_is_tried_again_when_the_operator_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_away, done = [True], []

    async def work(actor: Actor, arguments: Mapping[str, Any]) -> None:
        if is_away:
            raise UpstreamFailed
        if "run_id" in arguments:
            async with world.resources.database.unit_of_work(actor) as session:
                assert await runs.advance(session, actor, UUID(arguments["run_id"]), done=1)
                await runs.finish(session, actor, UUID(arguments["run_id"]))
        done.append(actor.tenant_id)

    monkeypatch.setitem(TASKS, NOTE, work)
    await _leave(world, "globex")
    run = await _start(world, "mia@acme.example")
    await _sql(world, "update jobs.procrastinate_jobs set attempts = :last", last=job_tries.TRIES - 1)
    await job_runner.run_waiting(world.resources)
    is_away.clear()
    await job_runner.run_waiting(world.resources)
    assert done == []
    root = await world.actor(ROOT)
    assert (await failed_jobs.retry_jobs(root, RetryJobs(task="another"))).count == 0
    assert (await failed_jobs.retry_jobs(root, RetryJobs(task=NOTE))).count == 2
    await job_runner.run_waiting(world.resources)
    assert done == [world.tenants["globex"], world.tenants["acme-corp"]]
    assert await _sql(world, "select status from job_runs where id = :id", id=run.id) == ["done"]
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []
    async with world.resources.database.unit_of_work(root) as session:
        acts = (await session.exec(select(AuditEntry).where(AuditEntry.action == "platform.jobs_retried"))).all()
    assert [entry.detail for entry in acts] == [{"task": NOTE, "jobs": 2}]


async def test_a_run_whose_job_is_forgotten_while_the_operator_presses_stays_failed(
    world: World, monkeypatch: pytest.MonkeyPatch, superuser: psycopg.Connection
) -> None:
    async def fail(actor: Actor, arguments: Mapping[str, Any]) -> None:
        raise UpstreamFailed

    monkeypatch.setitem(TASKS, NOTE, fail)
    run = await _start(world, "mia@acme.example")
    await _sql(world, "update jobs.procrastinate_jobs set attempts = :last", last=job_tries.TRIES - 1)
    await job_runner.run_waiting(world.resources)
    root = await world.actor(ROOT)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(text("delete from jobs.procrastinate_jobs"))
        pressed = asyncio.create_task(failed_jobs.retry_jobs(root, RetryJobs(task=NOTE)))
        await blocked(superuser, pressed)
    assert (await pressed).count == 0
    assert await _sql(world, "select status from job_runs where id = :id", id=run.id) == ["failed"]
    async with world.resources.database.unit_of_work(root) as session:
        assert not (await session.exec(select(AuditEntry).where(AuditEntry.action == "platform.jobs_retried"))).all()


async def test_a_round_that_failed_for_good_is_tried_again_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    is_away, seen = [True], []

    async def look(actor: Actor, now: datetime) -> None:
        if is_away:
            raise UpstreamFailed
        seen.append(actor.tenant_id)

    monkeypatch.setitem(PERIODIC, "test.look", Periodic("* * * * *", look))
    app = job_runner.build_app(world.resources)
    async with app.open_async():
        await app.tasks["round.test.look"].defer_async(timestamp=60)
    await _sql(world, "update jobs.procrastinate_jobs set attempts = :last", last=job_tries.TRIES - 1)
    await job_runner.run_waiting(world.resources)
    is_away.clear()
    root = await world.actor(ROOT)
    assert [item.task for item in (await platform.read_backlog(root, ReadPlatform())).failed] == ["round.test.look"]
    assert (await failed_jobs.retry_jobs(root, RetryJobs(task="round.test.look"))).count == 1
    await job_runner.run_waiting(world.resources)
    assert set(seen) == {world.tenants["acme-corp"], world.tenants["globex"]}


async def test_a_job_that_is_refused_for_good_is_not_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(actor: Actor, arguments: Mapping[str, Any]) -> None:
        raise Conflict

    monkeypatch.setitem(TASKS, NOTE, refuse)
    await _leave(world)
    await job_runner.run_waiting(world.resources)
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []


async def test_a_job_whose_process_ends_in_its_last_try_is_taken_up_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_off(actor: Actor, arguments: Mapping[str, Any]) -> None:
        raise asyncio.CancelledError

    monkeypatch.setitem(TASKS, NOTE, break_off)
    await _leave(world)
    await _sql(world, "update jobs.procrastinate_jobs set attempts = :tries", tries=job_tries.TRIES + 3)
    await job_runner.run_waiting(world.resources)
    assert await _sql(world, "select status::text from jobs.procrastinate_jobs") == ["todo"]


async def test_a_job_that_was_broken_off_often_has_all_its_tries_still(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_off(actor: Actor, arguments: Mapping[str, Any]) -> None:
        raise asyncio.CancelledError

    async def look(actor: Actor, now: datetime) -> None:
        raise asyncio.CancelledError

    monkeypatch.setitem(TASKS, NOTE, break_off)
    monkeypatch.setitem(PERIODIC, "test.look", Periodic("* * * * *", look))
    await _leave(world)
    await _tick(world, "test.look", 60)
    for _ in range(job_tries.TRIES):
        await _sql(world, "update jobs.procrastinate_jobs set scheduled_at = now()")
        await job_runner.run_waiting(world.resources)
    assert await _sql(world, "select attempts from jobs.procrastinate_jobs") == [0, 0]


async def test_what_a_dead_worker_left_behind_is_taken_up_again(world: World, done: list[Any]) -> None:
    await _leave(world, number=1)
    (worker,) = await _sql(
        world,
        "insert into jobs.procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes') returning id",
    )
    await _sql(world, "update jobs.procrastinate_jobs set status = 'doing', worker_id = :worker", worker=worker)
    await job_runner.run_waiting(world.resources)
    assert done == []
    app = job_runner.build_app(world.resources)
    async with app.open_async():
        await job_rescue.rescue(app, 60)
    await job_runner.run_waiting(world.resources)
    assert [arguments for _, arguments in done] == [{"number": 1}]


async def test_a_job_whose_like_waits_already_does_not_keep_it_waiting_for_ever(world: World, done: list[Any]) -> None:
    actor = world.system()
    for status in ("doing", "todo"):
        async with world.resources.database.unit_of_work(actor) as session:
            await queue.enqueue(session, actor, NOTE, {"number": 1}, once="tidy", lock="tidy")
        if status == "doing":
            await _sql(world, "update jobs.procrastinate_jobs set status = 'doing'")
    await job_runner.run_waiting(world.resources)
    assert done == []
    app = job_runner.build_app(world.resources)
    async with app.open_async():
        await job_rescue.rescue(app, 60)
    await job_runner.run_waiting(world.resources)
    assert [arguments for _, arguments in done] == [{"number": 1}]
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []


async def test_a_job_that_fails_while_its_like_waits_is_tried_again_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def leave() -> None:
        actor = world.system()
        async with world.resources.database.unit_of_work(actor) as session:
            await queue.enqueue(session, actor, NOTE, {}, once="tidy", lock="tidy")

    async def fail_once(actor: Actor, arguments: Mapping[str, Any]) -> None:
        tries.append(1)
        if len(tries) == 1:
            await leave()
            raise UpstreamFailed

    monkeypatch.setitem(TASKS, NOTE, fail_once)
    await leave()
    await job_runner.run_waiting(world.resources)
    await _sql(world, "update jobs.procrastinate_jobs set scheduled_at = now()")
    await job_runner.run_waiting(world.resources)
    assert len(tries) == 3
    assert await _sql(world, "select id from jobs.procrastinate_jobs") == []


async def test_several_rescuers_take_a_job_up_once(world: World, done: list[Any]) -> None:
    await _leave(world, number=1)
    await _sql(world, "update jobs.procrastinate_jobs set status = 'doing'")
    app = job_runner.build_app(world.resources)
    async with app.open_async():
        await asyncio.gather(*(job_rescue.rescue(app, 60) for _ in range(4)))
    assert await _sql(world, "select attempts from jobs.procrastinate_jobs") == [1]
    await job_runner.run_waiting(world.resources)
    assert len(done) == 1


async def test_a_round_reaches_every_customer_once_a_tick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[UUID, datetime]] = []

    async def look(actor: Actor, now: datetime) -> None:
        seen.append((actor.tenant_id, now))

    monkeypatch.setitem(PERIODIC, "test.look", Periodic("*/5 * * * *", look))
    tick = int(datetime(2026, 11, 24, 12, 5, tzinfo=UTC).timestamp())
    for _ in range(2):
        app = job_runner.build_app(world.resources)
        async with app.open_async():
            task = app.tasks["round.test.look"]
            job = task.configure(task_kwargs={"timestamp": tick}).job
            await app.job_manager.defer_periodic_job(job=job, periodic_id="", defer_timestamp=tick)
    await asyncio.gather(*(job_runner.run_waiting(world.resources) for _ in range(2)))
    customers = {world.tenants["acme-corp"], world.tenants["globex"]}
    assert {tenant_id for tenant_id, _ in seen} == customers
    assert len(seen) == 2
    assert {moment for _, moment in seen} == {datetime(2026, 11, 24, 12, 5, tzinfo=UTC)}


async def test_one_tenants_failure_does_not_keep_the_others_from_their_round(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[UUID] = []

    async def look(actor: Actor, now: datetime) -> None:
        if actor.tenant_id == min(world.tenants["acme-corp"], world.tenants["globex"]):
            raise UpstreamFailed
        seen.append(actor.tenant_id)

    monkeypatch.setitem(PERIODIC, "test.look", Periodic("* * * * *", look))
    await _tick(world, "test.look", 60)
    assert seen == [max(world.tenants["acme-corp"], world.tenants["globex"])]
    assert await _sql(world, "select status::text from jobs.procrastinate_jobs") == ["todo"]


async def test_a_round_that_is_to_be_tried_again_does_not_keep_the_next_tick_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[datetime] = []

    async def look(actor: Actor, now: datetime) -> None:
        seen.append(now)
        if actor.tenant_id == world.tenants["globex"]:
            raise UpstreamFailed

    monkeypatch.setitem(PERIODIC, "test.look", Periodic("* * * * *", look))
    for tick in (60, 120):
        await _tick(world, "test.look", tick)
    assert {int(moment.timestamp()) for moment in seen} == {60, 120}


async def test_ticks_that_fail_do_not_pile_up_and_the_youngest_does_the_work_of_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_away, seen = [True], []

    async def look(actor: Actor, now: datetime) -> None:
        if is_away:
            raise UpstreamFailed
        seen.append(int(now.timestamp()))

    monkeypatch.setitem(PERIODIC, "test.look", Periodic("* * * * *", look))
    monkeypatch.setitem(PERIODIC, "test.other", Periodic("* * * * *", look))
    await _tick(world, "test.other", 60)
    for tick in (60, 120, 180, 240):
        await _tick(world, "test.look", tick)
    waiting = "select args ->> 'timestamp' from jobs.procrastinate_jobs where status = 'todo' order by task_name"
    assert await _sql(world, waiting) == ["240", "60"]
    is_away.clear()
    await _sql(world, "update jobs.procrastinate_jobs set scheduled_at = now()")
    await job_runner.run_waiting(world.resources)
    assert sorted(seen) == [60, 60, 240, 240], "each once for each of the two customers"


async def _tick(world: World, name: str, moment: int) -> None:
    """Let the clock begin a round, and run what is due."""
    app = job_runner.build_app(world.resources)
    async with app.open_async():
        await app.tasks[f"round.{name}"].defer_async(timestamp=moment)
    await job_runner.run_waiting(world.resources)


async def _start(world: World, email: str, total: int | None = 3) -> JobRun:
    actor = await world.actor(email)
    async with world.resources.database.unit_of_work(actor) as session:
        return await runs.start(session, actor, NOTE, title="Counting", total=total)


async def test_a_run_tells_how_far_it_is_and_what_came_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in = await world.sign_in("mia@acme.example")
    seen: list[tuple[str, int]] = []

    async def count(actor: Actor, arguments: Mapping[str, Any]) -> None:
        run_id = UUID(arguments["run_id"])
        async with api_client(world.resources.settings, headers=signed_in.headers) as client:
            for step in (1, 2):
                async with world.resources.database.unit_of_work(actor) as session:
                    assert await runs.advance(session, actor, run_id, done=step, note=f"step {step}")
                answer = (await client.get(f"/api/v1/jobs/{run_id}")).json()
                seen.append((answer["status"], answer["done"]))
        async with world.resources.database.unit_of_work(actor) as session:
            await runs.finish(session, actor, run_id, result={"counted": 3})

    monkeypatch.setitem(TASKS, NOTE, count)
    await _start(world, "mia@acme.example")
    await job_runner.run_waiting(world.resources)
    assert seen == [("running", 1), ("running", 2)]
    async with api_client(world.resources.settings, headers=signed_in.headers) as client:
        (item,) = (await client.get("/api/v1/jobs")).json()["items"]
    assert (item["status"], item["done"], item["total"], item["result"]) == ("done", 3, 3, {"counted": 3})


async def test_a_cancelled_run_stops_after_its_present_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in = await world.sign_in("mia@acme.example")
    parts: list[int] = []

    async def count(actor: Actor, arguments: Mapping[str, Any]) -> None:
        for part in range(5):
            async with world.resources.database.unit_of_work(actor) as session:
                if not await runs.advance(session, actor, UUID(arguments["run_id"]), done=part):
                    return
            parts.append(part)
            if part == 1:
                async with api_client(world.resources.settings, headers=signed_in.headers) as client:
                    answer = await client.post(f"/api/v1/jobs/{arguments['run_id']}/cancel")
                    assert answer.json()["is_cancel_asked"]

    monkeypatch.setitem(TASKS, NOTE, count)
    run = await _start(world, "mia@acme.example", total=5)
    await job_runner.run_waiting(world.resources)
    assert parts == [0, 1]
    async with api_client(world.resources.settings, headers=signed_in.headers) as client:
        assert (await client.get(f"/api/v1/jobs/{run.id}")).json()["status"] == "cancelled"
        again = await client.post(f"/api/v1/jobs/{run.id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")


async def test_a_run_that_was_cancelled_before_its_turn_does_nothing(world: World, done: list[Any]) -> None:
    run = await _start(world, "mia@acme.example")
    actor = await world.actor("mia@acme.example")
    async with world.resources.database.unit_of_work(actor) as session:
        await runs.cancel(session, actor, run.id)
        assert not await runs.advance(session, actor, run.id, done=1)


async def test_a_run_whose_task_is_refused_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(actor: Actor, arguments: Mapping[str, Any]) -> None:
        raise Conflict("There is nothing to count in this period")

    monkeypatch.setitem(TASKS, NOTE, refuse)
    run = await _start(world, "mia@acme.example")
    await job_runner.run_waiting(world.resources)
    signed_in = await world.sign_in("mia@acme.example")
    async with api_client(world.resources.settings, headers=signed_in.headers) as client:
        answer = (await client.get(f"/api/v1/jobs/{run.id}")).json()
    assert (answer["status"], answer["failure"]) == ("failed", "There is nothing to count in this period")


async def test_somebody_elses_run_is_not_there_but_for_the_administrator(world: World) -> None:
    run = await _start(world, "mia@acme.example")
    expected = {"noah@acme.example": 404, "admin@acme.example": 200, "admin@globex.example": 404}
    for email, status in expected.items():
        signed_in = await world.sign_in(email)
        async with api_client(world.resources.settings, headers=signed_in.headers) as client:
            assert (await client.get(f"/api/v1/jobs/{run.id}")).status_code == status, email
            assert (await client.get(f"/api/v1/jobs/{uuid4()}")).status_code == 404
            listed = (await client.get("/api/v1/jobs")).json()["items"]
        assert [item["id"] for item in listed] == ([str(run.id)] if status == 200 else [])
