"""The links that clients approve by are mailed: to whom, and when.

Revision 0033, after 0032.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TABLE = "social_approvals"
_CHECK = "ck_social_approvals_mailed_has_an_address"
_FAILURE = "ck_social_approvals_mail_failure_known"
_INDEX = "ix_social_approvals_by_mail"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("client_email", sa.String(), nullable=True))
    op.add_column(_TABLE, sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f(_CHECK), _TABLE, "mailed_at IS NULL OR client_email IS NOT NULL")
    op.add_column(_TABLE, sa.Column("mail_failure", sa.String(), nullable=True))
    op.create_check_constraint(op.f(_FAILURE), _TABLE, "mail_failure IN ('refused', 'unclear')")
    where = sa.text("client_email IS NOT NULL")
    op.create_index(_INDEX, _TABLE, ["tenant_id", "created_at"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
    op.drop_constraint(op.f(_FAILURE), _TABLE)
    op.drop_column(_TABLE, "mail_failure")
    op.drop_constraint(op.f(_CHECK), _TABLE)
    op.drop_column(_TABLE, "mailed_at")
    op.drop_column(_TABLE, "client_email")
