"""Approvals of social campaigns: what is asked for and answered, by our people and by the client with a link."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.social import Comment
from bizosaas_app.gateway.contracts.text import Email, Name

Decision = Literal["approved", "changes"]
Token = Annotated[str, StringConstraints(max_length=200)]


class NewApproval(Command):
    """Who is asked, where the link is mailed to (nowhere if left out), and for how many days it works."""

    client_name: Name
    client_email: Email | None = None
    days: int = Field(14, ge=1, le=30)


class AskApproval(NewApproval):
    """A link to make for the client of a campaign."""

    campaign_id: UUID


class ApprovalId(Command):
    """Which link."""

    approval_id: UUID


class ReadFolder(Command):
    """What a client reads by a link."""

    token: Token


class Decide(ReadFolder):
    """A client's answer; `digest` names the posts as they were read."""

    decision: Decision
    comment: Comment = ""
    digest: Annotated[str, StringConstraints(max_length=64)]


class ApprovalView(View):
    """A link and what came of it; `url` is null once it has ended, `mailed_at` until the mail has gone.

    `mail_failure`: the mail server refused the address, or never said whether it took the mail; it is not tried again.
    """

    id: UUID
    campaign_id: UUID
    client_name: str
    client_email: str | None
    mailed_at: Moment | None
    mail_failure: Literal["refused", "unclear"] | None
    state: Literal["open", "approved", "changes", "revoked", "expired"]
    comment: str
    url: str | None
    created_at: Moment
    expires_at: Moment
    decided_at: Moment | None


class FolderPostView(View):
    """A post as a client reads it."""

    network: str
    handle: str
    local_time: str
    title: str | None
    text: str
    media_url: str | None


class FolderView(View):
    """A campaign as a client reads it; `can_answer` is false after an answer, `state` says which it was."""

    company: str
    client_name: str
    campaign: str
    timezone: str
    posts: list[FolderPostView]
    digest: str
    can_answer: bool
    decision: Decision | None
    comment: str
    expires_at: Moment
