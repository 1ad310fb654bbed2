"""A personal data server as docs.bsky.app and the lexicons describe it: sessions, creating and finding a record.

A record that exists already makes `createRecord` answer 500, as the real server does (bluesky-social/atproto, 3718).
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any, Final

import regex
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bizosaas_app.sandboxes.social.store import SECRET_PREFIX, Fault, Post, Store, account_of, lost

COLLECTION: Final = "app.bsky.feed.post"
_TID: Final = regex.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_NEEDED: Final = ("repo", "collection", "record")


def routes(store: Store) -> list[Route]:
    """Give the routes of the server."""

    async def create_session(request: Request) -> Response:
        body = await _body(request)
        handle = str(body.get("identifier", ""))
        if not handle or body.get("password") != SECRET_PREFIX + handle:
            return _error(401, "AuthenticationRequired", "Invalid identifier or password")
        tokens = {"accessJwt": SECRET_PREFIX + handle, "refreshJwt": f"refresh-{handle}"}
        return JSONResponse({**tokens, "handle": handle, "did": did_of(handle), "active": True})

    async def create_record(request: Request) -> Response:
        account, body = account_of(request), await _body(request)
        if account is None:
            return _error(401, "AuthMissing", "Authentication Required")
        fault = store.fault()
        if fault is not None and fault.kind != "lose":
            return _faulty(fault)
        if problem := _problem(account, body):
            return _error(400, "InvalidRequest", problem)
        uri = f"at://{did_of(account)}/{COLLECTION}/{body.get('rkey') or 'self'}"
        if any(post.id == uri for post in store.posts):
            return _error(500, "InternalServerError", "Internal Server Error")
        record: dict[str, Any] = body["record"]
        store.keep(Post("bluesky", account, uri, record["text"], record=record), None)
        cid = _cid(record)
        answer = JSONResponse({"uri": uri, "cid": cid, "validationStatus": "valid"}, headers=_limits(3, 3600))
        return lost(answer) if fault is not None else answer

    async def get_record(request: Request) -> Response:
        query = request.query_params
        uri = f"at://{query.get('repo')}/{query.get('collection')}/{query.get('rkey')}"
        found = next((post for post in store.posts if post.id == uri), None)
        if found is None:
            return _error(400, "RecordNotFound", f"Could not locate record: {uri}")
        return JSONResponse({"uri": uri, "cid": _cid(found.record), "value": found.record})

    return [
        Route("/xrpc/com.atproto.server.createSession", create_session, methods=["POST"]),
        Route("/xrpc/com.atproto.repo.createRecord", create_record, methods=["POST"]),
        Route("/xrpc/com.atproto.repo.getRecord", get_record),
    ]


def did_of(handle: str) -> str:
    """Give the identifier of an account, always the same one."""
    return f"did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}"


def _problem(account: str, body: dict[str, Any]) -> str | None:
    """Say what is wrong with a call of `createRecord`, or with its record."""
    record = body.get("record")
    if any(name not in body for name in _NEEDED) or not isinstance(record, dict):
        return "Input must have the properties repo, collection and record"
    if body["repo"] not in (account, did_of(account)):
        return f"Could not find repo: {body['repo']}"
    if body["collection"] != COLLECTION or record.get("$type") != COLLECTION:
        return f"Invalid $type: expected {COLLECTION}"
    if "rkey" in body and not _TID.fullmatch(str(body["rkey"])):
        return "Invalid record key: expected a TID"
    wrong = _problem_of_text(record)
    return f"Invalid {COLLECTION} record: {wrong}" if wrong else None


def _problem_of_text(record: dict[str, Any]) -> str | None:
    """Say what is wrong with a record's text, in the words of the lexicon."""
    text = record.get("text")
    if not isinstance(text, str) or "createdAt" not in record:
        return "Record must have the properties text and createdAt"
    if len(text.encode()) > 3000:
        return "Record/text must not be longer than 3000 characters"
    if len(regex.findall(r"\X", text)) > 300:
        return "Record/text must not be longer than 300 graphemes"
    return None


async def _body(request: Request) -> dict[str, Any]:
    try:
        value = await request.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _cid(record: dict[str, Any] | None) -> str:
    return f"bafyrei{hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:52]}"


def _faulty(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        headers = _limits(5000, fault.seconds)
        return _error(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
    if fault.kind == "refuse":
        return _error(400, "AccountTakedown", "Account has been taken down")
    return _error(500, "InternalServerError", "Internal Server Error")


def _limits(points: int, seconds: float) -> dict[str, str]:
    return {
        "RateLimit-Limit": "5000",
        "RateLimit-Remaining": str(5000 - points),
        "RateLimit-Reset": str(int(time.time() + seconds)),
        "RateLimit-Policy": "5000;w=3600",
    }


def _error(status: int, name: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": name, "message": message}, status, headers=headers)
