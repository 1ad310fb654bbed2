"""What a running process holds: settings, secrets, engines, pools. Made once at start, closed once at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import embedded, migrations
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.database import Database, is_away
from bizosaas_app.kernel.errors import Conflict, Unavailable
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.mail import Mailer, open_mailer
from bizosaas_app.kernel.passwords import HashPool
from bizosaas_app.kernel.secrets import KeyRing, PepperRing, SecretSource, SigningKeys, keep_fresh, open_secrets
from bizosaas_app.kernel.settings import Settings
from bizosaas_app.kernel.tenant_context import ContextSigner

log = get_logger(__name__)

_YEAR: Final = 365 * 86_400.0

PEPPERS: Final[dict[str, float | None]] = {
    "refresh": 31 * 86_400.0,
    "api_key": None,
    "device": _YEAR,
    "csrf": 31 * 86_400.0,
    "account_token": 31 * 86_400.0,
    "unsubscribe": 61 * 86_400.0,
    "approval": 31 * 86_400.0,
    "campaign_link": _YEAR,
    "pseudonym": None,
    "address": None,
    "identity": None,
    "network": None,
    "job": None,
}
"""The symmetric rings, one for each use, so that one leaked use does not open another; and how many seconds a
replaced key still counts: a little longer than the longest life of what it signs, None for ever."""

START_PATIENCE_SECONDS: Final = 60.0
"""How long a starting process waits for a database that is away; several times what Granian takes for a crash loop."""
_START_PAUSE_SECONDS: Final = 1.0

CONTEXT_KEEP_SECONDS: Final = 3600.0
"""The database believes a replaced context key for as long as a worker may go on without reading its rings."""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the engines are; the owner's URL is absent where only a deployment may migrate."""

    app: str
    admin: str | None
    redis: str


class RingSigner:
    """Signs tenant contexts with the ring's current key, whichever that is at the time."""

    def __init__(self, ring: PepperRing) -> None:
        self._ring = ring

    def settings(self, scope: str, tenant_id: UUID | None, backend_pid: int, now: datetime) -> dict[str, str]:
        """Give the settings of one transaction; see `ContextSigner.settings`."""
        return ContextSigner(*self._ring.current).settings(scope, tenant_id, backend_pid, now)


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that one process shares between its requests."""

    settings: Settings
    urls: Urls
    secrets: SecretSource
    signing: SigningKeys
    peppers: dict[str, PepperRing]
    database: Database
    cache: Cache
    mailer: Mailer
    hash_pool: HashPool
    replica: Database | None = None
    """A copy of the database for long reads, where one is set up; it may lag behind."""


_current: Resources | None = None


def resources() -> Resources:
    """Give the resources of this process; raises `RuntimeError` before `start`."""
    if _current is None:
        raise RuntimeError("the application has not been started")
    return _current


def install(value: Resources | None) -> None:
    """Make these the resources of this process (`None` takes them away)."""
    global _current  # noqa: PLW0603  # one process, one set of pools; this is the only place that sets it
    _current = value


def unit_of_work(actor: Actor) -> AbstractAsyncContextManager[AsyncSession]:
    """Open a transaction inside the actor's tenant, on this process's database."""
    return resources().database.unit_of_work(actor)


def reading_unit(actor: Actor) -> AbstractAsyncContextManager[AsyncSession]:
    """Open a transaction that only reads, on the replica where there is one."""
    held = resources()
    return (held.replica or held.database).unit_of_work(actor)


@asynccontextmanager
async def start(settings: Settings) -> AsyncIterator[Resources]:
    """Start the engines if they are ours, migrate where that is allowed, open the pools, and install it all."""
    async with AsyncExitStack() as stack:
        urls = await _engine_urls(settings, stack)
        secrets = await open_secrets(settings)
        stack.push_async_callback(secrets.close)
        signing, peppers, context = await _load_rings(settings, secrets, stack)
        await _prepare_patiently(settings, urls, context.all)
        database = Database(urls.app, RingSigner(context), pool_size=settings.database_pool_size)
        stack.push_async_callback(database.close)
        cache = Cache(urls.redis)
        stack.push_async_callback(cache.close)
        hash_pool = HashPool(cost=settings.bcrypt_cost)
        stack.callback(hash_pool.close)
        mailer, replica = open_mailer(settings), _open_replica(settings, context, stack)
        value = Resources(settings, urls, secrets, signing, peppers, database, cache, mailer, hash_pool, replica)
        install(value)
        stack.callback(install, None)
        yield value


async def _prepare_patiently(settings: Settings, urls: Urls, context_keys: Mapping[str, bytes]) -> None:
    """Prepare the database, waiting a while for one that is away.

    A worker that is made anew while the database is away would else fail at once, and again, until its server took
    that for a fault of ours and ended the others with it. Raises `Unavailable` when the time is over.
    """
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while True:
        try:
            await asyncio.to_thread(prepare_database, settings, urls, context_keys)
        except DBAPIError as error:
            if not is_away(error):
                raise
            if time.monotonic() > deadline:
                raise Unavailable("The database cannot be reached") from error
            log.warning("the database is away; waiting for it to begin", error=str(error.orig))
            await asyncio.sleep(_START_PAUSE_SECONDS)
        else:
            return


def _open_replica(settings: Settings, context: PepperRing, stack: AsyncExitStack) -> Database | None:
    if settings.database_replica_url is None:
        return None
    url = driver_url(settings.database_replica_url.get_secret_value())
    replica = Database(url, RingSigner(context), pool_size=settings.database_pool_size, is_read_only=True)
    stack.push_async_callback(replica.close)
    return replica


async def _load_rings(
    settings: Settings, secrets: SecretSource, stack: AsyncExitStack
) -> tuple[SigningKeys, dict[str, PepperRing], PepperRing]:
    signing = SigningKeys(secrets, access_ttl_seconds=settings.access_ttl_seconds)
    peppers = {name: PepperRing(secrets, f"pepper/{name}", keep_seconds=keep) for name, keep in PEPPERS.items()}
    context = PepperRing(secrets, "db/context", keep_seconds=CONTEXT_KEEP_SECONDS)
    rings: tuple[KeyRing[Any], ...] = (signing, *peppers.values(), context)
    for ring in rings:
        await ring.load()
    freshness = asyncio.create_task(keep_fresh(*rings), name="keyrings")
    stack.callback(freshness.cancel)
    return signing, peppers, context


async def _engine_urls(settings: Settings, stack: AsyncExitStack) -> Urls:
    app = settings.database_url.get_secret_value() if settings.database_url else None
    admin = settings.database_admin_url.get_secret_value() if settings.database_admin_url else None
    redis = settings.redis_url.get_secret_value() if settings.redis_url else None
    if app is None or redis is None:
        handle = await asyncio.to_thread(
            embedded.acquire, settings.data_dir, postgres=app is None, valkey=redis is None
        )
        stack.callback(handle.release)
        if app is None:
            app, admin = handle.engines.app_url, handle.engines.admin_url
        redis = redis or handle.engines.redis_url
    return Urls(driver_url(app), driver_url(admin) if admin else None, redis)


def driver_url(url: str) -> str:
    """Give a PostgreSQL URL in the form that names our driver, psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


