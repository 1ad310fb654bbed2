"""Telling: where the member wants it, once by its key, and owed once however much there is to tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services import outbox
from bizosaas_app.services.notifications import inbox, notices, preferences
from bizosaas_app.services.notifications.kinds import KINDS, Channels, Kind
from bizosaas_app.services.notifications.notices import MAIL_TOPIC, TOPIC, Notice
from bizosaas_app.services.retention import pruning
from bizosaas_app.services.retention.rules import RULES
from models import Notification
from models.notifications import NOTICE_KINDS
from tests.support.world import World

MIA, NOAH, GUS = "mia@acme.example", "noah@acme.example", "gus@globex.example"


async def tell(world: World, email: str = MIA, kind: Kind = "unlock", slug: str = "acme-corp", **words: Any) -> None:
    actor = world.system(slug)
    async with world.resources.database.unit_of_work(actor) as session:
        await notices.tell(session, actor, kind, world.people[email], **{"title": "News", **words})


async def choose(world: World, email: str, kind: Kind, *, in_app: bool, by_mail: bool) -> None:
    actor = await world.actor(email)
    async with world.resources.database.unit_of_work(actor) as session:
        await preferences.choose(session, actor, actor.member_id(), {kind: Channels(in_app=in_app, by_mail=by_mail)})


async def inbox_of(world: World, email: str = MIA, **wanted: Any) -> Sequence[Notification]:
    actor = await world.actor(email)
    async with world.resources.database.unit_of_work(actor) as session:
        return await inbox.list_own(session, actor, **{"limit": 100, **wanted})


async def unread(world: World, email: str = MIA) -> int:
    actor = await world.actor(email)
    async with world.resources.database.unit_of_work(actor) as session:
        return await inbox.count_unread(session, actor)


async def owed(world: World, topic: str, slug: str = "acme-corp") -> list[str]:
    async with world.resources.database.unit_of_work(world.system(slug)) as session:
        return [row.key for row in await outbox.list_rows(session, topic, limit=1000)]


def test_the_table_of_kinds_is_the_one_that_the_database_knows() -> None:
    assert tuple(KINDS) == NOTICE_KINDS


@pytest.mark.parametrize("in_app", [True, False])
@pytest.mark.parametrize("by_mail", [True, False])
async def test_a_notice_goes_where_the_member_wants_it_and_nowhere_else(
    world: World, in_app: bool, by_mail: bool
) -> None:
    await choose(world, MIA, "unlock", in_app=in_app, by_mail=by_mail)
    await tell(world)
    mine = f"user:{world.people[MIA]}"
    assert len(await inbox_of(world)) == await unread(world) == in_app
    assert await owed(world, TOPIC) == [mine] * in_app
    assert await owed(world, MAIL_TOPIC) == [mine] * by_mail


async def test_who_has_not_chosen_is_told_here_and_of_money_and_campaigns_by_mail_too(world: World) -> None:
    for kind in KINDS:
        await tell(world, kind=kind)
    actor = world.system()
    async with world.resources.database.unit_of_work(actor) as session:
        query = text("select kind from notifications where mail_due order by kind")
        assert (await session.execute(query)).scalars().all() == ["campaign", "hold", "reward"]
    assert await unread(world) == len(KINDS)


async def test_a_choice_of_one_kind_leaves_the_others_as_they_were(world: World) -> None:
    await choose(world, MIA, "reward", in_app=False, by_mail=False)
    await choose(world, MIA, "reward", in_app=True, by_mail=False)
    actor = await world.actor(MIA)
    async with world.resources.database.unit_of_work(actor) as session:
        own = await preferences.list_own(session, actor)
    expected = {kind: spec.defaults for kind, spec in KINDS.items()}
    assert own == expected | {"reward": Channels(in_app=True, by_mail=False)}


async def test_one_key_is_told_once_to_each_member(world: World) -> None:
    for email in (MIA, MIA, NOAH):
        await tell(world, email, key="unlock:1", kind="reward")
    await tell(world, key="unlock:2", kind="reward")
    await tell(world, kind="reward")
    await tell(world, kind="reward")
    assert (await unread(world, MIA), await unread(world, NOAH)) == (4, 1)
    assert len(await owed(world, MAIL_TOPIC)) == 5


async def test_one_key_twice_in_one_batch_is_told_once(world: World) -> None:
    actor, user_id = world.system(), world.people[MIA]
    async with world.resources.database.unit_of_work(actor) as session:
        twice = [Notice(kind="unlock", user_id=user_id, title="Once", key="k") for _ in range(2)]
        await notices.tell_all(session, actor, twice)
    assert await unread(world) == 1


async def test_a_rolled_back_transaction_tells_nothing(world: World) -> None:
    actor = world.system()
    with pytest.raises(RuntimeError, match="broken"):
        async with world.resources.database.unit_of_work(actor) as session:
            await notices.tell(session, actor, "reward", world.people[MIA], title="Never")
            raise RuntimeError("broken")
    assert await unread(world) == 0
    assert await owed(world, TOPIC) == await owed(world, MAIL_TOPIC) == []


async def test_a_storm_in_one_transaction_owes_each_member_one_delivery(world: World) -> None:
    actor, people = world.system(), [world.people[MIA], world.people[NOAH]]
    async with world.resources.database.unit_of_work(actor) as session:
        for number in range(20):
            await notices.tell(session, actor, "reward", people[number % 2], title=f"Reward {number}")
        storm = [Notice(kind="reward", user_id=people[0], title=f"More {number}") for number in range(2500)]
        await notices.tell_all(session, actor, storm)
    assert (await unread(world, MIA), await unread(world, NOAH)) == (2510, 10)
    assert sorted(await owed(world, TOPIC)) == sorted(f"user:{user_id}" for user_id in people)
    assert sorted(await owed(world, MAIL_TOPIC)) == sorted(f"user:{user_id}" for user_id in people)


async def test_what_a_rolled_back_savepoint_owed_is_owed_again(world: World) -> None:
    actor, user_id = world.system(), world.people[MIA]
    async with world.resources.database.unit_of_work(actor) as session:
        savepoint = await session.begin_nested()
        await notices.tell(session, actor, "unlock", user_id, title="Undone")
        await savepoint.rollback()
        await notices.tell(session, actor, "unlock", user_id, title="Kept")
    assert [row.title for row in await inbox_of(world)] == ["Kept"]
    assert await owed(world, TOPIC) == [f"user:{user_id}"]


async def test_a_list_is_newest_first_by_pages_and_by_what_is_asked_for(world: World) -> None:
    for number in range(5):
        await tell(world, kind="unlock" if number % 2 else "reward", title=str(number))
    first = await inbox_of(world, limit=2)
    rest = await inbox_of(world, after=(first[-1].created_at, first[-1].id))
    assert [row.title for row in [*first, *rest]] == ["4", "3", "2", "1", "0"]
    assert [row.title for row in await inbox_of(world, kind="unlock")] == ["3", "1"]
    actor = await world.actor(MIA)
    async with world.resources.database.unit_of_work(actor) as session:
        await inbox.mark_read(session, actor, first[0].id, now=utc_now())
    assert [row.title for row in await inbox_of(world, unread=True)] == ["3", "2", "1", "0"]
    assert [row.title for row in await inbox_of(world, unread=False)] == ["4"]


async def test_reading_marks_once_and_wakes_open_pages_only_then(world: World) -> None:
    await tell(world)
    (row,) = await inbox_of(world)
    actor, now = await world.actor(MIA), utc_now()
    for minutes in (0, 5):
        async with world.resources.database.unit_of_work(actor) as session:
            await inbox.mark_read(session, actor, row.id, now=now + timedelta(minutes=minutes))
    assert (await inbox_of(world))[0].read_at == now
    assert len(await owed(world, TOPIC)) == 2
    async with world.resources.database.unit_of_work(actor) as session:
        assert await inbox.mark_all_read(session, actor, now=now) == 0
    assert len(await owed(world, TOPIC)) == 2


@pytest.mark.parametrize("stranger", [NOAH, GUS])
async def test_nobody_reads_or_marks_what_is_somebody_elses(world: World, stranger: str) -> None:
    await tell(world)
    (row,) = await inbox_of(world)
    actor = await world.actor(stranger)
    async with world.resources.database.unit_of_work(actor) as session:
        assert await inbox.list_own(session, actor, limit=10) == []
        assert await inbox.mark_all_read(session, actor, now=utc_now()) == 0
        with pytest.raises(NotFound):
            await inbox.mark_read(session, actor, row.id, now=utc_now())
    assert await unread(world) == 1


async def test_a_foreign_tenants_choice_of_the_same_member_changes_nothing(world: World) -> None:
    globex = world.system("globex")
    with pytest.raises(Exception, match="fk_notification_preferences"):
        async with world.resources.database.unit_of_work(globex) as session:
            await preferences.stop_mail(session, globex, world.people[MIA], ["reward"])
    await tell(world, kind="reward")
    assert await owed(world, MAIL_TOPIC) == [f"user:{world.people[MIA]}"]


async def test_what_was_read_a_quarter_ago_is_forgotten_and_nothing_else(world: World) -> None:
    for title in ("old", "young", "unread"):
        await tell(world, title=title)
    await tell(world, GUS, slug="globex", title="foreign")
    now = utc_now()
    ages = {"old": 91, "young": 89, "foreign": 91}
    for slug in ("acme-corp", "globex"):
        async with world.resources.database.unit_of_work(world.system(slug)) as session:
            for title, days in ages.items():
                await session.execute(
                    text("update notifications set read_at = :at where title = :title"),
                    {"at": now - timedelta(days=days), "title": title},
                )
    async with world.resources.database.unit_of_work(world.system()) as session:
        rule = next(rule for rule in RULES if rule.key == "notifications.read")
        assert await pruning.prune(session, world.system(), rule, now=now, at_most=10) == 1
    assert {row.title for row in await inbox_of(world)} == {"young", "unread"}
    assert len(await inbox_of(world, GUS)) == 1
