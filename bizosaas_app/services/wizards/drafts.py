"""Drafts in the database: one open draft per person and wizard, changed by the engine under the row's lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.wizards import engine
from bizosaas_app.services.wizards.conditions import Raw
from bizosaas_app.services.wizards.fields import Surroundings, Wizard
from bizosaas_app.services.wizards.operations import Discard, Draft, Operation, Outcome, Overwritten
from models import WizardDraft, WizardFile

COMPLETED: Final = "wizard.completed"
FORGET: Final = "wizards.forget_secrets"
"""The task that forgets what was typed into the secret store, once the draft is closed."""
_KEPT: Final = 50
"""Overwritten answers that a draft remembers."""


async def open_draft(
    session: AsyncSession, actor: Actor, wizard: Wizard, *, now: datetime, known: Mapping[str, Raw] | None = None
) -> WizardDraft:
    """Give the person's open draft of a wizard, or begin one; two tabs that begin at once get the same."""
    found = (await session.exec(_open_query(actor, wizard))).one_or_none()
    if found is not None and found.expires_at > now:
        return found
    if found is not None:
        await _expire(session, actor, wizard, found, now)
    fresh = engine.begin(wizard, known)
    row = WizardDraft(
        tenant_id=actor.tenant_id,
        id=new_id(),
        user_id=actor.member_id(),
        wizard=wizard.key,
        step=fresh.step,
        answers=dict(fresh.answers),
        created_at=now,
        updated_at=now,
        expires_at=now + wizard.expires_after,
    )
    values = row.model_dump()
    await session.execute(insert(WizardDraft).values(**values).on_conflict_do_nothing())
    query = _open_query(actor, wizard)
    return (await session.exec(query)).one()


async def get_draft(session: AsyncSession, actor: Actor, draft_id: UUID, *, for_change: bool = False) -> WizardDraft:
    """Give one's own draft; raises `NotFound` for anybody else's. `for_change` takes its lock."""
    query = select(WizardDraft).where(WizardDraft.id == draft_id, WizardDraft.user_id == actor.member_id())
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = (await session.exec(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such draft")
    return row


async def list_drafts(session: AsyncSession, actor: Actor, *, limit: int = 50) -> list[WizardDraft]:
    """List one's own drafts that are open, newest first."""
    query = (
        select(WizardDraft)
        .where(WizardDraft.user_id == actor.member_id(), WizardDraft.status == "open")
        .order_by(col(WizardDraft.updated_at).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def find_open(session: AsyncSession, draft_ids: Collection[UUID]) -> set[UUID]:
    """Give those of the tenant's drafts that are open."""
    query = select(WizardDraft.id).where(col(WizardDraft.id).in_(draft_ids), WizardDraft.status == "open")
    return set((await session.exec(query)).all())


async def change(
    session: AsyncSession, wizard: Wizard, row: WizardDraft, operation: Operation, around: Surroundings
) -> Outcome:
    """Apply an operation to a draft whose lock is held, and write what came of it; raises as the engine does."""
    outcome = engine.apply(wizard, state_of(row), operation, around)
    _write(wizard, row, outcome, around.now)
    session.add(row)
    await session.flush()
    return outcome


async def finish(
    session: AsyncSession, actor: Actor, wizard: Wizard, row: WizardDraft, result: Mapping[str, Any], *, now: datetime
) -> None:
    """Write what completing a draft made, in the transaction that made it, and tell the ledger.

    What was put to the draft goes; what the work has taken over lies elsewhere by now.

    The work itself may have told the ledger before: both are events of the same member, whose locks are held by then.
    """
    row.result, row.completed_at = dict(result), now
    session.add(row)
    await _let_go(session, actor, wizard, row.id)
    fact = NewEvent(
        event_id=uuid5(row.id, COMPLETED),
        type=COMPLETED,
        user_id=row.user_id,
        value=Decimal(1),
        properties={"wizard": row.wizard},
        occurred_at=now,
    )
    await ledger.append(session, actor, [fact], now=now, source="service")
    detail = {"wizard": row.wizard}
    await audit.record(session, actor, action="wizards.completed", subject=f"draft:{row.id}", detail=detail)


async def discard(session: AsyncSession, actor: Actor, wizard: Wizard, row: WizardDraft, around: Surroundings) -> None:
    """End a draft that its person does not want, with what was put to it."""
    await change(session, wizard, row, Discard(), around)
    await _let_go(session, actor, wizard, row.id)
    await audit.record(session, actor, action="wizards.discarded", subject=f"draft:{row.id}")


async def expire(session: AsyncSession, actor: Actor, wizard: Wizard, *, now: datetime) -> int:
    """End the tenant's drafts of a wizard whose time is over; gives how many."""
    is_open = (col(WizardDraft.wizard) == wizard.key, col(WizardDraft.status) == "open")
    is_over = (*is_open, col(WizardDraft.expires_at) <= now)
    query = update(WizardDraft).where(*is_over).values(status="expired", updated_at=now).returning(col(WizardDraft.id))
    ended = [row[0] for row in await session.execute(query)]
    for draft_id in ended:
        await _let_go(session, actor, wizard, draft_id)
    return len(ended)


def state_of(row: WizardDraft) -> Draft:
    """Give a row as the engine sees it."""
    return Draft(
        step=row.step,
        answers=row.answers,
        revisions=row.revisions,
        guesses=row.guesses,
        done=frozenset(row.done),
        version=row.version,
        status=row.status,  # type: ignore[arg-type]  # the database admits only these words
    )


def _write(wizard: Wizard, row: WizardDraft, outcome: Outcome, now: datetime) -> None:
    after = outcome.draft
    if after.version != row.version:
        row.updated_at, row.expires_at = now, now + wizard.expires_after
    row.step, row.status, row.version = after.step, after.status, after.version
    row.answers, row.revisions, row.guesses = dict(after.answers), dict(after.revisions), dict(after.guesses)
    row.done = sorted(after.done)
    if after.status == "completed" and row.completed_at is None:
        row.completed_at = now
    if outcome.overwritten:
        row.overwritten = [*_remembered(outcome.overwritten, now), *row.overwritten][:_KEPT]


def _remembered(lost: Sequence[Overwritten], now: datetime) -> list[dict[str, Any]]:
    return [{"field": item.field, "lost": item.lost, "at": now.isoformat()} for item in lost]


def _open_query(actor: Actor, wizard: Wizard) -> SelectOfScalar[WizardDraft]:
    return select(WizardDraft).where(
        WizardDraft.user_id == actor.member_id(), WizardDraft.wizard == wizard.key, WizardDraft.status == "open"
    )


async def _expire(session: AsyncSession, actor: Actor, wizard: Wizard, row: WizardDraft, now: datetime) -> None:
    row.status, row.updated_at = "expired", now
    session.add(row)
    await session.flush()
    await _let_go(session, actor, wizard, row.id)
    await audit.record(session, actor, action="wizards.expired", subject=f"draft:{row.id}")


async def _let_go(session: AsyncSession, actor: Actor, wizard: Wizard, draft_id: UUID) -> None:
    """Drop the files of a draft that is closed, and have a job forget the secrets that were typed into it."""
    await session.execute(delete(WizardFile).where(col(WizardFile.draft_id) == draft_id))
    if wizard.secrets:
        await queue.enqueue(session, actor, FORGET, {"wizard": wizard.key, "draft_id": str(draft_id)})
