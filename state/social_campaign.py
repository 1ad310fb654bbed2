"""One social campaign: its calendar, what became of each post, its client's answer, and steering it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, ClassVar
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import desk_watching, social, social_approvals
from bizosaas_app.gateway.contracts.social import CampaignId, ChangePost, NewWords, PostId
from bizosaas_app.gateway.contracts.social_approvals import ApprovalId, AskApproval
from bizosaas_app.kernel.actor import Actor
from state import notices, social_words
from state import social_campaigns as desk
from state.area import Next
from state.form import FormState
from state.policy import policy
from state.session import SessionState
from state.social_campaigns import MANAGE
from state.social_rows import AnswerRow, DayRow, PostRow, SocialCampaignRow
from state.steering import SteeringState


class SocialCampaignState(SteeringState, FormState, SessionState):
    """The social campaign that the address names (`?id=`)."""

    GUARD: ClassVar[str] = MANAGE

    shown: SocialCampaignRow = social_words.NO_CAMPAIGN
    days: list[DayRow] = []
    answers: list[AnswerRow] = []
    asked_name: str = ""
    asked_email: str = ""
    """Who was asked last, and where: whoever asks again finds it there."""
    timezone: str = ""
    chosen: PostRow = social_words.NO_POST
    """The post that the open dialog is about."""

    @rx.event
    @policy(MANAGE)
    async def pause(self) -> AsyncIterator[Next]:
        """Publish nothing more for now."""
        async for event in self._steer(lambda actor: desk.pause(actor, self._asked_id)):
            yield event

    @rx.event
    @policy(MANAGE)
    async def resume(self) -> AsyncIterator[Next]:
        """Let it go on."""
        async for event in self._steer(lambda actor: desk.resume(actor, self._asked_id)):
            yield event

    @rx.event
    @policy(MANAGE)
    async def cancel(self) -> AsyncIterator[Next]:
        """End it for good."""
        async for event in self._steer(lambda actor: desk.cancel(actor, self._asked_id)):
            yield event

    @rx.event
    @policy(MANAGE)
    async def retry(self, post_id: str) -> AsyncIterator[Next]:
        """Try a failed post again."""
        async for event in self._steer(lambda actor: _retry(actor, post_id)):
            yield event

    @rx.event
    @policy(MANAGE)
    async def revoke(self, approval_id: str) -> AsyncIterator[Next]:
        """End a client's link at once."""
        async for event in self._steer(lambda actor: _revoke(actor, approval_id)):
            yield event

    @rx.event
    @policy(MANAGE)
    async def ask(self, sent: dict[str, Any]) -> Next:
        """Make a link for a client."""
        self.is_saving = True
        yield
        async with self._saving():
            asked = {
                "campaign_id": self._named_id,
                "client_name": str(sent.get("client_name", "")).strip(),
                "client_email": str(sent.get("client_email", "")).strip() or None,
                "days": str(sent.get("days", "")).strip(),
            }
            made = await social_approvals.ask(await self._actor(), AskApproval.model_validate(asked))
            await self._reread()
            yield rx.toast.success(social_words.asked_words(made))

    @rx.event
    @policy(MANAGE)
    def choose_post(self, post_id: str) -> None:
        """Open the dialog that changes a post."""
        found = (post for day in self.days for post in day["posts"] if post["id"] == post_id)
        post = next(found, None)
        if post is not None and post["can_change"]:
            self.chosen = post
            self._open_dialog("change")

    @rx.event
    @policy(MANAGE)
    async def change(self, sent: dict[str, Any]) -> Next:
        """Save the new words and the new time of the chosen post."""
        self.is_saving = True
        yield
        async with self._saving():
            change = NewWords.model_validate(social_words.rewording(sent, self.chosen, self.timezone))
            command = ChangePost(post_id=notices.id_of(self.chosen["id"]), change=change)
            await social.change_post(await self._actor(), command)
            await self._reread()
            yield rx.toast.success("Saved")

    def _take_address(self) -> None:
        super()._take_address()
        self._arrive()

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return desk_watching.watch_desk(actor, MANAGE)

    async def _read_named(self, actor: Actor, named: UUID) -> None:
        asked = CampaignId(campaign_id=named)
        sheet = await social.read(actor, asked)
        answers = await social_approvals.list_approvals(actor, asked)
        self.shown, self.timezone = social_words.campaign_row(sheet), sheet.timezone
        self.days = social_words.calendar(sheet, answers)
        self.answers = [social_words.answer_row(answer) for answer in answers]
        self.asked_name, self.asked_email = social_words.asked_last(answers)
        self._succeed()

    def _forget(self) -> None:
        self.area, self.shown, self.days, self.answers = "loading", social_words.NO_CAMPAIGN, [], []
        self.asked_name, self.asked_email = "", ""


async def _retry(actor: Actor, post_id: str) -> str:
    await social.retry_post(actor, PostId(post_id=notices.id_of(post_id)))
    return "It is tried again now."


async def _revoke(actor: Actor, approval_id: str) -> str:
    await social_approvals.revoke(actor, ApprovalId(approval_id=notices.id_of(approval_id)))
    return "The link has ended. The campaign waits until you ask again."
