"""From readings to what a reader may see: real names, pseudonyms, and one's own row."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from bizosaas_app.gateway.board_readings import Reading
from bizosaas_app.gateway.contracts.board_drafts import PlaceView, PreviewView
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardHead,
    BoardLine,
    BoardView,
    EntryView,
    OwnEntryView,
    PodiumView,
    PrivacyView,
    Score,
    SeasonView,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import resources
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services.gamification import periods
from bizosaas_app.services.gamification.board_previews import Preview
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.people import HIDDEN, Person, Privacy
from bizosaas_app.services.gamification.periods import WINDOWS
from bizosaas_app.services.gamification.pseudonyms import pseudonym
from bizosaas_app.services.gamification.seasons import Season
from bizosaas_app.services.gamification.standings import OwnStanding

PUBLIC: Final = "public"
_PEOPLE: Final = 8192
"""Members whose pseudonyms and row keys a worker remembers."""
_DEEPEST: Final = 10**9


def board_line(board: Board) -> BoardLine:
    """Show a board in a list."""
    return BoardLine(
        key=board.key,
        title=board.title,
        metric=dict(board.metric),
        operator=board.operator,
        sort=board.sort,
        tie_rule=board.tie_rule,
        windows=list(WINDOWS),
        default_window=board.default_window,
        resets=board.resets,
        caps=dict(board.caps),
        visibility=None if board.visibility is None else list(board.visibility),
        prizes=[dict(prize) for prize in board.prizes],
        status=board.status,
    )


def head_of(reading: Reading) -> BoardHead:
    """Show which board and period a reading is of."""
    return BoardHead(**board_line(reading.board).__dict__, window=reading.window, period=reading.period)


def others_entries(reading: Reading) -> list[EntryView]:
    """Show the rows as anybody else sees them; live pages share one such list."""
    tenant_id = reading.board.tenant_id
    return [
        EntryView(
            key=_row_key(tenant_id, row.user_id, row.person.privacy),
            rank=row.rank,
            display_name=name_of(tenant_id, row.user_id, row.person),
            score=number(row.score),
            is_me=False,
            movement=None if row.before is None else row.before - row.rank,
        )
        for row in reading.slice.rows
        if row.person is not None
    ]


def board_view(
    reading: Reading,
    entries: Sequence[EntryView],
    actor: Actor,
    *,
    limit: int,
    connection: Literal["live", "reconnecting"] = "live",
    head: BoardHead | None = None,
) -> BoardView:
    """Show at most `limit` rows to this reader: one's own row bears one's own name."""
    found = reading.slice
    shown = list(entries[:limit])
    own = found.own.get(actor.user_id) if actor.user_id is not None else None
    name = own.person.name if own is not None and own.person is not None else actor.name
    me = None if own is None else _own_entry(reading, own, actor, name)
    for index, row in enumerate(found.rows[:limit]):
        if row.user_id == actor.user_id:
            shown[index] = shown[index].model_copy(update={"display_name": name, "is_me": True})
    after = found.start + limit
    # Made of parts that are valid already; checking hundreds of rows again for each of hundreds of readers is dear.
    return BoardView.model_construct(
        leaderboard=head or head_of(reading),
        entries=shown,
        me=me,
        total=found.total,
        next_cursor=cursor_at(after) if after < found.total else None,
        as_of=reading.as_of,
        connection=connection,
    )


def privacy_view(actor: Actor, mode: Privacy) -> PrivacyView:
    """Show what others see of the reader."""
    alias = pseudonym_of(actor.tenant_id, actor.member_id())
    names: dict[Privacy, str] = {"public": actor.name, "pseudonym": alias, "hidden": ""}
    return PrivacyView(mode=mode, display_name=names[mode], pseudonym=alias)


def season_view(board: Board, season: Season, persons: Mapping[UUID, Person], actor: Actor) -> SeasonView:
    """Show a closed period as its podium may be seen now."""
    return SeasonView(
        window=season.window,
        period=season.period,
        title=periods.title(season.period),
        ended_at=season.ended_at,
        closed_at=season.closed_at,
        total=season.total,
        podium=[
            PodiumView(
                rank=place.rank,
                display_name=person.name if is_me else name_of(board.tenant_id, place.user_id, person),
                score=number(place.score),
                is_me=is_me,
            )
            for place in season.podium
            if (person := persons.get(place.user_id)) is not None and person.is_shown
            for is_me in [place.user_id == actor.user_id]
        ],
    )


def preview_view(preview: Preview) -> PreviewView:
    """Show the first places of a board that is only described, under the names that others see."""
    board = preview.board
    return PreviewView(
        window=board.default_window,
        period=preview.period,
        title=periods.title(preview.period),
        entries=[
            PlaceView(
                rank=place.rank,
                display_name=name_of(board.tenant_id, place.user_id, preview.people[place.user_id]),
                score=number(place.score),
            )
            for place in preview.places
            if place.user_id in preview.people
        ],
        total=preview.total,
    )


def name_of(tenant_id: UUID, user_id: UUID, person: Person) -> str:
    """Give the name under which others see a member."""
    return person.name if person.privacy == PUBLIC else pseudonym_of(tenant_id, user_id)


def pseudonym_of(tenant_id: UUID, user_id: UUID) -> str:
    """Give a member's pseudonym, the same for good."""
    return _pseudonym(resources().peppers["pseudonym"], tenant_id, user_id)


