"""The audit log as it is read: by whom, what, how it ended and when; a page at a time; with nothing secret in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import audit, audit_views
from bizosaas_app.gateway.contracts.audit import AuditPage, ListAudit, TakeAudit
from bizosaas_app.kernel.errors import InputInvalid, NotPermitted
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit as audit_entries
from bizosaas_app.services import audit_reading
from bizosaas_app.services.audit_reading import Wanted
from bizosaas_app.services.overview import tenant
from models import AuditEntry
from tests.support.api import api_client
from tests.support.world import World

ADMIN, MIA, FOREIGN = "admin@acme.example", "mia@acme.example", "admin@globex.example"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTRIES: Sequence[tuple[str, str | None, str, dict[str, Any]]] = (
    ("login.succeeded", MIA, "ok", {}),
    ("users.invited", ADMIN, "ok", {"role": "user"}),
    ("users.list", MIA, "refused", {"permission": "view_members"}),
    ("agents.started", None, "failed", {"agent": "x"}),
    ("api_keys.created", ADMIN, "ok", {"scopes": ["a", "b"], "api_key": "bzk1_x", "nested": {"token": "t", "n": 1}}),
)


@pytest.fixture
async def log(world: World) -> World:
    """A log of five entries an hour apart, each of a kind."""
    async with world.resources.database.unit_of_work(world.system()) as session:
        for hours, (action, email, outcome, detail) in enumerate(ENTRIES):
            session.add(
                AuditEntry(
                    tenant_id=world.tenants["acme-corp"],
                    at=NOW + timedelta(hours=hours),
                    actor_user_id=world.people[email] if email else None,
                    channel="ui" if email else "system",
                    action=action,
                    outcome=outcome,
                    detail=detail,
                )
            )
    return world


async def read(world: World, email: str = ADMIN, **asked: Any) -> AuditPage:
    command = ListAudit.model_validate({"until": (NOW + timedelta(days=1)).isoformat(), **asked})
    return await audit.list_audit(await world.actor(email), command)


async def actions(world: World, **asked: Any) -> list[str]:
    return [line.action for line in (await read(world, **asked)).items]


async def test_entries_come_newest_first_with_who_acted(log: World) -> None:
    page = await read(log)
    assert [line.action for line in page.items] == [action for action, *_ in reversed(ENTRIES)]
    assert (page.total, page.is_bounded, page.next_cursor) == (5, False, None)
    assert [line.actor for line in page.items] == ["member", "system", "member", "member", "member"]
    assert page.items[0].actor_email == ADMIN
    assert page.items[1].actor_name == ""


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"area": ["users"]}, ["users.list", "users.invited"]),
        ({"area": ["users", "login"]}, ["users.list", "users.invited", "login.succeeded"]),
        ({"area": ["user"]}, []),
        ({"outcome": "refused"}, ["users.list"]),
        ({"outcome": "ok", "area": ["users"]}, ["users.invited"]),
        ({"q": "mia@"}, ["users.list", "login.succeeded"]),
        ({"q": "api keys"}, ["api_keys.created"]),
        ({"q": "100%"}, []),
        ({"since": "2026-03-01T15:00:00Z"}, ["api_keys.created", "agents.started"]),
        ({"until": "2026-03-01T13:00:00Z"}, ["login.succeeded"]),
    ],
)
async def test_entries_are_found_by_what_is_asked_for(log: World, asked: dict[str, Any], found: list[str]) -> None:
    assert await actions(log, **asked) == found


async def test_what_was_begun_is_told_as_unknown_until_its_end_stands(log: World) -> None:
    actor, end_id = await log.actor(ADMIN), new_id()
    begun: dict[str, Any] = {"subject": "upstream:crm", "detail": {"method": "POST"}}
    async with log.resources.database.unit_of_work(actor) as session:
        await audit_entries.begin(session, actor, action="upstream.changing", outcome_id=end_id, **begun)
    for asked in ({}, {"outcome": "unknown"}, {"area": ["upstream"]}):
        lines = await newest(log, **asked)
        assert lines[0] == ("upstream.changing", "unknown", {"method": "POST"})
    async with log.resources.database.unit_of_work(actor) as session:
        await audit_entries.record(session, actor, action="upstream.changed", entry_id=end_id, **begun)
    assert await newest(log, area=["upstream"]) == [("upstream.changed", "ok", {"method": "POST"})]
    assert await newest(log, outcome="unknown") == []
    async with log.resources.database.unit_of_work(actor) as session:
        acts = [act.action for act in await tenant.list_acts(session, limit=100)]
    assert "upstream.changed" in acts
    assert "upstream.changing" not in acts


async def newest(world: World, **asked: Any) -> list[tuple[str, str, dict[str, str]]]:
    """Give what the page and the files show alike, the newest first."""
    actor = await world.actor(ADMIN)
    page = await audit.list_audit(actor, ListAudit.model_validate(asked))
    file = await audit.export_audit(actor, TakeAudit.model_validate({**asked, "form": "jsonl"}))
    taken = [json.loads(line)["id"] for line in file.text.splitlines()]
    assert taken == [str(line.id) for line in page.items]
    assert page.total == len(taken)
    return [(line.action, line.outcome, line.detail) for line in page.items]


async def test_pages_follow_each_other_also_when_new_entries_come(log: World) -> None:
    first = await read(log, limit=2)
    async with log.resources.database.unit_of_work(log.system()) as session:
        entry = {
            "tenant_id": log.tenants["acme-corp"],
            "at": NOW + timedelta(hours=9),
            "channel": "ui",
            "action": "logout",
        }
        session.add(AuditEntry(**entry))
    second = await read(log, limit=2, cursor=first.next_cursor)
    third = await read(log, limit=2, cursor=second.next_cursor)
    seen = [line.action for page in (first, second, third) for line in page.items]
    assert seen == [action for action, *_ in reversed(ENTRIES)]
    assert third.next_cursor is None
    with pytest.raises(InputInvalid):
        await read(log, cursor="nonsense")


async def test_nobody_else_reads_it(log: World) -> None:
    with pytest.raises(NotPermitted):
        await read(log, MIA)
    assert not {"users.invited", "api_keys.created"} & {line.action for line in (await read(log, FOREIGN)).items}


async def test_what_could_be_a_secret_is_blotted_out(log: World) -> None:
    line = (await read(log, area=["api_keys"])).items[0]
    assert line.detail == {
        "scopes": "a, b",
        "api_key": audit_views.BLOTTED,
        "nested.token": audit_views.BLOTTED,
        "nested.n": "1",
    }
    assert audit_views.shown({"new_password": "x", "Authorization": "y", "secret_hash": "z", "note": "n" * 600}) == {
        "new_password": audit_views.BLOTTED,
        "Authorization": audit_views.BLOTTED,
        "secret_hash": audit_views.BLOTTED,
        "note": "n" * 500 + "…",
    }


async def test_a_file_has_what_was_found_and_taking_it_is_written_down(log: World) -> None:
    admin = await log.actor(ADMIN)
    command = TakeAudit.model_validate({"area": ["users"], "until": "2026-03-02T00:00:00Z"})
    file = await audit.export_audit(admin, command)
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [row["action"] for row in rows] == ["users.list", "users.invited"]
    assert rows[0]["detail"] == "permission: view_members"
    assert file.name.endswith(".csv")
    async with log.resources.database.unit_of_work(log.system()) as session:
        (entry,) = (await session.exec(select(AuditEntry).where(AuditEntry.action == "audit.exported"))).all()
    assert (entry.actor_user_id, entry.detail) == (
        log.people[ADMIN],
        {
            "rows": 2,
            "form": "csv",
            "areas": ["users"],
            "until": "2026-03-02T00:00:00+00:00",
        },
    )


async def test_the_log_is_read_over_http_as_well(log: World) -> None:
    headers = (await log.sign_in(ADMIN)).headers
    async with api_client(log.resources.settings, headers=headers) as client:
        page = (await client.get("/api/v1/audit?area=users&area=login&limit=2&until=2026-03-02T00:00:00Z")).json()
        file = await client.get("/api/v1/audit/export.csv?until=2026-03-02T00:00:00Z")
        wrong = await client.get("/api/v1/audit?outcome=maybe")
    assert [line["action"] for line in page["items"]] == ["users.list", "users.invited"]
    assert page["next_cursor"]
    assert file.headers["content-type"].startswith("text/csv")
    assert "login.succeeded" in file.text
    assert wrong.status_code == 422


async def test_a_large_log_is_counted_up_to_a_bound_and_read_by_its_indexes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = world.system()
    async with world.resources.database.unit_of_work(system) as session:
        await session.execute(
            text("""
            INSERT INTO audit_log (
                tenant_id, id, at, channel, action, subject, outcome, outcome_id, detail, address, request_id
            )
            SELECT :tenant, gen_random_uuid(), CAST(:now AS timestamptz) - n * interval '1 minute', 'system',
                CASE WHEN n % 997 = 0 THEN 'rare.act' ELSE 'login.succeeded' END, '',
                CASE WHEN n % 991 = 0 THEN 'refused' WHEN n % 983 = 0 THEN 'unknown' ELSE 'ok' END,
                CASE WHEN n % 991 <> 0 AND n % 983 = 0 THEN gen_random_uuid() END, '{}', '', ''
            FROM generate_series(1, 30000) n
            """),
            {"tenant": system.tenant_id, "now": NOW},
        )
    admin = await world.actor(ADMIN)
    page = await audit.list_audit(admin, ListAudit(limit=25))
    assert (page.total, page.is_bounded) == (audit_reading.MOST_COUNTED, True)
    assert (await audit.list_audit(admin, ListAudit(area=["rare"]))).total == 30
    monkeypatch.setattr(audit_reading, "_LONGEST_WALK", text("SET LOCAL statement_timeout = '1ms'"))
    async with world.resources.database.unit_of_work(system) as session:
        assert await audit_reading.count(session, Wanted(words="succeeded")) is None
        assert await session.scalar(text("SELECT 1")) == 1
    plans = {name: await plan(world, wanted) for name, wanted in WAYS.items()}
    assert all(index in plans[index] for index in plans), "\n".join(plans.values())
    # The end of what was begun is looked up by its key, never in a table that is made of the whole log.
    assert not any("hashed" in found for found in plans.values())
    assert {name for name, found in plans.items() if "pk_audit_log" in found} == WAYS.keys() - {"ix_audit_log_trouble"}


WAYS = {
    "ix_audit_log_time": Wanted(),
    "ix_audit_log_area": Wanted(areas=("rare",)),
    "ix_audit_log_trouble": Wanted(outcome="refused"),
    "ix_audit_log_begun": Wanted(outcome="unknown"),
}
"""Which index answers what."""


async def plan(world: World, wanted: Wanted) -> str:
    """Give how PostgreSQL reads the first page."""
    query = (
        select(AuditEntry)
        .where(*audit_reading._conditions(wanted))
        .order_by(text("audit_log.at DESC"), text("audit_log.id DESC"))
        .limit(26)
    )
    async with world.resources.database.unit_of_work(world.system()) as session:
        words = str(query.compile(compile_kwargs={"literal_binds": True}, dialect=session.get_bind().dialect))
        rows = await session.execute(text("EXPLAIN " + words))
        return "\n".join(row[0] for row in rows)


async def _fill(world: World, slug: str, entries: int) -> None:
    """Write many entries into a tenant's log, each naming the tenant."""
    system = world.system(slug)
    async with world.resources.database.unit_of_work(system) as session:
        await session.execute(
            text("""
            INSERT INTO audit_log (tenant_id, id, at, channel, action, subject, outcome, detail, address, request_id)
            SELECT :tenant, gen_random_uuid(), CAST(:now AS timestamptz) - n * interval '1 minute', 'system',
                'login.succeeded', :slug || ':' || n, 'ok', '{"note": "=1+1"}', '', ''
            FROM generate_series(1, :entries) n
            """),
            {"tenant": system.tenant_id, "now": NOW, "slug": slug, "entries": entries},
        )


