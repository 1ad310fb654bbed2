"""The tables. Importing this package fills `metadata`, which migrations and tenancy tests read."""

from __future__ import annotations

from models.account_tokens import AccountToken
from models.achievements import (
    Achievement,
    AchievementCategory,
    AchievementReview,
    AchievementStamp,
    TenantAchievement,
)
from models.agent_budgets import AgentBudget, AgentSpending
from models.agent_runs import AgentProposal, AgentRun, AgentToolCall
from models.api_keys import ApiKey
from models.audit_log import AuditEntry
from models.auth_sessions import AuthSession
from models.base import Base
from models.board_records import BoardTop, LeaderboardSeason, RankNotice, RankSnapshot
from models.campaigns import Campaign, CampaignChannel, CampaignSend
from models.counters import AchievementCounter, CounterMember
from models.departures import Departure
from models.directories import ContextKey, LoginName, ReferralCodeName, ShowcaseSlug
from models.events import GamificationEvent
from models.exports import DataExport, ExportPart
from models.fraud import FraudSettings, NetworkSignal, ReferralIdentity
from models.job_runs import JobRun
from models.leaderboards import Leaderboard, LeaderboardEntry
from models.members import Member
from models.memberships import Membership
from models.notifications import Notification, NotificationPreference
from models.outbox import OutboxMessage
from models.payments import PaymentAccount, PaymentCheck, PaymentEvent
from models.portfolios import PortfolioMetric, ShowcasePortfolio
from models.products import ImportBatch, ImportChange, Product, SupplierOffer
from models.publications import CatalogueItem, PriceRule, Publication, Sourcing
from models.referral_clicks import ReferralClick, ReferralSignUp
from models.referral_programs import ReferralCode, ReferralProgram
from models.referrals import ReferralConversion
from models.rewards import RewardEntry, TierMove
from models.roles import Permission, Role, RolePermission
from models.rollups import DailyCount, MemberDay
from models.social_accounts import SocialAccount
from models.social_campaigns import SocialApproval, SocialCampaign, SocialPost
from models.tenant_profiles import TenantProfile
from models.tenants import Tenant
from models.users import User
from models.wizards import WizardDraft, WizardFile

metadata = Base.metadata

__all__ = [
    "AccountToken",
    "Achievement",
    "AchievementCategory",
    "AchievementCounter",
    "AchievementReview",
    "AchievementStamp",
    "AgentBudget",
    "AgentProposal",
    "AgentRun",
    "AgentSpending",
    "AgentToolCall",
    "ApiKey",
    "AuditEntry",
    "AuthSession",
    "Base",
    "BoardTop",
    "Campaign",
    "CampaignChannel",
    "CampaignSend",
    "CatalogueItem",
    "ContextKey",
    "CounterMember",
    "DailyCount",
    "DataExport",
    "Departure",
    "ExportPart",
    "FraudSettings",
    "GamificationEvent",
    "ImportBatch",
    "ImportChange",
    "JobRun",
    "Leaderboard",
    "LeaderboardEntry",
    "LeaderboardSeason",
    "LoginName",
    "Member",
    "MemberDay",
    "Membership",
    "NetworkSignal",
    "Notification",
    "NotificationPreference",
    "OutboxMessage",
    "PaymentAccount",
    "PaymentCheck",
    "PaymentEvent",
    "Permission",
    "PortfolioMetric",
    "PriceRule",
    "Product",
    "Publication",
    "RankNotice",
    "RankSnapshot",
    "ReferralClick",
    "ReferralCode",
    "ReferralCodeName",
    "ReferralConversion",
    "ReferralIdentity",
    "ReferralProgram",
    "ReferralSignUp",
    "RewardEntry",
    "Role",
    "RolePermission",
    "ShowcasePortfolio",
    "ShowcaseSlug",
    "SocialAccount",
    "SocialApproval",
    "SocialCampaign",
    "SocialPost",
    "Sourcing",
    "SupplierOffer",
    "Tenant",
    "TenantAchievement",
    "TenantProfile",
    "TierMove",
    "User",
    "WizardDraft",
    "WizardFile",
    "metadata",
]
