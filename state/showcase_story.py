"""Editing a showcase: its sections in their place, its title and the client's words in a dialog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.portfolios import Quote, ShowcaseChange
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import words
from state.area import Next
from state.form import FormState, messages
from state.showcase_shown import ShownState


class StoryState(ShownState, FormState, mixin=True):
    """The story as it is edited. A text that is refused stays in its field, with the reason beside it."""

    saving_key: str = ""
    """The section that is being saved."""

    @rx.event
    def edit(self, key: str) -> None:
        """Open a section for editing; others that are open stay so."""
        if self._view is not None and key in {item.key for item in self._view.sections}:
            self._open = [*self._open, key]
            self._draw_sections()

    @rx.event
    def leave(self, key: str) -> None:
        """Close a section without saving it."""
        self._close(str(key))

    @rx.event
    async def save(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Save a section; a refusal is said beside it, in the words of whoever refuses."""
        key, text = str(sent.get("key", "")), str(sent.get("text", ""))
        self.saving_key = key
        yield
        try:
            await self._change(ShowcaseChange.model_validate({"sections": [{"key": key, "text": text}]}))
        except (ValidationError, AppError) as error:
            self._faults = {**self._faults, key: _reason(error)}
            self._draw_sections()
        else:
            self._close(key)
            yield rx.toast.success("Saved")
        finally:
            self.saving_key = ""

    @rx.event
    async def save_title(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Give the showcase another title."""
        self.is_saving = True
        yield
        async with self._saving():
            await self._change(ShowcaseChange.model_validate({"title": sent.get("title", "")}))
            yield rx.toast.success("Saved")

    @rx.event
    async def save_quote(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Set the client's words; other words than before need their consent anew."""
        self.is_saving = True
        yield
        async with self._saving():
            quote = Quote.model_validate({name: str(sent.get(name, "")) for name in ("text", "author")})
            try:
                await self._change(ShowcaseChange(quote=quote))
            except InputInvalid as error:
                fields = {name.removeprefix("quote."): text for name, text in error.fields.items()}
                raise InputInvalid(fields, error.message) from None
            yield rx.toast.success("Saved")

    @rx.event
    async def remove_quote(self) -> AsyncIterator[Next]:
        """Take the client's words away."""
        change = ShowcaseChange(quote=None)
        async for event in self._act(lambda actor: self._send(actor, change), "The quote is gone"):
            yield event

    def _close(self, key: str) -> None:
        self._open = [other for other in self._open if other != key]
        self._faults = {other: text for other, text in self._faults.items() if other != key}
        self._draw_sections()


def _reason(error: ValidationError | AppError) -> str:
    """Say why a text was refused."""
    if isinstance(error, ValidationError):
        return next(iter(messages(error).values()))
    fields = error.fields if isinstance(error, InputInvalid) else {}
    return words.sentence(next(iter(fields.values()), error.message))
