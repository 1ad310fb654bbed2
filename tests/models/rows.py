"""One valid row for each tenant table, made from the metadata: foreign keys and CHECKs honoured."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Table

from bizosaas_app.kernel.ids import new_id
from models import metadata, rls

Row = dict[str, Any]

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_ENUMERATION = re.compile(r"^(\w+) IN \('([^']*)'")
_JSON_KIND = re.compile(r"^jsonb_typeof\((\w+)\) = '(\w+)'")

_BY_TYPE: dict[type, Any] = {
    bytes: b"content",
    datetime: _NOW,
    date: _NOW.date(),
    int: 1,
    bool: False,
    Decimal: Decimal(1),
    dict: {},
    list: [],
}

# What a CHECK asks for beyond enumerations and JSON kinds. `{n}` becomes a text of this tenant's own.
_SPECIAL: dict[str, Any] = {
    "currency": "EUR",
    "timezone": "UTC",
    "expires_at": _NOW + timedelta(days=1),
    "platforms": ["bizosaas"],
    "scopes": ["record_events"],
    "role_key": "user",
    "tenants.slug": "t-{n}",
    "users.email": "u-{n}@example.test",
    "users.password_hash": "hash",
    "account_tokens.role_key": "user",
    "referral_codes.code": "CODE-{N}",
    "referral_programs.review_threshold": 40,
    "referral_programs.block_threshold": 80,
    "referral_clicks.is_counted": False,
    "reward_entries.kind": "payout",
    "reward_entries.amount": Decimal(-1),
    "tier_moves.to_tier": "silver",
    "referral_conversions.fraud_score": Decimal(10),
    "leaderboards.key": "k-{n}",
    "leaderboard_entries.period": "all",
    "leaderboard_seasons.period": "2026-11",
    "rank_snapshots.period": "2026-11",
    "daily_counts.slot": 0,
    "agent_runs.platform": "bizosaas",
    "agent_runs.reserved_on": _NOW.date(),
    "achievement_counters.period": "all",
    "showcase_portfolios.slug": "s-{n}",
    "payment_accounts.country": "DE",
    "payment_accounts.public_id": "public-id-of-{n}-000000",
    "product_publications.next_at": _NOW,
    "social_accounts.secret_name": "social/{n}",
    "campaigns.ends_at": _NOW + timedelta(days=1),
}


def make_rows(tenant_id: UUID, number: int) -> dict[str, Row]:
    """Give one row for each tenant table, parents first; `number` keeps names of two tenants apart."""
    tables = {table.name for table in rls.tenant_tables(metadata)}
    rows: dict[str, Row] = {}
    for table in metadata.sorted_tables:
        if table.schema is None and table.name in tables:
            rows[table.name] = _row(table, tenant_id, number, rows)
    return rows


def _row(table: Table, tenant_id: UUID, number: int, rows: dict[str, Row]) -> Row:
    row: Row = {}
    checks = _from_checks(table)
    for column in table.columns:
        if column.identity is None:
            row[column.name] = _value(table, column, number, checks)
    row[rls.tenant_column_of(table.name)] = tenant_id
    for constraint in table.foreign_key_constraints:
        target = constraint.referred_table.name
        for element in constraint.elements:
            required = not element.parent.nullable
            if target in rows and required:
                row[element.parent.name] = rows[target][element.column.name]
    return row


def _value(table: Table, column: Column[Any], number: int, checks: Row) -> Any:
    for name in (f"{table.name}.{column.name}", column.name):
        if name in _SPECIAL and (not column.nullable or "." in name):
            value = _SPECIAL[name]
            return value.format(n=number, N=number) if isinstance(value, str) else value
    if column.nullable:
        return None
    if column.name in checks:
        return checks[column.name]
    kind = getattr(column.type, "impl", column.type).python_type
    if kind is UUID:
        return new_id()
    if kind is str:
        return f"{column.name}-{number}"
    return _BY_TYPE[kind]


def _from_checks(table: Table) -> Row:
    """Read the first allowed word of each enumeration and the empty value of each JSON kind."""
    found: Row = {}
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            words = str(constraint.sqltext)
            if match := _ENUMERATION.match(words):
                found[match[1]] = match[2]
            elif match := _JSON_KIND.match(words):
                found[match[1]] = {"object": {}, "array": []}[match[2]]
    return found
