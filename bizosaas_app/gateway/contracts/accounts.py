"""What sign-in and one's own account take and give."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Page, Paging, View
from bizosaas_app.gateway.contracts.text import Email, Line, Name, Secret


class Login(Command):
    """An e-mail address and its password."""

    email: Line = Field(min_length=1, max_length=254)
    password: Secret
    device_fingerprint: Annotated[Line, Field(max_length=256)] | None = None
    """What the client says of its device: noted with the sign-in, as a keyed hash, and never believed."""


class RefreshWith(Command):
    """The refresh token as it came in the cookie."""

    refresh_token: str


class Register(Command):
    """A new member, by exactly one of an invitation and a referral code."""

    invite_token: Secret | None = None
    referral_code: Annotated[Line, Field(min_length=1, max_length=64)] | None = None
    email: Email
    password: Secret
    name: Name

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.invite_token is None) == (self.referral_code is None):
            raise ValueError("Give either invite_token or referral_code")
        return self


class ForgotPassword(Command):
    """Whose password was forgotten."""

    email: Email


class ResetPassword(Command):
    """The token of the mailed link and the new password."""

    token: Secret
    password: Secret


class ChangePassword(Command):
    """The present password and the one to come."""

    current_password: Secret
    new_password: Secret


class SwitchPlatform(Command):
    """One of the member's platforms."""

    platform: Annotated[Line, Field(min_length=1, max_length=64)]


class ListSessions(Paging):
    """Which page of one's own sessions."""


class RevokeSession(Command):
    """One of one's own sessions."""

    session_id: UUID


class ReadMe(Command):
    """The signed-in member."""


class ChangeProfile(Command):
    """What a member may change of their own account."""

    name: Name


class Logout(Command):
    """The end of this session, or of all."""


class UserView(View):
    """Who signed in."""

    id: UUID
    email: str
    name: str
    role: str
    tenant_id: UUID
    tenant_slug: str


class TokenView(View):
    """A fresh access token and where it leads."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # the name of a scheme (RFC 6750)
    expires_in: int
    session_id: UUID
    redirect_to: str
    user: UserView


class SessionCookies(View):
    """What goes into cookies and never into a body."""

    access_token: str
    access_seconds: int
    refresh_token: str | None = None
    """None leaves the browser's own as it is."""
    refresh_seconds: int = 0
    csrf_token: str | None = None
    device_token: str | None = None


class SignedIn(View):
    """The answer of a sign-in with the cookies that go along."""

    body: TokenView
    cookies: SessionCookies


class PlatformToken(View):
    """A token for another platform."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # the name of a scheme (RFC 6750)
    expires_in: int
    session_id: UUID
    platform: str


class Switched(View):
    """The answer of a platform switch with its cookie."""

    body: PlatformToken
    cookies: SessionCookies


class SessionView(View):
    """One device that is signed in."""

    id: UUID
    device: str
    address: str
    platform: str
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    is_current: bool


class SessionList(Page[SessionView]):
    """The devices that are signed in, the latest first."""


class MeView(View):
    """The signed-in member and what they may do."""

    user: UserView
    role: str
    permissions: list[str]
    platform: str
    platforms: list[str]
    session: SessionView


class Accepted(View):
    """The request was taken. It says no more, so that nobody learns whether an address has an account."""

    status: Literal["accepted"] = "accepted"


class Done(View):
    """It is done; there is nothing to tell."""
