"""The one gate of the UI: session and permission are checked before every event of every state.

Reflex hands each event here under the state's lock: page loads, clicks, background watchers, chained events. The
identity is looked up from the HttpOnly cookie each time, so a revoked session is dead on its next click.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event, EventSpec
from reflex_base.event.context import EventContext

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.limits.flood import FloodGate
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, NotSignedIn
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.permissions import ROLE_HOME
from state import event_lines, locales
from state.policy import PUBLIC, SIGNED_IN, Policy, find_policy
from state.session import SessionState

log = get_logger(__name__)

_EVENTS_PER_SECOND: Final = 20.0
_BURST: Final = 60
"""What one tab may send: a person's busiest second is some five events; a page load sends about three.

What our own handlers chain is not counted: a click that sets off two more events is one thing that was sent."""

_HYDRATION: Final = "reflex___state____state.hydrate_and_load"
_LOAD: Final = "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal"


class Gate(rx.Middleware):
    """Refuses every event that its caller may not send; see `state/policy.py`."""

    def __init__(self) -> None:
        self._flood = FloodGate(rate=_EVENTS_PER_SECOND, burst=_BURST)

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002
        """Give None to let the event through, or an update that takes its place."""
        if EventContext.get().parent_txid is None and not self._flood.admit(state.router.session.client_token):
            return _refuse("flood")
        rule = find_policy(event.name)
        if rule is None:
            log.warning("event without a policy refused", name=event.name)
            return _refuse("no_policy")
        locales.settle(state.router.headers.accept_language)
        session = await state.get_state(SessionState)
        try:
            actor = await session._actor()
        except NotSignedIn:
            actor = None
        except AppError as error:
            event_lines.begin(event.name, None)
            return _refuse(error.code, rx.toast.error(error.message))
        event_lines.begin(event.name, actor)
        await _bind(state, session, actor)
        if _is_visit(event):
            session._visit += 1
        return _judge(rule, actor, session)


def _is_visit(event: Event) -> bool:
    """Say whether a page opens: a new document, or another page within one. A connection that comes back opens none.

    Only the first hydration of a document says which of its parts it has already (`hashes`).
    """
    if event.name == _HYDRATION:
        return bool(event.payload.get("hashes"))
    return event.name == _LOAD and EventContext.get().parent_txid is None


async def _bind(state: BaseState, session: SessionState, actor: Actor | None) -> None:
    """Tie the view state to one session; another session that presents its token finds an empty tree."""
    owner = str(actor.session_id) if actor is not None else ""
    if session._session_id not in ("", owner):
        await _forget(state)
    session._session_id = owner


async def _forget(state: BaseState) -> None:
    """Empty the whole tree. With view state in Valkey only one branch is at hand, so the others are fetched first."""
    root = state._get_root_state()
    waiting = [type(root)]
    while waiting:
        kind = waiting.pop()
        await root.get_state(kind)
        waiting.extend(kind.get_substates())
    root.reset()  # type: ignore[no-untyped-call]  # Reflex's own


def _judge(rule: Policy, actor: Actor | None, session: SessionState) -> StateUpdate | None:
    if rule.permission == PUBLIC:
        return None
    if actor is None:
        return _refuse("signed_out", _sign_in_again(session.router.url.path))
    if rule.permission == SIGNED_IN or actor.can(rule.permission):
        return None
    if rule.is_page_load:
        session._tell_next("That page belongs to another role. You are on your own home page.")
        return _refuse("other_role", rx.redirect(ROLE_HOME[actor.role]))
    return _refuse("not_permitted", rx.toast.error("Your role does not allow this"))


def _sign_in_again(path: str) -> EventSpec:
    """Send the browser to the login page by a full load: only then does a new socket carry the new cookie."""
    target = "/login" if path in ("", "/", "/login") else f"/login?next={quote(path, safe='/')}"
    return rx.redirect(target, is_external=False) if path == "/login" else rx.call_script(_leave_script(target))


def _leave_script(target: str) -> str:
    return f"sessionStorage.removeItem('token'); window.location.assign('{target}')"


def _refuse(reason: str, *answers: EventSpec) -> StateUpdate:
    metrics.EVENTS_REFUSED.labels(reason).inc()
    events = [event for answer in answers for event in Event.from_event_type(answer)]
    return StateUpdate(events=events)
