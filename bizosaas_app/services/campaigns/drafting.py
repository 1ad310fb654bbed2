"""Drafting: from the answers of the campaign builder to a wish, and from a wish's faults back to the fields. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.kernel.money import Money
from bizosaas_app.services.campaigns import budgets, schedules
from bizosaas_app.services.campaigns.audiences import Activity, Audience
from bizosaas_app.services.campaigns.contents import Content, Kind
from bizosaas_app.services.campaigns.schedules import Cap, Hours
from bizosaas_app.services.campaigns.wishes import ChannelWish, Timing, Wish

Values = Mapping[str, Any]
"""The answers by the key of their field, as they are meant."""

PAYLOAD_FORM: Final = 'Write a JSON object such as {"greeting": "Hello {first_name}"}'
_CHANNEL: Final = re.compile(r"channels\.(\d+)\.(\w+)")


def wish_of(values: Values, currency: str) -> Wish:
    """Give the campaign that complete answers mean."""
    shares = shares_of(values, currency)
    return Wish(
        name=values["name"],
        goal=values.get("goal", ""),
        audience=audience_of(values),
        channels=[ChannelWish(kind, content_of(values, kind), shares[kind]) for kind in values["channels"]],
        timing=timing_of(values),
        budget=values.get("budget", Decimal(0)),
    )


def audience_of(values: Values) -> Audience:
    """Give whom the answers mean."""
    return Audience(
        roles=tuple(values.get("roles", ())),
        joined_from=values.get("joined_from"),
        joined_until=values.get("joined_until"),
        activity=_activity(values),
        opted_in_only=values.get("consent") == "asked",
    )


def shares_of(values: Values, currency: str) -> dict[Kind, Decimal]:
    """Give each channel's share: proposed in equal parts that add up exactly, or as it was entered."""
    kinds: tuple[Kind, ...] = values.get("channels", ())
    if values.get("split") == "own":
        return {kind: values.get(f"{kind}_budget", Decimal(0)) for kind in kinds}
    total = Money(values.get("budget", Decimal(0)), currency)
    parts = budgets.split(total, [Decimal(1)] * len(kinds)) if kinds else []
    return {kind: share.amount for kind, share in zip(kinds, parts, strict=True)}


def content_of(values: Values, kind: Kind) -> Content:
    """Give what goes through a channel; a payload that is no JSON object counts as none."""
    return Content(
        subject=values.get(f"{kind}_subject", ""),
        text=values.get(f"{kind}_text", ""),
        url=values.get(f"{kind}_url", ""),
        payload=payload_of(values.get(f"{kind}_payload", "")),
        tracks_clicks=values.get(f"{kind}_links") == "yes",
    )


def payload_of(written: str) -> dict[str, Any] | None:
    """Read a payload that was typed; None for what is no JSON object."""
    try:
        found = json.loads(written, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def timing_of(values: Values) -> Timing:
    """Give when the campaign goes out."""
    has_quiet, has_cap = values.get("has_quiet") == "yes", values.get("has_cap") == "yes"
    return Timing(
        starts_at=values.get("starts_at"),
        ends_at=values.get("ends_at"),
        window=_hours(values["send_from"], values["send_until"]),
        quiet=_hours(values["quiet_from"], values["quiet_until"]) if has_quiet else None,
        days=tuple(values.get("days", schedules.DAYS)),
        cap=Cap(int(values["cap_messages"]), int(values["cap_days"])) if has_cap else None,
    )


def by_field(faults: Mapping[str, str], kinds: tuple[str, ...]) -> dict[str, str]:
    """Give faults of a wish by the fields of the builder; `kinds` are the chosen channels in their order."""
    return {_field_of(name, kinds): fault for name, fault in faults.items()}


def _activity(values: Values) -> Activity | None:
    how = values.get("activity", "any")
    if how == "any" or "activity_days" not in values:
        return None
    return Activity(how == "active", values.get("activity_event", "*"), int(values["activity_days"]))


def _field_of(name: str, kinds: tuple[str, ...]) -> str:
    found = _CHANNEL.fullmatch(name)
    if found is not None:
        return f"{kinds[int(found[1])]}_{found[2]}"
    field = name.rpartition(".")[2]
    return "roles" if field == "audience" else field


def _hours(begin: str, end: str) -> Hours:
    return Hours(time.fromisoformat(begin), time.fromisoformat(end))


def _refuse(word: str) -> Any:
    raise ValueError(word)
