"""The review desk: the live queue, the open case, and the decisions on it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, ClassVar, Final

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway import referral_conversions, review_desk, review_watching
from bizosaas_app.gateway.contracts.referral_conversions import ConversionView, ReviewConversion
from bizosaas_app.gateway.contracts.review_desk import ListQueue, ReadFigures
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import fraud_figures, fraud_view, fraud_words, notices
from state.area import Next, refusal, tell
from state.following import FollowingState
from state.form import FormState
from state.fraud_case import CaseState
from state.fraud_rows import NO_CASE, QueueRow
from state.listing import ListingState
from state.policy import policy
from state.rows import StatRow
from state.session import SessionState

MANAGE: Final = "manage_referrals"
LONGEST_NOTE: Final = 500
SHOWN: Final[dict[str, str]] = {"waiting": "created_at", "decided": "-decided_at", "blocked": "-created_at"}
"""The lists, each with the order that it begins in."""
_MOVES: Final = {"next": 1, "previous": -1}


class FraudDeskState(CaseState, FollowingState, ListingState, FormState, SessionState):
    """What waits, what is open, and what the reviewer does with it."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[QueueRow] = []
    stats: list[StatRow] = []
    shown: str = "waiting"
    sort: str = "created_at"
    is_open: bool = False
    """Whether the case stands before the list, where there is no room for both."""
    place: str = ""
    """Where the open case stands in the list, in words."""

    _engine: list[StatRow] = []
    """How right the engine was; read again after a decision of one's own."""
    _timezone: str = "UTC"
    """The organisation's, once the figures are read: texts name its days."""

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the queue, then follow it until the page is left."""
        async with self:
            self._begin()
        await self._follow()

    @rx.event
    @policy(MANAGE)
    async def choose_shown(self, shown: str) -> AsyncIterator[None]:
        """Show another of the lists, and the first case of it."""
        self.shown = shown if shown in SHOWN else "waiting"
        self.sort, self.chosen, self.is_open = SHOWN[self.shown], "", False
        yield
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def choose_sort(self, sort: str) -> None:
        """Sort the list anew."""
        self.sort = str(sort)
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def open_case(self, case_id: str) -> AsyncIterator[None]:
        """Open a case of the list."""
        self.chosen, self.is_open = str(case_id), True
        yield
        await self._read_case(await self._actor())
        self._tell_place()

    @rx.event
    @policy(MANAGE)
    def close_case(self) -> None:
        """Go back to the list, where there is no room for both."""
        self.is_open = False

    @rx.event
    @policy(MANAGE)
    async def press(self, act: str, case_id: str) -> AsyncIterator[Next]:
        """Do what a key or a button says; a decision only on the case that was shown as it was pressed."""
        if act in _MOVES:
            await self._move(_MOVES[act])
        elif act in ("reject", "note") and self._is_before_me(case_id):
            self._open_dialog(act)
        elif act == "approve" and self._is_before_me(case_id):
            async for event in self._decide("approve", self.note):
                yield event

    @rx.event
    @policy(MANAGE)
    async def write_note(self, sent: dict[str, Any]) -> None:
        """Keep a note for the decision."""
        self.note = str(sent.get("note", "")).strip()[:LONGEST_NOTE]
        self._tidy()

    @rx.event
    @policy(MANAGE)
    async def reject(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Reject the open case; whoever asks later is owed a reason."""
        note = ""
        async with self._saving():
            note = str(sent.get("note", "")).strip()[:LONGEST_NOTE]
            if not note:
                raise InputInvalid({"note": "Say why, for whoever asks later"})
        if note and not self.case["is_decidable"]:
            yield rx.toast.info("Somebody else decided this case meanwhile. Nothing was changed.")
        elif note:
            async for event in self._decide("reject", note):
                yield event

    def _is_before_me(self, case_id: str) -> bool:
        return str(case_id) == self.case["id"] and self.case["is_decidable"]

    async def _move(self, step: int) -> None:
        ids = [row["id"] for row in self.rows]
        here = ids.index(self.chosen) if self.chosen in ids else -1
        there = max(0, here + step)
        if there < len(ids) and ids[there] != self.chosen:
            self.chosen = ids[there]
            await self._read_case(await self._actor())
            self._tell_place()

    async def _decide(self, decision: str, note: str) -> AsyncIterator[Next]:
        """Go on to the next case at once; what could not be decided comes back."""
        taken, actor = self.case["id"], await self._actor()
        self._step_past(taken)
        yield None
        asked = {"conversion_id": notices.id_of(taken), "decision": decision, "note": note or None}
        try:
            view = await referral_conversions.review_conversion(actor, ReviewConversion.model_validate(asked))
        except (AppError, ValidationError) as error:
            self.chosen = taken
            yield refusal(error, "That could not be decided")
        else:
            yield _toast(view, actor, self._timezone)
        self._engine = []
        await self._turn()

    def _step_past(self, case_id: str) -> None:
        ids = [row["id"] for row in self.rows]
        here = ids.index(case_id) if case_id in ids else len(ids)
        self.rows = [row for row in self.rows if row["id"] != case_id]
        left = self.rows[here : here + 1] or self.rows[-1:]
        self.chosen, self.case, self.case_area = (left[0]["id"] if left else ""), NO_CASE, "loading"
        self.is_open = self.is_open and bool(left)

    def _begin(self) -> None:
        """Start afresh; the address may name a case."""
        asked = self.router.url.query_parameters.get("case", "")
        self.chosen, self.is_open, self._engine = str(asked)[:36], bool(asked), []
        self._cursors = []

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return review_watching.watch_desk(actor)

    async def _read(self, actor: Actor) -> None:
        page = await review_desk.list_queue(actor, self._wanted(ListQueue, shown=self.shown))
        self.rows = [fraud_view.queue_row(item) for item in page.items]
        self._paged(page)
        if not self.chosen and self.rows:
            self.chosen = self.rows[0]["id"]
        await self._read_case(actor)
        if self.case["id"]:
            self._succeed()  # who decided the last one is read before the page says that nothing waits
        self._tell_place()
        await self._measure(actor)

    async def _measure(self, actor: Actor) -> None:
        """Read the figures; without them the queue works all the same."""
        try:
            found = await review_desk.read_figures(actor, ReadFigures())
            self._timezone = found.timezone
            self._engine = self._engine or await fraud_figures.read_engine(actor, found.timezone)
            self.stats = fraud_figures.stats(found, self._engine)
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            tell(error)
            self.partial_note = "The figures above could not be read just now. The queue is up to date."
            self.area = "partial" if self.area == "full" else self.area

    def _tell_place(self) -> None:
        ids = [row["id"] for row in self.rows]
        where = f"Case {ids.index(self.chosen) + 1} of {len(ids)}: " if self.chosen in ids else ""
        self.place = f"{where}{self.case['title']}, score {self.case['score']}" if self.case["id"] else ""


def _toast(view: ConversionView, actor: Actor, timezone: str) -> Any:
    said = fraud_words.done(view, utc_now(), timezone)
    if view.reviewed_by != actor.user_id:
        return rx.toast.info(f"Somebody else decided this just before you. {said}")
    return rx.toast.success(said)
