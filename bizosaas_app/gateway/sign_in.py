"""Operations without a session yet: signing in, and going on by a refresh token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import account_views, metrics, visiting
from bizosaas_app.gateway.afterwards import later
from bizosaas_app.gateway.contracts.accounts import (
    Login,
    RefreshWith,
    SignedIn,
)
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.pipeline import Visitor, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached, NotSignedIn, Unavailable
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


@public_operation("auth.login")
async def login(visitor: Visitor, command: Login) -> SignedIn:
    """Check a password and open a session.

    Raises `InvalidCredentials`, alike and in the same time for unknown addresses and wrong passwords;
    `LimitReached` before any work; `AccountSuspended` only after a right password.
    """
    encode(command.password)
    device = _device(visitor)
    attempt = await _reserve_login(visitor, command.email, device)
    try:
        proof = await sign_in.check_password(resources(), command.email, command.password)
    except Unavailable:
        await visiting.release(attempt)
        raise
    if not proof.is_right or proof.credentials is None:
        metrics.LOGINS.labels("wrong").inc()
        later(_note_failure(visitor, proof.credentials, "login.failed"), name="audit of a failed sign-in")
        raise sign_in.InvalidCredentials
    await visiting.succeed(attempt)
    if not proof.credentials.is_active:
        metrics.LOGINS.labels("suspended").inc()
        later(_note_failure(visitor, proof.credentials, "login.suspended"), name="audit of a refused sign-in")
        raise sign_in.AccountSuspended
    opened = await _open(visitor, proof.credentials, command, device)
    metrics.LOGINS.labels("ok").inc()
    return opened


@dataclass(frozen=True, slots=True)
class _Device:
    token: str
    """The cookie's value."""
    name: str | None


def _device(visitor: Visitor) -> _Device:
    """Give the visitor's device; a new one is named now, so that a right password makes it known at once."""
    ring = resources().peppers["device"]
    known = visiting.device_of(visitor)
    if known is not None and visitor.device_token is not None:
        return _Device(visitor.device_token, known)
    token = devices.new_cookie(ring)
    return _Device(token, devices.fingerprint(ring, token))


async def _reserve_login(visitor: Visitor, email: str, device: _Device) -> throttle.Reservation:
    account = directory.normalise(email)
    try:
        return await visiting.reserve(throttle.LOGIN, account=account, address=visitor.address, device=device.name)
    except LimitReached:
        metrics.LOGINS.labels("throttled").inc()
        later(_note_throttled(visitor, account), name="audit of a throttled sign-in")
        raise


async def _open(visitor: Visitor, who: Credentials, command: Login, device: _Device) -> SignedIn:
    held, now = resources(), utc_now()
    actor = visiting.stranger_in(who.tenant_id, visitor)
    new_hash = await _modern_hash(who, command.password)
    async with unit_of_work(actor) as session:
        record = await sign_in.begin(
            session, actor, held, who, device_hash=device.name, fingerprint=command.device_fingerprint, now=now
        )
        access = await sign_in.issue_access(session, held, record, now=now)
        if new_hash is not None:
            await credentials.renew_hash(session, who, password_hash=new_hash)
    refresh_token = RefreshToken(record.tenant_id, record.session_id, 0)
    return account_views.signed_in(record, access, refresh_token, held.peppers, now=now, device_token=device.token)


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
    """Note it once in a while: whoever knocks on and on must not fill the log, nor the database's queue."""
    if not await visiting.is_first_refusal(throttle.LOGIN, account=account, address=visitor.address):
        return
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
