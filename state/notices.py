"""How notices read on a page, in a toast and aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway.contracts.notifications import NoticeView, PreferenceView
from bizosaas_app.kernel.errors import NotFound
from state import words
from state.rows import NoticeRow, PreferenceRow

UNLOCK: Final = "unlock"
"""The kind that has its own moment on the page; all others are told by a toast."""

TOASTS_AT_ONCE: Final = 3
"""Beyond that one toast counts the rest: a storm must not cover the page."""
_TOASTS: Final[dict[str, Callable[..., EventSpec]]] = {
    "reward": rx.toast.success,
    "hold": rx.toast.warning,
    UNLOCK: rx.toast.warning,
}
"""How kinds are told that are more than information; an unlock in a toast is one that was lost."""
TOAST_MS: Final = 8000
"""Long enough to read two lines; the notice itself waits behind the bell."""


def row(notice: NoticeView) -> NoticeRow:
    """Give a notice as pages draw it."""
    return NoticeRow(
        key=str(notice.id),
        kind=notice.kind,
        title=notice.title,
        body=notice.body,
        name=str(notice.data.get("name") or notice.title),
        icon=str(notice.data.get("icon") or ""),
        tier=str(notice.data.get("tier") or ""),
        path=own_path(notice.path),
        at=words.moment(notice.created_at),
        is_unread=notice.read_at is None,
    )


def preference(view: PreferenceView) -> PreferenceRow:
    """Give a choice as its table draws it."""
    return PreferenceRow(kind=view.kind, label=view.label, text=view.text, in_app=view.in_app, by_mail=view.by_mail)


def id_of(text: str) -> UUID:
    """Give the id that an event names, or raise `NotFound`: a socket may send anything."""
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        raise NotFound from None


def own_path(path: str | None) -> str:
    """Give the path when it leads to a page of ours, else nothing: two slashes would lead to another site."""
    if path is None or not path.startswith("/") or path.startswith(("//", "/\\")):
        return ""
    return path


def unlocked(fresh: Sequence[NoticeView]) -> list[NoticeRow]:
    """Give the rows of those that get a moment of their own."""
    return [row(notice) for notice in fresh if _is_unlock(notice)]


def toasts(fresh: Sequence[NoticeView]) -> list[EventSpec]:
    """Give the toasts for the others, and one for how many there are beyond those shown."""
    others = [notice for notice in fresh if not _is_unlock(notice)]
    shown = [_toast(notice) for notice in others[:TOASTS_AT_ONCE]]
    beyond = len(others) - len(shown)
    if beyond:
        text = words.counted(beyond, "more notification", "more notifications")
        shown.append(rx.toast.info(text, description="They wait behind the bell.", duration=TOAST_MS))
    return shown


def spoken(rows: Sequence[NoticeRow]) -> str:
    """Give what a screen reader says of fresh unlocks."""
    if not rows:
        return ""
    if len(rows) > 1:
        return f"{len(rows)} achievements unlocked. The latest: {words.sentence(rows[-1]['name'])}"
    return f"Achievement unlocked: {words.sentence(rows[0]['name'])}"


def _is_unlock(notice: NoticeView) -> bool:
    """Say whether something was won; what was lost again is told as the others are."""
    return notice.kind == UNLOCK and not notice.data.get("revoked")


def _toast(notice: NoticeView) -> EventSpec:
    make = _TOASTS.get(notice.kind, rx.toast.info)
    return make(notice.title, description=notice.body or None, duration=TOAST_MS)
