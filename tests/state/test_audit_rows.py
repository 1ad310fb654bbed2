"""The audit log's page: every action can be found by its kind, and its line opens to what is known of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

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


def entry(action: str, subject: str, **detail: str) -> AuditLineView:
    return AuditLineView(
        id=new_id(),
        at=utc_now(),
        actor="api_key",
        actor_name="",
        actor_email="",
        channel="http",
        action=action,
        subject=subject,
        outcome="ok",
        address="",
        request_id="",
        detail=detail,
    )


def facts_of(line: AuditLineView) -> list[tuple[str, str]]:
    return [(fact["name"], fact["value"]) for fact in audit._row(line)["facts"]]


def test_a_line_opens_to_what_is_known_and_to_nothing_empty() -> None:
    line = entry("users.role_changed", "user:1", **{"from": "user", "to": "tenant_admin", "nothing": ""})
    line = line.model_copy(update={"outcome": "refused"})
    row = audit._row(line)
    assert row["who"] == "An API key"
    assert (row["outcome_label"], row["tone"]) == ("Refused", "warn")
    assert facts_of(line) == [
        ("Concerns", "A member"),
        ("Through", "The HTTP API"),
        ("From", "Member"),
        ("To", "Administrator"),
        ("Action", "users.role_changed"),
        ("Record", "user:1"),
    ]


def test_each_outcome_has_words() -> None:
    assert set(audit.OUTCOMES) == set(get_args(Outcome)) == set(OUTCOMES)
    assert audit.OUTCOMES["unknown"] == ("Outcome unknown", "warn")


def test_a_decision_is_told_with_its_outcome_and_its_values_in_words() -> None:
    subject = f"conversion:{new_id()}"
    line = entry("referrals.reviewed", subject, decision="reject", note="approve", **{"from": "pending_review"})
    assert audit._row(line)["title"] == "Rejected a held referral"
    assert facts_of(line) == [
        ("Concerns", "A referral"),
        ("Through", "The HTTP API"),
        ("Decision", "Rejected"),
        ("Note", "approve"),
        ("From", "Waiting for review"),
        ("Action", "referrals.reviewed"),
        ("Record", subject),
    ]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (entry("referrals.reviewed", "conversion:1", decision="approve"), "Approved a held referral"),
        (entry("referrals.reviewed", "conversion:1"), "Decided on a held referral"),
        (entry("achievements.reviewed", "achievement_review:1", decision="revoke"), "Revoked a doubtful unlock"),
        (
            entry("achievements.created", "achievement:week", name="Referral of the week"),
            "Created the achievement “Referral of the week”",
        ),
        (entry("achievements.created", f"achievement:{new_id()}"), "Created an achievement"),
        (entry("leaderboards.changed", "leaderboard:top-sellers"), "Changed the leaderboard “Top sellers”"),
        (entry("campaigns.launched", "campaign:1", name="Spring"), "Launched the campaign “Spring”"),
        (entry("campaigns.paused", "campaign:1"), "Paused a campaign"),
        (entry("users.status_changed", "user:1", to="suspended"), "Suspended a member"),
        (entry("tenants.settings_changed", "tenant:1", name="Acme"), "Changed the organisation's settings"),
    ],
)
def test_a_title_says_what_was_done_to_what(line: AuditLineView, title: str) -> None:
    assert audit._row(line)["title"] == title
