"""The demo's own achievements: two that a customer has designed, and an unlock that looks too fast to be honest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.demo.cast import Company
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.achievements import books, custom, manipulation
from bizosaas_app.services.gamification.achievements.custom import Draft

_NAMESPACE: Final = UUID("3d1f5b0a-8c64-4f7e-9a51-6f6c2f0f8b27")
_ANSWERED: Final = "ticket.answered"

DRAFTS: Final = (
    Draft(
        key="campaign-fortnight",
        name="Two launches, one month",
        description="Launch two campaigns within a calendar month",
        category="campaigns",
        trigger={"event": "campaign.launched", "aggregate": "count", "threshold": 2, "window": "month"},
        points=90,
        tier="silver",
        icon="calendar-range",
    ),
    Draft(
        key="quick-replies",
        name="Quick replies",
        description="Answer 60 tickets within 30 minutes each",
        category="commerce",
        trigger={
            "event": _ANSWERED,
            "aggregate": "count",
            "threshold": manipulation.BURST,
            "filters": [{"field": "minutes", "op": "lte", "value": 30}],
        },
        points=120,
        tier="gold",
        icon="message-circle",
    ),
)


async def ensure(actor: Actor, company: Company, people: Mapping[str, UUID], now: datetime) -> None:
    """Publish them once, and let one member answer a minute's worth of tickets like a machine."""
    async with unit_of_work(actor) as session:
        book = await books.current(session, actor.tenant_id)
        if DRAFTS[0].key in book.by_key:
            return
        for draft in DRAFTS:
            await custom.create(session, actor, draft, now=now)
    async with unit_of_work(actor) as session:
        await ledger.append(session, actor, _burst(company, people, now), now=now, source="service")


def _burst(company: Company, people: Mapping[str, UUID], now: datetime) -> list[ledger.NewEvent]:
    user_id = people[sorted(people)[len(people) // 2]]
    begins = now - timedelta(hours=5)
    return [
        ledger.NewEvent(
            event_id=uuid5(_NAMESPACE, f"{company.slug}/{number}"),
            type=_ANSWERED,
            user_id=user_id,
            properties={"minutes": 1 + number % 9, "channel": "chat" if number % 3 else "e-mail"},
            occurred_at=begins + timedelta(milliseconds=900 * number),
        )
        for number in range(manipulation.BURST)
    ]
