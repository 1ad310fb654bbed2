"""The audit log: finding what was done, by whom, and taking it along as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import audit
from bizosaas_app.gateway.contracts.audit import AuditLineView, Form, ListAudit, TakeAudit
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import acts, audit_words, words
from state.listing import PAGE_SIZE, ListingState
from state.policy import policy
from state.session import SessionState

VIEW: Final = "view_audit"

KINDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "sign_in": ("Sign-ins", ("login", "logout", "sessions", "refresh", "auth")),
    "passwords": ("Passwords", ("password",)),
    "people": ("People", ("users", "accounts", "notifications")),
    "settings": ("Settings and keys", ("tenants", "platform", "api_keys", "jobs")),
    "data": ("Data and retention", ("privacy", "retention")),
    "wizards": ("Wizards", ("wizards",)),
    "referrals": ("Referrals and fraud", ("referrals", "fraud")),
    "game": ("Boards and achievements", ("leaderboards", "achievements", "events")),
    "products": ("Products", ("sourcing",)),
    "showcases": ("Showcases", ("portfolio",)),
    "payments": ("Payment accounts", ("payments",)),
    "social": ("Social media", ("social",)),
    "campaigns": ("Campaigns", ("campaigns",)),
    "systems": ("Connected systems", ("upstream", "systems")),
    "console": ("Database console", ("sqladmin",)),
    "agents": ("Agents", ("agents",)),
    "figures": ("Figures and this log", ("analytics", "insights", "overview", "audit")),
}
"""What can be picked: its label, and the first words of the actions that belong to it."""
PERIODS: Final[dict[str, tuple[str, int]]] = {
    "1": ("Last 24 hours", 1),
    "7": ("Last 7 days", 7),
    "30": ("Last 30 days", 30),
    "90": ("Last 90 days", 90),
}
OUTCOMES: Final = {
    "ok": ("Done", "neutral"),
    "refused": ("Refused", "warn"),
    "failed": ("Failed", "bad"),
    "unknown": ("Outcome unknown", "warn"),
}
_ACTING: Final = {
    "system": "The system",
    "operator": "Platform operator",
    "api_key": "An API key",
    "member": "A member",
}


class DetailRow(TypedDict):
    """One fact of an entry."""

    name: str
    value: str


class AuditRow(TypedDict):
    """An entry of the log, with its detail."""

    key: str
    at: str
    who: str
    kind: str
    title: str
    tone: str
    outcome: str
    outcome_label: str
    outcome_tone: str
    facts: list[DetailRow]


class AuditState(ListingState, SessionState):
    """The log by what was asked for, a page at a time."""

    GUARD: ClassVar[str] = VIEW

    rows: list[AuditRow] = []
    filters: dict[str, str] = {"kind": "", "outcome": "", "period": "30"}
    exporting: str = ""
    """The form of the file that is being made."""

    @rx.event
    @policy(VIEW)
    async def export(self) -> AsyncIterator[EventSpec | None]:
        """Give what matches as a table for a spreadsheet."""
        async for event in self._take("csv"):
            yield event

    @rx.event
    @policy(VIEW)
    async def export_lines(self) -> AsyncIterator[EventSpec | None]:
        """Give what matches as a JSON document a line, for programs."""
        async for event in self._take("jsonl"):
            yield event

    async def _take(self, form: Form) -> AsyncIterator[EventSpec | None]:
        self.exporting = form
        yield None
        try:
            file = await audit.export_audit(await self._actor(), TakeAudit(**self._searched(), form=form))
            yield rx.download(data=file.text, filename=file.name)
        except InputInvalid as error:
            yield rx.toast.error(words.sentence(next(iter(error.fields.values()), error.message)))
        except AppError as error:
            yield rx.toast.error(words.sentence(error.message))
        finally:
            self.exporting = ""

    async def _read(self, actor: Actor) -> None:
        asked = self._searched() | {"limit": PAGE_SIZE, "cursor": self._cursor}
        page = await audit.list_audit(actor, ListAudit.model_validate(asked))
        self.rows = [_row(line) for line in page.items]
        self._paged(page)
        if page.is_bounded:
            self.range_label = self.range_label.replace(" of ", " of more than ")

    def _searched(self) -> dict[str, Any]:
        kind, period = KINDS.get(self.filters["kind"]), PERIODS.get(self.filters["period"])
        return {
            "q": self.query,
            "area": list(kind[1]) if kind else [],
            "outcome": self._asked("outcome"),
            "since": utc_now() - timedelta(days=period[1]) if period else None,
        }


def _row(line: AuditLineView) -> AuditRow:
    phrase = acts.describe(line.action, "ok")
    label, tone = OUTCOMES[line.outcome]
    return AuditRow(
        key=str(line.id),
        at=words.moment(line.at),
        who=line.actor_name or _ACTING[line.actor],
        kind=phrase.kind,
        title=audit_words.title(line, phrase.title),
        tone=phrase.tone if line.outcome == "ok" else tone,
        outcome=line.outcome,
        outcome_label=label,
        outcome_tone=tone,
        facts=[DetailRow(name=name, value=value) for name, value in _facts(line) if value],
    )


def _facts(line: AuditLineView) -> list[tuple[str, str]]:
    """Give what a reader looks for first; the ids that only a search needs stand last."""
    return [
        ("E-mail", line.actor_email),
        ("Concerns", audit_words.concerns(line)),
        (
            "Through",
            {"ui": "The pages", "http": "The HTTP API", "system": "The system"}.get(line.channel, line.channel),
        ),
        ("Address", line.address),
        *(audit_words.fact(name, value) for name, value in line.detail.items()),
        ("Action", line.action),
        ("Record", line.subject),
        ("Request", line.request_id),
    ]