@pytest.mark.parametrize(("form", "media"), [("csv", "text/csv; charset=utf-8"), ("jsonl", "application/x-ndjson")])
async def test_a_stream_has_all_of_a_time_span_and_nothing_of_another_tenant(
    world: World, form: str, media: str
) -> None:
    await _fill(world, "acme-corp", 2_500)
    await _fill(world, "globex", 30)
    session = await world.sign_in(ADMIN)
    since = NOW - timedelta(minutes=2_400)
    query = {"since": since.isoformat(), "until": NOW.isoformat()}
    async with api_client(world.resources.settings, headers=session.headers) as client:
        answer = await client.get(f"/api/v1/audit/export.{form}", params=query)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert answer.headers["cache-control"] == "no-store"
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert rows[0]["detail"] == "note: =1+1"
    else:
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert rows[0]["detail"] == {"note": "=1+1"}
    assert [row["subject"] for row in rows] == [f"acme-corp:{n}" for n in range(1, 2_401)]
    async with world.resources.database.unit_of_work(world.system()) as database:
        (entry,) = (await database.exec(select(AuditEntry).where(AuditEntry.action == "audit.exported"))).all()
    assert entry.actor_user_id == session.actor.user_id
    assert entry.detail == {"form": form, "since": since.isoformat(), "until": NOW.isoformat()}


