"""Cursors: where the next page of a list begins, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from bizosaas_app.kernel.errors import InputInvalid


def encode(at: datetime, row_id: UUID) -> str:
    """Give the cursor that continues after this row of a list ordered by time and id."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row_id}".encode()).rstrip(b"=").decode()


def decode(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Give the (time, id) of the last row seen, None for the first page; raises `InputInvalid` for `cursor`."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        at, _, row_id = text.partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a time without its offset")
        return moment, UUID(row_id)
    except (binascii.Error, ValueError):
        raise InputInvalid({"cursor": "This is not a cursor of this list"}) from None
