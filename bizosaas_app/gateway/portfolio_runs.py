"""The runs of the portfolio: writing a showcase step by step, and writing it again when its figures change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.showcase_writer import AgentWriter
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.portfolios import generation, publishing, refreshing, showcases, writing
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.writing import Brief, Draft
from bizosaas_app.services.jobs import runs
from bizosaas_app.services.notifications import notices
from models import ShowcasePortfolio


@dataclass(frozen=True, slots=True)
class _Order:
    """What the job was given."""

    portfolio_id: UUID
    run_id: UUID
    is_titled: bool
    is_to_publish: bool

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        return cls(
            UUID(arguments["portfolio_id"]),
            UUID(arguments["run_id"]),
            arguments["is_titled"],
            arguments["is_to_publish"],
        )


async def generate(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Write a showcase: each step begins with a look whether it is still wanted, and a second run finds it done."""
    order, as_of = _Order.of(arguments), utc_now()
    async with unit_of_work(actor) as session:
        row = await _step(session, actor, order, 0)
        if row is None:
            return
        activities = await generation.collect(session, row, as_of)
    async with unit_of_work(actor) as session:
        row = await _step(session, actor, order, 1)
        if row is None:
            return
        brief = generation.choose(row, *activities)
        if isinstance(brief, str):
            await _give_up(session, actor, order, row, brief)
            return
    async with unit_of_work(actor) as session:
        row = await _step(session, actor, order, 2)
        if row is None:
            return
        writer = AgentWriter(actor, row.owner_user_id)
    # Outside of a transaction: an agent takes its time.
    draft = await _mended(await writer.write(brief), brief)
    if not await _is_sound(actor, order, brief, draft):
        return
    async with unit_of_work(actor) as session:
        row = await _begin_to_save(session, actor, order, brief)
        if row is not None:
            await generation.complete(
                session,
                row,
                draft,
                brief,
                engine=draft.by,
                as_of=as_of,
                is_titled=order.is_titled,
                now=utc_now(),
            )
            await _finish(session, actor, order, row)


async def _mended(draft: Draft, brief: Brief) -> Draft:
    """Have what the number guard refuses written anew by the composer, section by section."""
    if not writing.find_faults(draft, brief):
        return draft
    composer = Composer()
    return writing.mend(draft, brief, await composer.write(brief), by=composer.engine)


async def refresh(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Bring a showcase into step with the ledger after a reversal."""
    async with unit_of_work(actor) as session:
        await refreshing.refresh(session, actor, UUID(arguments["portfolio_id"]), now=utc_now())


async def _step(session: AsyncSession, actor: Actor, order: _Order, number: int) -> ShowcasePortfolio | None:
    """Say which step begins; give the showcase, held, or None when there is nothing (more) to do."""
    row = await generation.find_waiting(session, order.portfolio_id, order.run_id)
    if row is None:
        await runs.fail(session, actor, order.run_id, reason="This showcase is not to be written by this run any more")
        return None
    if await runs.advance(session, actor, order.run_id, done=number, note=generation.STEPS[number]):
        return row
    await generation.fail(session, row, generation.CANCELLED, now=utc_now())
    return None


async def _is_sound(actor: Actor, order: _Order, brief: Brief, draft: Draft) -> bool:
    """Check every number once more; a draft with one that is bound to nothing is refused whole."""
    faults = writing.find_faults(draft, brief)
    async with unit_of_work(actor) as session:
        row = await _step(session, actor, order, 3)
        if row is not None and faults:
            where, fault = next(iter(faults.items()))
            await _give_up(session, actor, order, row, f"The draft was refused: {fault.reason} ({where})")
        return row is not None and not faults


async def _begin_to_save(session: AsyncSession, actor: Actor, order: _Order, brief: Brief) -> ShowcasePortfolio | None:
    """Give the showcase for its last step, ready for the fact that publishing adds to the ledger."""
    owner_id = await generation.find_owner(session, brief.portfolio_id)
    if owner_id is not None:
        await publishing.make_ready(session, actor, owner_id)
    return await _step(session, actor, order, 4)


async def _give_up(session: AsyncSession, actor: Actor, order: _Order, row: ShowcasePortfolio, reason: str) -> None:
    await generation.fail(session, row, reason, now=utc_now())
    await runs.fail(session, actor, order.run_id, reason=reason)
    await _tell(session, actor, row, "A showcase could not be written", reason)


async def _finish(session: AsyncSession, actor: Actor, order: _Order, row: ShowcasePortfolio) -> None:
    if order.is_to_publish:
        await publishing.publish(session, actor, row, now=utc_now())
    await runs.finish(session, actor, order.run_id, result={"portfolio_id": str(row.id), "status": row.status})
    await _tell(session, actor, row, "Your showcase is written", row.title)


async def _tell(session: AsyncSession, actor: Actor, row: ShowcasePortfolio, title: str, body: str) -> None:
    data = {"portfolio_id": str(row.id)}
    await notices.tell(
        session, actor, "system", row.owner_user_id, title=title, body=body, path=showcases.path_of(row.id), data=data
    )
