"""The twin: stands for the networks that we do not publish on yet; sends only to a server that says it is a sandbox.

Its API is our own (`bizosaas_app/sandboxes/social`): nothing here speaks the protocol of X, LinkedIn or the others.
"""

from __future__ import annotations

import httpx

from bizosaas_app.services.social.ends.calls import SANDBOX_HEADER, Answer, accept, call
from bizosaas_app.services.social.port import Access, Outgoing, Profile, Published, Refused


class Twin:
    """A sandbox; the secret is its token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def check(self, access: Access) -> Profile:
        """See SocialNetwork.check; a server that does not say that it is a sandbox is refused."""
        answer = await call(self._client, "GET", f"{_base(access)}/me", headers=_headers(access))
        if SANDBOX_HEADER not in answer.headers:
            raise Refused("This network is served by our sandbox only, and this address is none")
        return Profile(_accept(answer).text("handle"), is_sandbox=True)

    async def publish(self, access: Access, post: Outgoing) -> Published:
        """See SocialNetwork.publish; asks first who is there, so that no post ever reaches a stranger."""
        await self.check(access)
        answer = await call(
            self._client,
            "POST",
            f"{_base(access)}/posts",
            headers={**_headers(access), "Idempotency-Key": str(post.key)},
            json={"text": post.text, "title": post.title, "media_url": post.media_url},
        )
        answer = _accept(answer)
        return Published(answer.text("id"), answer.text("url"))


def _accept(answer: Answer) -> Answer:
    return accept(answer, who="The sandbox")


def _base(access: Access) -> str:
    return f"{access.base_url}/sandbox/{access.network}"


def _headers(access: Access) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.secret}"}
