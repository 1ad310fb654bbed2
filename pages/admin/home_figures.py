"""Overview, the figures of a period: success metrics, chart, referral funnel, fraud."""

from __future__ import annotations

import reflex as rx

from pages.components.card import card
from pages.components.facts import fact_list
from pages.components.measures import measure_picker, measures
from pages.components.metric import metric_body, metric_row
from pages.components.segmented import picker
from pages.components.skeleton import skeleton, skeleton_rows, skeleton_stats
from state.admin import OWN, AdminFiguresState
from state.overview_figures import PERIOD_CHOICES
from state.overview_rows import StepRow


def periods() -> rx.Component:
    """Draw the choice of the period, the days it means, and its file."""
    return rx.el.div(
        picker(PERIOD_CHOICES, AdminFiguresState.period, AdminFiguresState.choose_period, label="Period"),
        rx.cond(AdminFiguresState.period == OWN, _dates()),
        rx.el.span(AdminFiguresState.span, class_name="bz-small bz-muted bz-num", role="status"),
        class_name="bz-spans",
    )


def _dates() -> rx.Component:
    return rx.el.form(
        _date("from", "From", AdminFiguresState.first),
        _date("to", "To", AdminFiguresState.last),
        rx.button("Show", type="submit", variant="soft", loading=AdminFiguresState.is_busy),
        on_submit=AdminFiguresState.choose_dates,
        no_validate=True,
        class_name="bz-dates",
        aria_label="Own dates",
    )


def _date(name: str, label: str, value: str) -> rx.Component:
    errors = AdminFiguresState.date_errors
    has_error = rx.Var.create(errors).contains(name)
    return rx.el.div(
        rx.el.label(label, html_for=f"period-{name}"),
        rx.el.input(
            type="date",
            id=f"period-{name}",
            name=name,
            default_value=value,
            custom_attrs={
                "aria-describedby": f"period-{name}-error",
                "aria-invalid": rx.cond(has_error, "true", "false"),
            },
            class_name="bz-date",
        ),
        rx.cond(
            has_error,
            rx.el.span(errors[name], id=f"period-{name}-error", class_name="bz-field-error", role="alert"),
        ),
        class_name="bz-date-field",
    )


def export() -> rx.Component:
    """Draw the menu of files; the browser takes them over HTTP with the session."""
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.button(
                rx.icon("download", size=16, aria_hidden="true"),
                "Export CSV",
                rx.icon("chevron_down", size=16, aria_hidden="true"),
                variant="soft",
                disabled=AdminFiguresState.daily_file == "",
            )
        ),
        rx.dropdown_menu.content(
            _file("calendar_days", "Figures by day", AdminFiguresState.daily_file),
            _file("users", "Members", AdminFiguresState.members_file),
            _file("user_plus", "Conversions", AdminFiguresState.conversions_file),
            size="2",
            variant="soft",
            align="end",
        ),
        modal=False,
    )


def _file(icon: str, label: str, address: str) -> rx.Component:
    return rx.dropdown_menu.item(
        rx.icon(icon, size=16, aria_hidden="true"),
        label,
        custom_attrs={"data-session": "open-api", "href": address},
    )


def full() -> rx.Component:
    """Draw the figures."""
    return rx.el.div(
        metric_row(AdminFiguresState.metrics),
        _trend(),
        rx.el.div(_funnel(), _fraud(), class_name="bz-halves"),
        class_name="bz-blocks bz-success",
        aria_busy=rx.cond(AdminFiguresState.is_busy, "true", "false"),
    )


def loading() -> rx.Component:
    """Draw the shape of the figures."""
    return rx.el.div(
        skeleton_stats(4),
        card(skeleton("100%", "336px"), title="Trend"),
        rx.el.div(
            card(skeleton_rows(5), title="Referral funnel", flush=True),
            card(skeleton_rows(5), title="Fraud checks", flush=True),
            class_name="bz-halves",
        ),
        class_name="bz-blocks",
    )


def _trend() -> rx.Component:
    return card(
        measure_picker(AdminFiguresState.measures, AdminFiguresState.toggle_measure),
        measures(AdminFiguresState.points, AdminFiguresState.series, AdminFiguresState.summary),
        title="Trend",
        hint=AdminFiguresState.trend_hint,
    )


def _funnel() -> rx.Component:
    return card(
        rx.el.ol(rx.foreach(AdminFiguresState.steps, _step), class_name="bz-way"),
        title="Referral funnel",
        hint="From the click on a link to the reward",
    )


def _step(row: StepRow) -> rx.Component:
    return rx.el.li(
        rx.el.span(row["label"]),
        rx.el.span(row["rate"], class_name="bz-small bz-muted bz-num"),
        rx.el.span(row["value"], class_name="bz-strong bz-num"),
        rx.el.span(rx.el.span(style={"width": row["width"]}), class_name="bz-step-bar", aria_hidden="true"),
        key=row["key"],
    )


def _fraud() -> rx.Component:
    return card(
        rx.foreach(AdminFiguresState.accuracy, lambda row: rx.el.div(rx.el.h3(row["label"]), metric_body(row))),
        fact_list(AdminFiguresState.fraud),
        title="Fraud checks",
        hint="What the checks decided about the period's conversions",
        action=rx.link(
            "Open queue",
            rx.icon("arrow_right", size=16, aria_hidden="true"),
            href="/admin/fraud",
            underline="none",
            class_name="bz-more-link",
        ),
        class_name="bz-fraud-card",
    )
