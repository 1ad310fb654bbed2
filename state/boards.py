"""The boards of the organisation as its administrators list them: finding, archiving and bringing them back."""

from __future__ import annotations

from typing import ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import board_keeping
from bizosaas_app.gateway.contracts.board_drafts import BoardChange, ChangeBoard, ListDefinitions
from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.kernel.actor import Actor
from state import board_words, words
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = board_keeping.MANAGE
STATUSES: Final = {"active": ("Active", "good"), "archived": ("Archived", "neutral")}
_DONE: Final = {
    "active": "Restored, with everything that has happened meanwhile.",
    "archived": "Archived. Members no longer see it; nothing that it counted is lost.",
}


class BoardRow(TypedDict):
    """A board as the table of an administrator shows it."""

    key: str
    title: str
    path: str
    counts: str
    seasons: str
    audience: str
    prizes: str
    status: str
    status_label: str
    tone: str


class BoardsState(ListingState, SessionState):
    """The table of boards."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[BoardRow] = []
    sort: str = "title"
    filters: dict[str, str] = {"status": "active"}

    @rx.event
    @policy(MANAGE)
    async def change_status(self, key: str, status: str) -> EventSpec:
        """Archive a board, or bring it back with what it missed."""
        return await self._attempt(lambda actor: _change(actor, str(key), status))

    async def _read(self, actor: Actor) -> None:
        page = await board_keeping.list_definitions(actor, self._wanted(ListDefinitions))
        self.rows = [_row(line) for line in page.items]
        self._paged(page)


async def _change(actor: Actor, key: str, status: str) -> str:
    change = BoardChange.model_validate({"status": status})
    await board_keeping.change_board(actor, ChangeBoard(key=key, change=change))
    return _DONE[status]


def _row(line: BoardLine) -> BoardRow:
    label, tone = STATUSES[line.status]
    return BoardRow(
        key=line.key,
        title=line.title,
        path=f"/admin/leaderboards/board?board={line.key}",
        counts=board_words.metric(line.metric),
        seasons=board_words.seasons(line),
        audience=board_words.audience(line.visibility),
        prizes=words.counted(len(line.prizes), "prize", "prizes") if line.prizes else "None",
        status=line.status,
        status_label=label,
        tone=tone,
    )
