"""Operations on codes, and on what came of them."""

from __future__ import annotations

from dataclasses import asdict

from bizosaas_app.gateway.contracts.referrals import (
    CodeView,
    CountersView,
    DrawCode,
    FunnelQuery,
    FunnelView,
    Generate,
    MineView,
    MovesView,
    MoveView,
    OfProgram,
    OwnPrograms,
    OwnProgramsView,
    OwnProgramView,
    QrView,
    RatesView,
    ReadMoves,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.gateway.referral_programs import tier_view
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification.referrals import (
    accounts,
    codes,
    conversions,
    funnel,
    links,
    programs,
    spans,
    standing,
    summaries,
)
from bizosaas_app.services.gamification.referrals.codes import Origin
from bizosaas_app.services.tenants import records

READ = "view_referrals"


@operation("referrals.generate", permission=READ, also=("record_events",))
async def generate(actor: Actor, command: Generate) -> CodeView:
    """Give the member's code in the programme, the same at each call."""
    now = utc_now()
    owner_id = codes.owner_for(actor, command.user_id, is_vanity=command.code is not None)
    origin = Origin(command.device_fingerprint, command.payment_fingerprint, command.ip_address)
    async with unit_of_work(actor) as session:
        await programs.ensure_defaults(session, actor, landing_url=landing_url(), now=now)
        program = await programs.get(session, actor, command.program_id)
        row, is_new = await codes.ensure(
            session,
            actor,
            program,
            owner_id,
            channel=command.channel,
            origin=origin.or_of(actor, owner_id),
            vanity=command.code,
            now=now,
        )
    return CodeView(
        code=row.code,
        url=url_of(row.code),
        program_id=row.program_id,
        user_id=row.user_id,
        created_at=row.created_at,
        is_new=is_new,
    )


@operation("referrals.qr_svg", permission=READ)
async def draw_svg(actor: Actor, command: DrawCode) -> QrView:
    """Draw a code's link as SVG."""
    async with unit_of_work(actor) as session:
        row = await codes.get_own(session, actor, command.code)
    return QrView(content=links.qr_svg(url_of(row.code)), media_type="image/svg+xml")


@operation("referrals.qr_png", permission=READ)
async def draw_png(actor: Actor, command: DrawCode) -> QrView:
    """Draw a code's link as PNG."""
    async with unit_of_work(actor) as session:
        row = await codes.get_own(session, actor, command.code)
    return QrView(content=links.qr_png(url_of(row.code)), media_type="image/png")


@operation("referrals.mine", permission=READ)
async def read_mine(actor: Actor, command: OfProgram) -> MineView:
    """Give one's code, links, tier and counters."""
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        found = await summaries.read(session, program, actor.member_id())
    code = found.code.code if found.code else None
    url = url_of(code) if code else None
    return MineView(
        program_id=program.id,
        program_name=program.name,
        code=code,
        url=url,
        share=links.shares(url) if url else {},
        tier=tier_view(found.tier) if found.tier else None,
        next_tier=tier_view(found.next_tier) if found.next_tier else None,
        missing_for_next=found.missing_for_next,
        tiers=[tier_view(tier) for tier in found.tiers],
        currency=accounts.currency_of(program),
        counters=CountersView(**asdict(found.counters)),
    )


@operation("referrals.own_programs", permission=READ)
async def list_own_programs(actor: Actor, command: OwnPrograms) -> OwnProgramsView:  # noqa: ARG001  # who asks is all
    """List the programmes that one takes part in, the default one first."""
    async with unit_of_work(actor) as session:
        rows = await programs.list_of(session, actor, actor.member_id())
    return OwnProgramsView(items=[OwnProgramView(id=row.id, name=row.name) for row in rows])


@operation("referrals.tiers", permission=READ)
async def read_moves(actor: Actor, command: ReadMoves) -> MovesView:
    """Give the moves between tiers of a member, one's own by default."""
    owner_id = conversions.member_of(actor, command.user_id)
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        moves = await standing.list_moves(session, program.id, owner_id, limit=command.limit)
    items = [MoveView.model_validate(move.model_dump()) for move in moves]
    return MovesView(program_id=program.id, tier=items[0].to_tier if items else None, items=items)


@operation("referrals.funnel", permission=READ)
async def read_funnel(actor: Actor, command: FunnelQuery) -> FunnelView:
    """Count from clicks to rewards: the tenant's, or a member's own."""
    async with unit_of_work(actor) as session:
        tenant = await records.get_tenant(session, actor.tenant_id)
        span = spans.read(command.begin, command.end, tenant.timezone, now=utc_now(), days=command.days)
        owner_id = conversions.owner_of(actor, command.user_id)
        found = await funnel.read(session, span, program_id=command.program_id, owner_id=owner_id)
    return FunnelView(**asdict(found), rates=RatesView(**found.rates()), begin=span.begin, end=span.end)


def url_of(code: str) -> str:
    """Give the link of a code, where browsers reach it."""
    return links.link_of(resources().settings.api_url, code)


def landing_url() -> str:
    """Give where friends land by a tenant's first programme: on the page that makes an account."""
    return f"{resources().settings.public_url.rstrip('/')}/register"
