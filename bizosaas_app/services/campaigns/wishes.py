"""Wishes: what a person wants to launch, checked as a whole; each fault names its field."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.campaigns import addresses, budgets, contents, schedules
from bizosaas_app.services.campaigns.audiences import Audience, Midnights
from bizosaas_app.services.campaigns.contents import Content, Kind
from bizosaas_app.services.campaigns.schedules import Cap, Hours, Schedule

NAME_LENGTH: Final = 120
MOST_CAP_MESSAGES: Final = 100
MOST_CAP_DAYS: Final = 90
_NEVER_OPEN: Final = "The quiet hours leave nothing of the hours in which messages may go"


@dataclass(frozen=True, slots=True)
class ChannelWish:
    """What goes through one channel, and its share of the budget."""

    kind: Kind
    content: Content
    budget: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Timing:
    """When it goes out; what is left out is at once, for thirty days, at any hour, however often."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    window: Hours = schedules.ALL_DAY
    quiet: Hours | None = None
    days: tuple[str, ...] = schedules.DAYS
    cap: Cap | None = None

    def schedule(self, timezone: str) -> Schedule:
        """Give the hours in the tenant's time zone."""
        return Schedule(timezone, self.window, self.quiet, self.days, self.cap)

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """Give when it begins and when it ends."""
        begins = max(now, self.starts_at or now)
        return begins, self.ends_at or begins + schedules.USUAL


@dataclass(frozen=True, slots=True)
class Wish:
    """A campaign as somebody wants it; `budget` is in the tenant's currency."""

    name: str
    audience: Audience
    channels: Sequence[ChannelWish]
    timing: Timing
    budget: Decimal = Decimal(0)
    goal: str = ""


def check(wish: Wish, *, currency: str, allowed: Collection[str], now: datetime) -> None:
    """Pass when the wish can be planned; raises `InputInvalid` that names every field that is wrong.

    `allowed` names each `host:port` at which a webhook may be although it is not on the public internet.
    """
    faults = {
        **_name_faults(wish),
        **_audience_faults(wish.audience),
        **_channel_faults(wish, allowed),
        **budgets.find_faults(wish.budget, [channel.budget for channel in wish.channels], currency),
        **timing_faults(wish.timing, now),
    }
    if faults:
        raise InputInvalid(faults)


def midnights(audience: Audience, timezone: str) -> Midnights:
    """Give where the audience's days begin and end in the tenant's time zone."""
    zone = ZoneInfo(timezone)
    first, last = audience.joined_from, audience.joined_until
    return Midnights(
        datetime.combine(first, time(0), zone) if first else None,
        datetime.combine(last + timedelta(days=1), time(0), zone) if last else None,
    )


def _name_faults(wish: Wish) -> dict[str, str]:
    if not wish.name.strip():
        return {"name": "Needed"}
    return {"name": f"At most {NAME_LENGTH} characters"} if len(wish.name) > NAME_LENGTH else {}


def _audience_faults(audience: Audience) -> dict[str, str]:
    first, last = audience.joined_from, audience.joined_until
    if first is not None and last is not None and first > last:
        return {"audience.joined_from": "Is after joined_until"}
    return {}


def _channel_faults(wish: Wish, allowed: Collection[str]) -> dict[str, str]:
    if not wish.channels:
        return {"channels": "Choose one channel at least"}
    kinds = [channel.kind for channel in wish.channels]
    faults = {
        f"channels.{place}.kind": "Each kind of channel can be there once"
        for place, kind in enumerate(kinds)
        if kind in kinds[:place]
    }
    for place, channel in enumerate(wish.channels):
        found = contents.find_faults(channel.kind, channel.content)
        if (
            channel.kind == "webhook"
            and "url" not in found
            and (fault := addresses.find_fault(channel.content.url, allowed))
        ):
            found["url"] = fault
        faults |= {f"channels.{place}.{name}": fault for name, fault in found.items()}
    return faults


def timing_faults(timing: Timing, now: datetime) -> dict[str, str]:
    """Give what is wrong with the times, by field; empty when they can be kept."""
    faults: dict[str, str] = {}
    begins, ends = timing.span(now)
    if begins > now + schedules.LONGEST:
        faults["schedule.starts_at"] = f"At most {schedules.LONGEST.days} days from now"
    if ends <= begins:
        faults["schedule.ends_at"] = "Must be later than the beginning and than now"
    elif ends > begins + schedules.LONGEST:
        faults["schedule.ends_at"] = f"At most {schedules.LONGEST.days} days after the beginning"
    if not timing.days:
        faults["schedule.days"] = "Choose one day at least"
    elif not timing.schedule("UTC").is_ever_open:
        faults["schedule.quiet_from"] = _NEVER_OPEN
    return faults | _cap_faults(timing.cap)


def _cap_faults(cap: Cap | None) -> dict[str, str]:
    if cap is None:
        return {}
    bounds = {"cap_messages": (cap.messages, MOST_CAP_MESSAGES), "cap_days": (cap.days, MOST_CAP_DAYS)}
    return {
        f"schedule.{name}": f"Must be from 1 to {most}"
        for name, (given, most) in bounds.items()
        if not 1 <= given <= most
    }
