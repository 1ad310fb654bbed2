"""Operations of product sourcing: products, offers, price rules, evaluation, publishing."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import cursors, sourcing_views
from bizosaas_app.gateway.contracts.assortment import AssortmentLine, AssortmentPage, ListAssortment
from bizosaas_app.gateway.contracts.publications import (
    CataloguePage,
    ListCatalogue,
    ListingBody,
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
    RuleBody,
    RulesView,
    RuleView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.sourcing import assortment, deliveries, evaluation, price_rules, pricing, publishing, reading
from bizosaas_app.services.sourcing.evaluation import Aim
from bizosaas_app.services.sourcing.pricing import Rule, Tier
from bizosaas_app.services.sourcing.publishing import Listing, Wish

MANAGE: Final = "manage_products"


@operation("sourcing.products", permission=MANAGE)
async def list_products(actor: Actor, command: ListProducts) -> ProductPage:
    """List the products, by SKU if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_products(
            session, cursors.asked(command), words=command.q.strip(), category=command.category
        )
    items = [sourcing_views.product(row) for row in sheet.rows]
    return ProductPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.assortment", permission=MANAGE)
async def list_assortment(actor: Actor, command: ListAssortment) -> AssortmentPage:
    """List the products with what was last asked to be published of each, by SKU if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await assortment.read(session, cursors.asked(command), words=command.q.strip(), state=command.state)
    items = [
        AssortmentLine(
            product=sourcing_views.product(line.product),
            offers=line.offers,
            latest=sourcing_views.publication(line.latest) if line.latest else None,
        )
        for line in sheet.rows
    ]
    return AssortmentPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.offers", permission=MANAGE)
async def list_offers(actor: Actor, command: ListOffers) -> OfferPage:
    """List what suppliers ask, by supplier if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_offers(
            session, cursors.asked(command), words=command.q.strip(), product_id=command.product_id
        )
        skus = await reading.skus_of(session, [row.product_id for row in sheet.rows])
    items = [sourcing_views.offer(row, skus[row.product_id]) for row in sheet.rows]
    return OfferPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.rules", permission=MANAGE)
async def list_rules(actor: Actor, command: ListRules) -> RulesView:  # noqa: ARG001  # no parameters
    """List the price rules by name."""
    async with unit_of_work(actor) as session:
        return RulesView(items=[sourcing_views.rule(row) for row in await price_rules.list_rules(session)])


@operation("sourcing.rule_create", permission=MANAGE)
async def create_rule(actor: Actor, command: NamedRule) -> RuleView:
    """Keep a price rule; raises `InputInvalid` by field, or `TooManyRules`."""
    async with unit_of_work(actor) as session:
        row = await price_rules.create(session, actor, command.name, _rule(command), now=utc_now())
        return sourcing_views.rule(row)


@operation("sourcing.rule_change", permission=MANAGE)
async def change_rule(actor: Actor, command: ChangeRule) -> RuleView:
    """Replace a price rule; raises `NotFound` or `InputInvalid`."""
    wanted = command.rule
    async with unit_of_work(actor) as session:
        row = await price_rules.change(session, actor, command.rule_id, wanted.name, _rule(wanted), now=utc_now())
        return sourcing_views.rule(row)


@operation("sourcing.evaluate", permission=MANAGE)
async def evaluate(actor: Actor, command: Evaluate) -> EvaluationView:
    """Give landed cost, score and price of each offer; raises `InputInvalid` by field, such as `rates.USD`."""
    async with unit_of_work(actor) as session:
        rule = await _find_rule(session, command.rule_id, command.rule)
        aim = Aim(command.quantity, command.rates, command.customs_basis, rule)
        found = await evaluation.evaluate(session, command.product_ids, aim)
        currency = await evaluation.own_currency(session)
    return EvaluationView(currency=currency, items=[sourcing_views.evaluated(item) for item in found])


@operation("sourcing.publish", permission=MANAGE)
async def publish(actor: Actor, command: Publish) -> SourcingView:
    """Finish a sourcing and have its products published; the same draft a second time changes nothing."""
    async with unit_of_work(actor) as session:
        rule = await _find_rule(session, command.rule_id, command.rule)
        if rule is None:
            raise InputInvalid({"rule": "Give a price rule, or the id of one as rule_id"})
        listings = [_listing(item) for item in command.listings]
        wish = Wish(command.title, command.quantity, rule, listings, command.rates, command.customs_basis)
        row = await publishing.launch(session, actor, wish, draft_id=command.draft_id, now=utc_now())
        return sourcing_views.sourcing((await reading.stages(session, [row]))[0])


@operation("sourcing.list", permission=MANAGE)
async def list_sourcings(actor: Actor, command: ListSourcings) -> SourcingPage:
    """List the finished sourcings, the latest first if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_sourcings(session, cursors.asked(command))
        stages = await reading.stages(session, sheet.rows)
    items = [sourcing_views.sourcing(item) for item in stages]
    return SourcingPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.read", permission=MANAGE)
async def read_sourcing(actor: Actor, command: SourcingId) -> SourcingView:
    """Give a finished sourcing; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        row = await reading.get_sourcing(session, command.sourcing_id)
        return sourcing_views.sourcing((await reading.stages(session, [row]))[0])


@operation("sourcing.publications", permission=MANAGE)
async def list_publications(actor: Actor, command: ListPublications) -> PublicationPage:
    """List the products on their way to the shop, the latest first if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_publications(
            session, cursors.asked(command), sourcing_id=command.sourcing_id, state=command.state
        )
    items = [sourcing_views.publication(row) for row in sheet.rows]
    return PublicationPage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


@operation("sourcing.retry", permission=MANAGE)
async def retry_publication(actor: Actor, command: PublicationId) -> PublicationView:
    """Have a failed publication tried again; raises `NotFound`, `NotFailed` or `Replaced`."""
    async with unit_of_work(actor) as session:
        row = await deliveries.retry(session, actor, command.publication_id, now=utc_now())
        return sourcing_views.publication(row)


@operation("sourcing.catalogue", permission=MANAGE)
async def list_catalogue(actor: Actor, command: ListCatalogue) -> CataloguePage:
    """List our own catalogue, by SKU if no other order is asked for."""
    async with unit_of_work(actor) as session:
        sheet = await reading.list_catalogue(session, cursors.asked(command), words=command.q.strip())
    items = [sourcing_views.catalogue_item(row) for row in sheet.rows]
    return CataloguePage(items=items, next_cursor=cursors.after(sheet, command.sort), total=sheet.total)


async def _find_rule(session: AsyncSession, rule_id: UUID | None, body: RuleBody | None) -> Rule | None:
    """Give the rule that a command means, None where it names none; raises `InputInvalid` or `NotFound`."""
    if body is not None and rule_id is not None:
        raise InputInvalid({"rule": "Give either rule or rule_id"})
    if rule_id is not None:
        return price_rules.rule_of(await price_rules.get(session, rule_id))
    if body is None:
        return None
    rule = _rule(body)
    if faults := pricing.find_faults(rule):
        raise InputInvalid({f"rule.{field}": message for field, message in faults.items()})
    return rule


def _rule(body: RuleBody) -> Rule:
    tiers = tuple(Tier(tier.begins, tier.markup) for tier in body.tiers)
    return Rule(tiers, body.floor_amount, body.floor_percent, body.ending)


def _listing(body: ListingBody) -> Listing:
    return Listing(
        product_id=body.product_id,
        offer_id=body.offer_id,
        title=body.title,
        description=body.description,
        keywords=tuple(body.keywords),
        price=body.price,
    )
