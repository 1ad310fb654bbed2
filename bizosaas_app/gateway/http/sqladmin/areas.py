"""The parts that the console's menu is divided into, by the module in which a table stands."""

from __future__ import annotations

from typing import Final

from models import Base

AREAS: Final[dict[str, tuple[str, ...]]] = {
    "Accounts": (
        "account_tokens", "api_keys", "auth_sessions", "members", "memberships", "roles", "tenant_profiles", "tenants",
        "users",
    ),
    "Agents": ("agent_budgets", "agent_runs"),
    "Campaigns": ("campaigns", "social_accounts", "social_campaigns"),
    "Commerce": ("payments", "products", "publications"),
    "Gamification": ("achievements", "board_records", "counters", "events", "leaderboards", "rollups"),
    "Operations": ("audit_log", "directories", "job_runs", "notifications", "outbox", "wizards"),
    "Portfolio": ("portfolios",),
    "Referrals": ("fraud", "referral_clicks", "referral_programs", "referrals", "rewards"),
}  # fmt: skip
OTHER: Final = "Other tables"
"""Where a table stands until somebody gives it a place."""

_AREA_OF: Final = {module: area for area, modules in AREAS.items() for module in modules}


def area_of(model: type[Base]) -> str:
    """Give the part of the menu that the model's table stands in."""
    return _AREA_OF.get(model.__module__.rpartition(".")[2], OTHER)
