"""A view of each table, made from the metadata: a new table is in the console by itself, and can only be read."""

# ruff: noqa: ARG002  # the library calls these methods with more than ours need

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqladmin import ModelView
from sqladmin.authorization import Action
from sqladmin.filters import BooleanFilter, OperationColumnFilter
from sqladmin.models import ModelViewMeta
from sqlalchemy import ARRAY, Boolean, Column, Select, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import defer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form, TextAreaField

from bizosaas_app.gateway.http.sqladmin import areas, columns, exporting, seat, values, writing
from bizosaas_app.gateway.http.sqladmin.reading import reading
from models import Base

_LONG: Final = ("description", "body", "note")
_FILTERED: Final = (
    "action", "agent_id", "channel", "code", "email", "goal", "key", "kind", "mode", "name", "outcome", "platform",
    "provider", "role_key", "sku", "slug", "state", "status", "subject", "title", "topic", "type", "user_id", "wizard",
)  # fmt: skip
"""Columns worth a filter of their own; the search looks through every text."""
_MOST_FILTERS: Final = 5


class TextFilter(OperationColumnFilter):
    """The library's filter, which knows a text also inside a type of the program."""

    def _is_string_type(self, column_obj: Any) -> bool:
        return isinstance(columns.kind_of(column_obj.property.columns[0]), String)


class TableView(ModelView):
    """One table. Every query runs inside the place of the request's seat; the library opens no session itself."""

    table: Table
    hidden: tuple[str, ...] = ()
    can_create = False
    can_import = False
    export_types = ["csv"]
    export_max_rows = exporting.MOST_ROWS
    page_size = 25
    page_size_options = [25, 50, 100]
    search_auto_submit = False
    is_writable = False

    @property
    def has_key(self) -> bool:
        """Whether a row can be named in an address: a hidden column must not be in one."""
        return not any(columns.is_hidden(column) for column in self.table.primary_key)

    def get_list_columns(self) -> list[str]:
        """Give the columns of the list: all that may be shown but the tenant, which is the page's; ids come last."""
        names = [name for name in self._visible() if name != "tenant_id"]
        return sorted(names, key=lambda name: isinstance(columns.kind_of(self.table.columns[name]), Uuid))

    def get_details_columns(self) -> list[str]:
        """Give the columns of a row's own page."""
        return self._visible()

    def get_export_columns(self) -> list[str]:
        """Give the columns of the sheet."""
        return self._visible()

    def get_import_columns(self) -> list[str]:
        """Give none: nothing is imported here."""
        return []

    def get_form_columns(self) -> list[str]:
        """Give the columns that a hand may change."""
        return list(columns.editable_of(self.table))

    def is_here(self) -> bool:
        """Say whether the place of the request's seat has the table."""
        return columns.is_shared(self.table) is (seat.current().place.tenant_id is None)

    def is_accessible(self, request: Request) -> bool:
        """Say whether the menu has the table, and its addresses lead anywhere."""
        return self.is_here()

    def has_permission(self, request: Request, action: str, obj: Any | None = None) -> bool:
        """Say whether this may be done here; whoever asks has been let in already."""
        is_sealed = columns.is_sealed(self.table)
        if action in (Action.LIST, Action.EXPORT):
            return not is_sealed
        if action == Action.DETAILS:
            return not is_sealed and self.has_key
        if action == Action.EDIT:
            return self.is_writable and self.has_key and bool(columns.editable_of(self.table))
        return action == Action.DELETE and self.is_writable and columns.can_delete(self.table)

    @property
    def rule(self) -> str:
        """What the list says above it of changing the table's rows."""
        editable, is_deletable = columns.editable_of(self.table), columns.can_delete(self.table)
        if not self.is_writable or not (editable or is_deletable):
            return "Can only be read here."
        changes = f"Can be changed here: {', '.join(editable)}." if editable else ""
        return f"{changes} {'Rows can be deleted.' if is_deletable else ''}".strip()

    async def scaffold_form(self, rules: list[str] | None = None) -> type[Form]:
        """Give the form of the changeable columns; raises 403 where there are none (the library would take all)."""
        if not self.get_form_columns():
            raise HTTPException(403, "This table can only be read")
        return await super().scaffold_form(rules)

    async def get_list_value(self, obj: Any, prop: str, request: Request | None = None) -> tuple[Any, Any]:
        """Give a value as the list shows it."""
        text = values.in_a_cell(getattr(obj, prop))
        return text, text

    async def get_detail_value(self, obj: Any, prop: str, request: Request | None = None) -> tuple[Any, Any]:
        """Give a value as the row's own page shows it."""
        text = values.shown(getattr(obj, prop))
        return text, text

    def list_query(self, request: Request) -> Select[Any]:
        """Give the query of the list."""
        return self._without_hidden(super().list_query(request))

    async def export_rows(self, request: Request) -> Response:
        """Give the list as it is filtered and sorted, as a sheet."""
        return await exporting.export(self, self.sort_query(await self._found(request), request))

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:
        """Change the row, with its lines in the audit logs; raises `writing.Refused` with the words for the page."""
        return await writing.update(self, pk, data)

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:
        """Refuse: rows come into being in the services."""
        raise HTTPException(403, "Rows are made by the application")

    async def _found(self, request: Request) -> Select[Any]:
        """Give the query of the list with the request's filters and search."""
        statement = self.list_query(request)
        filters: list[Any] = self.get_filters()
        for item in filters:
            value = request.query_params.get(item.parameter_name)
            if not value:
                continue
            if isinstance(item, OperationColumnFilter):
                operation = request.query_params.get(f"{item.parameter_name}_op", "")
                statement = await item.get_filtered_query(statement, operation, value, self.model)
            else:
                statement = await item.get_filtered_query(statement, value, self.model)
        words = request.query_params.get("search")
        return self.search_query(statement, words) if words else statement

    def _visible(self) -> list[str]:
        return [name for name in self._prop_names if name not in self.hidden]

    def _without_hidden(self, statement: Select[Any]) -> Select[Any]:
        """Leave the hidden columns in the database: what was never read cannot be shown by mistake."""
        keys = {column.name for column in self.table.primary_key}
        return statement.options(
            *(defer(getattr(self.model, name), raiseload=True) for name in self.hidden if name not in keys)
        )

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        try:
            return self._without_hidden(super()._stmt_by_identifier(identifier))
        except (ValueError, TypeError) as error:
            raise HTTPException(404, "There is no such row") from error

    async def _run_query(self, stmt: Any) -> Any:
        async with reading() as session:
            return (await session.execute(stmt)).scalars().unique().all()

    async def _run_arbitrary_query(self, stmt: Any) -> Any:
        async with reading() as session:
            return (await session.execute(stmt)).all()


