"""The portal's home page."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import ClassVar, Final

from bizosaas_app.gateway import achievements, leaderboards, notice_watching, overview
from bizosaas_app.gateway.contracts.achievements import ReadGoals
from bizosaas_app.gateway.contracts.leaderboards import BoardView, ReadBoard
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.overview import ActivityView, MemberOverview, ReadOverview
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, NotFound
from state import acts, goals, ranks, words
from state.following import FollowingState
from state.goals import GoalRow
from state.rows import RankRow, StatRow, TimelineRow
from state.session import SessionState
from state.watching import merged

WINDOW: Final = "month"
SHOWN_ACTS: Final = 6
"""As many as stand beside the five rows of the board."""
SHOWN_GOALS: Final = 3
NO_BOARD: Final = "The leaderboard cannot be read right now; everything else is up to date."


PURPOSE: Final = "Your figures, your next goals and what you did lately."
"""What the page is for: said until it is known where the member stands."""


class PortalHomeState(FollowingState, SessionState):
    """The member's figures, next goals, the board around them and what they did lately; live.

    What others do moves only the board, which is read from Valkey; the member's own figures are counted again when
    their own score moves or they are told something.
    """

    GUARD: ClassVar[str] = "access_portal"

    standing: str = ""
    stats: list[StatRow] = []
    goals: list[GoalRow] = []
    has_board: bool = False
    board_title: str = ""
    score_label: str = ""
    around: list[RankRow] = []
    activity: list[TimelineRow] = []
    announcement: str = ""

    _figures: MemberOverview | None = None
    _score: float | None = None
    """The own score that the figures were counted with."""

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        command = ReadBoard(key=leaderboards.MAIN_BOARD, window=WINDOW)
        return merged(notice_watching.watch_notices(actor), leaderboards.watch_board(actor, command))

    async def _hear(self, actor: Actor, news: object) -> None:
        is_own = not isinstance(news, BoardView) or self._figures is None or _score(news) != self._score
        if is_own:
            await self._read(actor)
        else:
            await self._read_board(actor)

    async def _read(self, actor: Actor) -> None:
        self._figures = await overview.read_member(actor, ReadOverview())
        found = await achievements.read_goals(actor, ReadGoals(tenant_id=actor.tenant_id, limit=SHOWN_GOALS))
        self.goals = goals.rows(found.items)
        self.activity = [_row(item) for item in self._figures.activity[:SHOWN_ACTS]]
        await self._read_board(actor)

    async def _read_board(self, actor: Actor) -> None:
        """Read the board around the member; without it the rest of the page stands."""
        board, missing = await _around(actor)
        self.has_board = board is not None
        if self._figures is not None:
            self.stats = _stats(self._figures, board)
        self._show_board(board)
        self._succeed()
        if missing:
            self._warn(NO_BOARD)

    def _show_board(self, board: BoardView | None) -> None:
        self._score = _score(board)
        self.around = ranks.rows(board) if board else []
        if board is None:
            self.standing = PURPOSE
            return
        before, self.standing = self.standing, ranks.standing(board)
        self.announcement = self.standing if before and before != self.standing else ""
        self.board_title = f"{board.leaderboard.title}, {ranks.window_title(board.leaderboard)}"
        self.score_label = ranks.score_label(board)


async def _around(actor: Actor) -> tuple[BoardView | None, bool]:
    """Give the board around the member, and whether one that there is could not be read."""
    command = ReadBoard(key=leaderboards.MAIN_BOARD, window=WINDOW, limit=5, around="me")
    try:
        return await leaderboards.read_board(actor, command), False
    except NotFound:
        return None, False
    except AppError:
        return None, True


def _score(board: BoardView | None) -> float | None:
    return board.me.score if board is not None and board.me is not None else None


def _stats(figures: MemberOverview, board: BoardView | None) -> list[StatRow]:
    change, direction = words.change(figures.points_this_month, figures.points_last_month, "this time last month")
    rank = ranks.rank_label(board) if board else "\N{EN DASH}"
    return [
        words.stat(
            "Points this month",
            words.number(figures.points_this_month),
            change=change,
            direction=direction,
            series=[float(points) for points in figures.points_by_day],
        ),
        words.stat(
            "Rank this month",
            rank,
            unit=f"of {words.number(board.total)}" if board else "",
            change=_ahead(board) if board else "no board to stand on",
        ),
        words.stat("Referrals approved", words.number(figures.referrals_approved), change="since you joined"),
        _payable(figures),
    ]


def _payable(figures: MemberOverview) -> StatRow:
    """Give what is payable: the tenant's own currency at the head, others that something was earned in after it."""
    found = sorted(figures.rewards_payable, key=lambda item: item.currency != figures.currency)
    first, *others = found or [MoneyView(amount="0", currency=figures.currency)]
    is_due = any(Decimal(item.amount) > 0 for item in found)
    ready = "ready to be paid out" if is_due else "nothing is due yet"
    more = f"and {', '.join(_worth(item) for item in others)}, " if others else ""
    return words.stat("Rewards payable", _worth(first), change=more + ready)


def _worth(money: MoneyView) -> str:
    return words.money(Decimal(money.amount), money.currency)


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
        detail=item.subject,
        at=words.moment(item.occurred_at),
        amount=words.signed(worth) if worth else "",
    )
