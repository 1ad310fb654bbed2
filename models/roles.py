"""Roles and permissions: reference data of all tenants, written from the catalogue after a migration."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from models.base import Base


class Role(Base, table=True):
    """A role, such as `tenant_admin`."""

    __tablename__ = "roles"

    key: str = Field(primary_key=True)
    name: str


class Permission(Base, table=True):
    """A permission, with one sentence that says what it allows."""

    __tablename__ = "permissions"

    key: str = Field(primary_key=True)
    description: str


class RolePermission(Base, table=True):
    """A permission that a role holds."""

    __tablename__ = "role_permissions"
    __table_args__ = (
        ForeignKeyConstraint(["role_key"], ["roles.key"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["permission_key"], ["permissions.key"], ondelete="RESTRICT"),
    )

    role_key: str = Field(primary_key=True)
    permission_key: str = Field(primary_key=True)
