#!/bin/sh
# Runs once, when the image of PostgreSQL makes a new cluster: the roles and the database of deploy/sql/roles.sql, and
# the extensions that only the administrator may make.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$(cat /run/secrets/POSTGRES_OWNER_PASSWORD)" \
  -v app_password="$(cat /run/secrets/POSTGRES_APP_PASSWORD)" \
  -v backup_password="$(cat /run/secrets/POSTGRES_BACKUP_PASSWORD)" \
  -f /deploy/roles.sql
for extension in vector pg_trgm citext btree_gist unaccent; do
  psql --username "$POSTGRES_USER" --dbname bizosaas -v ON_ERROR_STOP=1 -c "CREATE EXTENSION IF NOT EXISTS $extension"
done
