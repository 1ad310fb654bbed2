"""`/api/v1/gamification/referrals/*`."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Response

from bizosaas_app.gateway import referral_codes, referral_conversions, referral_programs, referral_rewards
from bizosaas_app.gateway.contracts.events import GiveReason
from bizosaas_app.gateway.contracts.referral_conversions import (
    ConversionPage,
    ConversionQuery,
    ConversionView,
    ReadConversion,
    ReceiptView,
    ReverseConversion,
    Review,
    ReviewConversion,
    TrackConversion,
)
from bizosaas_app.gateway.contracts.referral_programs import (
    ChangeProgram,
    CreateProgram,
    ListPrograms,
    ProgramChanges,
    ProgramPage,
    ProgramView,
    ReadProgram,
)
from bizosaas_app.gateway.contracts.referral_rewards import (
    DuePage,
    ListDue,
    PayOut,
    PayoutsView,
    ReadRewards,
    RewardsView,
)
from bizosaas_app.gateway.contracts.referrals import (
    CodeText,
    CodeView,
    DrawCode,
    FunnelQuery,
    FunnelView,
    Generate,
    MineView,
    MovesView,
    OfProgram,
    OwnPrograms,
    OwnProgramsView,
    ReadMoves,
)
from bizosaas_app.gateway.http.files import PngResponse, SvgResponse
from bizosaas_app.gateway.http.identity import permitted, signed_in
from bizosaas_app.kernel.actor import Actor

router = APIRouter(tags=["gamification"])

SignedInActor = Annotated[Actor, Depends(signed_in)]

_ALREADY_THERE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "It was there already, and is unchanged"}
}


@router.get("/programs", dependencies=[Depends(permitted(referral_programs.list_programs))])
async def list_programs(actor: SignedInActor, command: Annotated[ListPrograms, Query()]) -> ProgramPage:
    """The tenant's referral programmes."""
    return await referral_programs.list_programs(actor, command)


@router.post("/programs", status_code=201, dependencies=[Depends(permitted(referral_programs.create_program))])
async def create_program(actor: SignedInActor, command: CreateProgram) -> ProgramView:
    """Begin a programme."""
    return await referral_programs.create_program(actor, command)


@router.get("/programs/{program_id}", dependencies=[Depends(permitted(referral_programs.read_program))])
async def read_program(actor: SignedInActor, program_id: UUID) -> ProgramView:
    """One programme."""
    return await referral_programs.read_program(actor, ReadProgram(program_id=program_id))


@router.patch("/programs/{program_id}", dependencies=[Depends(permitted(referral_programs.change_program))])
async def change_program(actor: SignedInActor, program_id: UUID, changes: ProgramChanges) -> ProgramView:
    """Change a programme; one with conversions keeps its currency and its kind of reward. Archiving is for good."""
    return await referral_programs.change_program(actor, ChangeProgram(program_id=program_id, changes=changes))


@router.post(
    "/generate",
    status_code=201,
    responses=_ALREADY_THERE,
    dependencies=[Depends(permitted(referral_codes.generate))],
)
async def generate(
    actor: SignedInActor, response: Response, command: Annotated[Generate | None, Body()] = None
) -> CodeView:
    """A member's code in a programme: 201 when it is made, 200 ever after. Without a body it is one's own."""
    view = await referral_codes.generate(actor, command or Generate())
    response.status_code = 201 if view.is_new else 200
    return view


@router.get(
    "/codes/{code}/qr.svg", dependencies=[Depends(permitted(referral_codes.draw_svg))], response_class=SvgResponse
)
async def draw_svg(actor: SignedInActor, code: CodeText) -> Response:
    """The code's link as a QR code in SVG."""
    view = await referral_codes.draw_svg(actor, DrawCode(code=code))
    return Response(view.content, media_type=view.media_type)


@router.get(
    "/codes/{code}/qr.png", dependencies=[Depends(permitted(referral_codes.draw_png))], response_class=PngResponse
)
async def draw_png(actor: SignedInActor, code: CodeText) -> Response:
    """The code's link as a QR code in PNG."""
    view = await referral_codes.draw_png(actor, DrawCode(code=code))
    return Response(view.content, media_type=view.media_type)


