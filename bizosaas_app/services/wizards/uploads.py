"""Uploads of a draft: known by their content, never by what the browser says; pictures are drawn anew."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from PIL import Image, UnidentifiedImageError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.wizards.fields import Field
from models import WizardDraft, WizardFile
from models.wizards import BIGGEST_FILE

CSV: Final = "text/csv"
_PICTURES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_MOST_PIXELS: Final = 4096 * 4096
"""Beyond it a small file would unpack to more memory than a logo is worth (64 MB at four bytes a pixel)."""
_LARGEST_SIDE: Final = 512
"""Pixels of a picture that is kept: twice the largest place where a logo is shown."""


class Checked(NamedTuple):
    """A file that a field takes: what it is by its content, and what of it is kept."""

    media_type: str
    content: bytes


async def keep(
    session: AsyncSession, row: WizardDraft, field: Field, name: str, checked: Checked, *, now: datetime
) -> dict[str, Any]:
    """Keep a file in place of the field's former one; give what the draft remembers of it."""
    await drop(session, row, field.key)
    media_type, content = checked
    kept = WizardFile(
        tenant_id=row.tenant_id,
        draft_id=row.id,
        field=field.key,
        name=_plain(name),
        media_type=media_type,
        content=content,
        created_at=now,
    )
    session.add(kept)
    await session.flush()
    return {"file_id": str(kept.id), "name": kept.name, "media_type": media_type, "bytes": len(content)}


async def drop(session: AsyncSession, row: WizardDraft, field: str) -> None:
    """Drop the file that was put to a field, if there is one."""
    await session.execute(delete(WizardFile).where(col(WizardFile.draft_id) == row.id, col(WizardFile.field) == field))


def check(field: Field, content: bytes) -> Checked:
    """Give what a file is by its content, and what is kept of it; slow for a large picture.

    Raises `InputInvalid` by the field's key for a file that is too large or not of a kind that the field takes.
    """
    if not content:
        raise InputInvalid({field.key: "The file is empty"})
    if len(content) > BIGGEST_FILE:
        raise InputInvalid(
            {field.key: f"{len(content) / 1e6:.1f} MB are too large; at most {BIGGEST_FILE // 2**20} MB"}
        )
    media_type, kept = (CSV, content) if CSV in field.accepts and _is_text(content) else _picture(field, content)
    if media_type not in field.accepts:
        raise InputInvalid({field.key: _wanted(field)})
    return Checked(media_type, kept)


async def get(session: AsyncSession, file_id: UUID) -> WizardFile | None:
    """Give a file of the tenant, or None."""
    return (await session.exec(select(WizardFile).where(WizardFile.id == file_id))).one_or_none()


async def find(session: AsyncSession, draft_id: UUID, field: str) -> WizardFile | None:
    """Give the file that a draft's field has now, or None."""
    query = select(WizardFile).where(WizardFile.draft_id == draft_id, WizardFile.field == field)
    return (await session.exec(query)).one_or_none()


def _picture(field: Field, content: bytes) -> tuple[str, bytes]:
    """Draw a picture anew: what else the file carries (scripts, places, other formats) stays behind."""
    try:
        with Image.open(io.BytesIO(content), formats=list(_PICTURES)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise InputInvalid({field.key: f"{picture.width} x {picture.height} pixels are too many"})
            picture.load()
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InputInvalid({field.key: _wanted(field)}) from None
    drawn.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return _PICTURES["PNG"], out.getvalue()


def _wanted(field: Field) -> str:
    names = [media_type.partition("/")[2].upper() for media_type in field.accepts]
    return f"That is no {' or '.join(names)} file by its content"


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def _plain(name: str) -> str:
    """Give the last part of a file's name, without what a path or a header could make of it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return (
        "".join(letter for letter in last if letter.isprintable() and letter not in '"<>|:*?').strip()[:120] or "file"
    )
