"""What agents may propose: the actions as data, each an operation of ours with the command that it takes.

A proposal is checked against the command when it is kept, and again when it is carried out, by the operation itself
and with the rights of whoever approves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from bizosaas_app.gateway import (
    achievements,
    board_keeping,
    portfolios,
    referral_conversions,
    referral_programs,
)
from bizosaas_app.gateway.contracts.achievements import ChangeAchievement, CreateAchievement, DecideReview
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.contracts.board_drafts import ChangeBoard, CreateBoard
from bizosaas_app.gateway.contracts.portfolios import GenerateShowcase
from bizosaas_app.gateway.contracts.referral_conversions import ReverseConversion, ReviewConversion
from bizosaas_app.gateway.contracts.referral_programs import ChangeProgram, CreateProgram
from bizosaas_app.gateway.pipeline import Operation
from bizosaas_app.gateway.ports import Proposed
from bizosaas_app.services.agents.proposals import Draft


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its operation, the operation's command, and what a proposal cannot choose.

    `inner` names a field of the command that holds a command of its own; the fields of that one may stand beside the
    others in a proposal.
    """

    operation: Operation[Any, Any]
    command: type[Command]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    inner: str | None = None

    def arrange(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Give a proposal's arguments in the shape of the command."""
        given = {**arguments, **self.fixed}
        if self.inner is None or self.inner in given:
            return given
        outer = {name: value for name, value in given.items() if name in self.command.model_fields}
        return {**outer, self.inner: {name: value for name, value in given.items() if name not in outer}}


ACTIONS: Final[dict[str, Action]] = {
    "create_achievement": Action(achievements.create_achievement, CreateAchievement, {"dry_run": False}),
    "change_achievement": Action(achievements.change_achievement, ChangeAchievement),
    "review_achievement": Action(achievements.decide_review, DecideReview),
    "create_leaderboard": Action(board_keeping.create_board, CreateBoard),
    "change_leaderboard": Action(board_keeping.change_board, ChangeBoard, inner="change"),
    "review_conversion": Action(referral_conversions.review_conversion, ReviewConversion),
    "reverse_conversion": Action(referral_conversions.reverse_conversion, ReverseConversion),
    "create_referral_program": Action(referral_programs.create_program, CreateProgram),
    "change_referral_program": Action(referral_programs.change_program, ChangeProgram, inner="changes"),
    "generate_showcase": Action(portfolios.generate, GenerateShowcase, {"publish": False}),
}
"""By the name that a specification gives. What is proposed is never only tried, and nobody consents by approving."""


def draft(proposed: Proposed) -> Draft:
    """Check what an agent proposes; what cannot be carried out is given with the reason."""
    action = ACTIONS.get(proposed.action)
    if action is None:
        return _refused(proposed, "There is no such action")
    try:
        command = action.command.model_validate(action.arrange(proposed.arguments))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "arguments"
        return _refused(proposed, f"{place}: {first['msg']}")
    # Without warnings: pydantic does not expect the decimal text that it makes itself of our exact amounts.
    arguments = command.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    return Draft(proposed.action, proposed.title, arguments)


def read(name: str, arguments: Mapping[str, Any]) -> tuple[Operation[Any, Any], Command]:
    """Give the operation and the command of a kept proposal; raises `KeyError` or pydantic's `ValidationError`."""
    action = ACTIONS[name]
    return action.operation, action.command.model_validate(action.arrange(arguments))


def _refused(proposed: Proposed, reason: str) -> Draft:
    return Draft(proposed.action, proposed.title, proposed.arguments, failure=f"The proposal does not fit: {reason}")
