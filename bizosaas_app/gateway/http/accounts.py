"""`/api/v1/auth/*` and the public signing keys."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from bizosaas_app.gateway import accounts, passwords, registration, sign_in
from bizosaas_app.gateway.contracts.accounts import (
    Accepted,
    ChangePassword,
    ChangeProfile,
    ForgotPassword,
    ListSessions,
    Login,
    Logout,
    MeView,
    PlatformToken,
    ReadMe,
    RefreshWith,
    Register,
    ResetPassword,
    RevokeSession,
    SessionList,
    SwitchPlatform,
    TokenView,
)
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.identity import leaving, own_page, refresh_token_of, signed_in, visitor_of
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources
from bizosaas_app.kernel.secrets.keyrings import PUBLISH_SECONDS, REFRESH_SECONDS


def _no_store(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(tags=["auth"], dependencies=[Depends(_no_store)])
jwks_router = APIRouter(tags=["auth"])

SignedInActor = Annotated[Actor, Depends(signed_in)]
PageActor = Annotated[Actor, Depends(own_page)]
LeavingActor = Annotated[Actor, Depends(leaving)]
AnyVisitor = Annotated[Visitor, Depends(visitor_of)]


@router.post("/login")
async def login(visitor: AnyVisitor, command: Login, response: Response) -> TokenView:
    """Sign in with e-mail and password."""
    result = await sign_in.login(visitor, command)
    cookies.write_session(response, result.cookies, resources().settings)
    return result.body


@router.post("/refresh")
async def refresh(
    visitor: AnyVisitor,
    token: Annotated[str, Depends(refresh_token_of)],
    response: Response,
) -> TokenView:
    """Spend the refresh cookie for the next one and a fresh access token."""
    result = await sign_in.refresh(visitor, RefreshWith(refresh_token=token))
    cookies.write_session(response, result.cookies, resources().settings)
    return result.body


@router.post("/logout", status_code=204)
async def logout(actor: LeavingActor, response: Response) -> None:
    """End this session."""
    await accounts.logout(actor, Logout())
    cookies.clear_session(response, resources().settings)


@router.post("/logout-all", status_code=204)
async def logout_all(actor: LeavingActor, response: Response) -> None:
    """End all of one's sessions."""
    await accounts.logout_all(actor, Logout())
    cookies.clear_session(response, resources().settings)


@router.get("/me")
async def me(actor: SignedInActor) -> MeView:
    """The signed-in member, their rights and this session."""
    return await accounts.read_me(actor, ReadMe())


@router.patch("/me")
async def change_profile(actor: PageActor, command: ChangeProfile) -> MeView:
    """Change one's own name."""
    return await accounts.change_profile(actor, command)


@router.get("/sessions")
async def list_sessions(actor: SignedInActor, command: Annotated[ListSessions, Query()]) -> SessionList:
    """One's own sessions."""
    return await accounts.list_sessions(actor, command)


@router.delete("/sessions/{session_id}", status_code=204)
async def revoke_session(actor: SignedInActor, session_id: UUID) -> None:
    """End one of one's own sessions."""
    await accounts.revoke_session(actor, RevokeSession(session_id=session_id))


@router.post("/switch-platform")
async def switch_platform(actor: PageActor, command: SwitchPlatform, response: Response) -> PlatformToken:
    """Move this session to another of one's platforms."""
    result = await accounts.switch_platform(actor, command)
    cookies.write_session(response, result.cookies, resources().settings)
    return result.body


@router.post("/register", status_code=202)
async def register(visitor: AnyVisitor, command: Register) -> Accepted:
    """Become a member by invitation or referral code."""
    return await registration.register(visitor, command)


@router.post("/forgot-password", status_code=202)
async def forgot_password(visitor: AnyVisitor, command: ForgotPassword) -> Accepted:
    """Ask for a reset link by mail."""
    return await passwords.forgot_password(visitor, command)


@router.post("/reset-password", status_code=204)
async def reset_password(visitor: AnyVisitor, command: ResetPassword) -> None:
    """Choose a new password by a reset link."""
    await passwords.reset_password(visitor, command)


@router.post("/change-password", status_code=204)
async def change_password(actor: PageActor, command: ChangePassword) -> None:
    """Change one's own password."""
    await passwords.change_password(actor, command)


@jwks_router.get("/.well-known/jwks.json")
async def signing_keys(response: Response) -> dict[str, Any]:
    """The public keys that verify our access tokens (RFC 7517)."""
    # No longer than a new key is published before its first use: a cached copy always knows the present key.
    response.headers["Cache-Control"] = f"public, max-age={int(PUBLISH_SECONDS - 2 * REFRESH_SECONDS)}"
    return resources().signing.jwks()
