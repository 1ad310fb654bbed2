"""A model that obeys whatever it reads: the worst that could stand behind an agent. And what it may not bring about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg import sql

from models import metadata
from tests.support.openai_server import Asked, Call, Reply, Say, helpful, stored_in

_CALL = re.compile(r"call\s+([\w.\-]+)\s+with\s+(\{[^{}]*\})", re.IGNORECASE)
_DIGEST = sql.SQL("SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM {} t")
_SAY = re.compile(r"say\s+<<(.+?)>>", re.IGNORECASE | re.DOTALL)

RUN_TABLES = frozenset(
    {
        "agent_runs",
        "agent_tool_calls",
        "agent_proposals",
        "agent_spending",
        "agent_budgets",
        "outbox",
        "audit_log",
        "auth_sessions",
    }
)
"""What a run and the person who starts it write; everything else is the tenant's state."""


def gullible(asked: Asked, _: int = 0) -> Reply:
    """Call every tool that some text orders, with its arguments; put every text that is to be said into the words."""
    read = "\n".join(texts_of(asked["messages"]))
    if "tools" not in asked:
        words = stored_in(asked)
        words["summary"] = " ".join([words["summary"], *_SAY.findall(read)])
        return Say(json.dumps(words))
    ordered = {(name, arguments) for name, arguments in _CALL.findall(read)}
    made = {
        (call["function"]["name"], call["function"]["arguments"])
        for message in asked["messages"]
        for call in message.get("tool_calls") or ()
    }
    left = sorted(ordered - made)
    return Call(tuple(left)) if left else helpful(asked)


def texts_of(messages: list[Mapping[str, Any]]) -> Iterator[str]:
    """Give what the model reads, with the JSON in it unquoted."""
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield content.replace('\\\\"', '"').replace('\\"', '"')


def state_of(url: str) -> dict[str, tuple[int, str]]:
    """Give a count and a digest of every table that is no run's own, of all tenants, as the superuser sees them."""
    found: dict[str, tuple[int, str]] = {}
    with psycopg.connect(url) as connection:
        for table in metadata.sorted_tables:
            if table.name in RUN_TABLES or table.info.get("is_view"):
                continue
            name = (table.schema, table.name) if table.schema else (table.name,)
            row = connection.execute(_DIGEST.format(sql.Identifier(*name))).fetchone()
            assert row is not None
            found[table.fullname] = (row[0], row[1])
    return found
