"""Achievements through the door: in this process and over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from bizosaas_app.gateway import achievement_jobs, achievements, job_runner, run_turns
from bizosaas_app.gateway.contracts.achievements import CreateAchievement, ReadAchievements, ReadGoals
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound, NotPermitted
from bizosaas_app.services.gamification.achievements import deriving, rarity
from bizosaas_app.services.gamification.achievements.catalogue import CATEGORIES, PREDEFINED
from models import JobRun
from tests.support.api import api_client
from tests.support.awards import Hall, count, hall
from tests.support.boards import GUS, MIA, NOAH, ago, arena, event

__all__ = ["arena", "hall"]

ADMIN, FOREIGN_ADMIN = "admin@acme.example", "admin@globex.example"
BASE = "/api/v1/gamification/achievements"


class Caller:
    """Somebody with a session, and the whole API."""

    def __init__(self, hall: Hall, headers: dict[str, str]) -> None:
        self.http = api_client(hall.arena.world.resources.settings, headers=headers)

    @classmethod
    async def of(cls, hall: Hall, email: str) -> Caller:
        return cls(hall, (await hall.arena.world.sign_in(email)).headers)

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = await self.http.request(method, BASE + path, json=body)
        return answer.status_code, answer.json()


def body(key: str = "ten", **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": "Ten tasks",
        "description": "Complete ten tasks",
        "category": "campaigns",
        "points": 50,
        "trigger": count(threshold=10),
        **fields,
    }


async def test_every_tenant_has_the_catalogue(hall: Hall) -> None:
    assert len(PREDEFINED) >= 24
    assert {item.category for item in PREDEFINED} == {item.key for item in CATEGORIES}
    tenant_id = hall.arena.world.tenants["acme-corp"]
    mia = await Caller.of(hall, MIA)
    await hall.arena.score(MIA, 5)
    status, page = await mia.ask("GET", f"/{tenant_id}")
    assert status == 200
    assert (len(page["items"]), page["next_cursor"]) == (len(PREDEFINED), None)
    first = next(item for item in page["items"] if item["key"] == "first-task")
    assert first["status"] == "unlocked"
    assert first["progress"] == {"current": 1, "target": 1, "percent": 100}
    assert first["unlocked_at"] is not None
    assert first["rarity_percent"] is None
    assert page["summary"] == {"total": len(PREDEFINED), "unlocked": 1, "provisional": 0, "points": 10}


async def test_a_hidden_one_is_a_silhouette_until_it_is_unlocked(hall: Hall) -> None:
    tenant_id = hall.arena.world.tenants["acme-corp"]
    mia = await Caller.of(hall, MIA)
    await hall.define("secret", count(threshold=1), is_hidden=True)
    _, page = await mia.ask("GET", f"/{tenant_id}?category=onboarding")
    assert "secret" not in str(page).lower()
    assert [item["trigger"] for item in page["items"] if item["name"] == "Hidden"] == [None]
    await hall.arena.score(MIA, 1)
    _, page = await mia.ask("GET", f"/{tenant_id}?category=onboarding&status=unlocked")
    assert "secret" in [item["key"] for item in page["items"]]


async def test_one_sees_ones_own_and_an_administrator_everybodys(hall: Hall) -> None:
    tenant_id, noah = hall.arena.world.tenants["acme-corp"], hall.arena.person(NOAH)
    await hall.arena.score(NOAH, 1)
    mia, admin = [await Caller.of(hall, email) for email in (MIA, ADMIN)]
    assert (await mia.ask("GET", f"/{tenant_id}?user_id={noah}"))[0] == 403
    assert (await mia.ask("GET", f"/{tenant_id}?user_id={hall.arena.person(MIA)}"))[0] == 200
    status, page = await admin.ask("GET", f"/{tenant_id}?user_id={noah}")
    assert (status, page["summary"]["unlocked"]) == (200, 1)
    for user_id in (hall.arena.person(GUS), uuid4()):
        assert (await admin.ask("GET", f"/{tenant_id}?user_id={user_id}"))[0] == 404


async def test_another_tenant_is_not_there(hall: Hall) -> None:
    foreign = hall.arena.world.tenants["globex"]
    for email in (MIA, ADMIN):
        caller = await Caller.of(hall, email)
        for tenant_id in (foreign, uuid4()):
            assert (await caller.ask("GET", f"/{tenant_id}"))[0] == 404
            assert (await caller.ask("GET", f"/{tenant_id}/goals"))[0] == 404
    actor = await hall.arena.world.actor(MIA)
    with pytest.raises(NotFound):
        await achievements.read_achievements(actor, ReadAchievements(tenant_id=foreign))
    with pytest.raises(NotPermitted):
        await achievements.create_achievement(actor, CreateAchievement(**body()))


async def test_pages_of_the_list_meet_without_a_gap(hall: Hall) -> None:
    tenant_id = hall.arena.world.tenants["acme-corp"]
    mia = await Caller.of(hall, MIA)
    _, whole = await mia.ask("GET", f"/{tenant_id}")
    ids: list[str] = []
    cursor = ""
    while True:
        _, page = await mia.ask("GET", f"/{tenant_id}?limit=7{cursor}")
        ids += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert ids == [item["id"] for item in whole["items"]]
    for bad in ("nonsense", "WzEsMl0=", "e30="):
        status, problem = await mia.ask("GET", f"/{tenant_id}?cursor={bad}")
        assert (status, problem["errors"][0]["field"]) == (422, "cursor")


async def test_the_next_goals_say_what_to_do(hall: Hall) -> None:
    tenant_id = hall.arena.world.tenants["acme-corp"]
    await hall.define("nine", count("lead.won", 10))
    await hall.arena.append(*(event(hall.arena.person(MIA), 1, type="lead.won") for _ in range(9)))
    actor = await hall.arena.world.actor(MIA)
    goals = await achievements.read_goals(actor, ReadGoals(tenant_id=tenant_id))
    assert (goals.items[0].key, goals.items[0].progress.percent) == ("nine", 90)
    assert goals.items[0].next_action == "Win 1 more lead"
    assert len(goals.items) == 3
    status, page = await (await Caller.of(hall, MIA)).ask("GET", f"/{tenant_id}/goals?limit=1")
    assert (status, [item["key"] for item in page["items"]]) == (200, ["nine"])


async def test_a_custom_one_is_active_at_once_and_awarded_for_what_was(hall: Hall) -> None:
    tenant_id = hall.arena.world.tenants["acme-corp"]
    admin, mia = await Caller.of(hall, ADMIN), await Caller.of(hall, MIA)
    await hall.arena.append(*(event(hall.arena.person(MIA), occurred_at=ago(days=2)) for _ in range(12)))
    status, dry = await admin.ask("POST", "/custom", body(dry_run=True))
    assert (status, dry["would_unlock"], dry["unlocks"], dry["events"], dry["days"]) == (200, 1, 1, 12, 90)
    assert dry["sample"] == [{"user_id": str(hall.arena.person(MIA)), "name": "Mia"}]
    assert (await hall.everything())["standing"] == []
    status, made = await admin.ask("POST", "/custom", body())
    assert (status, made["key"], made["is_custom"], made["unlocked_by"]) == (201, "ten", True, 1)
    _, page = await mia.ask("GET", f"/{tenant_id}")
    assert [item["status"] for item in page["items"] if item["key"] == "ten"] == ["unlocked"]
    assert (await admin.ask("POST", "/custom", body()))[1]["code"] == "key_taken"
    assert (await mia.ask("POST", "/custom", body("other")))[0] == 403


async def test_a_dry_run_looks_at_ninety_days_and_changes_nothing(hall: Hall) -> None:
    await hall.arena.score(MIA, 1, occurred_at=utc_now() - timedelta(days=91))
    await hall.arena.score(NOAH, 1, properties={"self_reported": True})
    before = await hall.everything()
    actor = await hall.arena.world.actor(ADMIN)
    found = await achievements.create_achievement(
        actor, CreateAchievement(**body(trigger=count(threshold=1), dry_run=True))
    )
    assert found.document() | {"sample": []} == {
        "would_unlock": 0,
        "would_be_provisional": 1,
        "unlocks": 0,
        "events": 1,
        "days": 90,
        "members": sum(email.endswith("@acme.example") for email in hall.arena.world.people),
        "is_whole": False,
        "sample": [],
    }
    assert await hall.everything() == before


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"key": "Big Key"}, "key"),
    ({"name": "a\0b"}, "name"),
    ({"description": "a\0b"}, "description"),
    ({"category": "No Such"}, "category"),
    ({"points": -1}, "points"),
    ({"colour": "red"}, "colour"),
    ({"trigger": {}}, "trigger.event"),
    ({"trigger": count(threshold=0)}, "trigger.threshold"),
    ({"trigger": count(filters=[{"field": "a", "op": "eq", "value": "x\0"}])}, "trigger.filters.0.value"),
    ({"trigger": {"all_of": [count(), {"event": "a.b", "aggregate": "count"}]}}, "trigger.all_of.1.threshold"),
    ({"preconditions": ["missing"]}, "preconditions.0"),
    ({"repeats": "day", "trigger": count(window="month")}, "trigger"),
    ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "ends_at"),
    ({"limits": {"max_per_day": 0}}, "limits.max_per_day"),
    ({"platform": "elsewhere"}, "platform"),
]


async def test_what_is_wrong_with_a_custom_one_is_named(hall: Hall) -> None:
    admin = await Caller.of(hall, ADMIN)
    for fields, name in WRONG:
        for dry_run in (True, False):
            status, problem = await admin.ask("POST", "/custom", body(**fields, dry_run=dry_run))
            assert (status, [item["field"] for item in problem["errors"]]) == (422, [name]), fields


async def test_a_rule_changes_only_while_nobody_holds_it(hall: Hall) -> None:
    admin = await Caller.of(hall, ADMIN)
    await admin.ask("POST", "/custom", body())
    await hall.arena.append(*(event(hall.arena.person(MIA)) for _ in range(4)))
    status, changed = await admin.ask("PATCH", "/custom/ten", {"trigger": count(threshold=3), "name": "Three tasks"})
    assert (status, changed["name"], changed["unlocked_by"]) == (200, "Three tasks", 1)
    status, problem = await admin.ask("PATCH", "/custom/ten", {"trigger": count(threshold=9)})
    assert (status, problem["code"]) == (409, "achievement_in_use")
    assert (await admin.ask("PATCH", "/custom/ten", {"points": 5}))[0] == 200
    assert (await admin.ask("PATCH", "/custom/ten", {"status": "archived"}))[1]["status"] == "archived"
    for wrong, status_due in (({}, 422), ({"name": None}, 422), ({"preconditions": ["ten"]}, 422)):
        assert (await admin.ask("PATCH", "/custom/ten", wrong))[0] == status_due, wrong
    for key in ("first-task", "missing"):
        assert (await admin.ask("PATCH", f"/custom/{key}", {"points": 5}))[0] == 404
    foreign = await Caller.of(hall, FOREIGN_ADMIN)
    assert (await foreign.ask("PATCH", "/custom/ten", {"points": 5}))[0] == 404


async def test_an_administrator_sees_every_definition_with_its_holders(hall: Hall) -> None:
    admin = await Caller.of(hall, ADMIN)
    await hall.arena.score(MIA, 1)
    await admin.ask("POST", "/custom", body("mine", category="our-own"))
    await admin.ask("PATCH", "/custom/mine", {"status": "archived"})
    status, page = await admin.ask("GET", "/definitions")
    found = {item["key"]: item for item in page["items"]}
    assert (status, len(found)) == (200, len(PREDEFINED) + 1)
    assert (found["first-task"]["unlocked_by"], found["mine"]["status"]) == (1, "archived")
    assert (await (await Caller.of(hall, MIA)).ask("GET", "/definitions"))[0] == 403


async def test_a_doubtful_unlock_waits_for_a_person(hall: Hall) -> None:
    await hall.define("hundred", count("button.pressed", 100))
    await hall.define("finisher", count("campaign.completed", 2))
    start = ago(hours=1)
    burst = [event(hall.arena.person(MIA), type="button.pressed", occurred_at=start) for _ in range(100)]
    await hall.arena.append(*burst)
    await hall.arena.append(*(event(hall.arena.person(NOAH), type="campaign.completed") for _ in range(2)))
    assert [await hall.state(MIA, "hundred"), await hall.state(NOAH, "finisher")] == ["provisional"] * 2
    admin = await Caller.of(hall, ADMIN)
    _, page = await admin.ask("GET", "/reviews")
    found = {item["achievement_key"]: item for item in page["items"]}
    assert {key: item["code"] for key, item in found.items()} == {"hundred": "burst", "finisher": "impossible_sequence"}
    mias, noahs = found["hundred"]["id"], found["finisher"]["id"]
    status, decided = await admin.ask("POST", f"/reviews/{mias}", {"decision": "confirm", "note": "a demo"})
    assert (status, decided["status"], decided["note"]) == (200, "confirmed", "a demo")
    assert (await admin.ask("POST", f"/reviews/{noahs}", {"decision": "revoke"}))[0] == 200
    assert [await hall.state(MIA, "hundred"), await hall.state(NOAH, "finisher")] == ["unlocked", "in_progress"]
    assert await hall.notices(NOAH) == ["No longer unlocked: Finisher"]
    assert (await admin.ask("POST", f"/reviews/{mias}", {"decision": "revoke"}))[1]["code"] == "review_decided"
    assert (await admin.ask("GET", "/reviews"))[1]["items"] == []
    assert len((await admin.ask("GET", "/reviews?status=revoked"))[1]["items"]) == 1
    await hall.arena.score(NOAH, 1, type="campaign.completed")
    assert await hall.state(NOAH, "finisher") != "unlocked"
    before = await hall.everything()
    await hall.rebuild()
    assert await hall.everything() == before
    foreign, mia = await Caller.of(hall, FOREIGN_ADMIN), await Caller.of(hall, MIA)
    assert (await foreign.ask("POST", f"/reviews/{mias}", {"decision": "confirm"}))[0] == 404
    assert (await mia.ask("GET", "/reviews"))[0] == 403


async def test_doubtful_unlocks_are_found_by_the_member_and_by_the_achievement(hall: Hall) -> None:
    await hall.define("hurried", count("button.pressed", 100), name="100% hurried")
    await hall.define("finisher", count("campaign.completed", 2))
    start = ago(hours=1)
    burst = [event(hall.arena.person(MIA), type="button.pressed", occurred_at=start) for _ in range(100)]
    await hall.arena.append(*burst)
    await hall.arena.append(*(event(hall.arena.person(NOAH), type="campaign.completed") for _ in range(2)))
    admin = await Caller.of(hall, ADMIN)
    for words, keys in {
        "": {"hurried", "finisher"},
        "MIA": {"hurried"},
        "noah@acme": {"finisher"},
        "0%": {"hurried"},
        "finish": {"finisher"},
        "nobody": set(),
    }.items():
        status, page = await admin.ask("GET", f"/reviews?q={quote(words)}")
        assert (status, {item["achievement_key"] for item in page["items"]}, page["total"]) == (200, keys, len(keys))
    assert (await admin.ask("GET", "/reviews?status=confirmed&q=mia"))[1]["total"] == 0


async def test_honest_hurry_is_not_doubted(hall: Hall) -> None:
    """An import by API, a busy evening, and campaigns that somebody else has launched."""
    await hall.define("hundred", count("button.pressed", 100))
    await hall.define("finisher", count("campaign.completed", 1))
    admin = await hall.arena.world.sign_in(ADMIN)
    async with api_client(hall.arena.world.resources.settings, headers=admin.headers) as client:
        user_id = str(hall.arena.person(MIA))
        events = [{"event_id": str(uuid4()), "type": "button.pressed", "user_id": user_id} for _ in range(200)]
        await client.post("/api/v1/gamification/events", json={"events": events})
    evening = [
        event(hall.arena.person(NOAH), type="button.pressed", occurred_at=ago(seconds=2 * n)) for n in range(100)
    ]
    await hall.arena.append(*evening)
    await hall.arena.score(NOAH, 1, type="campaign.launched")
    await hall.arena.score(MIA, 1, type="campaign.completed")
    assert [await hall.state(email, "hundred") for email in (MIA, NOAH)] == ["unlocked", "unlocked"]
    assert await hall.state(MIA, "finisher") == "unlocked"


async def test_rarity_is_told_of_a_group_that_is_large_enough(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await hall.define("one", count(threshold=1))
    await hall.arena.score(MIA, 1)
    assert (await hall.item(MIA, "one")).rarity_percent is None
    monkeypatch.setattr(rarity, "MINIMUM", 4)
    assert (await hall.item(MIA, "one")).rarity_percent == 25.0
    await hall.arena.score(NOAH, 1)
    assert (await hall.item(MIA, "one")).rarity_percent == 50.0


async def test_a_long_history_is_awarded_by_a_run_that_goes_on_after_a_restart(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "AT_ONCE", 5)
    monkeypatch.setattr(deriving, "PART", 1)
    for email in (MIA, NOAH):
        await hall.arena.append(*(event(hall.arena.person(email)) for _ in range(4)))
    admin = await Caller.of(hall, ADMIN)
    status, made = await admin.ask("POST", "/custom", body(trigger=count(threshold=4)))
    assert (status, made["unlocked_by"]) == (201, 0)
    await hall.arena.score(MIA, 1)
    assert await hall.state(MIA, "ten") == "in_progress"
    actor = Actor.system(hall.arena.world.tenants["acme-corp"])
    run = await _run(hall)
    assert (run.kind, run.total) == (deriving.TASK, 4)
    arguments = {"run_id": str(run.id), "achievement_ids": [made["id"]]}
    async with hall.arena.world.resources.database.unit_of_work(actor) as session:
        assert await deriving.continue_run(session, actor, run.id, {UUID(made["id"])}, utc_now())
    monkeypatch.setattr(run_turns, "TURN_SECONDS", 0.0)
    await achievement_jobs.award(actor, arguments)
    assert (await _run(hall)).done == 2  # the rest is left to a further job
    await job_runner.run_waiting(hall.arena.world.resources)
    await achievement_jobs.award(actor, arguments)
    run = await _run(hall)
    assert (run.status, run.done, run.result) == ("done", 4, {"members": 4})
    assert [await hall.state(email, "ten") for email in (MIA, NOAH)] == ["unlocked", "unlocked"]
    assert (await hall.item(MIA, "ten")).progress.current == 5
    before = await hall.everything()
    await hall.rebuild()
    assert await hall.everything() == before


async def _run(hall: Hall) -> JobRun:
    async with hall.arena.world.resources.database.unit_of_work(hall.arena.world.system()) as session:
        return (await session.exec(select(JobRun))).one()
