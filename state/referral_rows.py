"""Rows of the pages on referrals."""

from __future__ import annotations

from typing import TypedDict


class ShareRow(TypedDict):
    """A channel to share by: the address that opens it with a prepared message."""

    key: str
    label: str
    url: str


class TierRow(TypedDict):
    """A tier on the way up; `state` is reached, current or ahead."""

    key: str
    name: str
    needs: str
    reward: str
    state: str
    state_label: str


class FunnelRow(TypedDict):
    """A step of a funnel: how many came so far, as a share of the widest step and in words of the one before."""

    key: str
    label: str
    count: str
    share: int
    rate: str


class OwnConversionRow(TypedDict):
    """A conversion as its referrer sees it; the note's day stands between its two halves."""

    id: str
    address: str
    order_value: str
    occurred_at: str
    label: str
    tone: str
    note: str
    note_at: str
    note_after: str
    reward: str


class EntryRow(TypedDict):
    """A movement of a rewards account."""

    id: str
    title: str
    note: str
    amount: str
    tone: str
    at: str
    due: str
    due_at: str


class ConversionRow(TypedDict):
    """A conversion as who runs the programmes sees it."""

    id: str
    email: str
    external_id: str
    referrer: str
    program: str
    order_value: str
    occurred_at: str
    label: str
    tone: str
    score: str
    verdict: str
    verdict_tone: str
    reward: str
    is_standing: bool


class DueRow(TypedDict):
    """A member with something payable."""

    user_id: str
    name: str
    email: str
    initials: str
    payable: str
    held: str
    paid: str
    is_enough: bool


class ProgramRow(TypedDict):
    """A programme in the list."""

    id: str
    name: str
    detail: str
    status: str
    status_label: str
    tone: str
    is_default: bool
    reward: str
    tiers: str
    hold: str
    changed_at: str


class TierFields(TypedDict):
    """The fields of a tier in the editor; `id` names the row while the editor is open."""

    id: str
    number: int
    key: str
    name: str
    threshold: str
    reward: str
    referred_reward: str
