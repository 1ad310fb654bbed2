"""What search engines and networks are told: within their limits, whole sentences, and no figure of their own."""

from __future__ import annotations

from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.gateway import portfolio_sharing
from bizosaas_app.gateway.contracts.portfolios import SocialView
from bizosaas_app.gateway.portfolio_sharing import Told
from bizosaas_app.kernel import number_guard
from tests.support.showcases import figures

URL = "https://apps.example/showcase/ten-good-days"
FIGURES = figures()
LABELS = {figure.key: figure.label for figure in FIGURES}
OUTCOME = "The period brought 1,234 points, 25% more than before. Orders fell by 40%. In 30 days there were 12 orders."
SECTIONS = {"situation": "It began quietly.", "outcome": OUTCOME, "figures": "Counted."}


def posts(title: str = "Ten good days", code: str | None = "MIA-2026", **sections: str) -> dict[str, SocialView]:
    made = portfolio_sharing.social(told(title, SECTIONS | sections), url=URL, referral_code=code)
    return {post.network: post for post in made}


def told(title: str, sections: dict[str, str], **kept: str) -> Told:
    return {"title": title, "sections": sections, "labels": LABELS, "kept": kept}


def test_each_network_has_its_text_with_the_outcome_and_its_limit() -> None:
    made = posts()
    assert list(made) == ["LinkedIn", "X", "Facebook", "WhatsApp"]
    assert made["LinkedIn"].text == f"Ten good days\n\n{OUTCOME}\n\n#OrdersCompleted #PointsEarned"
    # 13 + 2 + 103 + 2 + 30 characters, a blank line, and a link that counts 23
    assert made["X"].length == len(made["X"].text) + 2 + 23
    assert all(post.length <= post.limit for post in made.values())


@pytest.mark.parametrize("code", ["MIA-2026", None])
def test_each_link_tells_its_network_and_the_owners_code(code: str | None) -> None:
    for name, post in posts(code=code).items():
        told = parse_qs(urlsplit(post.link).query)
        assert told["utm_source"] == [name.lower()]
        assert (told["utm_medium"], told["utm_campaign"]) == (["share"], ["showcase"])
        assert told.get("ref") == ([code] if code else None)


def test_a_text_that_is_too_long_ends_with_a_whole_sentence() -> None:
    long = " ".join(f"Sentence about the work, number after number, {word}." for word in "abcdefghijk")
    post = posts(outcome=long)["X"]
    told = post.text.split("\n\n")[1]
    assert long.startswith(told)
    assert told.endswith(".")
    assert post.length <= 280


sentences = st.lists(
    st.sampled_from(
        ["Points rose by 25% to 1,234.", "There were 12 orders!", "Was it 30 days?", "Quiet days.", "A" * 90 + "."]
    ),
    max_size=40,
).map(" ".join)
titles = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=140).filter(str.strip)


@settings(max_examples=150, deadline=None)
@given(title=titles, outcome=sentences)
def test_whatever_the_texts_are_limits_hold(title: str, outcome: str) -> None:
    for post in posts(title=title, outcome=outcome).values():
        assert post.length <= post.limit


@settings(max_examples=100, deadline=None)
@given(outcome=sentences)
def test_no_figure_is_cut_or_made(outcome: str) -> None:
    texts = [post.text for post in posts(title="How it went", outcome=outcome).values()]
    for text in [*texts, portfolio_sharing.describe(told("How it went", {"outcome": outcome}))]:
        assert number_guard.find_faults(text, FIGURES) == []


def test_search_engines_are_told_title_description_and_the_kinds_of_work() -> None:
    seo = portfolio_sharing.seo(told("Ten good days", SECTIONS), company="Acme", template="case_study")
    assert seo.title == "Ten good days | Acme"
    assert seo.description == OUTCOME
    assert seo.keywords == ["orders completed", "points earned", "case study", "Acme"]
    bare = {**told("t" * 70, {}), "labels": {}}
    long = portfolio_sharing.seo(cast(Told, bare), company="Acme", template="case_study")
    assert (long.title, long.description) == ("t" * 70, "t" * 70)


def test_what_the_writer_wrote_comes_before_what_is_derived() -> None:
    kept = told("Ten good days", SECTIONS, seo_title="Case study: orders", seo_description="12 orders in 30 days.")
    seo = portfolio_sharing.seo(kept, company="Acme", template="case_study")
    assert (seo.title, seo.description) == ("Case study: orders | Acme", "12 orders in 30 days.")
    assert portfolio_sharing.headline(kept) == "Case study: orders"
    made = {post.network: post for post in portfolio_sharing.social(kept, url=URL, referral_code=None)}
    assert made["X"].text.startswith("Ten good days")
    kept["kept"] = {"short_post": "In 30 days: 12 orders.", "facebook": "What does it take?\n\n30 days."}
    made = {post.network: post for post in portfolio_sharing.social(kept, url=URL, referral_code=None)}
    assert made["X"].text == "In 30 days: 12 orders.\n\n#OrdersCompleted #PointsEarned"
    assert made["X"].length == len(made["X"].text) + 2 + 23
    assert made["Facebook"].text == "What does it take?\n\n30 days."
    assert made["WhatsApp"].text.startswith("Ten good days")


def test_what_the_writer_wrote_is_cut_between_sentences_or_left_out() -> None:
    words = "A" * 150 + " came of it."
    kept = told(
        "Ten good days",
        SECTIONS,
        seo_title="t" * 61,
        seo_description=f"In 30 days. {words}",
        short_post=f"12 orders. {words} {words}",
        facebook="f" * 500,
    )
    seo = portfolio_sharing.seo(kept, company="Acme", template="case_study")
    assert (seo.title, seo.description) == ("Ten good days | Acme", "In 30 days.")
    made = {post.network: post for post in portfolio_sharing.social(kept, url=URL, referral_code=None)}
    assert made["X"].text == f"12 orders. {words}\n\n#OrdersCompleted #PointsEarned"
    assert made["Facebook"].text.startswith("Ten good days\n\n")
    assert all(post.length <= post.limit for post in made.values())


@settings(max_examples=100, deadline=None)
@given(written=sentences)
def test_limits_hold_and_no_figure_is_cut_or_made_whatever_the_writer_wrote(written: str) -> None:
    names = ("seo_title", "seo_description", "linkedin", "short_post", "facebook", "whatsapp")
    kept = told("How it went", SECTIONS, **dict.fromkeys(names, written))
    seo = portfolio_sharing.seo(kept, company="Acme", template="case_study")
    assert len(seo.title) <= 60
    assert len(seo.description) <= 160
    for post in portfolio_sharing.social(kept, url=URL, referral_code="MIA-2026"):
        assert post.length <= post.limit
        assert number_guard.find_faults(post.text, FIGURES) == []
