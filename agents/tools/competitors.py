"""Competitors: what has changed between dated observations of prices, features and share of voice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item, Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import things

_NOTABLE_PRICE: Final = 1.0
"""Percent from which a price has moved and was not only rounded."""
_NOTABLE_VOICE: Final = 2.0
"""Points of share of voice: less is within what such counts vary by from month to month."""

Feature = Annotated[str, Field(min_length=1, max_length=80)]


class CompetitorObservation(BaseModel):
    """What was seen of a competitor on a day; what was not looked at is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    competitor: str = Field(min_length=1, max_length=80)
    seen_on: date
    price: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4)] | None = None
    features: Annotated[list[Feature], Field(max_length=200)] | None = None
    voice: Annotated[float, Field(ge=0, le=100)] | None = Field(None, description="Share of voice in percent")


class CompetitorArgs(Args):
    """The observations, and our own price to compare with."""

    observations: Annotated[list[CompetitorObservation], Field(min_length=2, max_length=2000)]
    since: date | None = Field(
        None, description="Compare with the last observation up to this day; the earliest without it"
    )
    our_price: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4)] | None = None
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class CompetitorChange(BaseModel):
    """How a competitor differs from before; None where it was not seen at both ends."""

    model_config = ConfigDict(frozen=True)

    competitor: str
    since: date
    until: date
    price_before: Decimal | None
    price: Decimal | None
    price_change: float | None
    """In percent."""
    added: list[str]
    removed: list[str]
    voice_change: float | None
    """In points."""

    @property
    def is_notable(self) -> bool:
        """Whether anything happened that one should know."""
        has_moved = self.price_change is not None and abs(self.price_change) >= _NOTABLE_PRICE
        is_louder = self.voice_change is not None and abs(self.voice_change) >= _NOTABLE_VOICE
        return has_moved or is_louder or bool(self.added or self.removed)


class CompetitorWatch(ToolResult):
    """The competitors, those that changed most before the rest."""

    changes: list[CompetitorChange]


@tool(
    facts={
        "competitor_count": "count",
        "changed_count": "count",
        "since": "date",
        "until": "date",
        "price_mover": "text",
        "price_change": "percent",
        "price_before": "money",
        "price_now": "money",
        "price_cuts": "count",
        "price_rises": "count",
        "feature_leader": "text",
        "new_features": "count",
        "newest_feature": "text",
        "voice_mover": "text",
        "voice_gain": "number",
        "voice_loser": "text",
        "voice_loss": "number",
        "cheapest": "text",
        "cheapest_price": "money",
        "our_gap": "percent",
        "our_distance": "percent",
        "cheaper_count": "count",
        "seen_once_count": "count",
    },
    parts={"changes": "table", "prices": "series", "voice": "series", "to_do": "checklist"},
)
def competitor_watch(context: ToolContext, args: CompetitorArgs) -> CompetitorWatch:
    """Compare dated observations of competitors: price moves, features added or dropped, share of voice."""
    currency = args.currency or context.currency
    groups: dict[str, list[CompetitorObservation]] = {}
    for item in sorted(args.observations, key=lambda item: item.seen_on):
        groups.setdefault(item.competitor, []).append(item)
    seen_again = {name: items for name, items in groups.items() if items[0].seen_on < items[-1].seen_on}
    if not seen_again:
        raise ToolNeedsMore("observations: no competitor was seen on more than a single day")
    changes = [_change(name, items, args.since) for name, items in seen_again.items()]
    changes.sort(key=lambda item: (-abs(item.price_change or 0) - abs(item.voice_change or 0), item.competitor))
    latest = {name: price for name, items in groups.items() if (price := _last(items, "price")) is not None}
    parts: dict[str, Any] = {
        "changes": table(
            "What has changed",
            [_row(item) for item in changes],
            currency=currency,
            competitor="Competitor",
            price_before=("Price before", "money"),
            price=("Price now", "money"),
            price_change=("Change", "percent"),
            added="New features",
            removed="Dropped features",
            voice_change=("Share of voice, points", "number"),
            since=("Since", "date"),
        ),
        "prices": _bars("Price today", currency, {name: float(price) for name, price in latest.items()}),
        "to_do": Checklist(title="What to look into", items=list(_to_do(changes))),
    }
    voices = {name: _last(items, "voice") for name, items in groups.items()}
    if known := {name: float(voice) for name, voice in voices.items() if voice is not None}:
        parts["voice"] = _bars("Share of voice today", "%", known)
    made = _facts(args, changes, latest, len(groups) - len(seen_again), currency)
    return CompetitorWatch(source="input", changes=changes, facts=made, parts=parts)


def _last(items: list[CompetitorObservation], name: str) -> Any:
    return next((getattr(item, name) for item in reversed(items) if getattr(item, name) is not None), None)


