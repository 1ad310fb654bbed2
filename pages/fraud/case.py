"""The open case: the score with its reasons, what else is known, and the decision."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import reflex as rx

from pages.components.area import area
from pages.components.badge import badge
from pages.components.dial import dial
from pages.components.empty import empty_state
from pages.components.key_map import key_hint
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton, skeleton_rows
from pages.components.timeline import timeline
from pages.components.values import call, count
from pages.fraud.connections import connections
from pages.fraud.part import part
from pages.fraud.people import people
from state.fraud_desk import FraudDeskState
from state.fraud_rows import InnocentRow, ReasonRow

CASE: Final[Any] = FraudDeskState.case  # rows' fields, which a type checker takes for plain text


def case() -> rx.Component:
    """Draw the case that is open, or that none is."""
    own = SimpleNamespace(
        area=FraudDeskState.case_area,
        failure_message=FraudDeskState.case_failure,
        failure_request_id=FraudDeskState.case_failure_id,
        partial_note="",
    )
    return rx.el.section(
        rx.el.button(
            rx.icon("arrow_left", size=16, aria_hidden="true"),
            "Back to the queue",
            type="button",
            on_click=FraudDeskState.close_case,
            class_name="bz-desk-back",
        ),
        rx.el.span(FraudDeskState.place, class_name="bz-sr", role="status"),
        area(
            own,
            rx.el.article(_head(), _decision(), _reasons(), _innocents(), _shared(), people(), _way(), key=CASE["id"]),
            loading=_loading(),
            empty=empty_state("shield_check", "No case is open", "Choose one from the list to see what it is about."),
            retry=FraudDeskState.reload_case,
            framed=False,
        ),
        class_name="bz-card bz-desk-case",
        custom_attrs={"data-subject": ""},
        aria_label="Case",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.div(skeleton("160px", "96px"), rx.el.div(skeleton("200px", "20px"), skeleton("260px"))),
        skeleton("100%", "72px"),
        skeleton_rows(3),
        class_name="bz-case-part",
        aria_hidden="true",
    )


def _head() -> rx.Component:
    return rx.el.div(
        dial(CASE["score"], FraudDeskState.marks, tone=CASE["tone"], label=CASE["dial_label"]),
        rx.el.div(
            rx.el.h2(CASE["referrer"], rx.el.span(" referred ", class_name="bz-muted"), CASE["referred"]),
            rx.el.p(
                CASE["amount"],
                " · ",
                CASE["program"],
                " · ",
                local_time(CASE["ordered_at"], "datetime"),
                class_name="bz-num bz-muted",
            ),
            rx.el.div(badge(CASE["proposal"], CASE["proposal_tone"]), class_name="bz-cell"),
            rx.el.p(CASE["verdict"]),
            rx.el.p(CASE["thresholds"], ". ", CASE["order"], class_name="bz-small bz-muted bz-case-order"),
            class_name="bz-case-title",
        ),
        class_name="bz-case-head",
    )


def _decision() -> rx.Component:
    return rx.el.div(
        rx.cond(CASE["is_decidable"], _acts(), _outcome()),
        rx.el.div(
            _step("chevron_up", "Previous case", "previous", "K"),
            _step("chevron_down", "Next case", "next", "J"),
            class_name="bz-cell bz-case-steps",
        ),
        class_name="bz-case-decision",
    )


def _acts() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _act("check", "Approve", "approve", "A", {"color_scheme": "grass", "variant": "soft"}),
            _act("x", "Reject", "reject", "R", {"color_scheme": "tomato", "variant": "soft"}),
            _act("pencil", "Note", "note", "N", {"color_scheme": "gray", "variant": "soft"}),
            class_name="bz-acts",
        ),
        rx.el.p(
            rx.el.span("Approve: ", class_name="bz-strong"),
            CASE["approve_effect"],
            rx.cond(CASE["approve_at"] != "", rx.fragment(" ", local_time(CASE["approve_at"], "date"))),
            ". ",
            rx.el.span("Reject: ", class_name="bz-strong"),
            CASE["reject_effect"],
            class_name="bz-small bz-muted",
        ),
        rx.cond(
            FraudDeskState.note != "",
            rx.el.p(rx.el.span("Your note: ", class_name="bz-strong"), FraudDeskState.note, class_name="bz-case-note"),
        ),
    )


def _outcome() -> rx.Component:
    return rx.el.div(
        rx.cond(
            CASE["outcome"] != "",
            rx.el.div(
                badge(CASE["outcome"], CASE["outcome_tone"]),
                local_time(CASE["outcome_at"]),
                class_name="bz-cell",
                role="status",
            ),
        ),
        rx.cond(CASE["note"] != "", rx.el.p(CASE["note"], class_name="bz-case-note")),
    )


def _act(icon: str, text: str, act: str, key: str, look: dict[str, Any]) -> rx.Component:
    return rx.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        text,
        key_hint(key),
        on_click=call(FraudDeskState.press, act, CASE["id"]),
        custom_attrs={"aria-keyshortcuts": key},
        **look,
    )


def _step(icon: str, text: str, act: str, key: str) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        on_click=call(FraudDeskState.press, act, CASE["id"]),
        custom_attrs={"aria-keyshortcuts": key},
        aria_label=text,
        title=f"{text} ({key})",
        class_name="bz-iconbtn",
    )


def _reasons() -> rx.Component:
    return rx.cond(
        count(FraudDeskState.reasons) > 0,
        part(
            "Why",
            rx.el.ol(rx.foreach(FraudDeskState.reasons, _reason), class_name="bz-reasons"),
            hint="Points are the chance in percent that a finding, alone, means fraud.",
        ),
    )


def _reason(row: ReasonRow) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row["sentence"], class_name="bz-strong"),
            rx.el.span(row["detail"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.el.span(
            row["points"], rx.el.span(" points", class_name="bz-sr"), class_name="bz-num bz-strong bz-reason-points"
        ),
        rx.el.span(
            rx.el.span(style={"width": row["share"]}, data_tone=row["tone"]),
            class_name="bz-reason-bar",
            aria_hidden="true",
        ),
        key=row["key"],
    )


def _innocents() -> rx.Component:
    return rx.cond(
        count(FraudDeskState.innocents) > 0,
        part(
            "It may be innocent",
            rx.el.ul(rx.foreach(FraudDeskState.innocents, _innocent), class_name="bz-innocents"),
        ),
    )


def _innocent(row: InnocentRow) -> rx.Component:
    return rx.el.li(
        rx.icon("lightbulb", size=16, aria_hidden="true"),
        rx.el.span(row["text"], " ", rx.el.span(row["look_at"], class_name="bz-muted")),
        key=row["key"],
    )


def _shared() -> rx.Component:
    return part("Who shares what", connections(), hint=CASE["summary"])


def _way() -> rx.Component:
    return part("From click to decision", timeline(FraudDeskState.steps, times="datetime"))
