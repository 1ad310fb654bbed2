"""Why a call to a connected system gets no answer of its own."""

from __future__ import annotations

from bizosaas_app.kernel.errors import AppError, Unavailable, UpstreamFailed


class UpstreamNotConfigured(Unavailable):
    """No URL is set for this upstream."""

    code = "upstream_not_configured"
    title = "This system is not connected yet"


class UpstreamUnavailable(Unavailable):
    """The upstream is left alone for a while, or has as many calls at once as it may have."""

    code = "upstream_unavailable"
    title = "The connected system is not available right now"


class ChangeNotNoted(Unavailable):
    """The audit log cannot take who is about to change something, so the call has not left."""

    title = "This cannot be written down right now, so nothing was changed"


class UpstreamBroken(UpstreamFailed):
    """The upstream cannot be reached, or what it answers is no valid answer."""

    title = "The connected system did not answer as it should"


class UpstreamLeadsElsewhere(UpstreamFailed):
    """The upstream sends the client to an address that is not its own; no address of a stranger is passed on."""

    retryable = False
    title = "The connected system sends this request elsewhere"


class UpstreamTimeout(UpstreamFailed):
    """The upstream took too long."""

    code = "upstream_timeout"
    status = 504
    title = "The connected system took too long"


class UpstreamRefusedUs(UpstreamFailed):
    """The upstream does not take the credentials that the operator gave us: nothing that the caller can mend."""

    code = "upstream_refused_us"
    retryable = False
    title = "The connected system does not accept our credentials"


class UpstreamAnswerTooLarge(UpstreamFailed):
    """The answer is larger than what we pass on."""

    code = "upstream_answer_too_large"
    retryable = False
    title = "The connected system's answer is too large"


class UpstreamRefused(UpstreamFailed):
    """The upstream does not give what a client of ours asks for: asking again will not help."""

    retryable = False
    title = "The connected system refuses this request"


class UpstreamStrange(UpstreamFailed):
    """The answer is none that a client of ours understands: another system, or another version of it."""

    retryable = False
    title = "The connected system answers in a form that is not known here"


class RequestUnfit(AppError):
    """The request cannot be handed on without a doubt about what it means."""

    code = "target_invalid"
    status = 400
    title = "This request cannot be passed on"


class RequestTooSlow(AppError):
    """The client has not sent its body within the time of the whole call: no fault of the upstream."""

    code = "body_timeout"
    status = 408
    title = "The body did not arrive within the time allowed"


class NotSent(Exception):
    """Nothing of an answer has come: where nothing can have happened twice, the call may be made again."""

    def __init__(self, reason: str, *, is_timeout: bool = False, is_of_connection: bool = False) -> None:
        super().__init__(reason)
        self.is_timeout = is_timeout
        self.is_of_connection = is_of_connection
        """Whether there was no connection at all: nothing of this call can be the reason."""


def is_of_connection(error: AppError) -> bool:
    """Say whether the call failed because there was no connection: the upstream has got nothing of it."""
    return isinstance(error.__cause__, NotSent) and error.__cause__.is_of_connection


def may_have_acted(error: AppError) -> bool:
    """Say whether the upstream may have done what was asked, although the caller gets no answer of its own."""
    if isinstance(error, UpstreamBroken | UpstreamTimeout):
        return not is_of_connection(error)
    return isinstance(error, UpstreamAnswerTooLarge | UpstreamLeadsElsewhere)


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


class AnswerTorn(Exception):
    """The answer has begun and cannot be completed; the connection must break, so that half is not taken for whole."""
