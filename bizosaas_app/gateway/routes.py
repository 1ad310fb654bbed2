"""The route table of the brain: which service answers a prefix, and what a request passes before it.

The HTTP edge is assembled from this table (`gateway/http/app.py`): a group that names `authenticate` cannot be
reached without a session or an API key, whatever its router says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Middleware = Literal["authenticate", "tenant_context", "rate_limit"]

GUARDED: Final[tuple[Middleware, ...]] = ("authenticate", "tenant_context", "rate_limit")

GAMIFICATION_AGENTS: Final = (
    "gamification_orchestration",
    "referral_system",
    "achievement_system",
    "leaderboard",
    "showcase_portfolio",
)


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """One prefix under `/api/v1`: the service behind it, its middleware, and the agents that may serve it."""

    prefix: str
    service: str
    middleware: tuple[Middleware, ...]
    agents: tuple[str, ...] = ()

    @property
    def is_guarded(self) -> bool:
        """Whether every request of this group must be authenticated."""
        return "authenticate" in self.middleware


ROUTES: Final[tuple[RouteGroup, ...]] = (
    RouteGroup("/auth", "accounts", ("rate_limit",)),
    RouteGroup("/users", "members", GUARDED),
    RouteGroup("/privacy", "privacy", GUARDED),
    RouteGroup("/api-keys", "api_keys", GUARDED),
    RouteGroup("/audit", "audit", GUARDED),
    RouteGroup("/jobs", "jobs", GUARDED),
    RouteGroup("/gamification/events", "events", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/gamification/achievements", "achievements", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/gamification/referrals", "referrals", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/gamification/fraud", "fraud", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/gamification/leaderboards", "leaderboards", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/notifications/unsubscribe", "notifications", ("rate_limit",)),
    RouteGroup("/notifications", "notifications", GUARDED),
    RouteGroup("/gamification/analytics", "analytics", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/gamification/portfolio", "portfolios", GUARDED, GAMIFICATION_AGENTS),
    RouteGroup("/payments", "payments", GUARDED),
    RouteGroup("/campaigns", "campaigns", GUARDED),
    RouteGroup("/agents", "agents", GUARDED),
    RouteGroup("/sourcing", "sourcing", GUARDED),
    RouteGroup("/social", "social", GUARDED),
    RouteGroup("/wizards", "wizards", GUARDED),
    RouteGroup("/crm", "upstream", GUARDED),
    RouteGroup("/cms", "upstream", GUARDED),
    RouteGroup("/ecommerce", "upstream", GUARDED),
)
"""`/auth` holds both public and signed-in calls; the latter declare their guard one by one. Stopping
mails needs no session: the mail's own link is the proof."""
