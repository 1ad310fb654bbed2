"""Operations on one's own account: who I am, my sessions, and moving between platforms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bizosaas_app.gateway import account_views, cursors
from bizosaas_app.gateway.contracts.accounts import (
    ChangeProfile,
    Done,
    ListSessions,
    Logout,
    MeView,
    ReadMe,
    RevokeSession,
    SessionList,
    Switched,
    SwitchPlatform,
)
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotPermitted
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import members, sessions, sign_in
from models import AuthSession


class PlatformNotAllowed(NotPermitted):
    """The platform is none of the member's."""

    code = "platform_not_allowed"
    title = "You have no access to this platform"


@operation("auth.logout", permission=SIGNED_IN)
async def logout(actor: Actor, command: Logout) -> Done:  # noqa: ARG001  # no parameters
    """End the actor's own session; its tokens are refused from this moment on."""
    async with unit_of_work(actor) as session:
        await sessions.end_session(
            session, actor, session_id=_own_session(actor), user_id=actor.member_id(), reason="logout", now=utc_now()
        )
        await audit.record(session, actor, action="logout", subject=f"session:{actor.session_id}")
    return Done()


@operation("auth.logout_all", permission=SIGNED_IN)
async def logout_all(actor: Actor, command: Logout) -> Done:  # noqa: ARG001  # no parameters
    """End every session of the actor, this one included."""
    async with unit_of_work(actor) as session:
        ended = await sessions.end_all(session, actor, user_id=actor.member_id(), reason="logout_all", now=utc_now())
        await audit.record(
            session, actor, action="logout.all", subject=f"user:{actor.user_id}", detail={"sessions": ended}
        )
    return Done()


@operation("auth.me", permission=SIGNED_IN)
async def read_me(actor: Actor, command: ReadMe) -> MeView:  # noqa: ARG001  # no parameters
    """Give the signed-in member, their rights and this session."""
    async with unit_of_work(actor) as session:
        row = await sessions.get_session(session, _own_session(actor))
    return _me(actor, row)


@operation("accounts.change_profile", permission=SIGNED_IN)
async def change_profile(actor: Actor, command: ChangeProfile) -> MeView:
    """Change one's own name: on boards and in the administration from then on."""
    async with unit_of_work(actor) as session:
        await members.rename(session, actor, name=command.name)
        row = await sessions.get_session(session, _own_session(actor))
    return _me(replace(actor, name=command.name), row)


def _me(actor: Actor, row: AuthSession) -> MeView:
    return MeView(
        user=account_views.user_of(actor),
        role=actor.role,
        permissions=sorted(actor.permissions),
        platform=actor.platform,
        platforms=list(actor.allowed_platforms),
        session=account_views.session_of(row, current=row.id),
    )


@operation("auth.sessions", permission=SIGNED_IN)
async def list_sessions(actor: Actor, command: ListSessions) -> SessionList:
    """Give one page of the member's own live sessions, the latest sign-in first."""
    idle = timedelta(seconds=resources().settings.session_idle_seconds)
    before, user_id = cursors.decode(command.cursor), actor.member_id()
    async with unit_of_work(actor) as session:
        rows = await sessions.list_sessions(
            session, user_id=user_id, idle=idle, now=utc_now(), limit=command.limit + 1, before=before
        )
    shown = rows[: command.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    return SessionList(
        items=[account_views.session_of(row, current=actor.session_id) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@operation("auth.revoke_session", permission=SIGNED_IN)
async def revoke_session(actor: Actor, command: RevokeSession) -> Done:
    """End one of one's own sessions; anybody else's answers `NotFound`, as one that does not exist."""
    async with unit_of_work(actor) as session:
        await sessions.end_session(
            session,
            actor,
            session_id=command.session_id,
            user_id=actor.member_id(),
            reason="ended_by_owner",
            now=utc_now(),
        )
        await audit.record(session, actor, action="sessions.ended", subject=f"session:{command.session_id}")
    return Done()


@operation("auth.switch_platform", permission=SIGNED_IN)
async def switch_platform(actor: Actor, command: SwitchPlatform) -> Switched:
    """Move the session to another of the member's platforms; raises `PlatformNotAllowed`."""
    if command.platform not in actor.allowed_platforms:
        raise PlatformNotAllowed(data={"platform": command.platform})
    held, now, session_id = resources(), utc_now(), _own_session(actor)
    async with unit_of_work(actor) as session:
        await sessions.move_to_platform(session, actor, session_id=session_id, platform=command.platform)
        await audit.record(
            session,
            actor,
            action="sessions.platform_switched",
            subject=f"session:{session_id}",
            detail={"from": actor.platform, "to": command.platform},
        )
        record = await sign_in.read_record(session, held, session_id, now=now)
        access = await sign_in.issue_access(session, held, record, now=now)
    return account_views.switched(record, access)


def _own_session(actor: Actor) -> UUID:
    if actor.session_id is None:
        raise NotPermitted("Only a signed-in member can do this")
    return actor.session_id
