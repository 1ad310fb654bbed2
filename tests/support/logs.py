"""What is configured of logging is the whole process's: tests that configure it put it back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def as_before() -> Iterator[None]:
    """Put structlog and every logger of the standard library back when the block ends."""
    before = structlog.get_config()
    loggers = [logging.root, *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    kept = [(logger, list(logger.handlers), logger.propagate) for logger in loggers]
    try:
        yield
    finally:
        structlog.configure(**before)
        for logger, handlers, propagate in kept:
            logger.handlers[:], logger.propagate = handlers, propagate
