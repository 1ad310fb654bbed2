"""Honest groups that look alike to something else: each must pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bench.fraud_world import LAST, World


def ordinary(world: World) -> None:
    """A member whose friends order now and then."""
    who, at = world.referrer(), world.moment()
    for _ in range(world.rng.randint(1, 5)):
        world.order(who, at, "ordinary", is_fraud=False)
        at += world.pause(60 * 24 * 5)


def household(world: World) -> None:
    """People under one roof: one address, a device each, often one name and the same browser; maybe the referrer's."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    address = who.address if rng.random() < 0.5 and who.address else world.home()
    family = rng.choice(LAST) if rng.random() < 0.6 else None
    agents = [world.agent() for _ in range(rng.randint(1, 2))]
    for _ in range(rng.randint(2, 5)):
        world.order(
            who, at, "household", is_fraud=False, address=address, email=world.person(family), agent=rng.choice(agents)
        )
        at += world.pause(60 * rng.choice((1, 20, 90)))


def office(world: World) -> None:
    """Colleagues behind one address who hear of it from a few of them within days."""
    rng, at, address = world.rng, world.moment(), world.home()
    tenant = rng.randrange(len(world.members))
    referrers = [world.referrer(tenant) for _ in range(rng.choice((1, 1, 2, 4)))]
    agents = [world.agent() for _ in range(rng.randint(1, 3))]
    domain = f"{rng.choice(LAST)}-{rng.choice(LAST)}.example"
    has_mail = rng.random() < 0.7
    for _ in range(world.size(12, 45)):
        email = f"{world.person().rpartition('@')[0]}@{domain}" if has_mail else world.person()
        world.order(
            rng.choice(referrers), at, "office", is_fraud=False, address=address, email=email, agent=rng.choice(agents)
        )
        at += world.pause(rng.choice((20, 90, 400)))


def campus(world: World) -> None:
    """Students behind a handful of addresses of one network, over a term."""
    rng, at, base = world.rng, world.moment(until=0.4), world.home().rpartition(".")[0]
    tenant = rng.randrange(len(world.members))
    referrers = [world.referrer(tenant) for _ in range(rng.randint(3, 8))]
    addresses = [f"{base}.{rng.randint(1, 254)}" for _ in range(rng.randint(1, 4))]
    for _ in range(world.size(25, 70)):
        world.order(rng.choice(referrers), at, "campus", is_fraud=False, address=rng.choice(addresses))
        at += world.pause(60 * 12)


def carrier(world: World) -> None:
    """Customers of a mobile network: hundreds on a few addresses, with much the same phones."""
    rng, at, base = world.rng, world.moment(until=0.2), world.home().rpartition(".")[0]
    tenant = rng.randrange(len(world.members))
    referrers = [world.referrer(tenant) for _ in range(rng.randint(10, 20))]
    addresses = [f"{base}.{rng.randint(1, 254)}" for _ in range(rng.randint(2, 6))]
    for _ in range(world.size(90, 160)):
        world.order(
            rng.choice(referrers),
            at,
            "carrier",
            is_fraud=False,
            address=rng.choice(addresses),
            agent=rng.choice(world.habits.mobile_agents),
        )
        at += world.pause(60 * 4)


def creator(world: World) -> None:
    """A post that spreads: hundreds of strangers within hours, all from one referrer."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    agents = (*world.habits.agents, *world.habits.mobile_agents)
    for number in range(world.size(100, 220)):
        world.order(who, at, "creator", is_fraud=False, agent=rng.choice(agents))
        at += world.pause(1 + number / 30)


def family_card(world: World) -> None:
    """One card in a family, each with a device of their own, at home or out."""
    rng, who, at = world.rng, world.referrer(), world.moment()
    card, home = world.sure("payment"), world.home()
    is_home, family = rng.random() < 0.65, rng.choice(LAST) if rng.random() < 0.6 else None
    for _ in range(rng.randint(2, 4) if is_home or family else rng.randint(2, 3)):
        address = home if is_home else world.home()
        world.order(who, at, "family_card", is_fraud=False, payment=card, address=address, email=world.person(family))
        at += world.pause(60 * rng.choice((2, 30, 200)))


def traveller(world: World) -> None:
    """Somebody in a hotel or behind a private network: the address is a data centre's, the rest is ordinary."""
    who, at = world.referrer(), world.moment()
    world.order(who, at, "traveller", is_fraud=False, address=world.centre())


def hand_me_down(world: World) -> None:
    """An old phone that moves on in the family after months."""
    who, at, phone = world.referrer(), world.moment(until=0.1), world.sure("device")
    home, family = world.home(), world.rng.choice(LAST)
    for days in (0, world.rng.uniform(47, 55)):
        world.order(
            who,
            at + timedelta(days=days),
            "hand_me_down",
            is_fraud=False,
            device=phone,
            address=home,
            email=world.person(family),
        )


def shy(world: World) -> None:
    """People whose browsers tell no fingerprint at all."""
    who, at = world.referrer(), world.moment()
    for _ in range(world.rng.randint(2, 6)):
        world.order(who, at, "shy", is_fraud=False, device=None, payment=None)
        at += world.pause(60 * 24)


HONEST: Final[tuple[tuple[Callable[[World], None], int], ...]] = (
    (ordinary, 150),
    (household, 40),
    (office, 7),
    (campus, 4),
    (carrier, 2),
    (creator, 4),
    (family_card, 35),
    (traveller, 25),
    (hand_me_down, 8),
    (shy, 12),
)
"""Each group and how often it comes."""
