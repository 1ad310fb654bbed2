"""Reading and writing the cookies of a browser session."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bizosaas_app.gateway.contracts.accounts import SessionCookies
from bizosaas_app.gateway.cookie_names import ACCESS, CSRF, DEVICE, REFRESH, CookieKind
from bizosaas_app.kernel.settings import Settings

_DEVICE_SECONDS: Final = 365 * 86_400


def read(connection: HTTPConnection, kind: CookieKind, settings: Settings) -> str | None:
    """Give the cookie's value, or None."""
    return connection.cookies.get(kind.name_in(settings)) or None


def write(response: Response, kind: CookieKind, value: str, *, seconds: int, settings: Settings) -> None:
    """Set the cookie for so many seconds."""
    response.set_cookie(
        kind.name_in(settings),
        value,
        max_age=seconds,
        path=kind.path,
        secure=settings.is_production,
        httponly=not kind.is_readable,
        samesite=kind.same_site,
    )


def write_session(response: Response, cookies: SessionCookies, settings: Settings) -> None:
    """Set what the operation gave; what it left out stays as the browser has it."""
    write(response, ACCESS, cookies.access_token, seconds=cookies.access_seconds, settings=settings)
    if cookies.refresh_token is not None:
        write(response, REFRESH, cookies.refresh_token, seconds=cookies.refresh_seconds, settings=settings)
    if cookies.csrf_token is not None:
        write(response, CSRF, cookies.csrf_token, seconds=cookies.refresh_seconds, settings=settings)
    if cookies.device_token is not None:
        write(response, DEVICE, cookies.device_token, seconds=_DEVICE_SECONDS, settings=settings)


def clear_session(response: Response, settings: Settings) -> None:
    """Take the session from the browser; the device stays known, so that its owner is not slowed down next time."""
    for kind in (ACCESS, REFRESH, CSRF):
        response.delete_cookie(
            kind.name_in(settings),
            path=kind.path,
            secure=settings.is_production,
            httponly=not kind.is_readable,
            samesite=kind.same_site,
        )
