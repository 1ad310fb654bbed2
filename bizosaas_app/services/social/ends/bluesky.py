"""Bluesky: a record in the account's repository, under a key of our own (atproto.com, docs.bsky.app).

The AT Protocol has no idempotency key, but a record has a key that its writer may choose. Ours is made from the post's
id, so a repetition meets the record of the first try: `createRecord` answers 500 then (bluesky-social/atproto, issue
3718), and `getRecord` finds it.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final
from uuid import UUID

import httpx

from bizosaas_app.services.social import hashtags
from bizosaas_app.services.social.counting import LINK
from bizosaas_app.services.social.ends.calls import SANDBOX_HEADER, Answer, accept, call
from bizosaas_app.services.social.port import Access, NetworkFailed, Outgoing, Profile, Published

COLLECTION: Final = "app.bsky.feed.post"
_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_MICROSECONDS: Final = 1000
_CLOCKS: Final = 1024


class Bluesky:
    """A personal data server; the secret is an app password."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def check(self, access: Access) -> Profile:
        """See SocialNetwork.check."""
        session = await self._sign_in(access)
        return Profile(session.text("handle"), is_sandbox=SANDBOX_HEADER in session.headers)

    async def publish(self, access: Access, post: Outgoing) -> Published:
        """See SocialNetwork.publish."""
        session = await self._sign_in(access)
        bearer, did = session.text("accessJwt"), session.text("did")
        key = record_key(post.key)
        if post.is_repeat and (found := await self._find(access, bearer, did, key)):
            return found
        body = {"repo": did, "collection": COLLECTION, "rkey": key, "record": record_of(post)}
        try:
            answer = await self._call(access, "POST", "com.atproto.repo.createRecord", bearer, json=body)
            return _published(access, accept(answer, who="Bluesky").text("uri"))
        except NetworkFailed:
            if found := await self._find(access, bearer, did, key):
                return found
            raise

    async def _sign_in(self, access: Access) -> Answer:
        body = {"identifier": access.handle, "password": access.secret}
        answer = await self._call(access, "POST", "com.atproto.server.createSession", json=body)
        return accept(answer, who="Bluesky")

    async def _find(self, access: Access, bearer: str, did: str, key: str) -> Published | None:
        """Give the record of an earlier try; a missing one answers 400 `RecordNotFound`."""
        query = {"repo": did, "collection": COLLECTION, "rkey": key}
        answer = await self._call(access, "GET", "com.atproto.repo.getRecord", bearer, params=query)
        return _published(access, answer.text("uri")) if answer.status == 200 else None

    async def _call(self, access: Access, method: str, name: str, bearer: str | None = None, **content: Any) -> Answer:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else None
        return await call(self._client, method, f"{access.base_url}/xrpc/{name}", headers=headers, **content)


def record_key(key: UUID) -> str:
    """Give the key of the post's record, always the same one, in the form of a TID (atproto.com/specs/tid).

    Its 53 bits of microseconds are the milliseconds of the UUID (version 7) with a part of its random bits; so are
    its 10 bits that name a clock.
    """
    milliseconds, random = key.int >> 80, key.int & (2**62 - 1)
    number = (milliseconds * _MICROSECONDS + random // _CLOCKS % _MICROSECONDS) * _CLOCKS + random % _CLOCKS
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def record_of(post: Outgoing) -> dict[str, Any]:
    """Give the record: the text, and its links and hashtags as facets."""
    created = post.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"$type": COLLECTION, "text": post.text, "createdAt": created, "facets": facets(post.text)}


def facets(text: str) -> list[dict[str, Any]]:
    """Mark links and hashtags by the bytes of UTF-8 that they take (docs.bsky.app, Links, mentions, and rich text)."""
    marks = [
        (match.start(), match.end(), {"$type": "app.bsky.richtext.facet#link", "uri": match[0]})
        for match in LINK.finditer(text)
    ]
    marks += [
        (start, end, {"$type": "app.bsky.richtext.facet#tag", "tag": tag}) for start, end, tag in hashtags.find(text)
    ]
    return [
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())},
            "features": [feature],
        }
        for start, end, feature in sorted(marks, key=lambda mark: mark[0])
    ]


def _published(access: Access, uri: str) -> Published:
    return Published(uri, f"https://bsky.app/profile/{access.handle}/post/{uri.rpartition('/')[2]}")
