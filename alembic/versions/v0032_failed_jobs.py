"""The jobs that failed lately, found by an index.

Revision 0032, after 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_NAME = "ix_job_runs_failed"


def upgrade() -> None:
    where = sa.text("status = 'failed'")
    op.create_index(_NAME, "job_runs", ["tenant_id", "finished_at", "id"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index(_NAME, "job_runs")
