"""Who shares what with whom: a small drawing, and the same as a list."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.badge import badge
from pages.components.values import count, digits
from state.fraud_desk import FraudDeskState
from state.fraud_rows import EdgeRow, NodeRow, ThingRow

_ICONS: Final = {
    "referrer": "user_round",
    "referred": "user_round_plus",
    "account": "user_round_plus",
    "member": "user_round",
    "more": "users_round",
    "device": "smartphone",
    "payment": "credit_card",
    "inbox": "mail",
    "cookie": "cookie",
    "address": "map_pin",
}


def connections() -> rx.Component:
    """Draw what is shared; the list below says all of it in words, and what is not shared."""
    case: Any = FraudDeskState.case
    return rx.fragment(
        rx.cond(
            count(FraudDeskState.nodes) > 0,
            rx.el.div(
                _drawing(),
                rx.el.ul(rx.foreach(FraudDeskState.things, _thing), class_name="bz-things"),
                class_name="bz-shared",
            ),
        ),
        rx.cond(case["alone"] != "", rx.el.p(case["alone"], class_name="bz-muted")),
    )


def _drawing() -> rx.Component:
    case: Any = FraudDeskState.case
    return rx.el.svg(
        rx.foreach(FraudDeskState.edges, _edge),
        rx.foreach(FraudDeskState.nodes, _node),
        view_box="0 0 320 " + digits(FraudDeskState.height),
        class_name="bz-drawing",
        role="img",
        aria_label=case["summary"],
    )


def _edge(row: EdgeRow) -> rx.Component:
    return rx.el.line(x1=row["x1"], y1=row["y1"], x2=row["x2"], y2=row["y2"], key=row["key"], data_tone=row["tone"])


def _node(row: NodeRow) -> rx.Component:
    return rx.el.g(
        rx.el.circle(cx=row["x"], cy=row["y"], r="16", data_kind=row["kind"], class_name="bz-node"),
        _icon(row["kind"], {"x": row["icon_x"], "y": row["icon_y"]}),
        rx.el.text(row["label"], x=row["x"], y=row["label_y"], custom_attrs={"textAnchor": "middle"}),
        key=row["key"],
    )


def _thing(row: ThingRow) -> rx.Component:
    return rx.el.li(
        _icon(row["kind"], {}),
        rx.el.div(
            rx.el.span(row["title"], class_name="bz-strong"),
            rx.el.span(row["text"], class_name="bz-small bz-muted"),
            class_name="bz-cell-text",
        ),
        rx.cond(row["verdict"] != "", badge(row["verdict"], row["tone"])),
        key=row["key"],
    )


def _icon(kind: Any, attrs: dict[str, Any]) -> rx.Component:
    cases = [(name, rx.icon(icon, size=16, aria_hidden="true", custom_attrs=attrs)) for name, icon in _ICONS.items()]
    return rx.match(kind, *cases, rx.fragment())
