"""Users: the members of the organisation, with invitations, roles and access."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.act import act
from pages.components.area import area
from pages.components.avatar import person
from pages.components.badge import badge
from pages.components.card import card
from pages.components.dialog import Field, choices, form_dialog, typed_word
from pages.components.empty import empty_state
from pages.components.listing import Filter, listing, picker
from pages.components.local_time import local_time
from pages.components.set_aside import Back, set_aside
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import call, words
from pages.shell import shell
from state.members import STATUSES, MembersState, PersonRow

ROLES: Final = choices(("user", "Member"), ("tenant_admin", "Administrator"))


def users() -> rx.Component:
    """Draw the page of members."""
    return shell(
        "Users",
        "Who belongs to your organisation, what they may do, and who is invited.",
        area(
            MembersState,
            _members(),
            loading=card(skeleton_rows(8), flush=True),
            empty=empty_state("users", "Nobody yet", "Invite the people you work with; they get a mail with a link."),
            retry=MembersState.reload,
        ),
        _invite(),
        _role(),
        _removal(),
        path="/admin/users",
        action=rx.button(
            rx.icon("user_plus", size=16, aria_hidden="true"),
            "Invite a person",
            on_click=call(MembersState.open_dialog, "invite"),
        ),
    )


def _members() -> rx.Component:
    return listing(
        MembersState,
        MembersState.rows,
        (
            Column("Member", lambda row: person(row["name"], row["email"], row["initials"]), sort="name"),
            Column("Role", lambda row: row["role_label"], sort="role"),
            Column("Status", lambda row: badge(row["status_label"], row["tone"]), sort="status"),
            Column("Joined", lambda row: local_time(row["joined_at"], "date"), sort="created_at"),
            Column("Last sign-in", _seen, sort="last_login_at"),
            Column("Actions", _acts, end=True, quiet=True),
        ),
        caption="Members of your organisation",
        key=lambda row: row["id"],
        search="Search by name or address",
        filters=(
            Filter("role", "Role", [*choices(("", "All roles")), *ROLES]),
            picker("status", "Status", "Any status", STATUSES),
        ),
    )


def _seen(row: PersonRow) -> rx.Component:
    return rx.cond(row["seen_at"] != "", local_time(row["seen_at"]), rx.el.span("Never", class_name="bz-muted"))


def _acts(row: PersonRow) -> rx.Component:
    return rx.cond(
        row["is_me"],
        badge("You", "accent"),
        rx.el.div(
            rx.cond(
                row["status"] == "invited",
                act("mail", "Invite " + row["name"] + " again", on_click=call(MembersState.invite_again, row["id"])),
                act(
                    "user_cog",
                    "Change the role of " + row["name"],
                    on_click=call(MembersState.choose_member, row["id"]),
                ),
            ),
            _access(row),
            _remove(row),
            class_name="bz-row-acts",
        ),
    )


def _access(row: PersonRow) -> rx.Component:
    return set_aside(
        row["status"] == "suspended",
        Back("lock_open", "Let " + row["name"] + " in again", call(MembersState.change_status, row["id"], "active")),
        "ban",
        "Suspend",
        row["name"],
        consequence="They are signed out everywhere at once and cannot come in until you let them. Their points, ranks "
        "and rewards stay.",
        on_confirm=call(MembersState.change_status, row["id"], "suspended"),
    )


def _remove(row: PersonRow) -> rx.Component:
    return act("user_x", "Remove " + row["name"], on_click=call(MembersState.choose_leaver, row["id"]))


def _removal() -> rx.Component:
    chosen: Any = MembersState.chosen
    return form_dialog(
        MembersState,
        "remove",
        title="Remove " + words(chosen["name"]) + "?",
        text="Their name, address, devices, messages and drafts are deleted and they are signed out at once. "
        "Their points stay as a former member's, so that other ranks stay what they are. This cannot be undone.",
        fields=typed_word("E-mail address", chosen["email"], max_length=254),
        submit_label="Remove",
        on_submit=MembersState.remove,
        danger=True,
    )


def _invite() -> rx.Component:
    return form_dialog(
        MembersState,
        "invite",
        title="Invite a person",
        text="They get a mail with a link that is good for seven days.",
        fields=(
            Field("email", "E-mail", "email", max_length=254),
            Field("name", "Name", optional=True, max_length=120),
            Field("role", "Role", "choice", choices=ROLES, hint="Administrators run the organisation, with all of it."),
        ),
        submit_label="Send invitation",
        on_submit=MembersState.invite,
    )


def _role() -> rx.Component:
    chosen = MembersState.chosen
    return form_dialog(
        MembersState,
        "role",
        title="Role of " + rx.Var.create(chosen["name"]).to(str),
        text="The new role counts from their next click; they stay signed in.",
        fields=(Field("role", "Role", "choice", choices=ROLES, value=chosen["role"]),),
        submit_label="Change role",
        on_submit=MembersState.change_role,
    )
