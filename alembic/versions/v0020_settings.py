"""A tenant's brand colour, and the audit log read by area and by what went wrong.

Revision 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COLOUR = "ck_tenants_accent_is_hex"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("accent", sa.String(), nullable=True))
    op.create_check_constraint(op.f(_COLOUR), "tenants", "accent ~ '^#[0-9a-f]{6}$'")
    op.create_index(
        "ix_audit_log_area",
        "audit_log",
        ["tenant_id", "action", "at"],
        postgresql_ops={"action": "text_pattern_ops"},
    )
    op.create_index(
        "ix_audit_log_trouble", "audit_log", ["tenant_id", "at", "id"], postgresql_where=sa.text("outcome <> 'ok'")
    )


def downgrade() -> None:
    op.drop_index("ix_audit_log_trouble", "audit_log")
    op.drop_index("ix_audit_log_area", "audit_log")
    op.drop_constraint(op.f(_COLOUR), "tenants")
    op.drop_column("tenants", "accent")
