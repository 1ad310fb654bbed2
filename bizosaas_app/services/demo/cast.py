"""The demo's cast: three customers with their people, and the operator who runs the platform."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, Literal

from bizosaas_app.services.tenants import operators

PASSWORD: Final = "Demo-2026-pass!"  # noqa: S105  # public on purpose; production refuses demo data
MEMBERS_PER_TENANT: Final = 44
"""Beside the administrator and the client that the documentation names."""


@dataclass(frozen=True, slots=True)
class Person:
    """One account to create."""

    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant with its people; `domain` makes their addresses."""

    slug: str
    name: str
    kind: Literal["operator", "customer"]
    domain: str
    timezone: str
    currency: str
    admin_name: str = ""
    client_name: str = ""


COMPANIES: Final[tuple[Company, ...]] = (
    Company("acme-corp", "Acme Corp", "customer", "acme.demo", "Europe/Berlin", "EUR", "Ana Reyes", "Clara Novak"),
    Company("globex", "Globex", "customer", "globex.demo", "America/New_York", "USD", "Gil Okafor", "Chen Wu"),
    Company("initech", "Initech", "customer", "initech.demo", "Asia/Kolkata", "INR", "Ira Bose", "Carl Meyer"),
)
OPERATOR: Final = Company(operators.SLUG, operators.NAME, "operator", "bizosaas.demo", "UTC", "EUR")
ROOT: Final = Person("root@bizosaas.demo", "Platform root", "super_admin")

PRIZES: Final = [
    {"rank": 1, "title": "Dinner for two"},
    {"rank": 2, "title": "A day off"},
    {"rank": 3, "title": "A book of your choice"},
]
"""What there is to win on a customer's board of points."""

_FIRST: Final = (
    "Ada Amir Asha Ben Bianca Bo Cem Chloe Dario Devi Edda Eli Emre Esra Felix Fatima Gaia Goran Hana "
    "Hugo Ida Ivo Jade Jonas Kaya Kofi Lea Liam Maya Milo Nadia Nils Olga Omar Pia Priya Quinn Rafa Rosa "
    "Sami Selma Tariq Tilda Uma Viktor Wanda Xenia Yara Yusuf Zoe "
)
_LAST: Final = (
    "Abebe Almeida Bauer Berg Cardoso Costa Dahl Dubois Eriksen Farah Ferrari Fischer Garcia Haddad "
    "Hansen Ito Ivanova Jansen Kaur Khan Klein Kowalski Larsen Lopez Martin Mensah Moreau Nagy Nkosi "
    "Novik Olsen Pereira Petrov Rahman Ricci Rossi Santos Sato Silva Singh Sousa Tanaka Thomsen Torres "
    "Varga Weber Wolff Yilmaz Zhang Ziegler "
)
"""Given and family names, parted by spaces; people are pairs of them."""


def people(company: Company) -> list[Person]:
    """Give the people of a customer, always the same ones: administrator, client, then the members."""
    rng = random.Random(company.slug)
    named = [
        Person(f"admin@{company.domain}", company.admin_name, "tenant_admin"),
        Person(f"client@{company.domain}", company.client_name, "user"),
    ]
    pairs = rng.sample([(first, last) for first in _FIRST.split() for last in _LAST.split()], MEMBERS_PER_TENANT)
    members = [Person(f"{first}.{last}@{company.domain}".lower(), f"{first} {last}", "user") for first, last in pairs]
    return [*named, *members]
