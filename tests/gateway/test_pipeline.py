"""What every operation passes: permission, budget, cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import select

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.contracts.base import Command, View
from bizosaas_app.gateway.pipeline import OPERATIONS, SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import LimitReached, NotPermitted
from bizosaas_app.kernel.resources import install
from models import AuditEntry
from tests.support.world import World


class Ask(Command):
    """A question."""

    number: int = 0


class Answer(View):
    """An answer that counts how often it was worked out."""

    worked_out: int


@pytest.fixture(autouse=True)
def _forget_operations() -> Iterator[None]:
    known = set(OPERATIONS)
    yield
    for name in set(OPERATIONS) - known:
        del OPERATIONS[name]


async def test_a_refusal_is_raised_and_stands_in_the_audit_log(world: World) -> None:
    @operation("test.admin_only", permission="manage_users")
    async def run(actor: Actor, command: Ask) -> Answer:
        return Answer(worked_out=1)

    with pytest.raises(NotPermitted):
        await run(await world.actor("mia@acme.example"), Ask())
    async with world.resources.database.unit_of_work(world.system()) as session:
        entry = (await session.exec(select(AuditEntry).where(AuditEntry.action == "test.admin_only"))).one()
    assert (entry.outcome, entry.actor_user_id) == ("refused", world.people["mia@acme.example"])
    assert (await run(await world.actor("admin@acme.example"), Ask())).worked_out == 1


async def test_when_an_operation_failed_by_a_bug_is_kept_and_a_refusal_is_none(world: World) -> None:
    @operation("test.by_bug", permission="manage_users")
    async def run(actor: Actor, command: Ask) -> Answer:
        raise ZeroDivisionError

    def bugs() -> list[float]:
        family = metrics.OPERATION_BUGS.collect()[0]
        return [item.value for item in family.samples if item.labels == {"operation": "test.by_bug"}]

    with pytest.raises(NotPermitted):
        await run(await world.actor("mia@acme.example"), Ask())
    assert bugs() == []
    found = []
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await run(await world.actor("admin@acme.example"), Ask())
        found += bugs()
    assert 0 < found[0] < found[1]


async def test_a_cached_answer_is_kept_for_each_actor_and_question_on_its_own(world: World) -> None:
    runs: list[tuple[str, int]] = []

    @operation("test.cached", permission=SIGNED_IN, cache_seconds=60, answer=Answer)
    async def run(actor: Actor, command: Ask) -> Answer:
        runs.append((actor.email, command.number))
        return Answer(worked_out=len(runs))

    mia, gus = await world.actor("mia@acme.example"), await world.actor("gus@globex.example")
    first = await run(mia, Ask())
    assert await run(mia, Ask()) == first
    assert (await run(mia, Ask(number=1))).worked_out == 2
    assert (await run(gus, Ask())).worked_out == 3
    assert len(runs) == 3


async def test_a_persons_ui_budget_is_their_own_and_apart_from_http(world: World) -> None:
    settings = world.resources.settings.model_copy(update={"ui_limit_per_hour": 2})
    install(replace(world.resources, settings=settings))

    @operation("test.budget", permission=SIGNED_IN)
    async def run(actor: Actor, command: Ask) -> Answer:
        return Answer(worked_out=1)

    mia = await world.actor("mia@acme.example")
    at_the_ui = replace(mia, channel="ui")
    for _ in range(2):
        await run(at_the_ui, Ask())
    with pytest.raises(LimitReached) as caught:
        await run(at_the_ui, Ask())
    assert 0 < caught.value.resets_in_seconds <= 3600
    await run(mia, Ask())
    await run(replace(await world.actor("noah@acme.example"), channel="ui"), Ask())


def test_two_operations_of_one_name_and_a_cache_without_its_type_are_refused() -> None:
    async def run(actor: Actor, command: Ask) -> Answer:
        return Answer(worked_out=1)

    operation("test.twice", permission=SIGNED_IN)(run)
    with pytest.raises(ValueError, match=r"test\.twice"):
        operation("test.twice", permission=SIGNED_IN)(run)
    with pytest.raises(ValueError, match="5-60"):
        operation("test.too_long", permission=SIGNED_IN, cache_seconds=61, answer=Answer)
