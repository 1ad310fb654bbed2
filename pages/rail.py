"""The rail: logo, platform switcher, navigation by permission; and on phones the bottom bar in its place."""

from __future__ import annotations

import reflex as rx

from pages import navigation
from pages.components.brand import brand
from pages.components.nav_place import NavPlace
from pages.components.skeleton import skeleton
from pages.navigation import NavEntry
from state.rows import Choice
from state.session import SessionState


def rail(path: str) -> rx.Component:
    """Draw the left rail; `path` marks the entry of the page that is open."""
    return rx.el.aside(
        brand(SessionState.home_path),
        _switcher(),
        rx.el.nav(
            *[_group(name, entries, path) for name, entries in navigation.groups()],
            rx.cond(SessionState.is_ready, NavPlace.create(), _waiting()),
            class_name="bz-nav",
            aria_label="Main",
        ),
        rx.cond(rx.Var.create(SessionState.permissions).contains("manage_api_keys"), _reference()),
        class_name="bz-rail",
    )


def _reference() -> rx.Component:
    """Draw the foot: how the API is called, for those who may hold its keys."""
    return rx.el.div(
        rx.el.a(
            rx.icon("code_xml", size=20, aria_hidden="true"),
            rx.el.span("API reference", class_name="bz-label"),
            href="/api/docs",
            class_name="bz-nav-item",
            custom_attrs={"data-session": "open-api", "title": "API reference"},
        ),
        class_name="bz-rail-foot",
    )


def tab_bar(path: str) -> rx.Component:
    """Draw the bottom bar of phones: the first four entries that the person may open, and all the others in a sheet."""
    entries = [_permitted(entry, rx.el.li(_tab(entry, path))) for entry in navigation.NAVIGATION if entry.is_in_bar]
    return rx.el.nav(rx.el.ul(*entries), _more(path), class_name="bz-tabbar", aria_label="Main, short")


def _more(path: str) -> rx.Component:
    """Draw the button of the sheet with every entry; choosing one closes it."""
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.el.button(
                rx.icon("menu", size=20, aria_hidden="true"),
                rx.el.span("More"),
                type="button",
                class_name="bz-tab-more",
            ),
        ),
        rx.dialog.content(
            rx.dialog.title("Where to", size="4"),
            rx.dialog.description("Every page that you may open.", class_name="bz-sr"),
            rx.el.nav(
                *[_group(name, entries, path, closes=True) for name, entries in navigation.groups()],
                class_name="bz-nav",
                aria_label="All pages",
            ),
            class_name="bz-sheet",
        ),
    )


def _waiting() -> rx.Component:
    lines = [rx.el.div(skeleton(width), class_name="bz-nav-item") for width in ("56%", "72%", "48%")]
    return rx.el.div(*lines, class_name="bz-nav-wait", aria_hidden="true")


def _group(name: str, entries: list[NavEntry], path: str, *, closes: bool = False) -> rx.Component:
    def item(entry: NavEntry) -> rx.Component:
        return rx.dialog.close(_item(entry, path)) if closes else _item(entry, path)

    return rx.el.div(
        rx.el.div(name, class_name="bz-nav-title"),
        rx.el.ul(*[_permitted(entry, rx.el.li(item(entry))) for entry in entries], aria_label=name),
        class_name="bz-nav-group",
    )


def _permitted(entry: NavEntry, item: rx.Component) -> rx.Component:
    if not entry.permission:
        return rx.cond(SessionState.is_ready, item)
    held = rx.Var.create(SessionState.permissions)
    is_shown = held.contains(entry.permission)
    return rx.cond(is_shown & ~held.contains(entry.unless) if entry.unless else is_shown, item)


def _item(entry: NavEntry, path: str) -> rx.Component:
    return rx.link(
        rx.icon(entry.icon, size=20, aria_hidden="true"),
        rx.el.span(entry.label, class_name="bz-label"),
        href=entry.path,
        underline="none",
        class_name="bz-nav-item",
        custom_attrs=_current(entry, path) | {"title": entry.label},
    )


def _tab(entry: NavEntry, path: str) -> rx.Component:
    label = entry.group if entry.label == "Overview" else entry.label
    return rx.link(
        rx.icon(entry.icon, size=20, aria_hidden="true"),
        rx.el.span(label, class_name="bz-truncate"),
        href=entry.path,
        underline="none",
        custom_attrs=_current(entry, path),
    )


def _current(entry: NavEntry, path: str) -> dict[str, str]:
    return {"aria-current": "page"} if entry.path == path else {}


def _switcher() -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.el.button(
                rx.el.span(SessionState.tenant_initials, class_name="bz-tile", aria_hidden="true"),
                rx.el.span(
                    rx.el.span(SessionState.tenant_name, class_name="bz-strong"),
                    rx.cond(
                        SessionState.platform_label != SessionState.tenant_name,
                        rx.el.span(SessionState.platform_label, class_name="bz-small bz-muted"),
                    ),
                    class_name="bz-switcher-text",
                ),
                rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
                rx.el.span("Switch platform", class_name="bz-sr"),
                type="button",
                class_name="bz-switcher",
            ),
        ),
        rx.dropdown_menu.content(
            rx.el.div("Platform", class_name="bz-menu-title"),
            rx.foreach(SessionState.platforms, _platform),
            size="2",
            variant="soft",
            width="208px",
        ),
        modal=False,
    )


def _platform(choice: Choice) -> rx.Component:
    """An entry of the switcher; `session.js` does the switching over HTTP."""
    is_current = choice["value"] == SessionState.platform
    return rx.dropdown_menu.item(
        rx.el.span(choice["label"], style={"flex": "1"}),
        rx.cond(is_current, rx.icon("check", size=16, aria_hidden="true")),
        custom_attrs={
            "role": "menuitemradio",
            "aria-checked": rx.cond(is_current, "true", "false"),
            "data-session": rx.cond(is_current, "", "switch-platform"),
            "data-value": choice["value"],
        },
    )
