"""The last-known texts of secrets, bounded: what a process goes on with while Vault is away."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_COPIES: Final = 10_000
"""Names that are kept: the rings are some twenty, every further one is an account or a key of some tenant."""
MOST_CHARACTERS: Final = 8 * 1024 * 1024
"""Of all texts together: a worker's memory must not grow with the number of tenants that it has served."""


class Copies:
    """Texts by name; when there are too many, those that were asked for longest ago go first."""

    def __init__(self, *, most: int = MOST_COPIES, most_characters: int = MOST_CHARACTERS) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._most = most
        self._most_characters = most_characters
        self._characters = 0

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def __len__(self) -> int:
        return len(self._texts)

    def give(self, name: str) -> str:
        """Give the text and note that it was asked for; raises `KeyError`."""
        self._texts.move_to_end(name)
        return self._texts[name]

    def keep(self, name: str, text: str) -> None:
        """Keep a text in place of an earlier one; a text that is too long for all is not kept."""
        self.drop(name)
        self._texts[name] = text
        self._characters += len(text)
        while len(self._texts) > self._most or self._characters > self._most_characters:
            self.drop(next(iter(self._texts)))

    def drop(self, name: str) -> None:
        """Forget a text, if there is one."""
        self._characters -= len(self._texts.pop(name, ""))

    def clear(self) -> None:
        """Forget every text."""
        self._texts.clear()
        self._characters = 0
