"""What every table shares: the metadata, the tenant column, column types and constraint makers.

A tenant table inherits `TenantScoped` (or `TenantModel`, which adds `id`). Its primary key, its foreign keys
and its unique constraints all contain `tenant_id`: a plain foreign key would accept another tenant's row,
because PostgreSQL checks foreign keys without row-level security.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKeyConstraint, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from bizosaas_app.kernel.ids import new_id

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

PRIVATE_SCHEMA = "app"
"""Schema of the context functions, the doors and the tables that the application role cannot read."""

# Typed as Any because SQLModel's `sa_type` is declared to take classes only, yet accepts instances.
AMOUNT: Any = Numeric(20, 4)
"""Sixteen digits and four decimals: room for any currency's minor unit and for averaged points."""
CURRENCY: Any = CHAR(3)
"""ISO 4217 code."""
JSON: Any = JSONB(none_as_null=True)
"""A change inside the value is not noticed: assign a new value."""
TEXTS: Any = ARRAY(Text)
BIG: Any = BigInteger


class Base(SQLModel):
    """Root of all tables, with our own metadata and explicit names for constraints and indexes."""

    metadata = MetaData(naming_convention=NAMING)


class TenantScoped(Base):
    """A row that belongs to one tenant; row-level security guards its table."""

    tenant_id: UUID = Field(primary_key=True)


class TenantModel(TenantScoped):
    """A tenant's row with an identifier of its own, ordered by the time it was made."""

    id: UUID = Field(default_factory=new_id, primary_key=True)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Allow only these words in a text column."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def subset_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Allow only these words as members of a text array column."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} <@ ARRAY[{words}]::text[]", name=f"{column}_known")


def json_is(column: str, kind: str) -> CheckConstraint:
    """Require a JSON `object` or `array` in a jsonb column."""
    return CheckConstraint(f"jsonb_typeof({column}) = '{kind}'", name=f"{column}_is_{kind}")


def currency_code(column: str = "currency") -> CheckConstraint:
    """Require three capital letters."""
    return CheckConstraint(f"{column} ~ '^[A-Z]{{3}}$'", name=f"{column}_is_iso_4217")


def belongs_to_tenant() -> ForeignKeyConstraint:
    """Tie a table straight to `tenants`.

    Left out where another composite foreign key already leads there, and on the append-heavy tables: each of
    their inserts would lock the one row of the tenant.
    """
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="RESTRICT")


def belongs_to(table: str, column: str, *, key: str = "id") -> ForeignKeyConstraint:
    """Tie `column` to a row of the same tenant in another tenant table."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.{key}"], ondelete="RESTRICT")


def is_view(table: Table) -> bool:
    """Say whether this entry of the metadata is a view, which migrations write by hand."""
    return bool(table.info.get("is_view"))
