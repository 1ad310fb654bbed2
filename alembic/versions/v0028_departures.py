"""Departures of tenants, and the doors by which everything of one is deleted.

Revision 0028, after 0027. The application cannot delete from the ledger, the audit log and their like. `erase_rows`
can, within the tenant of the signed context and only once the platform has off-boarded that tenant and its time of
grace is over: row-level security holds for the doors' deletes as for everybody's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models import rls

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_COLUMNS = (
    "tenant_id",
    "slug",
    "asked_in",
    "asked_by",
    "asked_at",
    "erase_after",
    "state",
    "rows_erased",
    "finished_at",
)

_KEYS = {
    "gamification_events": ("event_id", "reverses_event_id"),
    "reward_entries": ("tenant_id", "id"),
    "tier_moves": ("tenant_id", "id"),
    "audit_log": ("tenant_id", "id"),
    "users": ("tenant_id", "id"),
}
"""What the doors must read of a table to delete from it, beyond what they read already."""
_ERASED = (*_KEYS, "tenants")

_ERASE = """
CREATE FUNCTION app.erase_rows(from_table text, at_most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine uuid := app.tenant_id();
    erased integer;
BEGIN
    PERFORM FROM app.departures d WHERE d.tenant_id = mine AND d.state = 'erasing' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a tenant that leaves is erased' USING ERRCODE = '42501';
    END IF;
    CASE from_table
        WHEN 'gamification_events' THEN
            DELETE FROM public.gamification_events e WHERE e.tenant_id = mine AND e.event_id IN (
                SELECT x.event_id FROM public.gamification_events x WHERE x.tenant_id = mine AND NOT EXISTS (
                    SELECT FROM public.gamification_events r
                    WHERE r.tenant_id = mine AND r.reverses_event_id = x.event_id
                ) LIMIT at_most);
        WHEN 'reward_entries' THEN
            DELETE FROM public.reward_entries e WHERE e.tenant_id = mine AND e.id IN (
                SELECT x.id FROM public.reward_entries x WHERE x.tenant_id = mine LIMIT at_most);
        WHEN 'tier_moves' THEN
            DELETE FROM public.tier_moves e WHERE e.tenant_id = mine AND e.id IN (
                SELECT x.id FROM public.tier_moves x WHERE x.tenant_id = mine LIMIT at_most);
        WHEN 'audit_log' THEN
            DELETE FROM public.audit_log e WHERE e.tenant_id = mine AND e.id IN (
                SELECT x.id FROM public.audit_log x WHERE x.tenant_id = mine LIMIT at_most);
        WHEN 'users' THEN
            DELETE FROM public.users e WHERE e.tenant_id = mine AND e.id IN (
                SELECT x.id FROM public.users x WHERE x.tenant_id = mine LIMIT at_most);
        WHEN 'tenants' THEN
            DELETE FROM public.tenants e WHERE e.id = mine;
    END CASE;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$
"""

_BEGIN = """
CREATE FUNCTION app.begin_departure(tenant uuid, operator uuid, by_user uuid, erase_after timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.assert_platform();
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('departure/' || $1, 0));
    INSERT INTO app.departures (tenant_id, slug, asked_in, asked_by, asked_at, erase_after, state, rows_erased)
    SELECT t.id, t.slug, $2, $3, now(), $4, 'waiting', 0 FROM public.tenants t
    WHERE t.id = $1 AND t.kind = 'customer' AND t.status = 'suspended'
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$
"""

_HOLD = """
CREATE FUNCTION app.hold_departure() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine uuid := app.tenant_id();
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('departure/' || mine, 0));
    RETURN EXISTS (SELECT FROM app.departures d WHERE d.tenant_id = mine);
END $$
"""
"""Whether the session's tenant leaves; the answer holds until the transaction ends: `begin_departure` waits for it."""

_CANCEL = """
CREATE FUNCTION app.cancel_departure(tenant uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.assert_platform();
    DELETE FROM app.departures d WHERE d.tenant_id = $1 AND d.state = 'waiting';
    RETURN FOUND;
END $$
"""

