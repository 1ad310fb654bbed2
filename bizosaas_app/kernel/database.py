"""PostgreSQL: `unit_of_work(actor)` is the only maker of sessions.

Each transaction begins by setting the actor's tenant, signed (see `tenant_context.py`), for that transaction
only. Row-level security in the database does the rest: an unset tenant reads nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import measures, statement_spans, tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import Unavailable

AfterCommit = Callable[[], Awaitable[None]]

_open_tenant: ContextVar[UUID | None] = ContextVar("open_tenant", default=None)

_PLATFORM_PERMISSION = "access_platform"


class TenantNestingError(RuntimeError):
    """A unit of work of one tenant was opened inside one of another: a bug in our code."""


def _encode_json(value: object) -> str:
    def default(item: object) -> str:
        if isinstance(item, (UUID, Decimal)):
            return str(item)
        raise TypeError(f"{type(item).__name__} does not go into a jsonb column")

    return json.dumps(value, default=default, separators=(",", ":"))


class Signer(Protocol):
    """Signs the tenant context of a transaction; see `tenant_context.ContextSigner`."""

    def settings(self, scope: str, tenant_id: UUID | None, backend_pid: int, now: datetime) -> dict[str, str]:
        """Give the settings to set in the transaction, by name."""
        ...


class Database:
    """A pool of connections under the application role, and the signer of the tenant context."""

    def __init__(
        self,
        url: str,
        signer: Signer,
        *,
        pool_size: int = 10,
        is_read_only: bool = False,
        idle_transaction_seconds: int = 30,
    ) -> None:
        self._signer = signer
        self._name = "replica" if is_read_only else "main"
        measures.POOL_SIZE.labels(self._name).set(pool_size)
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_recycle=1800,
            pool_pre_ping=False,
            json_serializer=_encode_json,
            connect_args={
                "application_name": "bizosaas",
                # A server that is gone without a word must not hold anybody up for long: a connection is given up
                # after some seconds, an open one when the server has been silent to three questions.
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
                # A statement that runs for 15 s is a bug; a transaction left open blocks vacuum for all.
                "options": "-c statement_timeout=15s -c row_security=on"
                f" -c idle_in_transaction_session_timeout={idle_transaction_seconds}s"
                f" -c default_transaction_read_only={'on' if is_read_only else 'off'}",
            },
        )
        statement_spans.watch(self.engine)

    @asynccontextmanager
    async def unit_of_work(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Open a transaction inside the actor's tenant; commit when the block ends, roll back when it raises.

        What was given to `after_commit` runs after the commit, in order. Raises `TenantNestingError` when the
        block already stands inside another tenant's.
        """
        outer = _open_tenant.get()
        if outer is not None and outer != actor.tenant_id:
            raise TenantNestingError(f"tenant {actor.tenant_id} inside tenant {outer}")
        token = _open_tenant.set(actor.tenant_id)
        try:
            async with self._transaction("tenant", actor.tenant_id) as session:
                yield session
        finally:
            _open_tenant.reset(token)
        for callback in session.info.get("after_commit", ()):
            await callback()

    @asynccontextmanager
    async def platform(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Open a transaction that may call the platform's door functions; it still reads no tenant's rows.

        Raises `NotPermitted` unless the actor runs the platform.
        """
        actor.require(_PLATFORM_PERMISSION)
        token = _open_tenant.set(_open_tenant.get())  # `hand_over` may open another within
        try:
            async with self._transaction("platform", None) as session:
                yield session
        finally:
            _open_tenant.reset(token)

    async def hand_over(self, session: AsyncSession, actor: Actor) -> None:
        """Have the rest of a transaction, the platform's or another tenant's, stand in the actor's.

        Both parts stand or fall together.
        What was written before is sent first, under the tenant that it is for, and its rows leave the session.
        Raises `NotPermitted` unless the actor runs the platform.
        """
        actor.require(_PLATFORM_PERMISSION)
        await session.flush()
        session.expunge_all()
        _open_tenant.set(actor.tenant_id)
        await self._set_context(await session.connection(), "tenant", actor.tenant_id)

    @asynccontextmanager
    async def doors(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction without a tenant, for the door functions that find one (sign-in, referral codes)."""
        async with self._transaction(None, None) as session:
            yield session

    @asynccontextmanager
    async def _transaction(self, scope: str | None, tenant_id: UUID | None) -> AsyncIterator[AsyncSession]:
        """Open a transaction; raises `Unavailable` when the server is away, or goes away in the middle.

        Whether a commit that was cut off has counted nobody knows: who tries again must bring the same id.
        """
        with tracing.inside("transaction", {"db.system.name": "postgresql", "bizosaas.pool": self._name}) as span:
            async with self._counted(span) as session:
                connection = await self._connect(session)
                if scope is not None:
                    await self._set_context(connection, scope, tenant_id)
                yield session
                await session.commit()

    @asynccontextmanager
    async def _counted(self, span: tracing.Span) -> AsyncIterator[AsyncSession]:
        """Give a session; count and trace how its transaction ends."""
        session = AsyncSession(self.engine, expire_on_commit=False)
        started, outcome = time.perf_counter(), "rollback"
        try:
            yield session
            outcome = "commit"
        except DBAPIError as error:
            outcome = "error"
            measures.DATABASE_ERRORS.labels(self._name, measures.kind_of(error)).inc()
            if is_away(error):
                raise Unavailable("The database cannot be reached right now", retry_after_seconds=2) from error
            raise
        finally:
            await session.close()
            measures.TRANSACTIONS.labels(self._name, outcome).observe(time.perf_counter() - started)
            span.set_attribute("bizosaas.outcome", outcome)
            self._count_in_use()

    async def _connect(self, session: AsyncSession) -> AsyncConnection:
        try:
            with measures.POOL_WAIT.labels(self._name).time():
                return await session.connection()
        except PoolTimeout as error:
            measures.DATABASE_ERRORS.labels(self._name, "pool").inc()
            raise Unavailable("Too much is going on right now", retry_after_seconds=2) from error
        finally:
            self._count_in_use()

    def _count_in_use(self) -> None:
        pool: Any = self.engine.pool
        measures.POOL_IN_USE.labels(self._name).set(pool.checkedout())

    async def _set_context(self, connection: AsyncConnection, scope: str, tenant_id: UUID | None) -> None:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        pairs = self._signer.settings(scope, tenant_id, driver.info.backend_pid, utc_now())
        calls = ", ".join(f"set_config(:n{i}, :v{i}, true)" for i in range(len(pairs)))
        values = {f"n{i}": name for i, name in enumerate(pairs)} | {f"v{i}": v for i, v in enumerate(pairs.values())}
        await connection.execute(text(f"select {calls}"), values)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self.engine.dispose()


def is_away(error: DBAPIError) -> bool:
    """Say whether there is no server to talk to, rather than a statement that it refuses."""
    cause = error.orig
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    state = cause.sqlstate
    # Lost or never made, shutting down or starting (57P0x), no place left (53300), failed on the way (08xxx).
    return error.connection_invalidated or state is None or state[:2] == "08" or state[:4] == "57P0" or state == "53300"


def after_commit(session: AsyncSession, callback: AfterCommit) -> None:
    """Have `callback` awaited once the transaction of this session has been committed."""
    session.info.setdefault("after_commit", []).append(callback)
