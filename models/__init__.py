"""The tables. Importing this package fills `metadata`, which migrations and tenancy tests read."""

from __future__ import annotations

from models.account_tokens import AccountToken
from models.achievements import Achievement, AchievementCategory, TenantAchievement
from models.api_keys import ApiKey
from models.audit_log import AuditEntry
from models.auth_sessions import AuthSession
from models.base import Base
from models.directories import ContextKey, LoginName, ReferralCodeName, ShowcaseSlug
from models.events import GamificationEvent
from models.job_runs import JobRun
from models.leaderboards import Leaderboard, LeaderboardEntry
from models.members import Member
from models.memberships import Membership
from models.notifications import Notification
from models.outbox import OutboxMessage
from models.portfolios import PortfolioMetric, ShowcasePortfolio
from models.referrals import ReferralCode, ReferralConversion, ReferralProgram
from models.roles import Permission, Role, RolePermission
from models.tenants import Tenant
from models.users import User

metadata = Base.metadata

__all__ = [
    "AccountToken",
    "Achievement",
    "AchievementCategory",
    "ApiKey",
    "AuditEntry",
    "AuthSession",
    "Base",
    "ContextKey",
    "GamificationEvent",
    "JobRun",
    "Leaderboard",
    "LeaderboardEntry",
    "LoginName",
    "Member",
    "Membership",
    "Notification",
    "OutboxMessage",
    "Permission",
    "PortfolioMetric",
    "ReferralCode",
    "ReferralCodeName",
    "ReferralConversion",
    "ReferralProgram",
    "Role",
    "RolePermission",
    "ShowcasePortfolio",
    "ShowcaseSlug",
    "Tenant",
    "TenantAchievement",
    "User",
    "metadata",
]
