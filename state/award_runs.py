"""The awarding of a new achievement: done as it is published, or a run that goes on behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Final, TypedDict

from bizosaas_app.gateway import achievement_designs, jobs
from bizosaas_app.gateway.contracts.achievement_designs import PrepareDesign
from bizosaas_app.gateway.contracts.achievements import DefinitionView
from bizosaas_app.gateway.contracts.jobs import ListRuns, ReadRun, RunView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, words

PAUSE_SECONDS: Final = 1.0
"""Between two looks at a run, which can come further many times a second."""
_KIND: Final = "achievements.award"
_LATEST: Final = 20
_GOING: Final = ("pending", "running")


class AwardRow(TypedDict):
    """What became of a published achievement; `status` is empty before there is one."""

    key: str
    name: str
    status: str
    text: str
    percent: int
    run_id: str


NO_AWARD: Final[AwardRow] = {"key": "", "name": "", "status": "", "text": "", "percent": 0, "run_id": ""}


async def find(actor: Actor, made: DefinitionView) -> AwardRow:
    """Give how the awarding of a definition that was just published stands."""
    page = await jobs.list_runs(actor, ListRuns(limit=_LATEST))
    title = f"Award the achievement {made.name}"
    run = next((run for run in page.items if run.kind == _KIND and run.title == title), None)
    return _done(made) if run is None or run.created_at < made.created_at else _row(made, run)


def is_going(award: AwardRow) -> bool:
    """Say whether the awarding goes on."""
    return award["status"] in _GOING


async def follow(actor: Actor, award: AwardRow, news: AsyncGenerator[object, None]) -> AsyncGenerator[AwardRow, None]:
    """Give the row again as its run goes on, until it has ended or the news have, which are closed with it.

    What is refused meanwhile becomes the row's own text.
    """
    async with aclosing(news):
        async for _ in news:
            try:
                run = await jobs.read_run(actor, ReadRun(run_id=notices.id_of(award["run_id"])))
                design = await achievement_designs.prepare_design(actor, PrepareDesign(key=award["key"]))
            except AppError as error:
                yield stopped(award, words.sentence(error.message))
                return
            if design.definition is None:
                return
            award = _row(design.definition, run)
            yield award
            if not is_going(award):
                return
            actor = replace(actor, is_following=True)
            await asyncio.sleep(PAUSE_SECONDS)


def stopped(award: AwardRow, text: str) -> AwardRow:
    """Give the row of an awarding that is not followed any more, with why."""
    return {**award, "status": "failed", "text": text, "percent": 0}


def _done(made: DefinitionView) -> AwardRow:
    has = "member has" if made.unlocked_by == 1 else "members have"
    text = f"{words.number(made.unlocked_by)} {has} it now." if made.unlocked_by else "Nobody has earned it yet."
    return AwardRow(key=made.key, name=made.name, status="done", text=text, percent=100, run_id="")


def _row(made: DefinitionView, run: RunView) -> AwardRow:
    if run.status == "done":
        return {**_done(made), "run_id": str(run.id)}
    if run.status not in _GOING:
        text = "The awarding has stopped; members get it with their next event."
        return AwardRow(key=made.key, name=made.name, status=run.status, text=text, percent=0, run_id=str(run.id))
    total = run.total or 0
    text = f"Awarding: {words.number(run.done)} of {words.counted(total, 'member', 'members')} looked at."
    percent = run.done * 100 // total if total else 0
    return AwardRow(key=made.key, name=made.name, status=run.status, text=text, percent=percent, run_id=str(run.id))
