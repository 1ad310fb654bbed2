"""Letters: the mails about accounts, as data, and what the outbox needs to write each of them.

An outbox row names the kind of letter and the row it is about; the link inside is derived only when the letter
is written, so that no key to an account ever waits in a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.mail import Letter
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services import outbox
from bizosaas_app.services.accounts.account_tokens import TokenRef
from models import AccountToken, Tenant

TOPIC: Final = "mail"

Kind = Literal["invite", "reset", "account_exists", "password_changed"]


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and text; `{tenant}`, `{link}` and `{url}` are filled in."""

    subject: str
    text: str
    path: str = ""
    """Page of the link that carries the token."""


TEMPLATES: Final[dict[Kind, Template]] = {
    "invite": Template(
        "You are invited to {tenant} on BizOSaaS",
        "Hello,\n\n{tenant} invites you to BizOSaaS. Choose your password here within 7 days:\n\n{link}\n\n"
        "If you did not expect this, you can ignore it.\n",
        "/register?invite=",
    ),
    "reset": Template(
        "Choose a new password",
        "Hello,\n\nsomebody, hopefully you, asked for a new password. Choose it here within one hour:\n\n{link}\n\n"
        "If it was not you, nothing has changed and you can ignore this.\n",
        "/reset-password?token=",
    ),
    "account_exists": Template(
        "You have an account already",
        "Hello,\n\nsomebody, hopefully you, tried to open an account with this address. You have one already or an "
        "invitation is waiting in your mailbox. Sign in, or ask for a new password, at:\n\n{url}/login\n\n"
        "If it was not you, nothing has changed and you can ignore this.\n",
    ),
    "password_changed": Template(
        "Your password was changed",
        "Hello,\n\nthe password of your account was changed and other devices were signed out. If that was not you, "
        "ask for a new password at once:\n\n{url}/login\n",
    ),
}


async def enqueue(session: AsyncSession, actor: Actor, kind: Kind, *, to: str, token_id: UUID | None = None) -> None:
    """Owe this letter once the transaction has been committed."""
    payload = {"kind": kind, "to": to, "token_id": str(token_id) if token_id else None}
    await outbox.enqueue(session, actor, TOPIC, kind, payload)


async def compose(
    session: AsyncSession, actor: Actor, payload: dict[str, Any], *, ring: PepperRing, public_url: str
) -> Letter | None:
    """Write the letter of an outbox row, or None when its token was used or replaced meanwhile."""
    template = TEMPLATES[payload["kind"]]
    tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    link = ""
    if payload["token_id"] is not None:
        token_id = UUID(payload["token_id"])
        token = (await session.exec(select(AccountToken).where(AccountToken.id == token_id))).one_or_none()
        if token is None or not token.is_usable(utc_now()):
            return None
        text = TokenRef(actor.tenant_id, token_id).text(ring)
        link = f"{public_url.rstrip('/')}{template.path}{quote(text)}"
    words = {"tenant": tenant.name, "link": link, "url": public_url.rstrip("/")}
    subject = " ".join(template.subject.format(**words).split())
    return Letter(payload["to"], subject, template.text.format(**words))