async def test_a_stream_holds_a_page_at_a_time_and_no_connection_between_them(world: World) -> None:
    await _fill(world, "acme-corp", audit.MOST_ROWS + 500)
    admin = await world.actor(ADMIN)
    with pytest.raises(InputInvalid):
        await audit.export_audit(admin, TakeAudit())
    stream = await audit.stream_audit(admin, TakeAudit(form="jsonl", until=NOW))
    counts = []
    async for piece in stream.pieces:
        counts.append(piece.count("\n"))
        assert world.resources.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert sum(counts) == audit.MOST_ROWS + 500
    assert max(counts) <= audit.STREAM_ROWS


async def test_a_cell_that_would_be_a_formula_is_guarded(world: World) -> None:
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.execute(
            text("""
            INSERT INTO audit_log (tenant_id, id, at, channel, action, subject, outcome, detail, address, request_id)
            VALUES (:tenant, gen_random_uuid(), :now, 'http', 'login.failed', '=cmd()', 'refused', '{}', '', '@x')
            """),
            {"tenant": world.tenants["acme-corp"], "now": NOW},
        )
    stream = await audit.stream_audit(await world.actor(ADMIN), TakeAudit(since=NOW))
    text_of_it = "".join([piece async for piece in stream.pieces])
    assert '"\'=cmd()"' in text_of_it
    assert '"\'@x"' in text_of_it


async def test_who_may_not_read_the_log_may_not_take_it(world: World) -> None:
    mia = await world.sign_in(MIA)
    async with api_client(world.resources.settings, headers=mia.headers) as client:
        for form in ("csv", "jsonl"):
            assert (await client.get(f"/api/v1/audit/export.{form}")).status_code == 403
        assert (await client.get("/api/v1/audit/export.jsonl?since=yesterday")).status_code == 403
    root = await world.sign_in(ADMIN)
    async with api_client(world.resources.settings, headers=root.headers) as client:
        answer = await client.get("/api/v1/audit/export.jsonl?since=yesterday")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "since")
