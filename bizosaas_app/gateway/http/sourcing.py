"""`/api/v1/sourcing/*`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query

from bizosaas_app.gateway import sourcing, sourcing_imports
from bizosaas_app.gateway.contracts.assortment import AssortmentPage, ListAssortment
from bizosaas_app.gateway.contracts.publications import (
    CataloguePage,
    ListCatalogue,
    ListPublications,
    ListSourcings,
    PublicationId,
    PublicationPage,
    PublicationView,
    Publish,
    SourcingId,
    SourcingPage,
    SourcingView,
)
from bizosaas_app.gateway.contracts.sourcing import (
    ChangeRule,
    Evaluate,
    EvaluationView,
    ListOffers,
    ListProducts,
    ListRules,
    NamedRule,
    OfferPage,
    ProductPage,
    RulesView,
    RuleView,
)
from bizosaas_app.gateway.contracts.sourcing_imports import (
    AppliedView,
    ApplyImport,
    DiffQuery,
    DiffView,
    ExportProducts,
    ImportId,
    ImportPage,
    ImportQuery,
    ImportView,
    ListImports,
    PreviewImport,
    UndoneView,
)
from bizosaas_app.gateway.http.files import CsvResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["sourcing"])

SignedInActor = Annotated[Actor, Depends(signed_in)]
CsvBody = Annotated[bytes, Body(media_type="text/csv", description="A CSV file in UTF-8 with a header")]


@router.get("/products", dependencies=[Depends(permitted(sourcing.list_products))])
async def list_products(actor: SignedInActor, command: Annotated[ListProducts, Query()]) -> ProductPage:
    """The products, by SKU if no `sort` is given."""
    return await sourcing.list_products(actor, command)


@router.get("/assortment", dependencies=[Depends(permitted(sourcing.list_assortment))])
async def list_assortment(actor: SignedInActor, command: Annotated[ListAssortment, Query()]) -> AssortmentPage:
    """The products with the price, cost and state of the latest publication of each."""
    return await sourcing.list_assortment(actor, command)


@router.get("/offers", dependencies=[Depends(permitted(sourcing.list_offers))])
async def list_offers(actor: SignedInActor, command: Annotated[ListOffers, Query()]) -> OfferPage:
    """What suppliers ask, of one product or all."""
    return await sourcing.list_offers(actor, command)


@router.post("/imports/preview", dependencies=[Depends(permitted(sourcing_imports.preview_import))])
async def preview_import(
    actor: SignedInActor, query: Annotated[DiffQuery, Query()], content: CsvBody = b""
) -> DiffView:
    """What importing this file would do, row by row; nothing is written."""
    return await sourcing_imports.preview_import(actor, PreviewImport(content=content, **query.model_dump()))


@router.post("/imports", status_code=201, dependencies=[Depends(permitted(sourcing_imports.apply_import))])
async def apply_import(
    actor: SignedInActor, query: Annotated[ImportQuery, Query()], content: CsvBody = b""
) -> AppliedView:
    """Import this file; rows that are refused are left out, each with its reasons."""
    return await sourcing_imports.apply_import(actor, ApplyImport(content=content, **query.model_dump()))


@router.get("/imports", dependencies=[Depends(permitted(sourcing_imports.list_imports))])
async def list_imports(actor: SignedInActor, command: Annotated[ListImports, Query()]) -> ImportPage:
    """The imports, the latest first if no `sort` is given."""
    return await sourcing_imports.list_imports(actor, command)


@router.get("/imports/{import_id}", dependencies=[Depends(permitted(sourcing_imports.read_import))])
async def read_import(actor: SignedInActor, import_id: UUID) -> ImportView:
    """One import."""
    return await sourcing_imports.read_import(actor, ImportId(import_id=import_id))


@router.post("/imports/{import_id}/undo", dependencies=[Depends(permitted(sourcing_imports.undo_import))])
async def undo_import(actor: SignedInActor, import_id: UUID) -> UndoneView:
    """Take an import back; what was changed since stays as it is and is named in `batch.kept`."""
    return await sourcing_imports.undo_import(actor, ImportId(import_id=import_id))


@router.get(
    "/export.csv", dependencies=[Depends(permitted(sourcing_imports.export_products))], response_class=CsvResponse
)
async def export_products(actor: SignedInActor) -> CsvResponse:
    """Every offer with its product, as a file that can be imported again."""
    file = await sourcing_imports.export_products(actor, ExportProducts())
    return CsvResponse(file.text, headers={"Content-Disposition": f'attachment; filename="{file.name}"'})


@router.get("/price-rules", dependencies=[Depends(permitted(sourcing.list_rules))])
async def list_rules(actor: SignedInActor) -> RulesView:
    """The price rules, by name."""
    return await sourcing.list_rules(actor, ListRules())


@router.post("/price-rules", status_code=201, dependencies=[Depends(permitted(sourcing.create_rule))])
async def create_rule(actor: SignedInActor, command: NamedRule) -> RuleView:
    """Keep a price rule."""
    return await sourcing.create_rule(actor, command)


@router.put("/price-rules/{rule_id}", dependencies=[Depends(permitted(sourcing.change_rule))])
async def change_rule(actor: SignedInActor, rule_id: UUID, rule: NamedRule) -> RuleView:
    """Replace a price rule; what was priced by it keeps its price."""
    return await sourcing.change_rule(actor, ChangeRule(rule_id=rule_id, rule=rule))


@router.post("/evaluate", dependencies=[Depends(permitted(sourcing.evaluate))])
async def evaluate(actor: SignedInActor, command: Evaluate) -> EvaluationView:
    """Landed cost, score and price of each offer of these products; nothing is written."""
    return await sourcing.evaluate(actor, command)


@router.post("/publish", status_code=202, dependencies=[Depends(permitted(sourcing.publish))])
async def publish(actor: SignedInActor, command: Publish) -> SourcingView:
    """Finish a sourcing: its products are published in the background, once for each draft and product."""
    return await sourcing.publish(actor, command)


@router.get("/completed", dependencies=[Depends(permitted(sourcing.list_sourcings))])
async def list_sourcings(actor: SignedInActor, command: Annotated[ListSourcings, Query()]) -> SourcingPage:
    """The finished sourcings, the latest first if no `sort` is given."""
    return await sourcing.list_sourcings(actor, command)


@router.get("/completed/{sourcing_id}", dependencies=[Depends(permitted(sourcing.read_sourcing))])
async def read_sourcing(actor: SignedInActor, sourcing_id: UUID) -> SourcingView:
    """One finished sourcing, and how far its products are."""
    return await sourcing.read_sourcing(actor, SourcingId(sourcing_id=sourcing_id))


@router.get("/publications", dependencies=[Depends(permitted(sourcing.list_publications))])
async def list_publications(actor: SignedInActor, command: Annotated[ListPublications, Query()]) -> PublicationPage:
    """The products on their way to the shop, with the reason of each failure."""
    return await sourcing.list_publications(actor, command)


@router.post("/publications/{publication_id}/retry", dependencies=[Depends(permitted(sourcing.retry_publication))])
async def retry_publication(actor: SignedInActor, publication_id: UUID) -> PublicationView:
    """Have a failed publication tried again."""
    return await sourcing.retry_publication(actor, PublicationId(publication_id=publication_id))


@router.get("/catalogue", dependencies=[Depends(permitted(sourcing.list_catalogue))])
async def list_catalogue(actor: SignedInActor, command: Annotated[ListCatalogue, Query()]) -> CataloguePage:
    """Our own catalogue, which stands in for the shop where none is connected."""
    return await sourcing.list_catalogue(actor, command)
