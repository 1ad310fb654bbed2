"""What notifications take and give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Page, Paging, View, YesNo
from bizosaas_app.gateway.contracts.text import Secret
from bizosaas_app.services.notifications.kinds import Kind


class ListNotices(Paging):
    """Which page of one's own notices: all, or only the (un)read ones, or those of one kind."""

    unread: bool | None = None
    kind: Kind | None = None


class CountUnread(Command):
    """Ask how many one has not read."""


class ReadNotice(Command):
    """One of one's own notices, now read."""

    notice_id: UUID


class ReadAllNotices(Command):
    """All of one's own notices, now read."""


class ReadPreferences(Command):
    """Ask where one is told of what."""


class ChannelsOf(Command):
    """Where one wants to be told of one kind."""

    kind: Kind
    in_app: YesNo
    by_mail: YesNo


class SetPreferences(Command):
    """Choices for some kinds; the others stay as they are."""

    preferences: list[ChannelsOf] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({item.kind for item in self.preferences}) < len(self.preferences):
            raise ValueError("Name each kind once")
        return self


class Unsubscribe(Command):
    """The text that a mail's link carries."""

    token: Secret


class NoticeView(View):
    """A notice; `path` is the page that it leads to."""

    id: UUID
    kind: Kind
    title: str
    body: str
    path: str | None
    data: dict[str, Any]
    created_at: Moment
    read_at: Moment | None


class NoticePage(Page[NoticeView]):
    """Some of one's own notices, newest first."""


class UnreadView(View):
    """How many one has not read."""

    unread: int


class PreferenceView(View):
    """A kind in words, and where one is told of it."""

    kind: Kind
    label: str
    text: str
    in_app: bool
    by_mail: bool


class PreferencesView(View):
    """Every kind."""

    preferences: list[PreferenceView]


class UnsubscribedView(View):
    """The kinds of which no more mails are sent."""

    stopped: list[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a page has looked: the notices made since then that it knows already."""

    since: datetime
    seen: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class InboxLook:
    """What an open page sees: the unread count, what is new since its last look, oldest first, and its new mark."""

    unread: int
    fresh: tuple[NoticeView, ...]
    mark: Mark
