"""The editor's form of a programme: what its fields begin with, and what they say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from bizosaas_app.gateway.contracts.faults import describe
from bizosaas_app.gateway.contracts.referral_programs import CreateProgram, ProgramChanges, ProgramView
from bizosaas_app.kernel.errors import InputInvalid
from state.changes import changes_of
from state.referral_rows import TierFields

TEXTS: Final = (
    *("name", "platform", "status", "landing_url", "qualifying_event", "attribution_window_days", "attribution_model"),
    *("reward_kind", "reward_sides", "currency", "hold_days", "min_payout", "points_per_approval"),
    *("spend_cap", "minimum_order", "review_threshold", "block_threshold"),
)
SWITCHES: Final = ("is_default", "is_fraud_checked")
_MAY_BE_EMPTY: Final = ("spend_cap", "minimum_order")
_PARTS: Final = ("name", "threshold", "reward", "referred_reward")
_KEY_LENGTH: Final = 32
_FRESH: Final = CreateProgram(name="-", landing_url="-")
"""Where the contract's own first values are read from."""


def texts_of(view: ProgramView | None) -> dict[str, str]:
    """Give what the fields begin with; a new programme's are the contract's."""
    source: Any = view or _FRESH
    found = {name: "" if getattr(source, name) is None else str(getattr(source, name)) for name in TEXTS}
    return found if view else found | {"name": "", "landing_url": ""}


def switches_of(view: ProgramView | None) -> dict[str, bool]:
    """Give which switches are on at first."""
    source: Any = view or _FRESH
    return {name: bool(getattr(source, name)) for name in SWITCHES}


def tiers_of(view: ProgramView) -> list[TierFields]:
    """Give a programme's tiers as rows of the editor."""
    return number(
        [
            TierFields(
                id=tier.key,
                number=0,
                key=tier.key,
                name=tier.name,
                threshold=str(tier.threshold),
                reward=tier.reward,
                referred_reward=tier.referred_reward,
            )
            for tier in view.tiers
        ]
    )


def number(rows: Sequence[TierFields]) -> list[TierFields]:
    """Count the rows through."""
    return [TierFields(**{**row, "number": place}) for place, row in enumerate(rows, start=1)]


def read_new(sent: Mapping[str, Any], rows: Sequence[TierFields]) -> CreateProgram:
    """Give a new programme's terms; raises `InputInvalid` by the editor's fields."""
    try:
        return CreateProgram.model_validate(_document(sent, rows))
    except ValidationError as error:
        raise InputInvalid(locate(_faults(error), rows)) from None


def document_of(view: ProgramView) -> dict[str, Any]:
    """Give the terms as the editor says them before anything is changed in it."""
    rows = tiers_of(view)
    sent: dict[str, Any] = {**texts_of(view), **switches_of(view)}
    for row in rows:
        sent |= {f"tier-{row['id']}-{part}": row[part] for part in _PARTS}
    return _document(sent, rows)


def read_changes(sent: Mapping[str, Any], rows: Sequence[TierFields], opened_with: Mapping[str, Any]) -> ProgramChanges:
    """Give what is to be other than the editor was `opened_with`; raises `InputInvalid` by the editor's fields."""
    try:
        return ProgramChanges.model_validate(changes_of(opened_with, _document(sent, rows)))
    except ValidationError as error:
        raise InputInvalid(locate(_faults(error), rows)) from None


def locate(faults: Mapping[str, str], rows: Sequence[TierFields]) -> dict[str, str]:
    """Give faults of the terms by the editor's fields: `tiers.1.reward` is that of the second row."""
    found: dict[str, str] = {}
    for name, text in faults.items():
        part = re.fullmatch(r"tiers\.(\d+)\.(\w+)", name)
        if part is None or int(part[1]) >= len(rows):
            found.setdefault(name.partition(".")[0], text)
            continue
        field = "name" if part[2] == "key" else part[2]
        found.setdefault(f"tier-{rows[int(part[1])]['id']}-{field}", text)
    return found


def _document(sent: Mapping[str, Any], rows: Sequence[TierFields]) -> dict[str, Any]:
    told: dict[str, Any] = {name: str(sent.get(name, "")).strip() for name in TEXTS}
    told |= {name: None for name in _MAY_BE_EMPTY if not told[name]}
    told |= {name: str(sent.get(name, "")).lower() in ("on", "true") for name in SWITCHES}
    told["currency"] = told["currency"].upper()
    if not told["currency"]:
        del told["currency"]
    return told | {"tiers": _tiers(sent, rows)}


def _tiers(sent: Mapping[str, Any], rows: Sequence[TierFields]) -> list[dict[str, Any]]:
    """Give the rows as tiers; a new one is keyed by its name, since keys are nothing to people."""
    found: list[dict[str, Any]] = []
    taken = {row["key"] for row in rows if row["key"]}
    for place, row in enumerate(rows, start=1):
        tier = {part: str(sent.get(f"tier-{row['id']}-{part}", "")).strip() for part in _PARTS}
        tier["referred_reward"] = tier["referred_reward"] or "0"
        key = row["key"] or _key(tier["name"], place, taken)
        taken.add(key)
        found.append(tier | {"key": key})
    return found


def _key(name: str, place: int, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_KEY_LENGTH].strip("-") or f"tier-{place}"
    return plain if plain not in taken else f"{plain[: _KEY_LENGTH - 4]}-{place}"


def _faults(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        found.setdefault(".".join(map(str, fault["loc"])), describe(fault))
    return found
