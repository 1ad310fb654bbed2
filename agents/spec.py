"""The specification of an agent: data, validated when the catalogue is loaded. No agent has a module of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

AREAS: Final[dict[str, str]] = {
    "gamification": "Gamification",
    "marketing_strategy": "Marketing strategy",
    "seo": "SEO",
    "content": "Content",
    "social_media": "Social media",
    "paid_advertising": "Paid advertising",
    "crm_sales": "CRM and sales",
    "ecommerce": "E-commerce",
    "sourcing_supply": "Sourcing and supply",
    "analytics": "Analytics",
    "finance_billing": "Finance and billing",
    "support_operations": "Support and operations",
}
"""The areas by key; five agents in the first, eight in each of the others."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Strict):
    """What a run may use. Reaching one ends the run as failed, with the limit's name as the reason."""

    steps: int = Field(12, ge=1, le=50)
    """Calls of the model."""
    tool_calls: int = Field(16, ge=1, le=60)
    seconds: float = Field(60, gt=0, le=600)
    """Wall-clock time from the start of the run."""
    tokens: int = Field(60_000, ge=100, le=1_000_000)
    """Tokens in and out, together."""
    cost_usd: Decimal = Field(Decimal("0.50"), ge=0, le=100)
    """By the price table of the model; the embedded engine costs nothing."""


class Archetype(_Strict):
    """A kind of agent: how it works and speaks, and the limits that it usually has."""

    backstory: str
    limits: Limits = Limits()


class Step(_Strict):
    """A tool call of the plan.

    An argument is a plain value, `$input.x` for a field of the run's input, or `$step.x` for a value of an earlier
    step's result. What the plan binds is filled in by our code; a model neither sees nor changes it.
    """

    tool: Name
    name: Name | None = None
    """By which later steps and texts call this one; the tool's name without it."""
    arguments: dict[str, Any] = Field(default_factory=dict, alias="with")
    only: dict[str, list[str]] = Field(default_factory=dict)
    """Options of the input with the words for which this step is taken; without it, always."""
    if_allowed: dict[str, list[str]] = Field(default_factory=dict)
    """Options with the words for which this step is left out for an asker who may not use its tool: an addition to
    what they asked for. Elsewhere such an asker is refused."""

    @property
    def key(self) -> str:
        """Its name among the steps."""
        return self.name or self.tool


class Test(_Strict):
    """A condition on one fact; all that are given must hold."""

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    equals: float | str | None = None
    known: bool | None = None
    """Whether the fact must be there, or must not."""


class Sentence(_Strict):
    """One of the wordings is said when the condition holds and all of its `{fact}` slots are filled."""

    when: dict[str, Test] = Field(default_factory=dict)
    text: list[str] = Field(min_length=1)


class Advice(_Strict):
    """A thing to do, said under the same rules."""

    when: dict[str, Test] = Field(default_factory=dict)
    text: list[str] = Field(min_length=1)
    why: list[str] = Field(default_factory=list)


class Writing(_Strict):
    """A draft that is written from sentences: a mail, a post, a page's text."""

    title: str
    format: Literal["plain", "markdown"] = "plain"
    sentences: list[Sentence] = Field(min_length=1)


class Proposal(_Strict):
    """A change that the agent may propose; a person decides, and the gateway carries it out with that person's rights.

    `arguments` are bound as a step's are, after all steps are done.
    """

    action: Name
    title: str
    when: dict[str, Test] = Field(default_factory=dict)
    arguments: dict[str, Any] = Field(default_factory=dict, alias="with")


class Case(_Strict):
    """The evaluation case: what must be true of the example's run."""

    must_call: list[Name] = Field(min_length=1)
    facts: dict[str, Test] = Field(default_factory=dict)
    """Conditions on facts, computed by hand or by another way than the tool's."""
    says: list[Name] = Field(default_factory=list)
    """Facts whose rendered form must stand in headline, summary or advice."""
    parts: list[Name] = Field(default_factory=list)
    """Parts that must not be empty."""


class AgentSpec(_Strict):
    """An agent. Its input model is made of the fields that the plan binds, its output model of the parts it names."""

    id: Name
    name: str = Field(min_length=3, max_length=60)
    """By which programs and documents call it."""
    title: str | None = Field(None, min_length=3, max_length=60)
    """What people read where the name is not for them; without it, the name."""
    area: Name
    archetype: Name
    role: str = Field(min_length=3, max_length=120)
    goal: str = Field(min_length=20, max_length=300)
    plan: list[Step] = Field(min_length=1)
    options: dict[str, list[str]] = Field(default_factory=dict)
    """Input fields that are no tool's argument: each with its allowed words, the first is the default."""
    parts: dict[Name, str] = Field(min_length=1)
    """The output's parts: name -> `step.part` of a tool, or `draft.x` for one of `drafts`."""
    headline: list[Sentence] = Field(min_length=1)
    summary: list[Sentence] = Field(min_length=1)
    advice: list[Advice] = Field(min_length=1)
    drafts: dict[Name, Writing] = Field(default_factory=dict)
    proposals: list[Proposal] = Field(default_factory=list)
    limits: Limits | None = None
    permission: str = "use_agents"
    example: dict[str, Any]
    case: Case
    version: int = Field(1, ge=1)

    @property
    def shown_name(self) -> str:
        """What people call it."""
        return self.title or self.name
