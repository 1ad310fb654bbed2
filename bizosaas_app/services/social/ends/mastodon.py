"""Mastodon: `POST /api/v1/statuses` with an Idempotency-Key (docs.joinmastodon.org/methods/statuses)."""

from __future__ import annotations

from typing import Any

import httpx

from bizosaas_app.services.social.ends.calls import SANDBOX_HEADER, accept, call
from bizosaas_app.services.social.port import Access, Outgoing, Profile, Published


class Mastodon:
    """A Mastodon server; the secret is an access token with `read:accounts` and `write:statuses`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def check(self, access: Access) -> Profile:
        """See SocialNetwork.check; the limit comes from `/api/v2/instance`."""
        url = f"{access.base_url}/api/v1/accounts/verify_credentials"
        answer = accept(await call(self._client, "GET", url, headers=_headers(access)), who="The server")
        instance = await call(self._client, "GET", f"{access.base_url}/api/v2/instance")
        is_sandbox = SANDBOX_HEADER in answer.headers
        return Profile(answer.text("username"), is_sandbox=is_sandbox, character_limit=_limit(instance.body))

    async def publish(self, access: Access, post: Outgoing) -> Published:
        """See SocialNetwork.publish; the server keeps the key for an hour."""
        answer = await call(
            self._client,
            "POST",
            f"{access.base_url}/api/v1/statuses",
            headers={**_headers(access), "Idempotency-Key": str(post.key)},
            data={"status": post.text, "visibility": "public"},
        )
        accept(answer, who="The server")
        url = answer.body.get("url")
        return Published(answer.text("id"), url if isinstance(url, str) else None)


def _limit(instance: Any) -> int | None:
    """Give `configuration.statuses.max_characters`, where the server says it."""
    value = instance
    for name in ("configuration", "statuses", "max_characters"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, int) and value > 0 else None


def _headers(access: Access) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.secret}"}
