"""The settings of the organisation: what it is called, its time and money, and its brand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import tenants
from bizosaas_app.gateway.contracts.tenants import (
    AccentView,
    ChangeSettings,
    PreviewAccent,
    ReadSettings,
    SettingsView,
    ShadesView,
)
from state.area import AreaState
from state.changes import changes_of
from state.form import FormState
from state.policy import policy
from state.session import SessionState
from state.tabs import TabsState

MANAGE: Final = "manage_settings"
STANDARD: Final = "#5b5bd6"
"""The product's own accent: what a colour field shows as long as none is chosen."""


class ShadeRow(TypedDict):
    """What a colour looks like in one theme; `style` holds its shades as custom properties."""

    style: dict[str, str]
    button: str
    button_ratio: str
    text_ratio: str
    is_adapted: bool


_NO_SHADE: Final = ShadeRow(style={}, button="", button_ratio="", text_ratio="", is_adapted=False)


class OrganisationState(TabsState, AreaState, FormState, SessionState):
    """The tabs of the page, and the form of the first of them."""

    GUARD: ClassVar[str] = MANAGE
    TABS: ClassVar[tuple[str, ...]] = ("organisation", "api", "keys", "sharing", "data")

    org_name: str = ""
    industry: str = ""
    timezone: str = ""
    currency: str = ""
    accent: str = ""
    """The colour in the field; empty is the product's own."""
    accent_error: str = ""
    light: ShadeRow = _NO_SHADE
    dark: ShadeRow = _NO_SHADE
    times_picked: int = 0
    """Tells the field of the colour's text to start afresh."""
    times_filled: int = 0
    """Tells the fields to start afresh with what is in force."""
    is_recounting: bool = False

    _opened_with: dict[str, Any] = {}
    """What the fields said at first: what somebody else changes meanwhile is left as it is."""
    _filled_in: int = 0
    """The visit for which the form was filled."""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Open the tab that the address asks for, and fill the form; one that is filled stays as it stands."""
        self._open_asked_tab()
        self._arrive()
        async with self._showing():
            view = await tenants.read_settings(await self._actor(), ReadSettings())
            self.is_recounting = view.is_recounting
            if self.area != "full" or self._filled_in != self._visit:
                self._filled_in = self._visit
                self._fill(view)
            self._succeed()

    @rx.event
    @policy(MANAGE)
    async def save(self, sent: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Change what was changed here, for everybody from their next page on."""
        self.is_saving = True
        yield None
        async with self._saving():
            view = await tenants.change_settings(await self._actor(), self._changes(sent))
            self._fill(view, typed=_typed(sent))
            self.tenant_name = view.name
            self._wear(view.shades if view.accent else None)
            yield rx.toast.success("Settings saved")

    @rx.event
    @policy(MANAGE)
    async def pick_accent(self, colour: str) -> None:
        """Try the colour of the picker."""
        self.times_picked += 1
        await self._try(str(colour))

    @rx.event
    @policy(MANAGE)
    async def type_accent(self, text: str) -> None:
        """Try the colour that was written."""
        await self._try(str(text).strip())

    @rx.event
    @policy(MANAGE)
    async def drop_accent(self) -> None:
        """Go back to the product's own accent; saved with the rest."""
        self.times_picked += 1
        await self._try("")

    async def _try(self, colour: str) -> None:
        """Show what becomes of a colour; one that is none leaves the last one standing."""
        self.accent_error = ""
        try:
            command = PreviewAccent(accent=colour or STANDARD)
        except ValidationError:
            self.accent_error = "Write the colour as # and six of 0-9 and a-f, for example #0a7d54."
            return
        self._preview(await tenants.preview_accent(await self._actor(), command))
        self.accent = command.accent if colour else ""

    def _changes(self, sent: dict[str, Any]) -> ChangeSettings:
        """Give what the form says other than it was opened with."""
        return ChangeSettings.model_validate(changes_of(self._opened_with, _typed(sent)))

    def _fill(self, view: SettingsView, *, typed: Mapping[str, Any] | None = None) -> None:
        """Have the fields say what is in force; they are left alone where that is what was `typed`."""
        self._opened_with = {name: getattr(view, name) for name in _FIELDS}
        self.times_filled += int(self._opened_with != typed)
        self.org_name, self.industry = view.name, view.industry or ""
        self.timezone, self.currency = view.timezone, view.currency
        self.is_recounting, self.accent_error = view.is_recounting, ""
        self.accent = view.accent or ""
        self._preview(view.shades)

    def _preview(self, view: AccentView) -> None:
        self.light, self.dark = _shade(view.light), _shade(view.dark)


_FIELDS: Final = ("name", "industry", "timezone", "currency", "accent")


def _typed(sent: Mapping[str, Any]) -> dict[str, str | None]:
    """Give the settings as the form has them."""
    found = {name: str(sent.get(name) or "").strip() or None for name in _FIELDS}
    return found | {"name": found["name"] or ""}


def _shade(view: ShadesView) -> ShadeRow:
    return ShadeRow(
        style={f"--brand-{name}": value for name, value in view.variables.items()},
        button=view.button,
        button_ratio=f"{view.button_ratio:.1f}",
        text_ratio=f"{view.text_ratio:.1f}",
        is_adapted=view.is_adapted,
    )
