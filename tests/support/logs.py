"""What is configured of logging is the whole process's: tests that configure it put it back."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog._config import BoundLoggerLazyProxy


@contextmanager
def as_before() -> Iterator[None]:
    """Put structlog and every logger of the standard library back when the block ends.

    Loggers of our modules that were used before forget how they were configured then, and again at the end.
    """
    _forget()
    before = structlog.get_config()
    loggers = [logging.root, *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    kept = [(logger, list(logger.handlers), logger.propagate) for logger in loggers]
    try:
        yield
    finally:
        structlog.configure(**before)
        _forget()
        for logger, handlers, propagate in kept:
            logger.handlers[:], logger.propagate = handlers, propagate


def _forget() -> None:
    """Take from each logger what `cache_logger_on_first_use` has put into it."""
    for module in list(sys.modules.values()):
        for value in list(getattr(module, "__dict__", {}).values()):
            if type(value) is BoundLoggerLazyProxy:
                vars(value).pop("bind", None)
