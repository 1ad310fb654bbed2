"""How the rows of accounts look from outside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bizosaas_app.gateway.contracts.accounts import (
    PlatformToken,
    SessionCookies,
    SessionView,
    SignedIn,
    Switched,
    TokenView,
    UserView,
)
from bizosaas_app.gateway.contracts.members import MemberView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotPermitted
from bizosaas_app.kernel.permissions import ROLE_HOME
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.accounts import csrf
from bizosaas_app.services.accounts.access_tokens import AccessToken
from bizosaas_app.services.accounts.refresh_tokens import RefreshToken
from bizosaas_app.services.accounts.session_records import SessionRecord
from models import AuthSession, Member


def user_of(who: SessionRecord | Actor) -> UserView:
    """Give the person behind a record or an actor; an API key is none and raises `NotPermitted`."""
    if who.user_id is None:
        raise NotPermitted("Only a signed-in member can do this")
    return UserView(
        id=who.user_id,
        email=who.email,
        name=who.name,
        role=who.role,
        tenant_id=who.tenant_id,
        tenant_slug=who.tenant_slug,
    )


def signed_in(
    record: SessionRecord,
    access: AccessToken,
    refresh: RefreshToken,
    peppers: dict[str, PepperRing],
    *,
    now: datetime,
    device_token: str | None = None,
) -> SignedIn:
    """Give the answer of a sign-in or a refresh."""
    body = TokenView(
        access_token=access.text,
        expires_in=access.expires_in,
        session_id=record.session_id,
        redirect_to=ROLE_HOME[record.role],
        user=user_of(record),
    )
    cookies = SessionCookies(
        access_token=access.text,
        access_seconds=access.expires_in,
        refresh_token=refresh.text(peppers["refresh"]),
        refresh_seconds=max(0, int((record.expires_at - now).total_seconds())),
        csrf_token=csrf.token(peppers["csrf"], record.session_id),
        device_token=device_token,
    )
    return SignedIn(body=body, cookies=cookies)


def switched(record: SessionRecord, access: AccessToken) -> Switched:
    """Give the answer of a platform switch."""
    body = PlatformToken(
        access_token=access.text,
        expires_in=access.expires_in,
        session_id=record.session_id,
        platform=record.platform,
    )
    return Switched(body=body, cookies=SessionCookies(access_token=access.text, access_seconds=access.expires_in))


def session_of(row: AuthSession, *, current: UUID | None) -> SessionView:
    """Give one device."""
    return SessionView(
        id=row.id,
        device=row.device_label,
        address=row.address,
        platform=row.platform,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        is_current=row.id == current,
    )


def member_of(row: Member) -> MemberView:
    """Give one member."""
    return MemberView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role_key,
        status=row.status,
        platforms=list(row.platforms),
        created_at=row.created_at,
        last_login_at=row.last_login_at,
    )
