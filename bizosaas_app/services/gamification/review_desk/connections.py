"""Connections: who shares a device, a payment instrument, a cookie, an address or an inbox with whom.

What is shared is told by its kind and by who shares it; the value itself never leaves the database. Fingerprints are
compared as they were hashed: two that were hashed under different keys of the ring count as different here, which the
engine, who saw them in clear, did not have to accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.fraud import agents
from bizosaas_app.services.gamification.review_desk import queue
from models import ReferralClick, ReferralCode, ReferralConversion

Kind = Literal["device", "payment", "inbox", "cookie", "address"]
KINDS: Final[tuple[Kind, ...]] = ("device", "payment", "inbox", "cookie", "address")
"""The strongest first: an address with its browser may be an office's."""
Role = Literal["referrer", "referred", "account", "member"]

REFERRER: Final = "referrer"
REFERRED: Final = "referred"
SHARED: Final = 100
"""Other conversions that are looked at for each kind."""
MOST: Final = 12
"""Other people who are named, those with the most in common first; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who shares something: `by` is the referrer of an account that somebody else brought."""

    key: str
    role: Role
    label: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of this conversion, with the keys of all who were seen with it, and how people judged them."""

    kind: Kind
    parties: tuple[str, ...]
    accounts: int
    rejected: int
    approved: int


@dataclass(frozen=True, slots=True)
class Connections:
    """The drawing: its people, its things, and how many more people there are."""

    parties: tuple[Party, ...]
    things: tuple[Thing, ...]
    more: int


_SEEN: Final = """
    c.email_key, c.referred_email, c.referrer_user_id, c.status, c.reviewed_at IS NOT NULL AS is_reviewed
    FROM referral_conversions c WHERE c.tenant_id = :tenant AND c.id <> :id"""

_OTHERS: Final = text(f"""
(SELECT 'device' AS kind, {_SEEN} AND c.device_hash = :device ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'payment', {_SEEN} AND c.payment_hash = :payment ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'inbox', {_SEEN} AND c.email_key = :email ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'address', {_SEEN} AND c.ip_address = :address AND c.agent_key = :agent
    ORDER BY c.occurred_at DESC LIMIT {SHARED})
UNION ALL (SELECT 'cookie', {_SEEN} AND c.code_id = :code AND c.click_id IN (
        SELECT k.id::text FROM referral_clicks k
        WHERE k.tenant_id = :tenant AND k.code_id = :code AND k.visitor = :visitor)
    ORDER BY c.occurred_at DESC LIMIT {SHARED})
""")  # noqa: S608  # constants of this module

_MEMBERS: Final = text("""
SELECT CASE kind WHEN 'email' THEN 'inbox' ELSE kind END AS kind, user_id FROM referral_identities
WHERE tenant_id = :tenant AND (kind, value) IN (('device', :device), ('payment', :payment), ('email', :email))
UNION SELECT 'inbox', id FROM users WHERE tenant_id = :tenant AND email = :email
LIMIT 50
""")


async def find(session: AsyncSession, actor: Actor, row: ReferralConversion) -> Connections:
    """Give who shares what with the referred of this conversion."""
    click = await find_click(session, row)
    values = {
        "tenant": actor.tenant_id,
        "id": row.id,
        "device": row.device_hash,
        "payment": row.payment_hash,
        "email": row.email_key,
        "address": row.ip_address,
        "agent": row.agent_key,
        "code": row.code_id,
        "visitor": click.visitor if click else None,
    }
    others = (await session.execute(_OTHERS, values)).all()
    seen = [(str(found.kind), found.user_id) for found in await session.execute(_MEMBERS, values)]
    seen += [(kind, row.referrer_user_id) for kind in await _own_kinds(session, row, click)]
    named = await queue.find_members(
        session, {row.referrer_user_id, *(found.referrer_user_id for found in others), *(who for _, who in seen)}
    )
    names = {user_id: member.name or member.email for user_id, member in named.items()}
    return _draw(row, _kinds_of(values), others, seen, names)


async def find_click(session: AsyncSession, row: ReferralConversion) -> ReferralClick | None:
    """Give the click that led to the conversion, where it was one of ours: senders have ids of their own, too."""
    try:
        click_id = UUID(row.click_id or "")
    except ValueError:
        return None
    return (await session.exec(select(ReferralClick).where(ReferralClick.id == click_id))).one_or_none()


async def _own_kinds(session: AsyncSession, row: ReferralConversion, click: ReferralClick | None) -> list[str]:
    """Give what the referrer's own click and own code have in common with the order."""
    code = (await session.exec(select(ReferralCode).where(ReferralCode.id == row.code_id))).one()
    is_same = code.address == row.ip_address and agents.read(code.user_agent or "").key == row.agent_key
    return [*(["cookie"] if click is not None and click.is_self else []), *(["address"] if is_same else [])]


