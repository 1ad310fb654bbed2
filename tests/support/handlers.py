"""Every event handler of the application, from Reflex's registry, and what a stranger would send to it.

What a handler takes is read off its signature; what its arguments may be, off the contracts of the gateway. So a new
handler is called by the tests without being named anywhere.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel
from reflex_base.registry import RegistrationContext

from bizosaas_app.gateway import contracts
from state.policy import INTERNALS, Policy, find_policy

ALIASES = {
    "notice": "notifications",
    "person": "users",
    "member": "users",
    "owner": "users",
    "key": "api_keys",
    "board": "leaderboards",
    "case": "referral_conversions",
}
"""What the states call rows whose table has another name."""
_NAMES = ("key", "slug", "code")
_ASKED = re.compile(r"(?:query_parameters|asked|query)(?:\.get\(|\[)\"(\w+)\"")


@dataclass(frozen=True)
class Handler:
    """One event handler: its full name, who may call it, and the arguments that it takes."""

    name: str
    module: str
    policy: Policy | None
    parameters: Mapping[str, Any]

    @property
    def state(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def short(self) -> str:
        return ".".join(self.name.split(".")[-2:]).rpartition("____")[2]

    @property
    def is_page_load(self) -> bool:
        return self.policy is not None and self.policy.is_page_load

    @property
    def takes_a_form(self) -> bool:
        return any(_origin(kind) is dict for kind in self.parameters.values())


@dataclass(frozen=True)
class Stock:
    """What a stranger knows of a tenant: the ids of its rows by table, and the names that it gave to things."""

    ids: Mapping[str, list[str]]
    names: list[str]


@dataclass(frozen=True)
class Call:
    """One event as it is sent."""

    handler: Handler
    payload: dict[str, Any]
    path: str


def every_handler() -> list[Handler]:
    """List all handlers but Reflex's own that everybody needs; loads and openings first, then what saves forms."""
    found = [
        Handler(name, registered.handler.fn.__module__, find_policy(name), _parameters(registered.handler.fn))
        for name, registered in RegistrationContext.get().event_handlers.items()
        if name not in INTERNALS
    ]
    return sorted(found, key=lambda one: (one.state, not one.is_page_load, one.takes_a_form))


def calls(handler: Handler, stock: Stock) -> list[Call]:
    """Give the events that try each kind of row that an argument may name, and each word that it may be."""
    given = {name: _choices(name, kind, stock) for name, kind in handler.parameters.items()}
    addresses = _addresses(handler, stock)[: None if handler.is_page_load else 1]
    times = max([len(addresses), *map(len, given.values())])
    return [
        Call(
            handler,
            {name: choices[turn % len(choices)] for name, choices in given.items()},
            addresses[turn % len(addresses)],
        )
        for turn in range(times)
    ]


def sent_texts(call: Call) -> Iterator[str]:
    """Give every text that an event carries."""
    waiting: list[Any] = [call.payload, call.path]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _parameters(fn: Any) -> dict[str, Any]:
    found = inspect.signature(fn, eval_str=True, globals=_globals(fn)).parameters
    return {name: parameter.annotation for name, parameter in found.items() if name != "self"}


def _globals(fn: Any) -> dict[str, Any]:
    return vars(importlib.import_module(fn.__module__))


def _choices(name: str, kind: Any, stock: Stock) -> list[Any]:
    """Give what an argument of this name and kind may be."""
    origin = _origin(kind)
    if origin is dict:
        return _forms(stock)
    if origin is bool:
        return [True, False]
    if origin in (int, float):
        return [1]
    if origin is list:
        return [[choice] for choice in _choices(name.removesuffix("s"), str, stock)]
    return _words(name, stock)


def _words(name: str, stock: Stock) -> list[Any]:
    if name == "id" or name.endswith("_id"):
        return _ids(name, stock)
    known = _literals().get(name, [])
    names = stock.names if name in _NAMES else []
    return [*known, *names, *_ids(name, stock, else_all=False)] or ["probe"]


def _ids(name: str, stock: Stock, *, else_all: bool = True) -> list[Any]:
    """Give the ids that an argument of this name may mean; an unknown one may mean any row."""
    stem = name.removesuffix("_id")
    fitting = [rows[-1] for table, rows in stock.ids.items() if rows and (table == ALIASES.get(stem) or stem in table)]
    return fitting or ([rows[-1] for rows in stock.ids.values() if rows] if else_all else [])


def _forms(stock: Stock) -> list[dict[str, Any]]:
    """Give filled forms: each has every field that any command of the gateway has."""
    flat = {name: kind for name, kind in _fields().items() if _origin(kind) is not dict}
    fields = {name: _choices(name, kind, stock) for name, kind in flat.items()}
    fields["id"] = _ids("id", stock)
    times = max(len(_ids(name, stock)) for name in fields if name.endswith("_id"))
    return [{name: choices[turn % len(choices)] for name, choices in fields.items()} for turn in range(times)]


def _addresses(handler: Handler, stock: Stock) -> list[str]:
    """Give addresses whose query names rows, under every name that the handler's module reads."""
    asked = {name: _ids(name, stock) for name in sorted(_asked(handler.module))}
    times = max(map(len, asked.values()), default=1)
    queries = (
        urlencode({name: choices[turn % len(choices)] for name, choices in asked.items()}) for turn in range(times)
    )
    return [f"/portal?{query}".rstrip("?") for query in queries]


@cache
def _asked(module: str) -> frozenset[str]:
    text = inspect.getsource(importlib.import_module(module))
    return frozenset(_ASKED.findall(text)) if "query_parameters" in text else frozenset()


@cache
def _commands() -> tuple[type[BaseModel], ...]:
    modules = [
        importlib.import_module(f"{contracts.__name__}.{info.name}")
        for info in pkgutil.iter_modules(contracts.__path__)
    ]
    return tuple(
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseModel)
    )


@cache
def _fields() -> dict[str, Any]:
    return {name: field.annotation for command in _commands() for name, field in command.model_fields.items()}


@cache
def _literals() -> dict[str, list[str]]:
    """Give the words that a field may be by its name, from every contract that has such a field."""
    found: dict[str, list[str]] = {}
    for command in _commands():
        for name, field in command.model_fields.items():
            words = [word for word in _words_of(field.annotation) if isinstance(word, str)]
            found.setdefault(name, []).extend(word for word in words if word not in found.get(name, []))
    return {name: words for name, words in found.items() if words}


def _words_of(kind: Any) -> list[Any]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [word for part in get_args(kind) for word in _words_of(part)]


def _origin(kind: Any) -> Any:
    """Give what a kind is at heart: `dict` of `dict[str, Any] | None`, `str` of an id."""
    if get_origin(kind) in (Union, UnionType):
        return _origin(next(part for part in get_args(kind) if part is not type(None)))
    plain = get_origin(kind) or kind
    return str if plain is UUID else plain
