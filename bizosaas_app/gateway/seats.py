"""Seats: who watches what in this worker, and under which session and permission."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bizosaas_app.gateway import metrics
from bizosaas_app.kernel.actor import Actor

Connection = Literal["live", "reconnecting"]


@dataclass(frozen=True, slots=True)
class News:
    """What changed: pairs of topic and key. With `is_complete` false some were missed: look at everything."""

    changes: frozenset[tuple[str, str]] = frozenset()
    connection: Connection = "live"
    is_complete: bool = True

    def merge(self, later: News) -> News:
        """Give both as one."""
        return News(self.changes | later.changes, later.connection, self.is_complete and later.is_complete)


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """Somebody who watches.

    `keys` None means every key of the topics. `actor` is None for our own watchers, such as a feed that many
    viewers share. A viewer of a feed has no topics: the seat only tells them when it is over.
    """

    tenant_id: UUID
    topics: frozenset[str]
    keys: frozenset[str] | None
    tell: Callable[[News], None]
    close: Callable[[], None]
    actor: Actor | None = None
    permission: str | None = None

    def pick(self, changes: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Give the changes that are for this seat."""
        return frozenset(
            (topic, key) for topic, key in changes if topic in self.topics and (self.keys is None or key in self.keys)
        )


class Seats:
    """Every seat of a worker, by tenant."""

    def __init__(self) -> None:
        self._seats: dict[UUID, set[Seat]] = {}

    def of(self, tenant_id: UUID) -> list[Seat]:
        """List the seats of a tenant."""
        return list(self._seats.get(tenant_id, ()))

    def all(self) -> dict[UUID, list[Seat]]:
        """List the seats of every tenant."""
        return {tenant_id: list(seats) for tenant_id, seats in self._seats.items()}

    @contextmanager
    def taken(self, seat: Seat) -> Iterator[None]:
        """Keep the seat for as long as the block lasts."""
        self._seats.setdefault(seat.tenant_id, set()).add(seat)
        people = int(seat.actor is not None)
        metrics.WATCHERS.inc(people)
        try:
            yield
        finally:
            metrics.WATCHERS.dec(people)
            seats = self._seats[seat.tenant_id]
            seats.discard(seat)
            if not seats:
                del self._seats[seat.tenant_id]
