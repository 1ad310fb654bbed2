"""The audit log's page: every action can be found by its kind, and its line opens to what is known of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import bizosaas_app
from bizosaas_app.gateway.contracts.audit import AuditLineView, Outcome
from bizosaas_app.gateway.pipeline import OPERATIONS, Operation
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from models.audit_log import OUTCOMES
from state import audit

AREAS = {area for _, areas in audit.KINDS.values() for area in areas}


def test_every_action_that_is_written_down_can_be_found_by_its_kind() -> None:
    root = Path(bizosaas_app.__file__).parent
    text = "\n".join(path.read_text() for path in root.rglob("*.py"))
    actions = set(re.findall(r'action="([a-z_]+(?:\.[a-z_]+)*)"', text)) - {"store_true"}
    refused = {name for name, item in OPERATIONS.items() if isinstance(item, Operation)}
    assert len(actions) > 30
    assert {name.partition(".")[0] for name in actions | refused} - AREAS == set()


def test_an_area_belongs_to_one_kind() -> None:
    assert len(AREAS) == sum(len(areas) for _, areas in audit.KINDS.values())


def test_a_line_opens_to_what_is_known_and_to_nothing_empty() -> None:
    line = AuditLineView(
        id=new_id(),
        at=utc_now(),
        actor="api_key",
        actor_name="",
        actor_email="",
        channel="http",
        action="users.role_changed",
        subject="user:1",
        outcome="refused",
        address="",
        request_id="",
        detail={"from": "user", "to": "tenant_admin", "nothing": ""},
    )
    row = audit._row(line)
    assert row["who"] == "An API key"
    assert (row["outcome_label"], row["tone"]) == ("Refused", "warn")
    assert [(fact["name"], fact["value"]) for fact in row["facts"]] == [
        ("Action", "users.role_changed"),
        ("Done to", "user:1"),
        ("Through", "The HTTP API"),
        ("From", "user"),
        ("To", "tenant_admin"),
    ]


def test_each_outcome_has_words() -> None:
    assert set(audit.OUTCOMES) == set(get_args(Outcome)) == set(OUTCOMES)
    assert audit.OUTCOMES["unknown"] == ("Outcome unknown", "warn")
