"""Operations on the members of a tenant."""

from __future__ import annotations

from bizosaas_app.gateway import account_views, cursors
from bizosaas_app.gateway.contracts.members import ChangeUser, Invite, ListUsers, MemberPage, MemberView
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.accounts import members, registration


@operation("users.list", permission="view_members")
async def list_users(actor: Actor, command: ListUsers) -> MemberPage:
    """Give one page of the tenant's members, in the order they came if no other is asked for."""
    wanted = members.Wanted(command.q.strip(), command.role, command.status)
    async with unit_of_work(actor) as session:
        sheet = await members.read_sheet(session, wanted, cursors.asked(command))
    return MemberPage(
        items=[account_views.member_of(row) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("users.invite", permission="manage_users")
async def invite_user(actor: Actor, command: Invite) -> MemberView:
    """Invite a person by mail; raises `AlreadyMember`."""
    async with unit_of_work(actor) as session:
        user = await registration.invite(
            session,
            actor,
            email=command.email,
            name=command.name.strip(),
            role=command.role,
            now=utc_now(),
        )
        row = await members.get_member(session, user.id)
    return account_views.member_of(row)


@operation("users.change", permission="manage_users")
async def change_user(actor: Actor, command: ChangeUser) -> MemberView:
    """Change a member's role or status, in force at their next request.

    Raises `NotFound`, `OwnAccount`, `LastAdmin` or `NotJoinedYet`.
    """
    async with unit_of_work(actor) as session:
        if command.change.role is not None:
            await members.change_role(session, actor, user_id=command.user_id, role=command.change.role)
        if command.change.status is not None:
            await members.change_status(
                session, actor, user_id=command.user_id, status=command.change.status, now=utc_now()
            )
        row = await members.get_member(session, command.user_id)
    return account_views.member_of(row)
