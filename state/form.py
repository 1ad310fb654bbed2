"""A form in a dialog: open or not, what was wrong beside which field, and busy while it is saved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import words
from state.guarded import Guarded
from state.session import SessionState


class FormState(Guarded, SessionState, mixin=True):
    """The dialogs of a page; at most one of them is open. A class that takes it names its `GUARD`."""

    dialog: str = ""
    """The name of the open dialog, or nothing."""
    errors: dict[str, str] = {}
    form_error: str = ""
    is_saving: bool = False

    _asked_in: int = 0
    """The visit in which the dialog was opened."""

    @rx.event
    def open_dialog(self, name: str) -> None:
        """Open a dialog, clean."""
        self._open_dialog(str(name)[:40])

    @rx.event
    def close_dialog(self, _is_open: bool = False) -> None:
        """Close the dialog without saving."""
        self._tidy()

    def _open_dialog(self, dialog: str) -> None:
        """Open a dialog, clean."""
        self._tidy()
        self.dialog, self._asked_in = dialog, self._visit

    def _arrive(self) -> None:
        """Close what an earlier visit of the page has left open.

        What is open since this one stays: it was opened before the load came, or the connection has been away.
        """
        if self._asked_in != self._visit:
            self._tidy()

    def _tidy(self) -> None:
        self.dialog, self.errors, self.form_error, self.is_saving = "", {}, "", False

    @asynccontextmanager
    async def _saving(self) -> AsyncIterator[None]:
        """Save; a refusal stays in the form, by field, with everything that was typed, else the dialog closes."""
        self.errors, self.form_error = {}, ""
        try:
            yield
        except ValidationError as error:
            found = messages(error)
            self.form_error, self.errors = found.pop("", ""), found
        except InputInvalid as error:
            self.errors = {field: words.sentence(text) for field, text in error.fields.items()}
            self.form_error = "" if error.fields else words.sentence(error.message)
        except AppError as error:
            self.form_error = words.sentence(error.message)
        else:
            self._tidy()
        finally:
            self.is_saving = False


def messages(error: ValidationError) -> dict[str, str]:
    """Give what is wrong with each field of a form; of a field inside of rows, with the whole of them."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        names = [str(part) for part in fault["loc"] if isinstance(part, str)]
        found.setdefault(names[0] if names else "", words.sentence(describe(fault)))
    return found
