"""What rules can speak of, through the door."""

from __future__ import annotations

from typing import Any

from bizosaas_app.services.gamification.achievements.wording import ACTS
from tests.gateway.test_achievements import ADMIN, FOREIGN_ADMIN
from tests.support.api import api_client
from tests.support.awards import Hall, hall
from tests.support.boards import MIA, arena, event

__all__ = ["arena", "hall"]


async def vocabulary(hall: Hall, email: str) -> tuple[int, Any]:
    session = await hall.arena.world.sign_in(email)
    client = api_client(hall.arena.world.resources.settings, headers=session.headers)
    answer = await client.get("/api/v1/gamification/events/vocabulary")
    return answer.status_code, answer.json()


async def test_the_ledgers_types_stand_beside_the_known_ones_with_their_fields(hall: Hall) -> None:
    mia = hall.arena.person(MIA)
    await hall.arena.append(
        event(mia, 1, type="webinar.held", properties={"seats": 40, "city": "Berlin", "is_free": True, "tags": ["a"]}),
        event(mia, 1, type="webinar.held", properties={"seats": 12, "a.b": 1}),
        event(mia, 1, type="order.completed"),
    )
    status, found = await vocabulary(hall, ADMIN)
    assert status == 200
    types = {item["type"]: item for item in found["types"]}
    assert ACTS.keys() - {"*"} <= types.keys()
    assert types["webinar.held"] == {
        "type": "webinar.held",
        "is_seen": True,
        "fields": [
            {"name": "seats", "kind": "number"},
            {"name": "city", "kind": "string"},
            {"name": "is_free", "kind": "boolean"},
        ],
    }
    assert types["order.completed"]["is_seen"]
    assert not types["lead.won"]["is_seen"]
    assert {"name": "rank", "kind": "number"} in types["leaderboard.podium"]["fields"]
    assert not types.keys() & {"event.reversed", "referral.held", "*"}


async def test_another_tenants_types_are_not_told(hall: Hall) -> None:
    await hall.arena.append(event(hall.arena.person(MIA), 1, type="webinar.held"))
    _, found = await vocabulary(hall, FOREIGN_ADMIN)
    assert "webinar.held" not in {item["type"] for item in found["types"]}


async def test_a_member_is_not_told(hall: Hall) -> None:
    assert (await vocabulary(hall, MIA))[0] == 403
