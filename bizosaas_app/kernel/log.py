"""Logs: structured, one line an event, and blind to secrets.

Every line within a request, an event of the UI, a job or a run of an agent says whose it is: the edges bind the ids
(`begin`, `carry`, `carrying`), and each task of asyncio has its own, so that what happens side by side never mixes.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Final, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

from bizosaas_app.kernel import token_prefixes, tracing
from bizosaas_app.kernel.actor import Actor

_SECRET_KEYS: Final = re.compile(
    r"cookie|authorization|password|secret|token|api[_-]?key|csrf|x-api-key", re.IGNORECASE
)
_SAFE_KEYS: Final = frozenset({"token_type", "tokens_used", "kid", "secret_name", "api_key_id"})
# Whoever sends us a text may have it logged, so each pattern takes time in proportion to its length: what one attempt
# has read, no later one reads again, and nothing can be read in two ways.
_SECRET_TEXT: Final = re.compile(
    r"(eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]+){0,2}"  # a JSON Web Token, or what begins as one
    r"|(?:[sr]k_(?:test|live)|whsec)_[A-Za-z0-9]{8,}"  # Stripe's keys and signing secrets
    rf"|(?:{'|'.join(token_prefixes.ALL)})[A-Za-z0-9_.-]{{12,}}"  # our own tokens
    r"|(?<=token=)[^&\s\"']+"  # Reflex puts the client token into the socket's URL
    r"|(?<=://)[^/\s:]*:[^/\s]+(?=@)"  # credentials in a URL
    r"|(?:bz_(?:access|refresh|csrf|device)=)[^;\s\"']+)"
)
_NAMED: Final = r"(?:cookie|authorization|password|secret|api[_-]?key|csrf[_-]?token)"
_NAMED_QUOTED: Final = re.compile(  # 'password': 'x', "password":"x", (b'cookie', b'x')
    rf"""({_NAMED}['"]?\s*[:=,]\s*b?)(['"])(?:\\.|(?!\2)[^\\\n])*+(?:\2|\\?\Z)""", re.IGNORECASE
)
_NAMED_PLAIN: Final = re.compile(rf"({_NAMED}=)[^\s&;,'\"]+", re.IGNORECASE)
_HEADER_LINE: Final = re.compile(r"((?:cookie|authorization|api-key|csrf-token): )(?!['\"]).+", re.IGNORECASE)
_HIDDEN: Final = "[hidden]"
LONGEST: Final = 16_384
"""Characters of one text that are looked at and written: strangers' texts reach the logs through what libraries say."""
_HEAD: Final = 12_288
"""Of these, those that are kept of the beginning; the rest are the last lines, where a traceback says what it was."""
_OURS: Final = frozenset({"tenant_id", "user_id", "api_key_id", "trace_id", "span_id", "level", "timestamp"})
"""What we make ourselves on each line; a request's id is its sender's and is looked at."""


def redact_text(text: str) -> str:
    """Blank out what looks like a credential inside free text; of a long one the middle is left out."""
    if len(text) <= LONGEST:
        return _hide(text)
    head, tail = _beginning(text[:_HEAD]), _last_lines(text[_HEAD - LONGEST :])
    mark = f"[{len(text) - len(head) - len(tail)} characters left out]"
    return " ".join(part for part in (_hide(head), mark, _hide(tail)) if part)


def _beginning(text: str) -> str:
    """Leave the last word out, which may be half of a credential that nobody would know as one."""
    words = text.rsplit(None, 1)
    return words[0] if len(words) > 1 else ""


def _last_lines(text: str) -> str:
    """Give the whole lines only: nobody would know what stands in half of one."""
    return text.partition("\n")[2]


def _hide(text: str) -> str:
    text = _NAMED_QUOTED.sub(rf"\1\2{_HIDDEN}\2", text)
    text = _HEADER_LINE.sub(rf"\1{_HIDDEN}", text)
    text = _NAMED_PLAIN.sub(rf"\1{_HIDDEN}", text)
    return _SECRET_TEXT.sub(_HIDDEN, text)


def redact(value: Any) -> Any:
    """Blank out credentials in nested data, by the names of their keys and by their looks."""
    if isinstance(value, dict):
        return {key: _HIDDEN if _is_secret_name(str(key)) else redact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(redact, value)) if not hasattr(value, "_fields") else value
    if isinstance(value, (set, frozenset)):
        return [redact(item) for item in value]
    if isinstance(value, bytes):
        return redact_text(value.decode("latin-1"))
    return redact_text(value) if isinstance(value, str) else value


@lru_cache(maxsize=1024)
def _is_secret_name(name: str) -> bool:
    return name not in _SAFE_KEYS and _SECRET_KEYS.search(name) is not None


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        key: item if key in _OURS else _HIDDEN if _is_secret_name(key) else redact(item) for key, item in event.items()
    }


