"""Showcases as their pages draw them, and what the page of one keeps while it is edited: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from bizosaas_app.gateway.contracts.portfolios import (
    FigureView,
    MetricsView,
    ProgressView,
    SeoView,
    ShowcaseChange,
    ShowcaseView,
    SocialView,
)
from bizosaas_app.gateway.contracts.showcase_previews import PartView, PieceView, PreviewView
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.portfolios.publishing import NumberUnbound
from state import showcase_sheet, showcase_story, showcase_words
from state.showcase import ShowcaseState
from tests.support.showcases import figures

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ID, OWNER = UUID(int=1), UUID(int=2)
KNOWN = [FigureView.model_validate(item.dump()) for item in figures()]
TEXT = "It brought 1,234 points, 25% more."


def showcase(**fields: Any) -> ShowcaseView:
    known = {
        "id": ID,
        "status": "draft",
        "slug": "good-days",
        "title": "Good days",
        "template": "case_study",
        "scope": "member",
        "owner_user_id": OWNER,
        "owner_name": "Mia",
        "sections": [
            {"key": "situation", "text": "Before.", "by": "composer"},
            {"key": "outcome", "text": TEXT, "by": "person"},
        ],
        "figures": KNOWN,
        "quote": None,
        "consents": {"client_name": True, "figures": False},
        "missing_consents": ["figures"],
        "public_url": None,
        "views": 7,
        "engine": "composer",
        "failure": None,
        "run_id": None,
        "progress": None,
        "from": date(2026, 9, 1),
        "to": date(2026, 9, 30),
        "as_of": NOW,
        "created_at": NOW,
        "updated_at": NOW,
        "published_at": None,
        "metrics": MetricsView(views=1234, shares=2, referral_clicks=0),
    }
    return ShowcaseView.model_validate({**known, **fields})


def preview() -> PreviewView:
    cut = [("It brought ", ""), ("1,234", "points"), (" points, ", ""), ("25%", "points"), (" more.", "")]
    pieces = [PieceView(text=text, figure=key) for text, key in cut]
    return PreviewView(
        kind="Case study",
        title="Good days",
        byline="Mia, Acme",
        period="1 September 2026 to 30 September 2026",
        headlines=[],
        parts=[
            PartView(key="situation", heading="The situation", pieces=[PieceView(text="Before.", figure="")]),
            PartView(key="outcome", heading="The outcome", pieces=pieces),
        ],
        quote=[],
        written_by="The built-in composer",
        baseline="2 August 2026 to 31 August 2026",
    )


def progress(**fields: Any) -> ProgressView:
    steps = ["Collecting", "Choosing", "Writing"]
    return ProgressView.model_validate(
        {"steps": steps, "done": 1, "is_waiting": False, "is_cancel_asked": False, **fields}
    )


def test_the_steps_say_what_is_done_what_goes_on_and_what_comes() -> None:
    assert [row["status"] for row in showcase_words.steps(progress())] == ["done", "now", "next"]
    assert showcase_words.note(progress()) == "Step 2 of 3: Choosing"
    waiting = progress(done=0, is_waiting=True)
    assert [row["status"] for row in showcase_words.steps(waiting)] == ["next", "next", "next"]
    assert showcase_words.note(waiting) == "Waiting for its turn"
    assert showcase_words.note(progress(is_cancel_asked=True)) == "Stopping"
    assert showcase_words.note(progress(done=3)) == "Step 3 of 3: Writing"


def test_a_card_names_its_owner_to_who_sees_everybodys() -> None:
    row = showcase_words.card(showcase(), is_owner_named=True)
    assert (row["owner"], row["period"], row["status_label"]) == ("Mia", "1 Sep to 30 Sep 2026", "Draft")
    assert [(item["label"], item["value"]) for item in row["figures"]] == [
        ("Points earned", "1,234"),
        ("Orders completed", "12"),
    ]
    assert [item["value"] for item in row["counts"]] == ["1,234", "2", "0"]
    assert showcase_words.card(showcase(), is_owner_named=False)["owner"] == ""


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ([], ""),
        (["figures"], "the consent to show the figures is missing"),
        (["client_name", "figures", "quote"], "show the name, the figures and the quote is missing"),
    ],
)
def test_what_publishing_lacks_is_said(missing: list[str], words: str) -> None:
    row = showcase_sheet.shown(showcase(missing_consents=missing), preview(), user_id=str(OWNER))
    assert words in row["missing"]
    assert bool(row["missing"]) == bool(missing)


def test_only_the_owner_consents_to_a_members_showcase_and_any_administrator_to_the_teams() -> None:
    someone = str(UUID(int=9))
    assert showcase_sheet.shown(showcase(), None, user_id=str(OWNER))["can_consent"]
    assert not showcase_sheet.shown(showcase(), None, user_id=someone)["can_consent"]
    assert showcase_sheet.shown(showcase(scope="tenant"), None, user_id=someone)["can_consent"]


def test_beside_a_text_stand_first_the_figures_that_it_names() -> None:
    rows = showcase_sheet.sections(showcase(), preview(), open_keys=["outcome"], faults={})
    situation, outcome = rows
    assert (situation["by"], outcome["by"]) == ("", "Edited by a person")
    assert (situation["is_open"], outcome["is_open"]) == (False, True)
    assert [(chip["value"], chip["is_bound"]) for chip in outcome["chips"]] == [
        ("1,234", True),
        ("25%", True),
        ("12", False),
        ("40%", False),
        ("30", False),
    ]
    assert "".join(piece["text"] for piece in outcome["pieces"]) == outcome["text"] == TEXT


def test_a_figure_says_of_which_events_it_is_made() -> None:
    data = KNOWN[1].model_dump(by_alias=True)
    source = {"aggregate": "count", "types": ["order.completed"], "events": 12, "event_ids": ["a", "b"]}
    (row,) = showcase_sheet.figures([FigureView.model_validate({**data, "source": source})])
    assert (row["source"], row["ids_note"]) == ("Count of 12 events: Sale completed", "2 of the event ids")
    everything = {**source, "types": ["*"], "events": 2}
    (row,) = showcase_sheet.figures([FigureView.model_validate({**data, "source": everything})])
    assert (row["source"], row["ids_note"]) == ("Count of 2 events: all verified actions", "Event ids")
    calendar = {"aggregate": "calendar", "types": [], "events": 0, "event_ids": []}
    (row,) = showcase_sheet.figures([FigureView.model_validate({**data, "source": calendar})])
    assert (row["source"], row["ids_note"]) == ("By the calendar", "")


def test_a_post_is_taken_to_its_network_with_text_and_link() -> None:
    given = SocialView(network="X", text="Good & true", link="https://a.example/?x=1&y=2", length=70, limit=280)
    (row,) = showcase_sheet.social([given])
    assert row["open_url"] == (
        "https://x.com/intent/post?text=Good%20%26%20true&url=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2"
    )
    assert (row["length"], row["percent"]) == ("70 of 280 characters", 25)
    assert row["full"] == "Good & true\n\nhttps://a.example/?x=1&y=2"


def test_a_search_result_shows_the_address_as_search_engines_write_it() -> None:
    social = [SocialView(network="X", text="t", link="https://a.example/showcase/good-days?x", length=1, limit=2)]
    view = showcase(seo=SeoView(title="Good days", description="So.", keywords=["points"]), social=social)
    row = showcase_sheet.seo(view)
    assert (
        row["address"] == "a.example \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} showcase "
        "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} good-days"
    )
    assert (row["title_length"], row["description_length"]) == ("9 of 60 characters", "3 of 160 characters")
    assert showcase_sheet.seo(showcase())["title"] == ""


def page() -> ShowcaseState:
    """The state of a page that shows the showcase."""
    state = ShowcaseState(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex makes states by itself
    state._begin(str(ID))
    state._view, state._preview = showcase(), preview()
    state._draw(state._view, state._preview, str(OWNER))
    return state


def opened(state: ShowcaseState) -> dict[str, str]:
    return {row["key"]: row["error"] for row in state.sections if row["is_open"]}


def test_several_sections_are_edited_at_once_and_closed_one_by_one() -> None:
    state = page()
    for key in ("outcome", "situation", "nonsense"):
        ShowcaseState.edit.fn(state, key)
    assert opened(state) == {"situation": "", "outcome": ""}
    ShowcaseState.leave.fn(state, "outcome")
    assert opened(state) == {"situation": ""}


def test_what_is_read_meanwhile_leaves_open_what_is_open() -> None:
    state = page()
    ShowcaseState.edit.fn(state, "outcome")
    state._faults = {"outcome": "No."}
    state._view = showcase(views=9)
    state._draw(state._view, preview(), str(OWNER))
    assert opened(state) == {"outcome": "No."}
    state._begin(str(UUID(int=3)))
    assert (state.area, state._open, state._faults) == ("loading", [], {})


def test_texts_that_keep_a_page_from_being_published_are_opened() -> None:
    state = page()
    state._point_at(NumberUnbound(data={"sections": ["outcome"]}))
    assert list(opened(state)) == ["outcome"]
    assert opened(state)["outcome"].startswith("A number in this text is no figure any more.")


def test_a_refusal_is_told_in_the_words_of_whoever_refuses() -> None:
    fault = InputInvalid({"sections.0.text": '"9" is none of the figures as they are written'})
    assert showcase_story._reason(fault) == '"9" is none of the figures as they are written.'
    with pytest.raises(ValidationError) as caught:
        ShowcaseChange.model_validate({"sections": [{"key": "outcome", "text": ""}]})
    assert showcase_story._reason(caught.value).endswith(".")
