"""What runs in the background: the tasks that a transaction may leave, and those that the clock begins. Tables.

A task runs as the system inside one tenant and opens its own units of work. It may run twice after a crash, and on
several workers one after the other: its effect must be once. What it raises is tried again, later each time.

A tick that nobody was there for is not made up for: a round does what is due by now, whenever that fell due.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from bizosaas_app.gateway import (
    achievement_jobs,
    agent_rounds,
    agent_runs,
    board_rounds,
    campaign_jobs,
    export_runs,
    offboarding_rounds,
    payment_runs,
    portfolio_runs,
    referral_rounds,
    retention_rounds,
    social_jobs,
    sourcing_jobs,
    tenant_jobs,
    wizard_rounds,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.agents import runs
from bizosaas_app.services.campaigns import launching
from bizosaas_app.services.exports import writing
from bizosaas_app.services.gamification import rebuild
from bizosaas_app.services.gamification.achievements import deriving
from bizosaas_app.services.gamification.portfolios import following, generation
from bizosaas_app.services.gamification.referrals import sign_ups
from bizosaas_app.services.payments import checks, forgetting
from bizosaas_app.services.social import accounts as social_accounts
from bizosaas_app.services.social import queueing as social_queueing
from bizosaas_app.services.sourcing import publishing
from bizosaas_app.services.wizards import drafts

Task = Callable[[Actor, Mapping[str, Any]], Awaitable[None]]
"""Runs with the arguments that `services.jobs.queue.enqueue` was given."""
Round = Callable[[Actor, datetime], Awaitable[None]]
"""Runs for one tenant at the moment of its schedule."""
Over = Literal["active", "leaving"]


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that the clock begins, for each tenant: `cron` in UTC."""

    cron: str
    run: Round
    over: Over = "active"
    """For which tenants: those whose doors are open, or those that leave and whose time of grace is over."""


@dataclass(frozen=True, slots=True)
class Common:
    """Work that the clock begins once for all tenants together: `cron` in UTC."""

    cron: str
    run: Callable[[], Awaitable[None]]


TASKS: Final[dict[str, Task]] = {
    deriving.TASK: achievement_jobs.award,
    sign_ups.TASK: referral_rounds.tell_sign_up,
    generation.TASK: portfolio_runs.generate,
    following.TASK: portfolio_runs.refresh,
    rebuild.TASK: tenant_jobs.recount,
    checks.TASK: payment_runs.run,
    forgetting.TASK: payment_runs.forget_secret,
    publishing.TASK: sourcing_jobs.publish,
    social_queueing.TASK: social_jobs.publish,
    social_accounts.FORGET: social_jobs.forget_secret,
    launching.TASK: campaign_jobs.deliver,
    writing.TASK: export_runs.write,
    drafts.FORGET: wizard_rounds.forget_secrets,
}
"""By the name that `enqueue` gives."""

AGENT_TASKS: Final[dict[str, Task]] = {runs.TASK: agent_runs.run}
"""Those of the agents' queue, which has workers of its own."""

PERIODIC: Final[dict[str, Periodic]] = {
    "seasons.close": Periodic("*/5 * * * *", board_rounds.close_seasons),
    "ranks.keep": Periodic("2-59/15 * * * *", board_rounds.keep_ranks),
    "boards.mend": Periodic("40 3 * * *", board_rounds.mend_drift),
    "rewards.release": Periodic("*/5 * * * *", referral_rounds.release_rewards),
    "retention.prune": Periodic("17 2 * * *", retention_rounds.prune),
    "payments.take_up": Periodic("* * * * *", payment_runs.take_up),
    "social.sweep": Periodic("* * * * *", social_jobs.sweep),
    "campaigns.begin": Periodic("* * * * *", campaign_jobs.begin),
    "wizards.expire": Periodic("23 3 * * *", wizard_rounds.expire),
    "sourcing.publish": Periodic("* * * * *", sourcing_jobs.take_up),
    "tenants.erase": Periodic("4-59/10 * * * *", offboarding_rounds.erase, over="leaving"),
    "agents.tidy": Periodic("1-59/5 * * * *", agent_rounds.tidy),
}
"""By name; once for each tenant and tick, whichever worker does it."""

COMMON: Final[dict[str, Common]] = {
    "wizards.sweep": Common("47 3 * * *", wizard_rounds.sweep_secrets),
}
"""By name; once for each tick, over all tenants."""
