"""An input schema as the fields of a form: references, nulls and kinds resolved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def read_schema(schema: Mapping[str, Any]) -> list[Field]:
    """Give the fields of an object's schema, in its order."""
    named, required = schema.get("$defs", {}), set(schema.get("required", ()))
    return [_field(name, node, named, name in required) for name, node in schema.get("properties", {}).items()]


def _field(name: str, raw: Mapping[str, Any], named: Mapping[str, Any], is_required: bool) -> Field:
    nodes = [node for node in _alternatives(raw, named) if node.get("type") != "null"]
    node = {**(nodes[0] if nodes else {}), **{key: raw[key] for key in ("default", "description") if key in raw}}
    if len(nodes) == 1 and isinstance(node.get("items"), Mapping):
        node["items"] = _resolved(node["items"], named)
    types = {alternative.get("type") for alternative in nodes}
    options = tuple(option for alternative in nodes for option in _options(alternative))
    if options:
        return Field(name, "choice", node, is_required, options)
    if types == {"number", "string"}:  # a Decimal: exact as text
        return Field(name, "number", node, is_required, is_exact=True)
    if types <= {"number", "integer"} and types:
        return Field(name, "number", node, is_required, is_whole=types == {"integer"})
    return Field(name, _kind(node) if len(nodes) == 1 else "json", node, is_required)


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