_LIST = """
CREATE FUNCTION app.list_departures() RETURNS TABLE (
    tenant_id uuid, slug text, asked_at timestamptz, erase_after timestamptz, state text, rows_erased bigint,
    finished_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.assert_platform();
    RETURN QUERY
    SELECT d.tenant_id, d.slug::text, d.asked_at, d.erase_after, d.state::text, d.rows_erased, d.finished_at
    FROM app.departures d ORDER BY d.asked_at DESC, d.tenant_id;
END $$
"""

_DUE = """
CREATE FUNCTION app.due_departures() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.tenant_id FROM app.departures d
    WHERE d.state = 'erasing' OR (d.state = 'waiting' AND d.erase_after <= now()) ORDER BY d.erase_after
$$
"""

_BEGIN_ERASURE = """
CREATE FUNCTION app.begin_erasure(OUT slug text, OUT operator uuid) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN QUERY
    UPDATE app.departures d SET state = 'erasing'
    WHERE d.tenant_id = app.tenant_id() AND (d.state = 'erasing' OR (
        d.state = 'waiting' AND d.erase_after <= now()
        AND EXISTS (SELECT FROM public.tenants t WHERE t.id = d.tenant_id AND t.status = 'suspended')
    ))
    RETURNING d.slug::text, d.asked_in;
END $$
"""

_COUNT = """
CREATE FUNCTION app.count_erased(number bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE app.departures d SET rows_erased = d.rows_erased + $1
    WHERE d.tenant_id = app.tenant_id() AND d.state = 'erasing';
END $$
"""

_END = """
CREATE FUNCTION app.end_departure(tenant uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    erased bigint;
BEGIN
    UPDATE app.departures d SET state = 'gone', finished_at = now()
    WHERE d.tenant_id = $1 AND d.state = 'erasing' AND d.asked_in = app.tenant_id()
        AND NOT EXISTS (SELECT FROM public.tenants t WHERE t.id = $1)
    RETURNING d.rows_erased INTO erased;
    RETURN erased;
END $$
"""

_DOORS = {
    "erase_rows(text, integer)": _ERASE,
    "begin_departure(uuid, uuid, uuid, timestamptz)": _BEGIN,
    "hold_departure()": _HOLD,
    "cancel_departure(uuid)": _CANCEL,
    "list_departures()": _LIST,
    "due_departures()": _DUE,
    "begin_erasure()": _BEGIN_ERASURE,
    "count_erased(bigint)": _COUNT,
    "end_departure(uuid)": _END,
}


def upgrade() -> None:
    op.create_table(
        "departures",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("asked_in", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows_erased", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'erasing', 'gone')", name=op.f("ck_departures_state_known")),
        sa.CheckConstraint("(state = 'gone') = (finished_at IS NOT NULL)", name=op.f("ck_departures_end_has_a_time")),
        sa.CheckConstraint("rows_erased >= 0", name=op.f("ck_departures_count_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_departures"),
        schema="app",
    )
    names = ", ".join(_COLUMNS)
    for statement in (
        *rls.seal("app.departures"),
        "CREATE POLICY door_keeps ON app.departures TO bizosaas_doors USING (true) WITH CHECK (true)",
        f"GRANT SELECT ({names}), INSERT ({names}), UPDATE (state, rows_erased, finished_at), DELETE"
        " ON app.departures TO bizosaas_doors",
    ):
        op.execute(statement)
    for table, columns in _KEYS.items():
        op.execute(f"GRANT SELECT ({', '.join(columns)}) ON {table} TO bizosaas_doors")
    for table in _ERASED:
        op.execute(f"GRANT DELETE ON {table} TO bizosaas_doors")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    for signature, definition in _DOORS.items():
        op.execute(definition)
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{signature} TO bizosaas_app")
        op.execute(f"ALTER FUNCTION app.{signature} OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def downgrade() -> None:
    for signature in reversed(_DOORS):
        op.execute(f"DROP FUNCTION app.{signature}")
    for table in _ERASED:
        op.execute(f"REVOKE DELETE ON {table} FROM bizosaas_doors")
    for table, columns in _KEYS.items():
        op.execute(f"REVOKE ALL ({', '.join(columns)}) ON {table} FROM bizosaas_doors")
    op.drop_table("departures", schema="app")
