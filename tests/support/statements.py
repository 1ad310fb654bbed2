"""Statements that were worked out for one test's database serve those of all tests of a worker.

SQLAlchemy keeps what it makes of a statement by the dialect object, and every engine has one of its own; each test
would work all its statements out anew. The databases are copies of one template on one server, so their dialects are
equal in all that matters.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

_MOST: Final = 5000
"""Statements kept; all tests together have fewer."""

_dialects: Final[list[Dialect]] = []
_compiled: Final[LRUCache[object, object]] = LRUCache(_MOST)


def share(engine: Engine) -> None:
    """Have the engine speak the dialect of the first one, and keep its statements with those of the others."""
    # A dialect knows its server once a connection was made; until then each engine goes by its own.
    if not _dialects or not _dialects[-1].server_version_info:
        _dialects[:] = [engine.dialect]
    engine.dialect = _dialects[-1]
    engine.update_execution_options(compiled_cache=_compiled)
