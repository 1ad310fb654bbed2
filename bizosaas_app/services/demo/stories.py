"""The demo's referrals: who clicked, joined and bought on a day, honestly or not. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from bizosaas_app.services.gamification.referrals.telling import Telling

_NAMESPACE: Final = UUID("9d0c7a54-2f0e-4a1b-8c55-6f1f2b7d3e90")

_FIRST: Final = "alma bruno celia dimitri elsa frank greta hector ines jorge karin lars mona nora oscar petra "
_LAST: Final = "arnold baker castro decker ekman foster grahn holm iversen jensen keller lund moller norris "
_MAILBOXES: Final = ("gmail.com", "outlook.com", "proton.me", "icloud.com", "yahoo.com", "fastmail.com")
_THROWN_AWAY: Final = ("mailinator.com", "guerrillamail.com", "yopmail.com")
_AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile "
    "Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
)
_MACHINE: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36"
)
_DATA_CENTRE: Final = "3.120.{}.{}"
_HOMES: Final = {"acme-corp": "84.{}.{}.{}", "globex": "73.{}.{}.{}", "initech": "106.{}.{}.{}"}
"""Networks of people's own lines in each company's country."""

ORDER: Final = "Order "
"""How the number of each of the demo's orders begins."""
ORDER_PATTERN: Final = "^Order [0-9]{5,}$"
"""What no order of a visitor is called, unless they copy the demo's."""
_FIRST_ORDER: Final = 10_000
_OPENED: Final = date(2020, 1, 1)
"""The day from which the shops number their orders."""
_A_MEMBER: Final = 8
_A_DAY: Final = 16 * _A_MEMBER
"""Numbers kept for a member's orders of a day, and for everybody's: more than there ever are."""

SHARERS: Final = 10
"""Members beside the client who share a code."""
_ODD_ORDER_EVERY: Final = 36
"""Days between two of the client's orders that a person has to look at; one of them always waits."""
_GREEDY: Final = 3
"""The sharer who refers himself."""
_LENDER: Final = 6
"""The sharer whose friends order from one phone."""
_PARTNERS: Final = (7, 8)
"""Two sharers whose friends pay with one card."""
_PAYER: Final = 9
"""The sharer who pays for friends."""


@dataclass(frozen=True, slots=True)
class Click:
    """A click on somebody's link."""

    id: UUID
    address: str
    user_agent: str
    clicked_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """What came of one member's code on a day."""

    clicks: list[Click] = field(default_factory=list)
    sign_ups: list[tuple[UUID, datetime]] = field(default_factory=list)
    orders: list[Telling] = field(default_factory=list)


