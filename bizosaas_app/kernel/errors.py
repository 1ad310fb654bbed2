"""The errors of the business, with their HTTP status and whether a retry may help.

::

    AppError
    |- InputInvalid     422  field -> message; forms show it beside the field
    |- NotSignedIn      401
    |- NotPermitted     403
    |- NotFound         404  also for a row of another tenant
    |- Conflict         409  the business says no; leaves live beside their service
    |- LimitReached     429  quota, rate or budget; carries resets_in_seconds
    |- Unavailable      503  we cannot serve this now; carries retry_after_seconds
    `- UpstreamFailed   502  a service outside ours failed; retryable

Anything else that is raised is a bug: 500, a correlation id, a neutral text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """An error whose message is safe to show to the person who caused it.

    `data` holds extra members of the problem document (never secrets).
    """

    code: ClassVar[str] = "app_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str | None = None, *, data: Mapping[str, Any] | None = None) -> None:
        self.message = message or self.title
        self.data: dict[str, Any] = dict(data or {})
        super().__init__(self.message)


class InputInvalid(AppError):
    """The request names fields that cannot be accepted; `fields` maps each to its message."""

    code = "input_invalid"
    status = 422
    title = "Some fields need a correction"

    def __init__(self, fields: Mapping[str, str], message: str | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields)


class NotSignedIn(AppError):
    """No valid session stands behind the request."""

    code = "not_signed_in"
    status = 401
    title = "Sign in to continue"


class NotPermitted(AppError):
    """The session is valid but may not do this."""

    code = "not_permitted"
    status = 403
    title = "Your role does not allow this"


class NotFound(AppError):
    """No such row for this tenant."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(AppError):
    """The business says no: the state of the thing does not allow the operation."""

    code = "conflict"
    status = 409
    title = "This cannot be done in the present state"


class LimitReached(AppError):
    """A quota, rate or budget is used up; `resets_in_seconds` says when to try again."""

    code = "rate_limited"
    status = 429
    retryable = True
    title = "Too many requests"

    def __init__(
        self,
        message: str | None = None,
        *,
        resets_in_seconds: float,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, data=data)
        self.resets_in_seconds = resets_in_seconds
        self.problem_code = code or self.code


class Unavailable(AppError):
    """We shed load or a needed engine is down; try again after `retry_after_seconds`."""

    code = "unavailable"
    status = 503
    retryable = True
    title = "Busy right now"

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after_seconds: float = 2,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, data=data)
        self.retry_after_seconds = retry_after_seconds


class UpstreamFailed(AppError):
    """A service outside ours failed: model provider, Vault, payment provider, mail, CRM, CMS or shop."""

    code = "upstream_failed"
    status = 502
    retryable = True
    title = "A connected service did not answer"
