"""A call to an upstream, with all that guards both sides: places, breaker, deadlines, one retry at most."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

import h11

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.upstreams import answer_headers
from bizosaas_app.gateway.upstreams.answers import Answer
from bizosaas_app.gateway.upstreams.bodies import Body, gathered
from bizosaas_app.gateway.upstreams.breaker import Outcome, State
from bizosaas_app.gateway.upstreams.breakers import Breakers, Ticket
from bizosaas_app.gateway.upstreams.budget import RetryBudget
from bizosaas_app.gateway.upstreams.bulkhead import Bulkhead
from bizosaas_app.gateway.upstreams.exchange import Exchange
from bizosaas_app.gateway.upstreams.faults import (
    NotSent,
    RequestTooSlow,
    RequestUnfit,
    UpstreamAnswerTooLarge,
    UpstreamBroken,
    UpstreamLeadsElsewhere,
    UpstreamRefusedUs,
    UpstreamTimeout,
    UpstreamUnavailable,
    is_of_connection,
)
from bizosaas_app.gateway.upstreams.hop_by_hop import Header
from bizosaas_app.gateway.upstreams.pool import Pool
from bizosaas_app.gateway.upstreams.table import Base
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.settings import Settings

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_OVERLOADED: Final = frozenset({502, 503, 504})
"""Answers by which an upstream, or a proxy before it, says that it is not there. A 500 is not among them: one tenant's
request that it cannot bear must not take the upstream from all others."""
_BODILESS: Final = frozenset({204, 304})
"""Their length, where they tell one, is that of a body that they do not have."""
_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the upstream gets it."""

    tenant_id: UUID
    method: str
    target: bytes
    headers: Sequence[Header]
    body: Body | None = None


