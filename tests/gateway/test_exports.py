"""Taking one's data along: all that is about oneself, all of a tenant, nothing secret, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import LargeBinary, text
from sqlmodel import select

from bizosaas_app.gateway import download_places, export_runs, exports, job_runner, run_turns
from bizosaas_app.gateway.contracts.privacy import ReadExport, StartExport
from bizosaas_app.gateway.http import privacy
from bizosaas_app.gateway.http.sqladmin import columns
from bizosaas_app.gateway.job_table import TASKS
from bizosaas_app.gateway.upstreams.faults import AnswerTorn
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotFound, NotPermitted
from bizosaas_app.services.exports import scopes, writing
from bizosaas_app.services.jobs import queue, runs
from models import AuditEntry, ExportPart, JobRun, Notification, metadata, rls
from tests.models.rows import make_rows
from tests.support.api import api_client
from tests.support.engines import TestEngines
from tests.support.waiting import blocked
from tests.support.world import World

ADMIN, MIA, NOAH = "admin@acme.example", "mia@acme.example", "noah@acme.example"
EXPORTS = "/api/v1/privacy/exports"


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Any:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def full(world: World) -> World:
    """The cast, with a row of Mia's in every table of acme."""
    rows = make_rows(world.tenants["acme-corp"], 1)
    owner = rows["users"]["id"]
    async with world.resources.database.unit_of_work(world.system()) as session:
        for name, row in rows.items():
            if name not in ("tenants", "users", "memberships", "data_exports", "export_parts"):
                owned = {
                    column: world.people[MIA] if value == owner and column != "id" else value
                    for column, value in row.items()
                }
                if name == "gamification_events":
                    owned["user_id"] = world.people[MIA]
                await session.execute(metadata.tables[name].insert(), owned)
    return world


async def client_of(world: World, email: str) -> httpx.AsyncClient:
    return api_client(world.resources.settings, headers=(await world.sign_in(email)).headers)


