"""What must hold in every row stands in the database, whoever writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation
from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import DBAPIError

from bizosaas_app.kernel.ids import new_id
from models import metadata, rls
from tests.models.conftest import TwoTenants

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

REFERENCES = [
    pytest.param(table, constraint, id=str(constraint.name))
    for table in rls.tenant_tables(metadata)
    for constraint in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    if constraint.referred_table.name not in rls.GLOBAL_TABLES and len(constraint.elements) > 1
]

# What must change together with a reference, so that the reference alone is at fault.
COMPANIONS: dict[str, dict[str, Any]] = {
    "reviewed_by": {"reviewed_at": NOW},
    "reverses_event_id": {"type": "event.reversed"},
    "payment_id": {"kind": "refund"},
}


def _write(world: TwoTenants, table: Table, changes: dict[str, Any]) -> None:
    """Change tenant `a`'s row; a ledger row cannot be changed, so a second one is written instead."""
    with world.acting_for(world.a) as connection:
        if "UPDATE" in rls.privileges_of(table.name):
            changed = connection.execute(table.update().values(changes))
            assert changed.rowcount == 1
        else:
            key = next(iter({"event_id", "id"} & set(table.c.keys())))
            row = world.rows[world.a][table.name] | {key: new_id()} | changes
            connection.execute(table.insert(), row)
        connection.rollback()


@pytest.mark.parametrize(("table", "constraint"), REFERENCES)
def test_a_row_cannot_refer_to_another_tenants_row(world: TwoTenants, table: Table, constraint: ForeignKeyConstraint):
    (element,) = [part for part in constraint.elements if part.parent.name != "tenant_id"]
    theirs = world.rows[world.b][constraint.referred_table.name][element.column.name]
    with pytest.raises(DBAPIError) as refused:
        _write(world, table, {element.parent.name: theirs, **COMPANIONS.get(element.parent.name, {})})
    assert isinstance(refused.value.orig, ForeignKeyViolation), refused.value
    assert refused.value.orig.diag.constraint_name == constraint.name


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("tenants", {"slug": "Not A Slug"}, "slug_is_url_safe"),
    ("tenants", {"kind": "owner"}, "kind_known"),
    ("tenants", {"currency": "eur"}, "currency_is_iso_4217"),
    ("users", {"email": "Upper@example.test"}, "email_is_normal"),
    ("users", {"email": "no-at-sign"}, "email_is_normal"),
    ("users", {"password_hash": None}, "active_has_password"),
    ("users", {"status": "deleted"}, "status_known"),
    ("memberships", {"platforms": []}, "has_a_platform"),
    ("memberships", {"platforms": ["elsewhere"]}, "platforms_known"),
    ("memberships", {"leaderboard_privacy": "secret"}, "leaderboard_privacy_known"),
    ("auth_sessions", {"refresh_counter": -1}, "refresh_counter_not_negative"),
    ("auth_sessions", {"expires_at": NOW}, "expires_after_creation"),
    ("auth_sessions", {"revoke_reason": "logout"}, "reason_needs_revocation"),
    ("account_tokens", {"role_key": None}, "invite_names_role"),
    ("account_tokens", {"purpose": "reset"}, "reset_names_user"),
    ("api_keys", {"scopes": []}, "has_a_scope"),
    ("audit_log", {"outcome": "maybe"}, "outcome_known"),
    ("audit_log", {"outcome": "unknown"}, "unknown_names_outcome"),
    ("audit_log", {"detail": []}, "detail_is_object"),
    ("gamification_events", {"source": "browser"}, "source_known"),
    ("gamification_events", {"type": ""}, "type_has_a_length"),
    ("gamification_events", {"type": "event.reversed"}, "reversal_names_event"),
    ("leaderboards", {"sort": "up"}, "sort_known"),
    ("leaderboards", {"key": "no spaces"}, "key_is_url_safe"),
    ("leaderboard_entries", {"period": "2026"}, "period_is_a_window"),
    ("referral_programs", {"review_threshold": 90}, "thresholds_in_order"),
    ("referral_programs", {"attribution_window_days": 0}, "attribution_window_in_range"),
    ("referral_programs", {"minimum_order": -1}, "minimum_order_not_negative"),
    ("referral_programs", {"points_per_approval": -1}, "points_not_negative"),
    ("referral_codes", {"code": "lower"}, "code_is_normal"),
    ("referral_clicks", {"is_counted": True, "is_bot": True}, "only_visitors_count"),
    ("referral_clicks", {"repeats": -1}, "repeats_not_negative"),
    ("reward_entries", {"amount": 1}, "amount_has_the_sign_of_its_kind"),
    ("reward_entries", {"kind": "clawback"}, "movement_names_conversion"),
    ("tier_moves", {"from_tier": "silver"}, "tiers_differ"),
    ("referral_conversions", {"fraud_score": 101}, "fraud_score_in_range"),
    ("referral_conversions", {"reward_status": "held"}, "held_has_an_end"),
    ("referral_conversions", {"order_value": -1}, "money_not_negative"),
    ("referral_conversions", {"status": "reversed"}, "reversal_has_a_time"),
    ("achievements", {"points": -1}, "points_not_negative"),
    ("tenant_achievements", {"status": "unlocked"}, "unlock_has_a_time"),
    ("tenant_achievements", {"target": 0}, "progress_in_range"),
    ("showcase_portfolios", {"status": "published"}, "published_has_a_time"),
    ("payment_accounts", {"state": "verified"}, "verified_has_credentials"),
    (
        "payment_accounts",
        {"state": "active", "verified_at": NOW, "credentials_id": new_id(), "activated_at": NOW},
        "active_is_registered",
    ),
    ("payment_accounts", {"country": "de"}, "country_is_iso_3166"),
    ("payment_accounts", {"public_id": "short"}, "public_id_is_url_safe"),
    ("payment_checks", {"state": "passed"}, "known_there"),
    ("payment_checks", {"state": "failed"}, "failed_has_a_reason"),
    ("payment_checks", {"state": "running"}, "running_is_claimed"),
    ("payment_checks", {"kind": "refund"}, "refund_has_a_payment"),
    ("portfolio_metrics", {"views": -1}, "counts_not_negative"),
    ("agent_runs", {"status": "succeeded"}, "end_has_a_time"),
    ("agent_runs", {"error_code": "limit_seconds"}, "failure_has_a_code"),
    ("agent_runs", {"reserved_on": None}, "reservation_has_a_day"),
    ("agent_runs", {"reserved_tokens": -1}, "reservation_has_a_day"),
    ("agent_runs", {"output": []}, "output_is_object"),
    ("agent_tool_calls", {"by": "somebody"}, "by_known"),
    ("agent_proposals", {"status": "executed"}, "decision_has_a_time"),
    ("agent_budgets", {"runs_at_once": 0}, "runs_at_once_in_range"),
    ("agent_budgets", {"tokens_per_day": -1}, "bounds_not_negative"),
    ("agent_spending", {"tokens": -1}, "sums_not_negative"),
]


