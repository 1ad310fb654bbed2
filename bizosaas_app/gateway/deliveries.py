"""Deliveries: who pays the debts of the outbox, by topic. A table, then the verbs it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import account_relay, approval_relay, notice_relay
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services import desk_news
from bizosaas_app.services.accounts import epochs, letters
from bizosaas_app.services.agents import runs as agent_runs
from bizosaas_app.services.gamification import boards, rank_news, standings_sync
from bizosaas_app.services.gamification.portfolios import news
from bizosaas_app.services.gamification.review_desk import queue
from bizosaas_app.services.jobs import runs
from bizosaas_app.services.notifications import notices
from bizosaas_app.services.outbox import OutboxRow
from bizosaas_app.services.social import approval_mails

log = get_logger(__name__)

Handle = Callable[[AsyncSession, UUID, Sequence[OutboxRow]], Awaitable[Iterable[str] | None]]
"""Delivers rows of one tenant and topic; gives the keys to tell open pages about, None for those of the rows.

Works in the relay's own transaction: whoever holds a topic's turn must never wait for another connection, because
all the others may be held by readers who wait for that turn. May be called again for the same rows after a crash;
what it raises leaves them for a later try.
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """How a topic is delivered: `batch` rows at once, each batch in a transaction of its own.

    One at a time is for what must not be done twice because a neighbour failed, such as a mail.
    """

    handle: Handle
    batch: int = 500


async def _sync_boards(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> Iterable[str]:
    now = utc_now()
    news = await standings_sync.deliver(session, resources().cache, tenant_id, rows, now=now)
    try:
        async with session.begin_nested():
            await rank_news.follow(session, Actor.system(tenant_id), news, now=now)
    except Exception:
        log.exception("members could not be told of their ranks")  # the boards themselves must not stand still
    return news


async def _pass_on(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
    """Deliver nothing but the news itself."""


HANDLERS: Final[dict[str, Handler]] = {
    boards.TOPIC: Handler(_sync_boards, batch=100),
    letters.TOPIC: Handler(account_relay.send_letters, batch=1),
    epochs.TOPIC: Handler(account_relay.renew_epochs),
    notices.TOPIC: Handler(_pass_on),
    notices.MAIL_TOPIC: Handler(notice_relay.send_mails, batch=1),
    approval_mails.TOPIC: Handler(approval_relay.send_mails, batch=1),
    runs.TOPIC: Handler(_pass_on),
    agent_runs.TOPIC: Handler(_pass_on),
    queue.TOPIC: Handler(_pass_on),
    news.TOPIC: Handler(_pass_on),
    desk_news.TOPIC: Handler(_pass_on),
}