async def take(world: World, email: str, scope: str) -> dict[str, list[dict[str, Any]]]:
    """Ask for an export, have it written, and give its rows by table."""
    async with await client_of(world, email) as client:
        asked = await client.post(EXPORTS, json={"scope": scope})
        assert asked.status_code == 202, asked.text
        place = f"{EXPORTS}/{asked.json()['id']}"
        assert (await client.get(f"{place}/file")).status_code == 409
        await job_runner.run_waiting(world.resources)
        seen = (await client.get(place)).json()
        assert (seen["status"], seen["done"]) == ("done", seen["total"])
        answer = await client.get(f"{place}/file")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "JSON Lines" in archive.read("README.txt").decode()
        return {
            name.removesuffix(".jsonl"): [json.loads(line) for line in archive.read(name).decode().splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


async def test_a_tenants_export_holds_every_table_of_it_and_nothing_of_another(full: World) -> None:
    found = await take(full, ADMIN, "tenant")
    expected = {table.name for table in rls.tenant_tables(metadata)} - scopes.INNER
    assert found.keys() == expected
    assert {name for name in found if not found[name]} == set()
    assert {user["email"] for user in found["users"]} >= {ADMIN, MIA, NOAH}
    everything = json.dumps(found)
    assert "globex" not in everything
    assert str(full.tenants["globex"]) not in everything
    for name, secret in scopes.SECRET.items():
        assert not secret & set(found[name][0]), name


async def test_ones_own_export_holds_what_is_ones_own(full: World) -> None:
    found = await take(full, MIA, "me")
    assert found.keys() == scopes.MINE.keys()
    assert [user["email"] for user in found["users"]] == [MIA]
    assert len(found["gamification_events"]) == 1
    assert len(found["notifications"]) == 1
    mine, column = str(full.people[MIA]), scopes.MINE
    for name, rows in found.items():
        assert {row[column[name]] for row in rows} <= {mine}, name
    everything = json.dumps(found)
    for other in (ADMIN, NOAH, "gus@globex.example", "password_hash", "referred_email"):
        assert other not in everything
    nobody = await take(full, NOAH, "me")
    assert [user["email"] for user in nobody["users"]] == [NOAH]
    assert nobody["gamification_events"] == []


async def test_an_export_is_for_whoever_asked_for_it_and_a_tenants_for_administrators(full: World) -> None:
    async with await client_of(full, MIA) as mia, await client_of(full, NOAH) as noah:
        refused = await mia.post(EXPORTS, json={"scope": "tenant"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        place = f"{EXPORTS}/{(await mia.post(EXPORTS, json={})).json()['id']}"
        assert (await mia.post(EXPORTS, json={})).json()["code"] == "export_underway"
        await job_runner.run_waiting(full.resources)
        async with await client_of(full, ADMIN) as admin, await client_of(full, "admin@globex.example") as stranger:
            for other in (noah, admin, stranger):
                assert (await other.get(place)).status_code == 404
                assert (await other.get(f"{place}/file")).status_code == 404
                assert (await other.post(f"{place}/cancel")).status_code == 404
        assert (await mia.get(f"{place}/file")).status_code == 200
    admin_actor = await full.actor(ADMIN)
    asked = await exports.start_export(admin_actor, StartExport(scope="tenant"))
    await job_runner.run_waiting(full.resources)
    demoted = Actor(**{**_fields(admin_actor), "permissions": admin_actor.permissions - {"export_tenant"}})
    with pytest.raises(NotPermitted):
        await exports.download_export(demoted, ReadExport(export_id=asked.id))


def _fields(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in Actor.__slots__}


async def parts_of(world: World, run_id: UUID) -> list[tuple[int, str, int]]:
    async with world.resources.database.unit_of_work(world.system()) as session:
        query = select(ExportPart.number, ExportPart.source, ExportPart.rows).where(ExportPart.run_id == run_id)
        return sorted(tuple(row) for row in (await session.exec(query)).all())


async def test_a_run_that_was_killed_goes_on_where_it_was_and_misses_and_repeats_no_row(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scopes, "_PAGE", 3)
    mia = full.people[MIA]
    async with full.resources.database.unit_of_work(full.system()) as session:
        for number in range(10):
            await session.execute(
                text(
                    "insert into gamification_events (tenant_id, event_id, type, user_id, value, properties,"
                    " occurred_at, received_at, source) values (:t, :e, 'sale', :u, :v, '{}', now(), now(), 'api')"
                ),
                {"t": full.tenants["acme-corp"], "e": uuid4(), "u": mia, "v": number + 100},
            )
    asked = await exports.start_export(await full.actor(MIA), StartExport())
    system = full.system()
    for _ in range(5):
        async with full.resources.database.unit_of_work(system) as session:
            assert await writing.write_page(session, system, asked.id, "me")
    begun = await parts_of(full, asked.id)
    await export_runs.write(system, {"run_id": str(asked.id), "scope": "me"})
    await export_runs.write(system, {"run_id": str(asked.id), "scope": "me"})  # a job may run twice
    whole = await parts_of(full, asked.id)
    assert whole[: len(begun)] == begun
    assert sum(rows for _, source, rows in whole if source == "gamification_events") == 11
    chunks = await exports.download_export(await full.actor(MIA), ReadExport(export_id=asked.id))
    with zipfile.ZipFile(io.BytesIO(b"".join([chunk async for chunk in chunks]))) as archive:
        lines = archive.read("gamification_events.jsonl").decode().splitlines()
    assert len({json.loads(line)["event_id"] for line in lines}) == len(lines) == 11


async def test_other_jobs_have_their_turn_while_an_export_is_written(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_turns, "TURN_SECONDS", 0.0)
    asked = await exports.start_export(await full.actor(MIA), StartExport())
    seen: list[str] = []

    async def look(actor: Actor, arguments: Mapping[str, Any]) -> None:
        async with full.resources.database.unit_of_work(full.system()) as session:
            seen.append((await session.exec(select(JobRun.status).where(JobRun.id == asked.id))).one())

    monkeypatch.setitem(TASKS, "test.look", look)
    stranger = full.system("globex")
    async with full.resources.database.unit_of_work(stranger) as session:
        await queue.enqueue(session, stranger, "test.look")
    await job_runner.run_waiting(full.resources)
    assert seen == ["running"]
    assert (await exports.read_export(await full.actor(MIA), ReadExport(export_id=asked.id))).status == "done"
    names = [source for _, source, _ in await parts_of(full, asked.id)]
    assert sorted(names) == sorted(scopes.MINE)
    async with full.resources.database.unit_of_work(full.system()) as session:
        assert (await session.execute(text("select count(*) from jobs.procrastinate_jobs"))).scalar_one() == 0


async def test_a_part_holds_so_many_bytes_and_no_row_is_missed(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_BYTES", 1000)
    mia, system = full.people[MIA], full.system()
    async with full.resources.database.unit_of_work(system) as session:
        for size in (10, 3000, 10, 10, 700, 10, 700, 10):
            body = "x" * size
            session.add(Notification(tenant_id=system.tenant_id, user_id=mia, kind="system", title="Test", body=body))
    asked = await exports.start_export(await full.actor(MIA), StartExport())
    await export_runs.write(system, {"run_id": str(asked.id), "scope": "me"})
    parts = [rows for _, source, rows in await parts_of(full, asked.id) if source == "notifications"]
    assert sum(parts) == 9
    assert len(parts) > 3
    chunks = await exports.download_export(await full.actor(MIA), ReadExport(export_id=asked.id))
    with zipfile.ZipFile(io.BytesIO(b"".join([chunk async for chunk in chunks]))) as archive:
        lines = archive.read("notifications.jsonl").decode().splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == 9


async def test_what_is_deleted_while_it_is_taken_is_not_found_and_breaks_a_download_off(full: World) -> None:
    mia = await full.actor(MIA)
    asked = await exports.start_export(mia, StartExport())
    await job_runner.run_waiting(full.resources)
    chunks = await exports.download_export(mia, ReadExport(export_id=asked.id))
    assert (await anext(chunks))[:2] == b"PK"
    async with full.resources.database.unit_of_work(full.system()) as session:
        await writing.drop_parts(session, asked.id)
    with pytest.raises(NotFound):
        await anext(chunks)
    async with await client_of(full, MIA) as client:
        answer = await client.get(f"{EXPORTS}/{asked.id}/file")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_so_many_downloads_go_on_at_once(full: World) -> None:
    mia = await full.actor(MIA)
    asked = await exports.start_export(mia, StartExport())
    await job_runner.run_waiting(full.resources)
    command = ReadExport(export_id=asked.id)
    # None of them has been begun to be sent: a place is taken by the request.
    asked_at_once = [exports.download_export(mia, command) for _ in range(6)]
    answers = await asyncio.gather(*asked_at_once, return_exceptions=True)
    going = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(going) == download_places.OF_ONE
    assert {type(answer) for answer in answers if isinstance(answer, BaseException)} == {LimitReached}
    assert [chunk async for chunk in going[0]]
    going[0] = await exports.download_export(mia, command)
    with pytest.raises(LimitReached):
        await exports.download_export(mia, command)
    for chunks in going:
        await chunks.aclose()
    assert [chunk async for chunk in await exports.download_export(mia, command)]


async def test_the_downloads_of_one_tenant_leave_places_to_the_others(full: World) -> None:
    going = []
    for email in (MIA, NOAH, ADMIN, "gus@globex.example"):
        actor = await full.actor(email)
        asked = await exports.start_export(actor, StartExport())
        await job_runner.run_waiting(full.resources)
        command = ReadExport(export_id=asked.id)
        if email == ADMIN:
            with pytest.raises(LimitReached):
                await exports.download_export(actor, command)
        else:
            going += [await exports.download_export(actor, command) for _ in range(download_places.OF_ONE)]
    for chunks in going:
        await chunks.aclose()


async def test_a_request_that_is_refused_or_fails_takes_no_place(full: World) -> None:
    mia = await full.actor(MIA)
    asked = await exports.start_export(mia, StartExport())
    await job_runner.run_waiting(full.resources)
    async with full.resources.database.unit_of_work(full.system()) as session:
        await writing.drop_parts(session, asked.id)
    for _ in range(download_places.OF_ONE + 1):
        with pytest.raises(NotFound):
            await exports.download_export(mia, ReadExport(export_id=asked.id))


async def test_who_reads_too_slowly_or_leaves_before_the_first_byte_gives_the_place_back(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = await full.actor(MIA)
    asked = await exports.start_export(mia, StartExport())
    await job_runner.run_waiting(full.resources)

    async def never(_message: Any) -> None:
        await asyncio.Event().wait()

    async def nothing() -> Any:
        await asyncio.Event().wait()

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    for _ in range(download_places.OF_ONE + 1):
        response = await privacy.download_export(mia, asked.id)
        sending = asyncio.create_task(response(scope, nothing, never))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    monkeypatch.setattr(download_places, "LONGEST_SECONDS", 0.01)
    for _ in range(download_places.OF_ONE + 1):
        response = await privacy.download_export(mia, asked.id)
        with pytest.raises(AnswerTorn):
            async with asyncio.timeout(60):
                await response(scope, nothing, never)


async def test_a_new_export_takes_the_place_of_the_last_and_two_at_once_are_one(
    full: World, superuser: psycopg.Connection
) -> None:
    first = await exports.start_export(await full.actor(MIA), StartExport())
    await job_runner.run_waiting(full.resources)
    mia, now = await full.actor(MIA), utc_now()
    async with full.resources.database.unit_of_work(mia) as session:
        second = await writing.start(session, mia, "me", now=now)
        third = asyncio.create_task(exports.start_export(mia, StartExport()))
        await blocked(superuser, third)
    with pytest.raises(writing.ExportUnderway):
        await third
    assert await parts_of(full, first.id) == []
    with pytest.raises(NotFound):
        await exports.read_export(mia, ReadExport(export_id=first.id))
    assert (await exports.read_export(mia, ReadExport(export_id=second.id))).status == "pending"


async def test_it_can_be_cancelled_and_what_was_gathered_goes(full: World) -> None:
    system = full.system()
    asked = await exports.start_export(await full.actor(MIA), StartExport())
    async with full.resources.database.unit_of_work(system) as session:
        assert await writing.write_page(session, system, asked.id, "me")
    assert await parts_of(full, asked.id)
    await exports.cancel_export(await full.actor(MIA), ReadExport(export_id=asked.id))
    await export_runs.write(system, {"run_id": str(asked.id), "scope": "me"})
    assert await parts_of(full, asked.id) == []
    async with full.resources.database.unit_of_work(system) as session:
        run = (await session.exec(select(JobRun).where(JobRun.id == asked.id))).one()
        assert run.status == "cancelled"
        with pytest.raises(runs.RunEnded):
            await runs.cancel(session, await full.actor(MIA), asked.id)
    again = await exports.start_export(await full.actor(MIA), StartExport())
    assert again.id != asked.id


async def test_after_a_week_it_is_gone_and_each_step_stands_in_the_audit_log(full: World) -> None:
    await take(full, MIA, "me")
    async with full.resources.database.unit_of_work(full.system()) as session:
        found = await session.exec(select(AuditEntry.action).where(AuditEntry.actor_user_id == full.people[MIA]))
        assert {act for act in found.all() if act.startswith("privacy")} == {
            "privacy.export_asked",
            "privacy.export_taken",
        }
        old = utc_now() - writing.KEPT - timedelta(minutes=1)
        await session.execute(text("update data_exports set created_at = :at"), {"at": old})
        run_id = (await session.exec(select(JobRun.id).where(JobRun.kind == writing.TASK))).one()
    async with await client_of(full, MIA) as client:
        assert (await client.get(f"{EXPORTS}/{run_id}")).status_code == 404
        assert (await client.get(f"{EXPORTS}/{run_id}/file")).status_code == 404


def test_every_table_that_refers_to_people_is_somebodys_own_or_says_why_not() -> None:
    """A new table with people in it is asked for here."""
    referring = {
        table.name
        for table in rls.tenant_tables(metadata)
        if table.name not in scopes.INNER
        and any(key.referred_table.name == "users" for key in table.foreign_key_constraints)
    }
    assert referring <= scopes.MINE.keys() | scopes.NOT_MINE.keys()
    assert not scopes.MINE.keys() & scopes.NOT_MINE.keys()


@pytest.mark.parametrize("scope", ["tenant", "me"])
def test_what_the_console_hides_is_in_no_export(scope: scopes.Scope) -> None:
    for source in scopes.sources(scope):
        for column in source.table.columns:
            if columns.is_hidden(column) and not isinstance(column.type, LargeBinary):  # people's own files are bytes
                assert column.name in source.without, f"{source.table.name}.{column.name}"
