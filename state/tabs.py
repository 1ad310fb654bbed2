"""The tabs of a page: which one is open, as the page's address says."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from state.guarded import Guarded
from state.session import SessionState


class TabsState(Guarded, SessionState, mixin=True):
    """The open tab. A class that takes it names its `TABS`, the first of which opens by itself, and its `GUARD`."""

    TABS: ClassVar[tuple[str, ...]] = ()

    tab: str = ""
    _chosen_in: int = 0
    """The visit in which the tab was chosen."""

    @rx.event
    def open_tab(self, tab: str) -> None:
        """Show another tab of the page."""
        self._show_tab(str(tab))

    def _open_asked_tab(self) -> None:
        """Show the tab that the page's address asks for, unless one was chosen since; the work of a page's load."""
        if not self.tab or self._chosen_in != self._visit:
            self._show_tab(self.router.url.query_parameters.get("tab", ""))

    def _show_tab(self, tab: str) -> None:
        tabs = type(self).TABS
        self.tab, self._chosen_in = tab if tab in tabs else tabs[0], self._visit
