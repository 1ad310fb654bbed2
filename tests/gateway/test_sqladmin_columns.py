"""What the console shows of each table: all of them, and of none a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqladmin.models import ModelView
from sqlalchemy import Column, LargeBinary, Table

from bizosaas_app.gateway.http.sqladmin import columns
from bizosaas_app.gateway.http.sqladmin.application import Console
from bizosaas_app.gateway.http.sqladmin.views import TableView, models_of
from bizosaas_app.kernel.settings import Settings
from models import metadata, rls

SECRET_WORDS = ("hash", "secret", "password", "token", "digest", "pad", "credential", "salt", "pepper", "signature")
"""On its own, so that a hole in the console's rule shows."""
HARMLESS = {
    "users.password_changed_at",
    "agent_budgets.tokens_per_day",
    "agent_runs.reserved_tokens",
    "agent_spending.tokens",
}
IDENTITY = re.compile(
    r"(^|_)(id|role|role_key|permissions?|scopes|platforms|email|slug|status|state|kind)$|_id$|_by$|_at$"
)


@pytest.fixture(scope="module")
def views() -> dict[str, TableView]:
    console = Console(Settings(sqladmin="write"))
    return {view.identity: view for view in console.views if isinstance(view, TableView)}


def every_column() -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.tables.values():
        for column in table.columns:
            yield table, column


def uses_of(view: ModelView) -> dict[str, list[str]]:
    """Every list of columns that the library draws from."""
    return {
        "list": view._list_prop_names,
        "details": view._details_prop_names,
        "form": view._form_prop_names,
        "export": view._export_prop_names,
        "import": view._import_prop_names,
        "search": view._search_fields,
        "sort": view._sort_fields,
        "filter": [item.parameter_name for item in view.get_filters()],
    }


def test_every_table_of_the_metadata_has_a_view(views: dict[str, TableView]) -> None:
    assert set(views) == {table.name for table in metadata.tables.values()}
    assert {model.__tablename__ for model in models_of()} == set(views)
    assert len(views) > 70


def test_no_secret_is_shown_searched_sorted_by_exported_or_changed(views: dict[str, TableView]) -> None:
    hidden = 0
    for table, column in every_column():
        name = f"{table.name}.{column.name}"
        is_named_so = any(part.rstrip("s") in SECRET_WORDS for part in column.name.split("_")) and name not in HARMLESS
        is_secret = (
            is_named_so
            or isinstance(columns.kind_of(column), LargeBinary)
            or name in {f"{table}.{column}" for table, column in columns.HIDDEN}
        )
        assert columns.is_hidden(column) is is_secret, name
        if is_secret:
            hidden += 1
            view = views[table.name]
            assert column.name in view.hidden
            assert not {use for use, names in uses_of(view).items() if column.name in names}, name
    assert hidden > 20


def test_what_is_declared_exists() -> None:
    known = {(table.name, column.name) for table, column in every_column()}
    assert known >= columns.HIDDEN
    assert {(table, name) for table, names in columns.EDITABLE.items() for name in names} - known == set()
    assert {table.name for table in metadata.tables.values()} >= columns.DELETABLE


def test_no_key_no_identity_and_no_append_only_table_can_be_changed(views: dict[str, TableView]) -> None:
    for name, view in views.items():
        editable = view._form_prop_names
        for column in editable:
            assert not view.table.columns[column].primary_key
            assert not view.table.columns[column].foreign_keys
            assert not IDENTITY.search(column), (name, column)
        rights = () if columns.is_shared(view.table) or name == "members" else rls.privileges_of(name)
        assert view.can_edit is bool(editable)
        assert not editable or "UPDATE" in rights
        assert not view.can_delete or "DELETE" in rights
        assert not view.can_create
        assert not view.can_import
    for name in ("gamification_events", "audit_log", "reward_entries", "tier_moves", "roles", "members", "login_names"):
        assert not views[name].can_edit
        assert not views[name].can_delete


def test_the_rule_holds_for_an_append_only_table_that_somebody_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "EDITABLE", {"reward_entries": ("note",)})
    monkeypatch.setattr(columns, "DELETABLE", {"audit_log"})
    assert columns.editable_of(metadata.tables["reward_entries"]) == ()
    assert not columns.can_delete(metadata.tables["audit_log"])


def test_json_values_lose_what_stands_under_the_name_of_a_secret() -> None:
    value = {"webhook_secret": "s", "deep": [{"api_key": "k", "Authorization": "b", "tokens": 12, "name": "n"}]}
    assert columns.redacted(value) == {
        "webhook_secret": columns.REDACTED,
        "deep": [{"api_key": columns.REDACTED, "Authorization": columns.REDACTED, "tokens": 12, "name": "n"}],
    }


def test_production_only_reads_unless_it_is_told_otherwise() -> None:
    assert Settings().sqladmin_mode == "write"
    assert Settings().model_copy(update={"env": "production"}).sqladmin_mode == "read"
    assert Settings(sqladmin="write").model_copy(update={"env": "production"}).sqladmin_mode == "write"
    assert Settings(sqladmin="off").sqladmin_mode == "off"
