"""The scene of a benchmark: engines in a folder of their own, people, and sessions that need no password."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import select

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.services.accounts import directory, members, session_records, sessions
from bizosaas_app.services.accounts.access_tokens import Gamification, access_tokens
from bizosaas_app.services.tenants import records
from models import User

ENGINES: dict[str, Any] = {"database_url": None, "database_admin_url": None, "redis_url": None, "vault_addr": None}
"""A benchmark never touches the servers that the environment may name."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open session: who, and the access token to come with."""

    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    email: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """Give the header of a request under this session."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def cookie(self) -> str:
        """Give the Cookie header of a browser's socket under this session."""
        return f"bz_access={self.token}"


@contextmanager
def folder() -> Iterator[Path]:
    """Give a data folder that is gone afterwards; being terminated ends the block as an error would.

    Else the servers and engines that stand on the folder would outlive a benchmark that took too long.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="bz-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name) / "data"


def run(measure: Callable[[Path], None]) -> None:
    """Measure in a data folder of its own; meanwhile the log tells of errors only."""
    configure_logging(as_json=False, level="ERROR")
    with folder() as data_dir:
        measure(data_dir)


def bench_settings(data_dir: Path, **chosen: Any) -> Settings:
    """Give settings that use the embedded engines in this folder, whatever the environment says."""
    return Settings(**{**ENGINES, "data_dir": data_dir, "demo": False, "env": "development", **chosen})


async def make_tenant(held: Resources, *, people: int, role: str = "tenant_admin") -> UUID:
    """Write a tenant with so many members; nobody of them can sign in by password."""
    system, now = Actor.system(new_id()), utc_now()
    async with held.database.unit_of_work(system) as session:
        slug = f"bench-{system.tenant_id.hex[-8:]}"
        await records.create_tenant(session, system, slug=slug, name="Bench", now=now)
        for number in range(people):
            email = f"person-{number}@{slug}.example"
            await members.add_member(
                session, system, email=email, name=f"Person {number}", password_hash="-", role=role, now=now
            )
    return system.tenant_id


async def find_tenant(held: Resources, slug: str) -> UUID:
    """Give the tenant of this slug, for servers that wrote the demo data."""
    async with held.database.doors() as session:
        found = await directory.find_tenant(session, slug)
    assert found is not None, slug
    return found


async def open_sessions(held: Resources, tenant_id: UUID, *, emails: Sequence[str] = (), each: int = 1) -> list[Ticket]:
    """Open sessions for these members of a tenant (all, when none is named), as right passwords would."""
    system = Actor.system(tenant_id)
    tickets: list[Ticket] = []
    async with held.database.unit_of_work(system) as session:
        people = [user for user in (await session.exec(select(User).order_by(User.email))).all()]
        for user in people:
            if not emails or user.email in emails:
                tickets += [await _open(session, held, system, user) for _ in range(each)]
    return tickets


async def _open(session: Any, held: Resources, system: Actor, user: User) -> Ticket:
    now, settings = utc_now(), held.settings
    row = await sessions.open_session(
        session,
        system,
        user_id=user.id,
        platform="bizosaas",
        device_hash=None,
        lifetime=timedelta(seconds=settings.refresh_ttl_seconds),
        now=now,
    )
    idle = timedelta(seconds=settings.session_idle_seconds)
    record = await session_records.find_session(session, row.id, idle=idle, now=now)
    assert record is not None
    token = access_tokens(held).issue(record, Gamification(), now=now)
    return Ticket(system.tenant_id, user.id, row.id, user.email, token.text)
