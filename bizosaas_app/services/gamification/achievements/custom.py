"""Custom achievements: those that a tenant defines for itself, published at once and awarded for what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.gamification.achievements import books, deriving, triggers
from bizosaas_app.services.gamification.achievements.catalogue import CATEGORIES
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition, Repeats, check_windows
from models import Achievement, AchievementCategory, TenantAchievement

RULE: Final = frozenset({"trigger", "repeats", "platform", "preconditions", "limits", "starts_at", "ends_at"})
"""What decides who has it: not changed under the feet of those who do."""
PRECONDITIONS: Final = 5


class KeyTaken(Conflict):
    """Another achievement, perhaps an archived one, has this key."""

    code = "key_taken"
    title = "An achievement of this key exists already"


class AchievementInUse(Conflict):
    """Members hold it under its present rule."""

    code = "achievement_in_use"
    title = "Members have unlocked it: archive it, and publish the new rule under another key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An achievement as an administrator writes it."""

    key: str
    name: str
    category: str
    trigger: Mapping[str, Any]
    points: int
    description: str = ""
    tier: str = "bronze"
    icon: str = ""
    platform: str | None = None
    is_hidden: bool = False
    repeats: str = "never"
    preconditions: Sequence[str] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def create(session: AsyncSession, actor: Actor, draft: Draft, *, now: datetime) -> Definition:
    """Publish the achievement and award it to those who have earned it already.

    Raises `InputInvalid`, naming the field, or `KeyTaken`.
    """
    await examine(session, actor, draft, now=now)
    category = await _ensure_category(session, actor, draft.category, now)
    row = _row(actor, draft, category, now)
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise KeyTaken from error
    detail = {"name": draft.name}
    await audit.record(session, actor, action="achievements.created", subject=f"achievement:{draft.key}", detail=detail)
    return await _publish(session, actor, row, now)


async def examine(session: AsyncSession, actor: Actor, draft: Draft, *, now: datetime) -> Definition:
    """Give the definition that the draft would make, without writing it; raises what `create` would, but the key."""
    book = await books.current(session, actor.tenant_id)
    category = AchievementCategory(tenant_id=actor.tenant_id, key=draft.category, name=draft.category)
    _check(draft, book)
    return Definition.of(_row(actor, draft, category, now), category)


async def change(
    session: AsyncSession, actor: Actor, key: str, changes: Mapping[str, Any], *, now: datetime
) -> Definition:
    """Change a custom achievement; what was earned under another rule is decided anew for everybody.

    Raises `NotFound`, `InputInvalid`, or `AchievementInUse` when its rule would change while members hold it.
    """
    row, category = await _get(session, key)
    draft = _draft_of(row, category, {name: value for name, value in changes.items() if name != "status"})
    book = await books.current(session, actor.tenant_id)
    _check(draft, book)
    if changes.keys() & RULE and await _holders(session, row.id):
        raise AchievementInUse
    wanted = _row(actor, draft, await _ensure_category(session, actor, draft.category, now), now)
    for name in (*_COPIED, "category_id", "trigger", "preconditions", "limits"):
        setattr(row, name, getattr(wanted, name))
    row.status = changes.get("status", row.status)
    row.version += bool(changes.keys() & RULE)
    row.updated_at = now
    session.add(row)
    await session.flush()
    detail = {"changed": sorted(changes)}
    await audit.record(session, actor, action="achievements.changed", subject=f"achievement:{key}", detail=detail)
    return await _publish(session, actor, row, now)


async def count_holders(session: AsyncSession) -> dict[UUID, int]:
    """Give how many members have unlocked each achievement."""
    query = (
        select(TenantAchievement.achievement_id, func.count(func.distinct(col(TenantAchievement.user_id))))
        .where(TenantAchievement.status == "unlocked")
        .group_by(col(TenantAchievement.achievement_id))
    )
    return dict((await session.exec(query)).all())


