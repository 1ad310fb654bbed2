"""What is in an export: of which tables, which rows and which columns. Tables and rules as data.

A tenant's export holds every table of the metadata but those named here, so a new one is in it by itself. A person's
holds what is theirs: `MINE` names the column that says whose a row is; what refers to people otherwise is named in
`NOT_MINE` with the reason, and a test asks for one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import LargeBinary, Table

from models import metadata, rls

Scope = Literal["me", "tenant"]

SECRET: Final[dict[str, frozenset[str]]] = {
    "users": frozenset({"password_hash"}),
    "api_keys": frozenset({"secret_hash"}),
    "auth_sessions": frozenset({"device_hash", "refresh_counter"}),
    "import_batches": frozenset({"digest"}),
    "referral_codes": frozenset({"device_hash", "payment_hash"}),
    "referral_conversions": frozenset(
        {"device_hash", "payment_hash", "email_key", "email_stem", "network", "agent_key", "content", "fraud_inputs"}
    ),
    "referral_clicks": frozenset({"visitor"}),
    "referral_identities": frozenset({"value"}),
    "social_accounts": frozenset({"secret_name"}),
    "payment_accounts": frozenset({"credentials_id", "hints", "identity"}),
    "payment_events": frozenset({"digest"}),
}
"""Columns that no export holds: hashes, digests under our keys, names and parts of secrets. What the platform's console
hides is among them, and a test asks for it."""

INNER: Final = frozenset(
    {"outbox", "achievement_counters", "counter_members", "achievement_stamps", "data_exports", "export_parts"}
)
"""Tables of our own bookkeeping: derived anew from the others, or without a meaning outside."""

MINE: Final[dict[str, str]] = {
    "users": "id",
    "memberships": "user_id",
    "auth_sessions": "user_id",
    "gamification_events": "user_id",
    "tenant_achievements": "user_id",
    "leaderboard_entries": "user_id",
    "member_days": "user_id",
    "notifications": "user_id",
    "notification_preferences": "user_id",
    "referral_codes": "user_id",
    "referral_sign_ups": "user_id",
    "referral_conversions": "referrer_user_id",
    "referral_identities": "user_id",
    "reward_entries": "user_id",
    "tier_moves": "user_id",
    "agent_runs": "asked_by",
    "wizard_drafts": "user_id",
    "campaign_sends": "user_id",
    "showcase_portfolios": "owner_user_id",
    "job_runs": "asked_by",
    "audit_log": "actor_user_id",
}

OF_OTHERS: Final[dict[str, frozenset[str]]] = {
    "referral_conversions": frozenset({"referred_email", "ip_address", "user_agent", "fraud_reasons", "answer"}),
    "referral_sign_ups": frozenset({"referrer_user_id"}),
}
"""Columns that say something of somebody else, and are in no person's own export."""

NOT_MINE: Final[dict[str, str]] = {
    "account_tokens": "An open reset lives for hours and says nothing that the account does not.",
    "achievement_reviews": "A note of whoever looks for manipulation.",
    "achievements": "A definition of the tenant's.",
    "agent_budgets": "A setting of the tenant's.",
    "agent_proposals": "A change of the tenant's, decided on its behalf.",
    "api_keys": "A key of the tenant's.",
    "campaigns": "A campaign of the tenant's.",
    "fraud_settings": "A setting of the tenant's.",
    "import_batches": "An import of the tenant's.",
    "payment_accounts": "An account of the tenant's.",
    "rank_notices": "It lives for an hour.",
    "rank_snapshots": "Derived from the ledger, as the entries that are in it are.",
    "social_accounts": "An account of the tenant's.",
    "social_approvals": "A link of the tenant's.",
    "social_campaigns": "A campaign of the tenant's.",
    "sourcings": "An import of the tenant's.",
    "tenant_profiles": "A setting of the tenant's.",
}

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """One table of an export: whose rows (all if None), without which columns, and how many at once."""

    table: Table
    owner: str | None
    without: frozenset[str]

    @property
    def page(self) -> int:
        """How many rows are read at once; those with files in them one by one."""
        return 1 if any(isinstance(column.type, LargeBinary) for column in self.table.columns) else _PAGE


def sources(scope: Scope) -> list[Source]:
    """Give the tables of an export, by name."""
    tables = {table.name: table for table in rls.tenant_tables(metadata) if table.name not in INNER}
    if scope == "tenant":
        return [Source(table, None, SECRET.get(name, frozenset())) for name, table in sorted(tables.items())]
    return [
        Source(tables[name], owner, SECRET.get(name, frozenset()) | OF_OTHERS.get(name, frozenset()))
        for name, owner in sorted(MINE.items())
    ]