def models_of() -> list[type[Base]]:
    """Give the model of every table, in the order of the menu."""
    models = [mapper.class_ for mapper in Base._sa_registry.mappers]
    return sorted(models, key=lambda model: (areas.area_of(model), model.__tablename__))


def view_of(model: type[Base], *, is_writable: bool) -> type[TableView]:
    """Make the view of a model's table."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    visible = [column for column in table.columns if not columns.is_hidden(column)]
    editable = columns.editable_of(table)
    texts = [column.name for column in visible if isinstance(columns.kind_of(column), String)]
    options = {
        "__doc__": model.__doc__,
        "table": table,
        "hidden": tuple(column.name for column in table.columns if columns.is_hidden(column)),
        "is_writable": is_writable,
        "name": table.name,
        "name_plural": table.name,
        "category": areas.area_of(model),
        "can_edit": is_writable and bool(editable),
        "can_delete": is_writable and columns.can_delete(table),
        "can_export": not columns.is_sealed(table),
        "column_searchable_list": texts,
        "column_sortable_list": [
            column.name for column in visible if not isinstance(columns.kind_of(column), (ARRAY, JSONB))
        ],
        "column_filters": list(_filters_of(model, visible)),
        "column_default_sort": [(column.name, column.name == "id") for column in table.primary_key],
        "form_overrides": {name: TextAreaField for name in editable if name in _LONG},
        "form_widget_args": {name: {"maxlength": writing.LONGEST_TEXT} for name in editable if name in texts},
    }
    view: type[TableView] = ModelViewMeta(f"{model.__name__}View", (TableView,), options, model=model)
    view.identity = table.name
    return view


def _filters_of(model: type[Base], visible: list[Column[Any]]) -> Iterator[BooleanFilter | OperationColumnFilter]:
    chosen = [column for column in visible if isinstance(columns.kind_of(column), Boolean) or column.name in _FILTERED]
    for column in chosen[:_MOST_FILTERS]:
        kind = BooleanFilter if isinstance(columns.kind_of(column), Boolean) else TextFilter
        yield kind(getattr(model, column.name), title=column.name)
