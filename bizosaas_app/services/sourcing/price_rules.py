"""Price rules as a tenant keeps them: made, changed, and read as the pure `pricing.Rule`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.sourcing import pricing
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.pricing import Rule, Tier
from models import PriceRule

MOST: Final = 200


class TooManyRules(Conflict):
    """A tenant has so many rules that nobody would find the right one."""

    code = "too_many_price_rules"
    title = f"There are {MOST} price rules already"


async def list_rules(session: AsyncSession) -> list[PriceRule]:
    """List the tenant's rules by name."""
    return list((await session.exec(select(PriceRule).order_by(PriceRule.name))).all())


async def get(session: AsyncSession, rule_id: UUID) -> PriceRule:
    """Give a rule, or raise `NotFound`."""
    row = (await session.exec(select(PriceRule).where(PriceRule.id == rule_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such price rule")
    return row


async def create(session: AsyncSession, actor: Actor, name: str, rule: Rule, *, now: datetime) -> PriceRule:
    """Add a rule; raises `InputInvalid` by field, or `TooManyRules`."""
    if (await session.exec(select(func.count()).select_from(PriceRule))).one() >= MOST:
        raise TooManyRules
    row = PriceRule(tenant_id=actor.tenant_id, name=name, created_at=now)
    return await _write(session, actor, row, rule, now)


async def change(
    session: AsyncSession, actor: Actor, rule_id: UUID, name: str, rule: Rule, *, now: datetime
) -> PriceRule:
    """Replace a rule; what was priced by it keeps its price. Raises `NotFound` or `InputInvalid`."""
    row = await get(session, rule_id)
    row.name = name
    return await _write(session, actor, row, rule, now)


def rule_of(row: PriceRule) -> Rule:
    """Give the row as what prices are made with."""
    return load({"tiers": row.tiers, **{name: getattr(row, name) for name in _PARTS}})


def load(document: Mapping[str, Any]) -> Rule:
    """Give the rule that `dump` wrote."""
    tiers = tuple(Tier(Decimal(item["from"]), Decimal(item["markup"])) for item in document["tiers"])
    amount, percent, ending = (document[name] for name in _PARTS)
    return Rule(tiers, Decimal(amount), Decimal(percent), None if ending is None else Decimal(ending))


def dump(rule: Rule) -> dict[str, Any]:
    """Give the rule as JSON data."""
    return {
        "tiers": _tiers(rule),
        "floor_amount": plain(rule.floor_amount),
        "floor_percent": plain(rule.floor_percent),
        "ending": None if rule.ending is None else plain(rule.ending),
    }


_PARTS: Final = ("floor_amount", "floor_percent", "ending")


def _tiers(rule: Rule) -> list[dict[str, Any]]:
    return [{"from": plain(tier.begins), "markup": plain(tier.markup)} for tier in rule.tiers]


async def _write(session: AsyncSession, actor: Actor, row: PriceRule, rule: Rule, now: datetime) -> PriceRule:
    faults = pricing.find_faults(rule) | await _name_fault(session, row)
    if faults:
        raise InputInvalid(faults)
    row.tiers, row.updated_at = _tiers(rule), now
    row.floor_amount, row.floor_percent, row.ending = rule.floor_amount, rule.floor_percent, rule.ending
    session.add(row)
    await session.flush()
    await audit.record(
        session, actor, action="sourcing.rule_changed", subject=f"price_rule:{row.id}", detail=dump(rule)
    )
    return row


async def _name_fault(session: AsyncSession, row: PriceRule) -> dict[str, str]:
    with session.no_autoflush:
        query = select(PriceRule.id).where(PriceRule.name == row.name, col(PriceRule.id) != row.id)
        is_taken = (await session.exec(query)).first() is not None
    return {"name": "Another price rule has this name"} if is_taken else {}