class Upstream:
    """One upstream as this worker knows it."""

    def __init__(self, base: Base, settings: Settings, tls: ssl.SSLContext | None) -> None:
        self.base = base
        self._settings = settings
        self._breakers = Breakers()
        self._budget = RetryBudget()
        self._bulkhead = Bulkhead(settings.upstream_calls_at_once)
        self._pool = Pool(
            base,
            most_idle=settings.upstream_calls_at_once,
            connect_seconds=settings.upstream_connect_seconds,
            tls=tls,
        )
        self._last: Outcome = "unknown"
        self.latency_ms = 0.0
        """How long the last call took that told anything; 0 before the first."""
        self._note_state()

    def state(self) -> State:
        """Say how the breaker of all tenants stands."""
        return self._breakers.state(time.monotonic())

    @property
    def is_well(self) -> bool:
        """Whether calls are admitted, and the last one that told anything went well."""
        return self.state() == "closed" and self._last != "failed"

    async def forward(self, call: Call) -> Answer:
        """Make the call and give its answer, which must be closed.

        Raises `UpstreamUnavailable`, `UpstreamBroken`, `UpstreamTimeout`, another `AppError`, or what the body raises.
        """
        started = time.monotonic()
        try:
            answer = await self._admitted(call)
        except AppError as error:
            metrics.observe_upstream(self.base.name, error.code, time.monotonic() - started)
            raise

        answer.on_close = partial(self._closed, call, answer, started)
        return answer

    def _closed(self, call: Call, answer: Answer, started: float) -> None:
        self._bulkhead.leave(call.tenant_id)
        if answer.is_complete:
            self._pool.give_back(answer.exchange.wire)
        outcome = f"{answer.status // 100}xx" if answer.is_complete else "torn"
        metrics.observe_upstream(self.base.name, outcome, time.monotonic() - started)

    def close(self) -> None:
        """Close the idle connections; those in use end with their calls."""
        self._pool.close()

    async def _admitted(self, call: Call) -> Answer:
        if not self._bulkhead.enter(call.tenant_id):
            raise UpstreamUnavailable("It has as many calls at once as it may have", retry_after_seconds=1)
        try:
            if call.body is not None and self._breakers.is_probing(call.tenant_id, time.monotonic()):
                call = replace(call, body=await self._gathered(call.tenant_id, call.body))
            ticket = self._breakers.admit(call.tenant_id, time.monotonic())
            if ticket is None:
                raise self._left_alone(call.tenant_id)
            return await self._judged(call, ticket)
        except BaseException:
            self._bulkhead.leave(call.tenant_id)
            raise

    async def _gathered(self, tenant_id: UUID, body: Body) -> Body:
        """Give the body whole: a probe must not wait for a client, who could keep all others from theirs."""
        try:
            async with asyncio.timeout(self._settings.upstream_first_byte_seconds):
                found = await gathered(body)
        except TimeoutError as error:
            raise RequestTooSlow from error
        if found is None:
            raise self._left_alone(tenant_id)
        return found

    def _left_alone(self, tenant_id: UUID) -> UpstreamUnavailable:
        rest = self._breakers.rest_of(tenant_id, time.monotonic())
        return UpstreamUnavailable("It has failed and is given time to recover", retry_after_seconds=rest)

    async def _judged(self, call: Call, ticket: Ticket) -> Answer:
        """Make an admitted call, and tell the breakers how it went."""
        outcome: Outcome = "unknown"
        was_unconnected = False
        started = time.monotonic()
        try:
            answer = await self._repeated(call)
            outcome = "failed" if answer.status in _OVERLOADED else "ok"
            answer.on_fault = partial(self._report, call.tenant_id, ticket, "failed", started)
        except (UpstreamBroken, UpstreamTimeout) as error:
            outcome = "failed"
            was_unconnected = is_of_connection(error)
            raise
        except (UpstreamAnswerTooLarge, UpstreamLeadsElsewhere, UpstreamRefusedUs):
            # It is there and speaks; that this answer is of no use must not take it from others.
            outcome = "ok"
            raise
        finally:
            self._report(call.tenant_id, ticket, outcome, started, is_of_connection=was_unconnected)
        return answer

    def _report(
        self, tenant_id: UUID, ticket: Ticket, outcome: Outcome, started: float, *, is_of_connection: bool = False
    ) -> None:
        now = time.monotonic()
        self._breakers.report(tenant_id, ticket, outcome, now, is_of_connection=is_of_connection)
        if outcome != "unknown":
            self._last, self.latency_ms = outcome, (now - started) * 1000
        self._note_state()

    def _note_state(self) -> None:
        metrics.UPSTREAM_BREAKER.labels(self.base.name).set(("closed", "half_open", "open").index(self.state()))

    async def _repeated(self, call: Call) -> Answer:
        """Make the call, and once more where the first was not answered at all and nothing can have happened twice."""
        self._budget.earn()
        until = asyncio.get_running_loop().time() + self._settings.upstream_total_seconds
        try:
            return await self._once(call, until)
        except NotSent as error:
            if not self._may_repeat(call):
                raise _told(error) from error
        metrics.UPSTREAM_RETRIES.labels(self.base.name).inc()
        self._pool.close()  # what the one connection met, the other idle ones have met too
        await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS))
        try:
            return await self._once(call, until)
        except NotSent as error:
            raise _told(error) from error

    def _may_repeat(self, call: Call) -> bool:
        is_whole = call.body is None or not call.body.is_touched
        return call.method in _IDEMPOTENT and is_whole and self._budget.spend()

    async def _once(self, call: Call, until: float) -> Answer:
        try:
            request = h11.Request(method=call.method, target=call.target, headers=list(call.headers))
        except h11.LocalProtocolError as error:
            raise RequestUnfit("The request's headers cannot be passed on") from error
        wire = await self._pool.take()
        exchange = Exchange(wire, silence_seconds=self._settings.upstream_first_byte_seconds, until=until)
        try:
            head = await exchange.ask(request, call.body)
            answer = Answer(
                exchange,
                status=head.status_code,
                headers=answer_headers.translated(head, self.base, call.target),
                limit_bytes=self._settings.upstream_limit_bytes,
            )
            if call.method != "HEAD" and head.status_code not in _BODILESS:
                answer.check_length()
            await answer.settle()
        except BaseException:
            wire.close()
            await exchange.end()
            raise
        return answer


def _told(error: NotSent) -> AppError:
    if error.is_timeout:
        return UpstreamTimeout(f"{UpstreamBroken.title}: {error}")
    return UpstreamBroken(f"{UpstreamBroken.title}: {error}")
