"""The campaign builder's ties: what its steps show of the tenant's people, and what launching it does."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.contracts.wizards import FinishView, LinkView, PreviewView
from bizosaas_app.gateway.wizard_bindings.binding import Binding, Order
from bizosaas_app.gateway.wizard_bindings.campaign_assists import ASSISTS
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.campaigns import audiences, drafting, launching, letters, planning, wishes
from bizosaas_app.services.campaigns.planning import Plan
from bizosaas_app.services.campaigns.wishes import Wish
from bizosaas_app.services.gamification import vocabulary
from bizosaas_app.services.tenants import records
from bizosaas_app.services.wizards.catalogue.campaign import CHANNELS, LABELS
from bizosaas_app.services.wizards.fields import Choice

SHOWN: Final = 20
"""Rows of a preview's table: enough to see the pattern."""
NEEDED: Final = ("name", "channels", "send_from", "send_until")
"""Without these there is no plan to show."""
_NOT_YET: Final = "Go through the steps before: something is missing there"
_NOBODY: Final = "Nobody is chosen"


async def _event_types(session: AsyncSession, actor: Actor) -> tuple[Choice, ...]:
    words = await vocabulary.read(session, actor.tenant_id)
    return (Choice("*", "Anything"), *(Choice(word.type, word.type) for word in words))


async def _reach(session: AsyncSession, _: Actor, order: Order) -> PreviewView:
    audience = drafting.audience_of(order.values)
    midnights = wishes.midnights(audience, order.around.zone)
    try:
        people = await audiences.select_people(session, audience, midnights=midnights, now=order.now)
    except InputInvalid as error:
        return PreviewView(title="Who this reaches", note=" ".join(error.fields.values()), tone="bad")
    facts = [("Members chosen", str(len(people)))]
    for choice in CHANNELS:
        refusals = [person.refusal(choice.value, opted_in_only=audience.opted_in_only) for person in people]
        facts.append((choice.label, f"{refusals.count(None)} can be reached"))
    return PreviewView(
        title="Who this reaches", facts=facts, note="" if people else _NOBODY, tone="neutral" if people else "warn"
    )


async def _shares(_: AsyncSession, __: Actor, order: Order) -> PreviewView:
    shares = drafting.shares_of(order.values, order.around.currency)
    rows = [[LABELS[kind], str(Money(share, order.around.currency))] for kind, share in shares.items()]
    return PreviewView(title="Shares of the budget", head=["Channel", "Share"], rows=rows)


async def _sample(session: AsyncSession, actor: Actor, order: Order) -> PreviewView:
    """Show what the person who tries it would get: their own name is the one they know best."""
    tenant = await records.get_tenant(session, actor.tenant_id)
    person = await audiences.find_person(session, actor.member_id())
    if person is None:
        return PreviewView(title="As you would get it", note=_NOBODY)
    words = letters.words_of(person, organisation=tenant.name, campaign=order.values.get("name", ""))
    facts: list[tuple[str, str]] = []
    for kind in order.values.get("channels", ()):
        filled = letters.fill(drafting.content_of(order.values, kind), words)
        said = filled.text if filled.payload is None else str(dict(filled.payload))
        facts.append((LABELS[kind], "\n".join(part for part in (filled.subject, said) if part)))
    return PreviewView(title="As you would get it", facts=facts)


async def _plan(session: AsyncSession, actor: Actor, order: Order) -> PreviewView:
    title = "When you launch"
    if not all(name in order.values for name in NEEDED):
        return PreviewView(title=title, note=_NOT_YET, tone="warn")
    try:
        plan = await planning.plan(session, actor, _wish(order), now=order.now)
    except InputInvalid as error:
        return PreviewView(title=title, note="; ".join(error.fields.values()), tone="bad")
    return PreviewView(
        title=title,
        facts=_facts(plan),
        head=["Person", "Channel", "When, or why not"],
        rows=_rows(plan),
        note="" if plan.sends else "Nobody can be reached",
        tone="neutral" if plan.sends else "bad",
    )


def _facts(plan: Plan) -> list[tuple[str, str]]:
    moments = [send.at for send in plan.sends]
    zone = plan.schedule.timezone
    facts = [
        ("Members chosen", str(plan.people)),
        ("Messages", str(len(plan.sends))),
        ("Left out", str(len(plan.left_out))),
    ]
    span = [("First", _told(min(moments), zone)), ("Last", _told(max(moments), zone))] if moments else []
    return [*facts, *span]


def _rows(plan: Plan) -> list[list[str]]:
    zone = plan.schedule.timezone
    sends = sorted(plan.sends, key=lambda send: send.at)
    rows = [[send.person.name, LABELS[send.kind], _told(send.at, zone)] for send in sends[:SHOWN]]
    out = [[item.person.name, LABELS[item.kind], planning.REASONS[item.reason]] for item in plan.left_out[:SHOWN]]
    return [*rows, *out]


def _told(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _wish(order: Order) -> Wish:
    return drafting.wish_of(order.values, order.around.currency)


async def _complete(session: AsyncSession, actor: Actor, order: Order) -> FinishView:
    try:
        done = await launching.launch(session, actor, _wish(order), draft_id=order.draft_id, now=order.now)
    except InputInvalid as error:
        raise InputInvalid(drafting.by_field(error.fields, order.values["channels"])) from error
    return FinishView(
        title=f"{done.campaign.name} is launched",
        text="Its messages go out by themselves, each when it is due.",
        subject=f"campaign:{done.campaign.id}",
        facts=[
            ("Budget", str(Money(done.campaign.budget, done.campaign.currency))),
            ("Messages", f"{done.sends:,}"),
        ],
        links=[
            LinkView(label="Follow the campaign", href=f"/admin/campaigns/campaign?id={done.campaign.id}"),
            LinkView(label="All campaigns", href="/admin/campaigns"),
        ],
    )


BINDING = Binding(
    complete=_complete,
    lists={"event_types": _event_types},
    assists=ASSISTS,
    previews={"reach": _reach, "shares": _shares, "sample": _sample, "plan": _plan},
)
