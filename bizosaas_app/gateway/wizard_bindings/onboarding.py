"""Onboarding's ties: what the tenant has told already, and what activating it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import list_currencies
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.contracts.wizards import FinishView, LinkView, PreviewView
from bizosaas_app.gateway.wizard_bindings import onboarding_crm
from bizosaas_app.gateway.wizard_bindings.binding import Assist, Binding, Heard, NothingToPropose, Order, Question
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.tenants import activation, records
from bizosaas_app.services.tenants.activation import Activated, Goal, Invitee, Wish
from bizosaas_app.services.tenants.settings import Settings
from bizosaas_app.services.wizards import uploads
from bizosaas_app.services.wizards.catalogue.onboarding import GOALS
from bizosaas_app.services.wizards.conditions import Raw
from bizosaas_app.services.wizards.fields import Choice, Values
from bizosaas_app.services.wizards.operations import Guess

_APPROVED: Final = "referral.approved"
_WEEKS_BACK: Final = 26
_WEEKS_AHEAD: Final = 12
"""A quarter: as far as people plan, and not farther than half a year of weeks can tell."""
_WITHIN_REACH: Final = "Within reach"


async def _known(session: AsyncSession, actor: Actor) -> Mapping[str, Raw]:
    tenant = await records.get_tenant(session, actor.tenant_id)
    profile = await activation.find_profile(session)
    return {
        "name": tenant.name,
        "industry": tenant.industry or "",
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "website": (profile.website if profile else None) or "",
        "platforms": list(profile.platforms) if profile else [],
        "has_brand": "yes" if tenant.accent else "no",
        "accent": tenant.accent or "",
        "goals": [_typed(goal) for goal in profile.goals] if profile else [],
    }


def _typed(goal: Mapping[str, Any]) -> dict[str, str]:
    return {"goal": str(goal["goal"]), "target": str(goal["target"]), "by": goal["by"] or ""}


async def _currencies(_session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    return _all_currencies()


@cache
def _all_currencies() -> tuple[Choice, ...]:
    names = Locale("en").currencies
    return tuple(Choice(code, f"{code}, {names[code]}") for code in sorted(list_currencies("en")) if code in names)


async def _checklist(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    invites, goals = order.values.get("invites", ()), order.values.get("goals", ())
    tenant = await records.get_tenant(session, _actor.tenant_id)
    moves = order.values.get("timezone", tenant.timezone) != tenant.timezone
    facts = [
        ("Settings", f"saved for {order.values.get('name', tenant.name)}"),
        ("Invitations", f"{len(invites)} sent by mail" if invites else "none"),
        ("Goals", ", ".join(f"{row['target']} x {GOALS[row['goal']].label.lower()}" for row in goals) or "none yet"),
        ("Look", "your colour on every page" if order.values.get("accent") else "the product's own colour"),
    ]
    note = (
        "Another time zone makes other days: figures by day are counted again, which takes a moment." if moves else ""
    )
    return PreviewView(title="When you activate", facts=facts, note=note, tone="warn" if moves else "neutral")


async def _complete(session: AsyncSession, actor: Actor, order: Order) -> FinishView:
    wish = await _wish(session, order.values)
    done = await activation.activate(session, actor, wish, draft_id=order.draft_id, now=order.now)
    return FinishView(
        title=f"{wish.settings.name} is ready",
        text="Your settings are in force from the next page on.",
        subject=f"tenant:{actor.tenant_id}",
        facts=_facts(done, wish),
        links=[
            LinkView(label="Open the overview", href="/admin"),
            LinkView(label="Change the settings", href="/admin/settings"),
            LinkView(label="See your people", href="/admin/users"),
            LinkView(label="Build a first achievement", href="/admin/achievements/design"),
        ],
    )


async def _wish(session: AsyncSession, values: Values) -> Wish:
    chosen = Settings(
        name=values["name"],
        industry=values.get("industry"),
        timezone=values["timezone"],
        currency=values["currency"],
        accent=values.get("accent"),
    )
    return Wish(
        settings=chosen,
        website=values.get("website"),
        platforms=values["platforms"],
        goals=[_goal(row) for row in values["goals"]],
        invites=[Invitee(row["email"], row.get("name", ""), row["role"]) for row in values.get("invites", ())],
        logo=await _logo(session, values),
    )


def _goal(row: Values) -> Goal:
    return Goal(row["goal"], int(row["target"]), row.get("by"))


async def _logo(session: AsyncSession, values: Values) -> bytes | None:
    if "logo" not in values:
        return None
    kept = await uploads.get(session, UUID(values["logo"]["file_id"]))
    return kept.content if kept else None


def _facts(done: Activated, wish: Wish) -> list[tuple[str, str]]:
    facts = [("Invited", ", ".join(done.invited) or "nobody"), ("Goals", str(len(wish.goals)))]
    return [*facts, ("Had joined before", ", ".join(done.known))] if done.known else facts


async def _ask_for_goals(_session: AsyncSession, _actor: Actor, _order: Order) -> Sequence[Question]:
    days = 7 * _WEEKS_BACK
    given = {"event_type": _APPROVED, "measure": "events", "days": days, "weeks_ahead": _WEEKS_AHEAD}
    return [Question(given)]


def _read_goals(heard: Sequence[Heard], order: Order) -> Mapping[str, Guess]:
    """Take the goal within reach, where the ledger suffices for a trend; the agent says why in its own words."""
    (run,) = heard
    rows = (run.output.get("goals") or {}).get("rows") or []
    target = next((int(row["total"]) for row in rows if row["goal"] == _WITHIN_REACH), 0)
    if target < 1:
        raise NothingToPropose(run.says)
    until = order.now.astimezone(ZoneInfo(order.around.zone)).date() + timedelta(weeks=_WEEKS_AHEAD)
    goal = {"goal": GOALS["referrals"].value, "target": str(target), "by": until.isoformat()}
    return {"goals": Guess([goal], run.headline)}


BINDING = Binding(
    complete=_complete,
    known=_known,
    lists={"currencies": _currencies},
    previews={"checklist": _checklist},
    acts={"crm": onboarding_crm.find_people},
    assists={"team": Assist("goal_setter", ("goals",), _ask_for_goals, _read_goals)},
)
