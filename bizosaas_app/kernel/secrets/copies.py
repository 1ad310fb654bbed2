"""The last-known texts of secrets, bounded: what a process goes on with while Vault is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

MOST_COPIES: Final = 10_000
"""Names that are kept: the rings are some twenty, every further one is an account or a key of some tenant."""
MOST_CHARACTERS: Final = 8 * 1024 * 1024
"""Of all texts together: a worker's memory must not grow with the number of tenants that it has served."""

LONGEST_SECONDS: Final = 86_400.0
"""From when Vault last gave a text to when it last answered at all: another process may have deleted the text, and
nobody tells this one. While Vault is away nothing grows older."""


@dataclass
class Question:
    """One that is put to the store; it is stale when the text was changed before the answer came."""

    name: str
    is_stale: bool = False


class Copies:
    """Texts by name; when there are too many, those that were asked for longest ago go first."""

    def __init__(
        self,
        *,
        most: int = MOST_COPIES,
        most_characters: int = MOST_CHARACTERS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._texts: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._open: dict[str, list[Question]] = {}
        self._most = most
        self._most_characters = most_characters
        self._characters = 0
        self._now = now
        self._answered_at = now()

    def __contains__(self, name: str) -> bool:
        return name in self._texts and not self._is_old(name)

    def __len__(self) -> int:
        return len(self._texts)

    def give(self, name: str) -> str:
        """Give the text and note that it was asked for; raises `KeyError`."""
        if name not in self:
            raise KeyError(name)
        self._texts.move_to_end(name)
        return self._texts[name][0]

    @contextmanager
    def asking(self, name: str) -> Iterator[Question]:
        """Give a question that is open for as long as the block lasts."""
        question = Question(name)
        self._open.setdefault(name, []).append(question)
        try:
            yield question
        finally:
            self._open[name].remove(question)
            if not self._open[name]:
                del self._open[name]

    def learn(self, question: Question, text: str | None) -> None:
        """Take over what the store answered, None for no text, unless the question is stale."""
        if question.is_stale:
            return
        if text is None:
            self._answered_at = self._now()
            self.drop(question.name)
        else:
            self.keep(question.name, text)

    def replace(self, question: Question, text: str) -> None:
        """Keep a text that was written; none when another change came between, as either may have been the last."""
        is_unsure = question.is_stale
        self.forget(question.name)
        if not is_unsure:
            self.keep(question.name, text)

    def forget(self, name: str) -> None:
        """Drop a text that is no longer true, and whatever was asked before it changed."""
        self.drop(name)
        for question in self._open.get(name, ()):
            question.is_stale = True

    def keep(self, name: str, text: str) -> None:
        """Keep a text in place of an earlier one; a text that is too long for all is not kept."""
        self.drop(name)
        self._answered_at = self._now()
        self._texts[name] = (text, self._answered_at)
        self._characters += len(text)
        while self._texts and (self._is_too_much() or self._is_old(next(iter(self._texts)))):
            self.drop(next(iter(self._texts)))

    def drop(self, name: str) -> None:
        """Forget a text, if there is one."""
        self._characters -= len(self._texts.pop(name, ("", 0.0))[0])

    def clear(self) -> None:
        """Forget every text."""
        self._texts.clear()
        self._characters = 0

    def _is_too_much(self) -> bool:
        return len(self._texts) > self._most or self._characters > self._most_characters

    def _is_old(self, name: str) -> bool:
        return self._answered_at - self._texts[name][1] > LONGEST_SECONDS
