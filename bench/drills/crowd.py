"""A crowd of signed-in people who read and record events, and do not give up an event until it was acknowledged.

Each acts as a good integration does: it makes the event's id itself, and sends the same event again after an error or
a torn connection. What was acknowledged can so be compared with the ledger: there, exactly once.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.scene import Ticket
from bench.wire import Wire

EVENTS: Final = "/api/v1/gamification/events"
ME: Final = "/api/v1/auth/me"
READS: Final = (ME, "/api/v1/users?limit=50", "/api/v1/gamification/leaderboards")
EVENT_SHARE: Final = 0.5
"""How much of what people do is to record an event."""
PATIENCE_SECONDS: Final = 30.0
AGAIN_SECONDS: Final = (0.5, 1.5)
"""The pause before an event is sent again."""
TORN: Final = 0
"""Stands for the status where the connection broke off before there was one."""


@dataclass(frozen=True, slots=True)
class Try:
    """One exchange: when it ended (monotonic seconds), how long it took, and its status."""

    at: float
    seconds: float
    status: int


@dataclass(slots=True)
class Tally:
    """What the crowd saw: every exchange, the events that it sent, and those that were acknowledged."""

    tries: list[Try] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    """What the answers with 503 said."""
    odd: list[str] = field(default_factory=list)
    """Answers that are neither what was asked for nor a refusal that says to come again."""

    def between(self, start: float, end: float) -> list[Try]:
        """Give the exchanges that ended within this time."""
        return [one for one in self.tries if start <= one.at < end]

    def statuses(self) -> dict[str, int]:
        """Count the exchanges by status."""
        counts = Counter(one.status for one in self.tries)
        return {"torn" if status == TORN else str(status): count for status, count in sorted(counts.items())}

    @property
    def good_seconds(self) -> list[float]:
        """Give how long the answers took that were what was asked for."""
        return [one.seconds for one in self.tries if 200 <= one.status < 300]

    @property
    def error_percent(self) -> float:
        """Give how many of the exchanges were torn or refused."""
        bad = sum(not 200 <= one.status < 300 for one in self.tries)
        return round(100 * bad / max(1, len(self.tries)), 2)


class Crowd:
    """People at one server, each with a session and a connection of their own."""

    def __init__(
        self,
        port: int,
        tickets: Sequence[Ticket],
        *,
        think_seconds: tuple[float, float],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.tally = Tally()
        self._tickets = tickets
        self._wires = [Wire(port, ticket.bearer, tls=tls) for ticket in tickets]
        self._think = think_seconds
        self._is_over = asyncio.Event()

    async def run(self) -> None:
        """Act until `stop`, and then until every event that was sent is acknowledged."""
        await asyncio.gather(*map(self._person, self._tickets, self._wires))

    def stop(self) -> None:
        """Let everybody finish what they are at."""
        self._is_over.set()

    async def count_signed_in(self) -> int:
        """Say how many of the sessions still count."""
        return sum([(await self._try(wire, ME))[0] == 200 for wire in self._wires])

    async def close(self) -> None:
        """Close the connections."""
        for wire in self._wires:
            await wire.close()

    async def _person(self, ticket: Ticket, wire: Wire) -> None:
        await asyncio.sleep(random.uniform(0, self._think[1]))
        while not self._is_over.is_set():
            if random.random() < EVENT_SHARE:
                await self._record(ticket, wire)
            else:
                await self._try(wire, random.choice(READS))
            await asyncio.sleep(random.uniform(*self._think))

    async def _record(self, ticket: Ticket, wire: Wire) -> None:
        """Record one event, sent again until it is acknowledged."""
        event_id, value = str(uuid.uuid4()), random.randint(1, 9)
        self.tally.sent[event_id] = value
        event = {"event_id": event_id, "type": "task.completed", "user_id": str(ticket.user_id), "value": value}
        while True:
            status, body = await self._try(wire, EVENTS, event)
            if status == 202:
                told = json.loads(body)
                if told["accepted"] + told["duplicates"] == 1:
                    self.tally.acknowledged.add(event_id)
                else:
                    self.tally.odd.append(body.decode())
                return
            await asyncio.sleep(random.uniform(*AGAIN_SECONDS))

    async def _try(self, wire: Wire, path: str, document: Any = None) -> tuple[int, bytes]:
        started = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status, body = await (wire.get(path) if document is None else wire.post(path, document))
        except (OSError, EOFError, TimeoutError):
            status, body = TORN, b""
            await wire.close()
        ended = time.monotonic()
        self.tally.tries.append(Try(ended, ended - started, status))
        if status == 503:
            self.tally.refusals[str(json.loads(body).get("detail"))] += 1
        if status not in (TORN, 200, 202, 503):
            self.tally.odd.append(f"{status} {path} {body[:300].decode(errors='replace')}")
        return status, body
