"""A member's achievements: what is nearest, what there is already, and what nobody has reached yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Column, Item, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import achievements
from bizosaas_app.gateway.contracts.achievements import (
    AchievementsView,
    AchievementView,
    ReadAchievements,
    ReadGoals,
)

_NEVER_EASY: Final = 90.0
"""Percent of members from which an achievement tells nobody apart."""


class MemberArgs(Args):
    """Whose achievements: one's own, if nobody is named."""

    member_id: UUID | None = Field(None, description="A member of the company; oneself without it")


class GoalsArgs(MemberArgs):
    """Whose goals, and how many."""

    most: int = Field(5, ge=1, le=20, description="How many of the nearest goals")


class Shelf(ToolResult):
    """A member's achievements."""


@tool(
    permission="access_gamification",
    facts={
        "goal_count": "count",
        "goal_name": "text",
        "goal_percent": "percent",
        "goal_action": "text",
        "goal_points": "count",
        "second_goal_name": "text",
        "second_goal_action": "text",
        "goals_points": "count",
    },
    parts={"goals": "table", "steps": "checklist"},
)
async def next_goals(context: ToolContext, args: GoalsArgs) -> Shelf:
    """Give a member's nearest achievements, the nearest first, each with the action that gets there."""
    actor = context.actor
    command = ReadGoals(tenant_id=actor.tenant_id, user_id=args.member_id, limit=args.most)
    goals = (await achievements.read_goals(actor, command)).items
    found = [
        facts.count("goal_count", "Goals within reach", len(goals)),
        facts.count("goals_points", "Points of these goals", sum(goal.points for goal in goals)),
    ]
    if goals:
        nearest = goals[0]
        found += [
            facts.text("goal_name", "Nearest goal", nearest.name),
            facts.percent("goal_percent", "Done of the nearest goal", nearest.progress.percent, digits=0),
            facts.text("goal_action", "What gets there", nearest.next_action),
            facts.count("goal_points", "Points of the nearest goal", nearest.points),
        ]
    if len(goals) > 1:
        found += [
            facts.text("second_goal_name", "Goal after that", goals[1].name),
            facts.text("second_goal_action", "What gets there", goals[1].next_action),
        ]
    items = [Item(text=goal.next_action or goal.description, why=goal.name) for goal in goals]
    return Shelf(
        source="achievements",
        facts=found,
        parts={"goals": _table("The nearest goals", goals), "steps": Checklist(title="What to do next", items=items)},
    )


@tool(
    permission="access_gamification",
    facts={
        "unlocked_count": "count",
        "total_count": "count",
        "unlocked_share": "percent",
        "provisional_count": "count",
        "achievement_points": "count",
        "latest_name": "text",
        "latest_day": "date",
        "rarest_name": "text",
        "rarest_percent": "percent",
        "strongest_category": "text",
        "started_count": "count",
    },
    parts={"unlocked": "table", "categories": "table", "category_chart": "series"},
)
async def achievement_report(context: ToolContext, args: MemberArgs) -> Shelf:
    """Report a member's achievements: how many, how rare, since when, and by category."""
    actor = context.actor
    command = ReadAchievements(tenant_id=actor.tenant_id, user_id=args.member_id)
    view = await achievements.read_achievements(actor, command)
    unlocked = [item for item in view.items if item.status == "unlocked"]
    latest = sorted((item for item in unlocked if item.unlocked_at), key=_unlocked_at, reverse=True)
    return Shelf(
        source="achievements",
        facts=_report_facts(view, unlocked, latest),
        parts={
            "unlocked": _table("Unlocked, the latest first", latest[:50]),
            "categories": _categories(view.items),
            "category_chart": Series(
                title="Unlocked by category",
                form="bar",
                unit="achievements",
                points=[Point(x=name, y=number) for name, number in sorted(_by_category(unlocked).items())],
            ),
        },
    )


def _report_facts(
    view: AchievementsView, unlocked: Sequence[AchievementView], latest: Sequence[AchievementView]
) -> list[Fact]:
    summary = view.summary
    found = [
        facts.count("unlocked_count", "Unlocked", summary.unlocked),
        facts.count("total_count", "Achievements in all", summary.total),
        facts.count("provisional_count", "Waiting for confirmation", summary.provisional),
        facts.count("achievement_points", "Points from achievements", summary.points),
        facts.count("started_count", "Begun", sum(item.status == "in_progress" for item in view.items)),
    ]
    if summary.total:
        found.append(facts.percent("unlocked_share", "Share unlocked", 100 * summary.unlocked / summary.total))
    if latest and (at := latest[0].unlocked_at) is not None:
        found += [facts.text("latest_name", "Unlocked last", latest[0].name), facts.day("latest_day", "On", at.date())]
    rare = [item for item in unlocked if item.rarity_percent is not None and item.rarity_percent < _NEVER_EASY]
    if rare:
        rarest = min(rare, key=lambda item: (item.rarity_percent or 0, item.name))
        found += [
            facts.text("rarest_name", "Rarest of them", rarest.name),
            facts.percent("rarest_percent", "Members who have it", rarest.rarity_percent or 0),
        ]
    if unlocked:
        category, _ = _by_category(unlocked).most_common(1)[0]
        found.append(facts.text("strongest_category", "Strongest category", category))
    return found


def _unlocked_at(item: AchievementView) -> str:
    return item.unlocked_at.isoformat() if item.unlocked_at else ""


def _by_category(items: Sequence[AchievementView]) -> Counter[str]:
    return Counter(item.category for item in items)


def _categories(items: Sequence[AchievementView]) -> Table:
    there, got = _by_category(items), _by_category([item for item in items if item.status == "unlocked"])
    rows: list[dict[str, Cell]] = [
        {"category": name, "unlocked": got[name], "total": total, "share": round(100 * got[name] / total, 1)}
        for name, total in sorted(there.items())
    ]
    columns = [
        Column(key="category", label="Category"),
        Column(key="unlocked", label="Unlocked", kind="number"),
        Column(key="total", label="In all", kind="number"),
        Column(key="share", label="Share", kind="percent"),
    ]
    return Table(title="By category", columns=columns, rows=rows)


def _table(title: str, items: Sequence[AchievementView]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "name": item.name,
            "category": item.category,
            "done": item.progress.percent,
            "points": item.points,
            "rarity": item.rarity_percent,
            "next": item.next_action,
        }
        for item in items
    ]
    columns = [
        Column(key="name", label="Achievement"),
        Column(key="category", label="Category"),
        Column(key="done", label="Done", kind="percent"),
        Column(key="points", label="Points", kind="number"),
        Column(key="rarity", label="Members who have it", kind="percent"),
        Column(key="next", label="What is left"),
    ]
    return Table(title=title, columns=columns, rows=rows)
