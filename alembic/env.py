"""Alembic's environment: which connection to migrate on, and what to compare with the models.

A caller hands over a connection (`attributes["connection"]`) or a URL (`attributes["url"]`); the command line
uses `sqlalchemy.url` of the ini file or, without one, the owner's URL of the settings.
"""

from __future__ import annotations

import re
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from bizosaas_app.kernel.settings import get_settings
from models import metadata
from models.base import PRIVATE_SCHEMA, is_view

_PARTITION = re.compile(r"^gamification_events_p\d+$")


def _url() -> str:
    url = context.config.attributes.get("url") or context.config.get_main_option("sqlalchemy.url")
    if not url:
        secret = get_settings().database_admin_url
        if secret is None:
            raise SystemExit("DATABASE_ADMIN_URL is not set: name the database to migrate")
        url = secret.get_secret_value()
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out other schemas, and the partitions: the models know their parent only."""
    if kind == "schema":
        return name in (None, PRIVATE_SCHEMA)
    return not (kind == "table" and name is not None and _PARTITION.match(name))


def _is_comparable(item: Any, _name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out views, and the copies of a foreign key that PostgreSQL keeps for each referenced partition."""
    if kind == "table":
        return not is_view(item)
    if kind == "foreign_key_constraint" and reflected:
        return not any(_PARTITION.match(element.target_fullname.split(".")[-2]) for element in item.elements)
    return True


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=_is_ours,
        include_object=_is_comparable,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_online() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    engine = create_engine(_url(), poolclass=NullPool)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


def _run_offline() -> None:
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True, include_schemas=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _run_offline()
else:
    _run_online()