def _change(name: str, items: list[CompetitorObservation], since: date | None) -> CompetitorChange:
    """Compare what was known at the beginning with what is known now."""
    start = max((item.seen_on for item in items if since and item.seen_on <= since), default=items[0].seen_on)
    before = [item for item in items if item.seen_on <= start]
    after = [item for item in items if item.seen_on > start]
    price_before, price = _last(before, "price"), _last(after, "price")
    features_before, features = _last(before, "features"), _last(after, "features")
    voice_before, voice = _last(before, "voice"), _last(after, "voice")
    both = features_before is not None and features is not None
    return CompetitorChange(
        competitor=name,
        since=start,
        until=items[-1].seen_on,
        price_before=price_before,
        price=price,
        price_change=float((price / price_before - 1) * 100) if price and price_before else None,
        added=[item for item in features if item not in features_before] if both else [],
        removed=[item for item in features_before if item not in features] if both else [],
        voice_change=voice - voice_before if voice is not None and voice_before is not None else None,
    )


def _facts(
    args: CompetitorArgs, changes: list[CompetitorChange], latest: dict[str, Decimal], seen_once: int, currency: str
) -> list[Fact]:
    moved = [item for item in changes if item.price_change is not None and abs(item.price_change) >= _NOTABLE_PRICE]
    made = [
        facts.count("competitor_count", "Competitors", len(changes) + seen_once),
        things("changed_count", "With a change", sum(item.is_notable for item in changes), "competitor"),
        things("seen_once_count", "Seen on a single day only", seen_once, "competitor"),
        facts.day("since", "Compared with", min(item.since for item in changes)),
        facts.day("until", "Last seen", max(item.until for item in changes)),
        things("price_cuts", "Price cuts", sum((item.price_change or 0) < 0 for item in moved), "price cut"),
        things("price_rises", "Price rises", sum((item.price_change or 0) > 0 for item in moved), "price rise"),
    ]
    if moved:
        most = max(moved, key=lambda item: abs(item.price_change or 0))
        made += [
            facts.text("price_mover", "Largest price move", most.competitor),
            facts.percent("price_change", "Change of its price", most.price_change or 0),
            facts.money("price_before", "Its price before", most.price_before or Decimal(0), currency),
            facts.money("price_now", "Its price now", most.price or Decimal(0), currency),
        ]
    if builders := [item for item in changes if item.added]:
        leader = max(builders, key=lambda item: len(item.added))
        made += [
            facts.text("feature_leader", "Added most features", leader.competitor),
            things("new_features", "Its new features", len(leader.added), "new feature"),
            facts.text("newest_feature", "Such as", leader.added[0]),
        ]
    return [*made, *_voice_facts(changes), *_price_facts(args, latest, currency)]


def _voice_facts(changes: list[CompetitorChange]) -> Iterator[Fact]:
    known = [item for item in changes if item.voice_change is not None]
    if not known:
        return
    up, down = max(known, key=lambda i: i.voice_change or 0), min(known, key=lambda i: i.voice_change or 0)
    if (up.voice_change or 0) >= _NOTABLE_VOICE:
        yield facts.text("voice_mover", "Gained most share of voice", up.competitor)
        yield facts.number("voice_gain", "Points gained", up.voice_change or 0, digits=1)
    if (down.voice_change or 0) <= -_NOTABLE_VOICE:
        yield facts.text("voice_loser", "Lost most share of voice", down.competitor)
        yield facts.number("voice_loss", "Points lost", -(down.voice_change or 0), digits=1)


def _price_facts(args: CompetitorArgs, latest: dict[str, Decimal], currency: str) -> Iterator[Fact]:
    if not latest:
        return
    name = min(latest, key=lambda item: (latest[item], item))
    yield facts.text("cheapest", "Cheapest competitor", name)
    yield facts.money("cheapest_price", "Its price", latest[name], currency)
    if args.our_price is not None:
        mean = sum(latest.values(), Decimal(0)) / len(latest)
        gap = (args.our_price / mean - 1) * 100
        yield facts.percent("our_gap", "Our price against their mean", gap)
        yield facts.percent("our_distance", "Distance of our price from their mean", abs(gap))
        cheaper = sum(price < args.our_price for price in latest.values())
        yield things("cheaper_count", "Competitors that are cheaper than us", cheaper, "competitor")


def _to_do(changes: list[CompetitorChange]) -> Iterator[Item]:
    for item in changes:
        if item.price_change is not None and item.price_change <= -_NOTABLE_PRICE:
            why = f"It went from {item.price_before:f} to {item.price:f}."
            yield Item(text=f"Prepare an answer to the lower price of {item.competitor}", why=why)
        if item.added:
            yield Item(text=f"Try out what {item.competitor} has added", why=", ".join(item.added[:5]))
        if item.voice_change is not None and item.voice_change >= _NOTABLE_VOICE:
            yield Item(text=f"Find out where {item.competitor} is talked about", why="Its share of voice has grown.")


def _bars(title: str, unit: str, values: dict[str, float]) -> Series:
    return Series(title=title, form="bar", unit=unit, points=[Point(x=name, y=value) for name, value in values.items()])


def _row(item: CompetitorChange) -> dict[str, Cell]:
    return {
        "competitor": item.competitor,
        "price_before": item.price_before,
        "price": item.price,
        "price_change": None if item.price_change is None else round(item.price_change, 1),
        "added": ", ".join(item.added),
        "removed": ", ".join(item.removed),
        "voice_change": None if item.voice_change is None else round(item.voice_change, 1),
        "since": item.since.isoformat(),
    }
