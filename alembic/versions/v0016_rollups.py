"""Analytics: daily rollups of the ledger.

Revision 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models import rls

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PLATFORMS = "platform IN ('bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin')"
_READ = ("gamification_events", "tenants")

_FACTS = """
SELECT e.tenant_id, (e.occurred_at AT TIME ZONE t.timezone)::date AS day, e.user_id, e.type, e.value,
    CASE WHEN e.properties ->> 'platform' IN ('bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin')
         THEN e.properties ->> 'platform' ELSE 'bizosaas' END AS platform,
    e.type NOT IN ('achievement.unlocked', 'referral.held') AS is_activity
FROM gamification_events e JOIN tenants t ON t.id = e.tenant_id
WHERE e.reverses_event_id IS NULL AND e.type <> 'referral.held' AND NOT EXISTS (
    SELECT FROM gamification_events r WHERE r.tenant_id = e.tenant_id AND r.reverses_event_id = e.event_id
)
"""
_SUMS = """
count(*) FILTER (WHERE f.is_activity), coalesce(sum(f.value) FILTER (WHERE f.is_activity), 0),
count(*) FILTER (WHERE f.type = 'achievement.unlocked')
"""

_FILL = (
    f"""
INSERT INTO daily_counts (tenant_id, day, platform, slot, events, points, unlocks, sign_ups)
SELECT f.tenant_id, f.day, f.platform, coalesce(get_byte(uuid_send(f.user_id), 15) & 63, 64), {_SUMS},
    count(*) FILTER (WHERE f.type = 'referral.signed_up')
FROM ({_FACTS}) AS f GROUP BY 1, 2, 3, 4
""",  # noqa: S608  # constants of this file
    f"""
INSERT INTO member_days (tenant_id, day, platform, user_id, events, points, unlocks)
SELECT f.tenant_id, f.day, f.platform, f.user_id, {_SUMS}
FROM ({_FACTS}) AS f WHERE f.user_id IS NOT NULL GROUP BY 1, 2, 3, 4
""",  # noqa: S608
)
"""What the ledger holds already."""


def _create_daily_counts() -> None:
    op.create_table(
        "daily_counts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("points", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unlocks", sa.Integer(), nullable=False),
        sa.Column("sign_ups", sa.Integer(), nullable=False),
        sa.CheckConstraint(_PLATFORMS, name=op.f("ck_daily_counts_platform_known")),
        sa.CheckConstraint("slot BETWEEN 0 AND 64", name=op.f("ck_daily_counts_slot_in_range")),
        sa.PrimaryKeyConstraint("tenant_id", "day", "platform", "slot", name="pk_daily_counts"),
    )


def _create_member_days() -> None:
    op.create_table(
        "member_days",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("points", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unlocks", sa.Integer(), nullable=False),
        sa.CheckConstraint(_PLATFORMS, name=op.f("ck_member_days_platform_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_member_days_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "day", "platform", "user_id", name="pk_member_days"),
    )


def _fill() -> None:
    """Count what the ledger holds; the owner sees its rows only while FORCE is away."""
    for table in _READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in _FILL:
        op.execute(statement)
    for table in _READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    _create_daily_counts()
    _create_member_days()
    _fill()
    for table in ("daily_counts", "member_days"):
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("member_days")
    op.drop_table("daily_counts")
