"""Leaderboards: seasons, ranks of yesterday, what members were told, and industries.

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PERIOD_CHECK = "ck_leaderboard_entries_period_is_a_window"
_OLD_PERIODS = r"period ~ '^(all|\d{4}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}-\d{2})$'"
_PERIODS = r"period ~ '^(all|s\d{4}-\d{2}-\d{2}T\d{4}|\d{4}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}-\d{2})$'"

_BOARD_KEY = "fk_leaderboard_entries_tenant_id_leaderboard_id"
"""Left out from here on: each of a million entries locked the one row of its board, which is never deleted."""

_TABLES = ("leaderboard_seasons", "rank_snapshots", "board_tops", "rank_notices")
_DOOR_READS = {
    "leaderboards": ("tenant_id", "id", "key", "status", "metric", "operator", "caps", "resets"),
    "leaderboard_entries": ("tenant_id", "leaderboard_id", "period", "score"),
}
_TENANT_READS = ("timezone", "industry", "shares_standing")

_DOOR = "industry_standing(text)"
_DOOR_SQL = """
CREATE FUNCTION app.industry_standing(
    span text, OUT rank integer, OUT of integer, OUT own numeric,
    OUT lower_quarter numeric, OUT middle numeric, OUT upper_quarter numeric
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH peers AS (
        SELECT t.id, b.id AS board, CASE span
            WHEN 'all' THEN 'all'
            WHEN 'month' THEN to_char(now() AT TIME ZONE t.timezone, 'YYYY-MM')
            WHEN 'week' THEN to_char(now() AT TIME ZONE t.timezone, 'IYYY-"W"IW')
            WHEN 'day' THEN to_char(now() AT TIME ZONE t.timezone, 'YYYY-MM-DD')
        END AS period
        FROM public.tenants t
        JOIN public.tenants mine ON mine.id = app.tenant_id() AND mine.industry = t.industry
        JOIN public.leaderboards b ON b.tenant_id = t.id
        WHERE mine.shares_standing AND t.shares_standing AND t.status = 'active' AND t.kind = 'customer'
        AND b.key = 'points' AND b.status = 'active' AND b.operator = 'incr' AND b.resets IS NULL
        AND b.caps = '{}'::jsonb
        AND b.metric = '{"event": "*", "aggregate": "sum", "field": "value"}'::jsonb
    ), figures AS (
        SELECT p.id, coalesce((
            SELECT sum(e.score) / count(*) FROM public.leaderboard_entries e
            WHERE e.tenant_id = p.id AND e.leaderboard_id = p.board AND e.period = p.period
        ), 0) AS figure
        FROM peers p
    ), ranked AS (
        SELECT id, figure, rank() OVER (ORDER BY figure DESC) AS place, count(*) OVER () AS peers FROM figures
    )
    SELECT r.place::integer, r.peers::integer, round(r.figure, 1), q.low, q.mid, q.high
    FROM ranked r, (
        SELECT round(percentile_cont(0.25) WITHIN GROUP (ORDER BY figure)::numeric) AS low,
            round(percentile_cont(0.5) WITHIN GROUP (ORDER BY figure)::numeric) AS mid,
            round(percentile_cont(0.75) WITHIN GROUP (ORDER BY figure)::numeric) AS high
        FROM figures
    ) q
    WHERE r.id = app.tenant_id() AND r.peers >= 5
$$
"""
"""Where the tenant of the context stands among those of its industry that take part, by points per active member.

Nothing for fewer than five of them, and never another tenant's name or figure: quarters of the whole, rounded.
"""


def _tied_to(table: str, *columns: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=f"fk_{table}_tenant_id_{column}",
            ondelete="RESTRICT",
        )
        for column, target in columns
    ]


_BOARD = ("leaderboard_id", "leaderboards")
_USER = ("user_id", "users")


def _create_seasons() -> None:
    op.create_table(
        "leaderboard_seasons",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("leaderboard_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("podium", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(_PERIODS, name=op.f("ck_leaderboard_seasons_period_is_a_window")),
        sa.CheckConstraint("span IN ('all', 'month', 'week', 'day')", name=op.f("ck_leaderboard_seasons_span_known")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_leaderboard_seasons_total_not_negative")),
        sa.CheckConstraint("jsonb_typeof(podium) = 'array'", name=op.f("ck_leaderboard_seasons_podium_is_array")),
        *_tied_to("leaderboard_seasons", _BOARD),
        sa.PrimaryKeyConstraint("tenant_id", "leaderboard_id", "period", name="pk_leaderboard_seasons"),
    )
    op.create_index(
        "ix_leaderboard_seasons_list", "leaderboard_seasons", ["tenant_id", "leaderboard_id", "span", "ended_at"]
    )


def _create_snapshots() -> None:
    op.create_table(
        "rank_snapshots",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("leaderboard_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint(_PERIODS, name=op.f("ck_rank_snapshots_period_is_a_window")),
        sa.CheckConstraint("rank > 0", name=op.f("ck_rank_snapshots_rank_is_positive")),
        *_tied_to("rank_snapshots", _BOARD, _USER),
        sa.PrimaryKeyConstraint("tenant_id", "leaderboard_id", "period", "day", "user_id", name="pk_rank_snapshots"),
    )


def _create_news() -> None:
    op.create_table(
        "board_tops",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("leaderboard_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("places", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(places) = 'array'", name=op.f("ck_board_tops_places_is_array")),
        *_tied_to("board_tops", _BOARD),
        sa.PrimaryKeyConstraint("tenant_id", "leaderboard_id", name="pk_board_tops"),
    )
    op.create_table(
        "rank_notices",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("leaderboard_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        *_tied_to("rank_notices", _BOARD, _USER),
        sa.PrimaryKeyConstraint("tenant_id", "leaderboard_id", "user_id", "hour", name="pk_rank_notices"),
    )


def _open_industries() -> None:
    op.add_column("tenants", sa.Column("industry", sa.String(), nullable=True))
    op.add_column("tenants", sa.Column("shares_standing", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(op.f("ck_tenants_industry_has_a_length"), "tenants", "length(industry) BETWEEN 1 AND 60")
    op.execute(f"GRANT SELECT ({', '.join(_TENANT_READS)}) ON tenants TO bizosaas_doors")
    for table, columns in _DOOR_READS.items():
        for statement in rls.open_door(table, columns):
            op.execute(statement)
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_DOOR_SQL)
    op.execute(f"GRANT EXECUTE ON FUNCTION app.{_DOOR} TO bizosaas_app")
    op.execute(f"ALTER FUNCTION app.{_DOOR} OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def upgrade() -> None:
    op.drop_constraint(op.f(_PERIOD_CHECK), "leaderboard_entries")
    op.create_check_constraint(op.f(_PERIOD_CHECK), "leaderboard_entries", _PERIODS)
    op.drop_constraint(_BOARD_KEY, "leaderboard_entries")
    _create_seasons()
    _create_snapshots()
    _create_news()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)
    _open_industries()


def downgrade() -> None:
    op.execute(f"DROP FUNCTION app.{_DOOR}")
    for table, columns in _DOOR_READS.items():
        op.execute(f"DROP POLICY door_reads ON {table}")
        op.execute(f"REVOKE ALL ({', '.join(columns)}) ON {table} FROM bizosaas_doors")
    op.execute(f"REVOKE ALL ({', '.join(_TENANT_READS)}) ON tenants FROM bizosaas_doors")
    op.drop_column("tenants", "shares_standing")
    op.drop_column("tenants", "industry")
    for table in reversed(_TABLES):
        op.drop_table(table)
    # The owner sees no rows while row-level security is forced on it too.
    op.execute("ALTER TABLE leaderboard_entries NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM leaderboard_entries WHERE period LIKE 's%'")
    op.create_foreign_key(
        _BOARD_KEY,
        "leaderboard_entries",
        "leaderboards",
        ["tenant_id", "leaderboard_id"],
        ["tenant_id", "id"],
        ondelete="RESTRICT",
    )
    op.execute("ALTER TABLE leaderboard_entries FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f(_PERIOD_CHECK), "leaderboard_entries")
    op.create_check_constraint(op.f(_PERIOD_CHECK), "leaderboard_entries", _OLD_PERIODS)
