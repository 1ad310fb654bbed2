"""Operations of sign-in, of sessions, and of moving between platforms."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import account_views, visiting
from bizosaas_app.gateway.afterwards import later
from bizosaas_app.gateway.contracts.accounts import (
    Done,
    ListSessions,
    Login,
    Logout,
    MeView,
    ReadMe,
    RefreshWith,
    RevokeSession,
    SessionList,
    SignedIn,
    Switched,
    SwitchPlatform,
)
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import SIGNED_IN, Visitor, operation, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotPermitted, NotSignedIn, Unavailable
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.passwords import encode
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import (
    credentials,
    devices,
    directory,
    refresh_tokens,
    rotation,
    sessions,
    sign_in,
)
from bizosaas_app.services.accounts.credentials import Credentials
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from bizosaas_app.services.accounts.rotation import Rotation

log = get_logger(__name__)


class RefreshReused(NotSignedIn):
    """A refresh token was used twice; its whole session is over."""

    code = "refresh_reused"
    title = "This sign-in was used twice and has been ended; sign in again"


class PlatformNotAllowed(NotPermitted):
    """The platform is none of the member's."""

    code = "platform_not_allowed"
    title = "You have no access to this platform"


@public_operation("auth.login")
async def login(visitor: Visitor, command: Login) -> SignedIn:
    """Check a password and open a session.

    Raises `InvalidCredentials`, alike and in the same time for unknown addresses and wrong passwords;
    `LimitReached` before any work; `AccountSuspended` only after a right password.
    """
    encode(command.password)
    device = visiting.device_of(visitor)
    attempt = await _reserve_login(visitor, command.email, device)
    proof = await sign_in.check_password(resources(), command.email, command.password)
    if not proof.is_right or proof.credentials is None:
        later(_note_failure(visitor, proof.credentials, "login.failed"), name="audit of a failed sign-in")
        raise sign_in.InvalidCredentials
    await visiting.succeed(attempt)
    if not proof.credentials.is_active:
        later(_note_failure(visitor, proof.credentials, "login.suspended"), name="audit of a refused sign-in")
        raise sign_in.AccountSuspended
    return await _open(visitor, proof.credentials, command.password)


async def _reserve_login(visitor: Visitor, email: str, device: str | None) -> throttle.Reservation:
    account = directory.normalise(email)
    try:
        return await visiting.reserve(throttle.LOGIN, account=account, address=visitor.address, device=device)
    except LimitReached:
        later(_note_throttled(visitor, account), name="audit of a throttled sign-in")
        raise


async def _open(visitor: Visitor, who: Credentials, password: str) -> SignedIn:
    held, now = resources(), utc_now()
    actor = visiting.stranger_in(who.tenant_id, visitor)
    device_token = visitor.device_token if visiting.device_of(visitor) else devices.new_cookie(held.peppers["device"])
    device_hash = devices.fingerprint(held.peppers["device"], device_token)
    new_hash = await _modern_hash(who, password)
    async with unit_of_work(actor) as session:
        record = await sign_in.begin(session, actor, held, who, device_hash=device_hash, now=now)
        access = await sign_in.issue_access(session, held, record, now=now)
        if new_hash is not None:
            await credentials.renew_hash(session, user_id=who.user_id, password_hash=new_hash)
    refresh_token = RefreshToken(record.tenant_id, record.session_id, 0)
    return account_views.signed_in(record, access, refresh_token, held.peppers, now=now, device_token=device_token)


async def _modern_hash(who: Credentials, password: str) -> str | None:
    """Hash anew when the kept hash has another cost than new ones; a full pool leaves it for the next time."""
    pool = resources().hash_pool
    if who.password_hash is None or not pool.is_outdated(who.password_hash):
        return None
    try:
        return await pool.hash(password)
    except Unavailable:
        return None


async def _note_failure(visitor: Visitor, who: Credentials | None, action: str) -> None:
    if who is None:
        log.info("sign-in with an unknown address", address=visitor.address, request_id=visitor.request_id)
        return
    actor = visiting.stranger_in(who.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        await audit.record(
            session, actor, action=action, subject=f"user:{who.user_id}", outcome="refused", user_id=who.user_id
        )


async def _note_throttled(visitor: Visitor, account: str) -> None:
    who = await sign_in.find_credentials(resources(), account)
    await _note_failure(visitor, who, "login.throttled")


@public_operation("auth.refresh")
async def refresh(visitor: Visitor, command: RefreshWith) -> SignedIn:
    """Spend a refresh token and give the next one with a fresh access token.

    Raises `NotSignedIn`, or `RefreshReused` after it has ended the session of a token that was used twice.
    """
    held, now = resources(), utc_now()
    token = refresh_tokens.parse(held.peppers["refresh"], command.refresh_token)
    if token is None:
        raise NotSignedIn
    await visiting.reserve(throttle.REFRESH, account=str(token.session_id), address=visitor.address)
    actor = visiting.stranger_in(token.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        turned = await _rotate(session, actor, token, visiting.device_of(visitor), now)
        if turned.token is not None:
            record = await sign_in.read_record(session, held, token.session_id, now=now)
            access = await sign_in.issue_access(session, held, record, now=now)
    if turned.token is None:
        # Only now: what ended the session has been committed.
        raise RefreshReused if turned.outcome == "reused" else NotSignedIn
    return account_views.signed_in(record, access, turned.token, held.peppers, now=now)


async def _rotate(
    session: AsyncSession, actor: Actor, token: RefreshToken, device: str | None, now: datetime
) -> Rotation:
    settings = resources().settings
    try:
        return await rotation.rotate(
            session,
            actor,
            resources().cache,
            token,
            device_hash=device,
            grace=timedelta(seconds=settings.refresh_grace_seconds),
            idle=timedelta(seconds=settings.session_idle_seconds),
            now=now,
        )
    except CacheError as error:
        raise Unavailable("Sign-ins cannot be refreshed right now") from error


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
    user = account_views.user_of(actor)
    async with unit_of_work(actor) as session:
        row = await sessions.get_session(session, _own_session(actor))
    return MeView(
        user=user,
        role=actor.role,
        permissions=sorted(actor.permissions),
        platform=actor.platform,
        platforms=list(actor.allowed_platforms),
        session=account_views.session_of(row, current=row.id),
    )


@operation("auth.sessions", permission=SIGNED_IN)
async def list_sessions(actor: Actor, command: ListSessions) -> SessionList:  # noqa: ARG001  # no parameters
    """Give the member's own live sessions."""
    idle = timedelta(seconds=resources().settings.session_idle_seconds)
    async with unit_of_work(actor) as session:
        rows = await sessions.list_sessions(session, user_id=actor.member_id(), idle=idle, now=utc_now())
    return SessionList(items=[account_views.session_of(row, current=actor.session_id) for row in rows])


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
        record = await sign_in.read_record(session, held, session_id, now=now)
        access = await sign_in.issue_access(session, held, record, now=now)
    return account_views.switched(record, access)


def _own_session(actor: Actor) -> UUID:
    if actor.session_id is None:
        raise NotPermitted("Only a signed-in member can do this")
    return actor.session_id
