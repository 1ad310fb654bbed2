"""Achievements as their administrator looks through them and designs them."""

from __future__ import annotations

from typing import Literal

from bizosaas_app.gateway.contracts.achievements import DefinitionView, Key, Tier
from bizosaas_app.gateway.contracts.base import Command, CountedPage, Sort, SortedPaging, View, Words


class SearchDefinitions(SortedPaging):
    """Which of the tenant's definitions, and which page of them: `q` is looked for in name, key and description."""

    sort: Sort = "category"
    q: Words = ""
    category: Key | None = None
    tier: Tier | None = None
    status: Literal["active", "archived"] | None = None
    origin: Literal["custom", "predefined"] | None = None


class PrepareDesign(Command):
    """What an administrator needs to write an achievement, or to change the one of this key."""

    key: Key | None = None


class CategoryView(View):
    """A group of achievements."""

    key: str
    name: str


class NamedView(View):
    """An achievement by its key and name."""

    key: str
    name: str
    status: str


class DefinitionsView(CountedPage[DefinitionView]):
    """Some of the definitions, as a table pages through them."""

    categories: list[CategoryView]


class DesignView(View):
    """The categories there are, the achievements that others can wait for, and the one that is to be changed."""

    timezone: str
    categories: list[CategoryView]
    others: list[NamedView]
    definition: DefinitionView | None
