"""Navigation as data: what the rail and the bottom bar offer, and which permission shows each entry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final


@dataclass(frozen=True)
class NavEntry:
    """One entry; it is shown to whoever holds `permission`, and to everyone signed in when that is empty.

    Who also holds `unless` has an entry of their own for the same thing, and is shown only that.
    The bottom bar of phones leaves out what stands in the top bar already.
    """

    path: str
    label: str
    icon: str
    permission: str
    group: str
    is_in_bar: bool = True
    unless: str = ""


NAVIGATION: Final[tuple[NavEntry, ...]] = (
    NavEntry("/platform", "Overview", "gauge", "access_platform", "Platform"),
    NavEntry("/admin", "Overview", "layout_dashboard", "access_admin", "Admin"),
    NavEntry("/admin/fraud", "Fraud", "shield_alert", "manage_referrals", "Admin"),
    NavEntry("/admin/referrals", "Referrals", "share_2", "manage_referrals", "Admin"),
    NavEntry("/admin/users", "Users", "users", "manage_users", "Admin"),
    NavEntry("/admin/achievements", "Achievements", "award", "manage_achievements", "Admin"),
    NavEntry("/admin/leaderboards", "Leaderboards", "medal", "manage_leaderboards", "Admin"),
    NavEntry("/admin/agents", "Agents", "bot", "manage_agents", "Admin"),
    NavEntry(
        "/admin/audit", "Audit log", "scroll_text", "view_audit", "Admin", is_in_bar=False, unless="access_platform"
    ),
    NavEntry("/admin/settings", "Settings", "sliders_horizontal", "manage_settings", "Admin", is_in_bar=False),
    NavEntry("/admin/campaigns", "Campaigns", "send", "manage_campaigns", "Work", is_in_bar=False),
    NavEntry("/admin/social", "Social campaigns", "calendar_check", "manage_social", "Work", is_in_bar=False),
    NavEntry("/admin/products", "Products", "package", "manage_products", "Work", is_in_bar=False),
    NavEntry("/wizards/campaign", "Campaign", "megaphone", "manage_campaigns", "Wizards", is_in_bar=False),
    NavEntry("/wizards/social", "Social media", "calendar_days", "manage_social", "Wizards", is_in_bar=False),
    NavEntry("/wizards/sourcing", "Sourcing", "package_search", "manage_products", "Wizards", is_in_bar=False),
    NavEntry("/wizards/payments", "Payments", "credit_card", "manage_payments", "Wizards", is_in_bar=False),
    NavEntry("/wizards/onboarding", "Set-up", "rocket", "manage_settings", "Wizards", is_in_bar=False),
    NavEntry("/portal", "Home", "house", "access_portal", "Portal"),
    NavEntry("/portal/leaderboard", "Leaderboard", "trophy", "view_leaderboards", "Portal"),
    NavEntry("/portal/referrals", "Referrals", "share_2", "view_referrals", "Portal"),
    NavEntry("/portal/achievements", "Achievements", "award", "access_gamification", "Portal"),
    NavEntry("/portal/portfolio", "Portfolio", "book_open_text", "access_gamification", "Portal"),
    NavEntry("/portal/agents", "Agents", "bot", "use_agents", "Portal", is_in_bar=False, unless="manage_agents"),
    NavEntry("/portal/notifications", "Notifications", "bell", "", "Account", is_in_bar=False),
    NavEntry("/portal/settings", "Settings", "settings", "", "Account"),
)
"""In the order in which they are shown; entries of one group stand together."""


def groups() -> list[tuple[str, list[NavEntry]]]:
    """Give the entries by group, in order."""
    return [(name, list(entries)) for name, entries in groupby(NAVIGATION, key=lambda entry: entry.group)]


def entry_at(path: str) -> NavEntry | None:
    """Find the entry of a page, or None for a page outside the navigation."""
    return next((entry for entry in NAVIGATION if entry.path == path), None)


def trail(path: str, title: str) -> list[tuple[str, str]]:
    """Give the breadcrumb of a page as (label, path), from its group to itself; the last one has no path.

    The group links to its first page, unless that is the page itself.
    """
    entry = entry_at(path)
    if entry is None:
        return [(title, "")]
    home = next(other for other in NAVIGATION if other.group == entry.group)
    crumbs = [(entry.group, "" if home.path == path else home.path)]
    return [*crumbs, (entry.label, "")]
