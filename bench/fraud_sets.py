"""The sets: one to tune by, one to test by, and a stranger's, who has not read the signals."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from bench import fraud_attacks, fraud_honest, fraud_stranger
from bench.fraud_world import Habits, World

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Mobile/15E148 Safari/604.1"  # noqa: E501
_ANDROID = (
    "Mozilla/5.0 (Linux; Android {}; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36"
)


def _tuning_email(rng: random.Random, first: str, last: str, _: int) -> str:
    shape = rng.choice(("{f}.{l}", "{f}{l}", "{f}.{l}{n}", "{f}_{l}", "{i}{l}{n}"))
    local = shape.format(f=first, l=last, i=first[0], n=rng.randint(1, 99))
    return f"{local}@{rng.choice(('gmail.com', 'gmx.de', 'outlook.com', 'web.de', 'yahoo.com', 'icloud.com'))}"


def _test_email(rng: random.Random, first: str, last: str, number: int) -> str:
    shape = rng.choice(("{f}.{l}.{n}", "{l}.{f}", "{f}{y}", "{f}-{l}", "{l}{n}", "hello.{f}.{l}"))
    local = shape.format(f=first, l=last, n=number, y=rng.randint(1955, 2008))
    return (
        f"{local}@{rng.choice(('proton.me', 'gmail.com', 'mail.example', 'fastmail.com', 'orange.fr', 'uni.example'))}"
    )


TUNING: Final = Habits(
    name="tuning",
    agents=(
        f"{_WINDOWS}Chrome/126.0.0.0 Safari/537.36",
        f"{_WINDOWS}Chrome/125.0.0.0 Safari/537.36 Edg/125.0.0.0",
        f"{_MAC}605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
        f"{_MAC}537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
        _PHONE.format("17_5", "17.5"),
        _ANDROID.format(14, "Pixel 8", 126),
    ),
    mobile_agents=(_PHONE.format("17_5", "17.5"), _ANDROID.format(14, "SM-S921B", 126)),
    bot_agents=(
        f"{_WINDOWS.replace('Windows NT 10.0; Win64; x64', 'X11; Linux x86_64')}HeadlessChrome/126.0.0.0 Safari/537.36",
        "python-requests/2.32.3",
        f"{_WINDOWS}Chrome/126.0.0.0 Safari/537.36",
    ),
    email=_tuning_email,
    fingerprint=lambda rng, kind, _: f"{kind}:{rng.getrandbits(96):024x}",
    centre_networks=("3.120", "34.90", "52.28", "159.65", "167.99", "5.9"),
    minimum=Decimal(20),
)

TEST: Final = Habits(
    name="test",
    agents=(
        f"{_WINDOWS}Chrome/131.0.0.0 Safari/537.36",
        _PHONE.format("18_1", "18.1"),
        _PHONE.format("16_7", "16.6"),
        _ANDROID.format(15, "Pixel 9", 131),
    ),
    mobile_agents=(_PHONE.format("18_1", "18.1"),),
    bot_agents=("curl/8.9.1", "", f"{_WINDOWS}Chrome/131.0.0.0 Safari/537.36", "Mozilla/5.0 PhantomJS/2.1.1"),
    email=_test_email,
    fingerprint=lambda rng, kind, number: f"{kind[:2]}-{number}-{rng.randint(100, 999)}",
    centre_networks=("18.130", "35.190", "20.40", "138.68", "45.76", "51.75", "195.201"),
    scale=1.4,
    knows_clicks=0.5,
    knows_fingerprints=0.9,
)

_PEOPLE: Final = 46
_GIVEN: Final = "ada amir bianca cem chloe dario edda eli felix gaia goran hana ivo jade jonas kaya lea liam maya milo"
_FAMILY: Final = "abebe bauer berg cardoso costa dahl dubois farah fischer garcia haddad ito jansen kaur klein larsen"


def _members(name: str, seed: int) -> list[list[str]]:
    """Give the members of three tenants, as the demo has them; login names are unique over all worlds."""
    rng = random.Random(seed)
    names = [f"{f}.{l}" for f in _GIVEN.split() for l in _FAMILY.split()]  # noqa: E741
    domains = [f"{company}-{name}-{seed}.demo" for company in ("acme", "globex", "initech")]
    return [[f"admin@{d}", f"client@{d}", *(f"{n}@{d}" for n in rng.sample(names, _PEOPLE - 2))] for d in domains]


def make(name: str, seed: int) -> World:
    """Make the world of a set and a seed: always the same one."""
    return _MAKERS[name](random.Random(f"{name}/{seed}"), _members(name, seed))


def _act(habits: Habits, *casts: Sequence[tuple[Callable[[World], None], int]]) -> Callable[..., World]:
    def maker(rng: random.Random, members: Sequence[Sequence[str]]) -> World:
        world = World(habits, rng, members)
        acts = [act for cast in casts for act, times in cast for _ in range(times)]
        rng.shuffle(acts)
        for act in acts:
            act(world)
        return world

    return maker


_MAKERS: Final[dict[str, Callable[..., World]]] = {
    "tuning": _act(TUNING, fraud_honest.HONEST, fraud_attacks.ATTACKS),
    "test": _act(TEST, fraud_honest.HONEST, fraud_attacks.ATTACKS, fraud_attacks.UNSEEN),
    "stranger": fraud_stranger.make,
}
SETS: Final = tuple(_MAKERS)
