"""What is due, found by an index: a campaign's messages, the campaigns that run, and the posts of an account.

Revision 0027, after 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_DUE = "ix_campaign_sends_due"
_PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.drop_index(_DUE, "campaign_sends")
    op.create_index(_DUE, "campaign_sends", ["tenant_id", "campaign_id", "due_at", "id"], postgresql_where=_PENDING)
    op.create_index(
        "ix_campaigns_active", "campaigns", ["tenant_id", "id"], postgresql_where=sa.text("status = 'active'")
    )
    op.create_index("ix_social_posts_account", "social_posts", ["tenant_id", "account_id"])


def downgrade() -> None:
    op.drop_index("ix_social_posts_account", "social_posts")
    op.drop_index("ix_campaigns_active", "campaigns")
    op.drop_index(_DUE, "campaign_sends")
    op.create_index(_DUE, "campaign_sends", ["tenant_id", "due_at", "id"], postgresql_where=_PENDING)
