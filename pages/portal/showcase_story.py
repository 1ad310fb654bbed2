"""The story as visitors read it, each part with its own editor."""

from __future__ import annotations

import reflex as rx

from pages.components.act import act
from pages.components.card import card
from pages.components.confirm import confirm
from pages.components.dialog import Field, form_dialog
from pages.components.figure_list import figure_chips, told
from pages.components.local_time import local_time
from pages.components.values import call, count
from state.showcase import ShowcaseState
from state.showcase_rows import LineRow, SectionRow

_LONGEST = 4000


def story() -> rx.Component:
    """Draw the card with the whole page."""
    shown = ShowcaseState.shown
    return card(
        rx.el.header(
            rx.el.span(shown["kind"], class_name="bz-story-kind"),
            rx.el.div(
                rx.el.p(shown["title"], class_name="bz-story-title"),
                act("pencil", "Change the title", on_click=call(ShowcaseState.open_dialog, "title")),
                class_name="bz-story-line",
            ),
            rx.el.p(shown["byline"], " · ", shown["period"], class_name="bz-muted"),
            rx.el.dl(rx.foreach(ShowcaseState.headlines, _headline), class_name="bz-story-figures"),
            class_name="bz-story-head",
        ),
        rx.foreach(ShowcaseState.sections, _section),
        _quote(),
        rx.el.p(
            "Compared with ",
            shown["baseline"],
            ". Counted as of ",
            local_time(shown["as_of"], "date"),
            ". Written by: ",
            shown["written_by"],
            ".",
            class_name="bz-small bz-muted bz-story-foot",
        ),
        title="What visitors see",
        hint="Follow a number to its figure. What you change is on the page at once.",
        class_name="bz-story",
    )


def _headline(row: LineRow) -> rx.Component:
    return rx.el.div(
        rx.el.dt(row["label"]),
        rx.el.dd(
            rx.el.span(row["value"], class_name="bz-story-value bz-num"),
            rx.el.span(
                row["moved"],
                class_name="bz-small bz-tone",
                data_tone=rx.match(row["direction"], ("up", "good"), ("down", "bad"), "neutral"),
            ),
        ),
        key=row["key"],
    )


def _section(row: SectionRow) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h3(row["heading"]),
            rx.cond(row["by"] != "", rx.el.span(row["by"], class_name="bz-small bz-muted")),
            rx.cond(
                row["is_open"],
                rx.fragment(),
                act("pencil", "Change the text of " + row["heading"], on_click=call(ShowcaseState.edit, row["key"])),
            ),
            class_name="bz-story-line",
        ),
        rx.cond(row["is_open"], _editor(row), rx.el.p(told(row["pieces"]), class_name="bz-story-text")),
        key=row["key"],
        class_name="bz-story-part",
    )


def _editor(row: SectionRow) -> rx.Component:
    name, error = "text-" + row["key"], "error-" + row["key"]
    return rx.el.form(
        rx.el.input(type="hidden", name="key", value=row["key"]),
        rx.el.textarea(
            default_value=row["text"],
            name="text",
            id=name,
            max_length=_LONGEST,
            auto_focus=True,
            aria_label="Text of " + row["heading"],
            class_name="bz-area bz-story-area",
            custom_attrs={
                "data-figures": "true",
                "aria-invalid": rx.cond(row["error"] != "", "true", "false"),
                "aria-describedby": error,
            },
        ),
        rx.el.div(
            rx.cond(
                row["error"] != "",
                rx.el.span(
                    rx.icon("circle_alert", size=14, aria_hidden="true"), row["error"], class_name="bz-field-error"
                ),
            ),
            id=error,
            role="alert",
        ),
        figure_chips(row["chips"]),
        rx.el.div(
            rx.button(
                "Leave as it was",
                type="button",
                variant="soft",
                color_scheme="gray",
                on_click=call(ShowcaseState.leave, row["key"]),
            ),
            rx.button("Save text", type="submit", loading=ShowcaseState.saving_key == row["key"]),
            class_name="bz-form-actions",
        ),
        on_submit=ShowcaseState.save,
        class_name="bz-story-form",
    )


def _quote() -> rx.Component:
    shown = ShowcaseState.shown
    return rx.el.section(
        rx.el.div(
            rx.el.h3("In the client's words"),
            rx.cond(
                count(ShowcaseState.quote) > 0,
                rx.fragment(
                    act("pencil", "Change the quote", on_click=call(ShowcaseState.open_dialog, "quote")),
                    confirm(
                        act("trash_2", "Take the quote away"),
                        title="Take the quote away?",
                        consequence="The words and their author are gone from the showcase and from its page.",
                        action="Take it away",
                        on_confirm=ShowcaseState.remove_quote,
                    ),
                ),
            ),
            class_name="bz-story-line",
        ),
        rx.cond(
            count(ShowcaseState.quote) > 0,
            rx.el.figure(
                rx.el.blockquote(rx.el.p(told(ShowcaseState.quote))),
                rx.el.figcaption(shown["quote_author"]),
                class_name="bz-story-quote",
            ),
            rx.button(
                rx.icon("message_square_quote", size=16, aria_hidden="true"),
                "Add a quote",
                type="button",
                variant="soft",
                color_scheme="gray",
                on_click=call(ShowcaseState.open_dialog, "quote"),
            ),
        ),
        class_name="bz-story-part",
    )


def title_dialog() -> rx.Component:
    """Draw the dialog of the title."""
    return form_dialog(
        ShowcaseState,
        "title",
        title="Title",
        text="It stands above the page, in search results and in previews. The address stays as it is.",
        fields=(Field("title", "Title", value=ShowcaseState.shown["title"], max_length=140),),
        submit_label="Save title",
        on_submit=ShowcaseState.save_title,
    )


def quote_dialog() -> rx.Component:
    """Draw the dialog of the client's words."""
    shown = ShowcaseState.shown
    return form_dialog(
        ShowcaseState,
        "quote",
        title="In the client's words",
        text="Other words than before need the consent anew: until it is given, a published page comes down.",
        fields=(
            Field(
                "text", "Quote", "area", value=shown["quote_text"], hint="A number in it must be one of the figures."
            ),
            Field("author", "Who says it", value=shown["quote_author"], max_length=120),
        ),
        submit_label="Save quote",
        on_submit=ShowcaseState.save_quote,
    )