@lru_cache(maxsize=1)
def _held_engines(data_dir: Path) -> embedded.Handle:
    return embedded.acquire(data_dir)


def view_state_url(settings: Settings) -> str | None:
    """Say where Reflex keeps its view state: in Valkey when several workers or servers share it, else (None) in memory.

    View state is pickled, so whoever can write to that Valkey can run code here: it must be private. Reflex
    connects before any worker starts, so the embedded one is started here and held until this process ends.
    """
    if settings.workers == 1 and not settings.shares_view_state:
        return None
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    return _held_engines(settings.data_dir).engines.redis_url


async def migrate_only(settings: Settings) -> str:
    """Bring the database up to date without serving, and give its revision; the way of production.

    Raises `Conflict` when no owner's URL is set.
    """
    async with AsyncExitStack() as stack:
        urls = await _engine_urls(settings, stack)
        if urls.admin is None:
            raise Conflict("Set DATABASE_ADMIN_URL: migrations run as the owner of the tables")
        secrets = await open_secrets(settings)
        stack.push_async_callback(secrets.close)
        _, _, context = await _load_rings(settings, secrets, stack)
        await asyncio.to_thread(migrate, urls.admin, context.all)
        return migrations.head()


async def rotate_keys(settings: Settings) -> str:
    """Publish new keys in every ring and give the new signing key's id; nobody is signed out.

    The context ring only where the owner's URL is set: the database must know a key before a worker signs with it.
    """
    async with AsyncExitStack() as stack:
        urls = await _engine_urls(settings, stack)
        secrets = await open_secrets(settings)
        stack.push_async_callback(secrets.close)
        signing, peppers, context = await _load_rings(settings, secrets, stack)
        for ring in peppers.values():
            await ring.rotate()
        if urls.admin is not None:
            await context.rotate()
            await asyncio.to_thread(migrate, urls.admin, context.all)
        return await signing.rotate()


def prepare_database(settings: Settings, urls: Urls, context_keys: Mapping[str, bytes]) -> None:
    """Migrate and hand the context keys to the database where we are its owner; then check that we may serve.

    In production only `make migrate` migrates: a web process has no business with the owner's rights.
    """
    if urls.admin is not None and not settings.is_production:
        migrate(urls.admin, context_keys)
    migrations.verify_runtime(urls.app)


def migrate(admin_url: str, context_keys: Mapping[str, bytes]) -> None:
    """Bring the schema, the reference data and the context keys up to date; safe to call from many processes."""
    if migrations.current(admin_url) != migrations.head():
        log.info("migrating", to=migrations.head())
        migrations.upgrade(admin_url)
    migrations.sync_reference_data(admin_url)
    for key_id, key in context_keys.items():
        migrations.install_context_key(admin_url, key_id, key)
