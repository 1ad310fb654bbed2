"""The members of the tenant: finding them, inviting them, their roles and whether they may come in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar, Final, TypedDict

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import members, page_watching, removal
from bizosaas_app.gateway.contracts.members import ChangeUser, Invite, ListUsers, MemberView, UserChange
from bizosaas_app.gateway.contracts.privacy import RemoveUser
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.permissions import ROLE_NAMES
from state import notices, words
from state.area import Next
from state.following import TABLE_PAUSE_SECONDS, FollowingState
from state.form import FormState
from state.listing import ListingState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = "manage_users"
STATUSES: Final = {
    "active": ("Active", "good"),
    "invited": ("Invited", "info"),
    "suspended": ("Suspended", "bad"),
}


class PersonRow(TypedDict):
    """A member as the table of an administrator shows them."""

    id: str
    name: str
    email: str
    initials: str
    role: str
    role_label: str
    status: str
    status_label: str
    tone: str
    joined_at: str
    seen_at: str
    is_me: bool


class MembersState(FollowingState, ListingState, FormState, SessionState):
    """The table of members, and the dialogs that change them."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[PersonRow] = []
    chosen: PersonRow = {
        "id": "",
        "name": "",
        "email": "",
        "initials": "",
        "role": "",
        "role_label": "",
        "status": "",
        "status_label": "",
        "tone": "",
        "joined_at": "",
        "seen_at": "",
        "is_me": False,
    }
    """The member whom the open dialog is about."""
    sort: str = "name"
    filters: dict[str, str] = {"role": "", "status": ""}

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the shown one again as members change; the page's address may name a status."""
        async with self:
            asked = self.router.url.query_parameters.get("status", "")
            if asked in STATUSES:
                self.filters = {**self.filters, "status": asked}
            self._cursors = []
        await self._follow(TABLE_PAUSE_SECONDS)

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return page_watching.watch_members(actor)

    @rx.event
    @policy(MANAGE)
    async def invite(self, sent: dict[str, Any]) -> EventSpec | None:
        """Invite a person by mail."""
        async with self._saving():
            wanted = {name: sent.get(name, "") for name in ("email", "name", "role")}
            person = await members.invite_user(await self._actor(), Invite.model_validate(wanted))
            await self._turn()
            return rx.toast.success(f"Invitation sent to {person.email}")
        return None

    @rx.event
    @policy(MANAGE)
    def choose_member(self, user_id: str) -> None:
        """Open the dialog that changes a member's role."""
        self._choose(user_id, "role")

    @rx.event
    @policy(MANAGE)
    async def change_role(self, sent: dict[str, Any]) -> EventSpec | None:
        """Give the chosen member another role."""
        async with self._saving():
            await _change(await self._actor(), self.chosen["id"], role=sent.get("role", ""))
            await self._turn()
            return rx.toast.success("Saved. The new role counts from the next click.")
        return None

    @rx.event
    @policy(MANAGE)
    async def change_status(self, user_id: str, status: str) -> EventSpec:
        """Suspend a member, or let them in again."""

        async def change(actor: Actor) -> str:
            await _change(actor, user_id, status=status)
            return "Suspended and signed out everywhere" if status == "suspended" else "May come in again"

        return await self._attempt(change)

    @rx.event
    @policy(MANAGE)
    def choose_leaver(self, user_id: str) -> None:
        """Open the dialog that removes a member."""
        self._choose(user_id, "remove")

    @rx.event
    @policy(MANAGE)
    async def remove(self, sent: dict[str, Any]) -> Next:
        """Take from the chosen member all that names them, for good, once their address is typed."""
        self.is_saving = True
        yield
        async with self._saving():
            email = self.chosen["email"]
            if str(sent.get("confirm", "")).strip().lower() != email:
                raise InputInvalid({"confirm": f"Type {email} to confirm"})
            await removal.remove_user(await self._actor(), RemoveUser(user_id=notices.id_of(self.chosen["id"])))
            await self._turn()
            yield rx.toast.success("Removed. What they did stays as a former member's.")

    @rx.event
    @policy(MANAGE)
    async def invite_again(self, user_id: str) -> EventSpec:
        """Send a fresh link to who has not answered yet; the old one ends."""
        found = next((row for row in self.rows if row["id"] == user_id and row["status"] != "active"), None)
        if found is None:
            return rx.toast.error("That member is not on this page any more")
        return await self._attempt(lambda actor: _invite_again(actor, found))

    def _choose(self, user_id: str, dialog: str) -> None:
        found = next((row for row in self.rows if row["id"] == user_id), None)
        if found is not None:
            self.chosen = found
            self._open_dialog(dialog)

    async def _read(self, actor: Actor) -> None:
        page = await members.list_users(actor, self._wanted(ListUsers))
        self.rows = [_row(member, actor) for member in page.items]
        self._paged(page)


async def _change(actor: Actor, user_id: str, **wanted: Any) -> None:
    change = UserChange.model_validate(wanted)
    await members.change_user(actor, ChangeUser(user_id=notices.id_of(user_id), change=change))


async def _invite_again(actor: Actor, person: PersonRow) -> str:
    wanted = {"email": person["email"], "name": person["name"], "role": person["role"]}
    await members.invite_user(actor, Invite.model_validate(wanted))
    return f"A new invitation was sent to {person['email']}"


def _row(member: MemberView, actor: Actor) -> PersonRow:
    label, tone = STATUSES[member.status]
    return PersonRow(
        id=str(member.id),
        name=member.name or member.email,
        email=member.email,
        initials=words.initials(member.name or member.email),
        role=member.role,
        role_label=ROLE_NAMES.get(member.role, member.role),
        status=member.status,
        status_label=label,
        tone=tone,
        joined_at=words.moment(member.created_at),
        seen_at=words.moment(member.last_login_at) if member.last_login_at else "",
        is_me=member.id == actor.user_id,
    )
