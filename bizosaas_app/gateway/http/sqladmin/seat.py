"""Who sits at the console and whose rows they look at: set once per request, by the check at its door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import database_console
from bizosaas_app.gateway.contracts.database_console import PlaceView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who was let in, the place whose rows are shown, and the proof that our own form has to carry."""

    actor: Actor
    place: PlaceView
    csrf: str

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction in which the place's rows, and no others, can be seen."""
        async with resources().database.unit_of_work(database_console.inside(self.actor, self.place)) as session:
            yield session


_TAKEN: Final[ContextVar[Seat]] = ContextVar("sqladmin_seat")


def current() -> Seat:
    """Give the seat of the request that is being served; raises LookupError outside of one."""
    return _TAKEN.get()


@asynccontextmanager
async def taken(seat: Seat) -> AsyncIterator[None]:
    """Hold the seat while the request is served."""
    token = _TAKEN.set(seat)
    try:
        yield
    finally:
        _TAKEN.reset(token)
