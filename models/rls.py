"""Row-level security as data, and the SQL that puts it in force.

Every tenant table is guarded by one policy that compares its tenant column with `app.tenant_id()`, which
verifies the signed context of the transaction. The call is wrapped in a sub-select so that it runs once for a
statement, not once for a row. FORCE makes the policy hold for the owner of the table too: a migration that changes
rows, or adds a constraint that must check them, sees none of them until it takes FORCE away for its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import MetaData, Table

from models.base import PRIVATE_SCHEMA, is_view

APP_ROLE: Final = "bizosaas_app"
"""The running application; owns nothing."""
DOORS_ROLE: Final = "bizosaas_doors"
"""Owns the SECURITY DEFINER functions; nobody signs in as it."""
POLICY: Final = "tenant_isolation"
DOOR_POLICY: Final = "door_reads"

GLOBAL_TABLES: Final = frozenset({"roles", "permissions", "role_permissions"})
"""Reference data without tenant rows: the application reads them."""
DIRECTORIES: Final = frozenset(
    {"login_names", "referral_code_names", "showcase_slugs", "context_keys", "network_signals", "departures"}
)
"""Private tables over all tenants (schema `app`): the application has no right on them."""

ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
APPEND: Final = ("SELECT", "INSERT")
KEEP: Final = ("SELECT", "INSERT", "UPDATE")

_SPECIAL: Final[dict[str, tuple[str, ...]]] = {
    "gamification_events": APPEND,
    "audit_log": APPEND,
    "reward_entries": APPEND,
    "tier_moves": APPEND,
    "tenants": KEEP,
    "users": KEEP,
}

ERASED_BY_DOOR: Final = (
    "gamification_events",
    "reward_entries",
    "tier_moves",
    "audit_log",
    "users",
    "tenants",
)
"""Where the application may not delete: `app.erase_rows` does, for a tenant whose time of grace is over."""


def privileges_of(table: str) -> tuple[str, ...]:
    """Give the rights of the application role on a tenant table."""
    return _SPECIAL.get(table, ALL)


def tenant_column_of(table: str) -> str:
    """Give the column that names the tenant: `tenants` is its own."""
    return "id" if table == "tenants" else "tenant_id"


def tenant_tables(metadata: MetaData) -> list[Table]:
    """Give every table that holds rows of tenants and that the application reaches, by name."""
    return sorted(
        (
            table
            for table in metadata.tables.values()
            if table.schema is None and not is_view(table) and table.name not in GLOBAL_TABLES
        ),
        key=lambda table: table.name,
    )


def protect(table: str, privileges: Sequence[str] = ALL) -> list[str]:
    """Write the SQL that isolates a tenant table and lets the application use it."""
    mine = f"{tenant_column_of(table)} = (SELECT {PRIVATE_SCHEMA}.tenant_id())"
    return [
        *_force(table),
        f"CREATE POLICY {POLICY} ON {table} USING ({mine}) WITH CHECK ({mine})",
        f"GRANT {', '.join(privileges)} ON {table} TO {APP_ROLE}",
    ]


def seal(table: str) -> list[str]:
    """Write the SQL that shuts a table to everyone: no right and no policy. For partitions."""
    return [*_force(table), f"REVOKE ALL ON {table} FROM PUBLIC"]


def open_door(table: str, columns: Sequence[str], *, may_insert: bool = False) -> list[str]:
    """Write the SQL that lets the door functions read these columns of every tenant (and add rows)."""
    names = ", ".join(columns)
    policy = f"CREATE POLICY {DOOR_POLICY} ON {table} FOR SELECT TO {DOORS_ROLE} USING (true)"
    statements = [policy, f"GRANT SELECT ({names}) ON {table} TO {DOORS_ROLE}"]
    if may_insert:
        statements += [
            f"CREATE POLICY door_adds ON {table} FOR INSERT TO {DOORS_ROLE} WITH CHECK (true)",
            f"GRANT INSERT ({names}) ON {table} TO {DOORS_ROLE}",
        ]
    return statements


def _force(table: str) -> list[str]:
    return [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
