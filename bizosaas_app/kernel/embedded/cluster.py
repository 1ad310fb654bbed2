"""Where one PostgreSQL cluster lies, and the URLs of its roles."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from bizosaas_app.kernel.embedded import files, roles

PORT = 5432
"""No TCP port is opened; the number is part of the socket's name, and PGPORT must not change it."""
SOCKET_NAME = f".s.PGSQL.{PORT}.lock"
"""The longest name that PostgreSQL makes in the folder of its socket."""


@dataclass(frozen=True)
class PostgresPaths:
    """Where a cluster and its belongings lie; `root` is an existing folder, `data` is inside it."""

    root: Path
    data: Path

    @classmethod
    def under(cls, root: Path) -> PostgresPaths:
        """Give the paths of the cluster of a folder."""
        return cls(root.resolve(), root.resolve() / "postgres")

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "postgres.log"

    @property
    def passwords(self) -> Path:
        """The generated passwords, for the owner of the folder alone."""
        return self.root / "postgres.passwords"

    @property
    def sockets(self) -> Path:
        """The private folder of the Unix socket."""
        return files.socket_folder(self.root / "postgres.socket", SOCKET_NAME)

    @property
    def pid_file(self) -> Path:
        """The lock file of the running server."""
        return self.data / "postmaster.pid"


def superuser_url(paths: PostgresPaths, database: str = "postgres") -> str:
    """Give the SQLAlchemy URL of the superuser, for the fixtures of tests; the application never uses it."""
    return _url(paths, roles.SUPERUSER, roles.passwords(paths.passwords).superuser, database)


def owner_url(paths: PostgresPaths, database: str = roles.DATABASE) -> str:
    """Give the SQLAlchemy URL of the role that owns the database and runs the migrations."""
    return _url(paths, roles.OWNER, roles.passwords(paths.passwords).owner, database)


def app_url(paths: PostgresPaths, database: str = roles.DATABASE) -> str:
    """Give the SQLAlchemy URL of the application's role."""
    return _url(paths, roles.APP, roles.passwords(paths.passwords).app, database)


def answers(paths: PostgresPaths) -> bool:
    """Tell whether the server accepts connections now (no login is tried)."""
    target = psycopg.conninfo.make_conninfo(host=str(paths.sockets), port=PORT, connect_timeout=5)
    return bool(psycopg.pq.PGconn.ping(target.encode()) == psycopg.pq.Ping.OK)


def create_database(paths: PostgresPaths, name: str, *, template: str) -> None:
    """Create another database on the running server as a copy of `template`, to which nobody is connected."""
    with connect_superuser(paths, "postgres") as connection:
        roles.create_database(connection, name, template=template)


def connect_superuser(paths: PostgresPaths, database: str) -> psycopg.Connection:
    """Connect as the superuser, in autocommit mode."""
    return psycopg.connect(
        host=str(paths.sockets),
        port=PORT,
        dbname=database,
        user=roles.SUPERUSER,
        password=roles.passwords(paths.passwords).superuser,
        autocommit=True,
    )


def _url(paths: PostgresPaths, user: str, password: str, database: str) -> str:
    host = quote(os.fspath(paths.sockets), safe="")
    return f"postgresql+psycopg://{user}:{password}@/{database}?host={host}&port={PORT}"
