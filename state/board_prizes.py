"""The prizes of a board in its editor: rows that are added, filled and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from state import board_forms
from state.board_forms import PrizeRow
from state.guarded import Guarded
from state.session import SessionState


class PrizesState(Guarded, SessionState, mixin=True):
    """The prizes by place. A class that takes it names its `GUARD`."""

    prizes: list[PrizeRow] = []

    _made: int = 0

    @rx.event
    def add_prize(self) -> None:
        """Add a prize for the next place."""
        if len(self.prizes) < board_forms.MOST_PRIZES:
            self._made += 1
            rank = str(len(self.prizes) + 1)
            self.prizes = [*self.prizes, PrizeRow(id=f"n{self._made}", rank=rank, title="", error="")]

    @rx.event
    def put_prize(self, prize_id: str, name: str, value: str) -> None:
        """Put a value into a field of a prize."""
        self._put_prize(str(prize_id), str(name), str(value))

    @rx.event
    def remove_prize(self, prize_id: str) -> None:
        """Take a prize away."""
        self.prizes = [row for row in self.prizes if row["id"] != prize_id]

    def _put_prize(self, prize_id: str, name: str, value: str) -> None:
        self.prizes = [board_forms.put_prize(row, name, value) if row["id"] == prize_id else row for row in self.prizes]

    def _take_prizes(self, sent: Mapping[str, Any]) -> None:
        """Take over what was typed last and has not been heard of."""
        for name, value in sent.items():
            mark, _, rest = name.partition(".")
            if mark == "prize" and isinstance(value, str):
                prize_id, _, field = rest.partition(".")
                self._put_prize(prize_id, field, value)
