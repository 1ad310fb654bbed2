"""One's own name, and what others see of one on boards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import accounts, leaderboards
from bizosaas_app.gateway.contracts.accounts import ChangeProfile
from bizosaas_app.gateway.contracts.leaderboards import PrivacyView, ReadPrivacy, SetPrivacy
from bizosaas_app.kernel.errors import AppError
from state import words
from state.area import AreaState
from state.form import FormState
from state.policy import SIGNED_IN, policy
from state.session import SessionState

BOARDS = "view_leaderboards"


class ProfileState(AreaState, FormState, SessionState):
    """The form of the profile and the privacy switch."""

    GUARD: ClassVar[str] = SIGNED_IN

    own_name: str = ""
    privacy: str = ""
    preview_name: str = ""
    preview_initials: str = ""

    @rx.event
    @policy(SIGNED_IN)
    async def load(self) -> None:
        """Read the profile."""
        self._arrive()
        async with self._showing():
            actor = await self._actor()
            self.own_name = actor.name
            if actor.can(BOARDS):
                self._show(await leaderboards.read_privacy(actor, ReadPrivacy()))
            self._succeed()

    @rx.event
    @policy(SIGNED_IN)
    async def save(self, sent: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Change the own name, in the frame of this page at once."""
        self.is_saving = True
        yield None
        async with self._saving():
            command = ChangeProfile.model_validate({"name": str(sent.get("name", ""))})
            view = await accounts.change_profile(await self._actor(), command)
            self.own_name = view.user.name
            self._call_me(view.user.name)
            yield rx.toast.success("Saved. Boards show your new name in a moment.")
        if self.privacy:
            self._show(await leaderboards.read_privacy(await self._actor(), ReadPrivacy()))

    @rx.event
    @policy(BOARDS)
    async def choose_privacy(self, mode: str) -> EventSpec:
        """Choose what others see of me, on every board."""
        try:
            command = SetPrivacy.model_validate({"mode": mode})
            self._show(await leaderboards.set_privacy(await self._actor(), command))
        except (AppError, ValidationError):
            return rx.toast.error("That could not be saved. Try again in a moment.")
        return rx.toast.success("Saved. It counts everywhere now.")

    def _show(self, view: PrivacyView) -> None:
        self.privacy, self.preview_name = view.mode, view.display_name
        self.preview_initials = words.initials(view.display_name)
