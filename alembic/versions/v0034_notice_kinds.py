"""A notice is of one of the known kinds: one of an unknown kind would leave its member's list unreadable.

Revision 0034, after 0033. The notices of ended sessions had a kind of their own, which nothing could show; it stays
allowed, as servers of that version write while they are replaced in turns, and is read as one of the account.
"""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_KIND_KNOWN = "ck_notifications_kind_known"
_KINDS = "'unlock', 'rank_change', 'conversion', 'reward', 'hold', 'season', 'system', 'campaign', 'security'"


def upgrade() -> None:
    op.create_check_constraint(op.f(_KIND_KNOWN), "notifications", f"kind IN ({_KINDS})")


def downgrade() -> None:
    op.drop_constraint(op.f(_KIND_KNOWN), "notifications", type_="check")