@router.get("/mine", dependencies=[Depends(permitted(referral_codes.read_mine))])
async def read_mine(actor: SignedInActor, command: Annotated[OfProgram, Query()]) -> MineView:
    """One's own code with its links, tier and counters."""
    return await referral_codes.read_mine(actor, command)


@router.get("/mine/programs", dependencies=[Depends(permitted(referral_codes.list_own_programs))])
async def list_own_programs(actor: SignedInActor) -> OwnProgramsView:
    """The programmes that one takes part in: the default one first, then where one has a code or rewards."""
    return await referral_codes.list_own_programs(actor, OwnPrograms())


@router.post(
    "/track-conversion",
    status_code=201,
    responses=_ALREADY_THERE,
    dependencies=[Depends(permitted(referral_conversions.track))],
)
async def track(actor: SignedInActor, command: TrackConversion, response: Response) -> ReceiptView:
    """Tell a conversion: 201 with its verdict and reward; a replay of `external_id` is 200 with the same body."""
    view = await referral_conversions.track(actor, command)
    response.status_code = 201 if view.is_new else 200
    return view


@router.get("/conversions", dependencies=[Depends(permitted(referral_conversions.list_conversions))])
async def list_conversions(actor: SignedInActor, command: Annotated[ConversionQuery, Query()]) -> ConversionPage:
    """Conversions, the latest told first if no other order is asked for: one's own, or all to who runs them."""
    return await referral_conversions.list_conversions(actor, command)


@router.get("/conversions/{conversion_id}", dependencies=[Depends(permitted(referral_conversions.read_conversion))])
async def read_conversion(actor: SignedInActor, conversion_id: UUID) -> ConversionView:
    """One conversion."""
    return await referral_conversions.read_conversion(actor, ReadConversion(conversion_id=conversion_id))


@router.post(
    "/conversions/{conversion_id}/review", dependencies=[Depends(permitted(referral_conversions.review_conversion))]
)
async def review_conversion(actor: SignedInActor, conversion_id: UUID, body: Review) -> ConversionView:
    """Decide a conversion, once and signed."""
    command = ReviewConversion(conversion_id=conversion_id, **body.model_dump())
    return await referral_conversions.review_conversion(actor, command)


@router.post(
    "/conversions/{conversion_id}/reverse",
    dependencies=[Depends(permitted(referral_conversions.reverse_conversion))],
)
async def reverse_conversion(actor: SignedInActor, conversion_id: UUID, body: GiveReason) -> ConversionView:
    """Undo a conversion after a refund, with everything that came of it."""
    command = ReverseConversion(conversion_id=conversion_id, reason=body.reason)
    return await referral_conversions.reverse_conversion(actor, command)


@router.get("/rewards", dependencies=[Depends(permitted(referral_rewards.read_rewards))])
async def read_rewards(actor: SignedInActor, command: Annotated[ReadRewards, Query()]) -> RewardsView:
    """The account of rewards: its balance and its entries, the latest first."""
    return await referral_rewards.read_rewards(actor, command)


@router.get("/rewards/due", dependencies=[Depends(permitted(referral_rewards.list_due))])
async def list_due(actor: SignedInActor, command: Annotated[ListDue, Query()]) -> DuePage:
    """The members with something payable in a programme, and what paying all of them out would cost."""
    return await referral_rewards.list_due(actor, command)


@router.post("/payouts", status_code=201, dependencies=[Depends(permitted(referral_rewards.pay_out))])
async def pay_out(actor: SignedInActor, command: PayOut) -> PayoutsView:
    """Pay out what is payable, to one member or to everybody who has enough."""
    return await referral_rewards.pay_out(actor, command)


@router.get("/tiers", dependencies=[Depends(permitted(referral_codes.read_moves))])
async def read_moves(actor: SignedInActor, command: Annotated[ReadMoves, Query()]) -> MovesView:
    """The moves between tiers."""
    return await referral_codes.read_moves(actor, command)


@router.get("/funnel", dependencies=[Depends(permitted(referral_codes.read_funnel))])
async def read_funnel(actor: SignedInActor, command: Annotated[FunnelQuery, Query()]) -> FunnelView:
    """From clicks to rewards, with the share of each step; `from` and `to` are days of the tenant, or times."""
    return await referral_codes.read_funnel(actor, command)
