"""The fraud engine's operations: what a tenant chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, FraudSettingsView, ReadFraudSettings
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.fraud import choices, scoring
from bizosaas_app.services.gamification.fraud.choices import Choices
from bizosaas_app.services.gamification.fraud.verdicts import Thresholds

MANAGE = "manage_referrals"
_FIELDS: Final[Mapping[choices.Part, str]] = {"thresholds": "review_threshold", "shares_signals": "shares_signals"}
"""By which field of the command each part of the choices is given."""


@operation("fraud.read_settings", permission=MANAGE)
async def read_settings(actor: Actor, command: ReadFraudSettings) -> FraudSettingsView:  # noqa: ARG001  # no parameters
    """Give the tenant's thresholds and whether it shares signals."""
    async with unit_of_work(actor) as session:
        return _view(await choices.get(session))


@operation("fraud.choose_settings", permission=MANAGE)
async def choose_settings(actor: Actor, command: ChooseFraudSettings) -> FraudSettingsView:
    """Choose what is given, in force from the next conversion on. Raises `InputInvalid` for thresholds out of order."""
    wanted = Choices(_thresholds(command), command.shares_signals)
    parts = {part for part, field in _FIELDS.items() if field in command.model_fields_set}
    async with unit_of_work(actor) as session:
        chosen = await choices.put(session, actor, wanted, parts=parts, now=utc_now())
    return _view(chosen)


def _thresholds(command: ChooseFraudSettings) -> Thresholds | None:
    if command.review_threshold is None or command.block_threshold is None:
        return None
    return Thresholds(command.review_threshold, command.block_threshold)


def _view(chosen: Choices) -> FraudSettingsView:
    own = chosen.thresholds
    return FraudSettingsView(
        review_threshold=own.review if own else None,
        block_threshold=own.block if own else None,
        shares_signals=chosen.shares_signals,
        model_version=scoring.MODEL_VERSION,
    )
