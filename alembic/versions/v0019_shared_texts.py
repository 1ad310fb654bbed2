"""What a showcase says to search engines and networks is kept beside it.

Revision 0019, after 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TABLE = "showcase_portfolios"
_COLUMN = "shared_texts"
_CHECK = f"ck_{_TABLE}_{_COLUMN}_is_object"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column(_COLUMN, postgresql.JSONB(none_as_null=True), nullable=False, server_default="{}"))
    op.alter_column(_TABLE, _COLUMN, server_default=None)
    op.create_check_constraint(op.f(_CHECK), _TABLE, f"jsonb_typeof({_COLUMN}) = 'object'")


def downgrade() -> None:
    op.drop_constraint(op.f(_CHECK), _TABLE)
    op.drop_column(_TABLE, _COLUMN)
