"""Honest people who look alike to fraudsters: none of them is held."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bizosaas_app.services.gamification.fraud.verdicts import Attempt
from tests.support.fraud import CHROME, START, Desk, desk

__all__ = ["desk"]

MIA, NOAH, OLGA = "mia@acme.example", "noah@acme.example", "olga@acme.example"
HOME = "81.20.30.40"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
    "Mobile/15E148 Safari/604.1"
)


async def held(desk: Desk, attempts: Iterable[Attempt]) -> list[tuple[int, list[str]]]:
    """Give the scores and signals of those who were not let through."""
    verdicts = [await desk.track(attempt) for attempt in attempts]
    return [(v.score, [reason.code for reason in v.reasons]) for v in verdicts if v.decision != "allow"]


async def several(desk: Desk, count: int, who: Any = MIA, **changes: Any) -> list[Attempt]:
    """Give attempts of so many strangers; a change that is a function is asked with each one's number."""
    return [
        await desk.attempt(
            who(number) if callable(who) else who,
            number,
            **{name: value(number) if callable(value) else value for name, value in changes.items()},
        )
        for number in range(count)
    ]


async def test_a_household_with_the_referrer_under_the_same_roof_passes(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone", payment="mia-card", address=HOME)
    family = await several(
        desk,
        5,
        ip_address=HOME,
        referred_email=lambda n: f"{('anna', 'bert', 'cleo', 'dora', 'emil')[n]}.weber@mail.example",
        occurred_at=lambda n: START + timedelta(hours=7 * n * n),
    )
    assert await held(desk, family) == []


async def test_an_office_behind_one_address_passes_with_one_browser_and_one_referrer(desk: Desk) -> None:
    await desk.generate(MIA, address=HOME)
    rng = random.Random(4)
    moments = sorted(rng.uniform(0, 60) for _ in range(25))
    colleagues = await several(
        desk,
        25,
        ip_address=HOME,
        referred_email=lambda n: f"person{n}@firm.example",
        occurred_at=lambda n: START + timedelta(hours=moments[n]),
    )
    assert await held(desk, colleagues) == []


async def test_a_mobile_network_passes_with_hundreds_on_few_addresses(desk: Desk) -> None:
    rng = random.Random(5)
    moments = sorted(rng.uniform(0, 300) for _ in range(45))
    customers = await several(
        desk,
        45,
        who=lambda n: (MIA, NOAH, OLGA)[n % 3],
        ip_address=lambda n: f"100.70.8.{n * n % 4 + 1}",
        user_agent=PHONE,
        occurred_at=lambda n: START + timedelta(hours=moments[n]),
    )
    assert await held(desk, customers) == []


async def test_a_creators_burst_passes(desk: Desk) -> None:
    rng = random.Random(6)
    moments = sorted(rng.expovariate(1) for _ in range(45))
    fans = await several(
        desk,
        45,
        user_agent=lambda n: (CHROME, PHONE)[n % 2],
        occurred_at=lambda n: START + timedelta(hours=moments[n]),
        clicked_at=lambda n: START + timedelta(hours=moments[n], minutes=-1 - n % 30),
    )
    assert await held(desk, fans) == []


async def test_a_family_passes_with_one_card_on_devices_of_their_own(desk: Desk) -> None:
    at_home = await several(desk, 4, payment="family-card", ip_address=HOME)
    apart = [await desk.attempt(NOAH, 50 + number, payment="their-card") for number in range(3)]
    assert await held(desk, [*at_home, *apart]) == []


async def test_numbered_synthetic_people_with_one_browser_at_reserved_addresses_pass(desk: Desk) -> None:
    rng = random.Random(7)
    strangers = await several(
        desk,
        40,
        who=lambda n: (MIA, NOAH, OLGA)[n * n % 3],
        referred_email=lambda n: (f"user{n}@example.com", f"buyer-{rng.getrandbits(32):08x}@example.com")[n % 2],
        ip_address=lambda n: f"203.0.113.{n * 41 % 250 + 1}" if n % 3 else f"10.{n}.0.{n}",
        device=lambda n: f"fp-{n}",
        payment=lambda n: f"card-{n}",
        occurred_at=lambda n: START + timedelta(minutes=37 * n),
    )
    assert await held(desk, strangers) == []


async def test_orders_that_are_imported_at_once_pass(desk: Desk) -> None:
    imported = await several(desk, 12, occurred_at=lambda n: START + timedelta(milliseconds=20 * n))
    assert await held(desk, imported) == []


async def test_orders_that_a_shop_tells_one_by_one_pass_with_numbered_addresses_and_one_price(desk: Desk) -> None:
    for number in range(100, 116):
        await desk.track(await desk.attempt(NOAH, number))
    told = await several(
        desk,
        18,
        referred_email=lambda n: f"user{n}@example.com",
        order_value=Decimal(100),
        device=None,
        payment=None,
        occurred_at=lambda n: START + timedelta(days=8, milliseconds=700 * n),
    )
    assert await held(desk, told) == []


async def test_somebody_who_joined_by_the_code_and_then_orders_passes(desk: Desk) -> None:
    await desk.generate(NOAH, device="noah-phone", payment="noah-card")
    order = {"referred_email": NOAH, "device": "noah-phone", "payment": "noah-card"}
    joined_before = await desk.track(await desk.attempt(OLGA, 1, **order))
    assert joined_before.decision == "review"
    await desk.join(NOAH, by=MIA)
    assert await held(desk, [await desk.attempt(MIA, 2, **{**order, "device": "noah-tablet"})]) == []


async def test_a_customer_who_orders_again_passes(desk: Desk) -> None:
    first = await desk.attempt(MIA, 1)
    again = await desk.attempt(MIA, 1, occurred_at=first.occurred_at + timedelta(days=9))
    assert await held(desk, [first, again]) == []


async def test_honest_conversions_of_a_referrer_pass_after_others_of_theirs_were_held(desk: Desk) -> None:
    farm = [await desk.attempt(MIA, number, device="farm", ip_address="62.1.1.1") for number in range(6)]
    for attempt in farm:
        await desk.track(attempt)
    assert await held(desk, [await desk.attempt(MIA, number) for number in range(20, 30)]) == []
