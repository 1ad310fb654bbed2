"""Entries of the audit log that stand before what they tell of is done, with an outcome that is not known yet.

Revision 0031, after 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_KNOWN = "ck_audit_log_outcome_known"
_TROUBLE = "ix_audit_log_trouble"
_BEGUN = "ix_audit_log_begun"
_NAMED = "ck_audit_log_unknown_names_outcome"


def _allow(*outcomes: str) -> None:
    words = ", ".join(f"'{outcome}'" for outcome in outcomes)
    op.drop_constraint(op.f(_KNOWN), "audit_log")
    op.create_check_constraint(op.f(_KNOWN), "audit_log", f"outcome IN ({words})")


def _index(name: str, where: str) -> None:
    op.create_index(name, "audit_log", ["tenant_id", "at", "id"], postgresql_where=sa.text(where))


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("outcome_id", sa.Uuid(), nullable=True))
    _allow("ok", "refused", "failed", "unknown")
    op.create_check_constraint(op.f(_NAMED), "audit_log", "(outcome = 'unknown') = (outcome_id IS NOT NULL)")
    op.drop_index(_TROUBLE, "audit_log")
    _index(_TROUBLE, "outcome IN ('refused', 'failed')")
    _index(_BEGUN, "outcome = 'unknown'")


def downgrade() -> None:
    op.drop_index(_BEGUN, "audit_log")
    op.drop_index(_TROUBLE, "audit_log")
    _index(_TROUBLE, "outcome <> 'ok'")
    op.drop_constraint(op.f(_NAMED), "audit_log")
    # The owner sees no rows while row-level security is forced on it too.
    op.execute("ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY")
    op.execute("""
    DELETE FROM audit_log begun USING audit_log told
    WHERE told.tenant_id = begun.tenant_id AND told.id = begun.outcome_id
    """)
    op.execute("UPDATE audit_log SET outcome = 'failed' WHERE outcome = 'unknown'")
    op.execute("ALTER TABLE audit_log FORCE ROW LEVEL SECURITY")
    _allow("ok", "refused", "failed")
    op.drop_column("audit_log", "outcome_id")
