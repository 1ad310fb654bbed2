"""What every operation passes through, whoever calls it: permission, budget, cache, audit, metrics.

Authentication and the tenant's HTTP quota happen once per request, before (see `gateway/http/identity.py`);
an operation receives the verified `Actor` that came out of it. The order here is: permission, UI budget,
response cache, the operation itself.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.limits.quota import charge
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache, CacheError
from bizosaas_app.kernel.errors import AppError, LimitReached, NotPermitted, Unavailable
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit

C = TypeVar("C", bound=Command)
V = TypeVar("V")

SIGNED_IN: Final = "signed_in"
"""Declares that any valid session will do; no permission has this name."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody without a session yet: what the network tells of them."""

    address: str
    user_agent: str
    request_id: str
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class Operation(Generic[C, V]):
    """A public verb of the platform with its declared permission."""

    name: str
    permission: str
    run: Callable[[Actor, C], Awaitable[V]]
    cache_seconds: int | None
    answer: TypeAdapter[Any] | None
    also: tuple[str, ...] = ()
    """Further permissions, each of which is enough by itself."""

    async def __call__(self, actor: Actor, command: C) -> V:
        """Run the operation for this actor, or raise the `AppError` that says why not."""
        with tracing.span(self.name, {"bizosaas.channel": actor.channel, "bizosaas.tenant_id": str(actor.tenant_id)}):
            return await self._count(actor, command)

    async def _count(self, actor: Actor, command: C) -> V:
        started = time.perf_counter()
        outcome = "ok"
        try:
            await self._admit(actor)
            if self.cache_seconds is None or self.answer is None:
                return await self.run(actor, command)
            return await self._cached(actor, command, self.cache_seconds, self.answer)
        except AppError as error:
            outcome = error.code
            raise
        except CacheError as error:
            outcome = Unavailable.code
            raise Unavailable from error
        except Exception:
            outcome = metrics.BUG
            raise
        finally:
            metrics.observe_operation(self.name, actor.channel, outcome, time.perf_counter() - started)

    async def require(self, actor: Actor) -> None:
        """Pass when the actor holds the permission; else write the refusal down and raise `NotPermitted`."""
        if self.permission != SIGNED_IN and not any(map(actor.can, (self.permission, *self.also))):
            async with unit_of_work(actor) as session:
                await audit.record(
                    session, actor, action=self.name, outcome="refused", detail={"permission": self.permission}
                )
            raise NotPermitted(data={"permission": self.permission})

    async def _admit(self, actor: Actor) -> None:
        await self.require(actor)
        if actor.channel == "ui" and actor.user_id is not None and not actor.is_following:
            await _charge_ui_budget(actor)

    async def _cached(self, actor: Actor, command: C, seconds: int, answer: TypeAdapter[Any]) -> V:
        """Answer from Valkey when the same person asked the same within `seconds`; each actor has their own."""
        cache = resources().cache
        key = Cache.key(
            actor.tenant_id, "answer", self.name, actor.user_id or actor.api_key_id, command.model_dump_json()
        )
        known = await cache.client.get(key)
        if known is not None:
            metrics.CACHE_HITS.labels(self.name).inc()
            stored: V = answer.validate_json(known)
            return stored
        value = await self.run(actor, command)
        await cache.client.set(key, answer.dump_json(value), ex=seconds)
        return value


@dataclass(frozen=True, slots=True)
class PublicOperation(Generic[C, V]):
    """A verb that needs no session: sign-in and what leads to it."""

    name: str
    run: Callable[[Visitor, C], Awaitable[V]]

    async def __call__(self, visitor: Visitor, command: C) -> V:
        """Run the operation for this visitor, or raise the `AppError` that says why not."""
        with tracing.span(self.name, {"bizosaas.channel": "http"}):
            return await self._count(visitor, command)

    async def _count(self, visitor: Visitor, command: C) -> V:
        started = time.perf_counter()
        outcome = "ok"
        try:
            return await self.run(visitor, command)
        except AppError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = metrics.BUG
            raise
        finally:
            metrics.observe_operation(self.name, "http", outcome, time.perf_counter() - started)


OPERATIONS: Final[dict[str, Operation[Any, Any] | PublicOperation[Any, Any]]] = {}
"""Every operation by its name, filled as the gateway's modules are imported."""


def operation(
    name: str,
    *,
    permission: str,
    also: tuple[str, ...] = (),
    cache_seconds: int | None = None,
    answer: type[Any] | None = None,
) -> Callable[[Callable[[Actor, C], Awaitable[V]]], Operation[C, V]]:
    """Declare an operation with the permission that guards it; one of `also` is enough as well.

    `cache_seconds` (5 to 60) keeps each actor's answer in Valkey; then `answer` names the type to read back.
    """
    if cache_seconds is not None and (not 5 <= cache_seconds <= 60 or answer is None):
        raise ValueError(f"{name}: a cached operation needs 5-60 seconds and its answer's type")

    def declare(run: Callable[[Actor, C], Awaitable[V]]) -> Operation[C, V]:
        adapter = TypeAdapter(answer) if answer is not None else None
        return _register(Operation(name, permission, run, cache_seconds, adapter, also))

    return declare


def public_operation(
    name: str,
) -> Callable[[Callable[[Visitor, C], Awaitable[V]]], PublicOperation[C, V]]:
    """Declare an operation that needs no session; it must guard itself by limits."""

    def declare(run: Callable[[Visitor, C], Awaitable[V]]) -> PublicOperation[C, V]:
        return _register(PublicOperation(name, run))

    return declare


O = TypeVar("O", Operation[Any, Any], PublicOperation[Any, Any])  # noqa: E741  # the usual name beside C and V


def _register(item: O) -> O:
    if item.name in OPERATIONS:
        raise ValueError(f"two operations are named {item.name}")
    OPERATIONS[item.name] = item
    return item


async def _charge_ui_budget(actor: Actor) -> None:
    """Count one operation of a person at the UI; their budget is apart from the tenant's HTTP quota."""
    limit = resources().settings.ui_limit_per_hour
    decision = await charge(
        resources().cache, Cache.key(actor.tenant_id, "ui-budget", actor.user_id), limit, window_seconds=3600
    )
    if not decision.admitted:
        metrics.LIMITED.labels("ui").inc()
        raise LimitReached(
            "You have done a great deal within the last hour; please pause for a moment",
            resets_in_seconds=decision.retry_after_seconds,
        )
