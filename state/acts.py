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
    "login.suspended": Phrase("Signed in with a suspended account", "security", "warn"),
    "login.throttled": Phrase("Sign-in slowed down", "security", "warn"),
    "logout": Phrase("Signed out", "sign_out"),
    "logout.all": Phrase("Signed out everywhere", "sign_out"),
    "sessions.ended": Phrase("Signed out a device", "security"),
    "sessions.platform_switched": Phrase("Switched to another platform", "sign_in"),
    "refresh.reused": Phrase("A session's token was used twice, so the session was ended", "security", "bad"),
    "password.changed": Phrase("Changed the password", "security"),
    "password.reset": Phrase("Set a new password by mail", "security"),
    "password.reset_requested": Phrase("Asked for a new password", "security"),
    "users.joined": Phrase("Joined", "member", "good"),
    "users.appointed": Phrase("Made an administrator of the platform", "security", "good"),
    "users.invited": Phrase("Invited a member", "invitation"),
    "users.role_changed": Phrase("Changed a member's role", "member"),
    "users.status_changed": Phrase("Changed a member's access", "member", "warn"),
    "tenants.activated": Phrase("Set up the organisation", "setting", "good"),
    "wizards.completed": Phrase("Finished a wizard", "decision", "good"),
    "wizards.discarded": Phrase("Threw a wizard's draft away", "setting"),
    "wizards.expired": Phrase("A wizard's draft expired", "setting"),
    "api_keys.created": Phrase("Created an API key", "key"),
    "api_keys.revoked": Phrase("Revoked an API key", "key", "warn"),
    "notifications.unsubscribed": Phrase("Stopped the mails of one kind", "setting"),
    "events.reversed": Phrase("Reversed an event", "reversal", "bad"),
    "referrals.program_created": Phrase("Created a referral programme", "referral", "good"),
    "referrals.program_changed": Phrase("Changed a referral programme", "referral"),
    "referrals.vanity_code": Phrase("Gave out a custom referral code", "referral"),
    "referrals.reviewed": Phrase("Decided on a held referral", "decision"),
    "referrals.reversed": Phrase("Undid a referral after a refund", "reversal", "bad"),
    "referrals.paid_out": Phrase("Paid out referral rewards", "money", "good"),
    "fraud.settings_changed": Phrase("Changed the fraud settings", "security"),
    "fraud.signal_reported": Phrase("Reported a confirmed fraud to the network", "security"),
    "fraud.network_signal_used": Phrase("A warning from the network weighed on a referral", "security", "warn"),
    "achievements.created": Phrase("Created an achievement", "achievement"),
    "achievements.changed": Phrase("Changed an achievement", "achievement"),
    "achievements.reviewed": Phrase("Decided on a doubtful unlock", "decision"),
    "leaderboards.created": Phrase("Created a leaderboard", "board"),
    "leaderboards.changed": Phrase("Changed a leaderboard", "board"),
    "leaderboards.privacy": Phrase("Chose what others see on boards", "setting"),
    "leaderboards.industry": Phrase("Changed the comparison with the industry", "board"),
    "portfolio.requested": Phrase("Asked for a showcase", "content"),
    "portfolio.consents": Phrase("Changed what a showcase may show", "content"),
    "portfolio.published": Phrase("Published a showcase", "content", "good"),
    "portfolio.unpublished": Phrase("Took a showcase off the web", "content", "warn"),
    "social.account_connected": Phrase("Connected a social account", "social", "good"),
    "social.account_renewed": Phrase("Renewed the access of a social account", "social"),
    "social.account_removed": Phrase("Removed a social account", "social", "warn"),
    "social.launched": Phrase("Launched a social campaign", "social", "good"),
    "social.paused": Phrase("Paused a social campaign", "social"),
    "social.resumed": Phrase("Resumed a social campaign", "social"),
    "social.cancelled": Phrase("Cancelled a social campaign", "social", "warn"),
    "social.post_changed": Phrase("Changed a post", "social"),
    "social.post_retried": Phrase("Tried a failed post again", "social"),
    "social.approval_asked": Phrase("Asked a client to approve a social campaign", "social"),
    "social.approval_revoked": Phrase("Took a client's link back", "social", "warn"),
    "social.approved": Phrase("A client approved a social campaign", "social", "good"),
    "social.changes_asked": Phrase("A client asked for changes to a social campaign", "social", "warn"),
    "campaigns.launched": Phrase("Launched a campaign", "campaign", "good"),
    "campaigns.paused": Phrase("Paused a campaign", "campaign", "warn"),
    "campaigns.resumed": Phrase("Resumed a campaign", "campaign"),
    "campaigns.cancelled": Phrase("Cancelled a campaign", "campaign", "bad"),
    "campaigns.webhook_key_renewed": Phrase("Made a new key for webhooks", "key", "warn"),
    "campaigns.completed": Phrase("A campaign had sent all of its messages", "campaign", "good"),
    "campaigns.send_retried": Phrase("Resent a failed message of a campaign", "campaign"),
    "agents.started": Phrase("Ran an agent", "agent"),
    "agents.cancelled": Phrase("Stopped an agent", "agent"),
    "agents.budget_changed": Phrase("Changed the agents' budget", "agent"),
    "agents.proposal_approved": Phrase("Approved an agent's proposal", "agent", "good"),
    "agents.proposal_rejected": Phrase("Turned down an agent's proposal", "agent"),
    "agents.proposal_executed": Phrase("Carried out an agent's proposal", "agent", "good"),
    "agents.proposal_failed": Phrase("Could not carry out an agent's proposal", "agent", "bad"),
    "agents.proposal_reopened": Phrase("Put an agent's proposal back to decide", "agent"),
    "agents.proposal_expired": Phrase("An agent's proposal ran out of time", "agent"),
    "agents.proposal_lost": Phrase("Lost track of an agent's proposal", "agent", "bad"),
    "payments.account_opened": Phrase("Began to set up a payment account", "money"),
    "payments.account_changed": Phrase("Changed what a payment account is", "money"),
    "payments.credentials_set": Phrase("Set the credentials of a payment account", "key"),
    "payments.secret_shown": Phrase("Looked at the secret for a payment provider's events", "key", "warn"),
    "payments.check_begun": Phrase("Tried out a payment account", "money"),
    "payments.first_event": Phrase("A payment provider sent its first event", "money", "good"),
    "payments.activated": Phrase("Activated a payment account", "money", "good"),
    "payments.deactivated": Phrase("Deactivated a payment account", "money", "warn"),
    "upstream.changing": Phrase("Began to change something in a connected system", "setting", "warn"),
    "upstream.changed": Phrase("Changed something in a connected system", "setting"),
    "sqladmin.confirmed": Phrase("Entered the password again for the database console", "security"),
    "sqladmin.confirm_failed": Phrase("Entered a wrong password at the database console", "security", "warn"),
    "sqladmin.confirm_throttled": Phrase("Tried too many passwords at the database console", "security", "warn"),
    "sqladmin.opened": Phrase("The platform's operator looked at rows in the database console", "setting", "warn"),
    "sqladmin.updated": Phrase("The platform's operator changed a row in the database console", "setting", "warn"),
    "sqladmin.deleted": Phrase("The platform's operator deleted a row in the database console", "reversal", "warn"),
    "sqladmin.exported": Phrase("The platform's operator exported rows from the database console", "export", "warn"),
    "jobs.cancelled": Phrase("Stopped a background job", "setting"),
    "analytics.exported": Phrase("Exported figures", "export"),
    "audit.exported": Phrase("Exported the audit log", "export"),
    "portfolio.retried": Phrase("Retried writing a showcase", "content"),
    "sourcing.imported": Phrase("Imported products", "setting", "good"),
    "sourcing.undone": Phrase("Undid an import of products", "reversal", "warn"),
    "sourcing.exported": Phrase("Exported the products", "export"),
    "sourcing.rule_changed": Phrase("Changed a price rule", "money"),
    "sourcing.launched": Phrase("Published products", "sale", "good"),
    "sourcing.retried": Phrase("Published a product again", "sale"),
    "tenants.settings_changed": Phrase("Changed the organisation's settings", "setting"),
    "users.renamed": Phrase("Changed their name", "member"),
    "tenants.created": Phrase("Opened the organisation's account", "setting", "good"),
    "tenants.status_changed": Phrase("Changed the organisation's access", "setting", "warn"),
    "users.removed": Phrase("Removed a member for good", "member", "bad"),
    "privacy.export_asked": Phrase("Asked for an export of data", "export"),
    "privacy.export_taken": Phrase("Downloaded an export of data", "export", "warn"),
    "retention.pruned": Phrase("Deleted what was kept long enough", "setting"),
    "platform.tenant_created": Phrase("Created a tenant", "member", "good"),
    "platform.tenant_suspended": Phrase("Suspended a tenant", "security", "warn"),
    "platform.tenant_reopened": Phrase("Let a tenant in again", "security", "good"),
    "platform.tenant_offboarded": Phrase("Off-boarded a tenant", "security", "bad"),
    "platform.offboarding_cancelled": Phrase("Cancelled a tenant's off-boarding", "security", "good"),
    "platform.jobs_retried": Phrase("Retried failed background jobs", "setting"),
    "platform.tenant_erased": Phrase("A tenant that left was deleted", "security", "bad"),
}
"""The audit log's actions."""

