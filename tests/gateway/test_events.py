"""Recording and reversing events over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import select

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import api_keys
from models import AuditEntry, GamificationEvent
from tests.support.boards import GUS, MIA, NOAH, Arena, Client, arena, event_body, scores

__all__ = ["arena"]

ADMIN = "admin@acme.example"
FOREIGN_ADMIN = "admin@globex.example"


async def test_one_event_stands_alone_and_a_batch_in_a_list(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    one = event_body(arena.person(MIA), 5)
    answer = await client.post("/events", one)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0, "rejected": []})
    batch = [one, event_body(arena.person(NOAH), "2.5"), event_body(arena.person(GUS))]
    answer = await client.post("/events", {"events": batch})
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (1, 1)
    assert [(item["index"], item["code"]) for item in answer.json()["rejected"]] == [(2, "user_unknown")]
    assert {str(score) for score in scores(await arena.entries(await arena.board())).values()} == {"5.0000", "2.5000"}


async def test_five_hundred_events_are_a_batch_and_one_more_is_not(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    batch = [event_body(arena.person(MIA)) for _ in range(501)]
    refused = await client.post("/events", {"events": batch})
    assert refused.status_code == 422
    assert [item["field"] for item in refused.json()["errors"]] == ["events"]
    assert (await client.post("/events", {"events": batch[:500]})).json()["accepted"] == 500


MALFORMED: list[tuple[Any, str]] = [
    ({}, "event_id"),
    (event_body(event_id="7"), "event_id"),
    (event_body(type=""), "type"),
    (event_body(value="much"), "value"),
    (event_body(value=True), "value"),
    (event_body(user_id=None, extra=1), "extra"),
    (event_body(properties=[1]), "properties"),
    (event_body(occurred_at="yesterday"), "occurred_at"),
    (event_body(occurred_at="2026-11-20T10:00:00"), "occurred_at"),
    (event_body(occurred_at="2026-11-20"), "occurred_at"),
    (event_body(occurred_at=1764000000), "occurred_at"),
    (event_body(occurred_at="1764000000"), "occurred_at"),
    ({"events": []}, "events"),
    ({"events": [event_body(), event_body(event_id="7")]}, "events.1.event_id"),
    ({"events": "all"}, "events"),
    ([event_body()], "body"),
]


async def test_a_malformed_body_is_refused_whole_and_names_the_field(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    for body, field in MALFORMED:
        answer = await client.post("/events", body)
        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"
        assert field in [item["field"] for item in answer.json()["errors"]], body
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        assert (await session.exec(select(GamificationEvent))).all() == []


async def test_only_who_may_record_events_records_and_reverses_them(arena: Arena) -> None:
    client = await Client.of(arena, MIA)
    event_id = await arena.score(MIA, 5)
    answers = [
        await client.post("/events", event_body(arena.person(MIA), 1000)),
        await client.post(f"/events/{event_id}/reverse", {"reason": "mine"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert len(scores(await arena.entries(await arena.board()))) == 1


async def test_an_api_key_records_events_within_its_scope(arena: Arena) -> None:
    admin = await arena.world.actor(ADMIN)
    texts = []
    for scope in ("record_events", "view_leaderboards"):
        async with arena.world.resources.database.unit_of_work(admin) as session:
            texts.append(await _key(arena, session, admin, scope))
    recorder, reader = (Client({"Authorization": f"Bearer {text}"}) for text in texts)
    assert (await recorder.post("/events", event_body(arena.person(MIA), 5))).json()["accepted"] == 1
    assert (await recorder.get("/leaderboards/points")).status_code == 403
    assert (await reader.post("/events", event_body(arena.person(MIA), 5))).status_code == 403
    await arena.relay.drain()
    board = (await reader.get("/leaderboards/points")).json()
    assert (board["total"], board["me"]) == (1, None)


async def _key(arena: Arena, session: Any, admin: Any, scope: str) -> str:
    made = await api_keys.create(
        session,
        admin,
        arena.world.resources.peppers["api_key"],
        name=scope,
        scopes=[scope],
        expires_at=utc_now() + timedelta(days=1),
        now=utc_now(),
    )
    return str(made[1])


async def test_a_reversal_takes_the_points_back_and_is_told_once_in_the_audit_log(arena: Arena) -> None:
    client = await Client.of(arena, ADMIN)
    event_id = await arena.score(MIA, 5)
    await arena.score(MIA, 2)
    first = await client.post(f"/events/{event_id}/reverse", {"reason": "refund"})
    second = await client.post(f"/events/{event_id}/reverse", {"reason": "again"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.json()["reason"] == "refund"
    await arena.relay.drain()
    mine = await Client.of(arena, MIA)
    assert (await mine.get("/leaderboards/points?window=all")).json()["me"]["score"] == 2
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        acts = (await session.exec(select(AuditEntry).where(AuditEntry.action == "events.reversed"))).all()
    assert [(act.subject, act.detail) for act in acts] == [(f"event:{event_id}", {"reason": "refund"})]


async def test_an_event_of_another_tenant_cannot_be_reversed(arena: Arena) -> None:
    event_id = await arena.score(MIA, 5)
    client = await Client.of(arena, FOREIGN_ADMIN)
    for path in (f"/events/{event_id}/reverse", f"/events/{uuid4()}/reverse"):
        answer = await client.post(path, {"reason": "envy"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_reversal_needs_a_reason(arena: Arena) -> None:
    client, event_id = await Client.of(arena, ADMIN), await arena.score(MIA, 5)
    for reason in (None, "", "x" * 501, "a\0b", 5):
        answer = await client.post(f"/events/{event_id}/reverse", {} if reason is None else {"reason": reason})
        assert answer.status_code == 422, reason
        assert [item["field"] for item in answer.json()["errors"]] == ["reason"]
