"""Bodies of requests: as they come from the client, or whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol, runtime_checkable

MOST_GATHERED: Final = 64 * 1024
"""Bytes of a body that are kept so that it can be sent at once."""


@runtime_checkable
class Body(Protocol):
    """The body of a request as it comes from the client."""

    is_touched: bool
    """Whether any of it has been taken: it cannot be had again."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give what comes; raises what ends the request, such as `ClientLeft`."""
        ...


class WholeBody:
    """A body that is there already, as often as it is wanted."""

    def __init__(self, content: bytes) -> None:
        self.is_touched = False
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give it in one."""
        if self._content:
            yield self._content


async def gathered(body: Body) -> WholeBody | None:
    """Give the body once all of it has come, None where it is too large for that; raises what the body raises."""
    content = bytearray()
    async for chunk in body:
        content += chunk
        if len(content) > MOST_GATHERED:
            return None
    return WholeBody(bytes(content))
