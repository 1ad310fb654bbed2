"""Operations on referral programmes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.referral_programs import (
    ChangeProgram,
    CreateProgram,
    ListPrograms,
    ProgramPage,
    ProgramTerms,
    ProgramView,
    ReadProgram,
    TierView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.referrals import programs, tiers
from bizosaas_app.services.gamification.referrals.tiers import Tier
from models import ReferralProgram

MANAGE = "manage_referrals"


@operation("referrals.list_programs", permission=MANAGE)
async def list_programs(actor: Actor, command: ListPrograms) -> ProgramPage:
    """List the programmes, in the order they were made if no other is asked for."""
    wanted = programs.Wanted(command.q.strip(), command.status)
    async with unit_of_work(actor) as session:
        sheet = await programs.read_sheet(session, wanted, cursors.asked(command))
    return ProgramPage(
        items=[program_view(row) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("referrals.read_program", permission=MANAGE)
async def read_program(actor: Actor, command: ReadProgram) -> ProgramView:
    """Give one programme; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return program_view(await programs.get(session, actor, command.program_id))


@operation("referrals.create_program", permission=MANAGE)
async def create_program(actor: Actor, command: CreateProgram) -> ProgramView:
    """Make a programme."""
    async with unit_of_work(actor) as session:
        fields = _fields(command, type(command).model_fields)
        return program_view(await programs.create(session, actor, fields=fields, now=utc_now()))


@operation("referrals.change_program", permission=MANAGE)
async def change_program(actor: Actor, command: ChangeProgram) -> ProgramView:
    """Change a programme, or archive it."""
    async with unit_of_work(actor) as session:
        fields = _fields(command.changes, command.changes.model_fields_set)
        row = await programs.change(session, actor, command.program_id, fields=fields, now=utc_now())
    return program_view(row)


def tier_view(tier: Tier) -> TierView:
    """Show a tier."""
    return TierView(
        key=tier.key,
        name=tier.name,
        threshold=tier.threshold,
        reward=_text(tier.reward),
        referred_reward=_text(tier.referred_reward),
    )


def program_view(row: ReferralProgram) -> ProgramView:
    """Show a programme."""
    data = row.model_dump()
    amounts = {name: _text(value) for name, value in data.items() if isinstance(value, Decimal)}
    ladder = [tier_view(tier) for tier in tiers.read(row.tiers)]
    return ProgramView.model_validate(data | amounts | {"tiers": ladder})


def _fields(terms: ProgramTerms, names: Any) -> Mapping[str, Any]:
    """Give the terms as columns, the tiers as tiers."""
    fields = {name: getattr(terms, name) for name in names}
    if "tiers" in fields:
        fields["tiers"] = tuple(Tier(**tier.model_dump()) for tier in terms.tiers)
    return fields


def _text(amount: Decimal) -> str:
    """Write an amount with two decimals, or as many as it has."""
    plain = amount.normalize()
    return f"{plain:f}" if -int(plain.as_tuple().exponent) > 2 else f"{plain:.2f}"