def sharers(emails: list[str]) -> list[str]:
    """Give who shares: the client first, then some of the others, always the same."""
    clients = [email for email in emails if email.startswith("client@")]
    others = [email for email in emails if not email.startswith(("client@", "admin@"))]
    return [*clients, *others[:: max(1, len(others) // SHARERS)][:SHARERS]]


def own_card(email: str) -> str:
    """Give the fingerprint of a member's own payment instrument."""
    return f"own-card-{email}"


def day_of(tenant_slug: str, email: str, number: int, code: str, day: date) -> Day:
    """Give what came of this member's code on a day (UTC); `number` is the member's place among the sharers."""
    rng = random.Random(f"referrals/{tenant_slug}/{email}/{day.isoformat()}")
    found = Day()
    zeal = 1.0 if number == 0 else 0.25
    for index in range(sum(rng.random() < zeal * 0.6 for _ in range(5))):
        found.clicks.append(_click(rng, tenant_slug, f"{email}/{day}/{index}", _moment(rng, day)))
    for index, click in enumerate(found.clicks):
        if rng.random() < 0.12:
            name = uuid5(_NAMESPACE, f"{tenant_slug}/{email}/{day}/joined/{index}")
            found.sign_ups.append((name, click.clicked_at + timedelta(minutes=rng.randint(2, 40))))
    if rng.random() < zeal * 0.09:
        _add(found, rng, tenant_slug, f"{email}/{day}/order", day, member=number, code=code)
    for fields in _tricks(rng, tenant_slug, email, number, day):
        _add(
            found, rng, tenant_slug, f"{email}/{day}/trick/{len(found.orders)}", day, member=number, code=code, **fields
        )
    return found


def _tricks(rng: random.Random, tenant_slug: str, email: str, number: int, day: date) -> Iterator[dict[str, Any]]:
    """Give what is odd about the orders of those who do not play fair."""
    turn = day.toordinal()
    if number == 0 and turn % _ODD_ORDER_EVERY == 0:
        yield {"user_agent": _MACHINE, "ip_address": _DATA_CENTRE.format(rng.randint(0, 255), rng.randint(1, 254))}
    if number == _GREEDY and turn % 30 == 0:
        device = f"greedy-{tenant_slug}"
        for _ in range(2):
            name = f"{rng.choice(_FIRST.split())}{rng.randint(100, 999)}"
            yield {"device": device, "payment": device, "referred_email": f"{name}@{rng.choice(_THROWN_AWAY)}"}
    if number == _GREEDY + 1 and turn % 11 == 0:
        yield {"user_agent": _MACHINE, "ip_address": _DATA_CENTRE.format(rng.randint(0, 255), rng.randint(1, 254))}
    if number == _GREEDY + 2 and turn % 30 == 0:
        local, _, domain = email.partition("@")
        yield {"referred_email": f"{local}+{rng.randint(2, 99)}@{domain}"}
    if number == _LENDER and turn % 9 == 0:
        yield {"device": f"lent-{tenant_slug}-{turn // 18}"}
    if number in _PARTNERS and turn % 12 == 4 * _PARTNERS.index(number):
        yield {"payment": f"partners-{tenant_slug}-{turn // 36}"}
    if number == _PAYER and turn % 17 == 0:
        yield {"payment": own_card(email)}


def _add(found: Day, rng: random.Random, tenant_slug: str, name: str, day: date, *, member: int, **fields: Any) -> None:
    """Add an order with the click that led to it; `member` is its sharer's place."""
    occurred_at = _moment(rng, day)
    is_hasty = len(fields) > 1
    waited = timedelta(minutes=rng.randint(2, 4) if is_hasty else rng.randint(15, 3 * 24 * 60))
    click = _click(rng, tenant_slug, name, occurred_at - waited)
    found.clicks.append(click)
    number = rng.randint(1, 99)
    usual: dict[str, Any] = {
        "external_id": f"{ORDER}{_number(day, member, len(found.orders))}",
        "referred_email": f"{rng.choice(_FIRST.split())}.{rng.choice(_LAST.split())}{number}@{rng.choice(_MAILBOXES)}",
        "ip_address": click.address,
        "user_agent": click.user_agent,
        "device": f"{rng.getrandbits(64):016x}",
        "payment": f"{rng.getrandbits(64):016x}",
        "order_value": Decimal(rng.randint(2500, 40_000)) / 100,
        "click_id": str(click.id),
        "occurred_at": occurred_at,
    }
    found.orders.append(Telling(**{**usual, **fields}))


def _number(day: date, member: int, place: int) -> int:
    """Give an order's number: the same in every demo, higher each day, and no other order's in the tenant."""
    return _FIRST_ORDER + (day - _OPENED).days * _A_DAY + member * _A_MEMBER + place


def _click(rng: random.Random, tenant_slug: str, name: str, at: datetime) -> Click:
    address = _HOMES[tenant_slug].format(rng.randint(130, 190), rng.randint(0, 255), rng.randint(1, 254))
    return Click(uuid5(_NAMESPACE, f"{tenant_slug}/{name}/click"), address, rng.choice(_AGENTS), at)


def _moment(rng: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(7), UTC) + timedelta(seconds=rng.randrange(13 * 3600))
