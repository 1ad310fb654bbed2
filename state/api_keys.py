"""The API keys of the organisation: the table, and what is said of making and ending them.

A key is made over HTTP by the page itself (`pages/components/key_form.py`): its text is in no view state, which may be
kept in Valkey.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import api_keys
from bizosaas_app.gateway.contracts.api_keys import ApiKeyView, ListApiKeys, RevokeApiKey
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, NotFound
from bizosaas_app.kernel.permissions import PERMISSIONS
from state import notices, words
from state.form import FormState
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = "manage_api_keys"
STATUSES: Final = {"active": ("Active", "good"), "expired": ("Expired", "neutral"), "revoked": ("Revoked", "bad")}
_FIELDS: Final = ("name", "scopes")
"""The fields of the form that can be wrong."""
_LONGEST: Final = 300
_PAGES: Final = ("access_portal", "access_admin", "access_platform")
"""Permissions that open pages; no key comes to a page."""


class ScopeRow(TypedDict):
    """Something that a key may be allowed to do."""

    key: str
    text: str


class KeyRow(TypedDict):
    """A key, without its secret."""

    id: str
    name: str
    scopes: str
    status: str
    status_label: str
    tone: str
    created_at: str
    last_used_at: str
    expires_at: str


class ApiKeysState(ListingState, FormState, SessionState):
    """The table of keys, and the dialog that makes one."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[KeyRow] = []
    scopes: list[ScopeRow] = []
    sort: str = "-created_at"
    filters: dict[str, str] = {"status": ""}

    @rx.event
    @policy(MANAGE)
    async def load(self) -> None:
        """Read the first page."""
        self._arrive()
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def made(self) -> None:
        """Close the form, and show the new key in the table."""
        self._tidy()
        await self._restart()

    @rx.event
    @policy(MANAGE)
    def refuse(self, errors: dict[str, Any], message: str) -> None:
        """Say beside the fields why the API did not make the key."""
        told = {name: words.sentence(str(text)[:_LONGEST]) for name, text in errors.items() if text}
        self.errors = {name: text for name, text in told.items() if name in _FIELDS}
        rest = [text for name, text in told.items() if name not in _FIELDS]
        self.form_error = words.sentence(str(message)[:_LONGEST]) if message else " ".join(rest[:1])

    @rx.event
    @policy(MANAGE)
    async def revoke(self, key_id: str) -> EventSpec:
        """End a key."""
        try:
            await api_keys.revoke_key(await self._actor(), RevokeApiKey(key_id=notices.id_of(key_id)))
        except NotFound:
            return rx.toast.error("That key has ended already.")
        except AppError as error:
            return rx.toast.error(words.sentence(error.message))
        await self._turn()
        return rx.toast.success("Revoked. It is refused from now on.")

    async def _read(self, actor: Actor) -> None:
        page = await api_keys.list_keys(actor, self._wanted(ListApiKeys))
        now = utc_now()
        self.rows = [_row(key, now) for key in page.items]
        self.scopes = [
            ScopeRow(key=key, text=text)
            for key, text in PERMISSIONS.items()
            if key in actor.permissions and key not in _PAGES
        ]
        self._paged(page)


def _row(key: ApiKeyView, now: datetime) -> KeyRow:
    is_over = key.expires_at is not None and key.expires_at <= now
    status = "revoked" if key.revoked_at else "expired" if is_over else "active"
    label, tone = STATUSES[status]
    return KeyRow(
        id=str(key.id),
        name=key.name,
        scopes=", ".join(key.scopes),
        status=status,
        status_label=label,
        tone=tone,
        created_at=words.moment(key.created_at),
        last_used_at=words.moment(key.last_used_at) if key.last_used_at else "",
        expires_at=words.moment(key.expires_at) if key.expires_at else "",
    )
