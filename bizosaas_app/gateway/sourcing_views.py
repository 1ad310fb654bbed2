"""Views of product sourcing: rows and values of the services as the contracts show them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.publications import (
    CatalogueItemView,
    PublicationView,
    SourcingView,
    UsedRuleView,
)
from bizosaas_app.gateway.contracts.sourcing import (
    BreakView,
    EvaluatedView,
    JudgedView,
    LandedView,
    OfferView,
    PriceView,
    ProductView,
    RuleView,
    SignalView,
    TierView,
)
from bizosaas_app.gateway.contracts.sourcing_imports import (
    DiffQuery,
    DiffView,
    FaultView,
    FieldChangeView,
    ImportView,
    KeptView,
    RowView,
)
from bizosaas_app.services.sourcing import publishing
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.diffs import Diff, RowDiff
from bizosaas_app.services.sourcing.evaluation import Evaluated, Judged
from bizosaas_app.services.sourcing.landed import Landed
from bizosaas_app.services.sourcing.pricing import Priced
from bizosaas_app.services.sourcing.reading import Stage
from models import CatalogueItem, ImportBatch, PriceRule, Product, Publication, SupplierOffer


def number(value: Decimal | None) -> str | None:
    """Give a number as text, null for None."""
    return None if value is None else plain(value)


def money(value: Decimal, currency: str) -> MoneyView:
    """Give an amount with its currency, unrounded."""
    return MoneyView(amount=plain(value), currency=currency)


def diff(found: Diff, query: DiffQuery) -> DiffView:
    """Give the rows that are asked for, and how many there are of each kind."""
    wanted = [item for item in found.rows if query.verdict in (None, item.verdict)]
    rows = [_row(item) for item in wanted[: query.limit]]
    return DiffView(**found.counts, rows=rows, is_cut=len(wanted) > len(rows))


def batch(row: ImportBatch) -> ImportView:
    """Show an import."""
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        status=cast(Any, row.status),
        new=row.rows_new,
        changed=row.rows_changed,
        unchanged=row.rows_unchanged,
        refused=row.rows_refused,
        kept=[KeptView(**item) for item in row.kept],
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
    )


def product(row: Product) -> ProductView:
    """Show a product."""
    return ProductView(
        id=row.id,
        sku=row.sku,
        name=row.name,
        description=row.description,
        category=row.category,
        weight_kg=number(row.weight_kg),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def offer(row: SupplierOffer, sku: str) -> OfferView:
    """Show an offer of the product with this SKU."""
    return OfferView(
        id=row.id,
        product_id=row.product_id,
        sku=sku,
        supplier=row.supplier,
        unit_price=money(row.unit_price, row.currency),
        price_breaks=[BreakView(begins=item["from"], unit_price=str(item["unit_price"])) for item in row.price_breaks],
        freight=money(row.freight, row.currency),
        order_fees=money(row.order_fees, row.currency),
        duty_rate=plain(row.duty_rate),
        minimum_order=row.minimum_order,
        lead_time_days=row.lead_time_days,
        defect_rate=number(row.defect_rate),
        on_time_rate=number(row.on_time_rate),
        updated_at=row.updated_at,
    )


def rule(row: PriceRule) -> RuleView:
    """Show a price rule."""
    return RuleView(id=row.id, name=row.name, updated_at=row.updated_at, **_rule_fields(row.model_dump()))


def evaluated(found: Evaluated) -> EvaluatedView:
    """Show a product with its judged offers."""
    offers = [_judged(item, found.product.sku, found.currency) for item in found.offers]
    return EvaluatedView(product=product(found.product), offers=offers)


def sourcing(stage: Stage) -> SourcingView:
    """Show a finished sourcing."""
    row = stage.row
    states = {state: stage.states.get(state, 0) for state in ("pending", "running", "done", "failed")}
    return SourcingView(
        id=row.id,
        draft_id=row.draft_id,
        title=row.title,
        quantity=row.quantity,
        currency=row.currency,
        customs_basis=cast(Any, row.customs_basis),
        rates=row.rates,
        rule=UsedRuleView(**_rule_fields(row.rule)),
        created_at=row.created_at,
        **states,
    )


def publication(row: Publication) -> PublicationView:
    """Show a publication."""
    margin = publishing.margin_of(row)
    return PublicationView(
        id=row.id,
        sourcing_id=row.sourcing_id,
        product_id=row.product_id,
        sku=row.sku,
        supplier=row.supplier,
        title=row.title,
        description=row.description,
        keywords=row.keywords,
        price=money(row.price, row.currency),
        landed_cost=money(row.landed_cost, row.currency),
        floor_price=money(row.floor_price, row.currency),
        margin_percent=number(margin),
        state=cast(Any, row.state),
        destination=cast(Any, row.destination),
        attempts=row.attempts,
        next_at=row.next_at,
        failure=row.failure,
        external_id=row.external_id,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def catalogue_item(row: CatalogueItem) -> CatalogueItemView:
    """Show a product of our own catalogue."""
    return CatalogueItemView(
        product_id=row.product_id,
        publication_id=row.publication_id,
        sku=row.sku,
        title=row.title,
        description=row.description,
        keywords=row.keywords,
        price=money(row.price, row.currency),
        published_at=row.published_at,
    )


def _row(item: RowDiff) -> RowView:
    return RowView(
        row=item.row,
        verdict=item.verdict,
        sku=item.sku,
        supplier=item.supplier,
        changes=[FieldChangeView(column=it.column, old=it.old, new=it.new) for it in item.changes],
        faults=[FaultView(row=it.row, column=it.column, message=it.message) for it in item.faults],
    )


def _rule_fields(document: Mapping[str, Any]) -> dict[str, Any]:
    ending = document["ending"]
    return {
        "tiers": [TierView(begins=str(item["from"]), markup=str(item["markup"])) for item in document["tiers"]],
        "floor_amount": plain(Decimal(document["floor_amount"])),
        "floor_percent": plain(Decimal(document["floor_percent"])),
        "ending": None if ending is None else plain(Decimal(ending)),
    }


def _judged(item: Judged, sku: str, currency: str) -> JudgedView:
    signals = [
        SignalView(key=it.key, points=number(it.points), weight=it.weight, detail=it.detail)
        for it in item.score.signals
    ]
    return JudgedView(
        offer=offer(item.offer, sku),
        landed=_landed(item.landed, currency),
        score=plain(item.score.value),
        signals=signals,
        pricing=_priced(item.priced, item.margin, currency) if item.priced else None,
    )


def _landed(found: Landed, currency: str) -> LandedView:
    parts = {name: money(getattr(found, name), currency) for name in ("price", "freight", "duty", "fees", "total")}
    return LandedView(quantity=found.quantity, **parts)


def _priced(found: Priced, margin: Decimal | None, currency: str) -> PriceView:
    return PriceView(
        price=money(found.price, currency),
        floor_price=money(found.floor_price, currency),
        tier=TierView(begins=plain(found.tier.begins), markup=plain(found.tier.markup)),
        is_floor=found.is_floor,
        margin_percent=number(margin),
    )
