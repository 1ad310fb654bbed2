"""Every refusal of the guard, as data. Details say what to change and never repeat what was sent."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.http.problem import Problem


class Refused(Exception):
    """The guard does not let this request pass; `problem` is the answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class BodyRefused(Exception):
    """The body was too large or too slow. Raised into the application, which has nothing more to read."""


HOST_REQUIRED: Final = Problem(400, "host_invalid", "The request needs exactly one well-formed Host header.")
HOST_UNKNOWN: Final = Problem(400, "host_not_allowed", "This server does not answer for that host name.")
ORIGIN_UNKNOWN: Final = Problem(403, "origin_not_allowed", "A socket may only be opened from our own pages.")
SOCKETS_TOO_MANY: Final = Problem(
    429, "too_many_sockets", "Too many pages were opened from this address at once.", headers=(("retry-after", "10"),)
)
HEADER_NAME: Final = Problem(
    400, "header_invalid", "Header names may hold letters, digits and hyphens only; underscores are refused."
)
HEADER_VALUE: Final = Problem(400, "header_invalid", "A header value holds a control character.")
HEADERS_TOO_LARGE: Final = Problem(431, "headers_too_large", "The headers of the request are too large.")
FRAMING: Final = Problem(
    400,
    "framing_ambiguous",
    "The length of the body is ambiguous: send one Content-Length, or only 'Transfer-Encoding: chunked'.",
)
TARGET: Final = Problem(
    400,
    "target_invalid",
    "The address holds dot segments, encoded separators, control characters or a malformed escape.",
)
TARGET_TOO_LONG: Final = Problem(414, "target_too_long", "The address of the request is too long.")
BODY_TOO_SLOW: Final = Problem(408, "body_timeout", "The body did not arrive within the time allowed.")


def body_too_large(limit_bytes: int) -> Problem:
    """Give the 413 with the limit that was passed."""
    detail = f"The body is larger than {limit_bytes} bytes."
    return Problem(413, "body_too_large", detail, members={"limit_bytes": limit_bytes})


def method_refused(allowed: str) -> Problem:
    """Give the 405 with the methods that the server knows (RFC 9110 15.5.6 asks for `Allow`)."""
    return Problem(405, "method_not_allowed", f"Use one of: {allowed}.", headers=(("allow", allowed),))
