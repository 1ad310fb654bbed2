"""The catalogue is whole and consistent: what a program can check of ninety-three agents."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from jsonschema import Draft202012Validator
from sklearn.feature_extraction.text import TfidfVectorizer

from agents.loader import Agent, catalogue
from agents.spec import AREAS
from agents.tooling import TOOLS
from agents.wording import SLOT
from bizosaas_app.gateway.agent_actions import ACTIONS
from bizosaas_app.gateway.routes import GAMIFICATION_AGENTS
from bizosaas_app.kernel import number_guard
from bizosaas_app.kernel.permissions import PERMISSIONS

ALIKE = 0.6
"""Cosine of two goals in TF-IDF: above it they are one job in other words."""
ALIKE_WITH_THE_SAME_TOOLS = 0.35

each_agent = pytest.mark.parametrize("agent", [pytest.param(agent, id=agent.id) for agent in catalogue().values()])


def test_there_are_ninety_three_five_of_gamification_and_eight_of_each_other_area() -> None:
    assert Counter(agent.spec.area for agent in catalogue().values()) == {
        area: 5 if area == "gamification" else 8 for area in AREAS
    }
    assert set(GAMIFICATION_AGENTS) <= set(catalogue())


def test_no_two_agents_are_the_same_job_in_other_words() -> None:
    agents = list(catalogue().values())
    goals = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(
        f"{agent.spec.name} {agent.spec.role} {agent.spec.goal}" for agent in agents
    )
    cosines = (goals @ goals.T).toarray()
    for (row, one), (column, other) in combinations(enumerate(agents), 2):
        most = ALIKE_WITH_THE_SAME_TOOLS if set(one.tools) == set(other.tools) else ALIKE
        assert cosines[row, column] < most, f"{one.id} and {other.id}"


def test_names_and_goals_are_each_agents_own() -> None:
    for told in ("name", "shown_name", "goal"):
        counted = Counter(getattr(agent.spec, told).casefold() for agent in catalogue().values())
        assert [text for text, count in counted.items() if count > 1] == []


def test_every_tool_is_some_agents() -> None:
    assert set(TOOLS) - {tool.name for agent in catalogue().values() for tool in agent.tools} == set()


@each_agent
def test_templates_carry_no_figure_in_digits_or_in_words(agent: Agent) -> None:
    spec = agent.spec
    templates = [text for rule in (*spec.headline, *spec.summary) for text in rule.text]
    templates += [text for rule in spec.advice for text in (*rule.text, *rule.why)]
    templates += [text for draft in spec.drafts.values() for rule in draft.sentences for text in rule.text]
    faults = [fault.text for text in templates for fault in number_guard.find_faults(SLOT.sub("named", text), ())]
    assert faults == []


@each_agent
def test_schemas_are_valid_and_the_example_fits_its_own(agent: Agent) -> None:
    for model in (agent.input_model, agent.output_model):
        Draft202012Validator.check_schema(model.model_json_schema())
    example = agent.input_model.model_validate(agent.spec.example)
    data = example.model_dump(mode="json", exclude_unset=True)
    Draft202012Validator(agent.input_model.model_json_schema()).validate(data)
    assert agent.input_model.model_validate(data) == example


@each_agent
def test_it_asks_for_permissions_and_actions_that_exist(agent: Agent) -> None:
    assert agent.spec.permission in PERMISSIONS
    assert {tool.permission for tool in agent.tools} - {None} <= set(PERMISSIONS)
    assert {proposal.action for proposal in agent.spec.proposals} <= set(ACTIONS)


@each_agent
def test_its_case_is_of_its_own_tools_and_asserts_a_figure(agent: Agent) -> None:
    case = agent.spec.case
    assert set(case.must_call) <= {tool.name for tool in agent.tools}
    assert case.facts or case.says
    assert set(case.parts) <= set(agent.spec.parts)
