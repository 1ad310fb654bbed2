"""The top bar: where one is, whether the page is live, what waits, and the person's own menu."""

from __future__ import annotations

from typing import Final, Literal

import reflex as rx
from reflex.style import color_mode, set_color_mode

from pages.bell import bell
from pages.components.avatar import avatar
from pages.components.brand import mark
from pages.components.live import live_indicator
from state.session import SessionState

_THEMES: Final[tuple[tuple[Literal["system", "light", "dark"], str, str], ...]] = (
    ("system", "System", "monitor"),
    ("light", "Light", "sun"),
    ("dark", "Dark", "moon"),
)


def top_bar(trail: list[tuple[str, str]]) -> rx.Component:
    """Draw the bar; `trail` is the breadcrumb as (label, path), the last one without a path."""
    return rx.el.header(
        rx.link(
            mark(28),
            href=SessionState.home_path,
            class_name="bz-topbar-brand",
            custom_attrs={"aria-label": "BizOSaaS, home"},
        ),
        _crumbs(trail),
        live_indicator(),
        bell(),
        _user_menu(),
        class_name="bz-topbar",
    )


def _crumbs(trail: list[tuple[str, str]]) -> rx.Component:
    items = []
    for label, path in trail[:-1]:
        crumb = rx.link(label, href=path, underline="none") if path else rx.el.span(label)
        items.append(rx.el.li(crumb, rx.icon("chevron_right", size=14, aria_hidden="true")))
    last, _ = trail[-1]
    items.append(rx.el.li(last, custom_attrs={"aria-current": "page"}))
    return rx.el.nav(rx.el.ol(*items), class_name="bz-crumbs", aria_label="Breadcrumb")


def _user_menu() -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.el.button(
                avatar(SessionState.initials),
                rx.el.span(SessionState.name, class_name="bz-label bz-truncate bz-strong"),
                rx.icon("chevron_down", size=16, aria_hidden="true"),
                rx.el.span("Your menu", class_name="bz-sr"),
                type="button",
                class_name="bz-userbtn",
            ),
        ),
        rx.dropdown_menu.content(
            rx.el.div(
                rx.el.span(SessionState.name, class_name="bz-strong"),
                rx.el.span(SessionState.email, class_name="bz-small bz-muted"),
                rx.el.span(SessionState.role_label, class_name="bz-small bz-muted"),
                class_name="bz-menu-head",
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(rx.icon("settings", size=16), "Settings", on_select=rx.redirect("/portal/settings")),
            rx.dropdown_menu.separator(),
            rx.el.div("Theme", class_name="bz-menu-title"),
            *[_theme(*choice) for choice in _THEMES],
            rx.dropdown_menu.separator(),
            _sign_out("logout", "log_out", "Sign out"),
            _sign_out("logout-all", "monitor_x", "Sign out everywhere"),
            size="2",
            variant="soft",
            align="end",
            min_width="232px",
        ),
        modal=False,
    )


def _theme(mode: Literal["system", "light", "dark"], label: str, icon: str) -> rx.Component:
    return rx.dropdown_menu.item(
        rx.icon(icon, size=16),
        rx.el.span(label, style={"flex": "1"}),
        rx.cond(color_mode == mode, rx.icon("check", size=16, aria_hidden="true")),
        on_select=set_color_mode(mode),
        custom_attrs={
            "role": "menuitemradio",
            "aria-checked": rx.cond(color_mode == mode, "true", "false"),
            "aria-label": f"{label} theme",
        },
    )


def _sign_out(action: str, icon: str, label: str) -> rx.Component:
    """An entry that `session.js` carries out over HTTP, so that it works while the socket is down."""
    return rx.dropdown_menu.item(rx.icon(icon, size=16), label, custom_attrs={"data-session": action})
