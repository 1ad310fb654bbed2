"""Phrases: the composer's wordings. Each row says the same in other words; `{...}` are rendered figures.

No phrase holds a number of its own, and none says more than the figures it names.
"""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "title.case_study": (
        "{Lead}: how the work was done",
        "What stood behind {lead}",
        "From daily work to {lead}",
    ),
    "title.before_after": (
        "{Lead}: before and after",
        "Before and after: {lead}",
        "{Lead}, set against the period before",
    ),
    "baseline": (
        "In the {days} days before, the ledger shows {actions_before} recorded actions worth {points_before} points.",
        "The baseline is the {days} days before: {actions_before} recorded actions, {points_before} points.",
        "The {days} days before this period brought {points_before} points from {actions_before} recorded actions.",
    ),
    "baseline.no_points": (
        "In the {days} days before, the ledger shows {actions_before} recorded actions, and no points.",
        "The baseline is the {days} days before: {actions_before} recorded actions that brought no points.",
    ),
    "baseline.empty": (
        "The ledger holds no verified actions from the {days} days before, so there is no baseline to compare with.",
        "Nothing verified is on record for the {days} days before: this story starts from an empty page.",
    ),
    "baseline.kinds": (
        "Among them: {kinds}.",
        "That includes {kinds}.",
        "Part of that: {kinds}.",
    ),
    "work": (
        "Over {days} days the ledger shows {actions} recorded actions.",
        "The period of {days} days holds {actions} recorded actions.",
        "{actions} recorded actions fill these {days} days.",
    ),
    "work.kinds": (
        "The largest part: {kinds}.",
        "Most frequent were {kinds}.",
        "At the top of the list: {kinds}.",
    ),
    "work.days": (
        "The work is spread over {active_days} active days.",
        "There was something to record on {active_days} days.",
        "Active days: {active_days}.",
    ),
    "work.members": (
        "Members taking part: {members}.",
        "People behind it: {members}.",
    ),
    "points.up": (
        "The period brought {points} points, {points_change} more than the period before.",
        "Points rose by {points_change}, from {points_before} to {points}.",
        "{points} points stand against {points_before} in the period before: a rise of {points_change}.",
    ),
    "points.down": (
        "The period brought {points} points, {points_change} fewer than the period before.",
        "Points fell by {points_change}, from {points_before} to {points}.",
        "{points} points stand against {points_before} in the period before: a fall of {points_change}.",
    ),
    "points.level": (
        "The period brought {points} points, after {points_before} in the period before: about level.",
        "With {points} points against {points_before}, the level was held.",
    ),
    "points.new": (
        "The period brought {points} points.",
        "In the end {points} points stood in the ledger.",
    ),
    "kind.up": (
        "{Label} rose from {before} to {now}.",
        "{Label}: {now}, up from {before}.",
        "{Label} went up from {before} to {now}.",
    ),
    "kind.down": (
        "{Label} fell from {before} to {now}.",
        "{Label}: {now}, down from {before}.",
    ),
    "kind.new": (
        "{Label}: {now}, with none on record before.",
        "New in this period: {counted}.",
    ),
    "order_value": (
        "Orders with a known amount add up to {order_value}.",
        "The orders whose amount is on record are worth {order_value}.",
    ),
    "best_day": (
        "The strongest day alone brought {best_day} points.",
        "On the best day {best_day} points came together.",
    ),
    "rank": (
        "By points that is place {rank} among {ranked} members.",
        "Among {ranked} members with points this is rank {rank}.",
    ),
    "achievements": (
        "Achievements unlocked: {achievements}.",
        "The period also unlocked {counted}.",
    ),
    "figures": (
        "Every number here is counted from the ledger, from {actions} recorded actions. "
        "Actions that were reversed or that nobody else vouches for are left out.",
        "The figures come from {actions} recorded actions in the ledger; what was reversed or is only self-reported "
        "does not count.",
    ),
    "figures.baseline": (
        "They are compared with {actions_before} actions of the period before, which has the same length.",
        "The comparison is with the period before, of the same length, and its {actions_before} actions.",
    ),
}
"""By what they say."""

LEADS: Final[dict[str, str]] = {
    "referrals": "approved referrals",
    "orders": "completed orders",
    "leads": "leads won",
    "campaigns": "launched campaigns",
    "content": "published content",
    "posts": "social posts",
    "reviews": "reviews received",
    "sign_ups": "sign-ups by referral",
    "tasks": "completed tasks",
    "points": "points earned",
    "actions": "recorded actions",
}
"""What a title may speak of, by the key of the figure."""
