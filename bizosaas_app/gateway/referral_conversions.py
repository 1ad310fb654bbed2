"""Operations on conversions."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import (
    ConversionPage,
    ConversionQuery,
    ConversionView,
    FraudView,
    ReadConversion,
    ReceiptView,
    ReverseConversion,
    ReviewConversion,
    RewardView,
    TrackConversion,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.referrals import conversions, receipts, reviews, spans, tracking
from bizosaas_app.services.gamification.referrals.conversions import Wanted
from bizosaas_app.services.gamification.referrals.telling import Telling
from bizosaas_app.services.tenants import records
from models import ReferralConversion

READ = "view_referrals"
MANAGE = "manage_referrals"


@operation("referrals.track", permission="record_events")
async def track(actor: Actor, command: TrackConversion) -> ReceiptView:
    """Record a conversion once by its `external_id`; a replay is given the first answer again."""
    async with unit_of_work(actor) as session:
        done = await tracking.track(session, actor, _telling(command), now=utc_now())
    return ReceiptView.model_validate({**done.answer, "is_new": done.is_new})


@operation("referrals.list_conversions", permission=READ)
async def list_conversions(actor: Actor, command: ConversionQuery) -> ConversionPage:
    """List conversions, the latest told first if no other order is asked for: one's own, or all to who runs them."""
    async with unit_of_work(actor) as session:
        wanted = await _wanted(session, actor, command)
        sheet = await conversions.read_sheet(session, actor, wanted, cursors.asked(command))
        names = await conversions.find_names(session, {row.referrer_user_id for row in sheet.rows})
    return ConversionPage(
        items=[_view(row, names, sees_all=_sees_all(actor, command)) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("referrals.read_conversion", permission=READ)
async def read_conversion(actor: Actor, command: ReadConversion) -> ConversionView:
    """Give one conversion; raises `NotFound` for somebody else's."""
    async with unit_of_work(actor) as session:
        return await _show(session, actor, await conversions.get(session, actor, command.conversion_id))


@operation("referrals.review", permission=MANAGE)
async def review_conversion(actor: Actor, command: ReviewConversion) -> ConversionView:
    """Approve or reject a conversion, once; the same decision again changes nothing."""
    async with unit_of_work(actor) as session:
        row = await reviews.review(
            session, actor, command.conversion_id, decision=command.decision, note=command.note, now=utc_now()
        )
        return await _show(session, actor, row)


@operation("referrals.reverse", permission=MANAGE)
async def reverse_conversion(actor: Actor, command: ReverseConversion) -> ConversionView:
    """Undo a conversion after a refund, with its reward, its tier and its points."""
    async with unit_of_work(actor) as session:
        row = await reviews.reverse(session, actor, command.conversion_id, reason=command.reason, now=utc_now())
        return await _show(session, actor, row)


def _telling(command: TrackConversion) -> Telling:
    return Telling(
        external_id=command.external_id,
        code=command.code,
        referred_email=command.referred_email,
        ip_address=command.ip_address,
        user_agent=command.user_agent,
        order_value=command.order_value.amount,
        currency=command.order_value.currency,
        click_id=command.click_id,
        clicked_at=command.clicked_at,
        device=command.device_fingerprint,
        payment=command.payment_fingerprint,
        occurred_at=command.occurred_at,
    )


async def _wanted(session: AsyncSession, actor: Actor, command: ConversionQuery) -> Wanted:
    tenant = await records.get_tenant(session, actor.tenant_id)
    begin, end = spans.read_edges(command.begin, command.end, tenant.timezone)
    return Wanted(
        words=command.q.strip() or None,
        status=command.status,
        decision=command.decision,
        program_id=command.program_id,
        user_id=actor.member_id() if command.as_referrer else command.user_id,
        begin=begin,
        end=end,
    )


async def _show(session: AsyncSession, actor: Actor, row: ReferralConversion) -> ConversionView:
    names = await conversions.find_names(session, {row.referrer_user_id})
    return _view(row, names, sees_all=conversions.sees_all(actor))


def _sees_all(actor: Actor, command: ConversionQuery) -> bool:
    """Say whether addresses and verdicts are shown, too."""
    return conversions.sees_all(actor) and not command.as_referrer


def _view(row: ReferralConversion, names: Mapping[UUID, str], *, sees_all: bool) -> ConversionView:
    return ConversionView(
        id=row.id,
        external_id=row.external_id,
        program_id=row.program_id,
        code_id=row.code_id,
        user_id=row.referrer_user_id,
        referrer_name=names.get(row.referrer_user_id, ""),
        referred_email=row.referred_email if sees_all else conversions.mask(row.referred_email),
        order_value=MoneyView.model_validate(receipts.amount(row.order_value, row.currency)),
        status=row.status,
        fraud=FraudView.model_validate(receipts.fraud_of(row)) if sees_all else None,
        reward=RewardView.model_validate(receipts.reward_of(row)),
        event_id=row.event_id,
        click_id=row.click_id,
        clicked_at=row.clicked_at,
        occurred_at=row.occurred_at,
        created_at=row.created_at,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        review_note=row.review_note if sees_all else None,
        reversed_at=row.reversed_at,
        refusal=receipts.refusal_of(row),
    )
