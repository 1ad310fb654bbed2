"""The administrator's table of achievements and what the designer asks for, through the door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bizosaas_app.gateway import achievement_designs, achievements
from bizosaas_app.gateway.contracts.achievement_designs import PrepareDesign, SearchDefinitions
from bizosaas_app.gateway.contracts.achievements import (
    CreateAchievement,
    DryRunView,
    ListReviews,
)
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.services.gamification.achievements.catalogue import CATEGORIES, PREDEFINED
from tests.gateway.test_achievements import ADMIN, Caller, body
from tests.support.awards import Hall, count, hall
from tests.support.boards import MIA, NOAH, arena

__all__ = ["arena", "hall"]


async def search(hall: Hall, **wanted: Any) -> Any:
    return await achievement_designs.search_definitions(
        await hall.arena.world.actor(ADMIN), SearchDefinitions.model_validate(wanted)
    )


async def test_the_table_is_searched_and_filtered(hall: Hall) -> None:
    await hall.define("ten_percent", count(threshold=1), name="50% club", category="loyalty", tier="gold")
    await hall.define("old", count(threshold=1))
    await hall.change("old", status="archived")
    whole = await search(hall)
    assert whole.total == len(PREDEFINED) + 2
    assert [item.key for item in whole.categories] == [item.key for item in CATEGORIES]
    assert [item.key for item in (await search(hall, q="50%")).items] == ["ten_percent"]
    assert [item.key for item in (await search(hall, origin="custom", status="active")).items] == ["ten_percent"]
    assert [item.key for item in (await search(hall, status="archived")).items] == ["old"]
    gold = await search(hall, tier="gold", category="loyalty")
    assert {(item.tier, item.category) for item in gold.items} == {("gold", "loyalty")}
    assert (await search(hall, origin="predefined")).total == len(PREDEFINED)
    with pytest.raises(InputInvalid):
        await search(hall, sort="colour")


@pytest.mark.parametrize("sort", ["category", "-name", "tier", "-points", "unlocked_by", "status", "-created_at"])
async def test_pages_meet_in_every_order(hall: Hall, sort: str) -> None:
    await hall.arena.score(MIA, 1)
    whole = [item.key for item in (await search(hall, sort=sort, limit=200)).items]
    found: list[str] = []
    cursor = None
    while True:
        page = await search(hall, sort=sort, limit=15, cursor=cursor)
        found += [item.key for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == whole
    assert len(set(found)) == len(PREDEFINED)


async def test_the_table_counts_who_has_it(hall: Hall) -> None:
    await hall.arena.score(MIA, 1)
    await hall.arena.score(NOAH, 1)
    first = (await search(hall, sort="-unlocked_by", limit=1)).items[0]
    assert (first.key, first.unlocked_by) == ("first-task", 2)


async def test_the_designer_is_given_what_it_needs(hall: Hall) -> None:
    actor = await hall.arena.world.actor(ADMIN)
    await hall.define("mine", count(threshold=4))
    design = await achievement_designs.prepare_design(actor, PrepareDesign(key="mine"))
    assert design.definition is not None
    assert design.definition.trigger == count(threshold=4)
    assert {item.key for item in design.others} == {"mine", *(item.key for item in PREDEFINED)}
    assert (await achievement_designs.prepare_design(actor, PrepareDesign())).definition is None
    with pytest.raises(NotFound):
        await achievement_designs.prepare_design(actor, PrepareDesign(key="nobodys"))


async def test_a_dry_run_of_everything_counts_what_publishing_would(hall: Hall) -> None:
    actor = await hall.arena.world.actor(ADMIN)
    await hall.arena.score(MIA, 1, occurred_at=utc_now() - timedelta(days=400))
    draft = body(trigger=count(threshold=1), dry_run=True)
    recent = await achievements.create_achievement(actor, CreateAchievement(**draft))
    whole = await achievements.create_achievement(actor, CreateAchievement(**draft, whole_ledger=True))
    assert isinstance(recent, DryRunView)
    assert isinstance(whole, DryRunView)
    assert (recent.would_unlock, recent.is_whole) == (0, False)
    assert (whole.would_unlock, whole.is_whole) == (1, True)
    made = await achievements.create_achievement(actor, CreateAchievement(**body(trigger=count(threshold=1))))
    assert getattr(made, "unlocked_by", None) == 1


async def test_reviews_say_how_many_there_are(hall: Hall) -> None:
    actor = await hall.arena.world.actor(ADMIN)
    assert (await achievements.list_reviews(actor, ListReviews())).total == 0


async def test_a_member_sees_neither(hall: Hall) -> None:
    mia = await Caller.of(hall, MIA)
    assert (await mia.ask("GET", "/definitions/search"))[0] == 403
    with pytest.raises(NotPermitted):
        await achievement_designs.prepare_design(await hall.arena.world.actor(MIA), PrepareDesign())
    admin = await Caller.of(hall, ADMIN)
    status, page = await admin.ask("GET", "/definitions/search?q=referral&sort=-points&limit=2")
    assert (status, len(page["items"])) == (200, 2)
