"""What sockets send, before Reflex reads it: what no tab of ours would say is dropped, and not a letter of it logged.

Reflex logs a message that is no event whole. Whoever opens a socket may send one, with a tab's token and without.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from reflex.app import EventNamespace
from reflex_base.registry import RegistrationContext

from bizosaas_app.gateway import metrics

_SAID_BY_TABS: Final = {"event": 2, "ping": 1, "client_error": 2}
"""The messages, and how many arguments their handlers take: the socket, and what was said."""

_KINDS: Final = frozenset("0123")
"""The first letter of a packet that a tab sends: it connects, leaves, tells of an event, or acknowledges one. Of the
others, 5 and 6 announce attachments, which Socket.IO would hold, however many and large, until the last is there."""

Hear = Callable[[str, str | bytes], Awaitable[None]]

_LONGEST_PATH: Final = 2048
"""Characters of a page's address; Reflex keeps the last thousands of those that it was asked for."""


class Incoming(EventNamespace):
    """Reflex's end of the tabs' sockets behind a check of what arrives."""

    async def trigger_event(self, event: Any, *args: Any) -> Any:
        """Hand a message on to its handler; `connect` and `disconnect` only when Socket.IO itself tells them.

        Else a tab could connect once more, with an address and a token of its choice.
        """
        if isinstance(event, str) and event in _SAID_BY_TABS:
            return await super().trigger_event(event, *args[: _SAID_BY_TABS[event]])
        if isinstance(event, str) and self._is_told(event, *args):
            return await super().trigger_event(event, *args)
        return _drop("unknown_message")

    async def on_event(self, sid: str, data: Any = None) -> None:
        """Hand on an event that has the form of one and comes from a tab; see Reflex's own."""
        if sid not in self.sid_to_token:
            return _drop("no_token")
        if not _is_event(data):
            return _drop("no_event")
        if data["name"] not in RegistrationContext.get().event_handlers:
            return _drop("unknown_handler")  # Reflex would log it whole, and remember it for as long as it runs
        return await super().on_event(sid, data)

    def _is_told(self, event: str, sid: str, *more: Any) -> bool:
        """Say whether Socket.IO tells of a connection: what a tab sends names no request that we have got."""
        if event == "connect":
            return bool(more) and more[0] is self.server.get_environ(sid, self.namespace)
        # Socket.IO tells of the end once it counts the socket as gone; a tab that speaks is still there.
        return event == "disconnect" and not self.server.manager.is_connected(sid, self.namespace)


def only_tabs(hear: Hear) -> Hear:
    """Give a handler of what sockets send that hands on the packets of tabs; the pages send nothing binary."""

    async def hear_tab(socket: str, packet: str | bytes) -> None:
        if isinstance(packet, str) and packet[:1] in _KINDS:
            return await hear(socket, packet)
        return _drop("no_packet")

    return hear_tab


def _is_event(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and isinstance(data.get("name"), str)
        and isinstance(data.get("payload", {}), dict)
        and isinstance(place := data.get("router_data", {}), dict)
        and isinstance(path := place.get("pathname", ""), str)
        and len(path) <= _LONGEST_PATH
        and isinstance(place.get("query", {}), dict)
    )


def _drop(reason: str) -> None:
    metrics.EVENTS_REFUSED.labels(reason).inc()
