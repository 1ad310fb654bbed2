"""`/approve/{token}`: a client reads a social campaign and answers, without an account.

The page is drawn by the server and runs no script. No cookie counts here: whoever holds the link may answer, so there
is nothing that a foreign page could make a browser do; one that tries is refused by its Origin all the same.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import ValidationError

from bizosaas_app.gateway import social_approvals
from bizosaas_app.gateway.contracts.social_approvals import Decide, FolderView, ReadFolder
from bizosaas_app.gateway.http.identity import reader_of, visitor_of
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.errors import AppError, InputInvalid

router = APIRouter(tags=["social media"])

PATH: Final = "/approve/{token}"
_LONGEST_TOKEN: Final = 200
_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_FOLDER / "approve.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    # The link is a secret: no other site learns it. Our own has to see the Origin of the form.
    "referrer-policy": "same-origin",
}
_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": words, "content": {"text/html": {"schema": {"type": "string"}}}}
    for status, words in {
        404: "The link is not valid (any more)",
        409: "It was answered already, or the posts have changed",
        422: "The answer lacks something",
        429: "Too many attempts",
    }.items()
}

_ENDED: Final = (
    "It has run out, was taken back, or there is a newer one: look for a later mail, or ask whoever sent it to you for "
    "another link."
)
_environment: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_environment.globals.update(style=Markup(_STYLE))  # noqa: S704  # our own file

Reader = Annotated[Visitor, Depends(reader_of)]
Answerer = Annotated[Visitor, Depends(visitor_of)]


@router.get(PATH, response_class=HTMLResponse, responses=_PAGE)
async def page(reader: Reader, token: str) -> HTMLResponse:
    """What a client reads: every post of one campaign, and the two answers."""
    token = token[:_LONGEST_TOKEN]
    try:
        folder = await social_approvals.read_folder(reader, ReadFolder(token=token))
    except AppError as error:
        return _missing(error)
    return _drawn(folder, token)


@router.post(PATH, response_class=HTMLResponse, responses=_PAGE)
async def answer(
    visitor: Answerer,
    token: str,
    decision: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    digest: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """A client's answer; what it lacks is said on the page."""
    token = token[:_LONGEST_TOKEN]
    said = comment.replace("\r\n", "\n")
    try:
        command = Decide.model_validate({"token": token, "decision": decision, "comment": said, "digest": digest})
        return _drawn(await social_approvals.decide(visitor, command), token)
    except ValidationError:
        return await _again(visitor, token, InputInvalid({}, "Choose an answer, and write at most 4,000 signs"), said)
    except AppError as error:
        return await _again(visitor, token, error, said)


async def _again(visitor: Visitor, token: str, error: AppError, comment: str) -> HTMLResponse:
    """Draw the page as it is now, with what was wrong; nothing of it for a link that is not valid."""
    try:
        folder = await social_approvals.read_folder(visitor, ReadFolder(token=token))
    except AppError as worse:
        return _missing(worse)
    problem = next(iter(error.fields.values()), error.message) if isinstance(error, InputInvalid) else error.message
    return _drawn(folder, token, status=error.status, problem=problem, comment=comment)


def _drawn(folder: FolderView, token: str, *, status: int = 200, problem: str = "", comment: str = "") -> HTMLResponse:
    html = _environment.get_template("approve.html").render(
        folder=folder,
        path=PATH.format(token=token),
        until=f"{folder.expires_at:%Y-%m-%d %H:%M} UTC",
        problem=problem,
        comment=comment,
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


def _missing(error: AppError) -> HTMLResponse:
    words = _ENDED if error.status == 404 else "Please try again a little later."
    html = _environment.get_template("approve_missing.html").render(title=error.message, words=words)
    return HTMLResponse(html, status_code=error.status, headers=_HEADERS)
