"""Diffs: what a file would change, row by row. Pure, and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from bizosaas_app.services.sourcing import cells
from bizosaas_app.services.sourcing.columns import COLUMNS, Of, fields_of
from bizosaas_app.services.sourcing.files import Fault, Line, Sheet

Verdict = Literal["new", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Known:
    """A row that we hold already: its id, and its fields by the name of their column."""

    id: UUID
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stock:
    """What we hold of the products that a file names: products by SKU, offers by SKU and supplier."""

    products: Mapping[str, Known] = field(default_factory=dict)
    offers: Mapping[tuple[str, str], Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that another value replaces, both as they stand in a file."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowDiff:
    """What becomes of one row; `product` and `offer` hold all fields as they will be, unless it is refused."""

    row: int
    verdict: Verdict
    sku: str = ""
    supplier: str = ""
    changes: tuple[FieldChange, ...] = ()
    faults: tuple[Fault, ...] = ()
    product: Mapping[str, Any] = field(default_factory=dict)
    offer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diff:
    """What becomes of every row, in the order of the file."""

    rows: tuple[RowDiff, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows have each verdict."""
        found = Counter(item.verdict for item in self.rows)
        return {verdict: found[verdict] for verdict in ("new", "changed", "unchanged", "refused")}


def compare(sheet: Sheet, stock: Stock) -> Diff:
    """Compare a file with what we hold. A column that the file lacks leaves its field as it is."""
    seen: dict[tuple[str, str], int] = {}
    told: dict[str, tuple[int, Mapping[str, Any]]] = {}
    return Diff(tuple(_row(line, stock, seen, told) for line in sheet.lines))


def _row(
    line: Line, stock: Stock, seen: dict[tuple[str, str], int], told: dict[str, tuple[int, Mapping[str, Any]]]
) -> RowDiff:
    sku, supplier = (str(line.values.get(name, "")) for name in ("sku", "supplier"))
    faults = line.faults
    if not faults:
        old_product, old_offer = stock.products.get(sku), stock.offers.get(line.key)
        product, lacking = _fill("product", line, old_product)
        offer, lacking_too = _fill("offer", line, old_offer)
        faults = lacking + lacking_too or _clashes(line, product, seen, told)
    if faults:
        return RowDiff(line.row, "refused", sku, supplier, faults=faults)
    seen[line.key] = line.row
    told.setdefault(sku, (line.row, product))
    changes = (*_changes(old_product, product), *_changes(old_offer, offer))
    verdict: Verdict = "new" if old_offer is None else "changed" if changes else "unchanged"
    return RowDiff(line.row, verdict, sku, supplier, changes, (), product, offer)


def _fill(of: Of, line: Line, old: Known | None) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """Give all fields as they will be: from the row, else as they are, else as an empty cell says."""
    filled: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in fields_of(of):
        if name in line.values:
            filled[name] = line.values[name]
        elif old is not None:
            filled[name] = old.fields[name]
        elif COLUMNS[name].is_needed:
            faults.append(Fault(line.row, name, f"This column is missing, and a new {of} needs it"))
        else:
            filled[name] = COLUMNS[name].empty
    return filled, tuple(faults)


def _clashes(
    line: Line,
    product: Mapping[str, Any],
    seen: Mapping[tuple[str, str], int],
    told: Mapping[str, tuple[int, Mapping[str, Any]]],
) -> tuple[Fault, ...]:
    """Find what an earlier row of the file has already said, or said otherwise."""
    if line.key in seen:
        return (Fault(line.row, "sku", f"Row {seen[line.key]} has the same product of the same supplier"),)
    if line.values["sku"] not in told:
        return ()
    row, first = told[line.values["sku"]]
    return tuple(
        Fault(line.row, name, f"Row {row} says {cells.shown(first[name])[:60] or 'nothing'} for the same product")
        for name in product
        if product[name] != first[name]
    )


def _changes(old: Known | None, fields: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    if old is None:
        return ()
    return tuple(
        FieldChange(name, cells.shown(old.fields[name]), cells.shown(value))
        for name, value in fields.items()
        if old.fields[name] != value
    )
