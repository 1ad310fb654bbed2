"""Ways: on which of our pages one does what an achievement asks for. Data first, then the function that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

WAYS: Final[Mapping[str, tuple[str, str]]] = {
    "referral": ("/portal/referrals", "Share your link"),
    "leaderboard": ("/portal/leaderboard", "See the leaderboard"),
    "campaign": ("/portal/agents", "Ask an agent"),
    "content": ("/portal/agents", "Ask an agent"),
    "social": ("/portal/agents", "Ask an agent"),
}
"""Page and words by the first part of the event's type. Orders, leads and tasks are done elsewhere."""


def way_to(trigger: Mapping[str, Any] | None) -> tuple[str, str]:
    """Give the page and what its link says, of several conditions for the first that has one; or nothing."""
    if trigger is None:
        return "", ""
    parts = trigger.get("all_of") or trigger.get("any_of")
    if parts:
        return next((way for part in parts if (way := way_to(part))[0]), ("", ""))
    return WAYS.get(str(trigger.get("event", "")).partition(".")[0], ("", ""))
