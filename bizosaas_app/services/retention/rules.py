"""The rules of retention: what goes, how long after which moment, and why so long. A table.

What is not named here stays for as long as its tenant: the ledger and what pays out of it above all, which no rule may
touch. A rule deletes rows, those that depend on them first, or blanks columns that point at a person while the row
still counts in figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func
from sqlmodel import SQLModel, col

from models import (
    AccountToken,
    AgentProposal,
    AgentRun,
    AgentToolCall,
    AuthSession,
    DataExport,
    ExportPart,
    JobRun,
    Notification,
    PaymentEvent,
    RankNotice,
    ReferralClick,
    ReferralIdentity,
    WizardDraft,
    WizardFile,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What of one table goes: the rows whose `since` is longer ago than `kept`, if `only` holds for them too."""

    key: str
    table: type[SQLModel]
    since: SQLColumnExpression[Any]
    kept: timedelta
    why: str
    only: ColumnElement[bool] | None = None
    dependants: tuple[tuple[type[SQLModel], str], ...] = ()
    """Tables that refer to the row, each with the column that does; their rows go first."""
    blank: Mapping[str, Any] = field(default_factory=dict)
    """Columns that are set to these values instead of deleting the row."""


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "sessions",
        AuthSession,
        func.coalesce(col(AuthSession.revoked_at), col(AuthSession.expires_at)),
        timedelta(days=90),
        "A stolen session can still be looked into for a quarter after it ended; addresses of devices go then.",
    ),
    Rule(
        "account_tokens",
        AccountToken,
        col(AccountToken.expires_at),
        timedelta(days=30),
        "An invitation or a reset that nobody can use any more says only whose address it was.",
    ),
    Rule(
        "notifications.read",
        Notification,
        col(Notification.read_at),
        timedelta(days=90),
        "A quarter: long enough to look something up again. What a mail still owes stays.",
        only=~col(Notification.mail_due),
    ),
    Rule(
        "notifications.unread",
        Notification,
        col(Notification.created_at),
        timedelta(days=365),
        "What was not read within a year is news no more.",
        only=and_(col(Notification.read_at).is_(None), ~col(Notification.mail_due)),
    ),
    Rule(
        "rank_notices",
        RankNotice,
        col(RankNotice.hour),
        timedelta(hours=2),
        "It keeps a member from being told twice within an hour, and has no other use.",
    ),
    Rule(
        "agent_runs",
        AgentRun,
        col(AgentRun.finished_at),
        timedelta(days=180),
        "Half a year of work can be looked into, and rows with inputs do not pile up.",
        dependants=((AgentToolCall, "run_id"), (AgentProposal, "run_id")),
    ),
    Rule(
        "exports",
        DataExport,
        col(DataExport.created_at),
        timedelta(days=7),
        "A week to download it; what was taken along lies with whoever took it.",
        dependants=((ExportPart, "run_id"),),
    ),
    Rule(
        "job_runs",
        JobRun,
        col(JobRun.finished_at),
        timedelta(days=90),
        "How long work ended is of interest for as long as somebody may still ask about it.",
        dependants=((ExportPart, "run_id"), (DataExport, "run_id")),
    ),
    Rule(
        "wizard_drafts",
        WizardDraft,
        col(WizardDraft.updated_at),
        timedelta(days=365),
        "What a closed draft made stands in rows of its own; its answers and files are not needed for it.",
        only=col(WizardDraft.status) != "open",
        dependants=((WizardFile, "draft_id"),),
    ),
    Rule(
        "referral_clicks",
        ReferralClick,
        col(ReferralClick.clicked_at),
        timedelta(days=180),
        "Fraud is looked for within months; the click itself stays in the funnel without saying whose it was.",
        only=(col(ReferralClick.address) != "") | (col(ReferralClick.user_agent) != ""),
        blank={"address": "", "user_agent": ""},
    ),
    Rule(
        "referral_identities",
        ReferralIdentity,
        col(ReferralIdentity.last_seen_at),
        timedelta(days=400),
        "A device or an address that was not seen for over a year proves nothing of its owner.",
    ),
    Rule(
        "payment_events",
        PaymentEvent,
        col(PaymentEvent.received_at),
        timedelta(days=400),
        "Providers send an event again within days; a year and a month covers a yearly audit.",
    ),
)
"""All of them, for each tenant, every night."""

AUDIT_LOG: Final = "audit_log"
"""The audit log's own rule: `BIZOSAAS_AUDIT_DAYS`, since laws differ, and through a door, since nobody else may."""
