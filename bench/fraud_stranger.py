"""The stranger's set: plain and synthetic, as somebody writes it in an hour who knows only what the API takes.

Numbered addresses at example domains, two browsers for everybody, addresses from documentation ranges or anywhere at
all, no clicks, uniform amounts, uniform pauses, members picked by lot for each act.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from bench.fraud_world import Habits, Identity, World

AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
    "Mobile/15E148 Safari/604.1",
)


def _email(rng: random.Random, first: str, last: str, number: int) -> str:
    return rng.choice(
        (
            f"user{number}@example.com",
            f"buyer-{rng.getrandbits(32):08x}@example.com",
            f"{first}.{last}@mail.test",
            f"{first}{number}@example.org",
        )
    )


HABITS: Final = Habits(
    name="stranger",
    agents=AGENTS,
    mobile_agents=AGENTS[1:],
    bot_agents=("HeadlessChrome/119.0", "python-requests/2.31.0", AGENTS[0]),
    email=_email,
    fingerprint=lambda _, kind, number: f"{'fp' if kind == 'device' else 'card'}-{number}",
    centre_networks=("52.10", "34.70", "104.131"),
    knows_clicks=0.0,
    knows_fingerprints=1.0,
)


class Stranger:
    """Writes one world."""

    def __init__(self, rng: random.Random, members: Sequence[Sequence[str]]) -> None:
        self.rng, self.world = rng, World(HABITS, rng, members)

    def address(self) -> str:
        """Give an address from anywhere: documentation, private, servers or homes."""
        rng = self.rng
        start = rng.choice(("203.0.113", "198.51.100", f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}", None, None))
        if start is None:
            start = ".".join(str(rng.randint(1, 223)) for _ in range(3))
        return f"{start}.{rng.randint(1, 254)}"

    def add(self, who: Identity, at: Any, group: str, is_fraud: bool, **values: Any) -> None:
        """Write an order with what is left out chosen by lot."""
        plain = {"address": self.address(), "value": Decimal(self.rng.randint(2000, 20000)) / 100}
        self.world.order(who, at, group, is_fraud=is_fraud, **{**plain, **values})

    def some(
        self,
        group: str,
        times: int,
        sizes: tuple[int, int],
        minutes: tuple[float, float],
        is_fraud: bool,
        **shared: Any,
    ) -> None:
        """Write so many groups: uniform sizes, uniform pauses, and values that the whole group shares."""
        for _ in range(times):
            who, at = self.world.referrer(), self.world.moment()
            fixed = {name: value(who) if callable(value) else value for name, value in shared.items()}
            for _ in range(self.rng.randint(*sizes)):
                chosen = {name: self.rng.choice(v) if isinstance(v, list) else v for name, v in fixed.items()}
                self.add(who, at, group, is_fraud, **chosen)
                at += timedelta(minutes=self.rng.uniform(*minutes))


def make(rng: random.Random, members: Sequence[Sequence[str]]) -> World:
    """Make the world."""
    s = Stranger(rng, members)
    w = s.world
    s.some("ordinary", 300, (1, 1), (1, 1), False)
    s.some("household", 40, (2, 5), (30, 3000), False, address=lambda _: s.address(), agent=AGENTS[0])
    s.some("household_of_referrer", 20, (2, 4), (30, 3000), False, address=lambda who: who.address, agent=AGENTS[0])
    s.some("office", 6, (20, 50), (5, 120), False, address=lambda _: s.address(), agent=AGENTS[0])
    s.some("campus", 3, (40, 80), (5, 300), False, address=lambda _: s.address())
    s.some("carrier", 3, (60, 150), (5, 200), False, agent=AGENTS[1], address=lambda _: [s.address() for _ in "abc"])
    s.some("creator", 3, (100, 250), (0.1, 3), False)
    s.some("family_card", 40, (2, 3), (60, 5000), False, payment=lambda _: w.payment(), address=lambda _: s.address())

    s.some("self_device", 20, (1, 3), (60, 3000), True, device=lambda who: who.device)
    s.some("self_card", 20, (1, 3), (60, 3000), True, payment=lambda who: who.payment)
    s.some("device_farm", 10, (6, 15), (5, 300), True, device=lambda _: w.device(), address=lambda _: s.address())
    s.some("payment_reuse", 8, (8, 15), (10, 600), True, payment=lambda _: w.payment())
    s.some(
        "bot_burst", 5, (20, 50), (0.05, 0.2), True, agent=lambda _: rng.choice(HABITS.bot_agents),
        click=timedelta(seconds=1.5), address=lambda _: [f"52.10.8.{n}" for n in range(9)],
    )  # fmt: skip
    s.some(
        "slow_farm", 6, (12, 25), (600, 2400), True, agent=AGENTS[0],
        device=lambda _: [w.device() for _ in "abcd"], address=lambda who: [f"61.5.{who.referrer}.{n}" for n in "123"],
    )  # fmt: skip
    for _ in range(12):
        who, at = w.referrer(), w.moment()
        local, _, domain = w.email_of(who).partition("@")
        for email in (f"{local}+1@{domain}", f"{local}+promo@{domain}"):
            s.add(who, at, "self_email", True, email=email)
            at += timedelta(hours=5)
    for _ in range(8):
        tenant = rng.randrange(len(members))
        a, b, at = w.referrer(tenant), w.referrer(tenant), w.moment()
        for one, other in ((a, b), (b, a)) if a is not b else ():
            shared = {"device": other.device, "payment": other.payment, "address": other.address}
            s.add(one, at, "ring", True, email=w.email_of(other), **shared)
            at += timedelta(hours=rng.uniform(1, 48))
    for _ in range(4):
        phone, card, at = w.device(), w.payment(), w.moment(until=0.4)
        for tenant in range(len(members)):
            for _ in range(3):
                s.add(w.referrer(tenant), at, "repeat_offender", True, device=phone, payment=card)
                at += timedelta(hours=rng.uniform(2, 30))
    return w