_COPIED: Final = (
    "name",
    "description",
    "tier",
    "icon",
    "points",
    "platform",
    "is_hidden",
    "repeats",
    "starts_at",
    "ends_at",
)


async def _publish(session: AsyncSession, actor: Actor, row: Achievement, now: datetime) -> Definition:
    await books.renew(session, actor.tenant_id)
    await deriving.publish(session, actor, {row.key}, now, title=f"Award the achievement {row.name}")
    return (await books.current(session, actor.tenant_id)).by_id[row.id]


async def _get(session: AsyncSession, key: str) -> tuple[Achievement, AchievementCategory]:
    query = (
        select(Achievement, AchievementCategory)
        .join(AchievementCategory, col(AchievementCategory.id) == col(Achievement.category_id))
        .where(Achievement.key == key, col(Achievement.is_custom))
        .with_for_update(of=Achievement)
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no custom achievement of this key")
    return found[0], found[1]


async def _holders(session: AsyncSession, achievement_id: UUID) -> bool:
    query = select(TenantAchievement.id).where(
        TenantAchievement.achievement_id == achievement_id, TenantAchievement.status == "unlocked"
    )
    return (await session.exec(query.limit(1))).first() is not None


def _draft_of(row: Achievement, category: AchievementCategory, changes: Mapping[str, Any]) -> Draft:
    now = {name: getattr(row, name) for name in (*_COPIED, "key", "trigger", "preconditions", "limits")}
    return Draft(**{**now, "category": category.key, **changes})


def _check(draft: Draft, book: Book) -> None:
    rule = triggers.parse(draft.trigger)
    check_windows(rule, cast(Repeats, draft.repeats))
    if draft.starts_at is not None and draft.ends_at is not None and draft.starts_at >= draft.ends_at:
        raise InputInvalid({"ends_at": "Must be after starts_at"})
    if len(draft.preconditions) > PRECONDITIONS:
        raise InputInvalid({"preconditions": f"At most {PRECONDITIONS}"})
    for number, key in enumerate(draft.preconditions):
        if key not in book.by_key:
            raise InputInvalid({f"preconditions.{number}": "There is no achievement of this key"})
        if draft.key in _all_before(book, key):
            raise InputInvalid({f"preconditions.{number}": "It waits for this achievement itself"})


def _all_before(book: Book, key: str) -> set[str]:
    """Give the key with those of everything that has to be unlocked before it."""
    found, waiting = {key}, [key]
    while waiting:
        item = book.by_key.get(waiting.pop())
        fresh = set(item.preconditions if item else ()) - found
        found |= fresh
        waiting += fresh
    return found


async def _ensure_category(session: AsyncSession, actor: Actor, key: str, now: datetime) -> AchievementCategory:
    """Give the category; one that the tenant has not had is made, under its key as its name."""
    row = (await session.exec(select(AchievementCategory).where(AchievementCategory.key == key))).one_or_none()
    if row is None:
        known = {item.key: (number, item) for number, item in enumerate(CATEGORIES)}
        position, name, description = len(CATEGORIES), key.replace("-", " ").replace("_", " ").capitalize(), ""
        if key in known:
            position, item = known[key]
            name, description = item.name, item.description
        row = AchievementCategory(
            tenant_id=actor.tenant_id, key=key, name=name, description=description, position=position, created_at=now
        )
        session.add(row)
        await session.flush()
    return row


def _row(actor: Actor, draft: Draft, category: AchievementCategory, now: datetime) -> Achievement:
    icons = {item.key: item.icon for item in CATEGORIES}
    return Achievement(
        tenant_id=actor.tenant_id,
        category_id=category.id,
        key=draft.key,
        name=draft.name,
        description=draft.description,
        icon=draft.icon or icons.get(draft.category, "award"),
        platform=draft.platform,
        trigger=dict(draft.trigger),
        points=draft.points,
        tier=draft.tier,
        is_hidden=draft.is_hidden,
        is_custom=True,
        repeats=draft.repeats,
        preconditions=list(draft.preconditions),
        limits=dict(draft.limits),
        status="active",
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
