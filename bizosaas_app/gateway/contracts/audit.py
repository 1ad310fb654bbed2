"""The audit log: what is asked and answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Paging, View, Words

Outcome = Literal["ok", "refused", "failed", "unknown"]
"""`unknown` is of what was begun in a connected system, and of which no entry tells the end (yet)."""
Area = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
"""The first word of an action, such as `users`."""


class AuditQuery(Command):
    """Which entries; `q` is looked for in the action and in the name and address of who acted."""

    q: Words = ""
    area: list[Area] = Field(default_factory=list, max_length=20)
    outcome: Outcome | None = None
    since: Moment | None = None
    until: Moment | None = None


class ListAudit(AuditQuery, Paging):
    """Which entries, and which page of them; the newest come first."""


Form = Literal["csv", "jsonl"]
"""A table for a spreadsheet, or a JSON document a line for programs."""


class ExportAudit(AuditQuery):
    """Which entries go into the file."""


class TakeAudit(ExportAudit):
    """Which entries go into the file, and in which form."""

    form: Form = "csv"


class AuditFile(View):
    """A file to save: its name and its text."""

    name: str
    text: str


class AuditLineView(View):
    """One entry. `actor` says what acted; what could be a secret in the detail is blotted out."""

    id: UUID
    at: Moment
    actor: Literal["member", "api_key", "system", "operator"]
    actor_name: str
    actor_email: str
    channel: str
    action: str
    subject: str
    outcome: Outcome
    address: str
    request_id: str
    detail: dict[str, str]


class AuditPage(CountedPage[AuditLineView]):
    """Some of the entries; `total` is counted up to a bound, and `is_bounded` says that there are more."""

    is_bounded: bool
