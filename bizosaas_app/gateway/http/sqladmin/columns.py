"""What the console may show and change, decided column by column from the tables themselves. Pure.

A column is hidden by the look of its name or by what it holds, so that a new secret is hidden before anybody thinks of
it. Nothing can be changed unless it is listed here: all the rest is kept by the services, which check it, count with
it and tell others of it, and a hand in such a row would leave the tables at odds with one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from models import rls
from models.base import is_view

_SECRET: Final = re.compile(
    r"(^|_)(hash|digest|secret|password|passphrase|token|credential|credentials|pad|salt|pepper|pin|otp|signature"
    r"|cookie|private|cipher|nonce|fingerprint)s?(_|$)"
)
_SECRET_KEY: Final = re.compile(
    rf"{_SECRET.pattern}|(api|access|secret|private)_?key|authorization|bearer", re.IGNORECASE
)
_HARMLESS: Final = frozenset(
    {
        ("users", "password_changed_at"),
        ("agent_budgets", "tokens_per_day"),
        ("agent_runs", "reserved_tokens"),
        ("agent_spending", "tokens"),
    }
)
"""Names that only look like secrets: a time, and what language models are paid by."""

HIDDEN: Final = frozenset(
    {
        ("payment_accounts", "hints"),
        ("payment_accounts", "identity"),
        ("referral_clicks", "visitor"),
        ("referral_identities", "value"),
        ("referral_conversions", "content"),
        ("referral_conversions", "fraud_inputs"),
        ("auth_sessions", "refresh_counter"),
    }
)
"""Keyed digests, parts of credentials and what tokens are checked by, under names that do not say so."""

EDITABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "achievement_categories": ("name", "description", "position"),
    "achievements": ("name", "description"),
    "api_keys": ("name",),
    "campaigns": ("name",),
    "leaderboards": ("title",),
    "notifications": ("title", "body"),
    "payment_accounts": ("name",),
    "price_rules": ("name",),
    "products": ("name", "description", "category"),
    "referral_programs": ("name",),
    "social_approvals": ("client_name",),
    "social_campaigns": ("name",),
    "sourcings": ("title",),
    "tenants": ("name",),
    "users": ("name",),
}
"""Words that people read and nothing is computed from."""

DELETABLE: Final = frozenset({"notifications", "notification_preferences", "price_rules"})
"""Rows that nothing is derived from and that name no secret; the database refuses one that another row needs."""

REDACTED: Final = "(hidden)"


def kind_of(column: Column[Any]) -> TypeEngine[Any]:
    """Give the column's type as the database knows it, without what our program wraps it in."""
    kind: TypeEngine[Any] = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    return kind


def is_hidden(column: Column[Any]) -> bool:
    """Say whether the column may be shown, searched, sorted by, exported or changed by nobody."""
    name = (column.table.name, column.name)
    if isinstance(kind_of(column), LargeBinary) or name in HIDDEN:
        return True
    return name not in _HARMLESS and _SECRET.search(column.name) is not None


def is_sealed(table: Table) -> bool:
    """Say whether the application has no right on the table at all."""
    return table.schema is not None


def is_shared(table: Table) -> bool:
    """Say whether the table belongs to no tenant."""
    return is_sealed(table) or table.name in rls.GLOBAL_TABLES


def is_changeable(table: Table, right: str) -> bool:
    """Say whether the application's role may do this (UPDATE, DELETE) to a tenant's rows in the table."""
    return not is_shared(table) and not is_view(table) and right in rls.privileges_of(table.name)


def editable_of(table: Table) -> tuple[str, ...]:
    """Give the columns of the table that a hand may change."""
    return EDITABLE.get(table.name, ()) if is_changeable(table, "UPDATE") else ()


def can_delete(table: Table) -> bool:
    """Say whether rows of the table may be deleted by hand."""
    return table.name in DELETABLE and is_changeable(table, "DELETE")


def redacted(value: Any) -> Any:
    """Give a JSON value without what stands under a name that looks like a secret."""
    if isinstance(value, Mapping):
        return {
            key: REDACTED if _SECRET_KEY.search(str(key)) and not isinstance(item, (int, float)) else redacted(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redacted(item) for item in value]
    return value
