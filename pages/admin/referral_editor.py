"""The editor of a referral programme: its terms by what they are about, and its tiers as rows."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.act import act
from pages.components.callout import callout
from pages.components.dialog import Field, choices, field, form_dialog
from pages.components.values import Text, call, count, digits, words
from state.referral_editor import MOST_TIERS, ProgramEditorState
from state.referral_rows import TierFields

_PLATFORMS: Final = choices(
    ("bizosaas", "BizOSaaS"), ("bizoholic", "Bizoholic"), ("coreldove", "Coreldove"), ("bizosaas-admin", "Admin")
)
_STATUSES: Final = choices(("active", "Running"), ("draft", "Draft"), ("paused", "Paused"))
_MODELS: Final = choices(("last_click", "The last link clicked"), ("first_click", "The first link clicked"))
_KINDS: Final = choices(("credit", "Credit"), ("cash", "Cash"), ("points", "Points"))
_SIDES: Final = choices(("single", "The referrer"), ("double", "The referrer and the friend"))


def editor() -> rx.Component:
    """Draw the dialog of the editor."""
    return form_dialog(
        ProgramEditorState,
        "program",
        title=ProgramEditorState.title,
        text="Terms count from the next conversion; what was earned before stays as it was.",
        fields=(_about(), _counting(), _rewards(), _tiers(), _checks(), _faults()),
        submit_label="Save programme",
        on_submit=ProgramEditorState.save,
        wide=True,
    )


def _about() -> rx.Component:
    return _section(
        "Programme",
        _pair(_text("name", "Name", max_length=120), _choice("status", "Status", _STATUSES)),
        _text("landing_url", "Landing page", "url", hint="Where a friend arrives after the click.", max_length=2048),
        _pair(
            _choice("platform", "Platform", _PLATFORMS),
            _switch("is_default", "Default programme", "Members share its link when they name no other."),
        ),
    )


def _counting() -> rx.Component:
    return _section(
        "What counts",
        _pair(
            _text("qualifying_event", "Qualifying event", hint="The kind of event that earns the reward."),
            _text("minimum_order", "Minimum order value", "number", optional=True),
        ),
        _pair(
            _text("attribution_window_days", "Days from click to order", "number"),
            _choice("attribution_model", "Who is credited", _MODELS),
        ),
    )


def _rewards() -> rx.Component:
    fixed = "Stays once the programme has conversions."
    return _section(
        "Reward",
        _pair(_choice("reward_kind", "Kind", _KINDS, hint=fixed), _choice("reward_sides", "For whom", _SIDES)),
        _pair(
            _text(
                "currency",
                "Currency",
                hint="For example EUR; leave empty for your own. " + fixed,
                max_length=3,
                optional=True,
            ),
            _text("hold_days", "Days held", "number", hint="For as long as a refund is possible."),
        ),
        _pair(
            _text("min_payout", "Minimum payout", "number"),
            _text("spend_cap", "Spend cap", "number", hint="Beyond it, referrals earn nothing.", optional=True),
        ),
        _text("points_per_approval", "Points per approved referral", "number", hint="For boards and achievements."),
    )


def _checks() -> rx.Component:
    return _section(
        "Fraud checks",
        _switch("is_fraud_checked", "Check each conversion", "Off, every conversion is approved as it comes."),
        _pair(
            _text("review_threshold", "Score from which a person decides", "number", hint="0 to 101."),
            _text("block_threshold", "Score from which it is rejected", "number", hint="101 never rejects."),
        ),
    )


def _tiers() -> rx.Component:
    return _section(
        "Tiers",
        rx.el.p("A member's tier follows from their approved referrals.", class_name="bz-small bz-muted bz-flat"),
        _error("tiers"),
        rx.el.ol(
            rx.foreach(ProgramEditorState.tiers, _tier), class_name="bz-tier-rows", aria_label="Tiers, the lowest first"
        ),
        rx.button(
            rx.icon("plus", size=16, aria_hidden="true"),
            "Add tier",
            type="button",
            variant="soft",
            color_scheme="gray",
            disabled=count(ProgramEditorState.tiers) >= MOST_TIERS,
            on_click=ProgramEditorState.add_tier,
        ),
    )


def _tier(row: TierFields) -> rx.Component:
    """Draw a tier; its fields belong to the row, so that what was typed moves with it."""
    number = "tier " + digits(row["number"])
    return rx.el.li(
        _tier_field(row, "name", "Name"),
        _tier_field(row, "threshold", "From referrals", is_number=True),
        _tier_field(row, "reward", "Reward each", is_number=True),
        _tier_field(row, "referred_reward", "For the friend", is_number=True),
        rx.el.div(
            act(
                "arrow_up",
                "Move " + number + " up",
                disabled=row["number"] == 1,
                on_click=call(ProgramEditorState.raise_tier, row["id"]),
            ),
            act("trash_2", "Remove " + number, on_click=call(ProgramEditorState.remove_tier, row["id"])),
            class_name="bz-row-acts",
        ),
        key=row["id"],
        class_name="bz-tier-row",
    )


def _tier_field(row: TierFields, part: str, label: str, *, is_number: bool = False) -> rx.Component:
    name = "tier-" + words(row["id"]) + f"-{part}"
    errors: Any = ProgramEditorState.errors
    has_error = errors.contains(name)
    attrs: dict[str, Any] = {"aria-describedby": name + "-error", "aria-invalid": rx.cond(has_error, "true", "false")}
    return rx.el.div(
        rx.el.label(label, html_for="field-" + name),
        rx.input(
            id="field-" + name,
            name=name,
            default_value=words(row[part]),  # type: ignore[literal-required]  # one of the fields above
            max_length=120,
            auto_complete=False,
            custom_attrs=attrs | ({"inputMode": "decimal"} if is_number else {}),
        ),
        _error(name),
        class_name="bz-field",
    )


def _error(name: Text) -> rx.Component:
    errors: Any = ProgramEditorState.errors
    return rx.cond(
        errors.contains(name),
        rx.el.span(
            rx.icon("circle_alert", size=14, aria_hidden="true"),
            errors[name],
            id=words(name) + "-error",
            class_name="bz-field-error",
            role="alert",
        ),
    )


def _faults() -> rx.Component:
    """Say beside the button that something above it needs another look."""
    errors: Any = ProgramEditorState.errors
    number = errors.keys().length()
    text = rx.cond(number == 1, "One field needs another look.", words(number) + " fields need another look.")
    return rx.cond(number > 0, callout(text, tone="bad"))


def _section(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.fieldset(rx.el.legend(title), *children, class_name="bz-form-part")


def _pair(*children: rx.Component) -> rx.Component:
    return rx.el.div(*children, class_name="bz-field-pair")


def _text(name: str, label: str, kind: Any = "text", **more: Any) -> rx.Component:
    return field(ProgramEditorState, Field(name, label, kind, value=ProgramEditorState.texts[name], **more))


def _choice(name: str, label: str, options: Any, hint: str = "") -> rx.Component:
    value = ProgramEditorState.texts[name]
    return field(ProgramEditorState, Field(name, label, "choice", value=value, choices=options, hint=hint))


def _switch(name: str, label: str, hint: str) -> rx.Component:
    return field(ProgramEditorState, Field(name, label, "switch", value=ProgramEditorState.switches[name], hint=hint))
