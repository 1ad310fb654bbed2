"""A showcase's facts: forms are taken as they are given, and comparisons tell rises and falls."""

from __future__ import annotations

from agents import showcase_figures
from agents.facts import by_key
from agents.showcase_figures import GivenFigure
from bizosaas_app.services.gamification.portfolios import measures, phrases


def given(**values: float) -> list[GivenFigure]:
    return [GivenFigure(key=key, label=key, value=value, rendered=f"{value:,}") for key, value in values.items()]


def test_kinds_of_work_are_the_ones_that_are_counted() -> None:
    assert list(showcase_figures.KINDS) == [kind.key for kind in measures.KINDS]
    for kind in measures.KINDS:
        assert showcase_figures.KINDS[kind.key] == (kind.label, kind.one, kind.many)


def test_whatever_can_be_counted_is_a_fact_and_a_title_speaks_of_what_titles_speak_of() -> None:
    assert {key for key, _, _ in measures.PLAIN} <= showcase_figures.UNITS.keys()
    (words,) = [fact.value for fact in showcase_figures.sheet(given(content=2), is_of_team=False, is_case_study=True)
                if fact.key == "lead"]  # fmt: skip
    assert words == phrases.LEADS["content"]


def test_the_largest_kinds_are_listed_with_their_nouns() -> None:
    facts = by_key(
        showcase_figures.sheet(given(orders=1, posts=40, leads=3, tasks=2), is_of_team=False, is_case_study=True)
    )
    assert facts["kinds"].rendered == "40 social posts, 3 leads won and 2 completed tasks"


def test_what_moved_most_comes_first_falls_as_well_as_rises() -> None:
    figures = given(actions_before=9, orders=2, orders_before=12, posts=8, posts_before=4, leads=3)
    facts = by_key(showcase_figures.sheet(figures, is_of_team=False, is_case_study=True))
    assert [facts[f"{mover}_label"].rendered for mover in showcase_figures.MOVERS] == [
        "Orders completed",
        "Social posts",
        "Leads won",
    ]
    assert (facts["mover_a_moved"].value, facts["mover_b_moved"].value) == (-1, 1)
    assert "mover_c_moved" not in facts


def test_without_a_baseline_nothing_has_moved() -> None:
    facts = by_key(showcase_figures.sheet(given(orders=2), is_of_team=False, is_case_study=True))
    assert "mover_a_label" not in facts
