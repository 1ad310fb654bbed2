"""Territories: whether accounts are shared out evenly, and the fewest moves that would even them out."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_MOST_STEPS: Final = 100
_ACROSS: Final = 0.9
"""An exchange, or a move into another region, must be so much better than a plain move."""


class Account(BaseModel):
    """An account with its yearly potential; `fixed` keeps it with its owner."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    owner: str = Field(min_length=1, max_length=80)
    potential: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
    region: str = Field("", max_length=60)
    fixed: bool = False


class TerritoryArgs(Args):
    """The accounts, and who could have some."""

    accounts: list[Account] = Field(min_length=1, max_length=2000, description="Accounts with their owners")
    owners: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        default_factory=list, max_length=200, description="Further owners who have no account yet"
    )
    tolerance_percent: float = Field(10, ge=1, le=50, description="How far from the mean a book may lie")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class TerritoryBalance(ToolResult):
    """Account -> new owner."""

    moves: dict[str, str]


Book = Mapping[str, Decimal]


_MOVE_HEADINGS: Final[dict[str, Heading]] = {
    "account": "Account",
    "region": "Region",
    "from": "From",
    "to": "To",
    "potential": ("Potential", "money"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """An account that changes hands."""

    account: Account
    to: str


@tool(
    facts={
        "account_count": "count",
        "owner_count": "count",
        "total": "money",
        "mean": "money",
        "largest_owner": "text",
        "largest_total": "money",
        "largest_excess": "percent",
        "smallest_owner": "text",
        "smallest_total": "money",
        "spread": "percent",
        "spread_after": "percent",
        "move_count": "count",
        "moved_total": "money",
        "first_account": "text",
        "first_from": "text",
        "first_to": "text",
        "tolerance": "percent",
        "outcome": "text",
    },
    parts={"books": "table", "moves": "table", "chart": "series"},
)
def territory_balance(context: ToolContext, args: TerritoryArgs) -> TerritoryBalance:
    """Compare how much potential each owner has, and propose few moves that bring all books near the mean.

    The spread is the coefficient of variation of the books. Each step moves or exchanges what lowers it most; within
    a region before across regions where that is nearly as good. Fixed accounts stay.
    """
    owners = sorted({*args.owners, *(account.owner for account in args.accounts)})
    if len(owners) < 2:
        raise ToolNeedsMore("accounts: they have a single owner; name further owners to share them out")
    currency = args.currency or context.currency
    before = _books(args.accounts, owners, [])
    moves = _moves(args, owners)
    after = _books(args.accounts, owners, moves)
    return TerritoryBalance(
        source="input",
        moves={move.account.name: move.to for move in moves},
        facts=[*_state(args, before, currency), *_outcome(args, before, after, moves, currency)],
        parts={
            "books": table(
                "Potential by owner",
                [
                    {
                        "owner": owner,
                        "accounts": sum(account.owner == owner for account in args.accounts),
                        "before": before[owner],
                        "after": after[owner],
                    }
                    for owner in owners
                ],
                currency=currency,
                owner="Owner",
                accounts=("Accounts", "number"),
                before=("Potential", "money"),
                after=("After the moves", "money"),
            ),
            "moves": table(
                "Moves, the most useful at the top",
                [
                    {
                        "account": move.account.name,
                        "region": move.account.region,
                        "from": move.account.owner,
                        "to": move.to,
                        "potential": move.account.potential,
                    }
                    for move in moves
                ],
                currency=currency,
                **_MOVE_HEADINGS,
            ),
            "chart": bars("Potential after the moves", [(owner, float(after[owner])) for owner in owners], currency),
        },
    )


def _books(accounts: Sequence[Account], owners: Sequence[str], moves: Sequence[Move]) -> dict[str, Decimal]:
    books = dict.fromkeys(owners, Decimal(0))
    for account in accounts:
        books[account.owner] += account.potential
    for move in moves:
        books[move.account.owner] -= move.account.potential
        books[move.to] += move.account.potential
    return books


def _spread(books: Book) -> float:
    """Give the coefficient of variation in percent (of the population, since all owners are there)."""
    from statistics import fmean, pstdev

    values = [float(value) for value in books.values()]
    return 100 * pstdev(values) / fmean(values) if any(values) else 0.0


def _moves(args: TerritoryArgs, owners: Sequence[str]) -> list[Move]:
    """Improve step by step from today's owners: an account goes from the largest book, or changes place with another.

    Each step takes what lowers the sum of the squared books most, until all are even or nothing helps.
    """
    regions: dict[str, set[str]] = defaultdict(set)
    for account in args.accounts:
        regions[account.region].add(account.owner)
    holders = [account.owner for account in args.accounts]
    books = _books(args.accounts, owners, [])
    for _ in range(_MOST_STEPS):
        if _is_even(books, args.tolerance_percent):
            break
        step = max(_steps(args.accounts, holders, books, regions), key=lambda item: item[0], default=(0.0, {}))
        if step[0] <= 0:
            break
        for number, to in step[1].items():
            books[holders[number]] -= args.accounts[number].potential
            books[to] += args.accounts[number].potential
            holders[number] = to
    before = _books(args.accounts, owners, [])
    moves = [Move(item, to) for item, to in zip(args.accounts, holders, strict=True) if item.owner != to]
    return sorted(moves, key=lambda move: -_gain(before, move.account.owner, move.to, move.account.potential))


def _steps(
    accounts: Sequence[Account], holders: Sequence[str], books: Book, regions: Mapping[str, set[str]]
) -> Iterator[tuple[float, dict[int, str]]]:
    """Give possible steps out of the largest book: what each gains, and which accounts get which owner."""
    giver, taker = (pick(books, key=lambda owner: (books[owner], owner)) for pick in (max, min))
    mine, theirs = (
        [number for number, item in enumerate(accounts) if holders[number] == owner and not item.fixed]
        for owner in (giver, taker)
    )
    # What a move gains falls with the taker's book, so only the smallest books can win: of all, and of the region.
    near = {region: min(owners, key=lambda owner: (books[owner], owner)) for region, owners in regions.items()}
    for number in mine:
        local = near[accounts[number].region]
        if local != giver:
            yield _gain(books, giver, local, accounts[number].potential), {number: local}
        factor = _ACROSS if books[taker] else 1.0  # an owner without a book belongs to no region yet
        yield _gain(books, giver, taker, accounts[number].potential) * factor, {number: taker}
    theirs.sort(key=lambda number: accounts[number].potential)
    amounts = [accounts[number].potential for number in theirs]
    wished = (books[giver] - books[taker]) / 2
    for number in mine:
        place = bisect_left(amounts, accounts[number].potential - wished)
        for other in theirs[max(place - 1, 0) : place + 1]:
            difference = accounts[number].potential - accounts[other].potential
            yield _gain(books, giver, taker, difference) * _ACROSS, {number: taker, other: giver}


def _gain(books: Book, giver: str, taker: str, amount: Decimal) -> float:
    """Give by how much the sum of squared books falls when an amount changes hands: the spread is made of it."""
    return float(2 * amount * (books[giver] - books[taker] - amount))


def _is_even(books: Book, tolerance: float) -> bool:
    mean = sum(books.values(), Decimal(0)) / len(books)
    return all(abs(value - mean) <= mean * Decimal(str(tolerance)) / 100 for value in books.values())


def _state(args: TerritoryArgs, books: Book, currency: str) -> list[Fact]:
    mean = sum(books.values(), Decimal(0)) / len(books)
    largest, smallest = (pick(books, key=lambda owner: (books[owner], owner)) for pick in (max, min))
    found = [
        facts.count("account_count", "Accounts", len(args.accounts)),
        facts.count("owner_count", "Owners", len(books)),
        facts.money("total", "Potential in all", sum(books.values(), Decimal(0)), currency),
        facts.money("mean", "Mean of an owner", mean, currency),
        facts.text("largest_owner", "Owner of the most", largest),
        facts.money("largest_total", "Potential there", books[largest], currency),
        facts.text("smallest_owner", "Owner of the least", smallest),
        facts.money("smallest_total", "Potential there", books[smallest], currency),
        facts.percent("tolerance", "Accepted distance from the mean", args.tolerance_percent),
    ]
    if mean:
        excess = 100 * (books[largest] - mean) / mean
        found.append(facts.percent("largest_excess", "Above the mean by", excess, digits=0))
    return found


def _outcome(args: TerritoryArgs, before: Book, after: Book, moves: Sequence[Move], currency: str) -> list[Fact]:
    is_even = _is_even(after, args.tolerance_percent)
    outcome = "even already" if not moves and is_even else "even after the moves" if is_even else "still uneven"
    found = [
        facts.percent("spread", "Spread of the books", _spread(before)),
        facts.percent("spread_after", "Spread after the moves", _spread(after)),
        facts.count("move_count", "Moves", len(moves)),
        facts.money("moved_total", "Potential moved", sum((m.account.potential for m in moves), Decimal(0)), currency),
        facts.text("outcome", "Outcome", outcome),
    ]
    if moves:
        found += [
            facts.text("first_account", "The most useful move", moves[0].account.name),
            facts.text("first_from", "From", moves[0].account.owner),
            facts.text("first_to", "To", moves[0].to),
        ]
    return found
