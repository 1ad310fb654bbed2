"""What becomes of a published achievement: awarded at once, or by a run that the page follows to its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from bizosaas_app.gateway import accounts, achievements, page_watching
from bizosaas_app.gateway.contracts.accounts import Logout
from bizosaas_app.gateway.contracts.achievements import CreateAchievement, DefinitionView
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification.achievements import deriving
from bizosaas_app.services.jobs import runs
from state import award_runs
from state.award_runs import AwardRow
from tests.support.awards import Hall, count, hall
from tests.support.boards import MIA, arena, running_relay
from tests.support.followers import hub

__all__ = ["arena", "hall", "hub", "running_relay"]

ADMIN = "admin@acme.example"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(award_runs, "PAUSE_SECONDS", 0)


@pytest.fixture
async def admin(hall: Hall) -> Actor:
    return await hall.arena.world.actor(ADMIN)


async def publish(admin: Actor, name: str = "Starter") -> DefinitionView:
    fields: dict[str, Any] = {"key": "starter", "category": "onboarding", "points": 10, "trigger": count(threshold=1)}
    made = await achievements.create_achievement(admin, CreateAchievement.model_validate({**fields, "name": name}))
    assert isinstance(made, DefinitionView)
    return made


async def start(hall: Hall, admin: Actor, name: str = "Starter", total: int | None = 4) -> UUID:
    """Leave the awarding to a run, as publishing does where the ledger is long."""
    title = f"Award the achievement {name}"
    async with hall.arena.world.resources.database.unit_of_work(admin) as session:
        return (await runs.start(session, admin, deriving.TASK, title=title, total=total)).id


async def advance(hall: Hall, admin: Actor, run_id: UUID, done: int) -> None:
    async with hall.arena.world.resources.database.unit_of_work(admin) as session:
        assert await runs.advance(session, admin, run_id, done=done)


async def end(hall: Hall, admin: Actor, run_id: UUID, *, has_failed: bool = False) -> None:
    async with hall.arena.world.resources.database.unit_of_work(admin) as session:
        if has_failed:
            await runs.fail(session, admin, run_id, reason="The database was away")
        else:
            await runs.finish(session, admin, run_id)


async def begun(hall: Hall, admin: Actor) -> AwardRow:
    """Publish one whose awarding a run has begun."""
    made = await publish(admin)
    await start(hall, admin)
    return await award_runs.find(admin, made)


async def test_what_is_awarded_at_once_says_who_has_it(hall: Hall, admin: Actor) -> None:
    await hall.arena.score(MIA, 1)
    award = await award_runs.find(admin, await publish(admin))
    assert (award["key"], award["status"], award["percent"]) == ("starter", "done", 100)
    assert (award["text"], award["run_id"]) == ("1 member has it now.", "")


async def test_what_nobody_has_earned_says_so(admin: Actor) -> None:
    assert (await award_runs.find(admin, await publish(admin)))["text"] == "Nobody has earned it yet."


async def test_a_run_is_found_by_the_achievement_that_it_awards(hall: Hall, admin: Actor) -> None:
    made = await publish(admin)
    await start(hall, admin, "Another")
    assert (await award_runs.find(admin, made))["status"] == "done"
    run_id = await start(hall, admin)
    award = await award_runs.find(admin, made)
    assert (award["status"], award["run_id"], award["percent"]) == ("pending", str(run_id), 0)
    assert award["text"] == "Awarding: 0 of 4 members looked at."


async def test_the_run_of_an_earlier_achievement_of_that_name_is_not_taken_for_its_own(
    hall: Hall, admin: Actor
) -> None:
    await start(hall, admin)
    assert (await award_runs.find(admin, await publish(admin)))["run_id"] == ""


@pytest.mark.usefixtures("hub")
async def test_a_run_is_followed_until_it_has_ended(hall: Hall, admin: Actor) -> None:
    made = await publish(admin)
    run_id = await start(hall, admin)
    following = award_runs.follow(admin, await award_runs.find(admin, made), page_watching.watch_awards(admin))
    assert (await anext(following))["percent"] == 0
    await advance(hall, admin, run_id, done=3)
    row = await anext(following)
    assert (row["status"], row["percent"], row["text"]) == ("running", 75, "Awarding: 3 of 4 members looked at.")
    await hall.arena.score(MIA, 1)
    await end(hall, admin, run_id)
    row = await anext(following)
    assert (row["status"], row["percent"], row["text"]) == ("done", 100, "1 member has it now.")
    assert [row async for row in following] == []


@pytest.mark.usefixtures("hub")
async def test_a_run_that_has_stopped_says_what_happens_instead(hall: Hall, admin: Actor) -> None:
    made = await publish(admin)
    run_id = await start(hall, admin, total=None)
    following = award_runs.follow(admin, await award_runs.find(admin, made), page_watching.watch_awards(admin))
    await end(hall, admin, run_id, has_failed=True)
    rows: list[AwardRow] = [row async for row in following]
    assert [(row["status"], row["percent"]) for row in rows] == [("failed", 0)]
    assert rows[0]["text"] == "The awarding has stopped; members get it with their next event."


@pytest.mark.usefixtures("hub")
async def test_what_is_refused_becomes_the_text_of_the_row(hall: Hall, admin: Actor) -> None:
    going = await begun(hall, admin)
    lost: AwardRow = {**going, "run_id": str(new_id())}
    rows = [row async for row in award_runs.follow(admin, lost, page_watching.watch_awards(admin))]
    assert [(row["name"], award_runs.is_going(row)) for row in rows] == [(going["name"], False)]
    assert "Awarding" not in rows[0]["text"]
    assert rows[0]["text"].endswith(".")


async def test_the_following_ends_with_the_session(hall: Hall, hub: LiveHub) -> None:
    signed_in = await hall.arena.world.sign_in(ADMIN)
    going = await begun(hall, signed_in.actor)
    following = award_runs.follow(signed_in.actor, going, page_watching.watch_awards(signed_in.actor))
    assert award_runs.is_going(await anext(following))
    await accounts.logout(signed_in.actor, Logout())
    assert [row async for row in following] == []
    assert hub.seats.of(signed_in.actor.tenant_id) == []


@pytest.mark.usefixtures("hub")
async def test_leaving_the_page_gives_the_seat_back(hall: Hall, admin: Actor, hub: LiveHub) -> None:
    following = award_runs.follow(admin, await begun(hall, admin), page_watching.watch_awards(admin))
    await anext(following)
    await following.aclose()
    assert hub.seats.of(admin.tenant_id) == []
