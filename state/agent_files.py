"""Files that are put into a field, as the browser hands them over the socket. Pure."""

from __future__ import annotations

import base64
from typing import Any

from state import words


def read(data: Any, size: Any, most: int) -> str:
    """Give the text of a file from its base64; `size` is its bytes. Raises ValueError with words for the reader."""
    if not isinstance(data, str) or not isinstance(size, int):
        raise ValueError("This file could not be read.")
    if size >= most or len(data) > 4 * (most + 2) // 3:
        raise ValueError(
            f"The file has {words.counted(size, 'byte', 'bytes')}; fewer than {words.number(most)} fit."
            " Send longer tables through the API."
        )
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise ValueError("This file could not be read.") from None
    text = decode(content)
    if not text.strip():
        raise ValueError("This file is empty.")
    return text


def decode(data: bytes) -> str:
    """Give the text of a file as spreadsheets write it; raises ValueError with words for what is no text."""
    if data.startswith(b"PK\x03\x04"):
        raise ValueError("This is a workbook. Save the sheet as CSV, or copy its cells and paste them.")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise ValueError("This file is not text. Save the sheet as CSV.")
