"""Stopping mails from a link in one of them: no session, the link itself is the proof."""

from __future__ import annotations

from bizosaas_app.gateway import visiting
from bizosaas_app.gateway.contracts.notifications import Unsubscribe, UnsubscribedView
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.notifications import mail_links, preferences
from bizosaas_app.services.notifications.kinds import KINDS


@public_operation("notifications.unsubscribe")
async def unsubscribe(visitor: Visitor, command: Unsubscribe) -> UnsubscribedView:
    """Stop mails of the link's kinds; again changes nothing. Raises `LinkInvalid` for an old or forged link."""
    link = mail_links.parse(resources().peppers["unsubscribe"], command.token, now=utc_now())
    await visiting.reserve(throttle.UNSUBSCRIBE, account=str(link.user_id), address=visitor.address)
    actor = visiting.stranger_in(link.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        await preferences.stop_mail(session, actor, link.user_id, link.kinds)
        await audit.record(
            session,
            actor,
            action="notifications.unsubscribed",
            subject=f"user:{link.user_id}",
            detail={"kinds": list(link.kinds)},
        )
    return UnsubscribedView(stopped=[KINDS[kind].label for kind in link.kinds])
