"""What the operations without a session share: the actor of a stranger, and the throttle at the door."""

from __future__ import annotations

from uuid import UUID

from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.limits.throttle import Reservation, ThrottlePolicy
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.accounts import devices


def stranger_in(tenant_id: UUID, visitor: Visitor | Actor) -> Actor:
    """Give the actor of somebody who has no session (yet) inside the tenant that their words lead to.

    It holds no permission; it carries the address, for the audit log.
    """
    return Actor(
        tenant_id=tenant_id,
        role="visitor",
        channel="http",
        request_id=visitor.request_id,
        address=visitor.address,
        user_agent=visitor.user_agent,
    )


def device_of(visitor: Visitor) -> str | None:
    """Give the name of the visitor's device, when it carries a device cookie of ours."""
    return devices.fingerprint(resources().peppers["device"], visitor.device_token)


async def reserve(policy: ThrottlePolicy, *, account: str, address: str, device: str | None = None) -> Reservation:
    """Count an attempt before its work; raises `LimitReached`, or `Unavailable` without Valkey."""
    try:
        return await throttle.reserve(
            resources().cache,
            policy,
            account=account,
            address=address_bucket(address),
            device=device,
            pepper=resources().peppers["address"].current[1],
        )
    except CacheError as error:
        raise Unavailable("Sign-ins cannot be counted right now") from error


async def is_first_refusal(policy: ThrottlePolicy, *, account: str, address: str) -> bool:
    """Say whether nobody has been refused here for a while; raises `CacheError` without Valkey."""
    pepper = resources().peppers["address"].current[1]
    return await throttle.is_first_refusal(
        resources().cache, policy, account=account, address=address_bucket(address), pepper=pepper
    )


async def succeed(reservation: Reservation) -> None:
    """Take a counted attempt back; raises `Unavailable` without Valkey."""
    try:
        await throttle.succeed(resources().cache, reservation)
    except CacheError as error:
        raise Unavailable("Sign-ins cannot be counted right now") from error


async def release(reservation: Reservation) -> None:
    """Take a counted attempt back that we could not serve; raises `Unavailable` without Valkey."""
    try:
        await throttle.release(resources().cache, reservation)
    except CacheError as error:
        raise Unavailable("Sign-ins cannot be counted right now") from error
