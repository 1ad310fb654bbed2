"""A mailbox with one slot: whoever is slow gets the latest news, not all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds at most one item, until it is taken; a further one is merged into it (or replaces it)."""

    def __init__(self, merge: Callable[[T, T], T] | None = None) -> None:
        self._merge = merge
        self._item: T | None = None
        self._is_closed = False
        self._changed = asyncio.Event()

    def put(self, item: T) -> None:
        """Leave an item; never waits."""
        merged = item if self._item is None or self._merge is None else self._merge(self._item, item)
        self._item = merged
        self._changed.set()

    def close(self) -> None:
        """Give nothing any more: whoever waits is told that it is over."""
        self._is_closed = True
        self._changed.set()

    async def take(self) -> T | None:
        """Wait for an item and take it; None once the mailbox is closed."""
        await self._changed.wait()
        if self._is_closed:
            return None
        item, self._item = self._item, None
        self._changed.clear()
        return item
