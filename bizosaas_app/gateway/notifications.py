"""The operations on one's own notices."""

from __future__ import annotations

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.accounts import Done
from bizosaas_app.gateway.contracts.notifications import (
    CountUnread,
    ListNotices,
    NoticePage,
    NoticeView,
    PreferencesView,
    PreferenceView,
    ReadAllNotices,
    ReadNotice,
    ReadPreferences,
    SetPreferences,
    UnreadView,
)
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.notifications import inbox, preferences
from bizosaas_app.services.notifications.kinds import KINDS, Channels, Kind
from models import Notification
from models.notifications import EARLIER_KIND


@operation("notifications.list", permission=SIGNED_IN)
async def list_notices(actor: Actor, command: ListNotices) -> NoticePage:
    """Give one page of one's own notices, newest first."""
    async with unit_of_work(actor) as session:
        rows = await inbox.list_own(
            session,
            actor,
            limit=command.limit + 1,
            after=cursors.decode(command.cursor),
            kind=command.kind,
            unread=command.unread,
        )
    shown = rows[: command.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    return NoticePage(
        items=[notice_view(row) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@operation("notifications.count_unread", permission=SIGNED_IN)
async def count_unread(actor: Actor, command: CountUnread) -> UnreadView:  # noqa: ARG001  # no parameters
    """Give how many one has not read."""
    async with unit_of_work(actor) as session:
        return UnreadView(unread=await inbox.count_unread(session, actor))


@operation("notifications.read", permission=SIGNED_IN)
async def read_notice(actor: Actor, command: ReadNotice) -> Done:
    """Mark one as read, in every open page; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        await inbox.mark_read(session, actor, command.notice_id, now=utc_now())
    return Done()


@operation("notifications.read_all", permission=SIGNED_IN)
async def read_all(actor: Actor, command: ReadAllNotices) -> UnreadView:  # noqa: ARG001  # no parameters
    """Mark all as read, in every open page."""
    async with unit_of_work(actor) as session:
        await inbox.mark_all_read(session, actor, now=utc_now())
        return UnreadView(unread=await inbox.count_unread(session, actor))


@operation("notifications.read_preferences", permission=SIGNED_IN)
async def read_preferences(actor: Actor, command: ReadPreferences) -> PreferencesView:  # noqa: ARG001  # no parameters
    """Give where one is told of each kind."""
    async with unit_of_work(actor) as session:
        return _preferences_view(await preferences.list_own(session, actor))


@operation("notifications.set_preferences", permission=SIGNED_IN)
async def set_preferences(actor: Actor, command: SetPreferences) -> PreferencesView:
    """Choose where one is told of some kinds; what has been told already stays."""
    chosen: dict[Kind, Channels] = {
        item.kind: Channels(in_app=item.in_app, by_mail=item.by_mail) for item in command.preferences
    }
    async with unit_of_work(actor) as session:
        await preferences.choose(session, actor, actor.member_id(), chosen)
        return _preferences_view(await preferences.list_own(session, actor))


def notice_view(row: Notification) -> NoticeView:
    """Give a notice as its member sees it."""
    data = dict(row.data)
    return NoticeView(
        id=row.id,
        kind="system" if row.kind == EARLIER_KIND else row.kind,
        title=row.title,
        body=row.body,
        path=data.pop("path", None),
        data=data,
        created_at=row.created_at,
        read_at=row.read_at,
    )


def _preferences_view(chosen: dict[Kind, Channels]) -> PreferencesView:
    return PreferencesView(
        preferences=[
            PreferenceView(
                kind=kind,
                label=KINDS[kind].label,
                text=KINDS[kind].text,
                in_app=channels.in_app,
                by_mail=channels.by_mail,
            )
            for kind, channels in chosen.items()
        ]
    )
