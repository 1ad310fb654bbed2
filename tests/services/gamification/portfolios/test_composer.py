"""Figures from an activity, and the words that the composer puts around them: true, whole and always the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizosaas_app.services.gamification.portfolios import measures, writing
from bizosaas_app.services.gamification.portfolios.collecting import period_before
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.figures import Figure, Stretch
from bizosaas_app.services.gamification.portfolios.measures import KINDS, UNLOCKS, Activity, Count, Place
from bizosaas_app.services.gamification.portfolios.writing import Brief, Draft, Section, Template

NOW = Stretch(date(2026, 9, 1), date(2026, 9, 30))
BEFORE = period_before(NOW)
TYPES = [kind.type for kind in (*KINDS, UNLOCKS)]


def activity(stretch: Stretch, by_type: dict[str, int], **fields: object) -> Activity:
    """What the ledger would hold: so many events of each type, each worth ten points."""
    counts = {kind: Count(events, Decimal(events * 10), (f"{kind}-1",)) for kind, events in by_type.items()}
    own = [count for kind, count in counts.items() if kind != UNLOCKS.type]
    actions = Count(sum(count.events for count in own), sum((count.total for count in own), Decimal(0)))
    return Activity(stretch=stretch, by_type=counts, actions=actions, **fields)  # type: ignore[arg-type]


counts = st.dictionaries(st.sampled_from(TYPES), st.integers(1, 2000), max_size=6)
days = st.dictionaries(
    st.integers(0, 29).map(lambda offset: NOW.begins + timedelta(days=offset)), st.integers(0, 5000).map(Decimal)
)
places = st.none() | st.builds(Place, st.integers(1, 9), st.integers(1, 60))
orders = st.builds(Count, st.integers(1, 40), st.decimals(0, 90_000, places=2))


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    now = activity(
        NOW,
        draw(counts) | {"task.completed": draw(st.integers(3, 50))},
        orders=draw(orders),
        currency=draw(st.sampled_from(["EUR", "USD", "INR", "CHF", "JPY"])),
        points_by_day=draw(days),
        members=draw(st.integers(0, 50)),
        place=draw(places),
    )
    template: Template = draw(st.sampled_from(["case_study", "before_after"]))
    figures = measures.derive(now, activity(BEFORE, draw(counts), orders=draw(orders)))
    return Brief(draw(st.uuids()), template, draw(st.booleans()), figures)


@settings(max_examples=150, deadline=None)
@given(brief=briefs())
async def test_whatever_the_figures_are_every_number_of_the_text_is_one_of_them(brief: Brief) -> None:
    draft = await Composer().write(brief)
    assert writing.find_faults(draft, brief) == {}
    assert "{" not in draft.title + "".join(section.text for section in draft.sections)


async def test_one_action_before_is_not_told_as_several() -> None:
    figures = measures.derive(activity(NOW, {"task.completed": 9}), activity(BEFORE, {"task.completed": 1}))
    for number in range(8):
        draft = await Composer().write(Brief(UUID(int=number), "before_after", False, figures))
        text = " ".join(section.text for section in draft.sections)
        assert re.search(r"(?<![\d.,])1 recorded action\b", text)
        assert not re.search(r"(?<![\d.,])1 (recorded )?actions", text)


async def test_the_same_showcase_gets_the_same_words_and_another_one_others() -> None:
    figures = measures.derive(activity(NOW, {"task.completed": 9}), activity(BEFORE, {"task.completed": 4}))
    one, other = uuid4(), uuid4()

    async def text(portfolio_id: UUID) -> str:
        draft = await Composer().write(Brief(portfolio_id, "case_study", False, figures))
        return " ".join(section.text for section in draft.sections)

    assert await text(one) == await text(one)
    assert len({await text(uuid4()) for _ in range(12)}) > 1
    assert "9" in await text(other)


def by_key(now: Activity, before: Activity) -> dict[str, Figure]:
    return {figure.key: figure for figure in measures.derive(now, before)}


def test_only_what_has_data_becomes_a_figure() -> None:
    found = by_key(activity(NOW, {"order.completed": 3}), activity(BEFORE, {"lead.won": 5}))
    assert found.keys() == {"days", "points", "points_before", "points_change", "actions"} | {
        "actions_before",
        "actions_change",
        "orders",
    }


def test_a_figure_tells_its_period_its_source_and_its_events() -> None:
    found = by_key(activity(NOW, {"order.completed": 3}), activity(BEFORE, {"order.completed": 4}))
    orders, before, change = (found[key] for key in ("orders", "orders_before", "orders_change"))
    assert (orders.value, orders.rendered, orders.stretch) == (3, "3", NOW)
    assert (orders.source.aggregate, orders.source.types, orders.source.events) == ("count", ("order.completed",), 3)
    assert orders.source.event_ids == ("order.completed-1",)
    assert (before.value, before.stretch) == (4, Stretch(date(2026, 8, 2), date(2026, 8, 31)))
    assert (change.value, change.rendered, change.label) == (-25, "25%", "Orders completed, fall on the period before")
    assert Figure.load(change.dump()) == change


def test_what_only_follows_from_other_facts_is_no_action() -> None:
    found = by_key(activity(NOW, {"task.completed": 4, UNLOCKS.type: 2}), activity(BEFORE, {}))
    assert (found["actions"].value, found["achievements"].value) == (4, 2)


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(12, 12, None), (1000, 1001, None), (7, 3, 133), (3, 7, -57), (5, 0, None)]
)
def test_a_change_is_told_in_whole_percent_where_there_is_one(now: int, before: int, expected: int | None) -> None:
    figure = by_key(activity(NOW, {"lead.won": now}), activity(BEFORE, {"lead.won": before} if before else {})).get(
        "leads_change"
    )
    assert (figure.value if figure else None) == expected


def test_money_is_rendered_in_its_currency_and_stays_one_word() -> None:
    orders = Count(2, Decimal("1234.5"))
    found = by_key(activity(NOW, {"order.completed": 2}, orders=orders, currency="CHF"), activity(BEFORE, {}))
    figure = found["order_value"]
    assert (figure.value, figure.rendered) == ({"amount": "1234.50", "currency": "CHF"}, "CHF\u00a01,234.50")


def test_a_place_among_few_is_not_told() -> None:
    few, many = (
        by_key(activity(NOW, {"lead.won": 3}, place=Place(1, among)), activity(BEFORE, {})) for among in (4, 5)
    )
    assert "rank" not in few
    assert (many["rank"].rendered, many["ranked"].rendered) == ("1", "5")


async def test_a_fall_is_told_as_well_as_a_rise() -> None:
    now, before = {"lead.won": 2, "social.posted": 9}, {"lead.won": 8, "social.posted": 3}
    figures = measures.derive(activity(NOW, now), activity(BEFORE, before))
    draft = await Composer().write(Brief(uuid4(), "before_after", False, figures))
    after = next(section.text for section in draft.sections if section.key == "after")
    assert "Leads won" in after
    assert "Social posts" in after


def test_a_draft_that_lacks_a_section_or_names_an_unbound_number_is_refused() -> None:
    figures = measures.derive(activity(NOW, {"lead.won": 3}), activity(BEFORE, {}))
    brief = Brief(uuid4(), "before_after", False, figures)
    draft = Draft("Twice as good", [Section("before", "3 leads."), Section("after", "7 leads.")])
    assert writing.find_faults(draft, brief).keys() == {"title", "sections", "sections.1.text"}
