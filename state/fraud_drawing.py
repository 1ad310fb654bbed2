"""The drawing of who shares what with whom: the case's people at the left, things in the middle, others at right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bizosaas_app.gateway.contracts.review_desk import ConnectionsView, PartyView, ThingView
from state import words
from state.fraud_rows import EdgeRow, NodeRow, ThingRow

THINGS: Final[dict[str, tuple[str, str]]] = {
    "device": ("Device", "Same device"),
    "payment": ("Card", "Same card or account"),
    "inbox": ("Inbox", "Same inbox"),
    "cookie": ("Cookie", "Same browser cookie"),
    "address": ("Address", "Same address and browser"),
}
"""How each kind is said in the drawing and in the list."""

COLUMNS: Final = (48, 160, 272)
ROW: Final = 60
"""Height of a row, its label included; the drawing is 320 units wide."""
SHOWN: Final = 5
"""Others that the drawing has room for."""
_LONGEST: Final = 13
_ICON: Final = 8
_LABEL: Final = 30


def is_shared(thing: ThingView) -> bool:
    """Say whether anybody else was seen with it."""
    return len(thing.parties) > 1


def draw(view: ConnectionsView) -> tuple[list[NodeRow], list[EdgeRow], int]:
    """Give the nodes, the lines and the height; nothing where nothing is shared."""
    shared = [thing for thing in view.things if is_shared(thing)]
    if not shared:
        return [], [], 0
    own = [party for party in view.parties if party.role in ("referrer", "referred")]
    linked = {key for thing in shared for key in thing.parties}
    others = [party for party in view.parties if party not in own and party.key in linked]
    shown, left_out = others[:SHOWN], len(others) - len(others[:SHOWN]) + view.more
    height = ROW * max(len(own), len(shared), len(shown) + bool(left_out))
    nodes = [
        *_column(0, height, [(party.key, party.role, party.role.capitalize()) for party in own]),
        *_column(1, height, [(thing.kind, thing.kind, THINGS[thing.kind][0]) for thing in shared]),
        *_column(
            2,
            height,
            [
                *((party.key, party.role, _short(party.label)) for party in shown),
                *([("more", "more", f"{left_out} more")] if left_out else []),
            ],
        ),
    ]
    return nodes, _edges(shared, {node["key"]: node for node in nodes}), height


def summary(view: ConnectionsView) -> str:
    """Say in a sentence what the drawing shows."""
    shared = [thing for thing in view.things if is_shared(thing)]
    if not shared:
        return "Nothing of this order was seen with anybody else."
    others = sum(party.role in ("account", "member") for party in view.parties) + view.more
    kinds = ", ".join(THINGS[thing.kind][0].lower() for thing in shared)
    whom = [*(["the referrer"] if any("referrer" in thing.parties for thing in shared) else [])]
    whom += [words.counted(others, "other person", "other people")] if others else []
    return f"Shared with {' and '.join(whom)}: {kinds}."


def things(view: ConnectionsView) -> list[ThingRow]:
    """Give the list behind the drawing: what is shared, and with whom."""
    people = {party.key: party for party in view.parties}
    return [_thing(thing, people) for thing in view.things if is_shared(thing)]


def alone(view: ConnectionsView) -> str:
    """Say what was seen with nobody else: of an honest order that is most."""
    kinds = [THINGS[thing.kind][0] for thing in view.things if not is_shared(thing)]
    return f"Seen with nobody else: {', '.join(kinds).lower()}." if kinds else ""


def _thing(thing: ThingView, people: dict[str, PartyView]) -> ThingRow:
    seen = [_named(people[key]) for key in thing.parties if key != "referred"]
    unnamed = thing.accounts - sum(people[key].role in ("account", "member") for key in thing.parties if key in people)
    if unnamed > 0:
        seen.append(f"{unnamed} more")
    verdict, tone = "", "neutral"
    if thing.rejected:
        verdict, tone = f"{thing.rejected} rejected", "bad"
    elif thing.approved:
        verdict, tone = f"{thing.approved} approved", "good"
    return ThingRow(
        key=thing.kind,
        kind=thing.kind,
        title=THINGS[thing.kind][1],
        text=", ".join(seen),
        verdict=verdict,
        tone=tone,
    )


def _named(party: PartyView) -> str:
    if party.role == "referrer":
        return f"{party.label} (the referrer)"
    if party.role == "member":
        return f"{party.label} (a member)"
    return f"{party.label} (referred by {party.by})" if party.by else party.label


def _column(number: int, height: int, items: Sequence[tuple[str, str, str]]) -> list[NodeRow]:
    step = height / max(len(items), 1)
    rows: list[NodeRow] = []
    for place, (key, kind, label) in enumerate(items):
        x, y = COLUMNS[number], round(step * (place + 0.5)) - 10
        rows.append(
            NodeRow(
                key=key,
                kind=kind,
                x=str(x),
                y=str(y),
                icon_x=str(x - _ICON),
                icon_y=str(y - _ICON),
                label_y=str(y + _LABEL),
                label=label,
            )
        )
    return rows


def _edges(shared: Sequence[ThingView], nodes: dict[str, NodeRow]) -> list[EdgeRow]:
    rows: list[EdgeRow] = []
    for thing in shared:
        ends = list(dict.fromkeys(key if key in nodes else "more" for key in thing.parties))
        for key in (end for end in ends if end in nodes):
            start, end = nodes[key], nodes[thing.kind]
            tone = "bad" if key == "referrer" else "neutral"
            rows.append(
                EdgeRow(key=f"{key}-{thing.kind}", x1=start["x"], y1=start["y"], x2=end["x"], y2=end["y"], tone=tone)
            )
    return rows


def _short(label: str) -> str:
    """Give what fits under a node: of an address what stands before the @."""
    text = label.partition("@")[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
