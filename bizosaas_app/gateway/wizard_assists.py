"""Assists of the wizards: an agent is run for a step, and what it gave is read as guesses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from bizosaas_app.gateway import agents
from bizosaas_app.gateway.contracts.agents import AgentRunView, StartRun
from bizosaas_app.gateway.wizard_bindings.binding import Assist, Heard, Question
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict

ASSIST_SECONDS: Final = 45.0
"""As long as a person waits for a proposal; the runs themselves may go on and are found under Agents."""


class AssistFailed(Conflict):
    """The agent gave no proposal."""

    code = "assist_failed"
    title = "The agent has no proposal yet; the run is under Agents"


async def hear(actor: Actor, helper: Assist, questions: Sequence[Question]) -> list[Heard]:
    """Have the agent run once for each question, all at the same time, and give what the runs brought.

    A run that has failed leaves the others their worth. Raises `AssistFailed` with the first one's words where none
    has succeeded, or what asking for a run raises.
    """
    runs = await asyncio.gather(*(_run(actor, helper, question) for question in questions))
    heard = [
        Heard(question, run.output) for question, run in zip(questions, runs, strict=True) if run.output is not None
    ]
    if not heard:
        raise AssistFailed(next((run.error.message for run in runs if run.error is not None), None))
    return heard


async def _run(actor: Actor, helper: Assist, question: Question) -> AgentRunView:
    command = StartRun(agent_id=helper.agent_id, input=dict(question.given), wait=ASSIST_SECONDS)
    return await agents.start_run(actor, command)
