"""The table of pages: address, title, what draws it, and what runs when it opens.

Who may open a page is declared on the handlers in `on_load` (`state/policy.py`); the gate keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from pages.admin.agent import agent as admin_agent
from pages.admin.agents import agents as admin_agents
from pages.admin.home import home as admin_home
from pages.auth.forgot_password import forgot_password
from pages.auth.login import login
from pages.auth.register import register
from pages.auth.reset_password import reset_password
from pages.auth.unsubscribe import unsubscribe
from pages.not_found import not_found
from pages.opening import opening
from pages.platform.home import home as platform_home
from pages.portal.achievements import achievements
from pages.portal.agent import agent as portal_agent
from pages.portal.agents import agents as portal_agents
from pages.portal.home import home as portal_home
from pages.portal.leaderboard import leaderboard
from pages.portal.notifications import notifications
from pages.portal.settings import settings
from state.achievements import AchievementsState
from state.admin import AdminHomeState
from state.agent_budget import AgentBudgetState
from state.agent_desk import AgentDeskState
from state.agent_overview import AgentOverviewState
from state.agent_proposals import AgentProposalsState
from state.agent_runs import AgentRunsState
from state.agents import AgentsState
from state.bell import BellState
from state.home import PortalHomeState
from state.leaderboard import LeaderboardState
from state.notifications import NotificationsState
from state.platform import PlatformHomeState
from state.session import SessionState
from state.settings import SettingsState


@dataclass(frozen=True)
class PageSpec:
    """One page; `on_load` runs in order each time it opens."""

    route: str
    title: str
    page: Callable[[], rx.Component]
    on_load: tuple[Any, ...] = ()

    @property
    def opening(self) -> list[Any] | None:
        """What runs as the page opens: a page in the frame of signed-in pages also follows the bell."""
        if SessionState.enter not in self.on_load:
            return list(self.on_load) or None
        return [SessionState.enter, BellState.follow, *(item for item in self.on_load if item != SessionState.enter)]


PAGES: Final[tuple[PageSpec, ...]] = (
    PageSpec("/", "Opening", opening, (SessionState.go_home,)),
    PageSpec("/login", "Sign in", login),
    PageSpec("/forgot-password", "Reset your password", forgot_password),
    PageSpec("/reset-password", "Choose a new password", reset_password),
    PageSpec("/register", "Create your account", register),
    PageSpec("/unsubscribe", "Stop these mails", unsubscribe),
    PageSpec("/portal", "Home", portal_home, (SessionState.enter, PortalHomeState.load)),
    PageSpec("/portal/achievements", "Achievements", achievements, (SessionState.enter, AchievementsState.load)),
    PageSpec("/portal/leaderboard", "Leaderboard", leaderboard, (SessionState.enter, LeaderboardState.load)),
    PageSpec("/portal/agents", "Agents", portal_agents, (SessionState.enter, AgentsState.load, AgentRunsState.load)),
    PageSpec("/portal/agents/run", "Agent", portal_agent, (SessionState.enter, AgentDeskState.load)),
    PageSpec("/portal/notifications", "Notifications", notifications, (SessionState.enter, NotificationsState.load)),
    PageSpec("/portal/settings", "Settings", settings, (SessionState.enter, SettingsState.load)),
    PageSpec("/admin", "Overview", admin_home, (SessionState.enter, AdminHomeState.load)),
    PageSpec(
        "/admin/agents",
        "Agents",
        admin_agents,
        (
            SessionState.enter,
            AgentsState.load_for_admin,
            AgentRunsState.load,
            AgentProposalsState.load,
            AgentBudgetState.load,
        ),
    ),
    PageSpec("/admin/agents/run", "Agent", admin_agent, (SessionState.enter, AgentDeskState.load_for_admin)),
    PageSpec(
        "/platform", "Platform", platform_home, (SessionState.enter, PlatformHomeState.load, AgentOverviewState.load)
    ),
    PageSpec("404", "Page not found", not_found),
)


def add_pages(app: rx.App) -> None:
    """Put every page of the table into the application."""
    for spec in PAGES:
        app.add_page(spec.page, route=spec.route, title=f"{spec.title} · BizOSaaS", on_load=spec.opening)
