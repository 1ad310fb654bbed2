"""Decisions of people are found by their day: the review desk counts those of the last week.

Revision 0021, after 0020.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INDEX = "ix_referral_conversions_reviewed"
_TABLE = "referral_conversions"


def upgrade() -> None:
    op.create_index(_INDEX, _TABLE, ["tenant_id", "reviewed_at"], postgresql_where=sa.text("reviewed_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
