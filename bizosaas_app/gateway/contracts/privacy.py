"""What the calls on people's own data take and give."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.text import Secret


class DeleteAccount(Command):
    """Delete one's own account; the password says that it is oneself."""

    password: Secret


class StartExport(Command):
    """What to take along: what is about oneself, or everything of the tenant."""

    scope: Literal["me", "tenant"] = "me"


class ReadExport(Command):
    """Which export."""

    export_id: UUID


class ReadLatestExport(Command):
    """The latest export of a scope that one has asked for."""

    scope: Literal["me", "tenant"] = "me"


class ExportView(View):
    """An export: `done` of `total` tables; it can be downloaded once it is `done` and until `expires_at`."""

    id: UUID
    scope: Literal["me", "tenant"]
    status: Literal["pending", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    failure: str | None
    created_at: Moment
    finished_at: Moment | None
    expires_at: Moment


class RemoveUser(Command):
    """Take from a member all that names them."""

    user_id: UUID


class AccountDeleted(View):
    """The account is gone, and where the browser goes now."""

    redirect_to: str
