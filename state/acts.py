"""How acts and events read in a timeline: data first, then the functions that read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from state.rows import Tone


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words, icon and tone of one kind of entry."""

    title: str
    kind: str = "other"
    tone: Tone = "neutral"


ACTS: Final[dict[str, Phrase]] = {
    "login.succeeded": Phrase("Signed in", "sign_in"),
    "login.failed": Phrase("Wrong password", "security", "warn"),
    "login.throttled": Phrase("Sign-in slowed down", "security", "warn"),
    "logout": Phrase("Signed out", "sign_in"),
    "logout.all": Phrase("Signed out everywhere", "sign_in"),
    "sessions.ended": Phrase("Signed out a device", "security"),
    "refresh.reused": Phrase("A session's token was used twice, so the session was ended", "security", "bad"),
    "password.changed": Phrase("Changed the password", "security"),
    "password.reset": Phrase("Set a new password by mail", "security"),
    "password.reset_requested": Phrase("Asked for a new password", "security"),
    "users.joined": Phrase("Joined", "member", "good"),
    "users.invited": Phrase("Invited a member", "member"),
    "users.role_changed": Phrase("Changed a member's role", "member"),
    "users.status_changed": Phrase("Changed a member's access", "member"),
    "api_keys.created": Phrase("Created an API key", "setting"),
    "api_keys.revoked": Phrase("Revoked an API key", "setting"),
    "events.reversed": Phrase("Reversed an event", "reversal", "bad"),
    "leaderboards.privacy_set": Phrase("Chose what others see on boards", "setting"),
    "tenants.created": Phrase("Opened the organisation's account", "setting", "good"),
    "tenants.status_changed": Phrase("Changed the organisation's access", "setting", "warn"),
}
"""The audit log's actions."""

EVENTS: Final[dict[str, Phrase]] = {
    "referral.approved": Phrase("Referral approved", "referral", "good"),
    "referral.signed_up": Phrase("Referral signed up", "referral"),
    "campaign.launched": Phrase("Campaign launched", "campaign", "good"),
    "order.completed": Phrase("Sale completed", "sale", "good"),
    "content.published": Phrase("Content published", "content", "good"),
    "social.posted": Phrase("Post published", "content"),
    "lead.won": Phrase("Lead won", "sale", "good"),
    "review.received": Phrase("Review received", "content"),
    "task.completed": Phrase("Task completed", "other"),
    "wizard.completed": Phrase("Set-up finished", "setting", "good"),
    "user.signed_in": Phrase("Signed in", "sign_in"),
}
"""The ledger's event types that the platform itself writes; others are named by their type."""


def describe(action: str, outcome: str) -> Phrase:
    """Give the words of an audit line; a refused act says so."""
    phrase = ACTS.get(action, Phrase(_spoken(action)))
    if outcome == "ok":
        return phrase
    return Phrase(f"{phrase.title} ({outcome})", "security", "warn")


def describe_event(event_type: str) -> Phrase:
    """Give the words of a ledger event."""
    return EVENTS.get(event_type, Phrase(_spoken(event_type)))


def _spoken(name: str) -> str:
    """Turn `order.completed` into `Order completed`."""
    return name.replace(".", " ").replace("_", " ").capitalize()
