"""How the review desk's rows cross the door."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import FraudView, RewardView
from bizosaas_app.gateway.contracts.review_desk import (
    CaseView,
    ConnectionsView,
    ForecastView,
    HistoryView,
    OtherView,
    PartyView,
    PersonView,
    QueueItemView,
    StepView,
    ThingView,
)
from bizosaas_app.services.gamification.referrals import receipts
from bizosaas_app.services.gamification.referrals.program_rules import NO_CURRENCY, POINTS
from bizosaas_app.services.gamification.review_desk.cases import (
    Case,
    Forecast,
    is_decidable,
    leans_to_fraud,
    thresholds_of,
)
from bizosaas_app.services.gamification.review_desk.connections import Connections
from bizosaas_app.services.gamification.review_desk.histories import History
from models import Member, ReferralConversion

Members = Mapping[UUID, Member]


def item_of(row: ReferralConversion, members: Members) -> QueueItemView:
    """Give a conversion as the queue shows it."""
    judged_by = thresholds_of(row)
    return QueueItemView(
        id=row.id,
        score=int(row.fraud_score),
        review_threshold=judged_by.review if judged_by else None,
        block_threshold=judged_by.block if judged_by else None,
        leans_to_fraud=leans_to_fraud(row, judged_by),
        status=row.status,
        referrer=_name(row.referrer_user_id, members),
        referred_email=row.referred_email,
        order_value=_worth(row),
        created_at=row.created_at,
        reviewed_at=row.reviewed_at,
        reviewed_by=_name(row.reviewed_by, members) or None,
    )


def case_of(case: Case) -> CaseView:
    """Give a case."""
    row, members = case.row, case.members
    return CaseView(
        id=row.id,
        external_id=row.external_id,
        program=case.program.name,
        status=row.status,
        is_decidable=is_decidable(row),
        fraud=FraudView.model_validate(receipts.fraud_of(row)),
        review_threshold=case.thresholds.review,
        block_threshold=case.thresholds.block,
        leans_to_fraud=leans_to_fraud(row, case.thresholds),
        order_value=_worth(row),
        referred_email=row.referred_email,
        referrer=_person(members[row.referrer_user_id]),
        referred=_find_person(row.referred_user_id, members),
        occurred_at=row.occurred_at,
        created_at=row.created_at,
        connections=_connections(case.connections),
        referrer_history=_history(case.referrer, members),
        referred_history=_history(case.referred, members),
        steps=[StepView(step=item.step, at=item.at, repeats=item.repeats) for item in case.moments],
        forecast=_forecast(row, case.forecast) if case.forecast else None,
        reward=RewardView.model_validate(receipts.reward_of(row)),
        reviewed_by=_find_person(row.reviewed_by, members),
        reviewed_at=row.reviewed_at,
        review_note=row.review_note,
        reversed_at=row.reversed_at,
    )


def _connections(found: Connections) -> ConnectionsView:
    return ConnectionsView(
        parties=[PartyView(key=item.key, role=item.role, label=item.label, by=item.by) for item in found.parties],
        things=[
            ThingView(
                kind=item.kind,
                parties=list(item.parties),
                accounts=item.accounts,
                rejected=item.rejected,
                approved=item.approved,
            )
            for item in found.things
        ],
        more=found.more,
    )


def _history(found: History, members: Members) -> HistoryView:
    return HistoryView(
        approved=found.counts.get("approved", 0),
        waiting=found.counts.get("pending_review", 0),
        rejected=found.counts.get("rejected", 0),
        reversed=found.counts.get("reversed", 0),
        latest=[
            OtherView(
                id=row.id,
                referred_email=row.referred_email,
                referrer=_name(row.referrer_user_id, members),
                status=row.status,
                order_value=_worth(row),
                occurred_at=row.occurred_at,
            )
            for row in found.latest
        ],
    )


def _forecast(row: ReferralConversion, found: Forecast) -> ForecastView:
    currency = NO_CURRENCY if found.reward_kind == POINTS else row.currency
    return ForecastView(
        kind=found.reward_kind,
        value=MoneyView.model_validate(receipts.amount(found.value, currency)),
        available_at=found.available_at,
        obstacle=found.obstacle,
    )


def _worth(row: ReferralConversion) -> MoneyView:
    return MoneyView.model_validate(receipts.amount(row.order_value, row.currency))


def _person(member: Member) -> PersonView:
    return PersonView(id=member.id, name=member.name or member.email, email=member.email, joined_at=member.created_at)


def _find_person(user_id: UUID | None, members: Members) -> PersonView | None:
    member = members.get(user_id) if user_id else None
    return _person(member) if member else None


def _name(user_id: UUID | None, members: Members) -> str:
    person = _find_person(user_id, members)
    return person.name if person else ""