class RedactingFilter(logging.Filter):
    """Redacts the records of other libraries: Reflex logs whole events, headers included, at ERROR."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's text; never drop it."""
        record.msg = redact_text(record.getMessage())
        record.args = ()
        if record.exc_info:
            record.exc_text = redact_text(logging.Formatter().formatException(record.exc_info))
        return True


def configure_logging(*, as_json: bool, level: str = "INFO") -> None:
    """Send our logs and those of the libraries to standard error, redacted; JSON lines in production."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*_MARKS, structlog.processors.format_exc_info, _redact_event, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    if as_json:
        take_libraries_in(sys.stderr)
    redact_libraries()


_MARKS: Final[Sequence[Processor]] = (
    structlog.contextvars.merge_contextvars,
    tracing.add_ids,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
"""What every line carries, ours and the libraries'."""


def take_libraries_in(stream: TextIO) -> None:
    """Have what libraries log by the standard library written as our own lines are, with the same ids.

    Their own ways to the terminal are taken away, so that nothing is said twice; files that they write stay.
    """
    for name in logging.root.manager.loggerDict:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if not isinstance(handler, (logging.FileHandler, logging.NullHandler)):
                logger.removeHandler(handler)
                logger.propagate = True
    if not any(isinstance(handler, _LibraryHandler) for handler in logging.root.handlers):
        logging.root.addHandler(_LibraryHandler(stream))


class _LibraryHandler(logging.StreamHandler[TextIO]):
    """Writes the records of the standard library's loggers as JSON lines."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(
            ProcessorFormatter(
                foreign_pre_chain=[*_MARKS, structlog.stdlib.add_logger_name],
                processors=[
                    ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _redact_event,
                    structlog.processors.JSONRenderer(),
                ],
            )
        )


def redact_libraries() -> None:
    """Put the redacting filter on every handler of the standard library's loggers.

    And on the handler of last resort, which writes what no other one took: a server of ours sets none up.
    """
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    handlers = [handler for logger in loggers for handler in logger.handlers]
    for handler in [*handlers, *([logging.lastResort] if logging.lastResort else [])]:
        if not any(isinstance(item, RedactingFilter) for item in handler.filters):
            handler.addFilter(RedactingFilter())


def begin(**fields: str) -> None:
    """Begin something of its own, such as a request: its lines carry these fields and nothing from before."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)


def end() -> None:
    """Forget every field."""
    structlog.contextvars.clear_contextvars()


def carry(actor: Actor) -> None:
    """Have the lines that follow say whose they are, by ids alone: no name, no e-mail address."""
    structlog.contextvars.bind_contextvars(**_ids(actor))


def carrying(actor: Actor, **fields: str) -> AbstractContextManager[None]:
    """Have the lines within the block carry the actor's ids and these fields, and none of them after it."""
    return structlog.contextvars.bound_contextvars(**_ids(actor), request_id=actor.request_id, **fields)


def carried() -> dict[str, Any]:
    """Give the fields that a line carries here."""
    return structlog.contextvars.get_contextvars()


def _ids(actor: Actor) -> dict[str, str]:
    """Name the tenant and whoever acts in it; the system is nobody, and an API key is no person."""
    found = {"tenant_id": actor.tenant_id, "user_id": actor.user_id, "api_key_id": actor.api_key_id}
    return {name: str(value) for name, value in found.items() if value is not None}


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give the logger of one module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
