"""What fraudsters do. `ATTACKS` are in every set; `UNSEEN` only where the engine is tested, never where it is tuned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bench.fraud_world import Identity, World


def self_device(world: World) -> None:
    """New accounts made on the referrer's own device."""
    who, at = _equipped(world), world.moment()
    for _ in range(world.rng.randint(1, 4)):
        world.order(who, at, "self_device", is_fraud=True, device=who.device, address=_near(world, who.address))
        at += world.pause(60 * 10)


def self_card(world: World) -> None:
    """New accounts that pay with the referrer's own card."""
    who, at = _equipped(world), world.moment()
    for _ in range(world.rng.randint(1, 4)):
        world.order(who, at, "self_card", is_fraud=True, payment=who.payment, address=_near(world, who.address))
        at += world.pause(60 * 10)


def self_email(world: World) -> None:
    """The referrer's own address, twisted."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    local, _, domain = world.email_of(who).partition("@")
    twists = (
        f"{local}+{rng.choice(('promo', 'x', 'friend', '1'))}@{domain}",
        f"{local.upper()}@{domain}",
        f"{local.replace('.', '')}@{domain}",
        f"{local.replace('.', '_')}@{domain}",
        f"{local}{rng.randint(1, 99)}@{domain}",
        f"{local}@gmail.com",
        f"{local.replace('.', '')}+{rng.randint(1, 9)}@googlemail.com",
    )
    for email in rng.sample(twists if len(local) > 7 else twists[:2], 2):
        world.order(who, at, "self_email", is_fraud=True, email=email)
        at += world.pause(60 * 30)


def device_farm(world: World) -> None:
    """A few phones on a desk, each signing up again and again."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    phones, home = [world.sure("device") for _ in range(rng.randint(1, 4))], world.home()
    for _ in range(len(phones) * world.size(4, 7)):
        world.order(who, at, "device_farm", is_fraud=True, device=rng.choice(phones), address=_near(world, home))
        at += world.pause(rng.choice((15, 120)))


def bot_burst(world: World) -> None:
    """A script that orders at its own pace out of a data centre."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    agent, pace = rng.choice(world.habits.bot_agents), rng.uniform(4, 40)
    for _ in range(world.size(20, 45)):
        click = timedelta(seconds=rng.uniform(0.3, 3.5))
        world.order(who, at, "bot_burst", is_fraud=True, agent=agent, address=world.centre(), click=click)
        at += timedelta(seconds=pace * rng.uniform(0.9, 1.1))


def ring(world: World) -> None:
    """Members who refer each other in a circle."""
    rng, tenant, at = world.rng, world.rng.randrange(len(world.members)), world.moment()
    people = list({(who := _equipped(world, tenant)).referrer: who for _ in range(rng.randint(2, 5))}.values())
    for referrer, referred in zip(people, [*people[1:], people[0]], strict=True):
        if referrer is not referred:
            world.order(
                referrer,
                at,
                "ring",
                is_fraud=True,
                email=world.email_of(referred),
                device=referred.device,
                payment=referred.payment,
                address=_near(world, referred.address),
            )
            at += world.pause(60 * 20)


def payment_reuse(world: World) -> None:
    """One card for many accounts, each on a device and at an address of its own."""
    rng, tenant, at = world.rng, world.rng.randrange(len(world.members)), world.moment()
    referrers = [world.referrer(tenant) for _ in range(rng.choice((1, 1, 3)))]
    card = world.sure("payment")
    for _ in range(world.size(7, 14)):
        world.order(rng.choice(referrers), at, "payment_reuse", is_fraud=True, payment=card)
        at += world.pause(60 * rng.choice((1, 12)))


def slow_farm(world: World) -> None:
    """A patient farm: an account every day or so, a few devices in turn, one network, one browser."""
    rng, who, at = world.rng, world.referrer(), world.moment(until=0.3)
    devices, base = [world.sure("device") for _ in range(rng.randint(2, 5))], world.home()
    agent, hours = world.agent(), rng.uniform(14, 34)
    for _ in range(world.size(12, 24)):
        world.order(
            who, at, "slow_farm", is_fraud=True, device=rng.choice(devices), address=_near(world, base), agent=agent
        )
        at += timedelta(hours=hours * rng.uniform(0.7, 1.3))


def repeat_offender(world: World) -> None:
    """A gang with one set of phones and cards that goes from tenant to tenant; a reviewer confirms the first case."""
    rng, at = world.rng, world.moment(until=0.5)
    phone, card = world.sure("device"), world.sure("payment")
    for tenant in rng.sample(range(len(world.members)), len(world.members)):
        for _ in range(rng.randint(2, 4)):
            world.order(world.referrer(tenant), at, "repeat_offender", is_fraud=True, device=phone, payment=card)
            at += world.pause(60 * 3)
        at += timedelta(days=rng.uniform(2, 5))
    world.confirmed.add("repeat_offender")


# Never seen while tuning


def alias_farm(world: World) -> None:
    """One inbox under many spellings."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    name = world.person().rpartition("@")[0].replace(".", "").replace("+", "")
    for number in range(world.size(5, 9)):
        place = rng.randrange(1, len(name))
        email = rng.choice((f"{name[:place]}.{name[place:]}@gmail.com", f"{name}+{number}@gmail.com"))
        world.order(who, at, "alias_farm", is_fraud=True, email=email)
        at += world.pause(60 * 6)


def fresh_farm(world: World) -> None:
    """A farm whose phones are reset for each account: one network, one browser, and small orders day by day."""
    rng, who, at = world.rng, world.referrer(), world.moment(until=0.3)
    base, agent, value = world.home(), world.agent(), Decimal(rng.randint(20, 30))
    for _ in range(world.size(14, 22)):
        world.order(who, at, "fresh_farm", is_fraud=True, address=_near(world, base), agent=agent, value=value)
        at += timedelta(hours=rng.uniform(20, 30))


def patient_bot(world: World) -> None:
    """A script with a true browser that waits some seconds, on the clock."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    agent, pace = world.agent(), rng.uniform(50, 200)
    for _ in range(world.size(18, 30)):
        click = timedelta(seconds=rng.uniform(4, 12))
        world.order(who, at, "patient_bot", is_fraud=True, agent=agent, address=world.centre(), click=click)
        at += timedelta(seconds=pace * rng.uniform(0.97, 1.03))


def _equipped(world: World, tenant: int | None = None) -> Identity:
    """Give a referrer whose device and card are known."""
    while True:
        who = world.referrer(tenant)
        if who.device and who.payment and who.address:
            return who


def _near(world: World, address: str | None) -> str:
    """Give the address itself or another of its network."""
    if address is None or world.rng.random() < 0.4:
        return address or world.home()
    return f"{address.rpartition('.')[0]}.{world.rng.randint(1, 254)}"


ATTACKS: Final[tuple[tuple[Callable[[World], None], int], ...]] = (
    (self_device, 16),
    (self_card, 16),
    (self_email, 14),
    (device_farm, 7),
    (bot_burst, 4),
    (ring, 10),
    (payment_reuse, 6),
    (slow_farm, 6),
    (repeat_offender, 4),
)
UNSEEN: Final[tuple[tuple[Callable[[World], None], int], ...]] = (
    (alias_farm, 3),
    (fresh_farm, 2),
    (patient_bot, 2),
)
