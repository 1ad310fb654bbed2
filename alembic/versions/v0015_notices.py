"""Notifications: preferences, telling once by key, and what is due by mail.

Revision 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models import rls

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KINDS = "'unlock', 'rank_change', 'conversion', 'reward', 'hold', 'season', 'system'"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("key", sa.String(), nullable=True))
    _add_flag("in_app", default="true")
    _add_flag("mail_due", default="false")
    op.create_unique_constraint(
        "uq_notifications_tenant_id_user_id_key", "notifications", ["tenant_id", "user_id", "key"]
    )
    op.create_index(
        "ix_notifications_mail", "notifications", ["tenant_id", "user_id"], postgresql_where=sa.text("mail_due")
    )
    _create_preferences()


def _add_flag(name: str, *, default: str) -> None:
    """Add a flag that rows of before get as `default`; rows to come name it themselves."""
    op.add_column("notifications", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text(default)))
    op.alter_column("notifications", name, server_default=None)


def _create_preferences() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_notification_preferences_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_notification_preferences_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "kind", name="pk_notification_preferences"),
    )
    for statement in rls.protect("notification_preferences"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("notification_preferences")
    op.drop_index("ix_notifications_mail", "notifications")
    op.drop_constraint("uq_notifications_tenant_id_user_id_key", "notifications", type_="unique")
    for name in ("mail_due", "in_app", "key"):
        op.drop_column("notifications", name)
