"""Who would lead by a draft of a board: the preview beside its editor."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from pydantic import ValidationError

from bizosaas_app.gateway import board_keeping
from bizosaas_app.gateway.contracts.board_drafts import PreviewBoard, PreviewView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import board_forms, words


class PlaceRow(TypedDict):
    """A place of the preview."""

    key: str
    rank: int
    name: str
    initials: str
    score: str


class Places(NamedTuple):
    """The places, which period and how many members they are of, and why there are none."""

    rows: list[PlaceRow]
    title: str = ""
    note: str = ""


async def count(actor: Actor, draft: Mapping[str, Any]) -> Places:
    """Count a draft that may still lack its title."""
    counted = {**draft, "title": draft["title"].strip() or "Draft", "prizes": [], "visibility": None}
    try:
        return _read(await board_keeping.preview_board(actor, PreviewBoard.model_validate(counted)))
    except (InputInvalid, ValidationError) as error:
        text = next(iter(board_forms.faults(error).values()), "Something is missing.")
        return Places([], note=f"Not complete yet. {text}")
    except AppError as error:
        return Places([], note=words.sentence(error.message))


def _read(found: PreviewView) -> Places:
    rows = [
        PlaceRow(
            key=str(number),
            rank=place.rank,
            name=place.display_name,
            initials=words.initials(place.display_name),
            score=words.number(Decimal(str(place.score))),
        )
        for number, place in enumerate(found.entries)
    ]
    title = f"{found.title[0].upper()}{found.title[1:]}, {words.counted(found.total, 'member', 'members')}"
    return Places(rows, title, "" if rows else "Nobody has a score by this yet.")
