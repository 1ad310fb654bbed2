"""Connecting a social account from within a wizard: what is said of it.

The page sends the form over HTTP by itself (`pages/components/account_form.py`): the token is in no view state.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import reflex as rx

from bizosaas_app.gateway import social_accounts, social_views
from state import words
from state.area import Next
from state.form import FormState
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.wizard import WizardState

MANAGE: Final = social_accounts.PERMISSION
NETWORKS: Final = [Choice(value=view.key, label=view.name) for view in social_views.network_views()]
FIELDS: Final = ("network", "handle", "secret", "base_url")
"""The fields of the form that can be wrong."""
_LONGEST: Final = 300


class SocialAccountState(FormState, SessionState):
    """The dialog that connects an account."""

    GUARD: ClassVar[str] = MANAGE

    @rx.event
    @policy(MANAGE)
    def made(self) -> Next:
        """Close the form, and show the account among the choices."""
        self._tidy()
        return WizardState.refresh

    @rx.event
    @policy(MANAGE)
    def refuse(self, errors: dict[str, Any], message: str) -> None:
        """Say beside the fields why the account was not connected."""
        told = {name: words.sentence(str(text)[:_LONGEST]) for name, text in errors.items() if text}
        self.errors = {name: text for name, text in told.items() if name in FIELDS}
        rest = [text for name, text in told.items() if name not in FIELDS]
        self.form_error = words.sentence(str(message)[:_LONGEST]) if message else " ".join(rest[:1])
