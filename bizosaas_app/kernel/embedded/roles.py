"""The roles and databases of a cluster, made once by the superuser.

postgres         superuser: makes roles, databases and extensions, then is not used any more
bizosaas_owner   owns the database and runs the migrations; no superuser, no BYPASSRLS
bizosaas_app     the application: may connect, and whatever the migrations grant
bizosaas_doors   nobody logs in as it; owns the functions that look across tenants
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from bizosaas_app.kernel.embedded import files
from bizosaas_app.kernel.embedded.errors import EngineFailed

SUPERUSER, OWNER, APP, DOORS = "postgres", "bizosaas_owner", "bizosaas_app", "bizosaas_doors"
DATABASE = "bizosaas"
EXTENSIONS: tuple[LiteralString, ...] = ("vector", "pg_trgm", "citext", "btree_gist", "unaccent")
"""Extensions that only a superuser may create, so that the migrations find them."""

# The owner may make and alter roles as on a managed server (ADMIN), but never reads with their rights
# (INHERIT FALSE): the doors see every tenant. SET lets it hand a function over to the doors.
ROLES: tuple[LiteralString, ...] = (
    "CREATE ROLE bizosaas_owner LOGIN CREATEROLE PASSWORD {owner}",
    "CREATE ROLE bizosaas_app LOGIN PASSWORD {app}",
    "CREATE ROLE bizosaas_doors NOLOGIN",
    "GRANT bizosaas_app TO bizosaas_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
    "GRANT bizosaas_doors TO bizosaas_owner WITH ADMIN TRUE, INHERIT FALSE, SET TRUE",
    "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC",
)


@dataclass(frozen=True)
class Passwords:
    """The generated passwords of the roles that log in."""

    superuser: str
    owner: str
    app: str


def passwords(file: Path) -> Passwords:
    """Read the passwords of a cluster. Raises `EngineFailed` when their file is gone."""
    try:
        return Passwords(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise EngineFailed(f"{file} is missing: without it nobody can log in to this cluster.") from None


def make_passwords(file: Path) -> Passwords:
    """Generate the passwords of a new cluster (192 random bits each) into a file for its owner alone."""
    made = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
    files.write_private(file, json.dumps(asdict(made)))
    return made


def create_roles(connection: psycopg.Connection, made: Passwords) -> None:
    """Create the roles of a new cluster over a superuser connection in autocommit mode."""
    for statement in ROLES:
        connection.execute(sql.SQL(statement).format(owner=made.owner, app=made.app))


def create_database(connection: psycopg.Connection, name: str, *, template: str) -> None:
    """Create a database for the owner that only the owner and the application may enter.

    `connection` is a superuser's, in autocommit mode; nobody may be connected to the template. The
    rights of a template's database are not copied by PostgreSQL, so they are set here each time. Files
    are copied as files: page by page through the log, a copy takes longer and its end far longer.
    """
    for statement in (
        "CREATE DATABASE {name} TEMPLATE {template} OWNER bizosaas_owner STRATEGY FILE_COPY",
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {name} TO bizosaas_app",
    ):
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        connection.execute(sql.SQL(statement).format(**names))


def create_extensions(connection: psycopg.Connection) -> None:
    """Create the extensions in the database of this superuser connection."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
