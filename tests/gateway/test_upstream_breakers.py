"""One breaker for all tenants and one for each: whose failures take the upstream from whom."""

from __future__ import annotations

from bizosaas_app.gateway.upstreams.breaker import Outcome
from bizosaas_app.gateway.upstreams.breakers import MOST_KEPT, Breakers


def call(
    breakers: Breakers, tenant: str, outcome: Outcome, now: float = 0, *, times: int = 1, is_of_connection: bool = False
) -> bool:
    """Make so many calls; False when the last was not admitted."""
    for _ in range(times):
        ticket = breakers.admit(tenant, now)
        if ticket is not None:
            breakers.report(tenant, ticket, outcome, now, is_of_connection=is_of_connection)
    return ticket is not None


def test_one_tenants_failures_close_it_to_that_tenant_only() -> None:
    breakers = Breakers()
    call(breakers, "acme", "failed", times=50)
    assert breakers.admit("acme", 1) is None
    assert breakers.rest_of("acme", 1) == 4
    assert (breakers.state(1), breakers.rest_of("globex", 1)) == ("closed", 0)
    assert call(breakers, "globex", "ok", 1)


def test_one_failure_of_another_is_not_enough_and_two_are() -> None:
    breakers = Breakers()
    call(breakers, "acme", "failed", times=5)
    call(breakers, "globex", "failed")
    assert breakers.state(0) == "closed"
    call(breakers, "globex", "failed")
    assert breakers.state(0) == "open"
    assert breakers.admit("initech", 1) is None


def test_a_tenant_whose_calls_go_well_in_between_keeps_it_from_the_others_no_less() -> None:
    breakers = Breakers()
    for _ in range(200):
        call(breakers, "acme", "ok")
        call(breakers, "acme", "failed")
    call(breakers, "globex", "failed")
    assert breakers.state(0) == "closed"
    assert call(breakers, "globex", "ok")


def test_without_a_connection_it_is_closed_to_all_whoever_called() -> None:
    breakers = Breakers()
    call(breakers, "acme", "failed", times=5, is_of_connection=True)
    assert breakers.state(0) == "open"
    assert breakers.admit("globex", 1) is None
    assert call(breakers, "globex", "ok", 5)
    assert breakers.state(5) == "closed"
    assert call(breakers, "acme", "ok", 5)


def test_a_tenants_own_probe_is_not_used_up_while_the_breaker_of_all_refuses() -> None:
    breakers = Breakers()
    call(breakers, "acme", "failed", times=5)
    call(breakers, "globex", "failed", 1, times=2)
    assert breakers.is_probing("acme", 5.5)
    assert breakers.admit("acme", 5.5) is None
    assert call(breakers, "acme", "ok", 6)
    assert breakers.state(6) == "closed"
    assert not breakers.is_probing("acme", 6)


def test_as_many_tenants_are_kept_as_may_be() -> None:
    breakers = Breakers()
    for number in range(MOST_KEPT + 10):
        call(breakers, str(number), "ok")
    assert len(breakers._of_one) == MOST_KEPT
