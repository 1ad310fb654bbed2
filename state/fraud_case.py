"""The open case of the review desk: which one it is, and all that is known of it."""

from __future__ import annotations

import reflex as rx

from bizosaas_app.gateway import review_desk
from bizosaas_app.gateway.contracts.review_desk import CaseView, ReadCase
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from state import fraud_drawing, fraud_view, notices
from state.area import tell
from state.fraud_rows import (
    NO_CASE,
    CaseRow,
    CountRow,
    EdgeRow,
    InnocentRow,
    MarkRow,
    NodeRow,
    OtherRow,
    ReasonRow,
    ThingRow,
)
from state.guarded import Guarded
from state.rows import TimelineRow
from state.session import SessionState


class CaseState(Guarded, SessionState, mixin=True):
    """One case, an area of its own beside the list. `chosen` may be ahead of `case` while that is read."""

    chosen: str = ""
    case: CaseRow = NO_CASE
    case_area: str = "loading"
    case_failure: str = ""
    case_failure_id: str = ""
    reasons: list[ReasonRow] = []
    innocents: list[InnocentRow] = []
    things: list[ThingRow] = []
    nodes: list[NodeRow] = []
    edges: list[EdgeRow] = []
    height: int = 0
    """Of the drawing, in its units."""
    marks: list[MarkRow] = []
    referrer_counts: list[CountRow] = []
    referrer_others: list[OtherRow] = []
    referred_counts: list[CountRow] = []
    referred_others: list[OtherRow] = []
    steps: list[TimelineRow] = []
    note: str = ""
    """What is to be kept with the decision that is being made."""

    @rx.event
    async def reload_case(self) -> None:
        """Read the case again, after a failure."""
        await self._read_case(await self._actor())

    async def _read_case(self, actor: Actor) -> None:
        if not self.chosen:
            self._forget_case()
            return
        try:
            view = await review_desk.read_case(actor, ReadCase(conversion_id=notices.id_of(self.chosen)))
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            self.case_area, self.case = "failed", NO_CASE
            self.case_failure, self.case_failure_id = tell(error)
        else:
            self._show(view, actor)

    def _forget_case(self) -> None:
        self.case, self.case_area, self.note = NO_CASE, "empty", ""

    def _show(self, view: CaseView, actor: Actor) -> None:
        if self.case["id"] != str(view.id):
            self.note = ""
        self.nodes, self.edges, self.height = fraud_drawing.draw(view.connections)
        self.case = fraud_view.case_row(view, actor.user_id, utc_now())
        self.marks = fraud_view.marks(view.review_threshold, view.block_threshold)
        self.reasons, self.innocents = fraud_view.reasons(view), fraud_view.innocents(view)
        self.things = fraud_drawing.things(view.connections)
        self.referrer_counts = fraud_view.counts(view.referrer_history)
        self.referrer_others = fraud_view.others(view.referrer_history.latest, by_referrer=True)
        self.referred_counts = fraud_view.counts(view.referred_history)
        self.referred_others = fraud_view.others(view.referred_history.latest, by_referrer=False)
        self.steps = fraud_view.steps(view)
        self.case_area = "full"
