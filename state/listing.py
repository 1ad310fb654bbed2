"""A list that the server searches, sorts and pages: what is asked for, and which page of it is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway.contracts.base import CountedPage, Paging
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import words
from state.area import AreaState, refusal, tell
from state.guarded import Guarded, opens_page
from state.session import SessionState

PAGE_SIZE: Final = 25
LONGEST_QUERY: Final = 100

Wanted = TypeVar("Wanted", bound=Paging)


class ListingState(AreaState, Guarded, SessionState, mixin=True):
    """Search, sorting, filters and pages of a table. A class that takes it fills `_read` and names its `GUARD`.

    `sort` names what the list is sorted by, with a minus in front for the largest first. `filters` holds what was
    chosen in each picker above the table, by the name that the list's command has for it; an empty one lets everything
    through.
    """

    query: str = ""
    sort: str = ""
    filters: dict[str, str] = {}
    range_label: str = ""
    has_next: bool = False
    has_previous: bool = False
    is_searched: bool = False
    """Whether an empty table means that nothing was found, rather than that there is nothing."""
    times_cleared: int = 0
    """Tells the search field to start afresh."""

    _cursors: list[str] = []
    """Where each page up to the one shown begins; the first begins at no cursor."""
    _next: str = ""
    _count: int = 0
    """How many rows the page has that is shown."""

    @rx.event
    @opens_page
    async def load(self) -> None:
        """Read the first page."""
        self._arrive()
        await self._restart()

    @rx.event
    async def search(self, query: str) -> None:
        """Show what matches the words."""
        self.query = _one_line(str(query))[:LONGEST_QUERY].strip()
        await self._restart()

    @rx.event
    async def sort_by(self, name: str) -> None:
        """Sort by a column; the same one again turns the order round."""
        self.sort = f"-{name}" if self.sort == name else str(name)
        await self._restart()

    @rx.event
    async def choose_filter(self, name: str, value: str) -> None:
        """Show only what the picker names."""
        if name in self.filters:
            self.filters = {**self.filters, name: str(value)[:LONGEST_QUERY]}
            await self._restart()

    @rx.event
    async def clear_search(self) -> None:
        """Show everything again."""
        self.query, self.filters = "", dict.fromkeys(self.filters, "")
        self.times_cleared += 1
        await self._restart()

    @rx.event
    async def next_page(self) -> None:
        """Show the next page."""
        if self._next:
            self._cursors = [*self._cursors, self._next]
            await self._turn()

    @rx.event
    async def previous_page(self) -> None:
        """Show the page before."""
        self._cursors = self._cursors[:-1]
        await self._turn()

    @rx.event
    async def reload(self) -> None:
        """Read the page again, after a failure."""
        await self._turn()

    async def _attempt(self, work: Callable[[Actor], Awaitable[str]]) -> EventSpec:
        """Do something to a row that needs no form; tell what `work` says came of it, or why it could not be done."""
        try:
            said = await work(await self._actor())
        except (AppError, ValueError) as error:
            return refusal(error)
        await self._turn()
        return rx.toast.success(said)

    async def _restart(self) -> None:
        """Read the first page of what is asked for now."""
        self._cursors = []
        await self._turn()

    async def _turn(self) -> None:
        async with self._showing():
            actor = await self._actor()
            await self._read(actor)
            while self._cursors and not self._count:  # its last row has been decided, or deleted
                self._cursors = self._cursors[:-1]
                await self._read(actor)

    def _fail(self, error: Exception) -> None:
        """Show what happened; when it is what was asked for, keep the table, and with it the means to ask otherwise."""
        if self.area in ("full", "partial") and isinstance(error, InputInvalid | ValidationError):
            said, self.failure_request_id = tell(error)
            self._warn(f"{said} What you see here may be out of date.")
        else:
            super()._fail(error)

    async def _read(self, actor: Actor) -> None:
        """Read the page at `_cursor` and hand it to `_paged`."""
        raise NotImplementedError

    @property
    def _cursor(self) -> str | None:
        """Where the page begins that is to be shown; None is the first one."""
        return self._cursors[-1] if self._cursors else None

    def _wanted(self, kind: type[Wanted], **more: Any) -> Wanted:
        """Give the command that asks for the page to be shown, words and order as far as `kind` takes them.

        What `more` names goes before what was searched and chosen.
        """
        searched = {"q": self.query, "sort": self.sort}
        wanted = {
            **{name: value for name, value in searched.items() if name in kind.model_fields},
            **{name: self._asked(name) for name in self.filters},
            "limit": PAGE_SIZE,
            "cursor": self._cursor,
            **more,
        }
        return kind.model_validate(wanted)

    def _asked(self, name: str) -> Any:
        """Give what was chosen in a picker, or None."""
        return self.filters.get(name) or None

    def _paged(self, page: CountedPage[Any]) -> None:
        """Take over where the page stands in the whole list."""
        self._next, self._count = page.next_cursor or "", len(page.items)
        self.has_next, self.has_previous = bool(self._next), bool(self._cursors)
        self.is_searched = bool(self.query or any(self.filters.values()))
        first = PAGE_SIZE * len(self._cursors) + 1
        last = first + len(page.items) - 1
        self.range_label = f"{words.number(first)}-{words.number(last)} of {words.number(page.total)}"
        self._succeed(is_empty=not (page.items or page.total or self.is_searched))


def _one_line(text: str) -> str:
    """Give what was typed or pasted without what is no letter: two cells of a sheet have a tab between them."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
