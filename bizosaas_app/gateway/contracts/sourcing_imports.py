"""Imports of products and offers: the file that comes in, and what became of its rows."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View
from bizosaas_app.gateway.contracts.text import Line

Verdict = Literal["new", "changed", "unchanged", "refused"]
FileName = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class DiffQuery(Command):
    """How many rows of the diff to give, those of one verdict or all; the counts are always those of the whole file."""

    limit: int = Field(500, ge=0, le=20_000)
    verdict: Verdict | None = None


class ImportQuery(DiffQuery):
    """The same, and what the file is called."""

    file_name: FileName = "import.csv"


class PreviewImport(DiffQuery):
    """A CSV file to compare with what there is."""

    content: bytes


class ApplyImport(ImportQuery):
    """A CSV file to import."""

    content: bytes


class ImportId(Command):
    """Which import."""

    import_id: UUID


class ListImports(SortedPaging):
    """Which page of the imports."""

    sort: Sort = "-applied_at"


class ExportProducts(Command):
    """Asks for everything as a file."""


class FaultView(View):
    """What is wrong with a cell; `column` is empty where it is the whole row. The header is row 1."""

    row: int
    column: str
    message: str


class FieldChangeView(View):
    """A field that gets another value."""

    column: str
    old: str
    new: str


class RowView(View):
    """What becomes of one row of the file."""

    row: int
    verdict: Verdict
    sku: str
    supplier: str
    changes: list[FieldChangeView]
    faults: list[FaultView]


class DiffView(View):
    """What an import would do: rows by verdict, and the rows asked for; `is_cut` says that there are more of these."""

    new: int
    changed: int
    unchanged: int
    refused: int
    rows: list[RowView]
    is_cut: bool


class KeptView(View):
    """A product or an offer that undoing left as it is, by its row of the file, and why."""

    row: int
    label: str
    reason: str


class ImportView(View):
    """An import: how many rows it found new, changed, unchanged and refused, and whether it was undone."""

    id: UUID
    file_name: str
    status: Literal["applied", "undone"]
    new: int
    changed: int
    unchanged: int
    refused: int
    kept: list[KeptView]
    applied_by: UUID | None
    applied_at: Moment
    undone_at: Moment | None


class AppliedView(View):
    """An import that was written, and what became of its rows."""

    batch: ImportView
    diff: DiffView


class UndoneView(View):
    """An import that was undone: how many products and offers are as before; `batch.kept` names those that are not."""

    batch: ImportView
    restored: int


class ImportPage(CountedPage[ImportView]):
    """Some of the imports."""
