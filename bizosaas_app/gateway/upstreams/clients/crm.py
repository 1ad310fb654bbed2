"""The CRM's contacts and deals, by the API of BottleCRM; `CRM_URL` ends where that begins, with `/api`."""

from __future__ import annotations

from typing import Final

from pydantic import field_validator

from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.systems import Contact, Deal, ListContacts, ListDeals
from bizosaas_app.gateway.upstreams.clients.asking import Told, cursor_after, get, offset_of
from bizosaas_app.kernel.actor import Actor

UPSTREAM: Final = "crm"


class _Deal(Deal):
    @field_validator("account", mode="before")
    @classmethod
    def _name_of(cls, value: object) -> object:
        """Take the company, which the CRM tells with its id, by its name."""
        return value.get("name") if isinstance(value, dict) else value


class _Contacts(Told):
    count: int
    results: list[Contact]


class _Deals(Told):
    opportunities_count: int
    opportunities: list[_Deal]


async def contacts(actor: Actor, asked: ListContacts) -> CountedPage[Contact]:
    """Give a page of the tenant's contacts; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    offset = offset_of(asked.cursor)
    parameters: dict[str, str | int] = {"limit": asked.limit, "offset": offset, "search": asked.search}
    told = await get(actor, UPSTREAM, "/contacts/", parameters, _Contacts)
    after = cursor_after(offset, len(told.results), told.count)
    return CountedPage[Contact](items=told.results, next_cursor=after, total=told.count)


async def deals(actor: Actor, asked: ListDeals) -> CountedPage[Deal]:
    """Give a page of the tenant's deals; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    offset = offset_of(asked.cursor)
    parameters: dict[str, str | int] = {
        "limit": asked.limit,
        "offset": offset,
        "search": asked.search,
        "open": "true" if asked.is_open else "",
    }
    told = await get(actor, UPSTREAM, "/opportunities/", parameters, _Deals)
    after = cursor_after(offset, len(told.opportunities), told.opportunities_count)
    found = [Deal.model_validate(item.model_dump()) for item in told.opportunities]
    return CountedPage[Deal](items=found, next_cursor=after, total=told.opportunities_count)
