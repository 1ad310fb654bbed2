"""Doubtful unlocks: what looks like manipulation, and a person's decision on it."""

from __future__ import annotations

from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import achievements
from bizosaas_app.gateway.contracts.achievements import DecideReview, ListReviews, ReviewView
from bizosaas_app.kernel.actor import Actor
from state import notices, words
from state.form import FormState
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = "manage_achievements"
STATUSES: Final = {
    "open": ("To decide", "warn"),
    "confirmed": ("Confirmed", "good"),
    "revoked": ("Revoked", "bad"),
}
SEEN: Final = {
    "burst": "Faster than a person",
    "impossible_sequence": "In an impossible order",
}
"""What was seen, by its code."""


class ReviewRow(TypedDict):
    """A doubtful unlock as the table shows it."""

    id: str
    achievement: str
    name: str
    initials: str
    seen: str
    detail: str
    events: str
    period: str
    created_at: str
    decided_at: str
    note: str
    status: str
    status_label: str
    tone: str


_NOBODY: Final[ReviewRow] = {
    "id": "",
    "achievement": "",
    "name": "",
    "initials": "",
    "seen": "",
    "detail": "",
    "events": "",
    "period": "",
    "created_at": "",
    "decided_at": "",
    "note": "",
    "status": "",
    "status_label": "",
    "tone": "",
}


class AchievementReviewsState(ListingState, FormState, SessionState):
    """The table of reviews, and the dialogs that decide them."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ReviewRow] = []
    chosen: ReviewRow = _NOBODY
    waiting: int = 0
    """How many wait for a decision."""
    filters: dict[str, str] = {"status": "open"}

    @rx.event
    @policy(MANAGE)
    def choose_review(self, review_id: str, decision: str) -> None:
        """Open the dialog that confirms an unlock, or the one that revokes it."""
        found = next((row for row in self.rows if row["id"] == review_id), None)
        if found is not None and decision in ("confirm", "revoke"):
            self.chosen = found
            self._open_dialog(decision)

    @rx.event
    @policy(MANAGE)
    async def confirm_unlock(self, sent: dict[str, Any]) -> EventSpec | None:
        """Let the unlock stand."""
        return await self._decide("confirm", sent)

    @rx.event
    @policy(MANAGE)
    async def revoke_unlock(self, sent: dict[str, Any]) -> EventSpec | None:
        """Take the unlock away."""
        return await self._decide("revoke", sent)

    async def _decide(self, decision: str, sent: dict[str, Any]) -> EventSpec | None:
        async with self._saving():
            wanted = {
                "review_id": notices.id_of(self.chosen["id"]),
                "decision": decision,
                "note": str(sent.get("note", "")).strip(),
            }
            decided = await achievements.decide_review(await self._actor(), DecideReview.model_validate(wanted))
            await self._turn()
            kept = "keeps" if decision == "confirm" else "no longer has"
            return rx.toast.success(f"{decided.user_name} {kept} {decided.achievement_name}")
        return None

    async def _read(self, actor: Actor) -> None:
        status = self._asked("status")
        page = await achievements.list_reviews(actor, self._wanted(ListReviews))
        self.rows = [_row(item) for item in page.items]
        self._paged(page)
        self.waiting = page.total if status == "open" and not self.query else await _count_open(actor)
        if not (page.items or page.total or self.query) and status in (None, "open"):
            self._succeed(is_empty=True)


async def _count_open(actor: Actor) -> int:
    return (await achievements.list_reviews(actor, ListReviews(limit=1))).total


def _row(item: ReviewView) -> ReviewRow:
    label, tone = STATUSES[item.status]
    return ReviewRow(
        id=str(item.id),
        achievement=item.achievement_name,
        name=item.user_name,
        initials=words.initials(item.user_name),
        seen=SEEN.get(item.code, item.code.replace("_", " ").capitalize()),
        detail=words.sentence(item.detail),
        events=words.counted(len(item.event_ids), "event", "events"),
        period="" if item.period == "all" else item.period,
        created_at=words.moment(item.created_at),
        decided_at=words.moment(item.decided_at) if item.decided_at else "",
        note=item.note,
        status=item.status,
        status_label=label,
        tone=tone,
    )
