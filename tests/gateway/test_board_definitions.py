"""What an administrator reads of boards before changing them: definitions, archived ones too, and resets in words."""

from __future__ import annotations

import pytest

from bizosaas_app.gateway import board_keeping
from bizosaas_app.gateway.contracts.board_drafts import ListDefinitions, ReadDefinition, ReadResets
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from tests.gateway.test_board_keeping import ADMIN, change, create
from tests.support.boards import MIA, Arena, arena, running_relay

__all__ = ["arena", "running_relay"]


async def test_definitions_are_searched_filtered_sorted_and_paged(arena: Arena) -> None:
    actor = (await arena.world.sign_in(ADMIN)).actor
    await create(arena)
    await change(arena, status="archived")
    found = await board_keeping.list_definitions(actor, ListDefinitions(limit=2))
    assert ([line.title for line in found.items], found.total) == (["Achievement points", "Approved referrals"], 5)
    rest = await board_keeping.list_definitions(actor, ListDefinitions(limit=9, cursor=found.next_cursor))
    assert [line.title for line in rest.items] == ["Campaigns launched", "Lead sprint", "Points"]
    last_first = await board_keeping.list_definitions(actor, ListDefinitions(sort="-title", q="POINT"))
    assert [line.key for line in last_first.items] == ["points", "achievements"]
    archived = await board_keeping.list_definitions(actor, ListDefinitions(status="archived"))
    assert [(line.key, line.status) for line in archived.items] == [("sprint", "archived")]


async def test_one_definition_says_what_is_counted_anew(arena: Arena) -> None:
    actor = (await arena.world.sign_in(ADMIN)).actor
    await create(arena, resets="0 9 * * 1", prizes=[{"rank": 1, "title": "A cup"}])
    await change(arena, status="archived")
    found = await board_keeping.read_definition(actor, ReadDefinition(key="sprint"))
    assert (found.status, found.resets, found.prizes) == ("archived", "0 9 * * 1", [{"rank": 1, "title": "A cup"}])
    assert {"metric", "sort", "resets"} <= set(found.recounts)
    assert "title" not in found.recounts
    for key in ("nothing", "\0"):
        with pytest.raises(NotFound):
            await board_keeping.read_definition(actor, ReadDefinition(key=key))


async def test_a_reset_is_read_out_with_its_next_dates(arena: Arena) -> None:
    actor = (await arena.world.sign_in(ADMIN)).actor
    found = await board_keeping.read_resets(actor, ReadResets(line="0 9 * * 1"))
    assert found.text == "Every Monday at 09:00"
    assert [moment.weekday() for moment in found.upcoming] == [0, 0, 0]
    assert found.upcoming == sorted(found.upcoming)
    with pytest.raises(InputInvalid) as refused:
        await board_keeping.read_resets(actor, ReadResets(line="*/5 * * * *"))
    assert refused.value.fields == {"resets": "A season must last at least an hour"}


async def test_members_see_no_definitions(arena: Arena) -> None:
    actor = (await arena.world.sign_in(MIA)).actor
    with pytest.raises(NotPermitted):
        await board_keeping.list_definitions(actor, ListDefinitions())
    with pytest.raises(NotPermitted):
        await board_keeping.read_definition(actor, ReadDefinition(key="points"))
    with pytest.raises(NotPermitted):
        await board_keeping.read_resets(actor, ReadResets(line="0 9 * * 1"))