def number(score: Decimal) -> Score:
    """Give a score as a JSON number."""
    return int(score) if score == score.to_integral_value() else float(score)


def cursor_at(position: int) -> str:
    """Give the cursor of the page that begins at this position of the board."""
    return base64.urlsafe_b64encode(f"at:{position}".encode()).rstrip(b"=").decode()


def position_of(cursor: str | None) -> int:
    """Give the position of a cursor, 0 for none; raises `InputInvalid`."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        label, _, position = text.partition(":")
        if label != "at" or not position.isdecimal() or not int(position) < _DEEPEST:
            raise ValueError(text)
        return int(position)
    except (binascii.Error, ValueError):
        raise InputInvalid({"cursor": "This is not a cursor of this list"}) from None


def _own_entry(reading: Reading, own: OwnStanding, actor: Actor, name: str) -> OwnEntryView:
    total = max(reading.slice.total + own.is_hidden, 1)
    return OwnEntryView(
        key=_row_key(reading.board.tenant_id, actor.member_id(), own.person.privacy if own.person else HIDDEN),
        rank=own.rank,
        display_name=name,
        score=number(own.score),
        is_me=True,
        movement=None if own.before is None else own.before - own.rank,
        percentile=round(100 * (total - own.better) / total, 2),
        to_next=None if own.next_score is None else number(abs(own.next_score - own.score)),
        is_hidden=own.is_hidden,
    )


def _row_key(tenant_id: UUID, user_id: UUID, privacy: str) -> str:
    return _key(resources().peppers["pseudonym"], tenant_id, user_id, privacy)


@lru_cache(maxsize=_PEOPLE)
def _pseudonym(ring: PepperRing, tenant_id: UUID, user_id: UUID) -> str:
    return pseudonym(_digest(ring, f"name/{tenant_id}/{user_id}"))


@lru_cache(maxsize=2 * _PEOPLE)
def _key(ring: PepperRing, tenant_id: UUID, user_id: UUID, privacy: str) -> str:
    """Name a row so that it cannot be followed from a member's real name to their pseudonym."""
    return _digest(ring, f"row/{privacy}/{tenant_id}/{user_id}").hex()[:20]


def _digest(ring: PepperRing, text: str) -> bytes:
    """Digest under the ring's first pepper: a name must outlive the rotation of keys."""
    return ring.candidates(text.encode())[-1].digest
