"""The agent as a writer of showcases: a brief becomes its input, its output a draft.

Where no agents are served, or the run does not succeed, the built-in composer writes, and the draft says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from bizosaas_app.gateway import agent_runs
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.services.gamification.portfolios import shared_texts
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.writing import SECTIONS, Brief, Draft, Section

log = get_logger(__name__)

AGENT: Final = "showcase_portfolio"
_SEEDS: Final = 2**31
_PARTS: Final = {"figures": "proof"}
"""Where the agent names a part otherwise than the section: its `figures` are the table."""


class AgentWriter:
    """Has the ShowcasePortfolioAgent write, as a run of the showcase's owner; `actor` is the system of the tenant."""

    def __init__(self, actor: Actor, owner_user_id: UUID) -> None:
        self._actor = actor
        self._owner = owner_user_id

    async def write(self, brief: Brief) -> Draft:
        """Give the agent's draft, or the composer's where there is none."""
        seed = brief.portfolio_id.int % _SEEDS
        try:
            report = await agent_runs.run_inside(self._actor, AGENT, input_of(brief), asked_by=self._owner, seed=seed)
        except Unavailable:
            return await _composed(brief)
        if report.output is None:
            log.warning("the agent wrote no showcase", portfolio_id=str(brief.portfolio_id), code=report.code)
            return await _composed(brief)
        return draft_of(report.output, brief, report.output["written_by"])


async def _composed(brief: Brief) -> Draft:
    composer = Composer()
    return replace(await composer.write(brief), by=composer.engine)


def input_of(brief: Brief) -> dict[str, Any]:
    """Give the agent's input."""
    figures = [
        {"key": figure.key, "label": figure.label, "value": figure.value, "rendered": figure.rendered}
        for figure in brief.figures
    ]
    return {"figures": figures, "template": brief.template, "is_of_team": brief.is_of_team}


def draft_of(output: Mapping[str, Any], brief: Brief, engine: str) -> Draft:
    """Give the draft of the agent's output; a section that it left out lacks here too."""
    texts = {key: output.get(_PARTS.get(key, key)) or {"text": ""} for key in SECTIONS[brief.template]}
    title = (output.get("title") or {"text": ""})["text"]
    shared = {name: output[name]["text"] for name in shared_texts.NAMES if output.get(name)}
    return Draft(title, [Section(key, part["text"]) for key, part in texts.items()], by=engine, shared=shared)
