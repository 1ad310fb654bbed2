"""The agent as a writer of showcases: a brief becomes its input, its output a draft.

Where no agents are served, or the run does not succeed, the built-in composer writes, and the draft says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bizosaas_app.gateway import ports
from bizosaas_app.gateway.ports import RunOrder, ToolCall
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.services.gamification.portfolios.composer import Composer
from bizosaas_app.services.gamification.portfolios.writing import SECTIONS, Brief, Draft, Section

log = get_logger(__name__)

AGENT: Final = "showcase_portfolio"
_PARTS: Final = {"figures": "proof"}
"""Where the agent names a part otherwise than the section: its `figures` are the table."""
_RIGHTS: Final = frozenset({"use_agents", "access_gamification"})
"""All that the agent needs: the figures are given to it, it reads nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom is written: the tenant, the showcase's owner, and the job's run."""

    tenant_id: UUID
    owner_user_id: UUID
    run_id: UUID
    timezone: str
    currency: str


class _Watch:
    """Watches a run that nobody follows by itself: the job before and after it is what is watched and cancelled."""

    async def note(self, text: str) -> None:
        """Tell nobody."""

    async def called(self, call: ToolCall) -> None:
        """Keep nothing: the figures and texts are kept by the showcase."""

    async def is_cancelled(self) -> bool:
        """The job looks itself, after the text is there."""
        return False

    async def reserve(self, tokens: int, cost_usd: Decimal) -> None:
        """Take from the tenant's budget."""

    async def settle(self, reserved: tuple[int, Decimal], used: tuple[int, Decimal]) -> None:
        """Give back to it."""


class AgentWriter:
    """Has the ShowcasePortfolioAgent write."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def engine(self) -> str:
        """What is said where the draft does not name its own engine."""
        return AGENT

    async def write(self, brief: Brief) -> Draft:
        """Give the agent's draft, or the composer's where there is none."""
        try:
            runner = ports.agents()
        except Unavailable:
            return await Composer().write(brief)
        report = await runner.run(self._order(runner, brief), _Watch())
        if report.output is None:
            log.warning("the agent wrote no showcase", run_id=str(self._desk.run_id), code=report.code)
            return await Composer().write(brief)
        return draft_of(report.output, brief, report.engine)

    def _order(self, runner: ports.AgentRunner, brief: Brief) -> RunOrder:
        desk = self._desk
        actor = Actor(
            tenant_id=desk.tenant_id, user_id=desk.owner_user_id, role="user", permissions=_RIGHTS, channel="http"
        )
        return RunOrder(
            run_id=desk.run_id,
            agent_id=AGENT,
            actor=actor,
            input=runner.check(AGENT, input_of(brief)),
            seed=brief.portfolio_id.int % 2**31,
            timezone=desk.timezone,
            currency=desk.currency,
        )


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
    return Draft(title, [Section(key, part["text"]) for key, part in texts.items()], by=engine)
