"""Permissions, the roles that hold them, and the platforms: the catalogue as data.

Permissions, not roles, guard operations. The catalogue is written to the database after each migration
(`kernel/migrations.py`), which is where the running application reads a member's rights from.
"""

from __future__ import annotations

from typing import Final, Literal

Role = Literal["super_admin", "tenant_admin", "user"]

PERMISSIONS: Final[dict[str, str]] = {
    "access_portal": "Open the client portal",
    "access_admin": "Open the admin dashboard",
    "access_platform": "Open the platform console with every tenant's health",
    "access_database": "Open the database console, which shows the rows of every tenant",
    "erase_tenants": "Off-board a tenant: everything of it is deleted after a time of grace",
    "view_analytics": "See the organisation's figures",
    "view_members": "See the members of the organisation",
    "manage_users": "Invite members and change their role or status",
    "manage_settings": "Change the organisation's settings",
    "export_tenant": "Take everything of the organisation along",
    "manage_api_keys": "Create and revoke the organisation's API keys",
    "view_audit": "Read the organisation's audit log",
    "manage_campaigns": "Create and launch campaigns",
    "manage_payments": "Set up accounts at payment providers",
    "manage_products": "Import, price and publish products",
    "view_systems": "Read what the connected CRM, CMS and shop hold",
    "manage_systems": "Change what the connected CRM, CMS and shop hold",
    "manage_social": "Connect social accounts, launch social campaigns and publish their posts",
    "access_gamification": "Take part in referrals, achievements and leaderboards",
    "view_leaderboards": "Read leaderboards",
    "manage_leaderboards": "Define and change leaderboards",
    "view_referrals": "See one's own referrals",
    "manage_referrals": "Run referral programmes and review conversions",
    "manage_achievements": "Define achievements",
    "record_events": "Record events in the ledger on behalf of the organisation",
    "use_agents": "Run agents",
    "manage_agents": "Approve what agents propose and set their budgets",
    "metrics": "Read the Prometheus metrics",
}
"""Each permission with one sentence that says what it allows."""

_MEMBER: Final[tuple[str, ...]] = (
    "access_portal",
    "access_gamification",
    "view_leaderboards",
    "view_referrals",
    "use_agents",
)

_ADMIN: Final[tuple[str, ...]] = (
    *_MEMBER,
    "access_admin",
    "view_analytics",
    "view_members",
    "manage_users",
    "manage_settings",
    "export_tenant",
    "manage_api_keys",
    "view_audit",
    "manage_campaigns",
    "manage_payments",
    "manage_products",
    "manage_social",
    "view_systems",
    "manage_systems",
    "manage_leaderboards",
    "manage_referrals",
    "manage_achievements",
    "record_events",
    "manage_agents",
)

ROLE_PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    "super_admin": ("access_platform", "access_database", "erase_tenants", "metrics", "view_audit"),
    "tenant_admin": _ADMIN,
    "user": _MEMBER,
}
"""What each role holds. A super admin runs the platform and does not act inside a tenant; the database console is the
one way to its rows, and both audit logs tell of it."""

ROLE_NAMES: Final[dict[str, str]] = {
    "super_admin": "Platform administrator",
    "tenant_admin": "Administrator",
    "user": "Member",
}

ROLE_HOME: Final[dict[str, str]] = {"super_admin": "/platform", "tenant_admin": "/admin", "user": "/portal"}
"""Where each role lands after signing in."""

PLATFORMS: Final[dict[str, str]] = {
    "bizosaas": "BizOSaaS",
    "bizoholic": "Bizoholic (marketing)",
    "coreldove": "CorelDove (commerce)",
    "bizosaas-admin": "BizOSaaS admin",
}
"""The platforms a session can be in; a member's `allowed_platforms` is a part of these."""

ROLE_PLATFORMS: Final[dict[str, tuple[str, ...]]] = {
    "super_admin": ("bizosaas", "bizosaas-admin"),
    "tenant_admin": ("bizosaas", "bizoholic", "coreldove", "bizosaas-admin"),
    "user": ("bizosaas", "bizoholic", "coreldove"),
}
"""The platforms that a new member of each role is given."""
