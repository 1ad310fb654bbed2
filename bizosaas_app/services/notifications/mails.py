"""Mails of notices: one for all that a transaction has left for a member, written when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.mail import Letter
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.notifications import mail_links
from bizosaas_app.services.notifications.kinds import KINDS
from models import Notification, Tenant, User

SHOWN: Final = 20
"""Notices in one mail; what a storm leaves beyond is counted, and waits in the application."""

_TEXT: Final = """Hello {name},

{items}
See them all:
{home}

You get this mail because you are told by mail of: {kinds}.
To stop these mails:
{stop}
To choose what you are told of, and where, sign in at:
{home}
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the links of a mail lead: the pages, and the API."""

    pages: str
    api: str


async def compose_due(
    session: AsyncSession, actor: Actor, user_id: UUID, *, ring: PepperRing, addresses: Addresses, now: datetime
) -> Letter | None:
    """Write the mail of all that is due to the member, and mark it as no longer due.

    None when nothing is due any more, or when the member or the tenant is not active: then it is dropped.
    """
    due = await _take_due(session, user_id)
    member = (await session.exec(select(User).where(User.id == user_id))).one()
    tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    if not due or not member.is_active or not tenant.is_active:
        return None
    kinds = [kind for kind in KINDS if any(notice.kind == kind for notice in due)]
    token = quote(mail_links.make(actor.tenant_id, user_id, kinds, now=now).text(ring))
    return Letter(
        member.email,
        _subject(due, tenant.name),
        _TEXT.format(
            name=" ".join(member.name.split()) or "there",
            items=_items(due, addresses.pages),
            kinds=", ".join(KINDS[kind].label for kind in kinds),
            stop=f"{addresses.pages}/unsubscribe?token={token}",
            home=f"{addresses.pages}/portal/notifications",
        ),
        key=str(uuid5(NAMESPACE_URL, " ".join(str(notice.id) for notice in due))),
        headers=(
            ("List-Unsubscribe", f"<{addresses.api}/api/v1/notifications/unsubscribe?token={token}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    )


async def _take_due(session: AsyncSession, user_id: UUID) -> Sequence[Notification]:
    """Give the member's notices that are due, oldest first, and mark them as no longer due."""
    due = (Notification.user_id == user_id, col(Notification.mail_due))
    oldest = (col(Notification.created_at), col(Notification.id))
    rows = (await session.exec(select(Notification).where(*due).order_by(*oldest).with_for_update())).all()
    taken = [row.id for row in rows]
    await session.exec(update(Notification).where(col(Notification.id).in_(taken)).values(mail_due=False))
    return rows


def _subject(due: Sequence[Notification], tenant_name: str) -> str:
    subject = due[0].title if len(due) == 1 else f"{len(due)} notifications from {tenant_name}"
    return " ".join(subject.split())


def _items(due: Sequence[Notification], pages: str) -> str:
    items = [_item(notice, pages) for notice in due[:SHOWN]]
    if len(due) > SHOWN:
        items.append(f"and {len(due) - SHOWN} more.\n")
    return "\n".join(items)


def _item(notice: Notification, pages: str) -> str:
    path = cast(str | None, notice.data.get("path"))
    lines = [" ".join(notice.title.split()), notice.body, f"{pages}{path}" if path else ""]
    return "".join(f"{line}\n" for line in lines if line)
