"""Problem documents (RFC 9457): the one shape of every refusal over HTTP. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

CONTENT_TYPE: Final = "application/problem+json"

NEUTRAL_DETAIL: Final = "Something went wrong on our side. Quote the request id if you ask for help."


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is its dotted path in the request."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as data: `code` for programs; `title` (made of the code unless given), `detail` for people."""

    status: int
    code: str
    detail: str
    title: str = ""
    errors: tuple[FieldError, ...] = ()
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    def document(self, request_id: str) -> dict[str, Any]:
        """Give the members of the problem document; the standard ones win over `members`."""
        document: dict[str, Any] = {
            **self.members,
            "type": f"urn:bizosaas:problem:{self.code}",
            "title": self.title or self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors or self.status == 422:
            document["errors"] = [{"field": item.field, "message": item.message} for item in self.errors]
        return document

    def body(self, request_id: str) -> bytes:
        """Give the document in JSON; ASCII only, so that no input can make it unencodable."""
        return json.dumps(self.document(request_id), default=str, separators=(",", ":")).encode("ascii")

    def header_pairs(self) -> list[tuple[str, str]]:
        """Give the headers of the answer without its length; a 401 names the scheme (RFC 9110 11.6.1)."""
        pairs = [("content-type", CONTENT_TYPE), ("cache-control", "no-store"), *self.headers]
        if self.status == HTTPStatus.UNAUTHORIZED:
            pairs.append(("www-authenticate", "Bearer"))
        return pairs


def bug() -> Problem:
    """Give the neutral 500: what broke is in the log under the request id, never in the answer."""
    return Problem(500, "internal_error", NEUTRAL_DETAIL, title="Something went wrong")
