"""Cursors: where the next page of a list begins, opaque to clients."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from bizosaas_app.gateway.contracts.base import SortedPaging
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.sheets import Asked, Sheet


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


def asked(command: SortedPaging) -> Asked:
    """Give the page that a command means; raises `InputInvalid` for `cursor`."""
    return Asked(command.sort, command.limit, _decode_place(command.cursor, command.sort))


def after(sheet: Sheet[Any], sort: str) -> str | None:
    """Give the cursor of the page behind this one, or None on the last."""
    return _encode_place(sort, *sheet.next_place) if sheet.next_place else None


def _encode_place(sort: str, value: object, row_id: UUID) -> str:
    kind = {datetime: "at", str: "text"}.get(type(value), "number")
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return (
        base64.urlsafe_b64encode(json.dumps([sort, kind, text, str(row_id)], ensure_ascii=False).encode())
        .rstrip(b"=")
        .decode()
    )


def _decode_place(cursor: str | None, sort: str) -> tuple[object, UUID] | None:
    if cursor is None:
        return None
    try:
        made_for, kind, text, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * 3))
        if made_for != sort:
            raise ValueError("another order")
        return _place(kind, text), UUID(row_id)
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        raise InputInvalid({"cursor": "This is not a cursor of this list"}) from None


def _place(kind: str, text: str) -> object:
    if kind == "at":
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without its offset")
        return moment
    if kind == "number":
        number = Decimal(text)
        if not number.is_finite():
            raise ValueError("not a number")
        return number
    if not isinstance(text, str) or "\x00" in text:
        raise ValueError("not a text")
    return text
