-- Roles and database for a managed PostgreSQL (15 or newer). Run once, as the server's administrator, with psql:
--
--   psql "$SERVER_ADMIN_URL" -v owner_password=... -v app_password=... -f deploy/sql/roles.sql
--
-- bizosaas_owner   owns the database and runs the migrations (DATABASE_ADMIN_URL); no superuser, no BYPASSRLS
-- bizosaas_app     the running application (DATABASE_URL); owns nothing
-- bizosaas_doors   owns the functions that look across tenants; nobody logs in as it
--
-- The migrations grant everything else. The application refuses to start when its role could read past its tenant.

\set ON_ERROR_STOP on

CREATE ROLE bizosaas_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE bizosaas_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE ROLE bizosaas_doors NOLOGIN NOSUPERUSER NOBYPASSRLS;

-- The owner hands functions over to the doors (SET), but must not read with their rights (no INHERIT): a door's
-- policy sees every tenant. PostgreSQL 15 knows no such grant; there the owner itself inherits nothing.
SELECT current_setting('server_version_num')::int >= 160000 AS has_grant_options \gset
\if :has_grant_options
GRANT bizosaas_doors TO bizosaas_owner WITH INHERIT FALSE, SET TRUE;
\else
ALTER ROLE bizosaas_owner NOINHERIT;
GRANT bizosaas_doors TO bizosaas_owner;
\endif

-- Some managed servers ask that the creator of a database be a member of its owner.
SELECT NOT pg_has_role(current_user, 'bizosaas_owner', 'MEMBER') AS must_join \gset
\if :must_join
GRANT bizosaas_owner TO current_user;
\endif

CREATE DATABASE bizosaas OWNER bizosaas_owner;
REVOKE ALL ON DATABASE bizosaas FROM PUBLIC;
GRANT CONNECT ON DATABASE bizosaas TO bizosaas_app;

-- Backups: pg_dump needs a role that row-level security does not bind. Where the server allows it:
--   CREATE ROLE bizosaas_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data PASSWORD '...';
--   GRANT CONNECT ON DATABASE bizosaas TO bizosaas_backup;
