"""The breakers before one upstream: one for all tenants, and one for each. Pure.

What one tenant's calls meet closes the upstream to that tenant; what several meet, or what is wrong with the
connection itself, closes it to all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, TypeAlias

from bizosaas_app.gateway.upstreams.breaker import Breaker, Outcome, State

MOST_KEPT: Final = 1024
"""Tenants, the last ones that called."""

Ticket: TypeAlias = tuple[int, int]


class Breakers:
    """Admits a call when both the breaker of all and its tenant's own do."""

    def __init__(self) -> None:
        self._of_all = Breaker(is_of_many=True)
        self._of_one: OrderedDict[Hashable, Breaker] = OrderedDict()

    def state(self, now: float) -> State:
        """Say how the breaker of all stands."""
        return self._of_all.state(now)

    def is_probing(self, tenant: Hashable, now: float) -> bool:
        """Say whether this tenant's next call would be one by which it is found out how the upstream is."""
        return "half_open" in (self._of_all.state(now), self._own(tenant).state(now))

    def admit(self, tenant: Hashable, now: float) -> Ticket | None:
        """Give a ticket for one call, to be handed back with `report`; None while the upstream is left alone."""
        own = self._own(tenant)
        mine = own.admit(now)
        if mine is None:
            return None
        common = self._of_all.admit(now)
        if common is None:
            own.report(mine, "unknown", now)
            return None
        return common, mine

    def rest_of(self, tenant: Hashable, now: float) -> float:
        """Give the seconds until this tenant's next call may be admitted."""
        return max(self._of_all.rest_of(now), self._own(tenant).rest_of(now))

    def report(self, tenant: Hashable, ticket: Ticket, outcome: Outcome, now: float, *, is_of_connection: bool) -> None:
        """Take note of how an admitted call went; `is_of_connection` where it failed because there was none."""
        common, mine = ticket
        self._of_all.report(common, outcome, now, None if is_of_connection else tenant)
        # Without a connection nothing of the tenant's has reached the upstream.
        self._own(tenant).report(mine, "unknown" if is_of_connection else outcome, now)

    def _own(self, tenant: Hashable) -> Breaker:
        own = self._of_one.setdefault(tenant, Breaker())
        self._of_one.move_to_end(tenant)
        if len(self._of_one) > MOST_KEPT:
            self._of_one.popitem(last=False)
        return own
