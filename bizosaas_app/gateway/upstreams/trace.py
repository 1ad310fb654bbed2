"""The trace that a call belongs to, as W3C Trace Context writes it."""

from __future__ import annotations

import os
import re
from typing import Final

from bizosaas_app.kernel import tracing

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(0[0-9a-f])")
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")


def traceparent(given: str | None, request_id: str) -> str:
    """Give the header of our own call: that of the span it is made in, where there are traces. Else it is in the
    caller's trace when they name a valid one, or in one of this request.

    A request id of ours has the form of a trace id and is used as one, so that logs and traces meet.
    """
    if present := tracing.traceparent():
        return present
    known = _TRACEPARENT.fullmatch(given or "")
    if known is not None:
        trace_id, flags = known[1], known[2]
    else:
        trace_id, flags = (request_id if _TRACE_ID.fullmatch(request_id) else os.urandom(16).hex()), "01"
    return f"00-{trace_id}-{os.urandom(8).hex()}-{flags}"
