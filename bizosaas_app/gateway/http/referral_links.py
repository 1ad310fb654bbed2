"""`/r/{code}`, at the root: where a referral link begins."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from bizosaas_app.gateway import referral_links
from bizosaas_app.gateway.contracts.referrals import FollowLink
from bizosaas_app.gateway.cookie_names import ACCESS, CLICK
from bizosaas_app.gateway.http import cookies
from bizosaas_app.gateway.http.identity import caller_of
from bizosaas_app.gateway.pipeline import Visitor

CLICK_SECONDS: Final = 90 * 86_400
PATH: Final = "/r/{code}"
_LONGEST_SLUG: Final = 100

router = APIRouter(tags=["gamification"])


def visitor_from_anywhere(request: Request) -> Visitor:
    """Give who follows a link; it stands on other people's pages, so that their origin says nothing."""
    caller = caller_of(request)
    return Visitor(address=caller.address, user_agent=caller.user_agent, request_id=caller.request_id)


@router.get(PATH, status_code=302, response_class=RedirectResponse)
async def follow(
    request: Request, code: str, visitor: Annotated[Visitor, Depends(visitor_from_anywhere)]
) -> RedirectResponse:
    """Record the click and lead on to the programme's page, with the click in the query and in a cookie."""
    settings = request.app.state.settings
    command = FollowLink(
        code=code,
        click_id=cookies.read(request, CLICK, settings),
        access_token=cookies.read(request, ACCESS, settings),
        is_probe=is_probe(request),
        showcase=_showcase_of(request),
    )
    landing = await referral_links.follow(visitor, command)
    answer = RedirectResponse(landing.location, status_code=302, headers={"Cache-Control": "no-store"})
    if landing.click_id is not None:
        cookies.write(answer, CLICK, landing.click_id, seconds=CLICK_SECONDS, settings=settings)
    return answer


def is_probe(request: Request) -> bool:
    """Say whether this is HEAD, or a browser that fetches ahead of a click (Fetch Standard, `Sec-Purpose`)."""
    purposes = (request.headers.get("sec-purpose", ""), request.headers.get("purpose", ""))
    return getattr(request.state, "is_head", False) or any("prefetch" in purpose for purpose in purposes)


def _showcase_of(request: Request) -> str | None:
    """Give the slug of the showcase whose link this is."""
    told = request.query_params
    return told.get("utm_content", "")[:_LONGEST_SLUG] or None if told.get("utm_source") == "showcase" else None
