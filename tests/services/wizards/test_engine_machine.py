"""Whatever is done in whatever order: no answer is lost, no step is jumped over, nothing is completed twice."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services.wizards import engine
from bizosaas_app.services.wizards.conditions import is_blank
from bizosaas_app.services.wizards.operations import (
    Complete,
    Continue,
    Go,
    Guess,
    Keep,
    Operation,
    Outcome,
    Propose,
    Save,
)
from tests.services.wizards.trial import AROUND, PASSED, RIGHT, TRIAL

NAMES = st.sampled_from(["", "x", "Spring", "Summer"])
KINDS = st.sampled_from(["", "plain", "paid", "gone"])
BUDGETS = st.sampled_from(["", "0", "100", "100.00", "1e3", "ten"])
SHARES = st.sampled_from([[], [{}], RIGHT["shares"], [{"to": "Ads", "amount": "100"}], [{"to": "", "amount": "5"}]])
STARTS = st.sampled_from(
    [{"at": "", "zone": ""}, RIGHT["start"], {"at": "2020-01-01T00:00", "zone": "UTC"}, {"at": "soon", "zone": "Mars"}]
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={"name": NAMES, "kind": KINDS, "budget": BUDGETS, "shares": SHARES, "start": STARTS}
)
STEPS = st.sampled_from([step.key for step in TRIAL.steps])
TABS = st.sampled_from(["desk", "phone"])


class TwoTabsOfOneDraft(RuleBasedStateMachine):
    """Two tabs and an agent at one draft; what a person typed is remembered beside it."""

    @initialize()
    def begin(self) -> None:
        self.draft = engine.begin(TRIAL)
        self.typed: dict[str, Any] = {}
        self.seen = {"desk": 0, "phone": 0}
        self.given_back: list[Any] = []
        self.completions = 0

    def do(self, operation: Operation, tab: str = "desk") -> Outcome | None:
        before = self.draft
        try:
            outcome = engine.apply(TRIAL, self.draft, operation, AROUND)
        except Conflict:
            return None
        self.draft = outcome.draft
        self.seen[tab] = self.draft.version
        assert self.draft.version >= before.version
        if before.status != "open":
            assert self.draft == before
        return outcome

    def type(self, outcome: Outcome | None, answers: dict[str, Any], before: dict[str, Any], seen: int) -> None:
        """Remember what was typed; an answer of the other tab that it took the place of must have been given back."""
        if outcome is None:
            return
        revisions = before["revisions"]
        for key, value in answers.items():
            old = before["answers"].get(key)
            if old != value and not is_blank(old) and revisions.get(key, 0) > seen:
                assert (key, old) in [(item.field, item.lost) for item in outcome.overwritten]
            self.typed[key] = value

    def snapshot(self) -> dict[str, Any]:
        return {"answers": dict(self.draft.answers), "revisions": dict(self.draft.revisions)}

    @rule(answers=ANSWERS, tab=TABS)
    def save(self, answers: dict[str, Any], tab: str) -> None:
        before, seen = self.snapshot(), self.seen[tab]
        self.type(self.do(Save(answers, seen), tab), answers, before, seen)

    @rule(answers=ANSWERS, tab=TABS)
    def go_on(self, answers: dict[str, Any], tab: str) -> None:
        before, seen, step = self.snapshot(), self.seen[tab], self.draft.step
        outcome = self.do(Continue(answers, seen, step), tab)
        self.type(outcome, answers, before, seen)
        if outcome is not None and outcome.draft.step != step:
            assert outcome.problems == {}
            assert engine.judge(TRIAL, TRIAL.step(step), self.draft, AROUND)[1] == {}

    @rule(step=STEPS, tab=TABS)
    def go(self, step: str, tab: str) -> None:
        self.do(Go(step), tab)

    @rule(guesses=ANSWERS)
    def an_agent_proposes(self, guesses: dict[str, Any]) -> None:
        """It brings no fault into a step: neither by what it proposes nor by what that makes of the rest."""
        before, faults = self.draft, self.faults()
        self.do(Propose({name: Guess(value, "why") for name, value in guesses.items()}))
        assert self.faults() <= faults
        taken = {
            name for name, why in self.draft.guesses.items() if self.draft.answers[name] != before.answers.get(name)
        }
        assert not {path.partition(".")[0] for path in self.faults()} & taken

    def faults(self) -> set[str]:
        return {path for step in TRIAL.steps for path in engine.judge(TRIAL, step, self.draft, AROUND)[1]}

    @rule(field=st.sampled_from(["token", "test"]), is_there=st.booleans())
    def the_server_finds(self, field: str, is_there: bool) -> None:
        self.do(Keep(field, PASSED if is_there else None))

    @precondition(lambda self: self.draft.status == "open")
    @rule()
    def fill_everything(self) -> None:
        before, seen = self.snapshot(), self.seen["desk"]
        self.type(self.do(Save(RIGHT, seen)), dict(RIGHT), before, seen)
        self.do(Keep("token", {"says": "…"}))
        self.do(Keep("test", PASSED))

    @rule()
    def complete(self) -> None:
        was_open = self.draft.status == "open"
        outcome = self.do(Complete())
        if outcome is not None and outcome.values is not None:
            assert was_open
            self.completions += 1
            assert engine.first_wrong(TRIAL, self.draft, AROUND) is None

    @invariant()
    def what_a_person_typed_stands(self) -> None:
        for key, value in self.typed.items():
            if not is_blank(value):
                assert self.draft.answers.get(key) == value
            elif key not in self.draft.guesses:
                assert is_blank(self.draft.answers.get(key))

    @invariant()
    def it_is_completed_once_at_most_and_only_then_closed(self) -> None:
        assert self.completions <= 1
        assert (self.draft.status == "completed") == (self.completions == 1)

    @invariant()
    def the_present_step_is_one_of_the_wizard(self) -> None:
        assert self.draft.step in {step.key for step in TRIAL.steps}

    @invariant()
    def an_outcome_is_there_only_with_what_it_depends_on(self) -> None:
        """It is void as soon as its budget or token changes; here both may still be missing, never newer."""
        if "test" in self.draft.answers:
            newest = max(self.draft.revisions.get(name, 0) for name in ("budget", "token"))
            assert self.draft.revisions["test"] > newest or newest == 0


TestTwoTabsOfOneDraft = TwoTabsOfOneDraft.TestCase
TestTwoTabsOfOneDraft.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
