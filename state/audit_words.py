"""How an entry of the audit log reads: what was decided, about what, and its values in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from bizosaas_app.gateway.contracts.audit import AuditLineView

_OUTCOMES: Final[Mapping[tuple[str, str, str], str]] = {
    ("referrals.reviewed", "decision", "approve"): "Approved a held referral",
    ("referrals.reviewed", "decision", "reject"): "Rejected a held referral",
    ("achievements.reviewed", "decision", "confirm"): "Confirmed a doubtful unlock",
    ("achievements.reviewed", "decision", "revoke"): "Revoked a doubtful unlock",
    ("fraud.signal_reported", "outcome", "confirmed"): "Reported a confirmed fraud to the network",
    ("fraud.signal_reported", "outcome", "cleared"): "Cleared a suspicion in the network",
    ("users.status_changed", "to", "suspended"): "Suspended a member",
    ("users.status_changed", "to", "active"): "Let a member back in",
    ("tenants.status_changed", "to", "suspended"): "Suspended the organisation",
    ("tenants.status_changed", "to", "active"): "Let the organisation back in",
}
"""What is said instead of the action's own title, by action, name in the detail and its value."""
_NAMES: Final = ("name", "title")
"""Where the detail holds what its object is called."""
_KEYED: Final = frozenset({"achievement", "leaderboard"})
"""Things whose key in the subject was made from their name."""
_THINGS: Final[Mapping[str, str]] = {
    "achievement": "An achievement",
    "achievement_review": "A doubtful unlock",
    "agent_proposal": "An agent's proposal",
    "agent_run": "An agent's run",
    "api_key": "An API key",
    "campaign": "A campaign",
    "code": "A referral code",
    "conversion": "A referral",
    "draft": "A wizard's draft",
    "event": "An event",
    "export": "An export",
    "import": "An import of products",
    "job_run": "A background job",
    "leaderboard": "A leaderboard",
    "payment_account": "A payment account",
    "portfolio": "A showcase",
    "price_rule": "A price rule",
    "program": "A referral programme",
    "publication": "A product",
    "session": "A session",
    "social_account": "A social account",
    "social_campaign": "A social campaign",
    "social_post": "A post",
    "sourcing": "A product sourcing",
    "tenant": "The organisation",
    "user": "A member",
}
_VALUED: Final = frozenset({"from", "to", "decision", "status", "outcome", "role"})
"""Facts whose values are known words."""
_VALUES: Final[Mapping[str, str]] = {
    "active": "Active",
    "approve": "Approved",
    "approved": "Approved",
    "archived": "Archived",
    "cleared": "Cleared",
    "confirmed": "Confirmed",
    "paused": "Paused",
    "pending_review": "Waiting for review",
    "reject": "Rejected",
    "rejected": "Rejected",
    "reversed": "Taken back",
    "suspended": "Suspended",
    "super_admin": "Platform administrator",
    "tenant_admin": "Administrator",
    "user": "Member",
}


def title(line: AuditLineView, usual: str) -> str:
    """Say what was done: with its outcome where the detail has one, and with the name of what it was done to."""
    told = (_OUTCOMES.get((line.action, name, value)) for name, value in line.detail.items())
    said = next(filter(None, told), usual)
    name = _name(line)
    return f"{re.sub(r' (an?|the) ', ' the ', said, count=1)} “{name}”" if name and _takes_a_name(said) else said


def concerns(line: AuditLineView) -> str:
    """Say what kind of thing the entry is about, by its name where that is known; nothing for what has no kind."""
    thing = _THINGS.get(line.subject.partition(":")[0], "")
    name = _name(line)
    return f"{thing}: {name}" if thing and name else thing


def fact(name: str, value: str) -> tuple[str, str]:
    """Give a fact of the detail with its name and, where it is known, its value in words."""
    said = _VALUES.get(value, value) if name in _VALUED else value
    return name.replace("_", " ").capitalize(), said


def _takes_a_name(said: str) -> bool:
    """Say whether a title ends with its object, as `Created an achievement` does."""
    return re.fullmatch(r"\w+ (an?|the) [\w -]+", said) is not None


def _name(line: AuditLineView) -> str:
    told = next((line.detail[name] for name in _NAMES if line.detail.get(name)), "")
    kind, _, key = line.subject.partition(":")
    if told or kind not in _KEYED or _is_id(key):
        return told
    return " ".join(re.split(r"[-_]+", key)).strip().capitalize()


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
