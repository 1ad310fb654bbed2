"""What the tests of the fraud engine share: a programme with codes, attempts, and rows written as referrals would."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification import people_locks
from bizosaas_app.services.gamification.fraud import choices, identities, labels, scoring
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.gamification.fraud.verdicts import Attempt, Thresholds, Verdict
from models import ReferralCode, ReferralConversion, ReferralProgram
from tests.support.world import World

THRESHOLDS = Thresholds(review=40, block=80)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
STATUS = {"allow": "approved", "review": "pending_review", "block": "rejected"}
START = datetime(2026, 10, 5, 9, tzinfo=UTC)


@dataclass
class Desk:
    """One tenant's fraud desk: tracks conversions through the engine and keeps their rows."""

    world: World
    slug: str = "acme-corp"
    program_id: UUID = field(default_factory=new_id)
    codes: dict[str, UUID] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.world.system(self.slug)

    @property
    def rings(self) -> tuple[Any, Any]:
        peppers = self.world.resources.peppers
        return peppers["identity"], peppers["network"]

    async def open(self) -> Desk:
        """Write the programme."""
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            session.add(
                ReferralProgram(
                    tenant_id=self.actor.tenant_id,
                    id=self.program_id,
                    name="Friends",
                    platform="bizosaas",
                    status="active",
                    landing_url="https://acme.example/",
                    qualifying_event="order.completed",
                )
            )
        return self

    async def generate(self, referrer: str, **identity: str | None) -> UUID:
        """Give a referrer a code, and remember what they came with."""
        user_id = self.world.people[referrer]
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            if referrer not in self.codes:
                self.codes[referrer] = new_id()
                code = ReferralCode(
                    tenant_id=self.actor.tenant_id,
                    id=self.codes[referrer],
                    program_id=self.program_id,
                    user_id=user_id,
                    code=f"CODE{len(self.codes)}{self.slug[:4].upper()}",
                )
                session.add(code)
            await identities.remember(session, self.actor, self.rings[0], user_id, **identity, now=utc_now())
        return self.codes[referrer]

    async def attempt(self, referrer: str, number: int = 0, **changes: Any) -> Attempt:
        """Give an attempt of an honest stranger, with these changes."""
        values: dict[str, Any] = {
            "program_id": self.program_id,
            "code_id": self.codes.get(referrer) or await self.generate(referrer),
            "referrer_user_id": self.world.people[referrer],
            "referred_email": f"{FIRST[number % len(FIRST)]}.{LAST[number * 7 % len(LAST)]}{number}@mail.example",
            "ip_address": f"81.{number % 200 + 1}.{number * 3 % 250}.{number * 37 % 250 + 1}",
            "user_agent": CHROME,
            "device": f"device-{number}",
            "payment": f"card-{number}",
            "order_value": Decimal(40 + number * 13 % 90),
            "occurred_at": START + timedelta(hours=number * number % 97, minutes=number * 17 % 60),
        }
        return Attempt(**{**values, **changes})

    async def track(self, attempt: Attempt, *, thresholds: Thresholds = THRESHOLDS) -> Verdict:
        """Judge an attempt and write its row."""
        verdict, _ = await self.track_row(attempt, thresholds=thresholds)
        return verdict

    async def track_row(
        self, attempt: Attempt, *, thresholds: Thresholds = THRESHOLDS
    ) -> tuple[Verdict, ReferralConversion]:
        """Judge an attempt, write its row and give both."""
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            await people_locks.hold(session, self.actor.tenant_id, [attempt.referrer_user_id])
            verdict = await scoring.assess(session, self.actor, *self.rings, attempt, thresholds=thresholds)
            row = ReferralConversion(
                tenant_id=self.actor.tenant_id,
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
            session.add(row)
        return verdict, row

    async def review(self, row: ReferralConversion, *, is_fraud: bool, reviewer: str) -> None:
        """Decide as a person."""
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            found = await session.get_one(ReferralConversion, (self.actor.tenant_id, row.id))
            found.status = "rejected" if is_fraud else "approved"
            found.reviewed_by, found.reviewed_at = self.world.people[reviewer], utc_now()
            await labels.label(session, self.actor, found, is_fraud=is_fraud)

    async def share(self, *, shares: bool = True) -> None:
        """Opt in to, or out of, signals between tenants."""
        async with self.world.resources.database.unit_of_work(self.actor) as session:
            now = choices.get(session)
            await choices.put(session, self.actor, replace(await now, shares_signals=shares), now=utc_now())


_GIVEN = "anna boris carla deniz elena fritz greta henri ilse jonas kira luca marta nico oskar paula"
_FAMILY = "adler brandt conrad dietz engel falk gruber huber jung keller lorenz maurer neumann otto pohl"
FIRST, LAST = _GIVEN.split(), _FAMILY.split()


@pytest.fixture
async def desk(world: World) -> Desk:
    """Acme's desk."""
    return await Desk(world).open()


@pytest.fixture
async def other_desk(world: World) -> Desk:
    """Globex's desk."""
    return await Desk(world, "globex").open()


def codes_of(verdict: Verdict) -> set[str]:
    """The codes of the signals that fired."""
    return {reason.code for reason in verdict.reasons}


__all__ = ["CHROME", "START", "THRESHOLDS", "Choices", "Desk", "codes_of", "desk", "other_desk"]