@pytest.mark.parametrize(("table", "changes", "invariant"), BROKEN)
def test_a_broken_row_is_refused(world: TwoTenants, table: str, changes: dict[str, Any], invariant: str):
    with pytest.raises(DBAPIError) as refused:
        _write(world, metadata.tables[table], changes)
    assert isinstance(refused.value.orig, CheckViolation), refused.value
    assert refused.value.orig.diag.constraint_name == f"ck_{table}_{invariant}"


@pytest.mark.parametrize("table", ["users", "audit_log", "gamification_events", "referral_conversions"])
def test_an_unbroken_change_is_accepted(world: TwoTenants, table: str):
    harmless = {"users": {"name": "Ann"}, "referral_conversions": {"review_note": "fine"}}
    _write(world, metadata.tables[table], harmless.get(table, {}))


def _insert(world: TwoTenants, rows: list[dict[str, Any]]) -> None:
    with world.acting_for(world.a) as connection:
        for row in rows:
            connection.execute(metadata.tables["gamification_events"].insert(), row)
        connection.rollback()


def test_an_event_is_written_once(world: TwoTenants):
    with pytest.raises(DBAPIError) as refused:
        _insert(world, [world.rows[world.a]["gamification_events"]])
    assert isinstance(refused.value.orig, UniqueViolation)


def test_two_tenants_may_use_the_same_event_id(world: TwoTenants):
    theirs = world.rows[world.b]["gamification_events"]["event_id"]
    _insert(world, [world.rows[world.a]["gamification_events"] | {"event_id": theirs}])


def test_an_event_is_reversed_once(world: TwoTenants):
    event = world.rows[world.a]["gamification_events"]
    reversal = event | {"type": "event.reversed", "reverses_event_id": event["event_id"]}
    _insert(world, [reversal | {"event_id": new_id()}])
    with pytest.raises(DBAPIError) as refused:
        _insert(world, [reversal | {"event_id": new_id()}, reversal | {"event_id": new_id()}])
    assert isinstance(refused.value.orig, UniqueViolation)
