"""The table of pages: address, title, what draws it, and what runs when it opens.

Who may open a page is declared on the handlers in `on_load` (`state/policy.py`); the gate keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from pages.admin.achievements import achievements as admin_achievements
from pages.admin.agent import agent as admin_agent
from pages.admin.agents import agents as admin_agents
from pages.admin.audit import audit as admin_audit
from pages.admin.board import board as admin_board
from pages.admin.campaign import campaign as admin_campaign
from pages.admin.campaigns import campaigns as admin_campaigns
from pages.admin.designer import designer
from pages.admin.fraud import fraud as admin_fraud
from pages.admin.home import home as admin_home
from pages.admin.leaderboards import leaderboards as admin_leaderboards
from pages.admin.products import products as admin_products
from pages.admin.referrals import referrals as admin_referrals
from pages.admin.settings import settings as admin_settings
from pages.admin.social import social as admin_social
from pages.admin.social_campaign import social_campaign as admin_social_campaign
from pages.admin.users import users as admin_users
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
from pages.portal.portfolio import portfolio
from pages.portal.referrals import referrals
from pages.portal.settings import settings
from pages.portal.showcase import showcase
from pages.wizards.campaign import campaign as campaign_wizard
from pages.wizards.onboarding import onboarding as onboarding_wizard
from pages.wizards.payments import payments as payments_wizard
from pages.wizards.social import social as social_wizard
from pages.wizards.sourcing import sourcing as sourcing_wizard
from state.achievement_reviews import AchievementReviewsState
from state.achievements import AchievementsState
from state.admin import AdminFiguresState
from state.admin_today import AdminTodayState
from state.agent_budget import AgentBudgetState
from state.agent_desk import AgentDeskState
from state.agent_overview import AgentOverviewState
from state.agent_proposals import AgentProposalsState
from state.agent_runs import AgentRunsState
from state.agents import AgentsState
from state.api_keys import ApiKeysState
from state.audit import AuditState
from state.bell import BellState
from state.board_editor import BoardEditorState
from state.board_history import BoardHistoryState
from state.boards import BoardsState
from state.campaign import CampaignSendsState, CampaignState
from state.campaigns import CampaignsState
from state.definitions import DefinitionsState
from state.designer import DesignerState
from state.exports import OwnExportState, TenantExportState
from state.fraud_desk import FraudDeskState
from state.fraud_thresholds import FraudThresholdsState
from state.home import PortalHomeState
from state.leaderboard import LeaderboardState
from state.members import MembersState
from state.notifications import NotificationsState
from state.organisation import OrganisationState
from state.platform import PlatformTenantsState
from state.platform_services import PlatformServicesState
from state.portfolio import PortfolioState
from state.products import AssortmentState, ImportsState, OffersState, ProductDeskState
from state.profile import ProfileState
from state.referral_admin import ReferralAdminState
from state.referral_conversions import AllConversionsState
from state.referral_dues import DuesState
from state.referral_editor import ProgramEditorState
from state.referral_own import OwnConversionsState, OwnRewardsState
from state.referral_programs import ProgramsState
from state.referrals import ReferralsState
from state.session import SessionState
from state.settings import SettingsState
from state.sharing import SharingState
from state.showcase import ShowcaseState
from state.social_campaign import SocialCampaignState
from state.social_campaigns import SocialCampaignsState
from state.usage import UsageState
from state.wizard import WizardState


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
    PageSpec("/portal/portfolio", "Portfolio", portfolio, (SessionState.enter, PortfolioState.load)),
    PageSpec("/portal/portfolio/showcase", "Showcase", showcase, (SessionState.enter, ShowcaseState.load)),
    PageSpec("/portal/agents", "Agents", portal_agents, (SessionState.enter, AgentsState.load, AgentRunsState.load)),
    PageSpec("/portal/agents/run", "Agent", portal_agent, (SessionState.enter, AgentDeskState.load)),
    PageSpec("/portal/notifications", "Notifications", notifications, (SessionState.enter, NotificationsState.load)),
    PageSpec(
        "/portal/referrals",
        "Referrals",
        referrals,
        (SessionState.enter, ReferralsState.load, OwnConversionsState.load, OwnRewardsState.load),
    ),
    PageSpec(
        "/portal/settings",
        "Settings",
        settings,
        (SessionState.enter, SettingsState.load, ProfileState.load, OwnExportState.load),
    ),
    PageSpec("/admin", "Overview", admin_home, (SessionState.enter, AdminTodayState.load, AdminFiguresState.load)),
    PageSpec(
        "/admin/achievements",
        "Achievements",
        admin_achievements,
        (SessionState.enter, DefinitionsState.load, AchievementReviewsState.load),
    ),
    PageSpec("/admin/achievements/design", "Design an achievement", designer, (SessionState.enter, DesignerState.load)),
    PageSpec("/admin/users", "Users", admin_users, (SessionState.enter, MembersState.load)),
    PageSpec("/admin/leaderboards", "Leaderboards", admin_leaderboards, (SessionState.enter, BoardsState.load)),
    PageSpec(
        "/admin/leaderboards/board",
        "Leaderboard",
        admin_board,
        (SessionState.enter, BoardEditorState.load, BoardHistoryState.load),
    ),
    PageSpec(
        "/admin/referrals",
        "Referrals",
        admin_referrals,
        (
            SessionState.enter,
            ReferralAdminState.load,
            ProgramEditorState.load,
            ProgramsState.load,
            AllConversionsState.load,
            DuesState.load,
        ),
    ),
    PageSpec(
        "/admin/fraud", "Fraud", admin_fraud, (SessionState.enter, FraudThresholdsState.load, FraudDeskState.load)
    ),
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
        "/admin/settings",
        "Organisation settings",
        admin_settings,
        (
            SessionState.enter,
            OrganisationState.load,
            UsageState.load,
            ApiKeysState.load,
            SharingState.load,
            TenantExportState.load,
        ),
    ),
    PageSpec("/admin/campaigns", "Campaigns", admin_campaigns, (SessionState.enter, CampaignsState.load)),
    PageSpec(
        "/admin/campaigns/campaign",
        "Campaign",
        admin_campaign,
        (SessionState.enter, CampaignState.load, CampaignSendsState.load),
    ),
    PageSpec("/admin/social", "Social campaigns", admin_social, (SessionState.enter, SocialCampaignsState.load)),
    PageSpec(
        "/admin/social/campaign",
        "Social campaign",
        admin_social_campaign,
        (SessionState.enter, SocialCampaignState.load),
    ),
    PageSpec(
        "/admin/products",
        "Products",
        admin_products,
        (SessionState.enter, ProductDeskState.load, AssortmentState.load, OffersState.load, ImportsState.load),
    ),
    PageSpec("/admin/audit", "Audit log", admin_audit, (SessionState.enter, AuditState.load)),
    PageSpec(
        "/wizards/onboarding",
        "Set up your organisation",
        onboarding_wizard,
        (SessionState.enter, WizardState.load),
    ),
    PageSpec("/wizards/campaign", "Campaign builder", campaign_wizard, (SessionState.enter, WizardState.load)),
    PageSpec("/wizards/sourcing", "Product sourcing", sourcing_wizard, (SessionState.enter, WizardState.load)),
    PageSpec("/wizards/payments", "Payment gateway", payments_wizard, (SessionState.enter, WizardState.load)),
    PageSpec("/wizards/social", "Social campaign", social_wizard, (SessionState.enter, WizardState.load)),
    PageSpec(
        "/platform",
        "Platform",
        platform_home,
        (SessionState.enter, PlatformTenantsState.load, PlatformServicesState.load, AgentOverviewState.load),
    ),
    PageSpec("404", "Page not found", not_found),
)


def add_pages(app: rx.App) -> None:
    """Put every page of the table into the application."""
    for spec in PAGES:
        app.add_page(spec.page, route=spec.route, title=f"{spec.title} · BizOSaaS", on_load=spec.opening)
