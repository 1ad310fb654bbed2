"""The cast of the tests: acme and globex, each with an administrator and members, and the operator's root.

`world` is a started process in miniature: real settings, secrets in a folder of the test's own, a fresh database and
an empty Valkey, installed as the resources that the gateway uses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from bizosaas_app.gateway import afterwards
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.database import Database
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.mail import open_mailer
from bizosaas_app.kernel.passwords import HashPool
from bizosaas_app.kernel.resources import PEPPERS, Resources, Urls
from bizosaas_app.kernel.secrets import PepperRing, SigningKeys, open_secrets
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.accounts import members, session_records, sessions
from bizosaas_app.services.accounts.access_tokens import Gamification, access_tokens
from bizosaas_app.services.tenants import records
from tests.support.engines import TestEngines

PASSWORD = "Right-horse-battery-1"

CAST = {
    "acme-corp": ["admin@acme.example", "mia@acme.example", "noah@acme.example", "olga@acme.example"],
    "globex": ["admin@globex.example", "gus@globex.example"],
    "bizosaas": ["root@bizosaas.example"],
}
"""Tenants by slug with their people; the first of a customer is its administrator."""


@dataclass(frozen=True)
class SignedIn:
    """A person with an open session: the actor that authentication would give, and the access token."""

    actor: Actor
    token: str
    session_id: UUID

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class World:
    """The running resources and who is in them."""

    resources: Resources
    tenants: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    def tenant_of(self, email: str) -> UUID:
        slug = next(slug for slug, emails in CAST.items() if email in emails)
        return self.tenants[slug]

    def system(self, slug: str = "acme-corp") -> Actor:
        """The system at work inside a tenant."""
        return Actor.system(self.tenants[slug])

    async def sign_in(
        self, email: str, *, platform: str = "bizosaas", device_hash: str | None = None, user_agent: str = ""
    ) -> SignedIn:
        """Open a session as a right password would, without the cost of a hash."""
        now, settings = utc_now(), self.resources.settings
        system = replace(Actor.system(self.tenant_of(email)), user_agent=user_agent)
        async with self.resources.database.unit_of_work(system) as session:
            row = await sessions.open_session(
                session,
                system,
                user_id=self.people[email],
                platform=platform,
                device_hash=device_hash,
                lifetime=timedelta(seconds=settings.refresh_ttl_seconds),
                now=now,
            )
            idle = timedelta(seconds=settings.session_idle_seconds)
            record = await session_records.find_session(session, row.id, idle=idle, now=now)
        assert record is not None
        token = access_tokens(self.resources).issue(record, Gamification(), now=now)
        actor = Actor(
            tenant_id=record.tenant_id,
            tenant_slug=record.tenant_slug,
            user_id=record.user_id,
            session_id=record.session_id,
            name=record.name,
            email=record.email,
            role=record.role,
            permissions=record.permissions,
            platform=record.platform,
            allowed_platforms=record.platforms,
            channel="http",
            request_id=str(new_id()),
        )
        return SignedIn(actor, token.text, row.id)

    async def actor(self, email: str) -> Actor:
        return (await self.sign_in(email)).actor


@pytest.fixture
async def resources(
    database: Database, database_name: str, cache: Cache, engines: TestEngines, hash_pool: HashPool
) -> AsyncIterator[Resources]:
    """The resources of a process, installed for the gateway."""
    settings = Settings()
    secrets = await open_secrets(settings)
    signing = SigningKeys(secrets, access_ttl_seconds=settings.access_ttl_seconds)
    await signing.load()
    peppers = {name: PepperRing(secrets, f"pepper/{name}", keep_seconds=keep) for name, keep in PEPPERS.items()}
    for ring in peppers.values():
        await ring.load()
    value = Resources(
        settings=settings,
        urls=Urls(engines.app_url(database_name), None, engines.redis_url),
        secrets=secrets,
        signing=signing,
        peppers=peppers,
        database=database,
        cache=cache,
        mailer=open_mailer(settings),
        hash_pool=hash_pool,
    )
    kernel_resources.install(value)
    yield value
    await afterwards.drain()
    kernel_resources.install(None)
    await secrets.close()


@pytest.fixture(scope="session")
def hash_pool() -> Iterator[HashPool]:
    """One pool for the worker: hashing is what makes passwords safe and tests slow."""
    pool = HashPool(cost=12)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
async def password_hash(hash_pool: HashPool) -> str:
    """One hash for the whole cast."""
    return await hash_pool.hash(PASSWORD)


@pytest.fixture
async def world(resources: Resources, password_hash: str) -> World:
    """Acme, globex and the operator, with their people."""
    value = World(resources)
    now = utc_now() - timedelta(days=30)
    for slug, emails in CAST.items():
        system = Actor.system(new_id())
        kind = "operator" if slug == "bizosaas" else "customer"
        async with resources.database.unit_of_work(system) as session:
            await records.create_tenant(session, system, slug=slug, name=slug.title(), now=now, kind=kind)
            for number, email in enumerate(emails):
                role = "super_admin" if kind == "operator" else "tenant_admin" if number == 0 else "user"
                user = await members.add_member(
                    session,
                    system,
                    email=email,
                    name=email.split("@", maxsplit=1)[0].title(),
                    password_hash=password_hash,
                    role=role,
                    now=now + timedelta(minutes=number),
                )
                value.people[email] = user.id
                value.roles[email] = role
        value.tenants[slug] = system.tenant_id
    return value
