"""Admin overview: what needs a decision today, and how the organisation is doing."""

from __future__ import annotations

import reflex as rx

from pages.admin import home_figures, home_today
from pages.components.area import area
from pages.components.empty import empty_state
from pages.shell import shell
from state.admin import AdminFiguresState


def home() -> rx.Component:
    """Draw the admin overview."""
    return shell(
        "Overview",
        "What needs you today, and how your organisation is doing.",
        home_today.needs(),
        home_figures.periods(),
        area(
            AdminFiguresState,
            home_figures.full(),
            loading=home_figures.loading(),
            empty=empty_state(
                "chart_line",
                "No activity yet",
                "Events sent by your systems or done by your members appear here by day, with who took part.",
                rx.link(
                    rx.button("Invite your team", variant="soft", tab_index=-1), href="/admin/users", underline="none"
                ),
            ),
            retry=AdminFiguresState.reload,
        ),
        rx.el.div(home_today.members(), home_today.audit(), class_name="bz-halves"),
        home_today.failed_jobs(),
        path="/admin",
        action=home_figures.export(),
    )
