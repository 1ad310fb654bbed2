"""Deliveries: who pays the debts of the outbox, by topic. A table, then the verbs it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bizosaas_app.gateway import account_relay
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.accounts import epochs, letters
from bizosaas_app.services.gamification import boards, standings_sync
from bizosaas_app.services.outbox import OutboxRow

Handle = Callable[[UUID, Sequence[OutboxRow]], Awaitable[Iterable[str] | None]]
"""Delivers rows of one tenant and topic; gives the keys to tell open pages about, None for those of the rows.

May be called again for the same rows after a crash; what it raises leaves them for a later try.
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """How a topic is delivered: `batch` rows at once, each batch in a transaction of its own.

    One at a time is for what must not be done twice because a neighbour failed, such as a mail.
    """

    handle: Handle
    batch: int = 500


async def _sync_boards(tenant_id: UUID, rows: Sequence[OutboxRow]) -> Iterable[str]:
    async with unit_of_work(Actor.system(tenant_id)) as session:
        return await standings_sync.deliver(session, resources().cache, tenant_id, rows, now=utc_now())


HANDLERS: Final[dict[str, Handler]] = {
    boards.TOPIC: Handler(_sync_boards, batch=100),
    letters.TOPIC: Handler(account_relay.send_letters, batch=1),
    epochs.TOPIC: Handler(account_relay.renew_epochs),
}
