"""Example bodies for the calls of the API, made of their JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BY_NAME: Final[dict[str, Any]] = {
    "email": "ada@example.com",
    "password": "Long-and-private-1",
    "current_password": "Long-and-private-1",
    "new_password": "Longer-and-private-2",
    "name": "Ada Example",
    "currency": "EUR",
    "amount": "12.50",
    "url": "https://example.com/hook",
    "time_zone": "Europe/Berlin",
    "timezone": "Europe/Berlin",
    "key": "spring_sale",
    "slug": "spring-sale",
    "reason": "Ordered by mistake",
}
"""What a field of this name is in an example, whichever call it belongs to."""

_ID: Final = "01890a5d-ac96-774b-bcce-b302099a8057"

_LETTER: Final = {"kind": "email", "subject": "Spring is here", "text": "Good morning, {{name}}."}
_POST: Final = {"account_id": _ID, "text": "Good morning", "scheduled_at": "2035-04-02T09:00:00Z"}

BODIES: Final[dict[str, Any]] = {
    "post /api/v1/auth/switch-platform": {"platform": "bizosaas"},
    "post /api/v1/auth/register": {
        "invite_token": "the token of the invitation's link",
        "email": "ada@example.com",
        "password": "Long-and-private-1",
        "name": "Ada Example",
    },
    "post /api/v1/auth/reset-password": {
        "token": "the token of the letter's link",
        "password": "Longer-and-private-2",
    },
    "post /api/v1/api-keys": {"name": "Shop", "scopes": ["record_events"]},
    "post /api/v1/gamification/events": {
        "events": [
            {"event_id": _ID, "type": "order.completed", "user_id": _ID, "value": 49.9, "properties": {"city": "Bonn"}}
        ]
    },
    "post /api/v1/gamification/achievements/custom": {
        "key": "ten_orders",
        "name": "Ten orders",
        "category": "sales",
        "points": 50,
        "trigger": {"event": "order.completed", "aggregate": "count", "threshold": 10, "window": "month"},
    },
    "post /api/v1/gamification/referrals/programs": {"name": "Spring", "landing_url": "https://example.com/spring"},
    "post /api/v1/gamification/referrals/track-conversion": {
        "external_id": "order-1001",
        "code": "ABCD2345",
        "referred_email": "grace@example.com",
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
        "order_value": {"amount": "49.90", "currency": "EUR"},
    },
    "put /api/v1/gamification/fraud/settings": {"review_threshold": 40, "block_threshold": 80},
    "post /api/v1/gamification/leaderboards": {
        "key": "orders_of_the_month",
        "title": "Orders of the month",
        "metric": {"aggregate": "sum", "event": "order.completed", "field": "value"},
        "sort": "desc",
        "tie_rule": "standard",
    },
    "post /api/v1/gamification/leaderboards/preview": {
        "title": "Orders of the month",
        "metric": {"aggregate": "sum", "event": "order.completed", "field": "value"},
        "sort": "desc",
        "tie_rule": "standard",
    },
    "put /api/v1/gamification/leaderboards/industry/settings": {"industry": "bakeries", "shares": True},
    "patch /api/v1/gamification/leaderboards/{key}": {"title": "Orders of this month"},
    "post /api/v1/gamification/portfolio/generate": {
        "template": "case_study",
        "from": "2026-01-01",
        "to": "2026-03-31",
    },
    "post /api/v1/gamification/portfolio/{portfolio_id}/retry": {"from": "2026-01-01", "to": "2026-03-31"},
    "patch /api/v1/gamification/portfolio/{portfolio_id}": {"title": "A spring of good orders"},
    "post /api/v1/payments/accounts": {"name": "Main", "provider": "stripe", "country": "DE", "currency": "EUR"},
    "put /api/v1/payments/accounts/{account_id}/credentials": {"fields": {"secret_key": "the provider's key"}},
    "post /api/v1/agents/{agent_id}/runs": {"input": {"question": "see example_input of the agent"}, "wait": 20},
    "post /api/v1/campaigns": {"draft_id": _ID, "name": "Spring", "channels": [_LETTER]},
    "post /api/v1/campaigns/dry-run": {"name": "Spring", "channels": [_LETTER]},
    "post /api/v1/campaigns/split": {"budget": "1000.00", "weights": [3, 2, 1]},
    "post /api/v1/sourcing/price-rules": {"name": "Standard", "tiers": [{"from": "0", "markup": "0.4"}]},
    "put /api/v1/sourcing/price-rules/{rule_id}": {"name": "Standard", "tiers": [{"from": "0", "markup": "0.45"}]},
    "post /api/v1/social/accounts": {
        "network": "mastodon",
        "base_url": "https://mastodon.example",
        "handle": "ada",
        "secret": "access-token-of-the-account",
    },
    "put /api/v1/social/accounts/{account_id}/secret": {"secret": "access-token-of-the-account"},
    "post /api/v1/social/calendar": {"count": 2, "first": "2035-04-02", "last": "2035-04-06"},
    "post /api/v1/social/campaigns/dry-run": {"name": "Spring", "posts": [_POST]},
    "post /api/v1/social/campaigns": {"draft_id": _ID, "name": "Spring", "posts": [_POST]},
    "post /api/v1/sourcing/publish": {
        "draft_id": _ID,
        "title": "Spring range",
        "quantity": 100,
        "rule_id": _ID,
        "listings": [{"product_id": _ID}],
    },
    "post /api/v1/social/csv": {"csv": "text,scheduled_at\nGood morning,2026-01-15T09:00:00Z\n"},
    "put /api/v1/wizards/drafts/{draft_id}/secrets/{field}": {"value": "the provider's key"},
}
"""Whole bodies, where a schema alone tells too little."""

_BY_FORMAT: Final[dict[str, Any]] = {
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "date-time": "2026-01-15T09:00:00Z",
    "date": "2026-01-15",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "password": "Long-and-private-1",
}


def example(document: Mapping[str, Any], schema: Mapping[str, Any], call: str) -> Any:
    """Give a body that the schema takes: what it asks for, and nothing that it leaves open."""
    return BODIES[call] if call in BODIES else _value(document, schema, "")


def _value(document: Mapping[str, Any], schema: Mapping[str, Any], name: str) -> Any:
    if "$ref" in schema:
        return _value(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _value(document, next(item for item in schema[choice] if item.get("type") != "null"), name)
    return _plain(document, schema, name)


def _plain(document: Mapping[str, Any], schema: Mapping[str, Any], name: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(document, schema)
    if kind == "array":
        return [_value(document, schema["items"], name)] * max(1, schema.get("minItems", 1))
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    return BY_NAME.get(name, "text")


def _object(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the required fields; of an object that requires none, its first one."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    wanted = schema.get("required") or list(properties)[:1]
    return {field: _value(document, properties[field], field) for field in wanted}
