"""What the log's lines of one event of the UI carry: its own request id, and whose tab sent it, by ids."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from reflex_base.event.context import EventContext

from bizosaas_app.kernel import log
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id

_MOST: Final = 2048
"""Events whose fields are kept: far more than go on at once, and those that fail are told of at once."""

_kept: Final[OrderedDict[str, dict[str, Any]]] = OrderedDict()


def begin(handler: str, actor: Actor | None) -> None:
    """Bind the fields in the event's task, which ends with the event; without an actor somebody signed out acts."""
    request_id = actor.request_id if actor is not None else str(new_id())
    log.begin(request_id=request_id, handler=handler)
    if actor is not None:
        log.carry(actor)
    _kept[EventContext.get().txid] = log.carried()
    while len(_kept) > _MOST:
        _kept.popitem(last=False)


def recall() -> str:
    """Bind the event's fields again where Reflex reports its failure, in another task; give the request's id."""
    try:
        fields = _kept.get(EventContext.get().txid)
    except LookupError:  # what failed was no event
        fields = None
    fields = fields or {"request_id": str(new_id())}
    log.begin(**fields)
    return str(fields["request_id"])