def _kinds_of(values: Mapping[str, Any]) -> list[Kind]:
    """Give what is known of the conversion at all: what was not sent is shared with nobody."""
    needs = {"inbox": "email", "cookie": "visitor", "address": "agent"}
    return [kind for kind in KINDS if values[needs.get(kind, kind)]]


def _draw(
    row: ReferralConversion,
    kinds: Iterable[Kind],
    others: Iterable[Any],
    seen: Iterable[tuple[str, UUID]],
    names: Mapping[UUID, str],
) -> Connections:
    """Put people and things together; the two of this case always come first."""
    inbox = row.email_key or row.referred_email
    first = names.get(row.referrer_user_id, "")
    people = {REFERRER: Party(REFERRER, "referrer", first), REFERRED: Party(REFERRED, "referred", row.referred_email)}
    links: dict[str, dict[str, None]] = {kind: {REFERRED: None} for kind in kinds}
    judged: dict[str, list[str]] = {kind: [] for kind in kinds}
    for found in others:
        account = found.email_key or found.referred_email
        key = REFERRED if account == inbox else f"account:{account}"
        by = None if found.referrer_user_id == row.referrer_user_id else names.get(found.referrer_user_id)
        people.setdefault(key, Party(key, "account", found.referred_email, by))
        links[found.kind][key] = None
        judged[found.kind].append(found.status if found.is_reviewed else "")
    for kind, user_id in seen:
        if kind in links and user_id in names:
            key = REFERRER if user_id == row.referrer_user_id else f"member:{user_id}"
            people.setdefault(key, Party(key, "member", names[user_id]))
            links[kind][key] = None
    return _cut(people, links, judged)


def _cut(
    people: Mapping[str, Party], links: Mapping[str, Mapping[str, None]], judged: Mapping[str, list[str]]
) -> Connections:
    """Name those with the most in common; the keys of accounts, which are addresses, give way to numbers."""
    weight = {key: sum(key in linked for linked in links.values()) for key in people}
    strangers = sorted((key for key in people if key not in (REFERRER, REFERRED)), key=lambda key: -weight[key])
    numbers = {key: str(number) for number, key in enumerate(strangers[:MOST], start=1)}
    numbers |= {REFERRER: REFERRER, REFERRED: REFERRED}
    parties = tuple(
        Party(number, people[key].role, people[key].label, people[key].by)
        for key, number in sorted(numbers.items(), key=lambda pair: pair[0] not in (REFERRER, REFERRED))
    )
    things = tuple(
        Thing(
            kind,  # type: ignore[arg-type]  # the keys of `links` are kinds
            tuple(numbers[key] for key in linked if key in numbers),
            accounts=sum(key not in (REFERRER, REFERRED) for key in linked),
            rejected=judged[kind].count("rejected"),
            approved=judged[kind].count("approved"),
        )
        for kind, linked in links.items()
    )
    return Connections(parties, things, more=max(0, len(strangers) - MOST))
