"""How entries of the audit log look from outside: who acted, and the detail without what could be a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from bizosaas_app.gateway.contracts.audit import AuditLineView, Outcome
from bizosaas_app.services.audit_reading import Line

BLOTTED: Final = "[removed]"
_SECRET: Final = re.compile(r"pass(word|phrase)|secret|token|cookie|authori[sz]ation|fingerprint|hash|api_?key$", re.I)
"""Names under which nothing is shown. Nothing of the kind is written down either; this is the second lock."""
_LONGEST: Final = 500
_MOST: Final = 40

Acting = Literal["member", "api_key", "system", "operator"]


def line(found: Line) -> AuditLineView:
    """Give one entry."""
    entry = found.entry
    return AuditLineView(
        id=entry.id,
        at=entry.at,
        actor=_acting(found),
        actor_name=found.name or found.key_name,
        actor_email=found.email,
        channel=entry.channel,
        action=entry.action,
        subject=entry.subject,
        outcome=cast(Outcome, entry.outcome),  # a CHECK keeps the column to these words
        address=entry.address,
        request_id=entry.request_id,
        detail=shown(entry.detail),
    )


def shown(detail: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Give the detail as names with text, one level deep for each name within a name."""
    found: dict[str, str] = {}
    for name, value in detail.items():
        if len(found) >= _MOST:
            break
        if _SECRET.search(name):
            found[prefix + name] = BLOTTED
        elif isinstance(value, Mapping):
            found |= shown(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif value is None:
        text = "none"
    elif isinstance(value, list) and all(isinstance(item, (str, int, float, type(None))) for item in value):
        text = ", ".join("none" if item is None else str(item) for item in value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def _acting(found: Line) -> Acting:
    if "api_key_id" in found.entry.detail:
        return "api_key"
    if found.entry.actor_user_id is None:
        return "system"
    return "member" if found.email else "operator"
