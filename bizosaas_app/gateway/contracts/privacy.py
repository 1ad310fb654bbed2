"""What the calls on people's own data take and give."""

from __future__ import annotations

from uuid import UUID

from bizosaas_app.gateway.contracts.base import Command, View
from bizosaas_app.gateway.contracts.text import Secret


class DeleteAccount(Command):
    """Delete one's own account; the password says that it is oneself."""

    password: Secret


class RemoveUser(Command):
    """Take from a member all that names them."""

    user_id: UUID


class AccountDeleted(View):
    """The account is gone, and where the browser goes now."""

    redirect_to: str
