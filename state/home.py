"""The portal's home page."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import reflex as rx

from bizosaas_app.gateway import leaderboards, overview
from bizosaas_app.gateway.contracts.leaderboards import BoardView, ReadBoard
from bizosaas_app.gateway.contracts.overview import ActivityView, MemberOverview, ReadOverview
from bizosaas_app.kernel.actor import Actor
from state import acts, ranks, words
from state.following import FollowingState
from state.policy import policy
from state.rows import RankRow, StatRow, TimelineRow
from state.session import SessionState

WINDOW: Final = "month"
SHOWN_ACTS: Final = 6
"""As many as stand beside the five rows of the board."""


class PortalHomeState(FollowingState, SessionState):
    """The member's figures, the board around them and what they did lately; live."""

    standing: str = ""
    stats: list[StatRow] = []
    board_title: str = ""
    score_label: str = ""
    around: list[RankRow] = []
    activity: list[TimelineRow] = []

    @rx.event(background=True, supersedes=True)
    @policy("access_portal", page_load=True)
    async def load(self) -> None:
        """Read everything, then follow the board until the page is left."""
        command = ReadBoard(key=leaderboards.MAIN_BOARD, window=WINDOW)
        await self._follow(lambda actor: leaderboards.watch_board(actor, command))

    @rx.event
    @policy("access_portal")
    async def reload(self) -> None:
        """Read everything again, after a failure."""
        await self._reread()

    async def _read(self, actor: Actor) -> None:
        figures = await overview.read_member(actor, ReadOverview())
        board = await leaderboards.read_board(
            actor, ReadBoard(key=leaderboards.MAIN_BOARD, window=WINDOW, limit=5, around="me")
        )
        self.stats = _stats(figures, board)
        self.standing = ranks.standing(board)
        self.board_title = f"{board.leaderboard.title}, this month"
        self.score_label = ranks.score_label(board)
        self.around = ranks.rows(board)
        self.activity = [_row(item) for item in figures.activity[:SHOWN_ACTS]]
        self._succeed()


def _stats(figures: MemberOverview, board: BoardView) -> list[StatRow]:
    change, direction = words.change(figures.points_this_month, figures.points_last_month, "this time last month")
    return [
        words.stat(
            "Points this month",
            words.number(figures.points_this_month),
            change=change,
            direction=direction,
            series=[float(points) for points in figures.points_by_day],
        ),
        words.stat(
            "Rank this month", ranks.rank_label(board), unit=f"of {words.number(board.total)}", change=_ahead(board)
        ),
        words.stat("Referrals approved", words.number(figures.referrals_approved), change="since you joined"),
        words.stat(
            "Rewards payable",
            words.money(figures.rewards_payable, figures.currency),
            change="ready to be paid out" if figures.rewards_payable else "nothing is due yet",
        ),
    ]


def _ahead(board: BoardView) -> str:
    if board.me is None:
        return "no score this month yet"
    gap = ranks.gap_label(board)
    return f"{gap} to the next rank" if board.me.to_next is not None else gap


def _row(item: ActivityView) -> TimelineRow:
    phrase = acts.describe_event(item.type)
    worth = item.value or Decimal(0)
    return TimelineRow(
        key=str(item.event_id),
        kind=phrase.kind,
        tone=phrase.tone,
        title=phrase.title,
        detail="",
        at=words.moment(item.occurred_at),
        amount=words.signed(worth) if worth else "",
    )
