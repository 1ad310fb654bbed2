"""One tenant's desk for the fraud benchmarks: codes, and conversions through the engine into their rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from bench.fraud_world import START, Identity, Order
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import members
from bizosaas_app.services.gamification import people_locks
from bizosaas_app.services.gamification.fraud import choices, identities, labels, scoring
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.gamification.fraud.verdicts import Attempt, Thresholds, Verdict
from bizosaas_app.services.tenants import records
from models import ReferralCode, ReferralConversion, ReferralProgram

JOINED_BEFORE = timedelta(days=90)
THRESHOLDS = Thresholds(40, 80)
STATUS = {"allow": "approved", "review": "pending_review", "block": "rejected"}


@dataclass
class Desk:
    """A tenant with its programme, its members by place and their codes."""

    actor: Actor
    people: list[UUID]
    program_id: UUID = field(default_factory=new_id)
    codes: dict[UUID, UUID] = field(default_factory=dict)

    async def generate(self, identity: Identity) -> None:
        """Remember what a referrer came with."""
        async with unit_of_work(self.actor) as session:
            await identities.remember(
                session,
                self.actor,
                resources().peppers["identity"],
                self.people[identity.referrer],
                device=identity.device,
                payment=identity.payment,
                address=identity.address,
                now=utc_now(),
            )

    def attempt(self, order: Order, minimum: Decimal | None = None) -> Attempt:
        """Give the attempt that an order makes."""
        referrer = self.people[order.referrer]
        return Attempt(
            program_id=self.program_id,
            code_id=self.codes[referrer],
            referrer_user_id=referrer,
            referred_email=order.email,
            ip_address=order.address,
            user_agent=order.agent,
            device=order.device,
            payment=order.payment,
            order_value=order.value,
            occurred_at=order.at,
            clicked_at=order.clicked_at,
            minimum_order=minimum,
        )

    async def track(self, order: Order, minimum: Decimal | None = None) -> tuple[Verdict, UUID]:
        """Judge an order and write its row."""
        attempt, rings = self.attempt(order, minimum), resources().peppers
        async with unit_of_work(self.actor) as session:
            await people_locks.hold(session, self.actor.tenant_id, [attempt.referrer_user_id])
            verdict = await scoring.assess(
                session, self.actor, rings["identity"], rings["network"], attempt, thresholds=THRESHOLDS
            )
            row = row_of(self.actor.tenant_id, attempt, verdict)
            session.add(row)
        return verdict, row.id

    async def confirm(self, row_id: UUID) -> None:
        """Reject a held conversion, as a reviewer."""
        async with unit_of_work(self.actor) as session:
            row = await session.get_one(ReferralConversion, (self.actor.tenant_id, row_id))
            row.status, row.reviewed_by, row.reviewed_at = "rejected", self.people[0], utc_now()
            await labels.label(session, self.actor, row, is_fraud=True)


def row_of(tenant_id: UUID, attempt: Attempt, verdict: Verdict) -> ReferralConversion:
    """Give the row of a judged attempt."""
    return ReferralConversion(
        tenant_id=tenant_id,
        external_id=str(new_id()),
        program_id=attempt.program_id,
        code_id=attempt.code_id,
        referrer_user_id=attempt.referrer_user_id,
        referred_email=attempt.referred_email,
        clicked_at=attempt.clicked_at,
        occurred_at=attempt.occurred_at,
        order_value=attempt.order_value,
        currency="EUR",
        ip_address=attempt.ip_address,
        user_agent=attempt.user_agent,
        status=STATUS[verdict.decision],
        fraud_score=Decimal(verdict.score),
        fraud_decision=verdict.decision,
        fraud_reasons=[reason.document() for reason in verdict.reasons],
        fraud_inputs=dict(verdict.inputs),
        model_version=verdict.model_version,
        **verdict.columns,
    )


async def open_desk(emails: list[str]) -> Desk:
    """Write a tenant that shares signals, with these members and a code for each."""
    actor = Actor.system(new_id())
    now = utc_now()
    async with unit_of_work(actor) as session:
        slug = f"fraud-{actor.tenant_id.hex[-8:]}"
        await records.create_tenant(session, actor, slug=slug, name="Fraud", now=now)
        mark = actor.tenant_id.hex[-6:]
        desk = Desk(actor, [])
        for email in emails:
            member = await members.add_member(
                session, actor, email=email, name=email, password_hash="-", role="user", now=START - JOINED_BEFORE
            )
            desk.people.append(member.id)
        session.add(
            ReferralProgram(
                tenant_id=actor.tenant_id,
                id=desk.program_id,
                name="Friends",
                platform="bizosaas",
                landing_url="https://x.example/",
                qualifying_event="order.completed",
            )
        )
        await session.flush()
        for number, user_id in enumerate(desk.people):
            code = ReferralCode(
                tenant_id=actor.tenant_id,
                program_id=desk.program_id,
                user_id=user_id,
                code=f"C{mark.upper()}{number}",
            )
            session.add(code)
            desk.codes[user_id] = code.id
        await choices.put(session, actor, replace(Choices(), shares_signals=True), now=now)
    return desk
