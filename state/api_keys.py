"""The API keys of the organisation: making one, which is shown once, and ending it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import api_keys
from bizosaas_app.gateway.contracts.api_keys import ApiKeyView, CreateApiKey, ListApiKeys, RevokeApiKey
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
SCOPE: Final = "scope:"
"""How the checkbox of a scope is called in what a form sends."""
LIFETIMES: Final[dict[str, int | None]] = {"30": 30, "90": 90, "365": 365, "never": None}
STATUSES: Final = {"active": ("Active", "good"), "expired": ("Expired", "neutral"), "revoked": ("Revoked", "bad")}
_PAGES: Final = ("access_portal", "access_admin", "access_platform")
"""Permissions that open pages; no key comes to a page."""


class ScopeRow(TypedDict):
    """Something that a key may be allowed to do."""

    key: str
    name: str
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
    """The table of keys, and the dialogs that make and show one."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[KeyRow] = []
    scopes: list[ScopeRow] = []
    sort: str = "-created_at"
    filters: dict[str, str] = {"status": ""}
    new_key: str = ""
    """The text of the key that was just made; it leaves with its dialog and is nowhere else."""

    @rx.event
    @policy(MANAGE)
    async def load(self) -> None:
        """Read the first page."""
        self._arrive()
        if not self.dialog:
            self.new_key = ""
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def create(self, sent: dict[str, Any]) -> AsyncIterator[None]:
        """Make a key and show its text, this once."""
        self.is_saving = True
        yield
        async with self._saving():
            created = await api_keys.create_key(await self._actor(), CreateApiKey.model_validate(_wanted(sent)))
            await self._restart()
            self.new_key = created.key
        if self.new_key:
            self._open_dialog("shown")

    @rx.event
    @policy(MANAGE)
    def put_away(self) -> None:
        """Forget the text of the new key."""
        self.new_key = ""
        self._tidy()

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
            ScopeRow(key=key, name=f"{SCOPE}{key}", text=text)
            for key, text in PERMISSIONS.items()
            if key in actor.permissions and key not in _PAGES
        ]
        self._paged(page)


def _wanted(sent: dict[str, Any]) -> dict[str, Any]:
    """Give the key that a form means."""
    days = LIFETIMES.get(str(sent.get("lifetime")), 90)
    return {
        "name": sent.get("name", ""),
        "scopes": [name.removeprefix(SCOPE) for name, value in sent.items() if name.startswith(SCOPE) and value],
        "expires_at": None if days is None else utc_now() + timedelta(days=days),
    }


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
