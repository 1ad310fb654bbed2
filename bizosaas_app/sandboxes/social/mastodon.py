"""Mastodon as docs.joinmastodon.org describes it: posting a status, the account, the instance, limits and errors."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import regex
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bizosaas_app.sandboxes.social.store import Fault, Post, Store, account_of, lost

LIMIT: Final = 500
URL_LENGTH: Final = 23
KEY_SECONDS: Final = 3600.0
"""Idempotency keys are stored for up to 1 hour (methods/statuses)."""
_URL: Final = regex.compile(r"https?://\S+")
_ALLOWED: Final = 300


def routes(store: Store) -> list[Route]:
    """Give the routes of the server."""

    async def verify(request: Request) -> Response:
        account = account_of(request)
        return JSONResponse({"id": "1", "username": account, "acct": account}) if account else _invalid_token()

    async def instance(request: Request) -> Response:
        statuses = {"max_characters": LIMIT, "characters_reserved_per_url": URL_LENGTH}
        return JSONResponse({"domain": request.url.hostname, "configuration": {"statuses": statuses}})

    async def post_status(request: Request) -> Response:
        account, form = account_of(request), await request.form()
        if account is None:
            return _invalid_token()
        fault = store.fault()
        if fault is not None and fault.kind != "lose":
            return _faulty(fault)
        key, text = request.headers.get("idempotency-key"), str(form.get("status", ""))
        post = store.known("mastodon", account, key, keep_seconds=KEY_SECONDS)
        if post is None:
            if problem := _problem(text):
                return JSONResponse({"error": f"Validation failed: {problem}"}, 422)
            post = store.keep(Post("mastodon", account, str(time.time_ns()), text), key)
        answer = JSONResponse(_status(request, post), headers=_limits(1, 300))
        return lost(answer) if fault is not None else answer

    return [
        Route("/api/v1/accounts/verify_credentials", verify),
        Route("/api/v2/instance", instance),
        Route("/api/v1/statuses", post_status, methods=["POST"]),
    ]


def _problem(text: str) -> str | None:
    if not text.strip():
        return "Text can't be blank"
    counted = _URL.sub("x" * URL_LENGTH, text)
    if len(regex.findall(r"\X", counted)) > LIMIT:
        return f"Text character limit of {LIMIT} exceeded"
    return None


def _status(request: Request, post: Post) -> dict[str, Any]:
    url = f"{request.base_url}@{post.account}/{post.id}"
    created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"id": post.id, "created_at": created, "url": url, "uri": url, "content": f"<p>{escape(post.text)}</p>"}


def _faulty(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        return JSONResponse({"error": "Too many requests"}, 429, headers=_limits(_ALLOWED, fault.seconds))
    if fault.kind == "refuse":
        return JSONResponse({"error": "This action is not allowed"}, 403)
    return JSONResponse({"error": "An unexpected error occurred"}, 500)


def _limits(used: int, seconds: float) -> dict[str, str]:
    reset = datetime.fromtimestamp(time.time() + seconds, UTC).isoformat(timespec="microseconds")
    return {
        "X-RateLimit-Limit": str(_ALLOWED),
        "X-RateLimit-Remaining": str(_ALLOWED - used),
        "X-RateLimit-Reset": reset.replace("+00:00", "Z"),
    }


def _invalid_token() -> Response:
    return JSONResponse({"error": "The access token is invalid"}, 401)