EVENTS: Final[dict[str, Phrase]] = {
    "referral.signed_up": Phrase("A referral signed up", "referral"),
    "referral.approved": Phrase("Referral approved", "referral", "good"),
    "referral.rewarded": Phrase("Reward in points", "reward", "good"),
    "campaign.launched": Phrase("Campaign launched", "campaign", "good"),
    "campaign.completed": Phrase("Campaign completed", "campaign", "good"),
    "order.completed": Phrase("Sale completed", "sale", "good"),
    "content.published": Phrase("Content published", "content", "good"),
    "social.launched": Phrase("Social campaign launched", "social", "good"),
    "social.posted": Phrase("Post published", "social"),
    "lead.won": Phrase("Lead won", "lead", "good"),
    "review.received": Phrase("Review received", "review", "good"),
    "task.completed": Phrase("Task completed", "task"),
    "wizard.completed": Phrase("Set-up finished", "wizard", "good"),
    "sourcing.completed": Phrase("Product sourcing finished", "wizard", "good"),
    "product.published": Phrase("Product published", "sale", "good"),
    "showcase.published": Phrase("Showcase published", "showcase", "accent"),
    "achievement.unlocked": Phrase("Achievement unlocked", "achievement", "accent"),
    "leaderboard.podium": Phrase("Reached the podium", "podium", "accent"),
    "user.signed_in": Phrase("Signed in", "sign_in"),
    "member.signed_in": Phrase("Signed in", "sign_in"),
}
"""The ledger's usual event types; others are named by their type."""


def describe(action: str, outcome: str) -> Phrase:
    """Give the words of an audit line; what was refused for want of a permission says so."""
    phrase = ACTS.get(action)
    if outcome == "refused" and (phrase is None or phrase.tone == "neutral"):
        return Phrase(f"Was not allowed: {_lowered(phrase.title if phrase else _spoken(action))}", "security", "warn")
    return phrase or Phrase(_spoken(action))


def describe_event(event_type: str) -> Phrase:
    """Give the words of a ledger event."""
    return EVENTS.get(event_type, Phrase(_spoken(event_type)))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _spoken(name: str) -> str:
    """Turn `order.completed` into `Order completed`."""
    return name.replace(".", " ").replace("_", " ").capitalize()
