"""An input schema as the fields of a form: references, nulls and kinds resolved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

LONGEST_LINE: Final = 200
"""Characters that fit a one-line field; a text that may be longer gets an area."""


@dataclass(frozen=True, slots=True)
class Field:
    """One property of the schema with its references and its null resolved."""

    name: str
    kind: str
    node: Mapping[str, Any]
    is_required: bool
    options: tuple[Any, ...] = ()
    is_whole: bool = False
    is_exact: bool = False
    is_nullable: bool = False
    columns: tuple[Field, ...] = ()
    """Of rows: what each row holds."""
    further: Field | None = None
    """Of rows: any more columns are values of this kind, in the map of a row that it names, or in the row itself."""
    item: Field | None = None
    """Of a list: what its items are."""


def read_schema(schema: Mapping[str, Any]) -> list[Field]:
    """Give the fields of an object's schema, in its order."""
    named = schema.get("$defs", {})
    return [_with_columns(field, named) for field in _properties(schema, named)]


def _properties(schema: Mapping[str, Any], named: Mapping[str, Any]) -> list[Field]:
    required = set(schema.get("required", ()))
    return [_field(name, node, named, name in required) for name, node in schema.get("properties", {}).items()]


def _with_columns(field: Field, named: Mapping[str, Any]) -> Field:
    """Make a field of rows out of a list of objects whose members a table can hold."""
    items = field.node.get("items") if field.kind == "json" and field.node.get("type") == "array" else None
    if not isinstance(items, Mapping) or items.get("type") != "object":
        return field
    inside = _properties(items, named)
    maps = [column for column in inside if _values(column.node)]
    owner = maps[0] if len(maps) == 1 else None
    values = _values(owner.node if owner else items) if len(maps) < 2 else None
    further = _field(owner.name if owner else "", values, named, owner is None or owner.is_required) if values else None
    columns = tuple(_with_item(column, named) for column in inside if column is not owner)
    return replace(field, kind="rows", columns=columns, further=further) if columns or further else field


def _with_item(field: Field, named: Mapping[str, Any]) -> Field:
    items = field.node.get("items") if field.node.get("type") == "array" else None
    item = _field(field.name, items, named, True) if isinstance(items, Mapping) else None
    return replace(field, item=item) if item and item.kind != "json" else field


def _values(node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give what the values of a map are, None for what is no map."""
    found = node.get("additionalProperties") if node.get("type") == "object" else None
    return found if isinstance(found, Mapping) and "properties" not in node else None


def _field(name: str, raw: Mapping[str, Any], named: Mapping[str, Any], is_required: bool) -> Field:
    nodes = [node for node in _alternatives(raw, named) if node.get("type") != "null"]
    node = {**(nodes[0] if nodes else {}), **{key: raw[key] for key in ("default", "description") if key in raw}}
    if len(nodes) == 1 and isinstance(node.get("items"), Mapping):
        node["items"] = _resolved(node["items"], named)
    types = {alternative.get("type") for alternative in nodes}
    options = tuple(option for alternative in nodes for option in _options(alternative))
    if options:
        return Field(name, "choice", node, is_required, options)
    if types == {"number", "string"} and any("pattern" in node for node in nodes):  # a Decimal: exact as text
        return Field(name, "number", node, is_required, is_exact=True)
    if types <= {"number", "integer"} and types:
        return Field(name, "number", node, is_required, is_whole=types == {"integer"})
    is_nullable = any(alternative.get("type") == "null" for alternative in _alternatives(raw, named))
    return Field(name, _kind(node) if len(nodes) == 1 else "json", node, is_required, is_nullable=is_nullable)


def _alternatives(raw: Mapping[str, Any], named: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    node = _resolved(raw, named)
    if "anyOf" not in node:
        return [node]
    return [found for inner in node["anyOf"] for found in _alternatives(inner, named)]


def _resolved(node: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    only = node.get("allOf")
    if isinstance(only, list) and len(only) == 1:
        node = only[0]
    reference = node.get("$ref")
    return named.get(reference.rpartition("/")[2], {}) if isinstance(reference, str) else node


def _options(node: Mapping[str, Any]) -> tuple[Any, ...]:
    return (node["const"],) if "const" in node else tuple(node.get("enum", ()))


def _kind(node: Mapping[str, Any]) -> str:
    if node.get("type") == "boolean":
        return "switch"
    if node.get("type") == "string":
        if node.get("format") == "date":
            return "date"
        is_short = node.get("maxLength", LONGEST_LINE + 1) <= LONGEST_LINE or "pattern" in node or "format" in node
        return "text" if is_short else "long"
    if node.get("type") == "array" and _is_line(node.get("items", {})):
        return "lines"
    return "json"


def _is_line(items: Mapping[str, Any]) -> bool:
    """Say whether the items of a list are short texts, which read best one a line."""
    return items.get("type") == "string" and "enum" not in items and items.get("maxLength", 0) <= LONGEST_LINE
