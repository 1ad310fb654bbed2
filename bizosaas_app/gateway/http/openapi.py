"""The OpenAPI document: FastAPI's own, told truly about errors and about who may call."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bizosaas_app.gateway.http.problem import CONTENT_TYPE

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "An error as RFC 9457 describes it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "What a program may rely on."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With status 422: each field and what is wrong with it.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

SECURITY: Final[dict[str, Any]] = {
    "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "bz_access"},
}

ANY_ERRORS: Final[dict[str, str]] = {
    "400": "The request cannot be understood",
    "414": "The address is too long",
    "429": "A quota or a limit is used up; see Retry-After",
    "503": "An engine is away or busy; see Retry-After",
}
GUARDED_ERRORS: Final[dict[str, str]] = {
    "401": "Nobody is signed in",
    "403": "The permission is missing, or the proof against forged requests",
    "404": "No such thing in this organisation",
}
PUBLIC_ERRORS: Final[dict[str, str]] = {
    "401": "What was sent proves nobody's identity",
    "403": "A foreign page sent the request",
    "404": "There is no such thing",
}
BODY_ERRORS: Final[dict[str, str]] = {
    "408": "The body took too long to arrive",
    "413": "The body is too large",
}
CHANGE_ERRORS: Final[dict[str, str]] = {
    "409": "The present state does not allow it",
}

_METHODS: Final = ("get", "post", "put", "patch", "delete")


def describe(api: FastAPI, public: frozenset[str]) -> None:
    """Have the application serve our document; the paths in `public` need no credentials."""

    def document() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _complete(
                get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes),
                public,
            )
        return api.openapi_schema

    api.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


def _complete(schema: dict[str, Any], public: frozenset[str]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for gone in ("HTTPValidationError", "ValidationError"):
        schemas.pop(gone, None)
    components["securitySchemes"] = SECURITY
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                _tell_errors(item[method], is_public=path in public, changes=method != "get")
    return schema


def _tell_errors(operation: dict[str, Any], *, is_public: bool, changes: bool) -> None:
    """Add the errors that any such operation may answer; those that it tells of itself stay."""
    responses = operation["responses"]
    if "422" in responses:
        responses["422"] = _problem("Some fields cannot be accepted")
    if not is_public:
        operation["security"] = [{name: []} for name in SECURITY]
    told = ANY_ERRORS | (PUBLIC_ERRORS if is_public else GUARDED_ERRORS)
    told |= BODY_ERRORS if "requestBody" in operation else {}
    told |= CHANGE_ERRORS if changes else {}
    for status, meaning in sorted(told.items()):
        responses.setdefault(status, _problem(meaning))


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
