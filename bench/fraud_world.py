"""A seeded world for the fraud engine: who refers, who orders, and which orders are fraud.

`Habits` are the parameters in which the sets differ: names, agents, addresses, sizes, timings. What honest groups and
attackers do with them stands in `fraud_honest` and `fraud_attacks`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

START: Final = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""So long ago that the longest act is over: an order cannot be told before it happened."""
SPAN: Final = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a referrer came with when they fetched their code."""

    tenant: int
    referrer: int
    device: str | None
    payment: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One conversion, and the truth about it."""

    at: datetime
    tenant: int
    referrer: int
    email: str
    address: str
    agent: str
    device: str | None
    payment: str | None
    value: Decimal
    clicked_at: datetime | None
    group: str
    is_fraud: bool


@dataclass(frozen=True, slots=True)
class Habits:
    """Parameters of a set."""

    name: str
    agents: Sequence[str]
    mobile_agents: Sequence[str]
    bot_agents: Sequence[str]
    email: Callable[[random.Random, str, str, int], str]
    """Gives an address for a given name, a family name and a running number."""
    fingerprint: Callable[[random.Random, str, int], str]
    """Gives a fingerprint of this kind with a running number."""
    centre_networks: Sequence[str]
    minimum: Decimal | None = None
    scale: float = 1.0
    """How large groups are beside the tuning set's."""
    knows_clicks: float = 0.9
    knows_fingerprints: float = 0.97


@dataclass
class World:
    """Collects identities and orders while groups and attackers act."""

    habits: Habits
    rng: random.Random
    members: Sequence[Sequence[str]]
    """E-mail addresses of the members of each tenant."""
    identities: list[Identity] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    """Groups whose held orders a reviewer rejects a day later."""
    _number: int = 0
    _known: dict[tuple[int, int], Identity] = field(default_factory=dict)

    def number(self) -> int:
        """Give a running number."""
        self._number += 1
        return self._number

    def size(self, low: int, high: int) -> int:
        """Give a size of a group in this set."""
        return max(2, round(self.rng.randint(low, high) * self.habits.scale))

    def moment(self, *, until: float = 0.8) -> datetime:
        """Give a moment in the first part of the span, in waking hours."""
        day = self.rng.uniform(0, SPAN.days * until)
        return START + timedelta(days=int(day), hours=self.rng.uniform(0, 13))

    def referrer(self, tenant: int | None = None) -> Identity:
        """Give a member of a tenant who refers; they may act for several groups, as people do."""
        tenant = self.rng.randrange(len(self.members)) if tenant is None else tenant
        place = self.rng.randrange(len(self.members[tenant]))
        if (tenant, place) not in self._known:
            known = Identity(tenant, place, self.device(), self.payment(), self.home())
            self._known[tenant, place] = known
            self.identities.append(known)
        return self._known[tenant, place]

    def email_of(self, identity: Identity) -> str:
        """Give the address of a referrer."""
        return self.members[identity.tenant][identity.referrer]

    def device(self) -> str | None:
        """Give a device that nobody else has; some cannot be told."""
        return self._fingerprint("device")

    def payment(self) -> str | None:
        """Give a payment instrument that nobody else has."""
        return self._fingerprint("payment")

    def _fingerprint(self, kind: str) -> str | None:
        if self.rng.random() > self.habits.knows_fingerprints:
            return None
        return self.habits.fingerprint(self.rng, kind, self.number())

    def sure(self, kind: str) -> str:
        """Give a fingerprint that is surely told."""
        return self.habits.fingerprint(self.rng, kind, self.number())

    def person(self, family: str | None = None) -> str:
        """Give the address of a new person."""
        first, last = self.rng.choice(FIRST), family or self.rng.choice(LAST)
        return self.habits.email(self.rng, first, last, self.number())

    def home(self) -> str:
        """Give an address of a provider of homes."""
        return f"{self.rng.choice(HOMES)}.{self.rng.randint(0, 255)}.{self.rng.randint(1, 254)}"

    def centre(self) -> str:
        """Give an address of a data centre."""
        return f"{self.rng.choice(self.habits.centre_networks)}.{self.rng.randint(0, 255)}.{self.rng.randint(1, 254)}"

    def agent(self) -> str:
        """Give a browser."""
        return self.rng.choice(self.habits.agents)

    def value(self) -> Decimal:
        """Give what people spend."""
        return Decimal(str(round(self.rng.lognormvariate(4.0, 0.6) + 8, 2)))

    def pause(self, mean_minutes: float) -> timedelta:
        """Give a pause as people make them: mostly short, sometimes long."""
        return timedelta(minutes=self.rng.expovariate(1 / mean_minutes))

    def order(
        self,
        who: Identity,
        at: datetime,
        group: str,
        *,
        is_fraud: bool,
        click: timedelta | None = None,
        **values: object,
    ) -> None:
        """Write an order of a stranger, with these values instead of a stranger's."""
        if click is None and self.rng.random() < self.habits.knows_clicks:
            click = timedelta(minutes=self.rng.lognormvariate(3.0, 1.4) + 0.7)
        own: dict[str, object] = {
            "email": self.person(),
            "address": self.home(),
            "agent": self.agent(),
            "device": self.device(),
            "payment": self.payment(),
            "value": self.value(),
            **values,
        }
        clicked_at = at - click if click is not None else None
        self.orders.append(
            Order(at, who.tenant, who.referrer, clicked_at=clicked_at, group=group, is_fraud=is_fraud, **own)
        )  # type: ignore[arg-type]

    def in_order(self) -> list[Order]:
        """Give the orders as time brings them."""
        return sorted(self.orders, key=lambda order: order.at)


_GIVEN: Final = (
    "anna ben clara david emma finn greta hugo ines jan karin leo mona nils olivia paul rita sven tina uwe vera "
    "willy alma bruno celia diego eva fabio gina hector irene jorge kate luis maria noel oscar petra raul sofia "
    "tom ursula aisha bilal chen dina eun farid gita hassan indira jin kumar layla ming nadia omar priya ravi "
    "sana tariq wei yuki"
)
_FAMILY: Final = (
    "albrecht bosch christ daniels ebert franke gerber hofmann ibsen jansen kaiser lang mayer nolte ortega peters "
    "quast richter schuster thiel ulrich vogel wagner zeller abbott brooks carter dawson ellis foster grant "
    "hughes irwin jenkins knight lawson mason norris osborne parker quinn rhodes sutton turner underwood vaughan "
    "walsh young aguilar bravo castro duarte espinoza flores guzman herrera iglesias juarez lara molina nieto "
    "ochoa pena rivas"
)
_NETWORKS: Final = (
    "24.12 24.98 47.16 62.143 67.8 68.60 71.192 73.22 76.89 78.34 79.200 80.187 81.2 82.33 84.112 85.16 86.24 "
    "87.78 88.12 89.14 90.6 91.64 92.72 93.192 94.31 95.90 98.10 99.224 109.40 121.44 124.19 151.20 173.48 176.0 "
    "178.8 183.82 188.96 203.0 213.47 217.80"
)
FIRST: Final = _GIVEN.split()
LAST: Final = _FAMILY.split()
HOMES: Final = _NETWORKS.split()
"""Given names, family names, and networks of providers of homes."""
