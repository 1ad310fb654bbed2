"""The HTTP edge of our errors: every exception that leaves a route becomes a problem document."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import singledispatch
from http.client import responses
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import Scope

from bizosaas_app.gateway.http.field_errors import field_errors, malformed_json
from bizosaas_app.gateway.http.problem import NEUTRAL_DETAIL, FieldError, Problem, bug
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.errors import AppError, InputInvalid, LimitReached, NotFound, Unavailable

API_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_CODES: Final = {
    401: "not_signed_in",
    403: "not_permitted",
    413: "body_too_large",
    422: "input_invalid",
    429: "rate_limited",
    503: "unavailable",
}
"""Where a status that the framework raises has a code of ours; otherwise its phrase is the code."""


def install_error_handlers(api: FastAPI) -> None:
    """Answer every error of the application with `application/problem+json`.

    A bug is answered here with the neutral 500 and then raised on by the framework; the guard logs it once.
    """
    for kind in (AppError, CacheError, RequestValidationError, HTTPException, Exception):
        api.add_exception_handler(kind, _answer)


def problem_response(problem: Problem, request_id: str) -> Response:
    """Give the problem as an answer."""
    return Response(problem.body(request_id), status_code=problem.status, headers=dict(problem.header_pairs()))


def refuse_unknown_paths(api: FastAPI, *, below: str = "/api") -> None:
    """Answer what no route below this path serves: 405 with `Allow` when another method would do, else 404.

    A route elsewhere, such as `/health`, answers its wrong methods alike. To be called after the last router was
    included: otherwise such a request falls through to the pages.
    """
    served = {
        route.path
        for route in iter_route_contexts(api.routes)
        if route.path and isinstance(route.original_route, APIRoute)
    }
    elsewhere = sorted(path for path in served if not path.startswith(f"{below}/"))
    for path in (below, f"{below}/{{path:path}}", *elsewhere):
        api.add_api_route(path, _refuse_unknown, methods=list(API_METHODS), include_in_schema=False)


async def _refuse_unknown(request: Request) -> None:
    allowed = _methods_served(request)
    if allowed:
        names = ", ".join(allowed)
        raise HTTPException(405, f"Use one of: {names}", headers={"Allow": names})
    raise NotFound("There is nothing at this address")


async def _answer(request: Request, error: Exception) -> Response:
    return problem_response(problem_of(error), _request_id(request.scope))


@singledispatch
def problem_of(_error: Exception) -> Problem:
    """Give the problem that tells of this error; anything that is none of ours is a bug and says nothing."""
    return bug()


@problem_of.register
def _(error: AppError) -> Problem:
    return _told(error)


@problem_of.register
def _(error: InputInvalid) -> Problem:
    errors = tuple(FieldError(name, message) for name, message in error.fields.items())
    return replace(_told(error), errors=errors)


@problem_of.register
def _(error: LimitReached) -> Problem:
    return replace(_told(error), code=error.problem_code, headers=_retry_after(error.resets_in_seconds))


@problem_of.register
def _(error: Unavailable) -> Problem:
    return replace(_told(error), headers=_retry_after(error.retry_after_seconds))


@problem_of.register
def _(_error: CacheError) -> Problem:
    return problem_of(Unavailable())


@problem_of.register
def _(error: RequestValidationError) -> Problem:
    faults = error.errors()
    malformed = malformed_json(faults)
    if malformed is not None:
        return Problem(400, "malformed_json", malformed)
    return Problem(
        422,
        InputInvalid.code,
        "Some fields of the request cannot be accepted.",
        title=InputInvalid.title,
        errors=field_errors(faults),
    )


@problem_of.register
def _(error: HTTPException) -> Problem:
    phrase = responses.get(error.status_code, "Error")
    detail = str(error.detail or phrase) if error.status_code < 500 else NEUTRAL_DETAIL
    code = _CODES.get(error.status_code, re.sub("[^a-z]+", "_", phrase.lower()))
    return Problem(error.status_code, code, detail, headers=tuple((error.headers or {}).items()))


def _told(error: AppError) -> Problem:
    return Problem(error.status, error.code, error.message, title=error.title, members=error.data)


def _retry_after(seconds: float) -> tuple[tuple[str, str], ...]:
    """Round up, and to 1 at least: a client that is told 0 comes back at once."""
    return (("retry-after", str(max(1, math.ceil(seconds)))),)


def _request_id(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def _methods_served(request: Request) -> list[str]:
    """Give the methods that some route serves at this path; the mounted pages take any and do not count."""
    routes = [
        route
        for route in request.app.router.routes
        if not isinstance(route, Mount) and getattr(route, "endpoint", None) is not _refuse_unknown
    ]
    scope = dict(request.scope)
    if not any(route.matches(scope)[0] is Match.PARTIAL for route in routes):
        return []
    return [
        method
        for method in API_METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
