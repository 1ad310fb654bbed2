"""One tenant's desk for the fraud benchmarks: codes and conversions through the verbs that the gateway calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bench.fraud_world import START, Identity, Order
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.accounts import members
from bizosaas_app.services.gamification.fraud import choices
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.gamification.referrals import codes, programs, reviews, tiers, tracking
from bizosaas_app.services.gamification.referrals.codes import Origin
from bizosaas_app.services.gamification.referrals.telling import Telling
from bizosaas_app.services.tenants import records
from models import ReferralProgram

_JOINED_BEFORE: Final = timedelta(days=90)
_PROGRAM: Final[dict[str, Any]] = {
    "name": "Friends",
    "platform": "bizosaas",
    "status": "active",
    "landing_url": "https://shop.example/",
    "qualifying_event": "order.completed",
    "currency": "EUR",
    "reward_kind": "credit",
    "tiers": [tiers.Tier(key="all", name="All", threshold=1, reward=Decimal(5))],
}


@dataclass
class Desk:
    """A tenant with its programme, its members by place and their codes."""

    actor: Actor
    program: ReferralProgram
    people: list[UUID] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)

    @property
    def reviewer(self) -> Actor:
        """A person of the tenant who decides."""
        return Actor(tenant_id=self.actor.tenant_id, user_id=self.people[0], channel="http")

    async def generate(self, identity: Identity) -> None:
        """Give a referrer their code, and tell what they came with."""
        origin = Origin(device=identity.device, payment=identity.payment, address=identity.address)
        async with unit_of_work(self.actor) as session:
            row, _ = await codes.ensure(
                session,
                self.actor,
                self.program,
                self.people[identity.referrer],
                channel=None,
                origin=origin,
                now=utc_now(),
            )
        self.codes[identity.referrer] = row.code

    async def track(self, order: Order) -> dict[str, Any]:
        """Tell an order; give the answer."""
        told = Telling(
            external_id=str(new_id()),
            code=self.codes[order.referrer],
            referred_email=order.email.strip().lower(),
            ip_address=order.address,
            user_agent=order.agent,
            order_value=order.value,
            clicked_at=order.clicked_at,
            device=order.device,
            payment=order.payment,
            occurred_at=order.at,
        )
        async with unit_of_work(self.actor) as session:
            return (await tracking.track(session, self.actor, told, now=utc_now())).answer

    async def reject(self, conversion_id: UUID) -> None:
        """Reject a held conversion, as a reviewer."""
        async with unit_of_work(self.reviewer) as session:
            await reviews.review(
                session, self.reviewer, conversion_id, decision="reject", note="The same gang", now=utc_now()
            )


async def open_desk(emails: list[str]) -> Desk:
    """Write a tenant that shares signals, with a programme and these members."""
    actor, now = Actor.system(new_id()), utc_now()
    async with unit_of_work(actor) as session:
        slug = f"fraud-{actor.tenant_id.hex[-8:]}"
        await records.create_tenant(session, actor, slug=slug, name="Fraud", now=now)
        desk = Desk(actor, await programs.create(session, actor, fields=_PROGRAM, now=now))
        for email in emails:
            member = await members.add_member(
                session, actor, email=email, name=email, password_hash="-", role="user", now=START - _JOINED_BEFORE
            )
            desk.people.append(member.id)
        await choices.put(session, actor, Choices(shares_signals=True), now=now)
    return desk
