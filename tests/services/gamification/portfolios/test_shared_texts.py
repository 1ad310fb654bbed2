"""What a showcase keeps to be said elsewhere: no number of its own, and nothing that the client holds back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bizosaas_app.services.gamification.portfolios import shared_texts
from bizosaas_app.services.gamification.portfolios.writing import Draft
from models import ShowcasePortfolio
from tests.support.showcases import figures

FIGURES = figures()
SHARED = {
    "seo_title": "Case study: completed orders",
    "seo_description": "1,234 points in 30 days.",
    "linkedin": "Orders fell by 40%, to 12. Counted and not claimed.",
    "short_post": "Points rose by 25%.",
    "facebook": "What does it take?",
    "whatsapp": "Have a look: 12 orders in 30 days.",
}
ALL = {"client_name": True, "figures": True, "quote": True}
QUOTE = {"text": "We never looked back. It was a calm time.", "author": "Ada Byron"}


def row_of(**fields: Any) -> ShowcasePortfolio:
    day = date(2026, 9, 1)
    given: dict[str, Any] = {
        "tenant_id": UUID(int=1),
        "owner_user_id": UUID(int=2),
        "template": "case_study",
        "slug": "orders",
        "title": "Orders",
        "period_from": day,
        "period_to": day,
        "figures": [figure.dump() for figure in FIGURES],
        "consents": ALL,
        "shared_texts": SHARED,
    }
    return ShowcasePortfolio(**(given | fields))


def test_what_passes_the_number_guard_is_kept() -> None:
    assert shared_texts.keep(Draft("Orders", [], shared=SHARED), FIGURES, is_titled=False) == SHARED


@pytest.mark.parametrize(
    "text",
    [
        "1,235 points in 30 days.",
        "Twice as many orders.",
        "1,234 points, 40 orders.",
        "Points fell by 25%.",
        "Orders rose by 40%.",
        "1,234 million points.",
        "Worth \N{EURO SIGN}1,234.",
        " ",
    ],
)
def test_a_text_with_a_number_of_its_own_is_not_kept_and_costs_no_other(text: str) -> None:
    kept = shared_texts.keep(Draft("Orders", [], shared=SHARED | {"linkedin": text}), FIGURES, is_titled=False)
    assert kept == {name: told for name, told in SHARED.items() if name != "linkedin"}


def test_an_unknown_name_is_not_kept_and_a_title_of_the_owners_own_stands_for_itself() -> None:
    kept = shared_texts.keep(Draft("Orders", [], shared=SHARED | {"fax": "Hello."}), FIGURES, is_titled=True)
    assert kept == {name: text for name, text in SHARED.items() if name != "seo_title"}


def test_a_figure_that_is_no_more_takes_what_names_it_along() -> None:
    left = [figure.dump() for figure in FIGURES if figure.key != "orders"]
    assert shared_texts.told(row_of(figures=left)).keys() == SHARED.keys() - {"linkedin", "whatsapp"}


def test_without_consent_for_the_figures_none_is_told() -> None:
    sections = [{"key": "outcome", "text": "It went well. In 30 days there were 12 orders.", "by": "composer"}]
    row = row_of(consents=ALL | {"figures": False}, sections=sections)
    assert shared_texts.told(row).keys() == {"seo_title", "facebook"}
    assert shared_texts.told_sections(row) == {"outcome": "It went well."}
    assert shared_texts.told_sections(row_of(sections=sections)) == {"outcome": sections[0]["text"]}


@pytest.mark.parametrize(
    "text", ["As they say: we never\nlooked back!", "ADA BYRON is glad.", "It was a calm time, and more."]
)
def test_without_consent_for_the_quote_nothing_of_it_is_told(text: str) -> None:
    sections = [{"key": "outcome", "text": f"It went well. {text}", "by": "person"}]
    row = row_of(quote=QUOTE, consents=ALL | {"quote": False}, sections=sections, shared_texts={"facebook": text})
    assert shared_texts.told(row) == {}
    assert shared_texts.told_sections(row) == {"outcome": "It went well."}
    row.consents = ALL
    assert shared_texts.told(row) == {"facebook": text}


def test_an_edit_takes_along_what_speaks_of_it() -> None:
    row = row_of()
    assert shared_texts.keep_after(row, is_retitled=False, is_rewritten=False) == SHARED
    assert shared_texts.keep_after(row, is_retitled=True, is_rewritten=False).keys() == SHARED.keys() - {"seo_title"}
    assert shared_texts.keep_after(row, is_retitled=False, is_rewritten=True) == {}
