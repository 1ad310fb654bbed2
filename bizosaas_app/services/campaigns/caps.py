"""Frequency caps: when the next message to a person fits among the others that they get. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from bizosaas_app.services.campaigns.schedules import Cap, Schedule


def first_fit(schedule: Schedule, others: Sequence[datetime], start: datetime, until: datetime) -> datetime | None:
    """Give the first moment from `start` to `until` that the schedule and its cap allow; None when there is none.

    `others` are the person's other messages, sent or planned, in their order.
    """
    if schedule.cap is None:
        return _within(schedule.next_allowed(start), until)
    # What blocks a moment ends where another message leaves the span of the cap: only there can the answer begin.
    ends = [other + schedule.cap.span for other in others]
    for candidate in sorted({start, *(end for end in ends if end > start)}):
        moment = _within(schedule.next_allowed(candidate), until)
        if moment is None:
            return None
        if fits(schedule.cap, others, moment):
            return moment
    return None


def fits(cap: Cap, others: Sequence[datetime], moment: datetime) -> bool:
    """Say whether no span of the cap's length holds too many messages once there is one at this moment."""
    place = bisect_left(others, moment)
    near = [*others[max(0, place - cap.messages) : place], moment, *others[place : place + cap.messages]]
    return not any(last - first < cap.span for first, last in zip(near, near[cap.messages :], strict=False))


def _within(moment: datetime | None, until: datetime) -> datetime | None:
    return moment if moment is not None and moment < until else None


def insert(others: list[datetime], moment: datetime) -> None:
    """Keep a further message in its place of the order."""
    others.insert(bisect_left(others, moment), moment)
