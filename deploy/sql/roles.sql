-- Roles and database for a managed PostgreSQL (15 or newer). Run once, as the server's administrator, with psql:
--
--   psql "$SERVER_ADMIN_URL" -v owner_password=... -v app_password=... -f deploy/sql/roles.sql
--
-- bizosaas_owner   owns the database and runs the migrations (DATABASE_ADMIN_URL); no superuser, no BYPASSRLS
-- bizosaas_app     the running application (DATABASE_URL); owns nothing
-- bizosaas_doors   owns the functions that look across tenants; nobody logs in as it
-- bizosaas_backup  reads every row and writes none (BIZOSAAS_BACKUP_URL); made only with -v backup_password=...
--
-- The migrations grant everything else. The application refuses to start when its role could read past its tenant.

\set ON_ERROR_STOP on

CREATE ROLE bizosaas_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE bizosaas_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE ROLE bizosaas_doors NOLOGIN NOSUPERUSER NOBYPASSRLS;

-- The owner hands functions over to the doors (SET), but should not read with their rights (no INHERIT): a door's
-- policy sees every tenant. PostgreSQL 15 knows no such grant; there the owner reads what the doors read, one more
-- reason never to run the application as the owner. The administrator joins the owner to create its database.
SELECT current_setting('server_version_num')::int >= 160000 AS has_grant_options \gset
\if :has_grant_options
GRANT bizosaas_doors TO bizosaas_owner WITH INHERIT FALSE, SET TRUE;
GRANT bizosaas_owner TO current_user WITH INHERIT TRUE, SET TRUE;
\else
GRANT bizosaas_doors TO bizosaas_owner;
GRANT bizosaas_owner TO current_user;
\endif

CREATE DATABASE bizosaas OWNER bizosaas_owner;
REVOKE ALL ON DATABASE bizosaas FROM PUBLIC;
GRANT CONNECT ON DATABASE bizosaas TO bizosaas_app;

-- pg_dump needs a role that row-level security does not bind; not every managed server lets its administrator make one.
\if :{?backup_password}
CREATE ROLE bizosaas_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB IN ROLE pg_read_all_data
  PASSWORD :'backup_password';
GRANT CONNECT ON DATABASE bizosaas TO bizosaas_backup;
\endif
