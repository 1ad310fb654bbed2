"""Drafts: a board as an administrator describes it, checked field by field. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.permissions import PLATFORMS, ROLE_PERMISSIONS
from bizosaas_app.services.gamification import admission, resets
from bizosaas_app.services.gamification.caps import LARGEST_CHANGE, Caps
from bizosaas_app.services.gamification.metrics import ANY_EVENT, Metric
from bizosaas_app.services.gamification.periods import WINDOWS

KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""What a board's key looks like; nothing else is asked of the database."""
RESERVED: Final = frozenset({"privacy", "industry"})
"""Keys whose place in the address is taken."""
OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "sum": ("incr", "decr", "best", "set"),
    "count": ("incr", "decr"),
    "max": ("incr", "best"),
    "distinct": ("incr",),
    "streak": ("incr",),
}
"""How each aggregate's points may be combined, the usual way first."""

_METRIC_BYTES: Final = 4096
_EVENT: Final = re.compile(admission.TYPE_PATTERN)
_AUDIENCES: Final = frozenset({*ROLE_PERMISSIONS, *PLATFORMS})


def check(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of the board that is described, or raise `InputInvalid` that names a field.

    A `window` within the metric is the board's own window; naming another one beside it is a contradiction.
    """
    metric, window = _split(draft["metric"], draft.get("window"))
    parsed = _parse(metric)
    caps = dict(draft.get("caps") or {})
    _check_key(draft["key"])
    _check_operator(parsed, draft["operator"])
    _check_caps(parsed, caps)
    _check_audience(draft.get("visibility"))
    if draft.get("resets") is not None:
        resets.check(draft["resets"])
    return {
        "key": draft["key"],
        "title": draft["title"],
        "metric": metric,
        "sort": draft["sort"],
        "tie_rule": draft["tie_rule"],
        "operator": draft["operator"],
        "default_window": window,
        "resets": draft.get("resets"),
        "caps": {name: value for name, value in caps.items() if value is not None},
        "visibility": draft.get("visibility"),
        "prizes": list(draft.get("prizes") or []),
    }


def _split(metric: Mapping[str, Any], window: str | None) -> tuple[dict[str, Any], str]:
    """Part a metric from its window; give the window that the board shows by itself."""
    own = metric.get("window")
    if own is not None and own not in WINDOWS:
        raise InputInvalid({"metric.window": f"Use one of {', '.join(WINDOWS)}"})
    if own is not None and window is not None and own != window:
        raise InputInvalid({"window": f"The metric says {own}"})
    return {name: part for name, part in metric.items() if name != "window"}, own or window or "all"


def _parse(metric: Mapping[str, Any]) -> Metric:
    if not admission.is_storable(metric) or len(json.dumps(metric).encode()) > _METRIC_BYTES:
        raise InputInvalid({"metric": f"Must be plain JSON of at most {_METRIC_BYTES} bytes"})
    parsed = Metric.parse(metric)
    is_type = len(parsed.event) <= admission.TYPE_LENGTH and _EVENT.fullmatch(parsed.event)
    if parsed.event != ANY_EVENT and not is_type:
        raise InputInvalid({"metric.event": "Name an event type such as order.completed, or * for every event"})
    return parsed


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        raise InputInvalid({"key": "Use small letters, digits, - and _, at most 63, beginning with a letter or digit"})
    if key in RESERVED:
        raise InputInvalid({"key": "This key is reserved"})


def _check_operator(metric: Metric, operator: str) -> None:
    fitting = OPERATORS[metric.aggregate]
    if operator not in fitting:
        raise InputInvalid({"operator": f"With {metric.aggregate} use {' or '.join(fitting)}"})


def _check_caps(metric: Metric, caps: Mapping[str, Any]) -> None:
    Caps.parse(caps)
    if metric.aggregate in ("distinct", "streak") and caps.get(LARGEST_CHANGE) is not None:
        raise InputInvalid({f"caps.{LARGEST_CHANGE}": f"An event changes a {metric.aggregate} by one at most"})


def _check_audience(visibility: list[str] | None) -> None:
    if visibility is None:
        return
    unknown = [name for name in visibility if name not in _AUDIENCES]
    if unknown or not visibility:
        raise InputInvalid({"visibility": f"Use some of {', '.join(sorted(_AUDIENCES))}, or leave it out"})
