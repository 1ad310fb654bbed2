"""The engine by examples: what each operation does to a draft, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.wizards import engine
from bizosaas_app.services.wizards.conditions import When
from bizosaas_app.services.wizards.fields import Check, Choice, Field, Step
from bizosaas_app.services.wizards.operations import (
    Complete,
    Continue,
    Discard,
    Draft,
    DraftClosed,
    Go,
    Guess,
    Keep,
    Operation,
    Outcome,
    Propose,
    Save,
    StepOutOfOrder,
)
from tests.services.wizards.trial import AROUND, PASSED, RIGHT, TRIAL


def do(draft: Draft, operation: Operation) -> Outcome:
    return engine.apply(TRIAL, draft, operation, AROUND)


def save(draft: Draft, seen: int | None = None, **answers: Any) -> Draft:
    return do(draft, Save(answers, draft.version if seen is None else seen)).draft


def filled(**other: Any) -> Draft:
    answers: Mapping[str, Any] = {**RIGHT, **other}
    draft = save(engine.begin(TRIAL), **answers)
    draft = do(draft, Keep("token", {"says": "…4242"})).draft
    return do(draft, Keep("test", PASSED)).draft


def test_a_wrong_answer_is_kept_as_it_was_typed_and_told_of() -> None:
    outcome = do(engine.begin(TRIAL), Save({"name": "x"}, 0))
    assert outcome.draft.answers["name"] == "x"
    assert outcome.problems == {"name": "Use at least 2 characters"}


def test_a_field_that_nobody_came_to_is_not_reproached_on_saving() -> None:
    assert do(engine.begin(TRIAL), Save({"name": "Spring"}, 0)).problems == {}


def test_a_step_is_left_forwards_only_when_it_is_right() -> None:
    outcome = do(engine.begin(TRIAL), Continue({"name": "Spring"}, 0, "goal"))
    assert outcome.draft.step == "goal"
    assert outcome.problems == {"kind": "Choose the kind"}
    outcome = do(outcome.draft, Continue({"kind": "plain"}, outcome.draft.version, "goal"))
    assert (outcome.draft.step, outcome.problems) == ("when", {})


def test_a_step_that_the_answers_do_not_lead_through_is_passed_over_and_its_answers_stay() -> None:
    draft = save(filled(), kind="plain")
    assert [step.key for step in TRIAL.shown_steps(draft.answers)] == ["goal", "when", "review"]
    assert save(draft, kind="paid").answers["budget"] == "100"


def test_going_back_asks_nothing_and_loses_nothing() -> None:
    draft = replace(filled(), step="review", done=frozenset({"goal", "money", "when"}))
    back = do(draft, Go("goal")).draft
    assert back.step == "goal"
    assert back.answers == draft.answers
    assert do(back, Go("review")).draft.step == "review"


def test_going_forwards_stops_at_the_first_step_that_is_not_right() -> None:
    draft = replace(save(filled(), budget="0"), step="goal", done=frozenset({"goal", "money", "when"}))
    outcome = do(draft, Go("review"))
    assert outcome.draft.step == "money"
    assert outcome.problems["budget"] == "Use at least 1"


def test_nobody_jumps_over_a_step() -> None:
    assert do(filled(), Go("review")).draft.step == "money"
    with pytest.raises(StepOutOfOrder):
        do(filled(), Go("nowhere"))


def test_a_later_save_of_an_older_tab_wins_and_gives_back_what_it_took_the_place_of() -> None:
    draft = engine.begin(TRIAL)
    first = save(draft, seen=0, name="From the phone")
    outcome = do(first, Save({"name": "From the desk"}, 0))
    assert outcome.draft.answers["name"] == "From the desk"
    assert [(item.field, item.lost) for item in outcome.overwritten] == [("name", "From the phone")]
    assert do(outcome.draft, Save({"name": "Again"}, outcome.draft.version)).overwritten == ()


def test_a_tab_that_saves_another_field_overwrites_nothing() -> None:
    first = save(engine.begin(TRIAL), name="Spring")
    outcome = do(first, Save({"kind": "plain"}, 0))
    assert outcome.overwritten == ()
    assert outcome.draft.answers == {"name": "Spring", "kind": "plain"}


def test_a_guess_fills_what_is_empty_and_never_what_was_typed() -> None:
    draft = save(engine.begin(TRIAL), name="Mine")
    guesses = {"name": Guess("Theirs", "It sells"), "kind": Guess("plain", "You have no budget")}
    proposed = do(draft, Propose(guesses)).draft
    assert proposed.answers == {"name": "Mine", "kind": "plain"}
    assert proposed.guesses == {"kind": "You have no budget"}
    assert save(proposed, kind="paid").guesses == {}


def test_a_guess_that_a_person_saves_is_theirs() -> None:
    guessed = do(engine.begin(TRIAL), Propose({"kind": Guess("paid", "You have a budget")})).draft
    taken = save(guessed, kind="paid")
    assert taken.guesses == {}
    assert do(taken, Propose({"kind": Guess("plain", "Or not")})).draft.answers["kind"] == "paid"


@pytest.mark.parametrize(
    ("guesses", "taken"),
    [
        ({"name": "x", "kind": "paid"}, {"kind": "paid"}),
        ({"name": "Spring", "kind": "gone"}, {"name": "Spring"}),
        ({"name": "", "owner": "bob"}, {}),
        ({"owner": "ana", "budget": "0.001"}, {"owner": "ana"}),
        ({"budget": "100", "shares": [{"to": "Ads", "amount": "99.99"}]}, {"budget": "100"}),
        ({"budget": "100", "shares": RIGHT["shares"]}, {"budget": "100", "shares": RIGHT["shares"]}),
        ({"token": {"says": "x"}, "test": PASSED, "foreign": "x"}, {}),
    ],
)
def test_a_guess_obeys_what_its_step_asks_for(guesses: dict[str, Any], taken: dict[str, Any]) -> None:
    operation = Propose({key: Guess(value, "why") for key, value in guesses.items()})
    draft = do(save(engine.begin(TRIAL), owner=""), operation).draft
    assert {key: value for key, value in draft.answers.items() if key != "owner" or value} == taken
    assert draft.guesses.keys() == taken.keys()


def test_guesses_that_bring_a_fault_into_what_was_typed_are_left_out() -> None:
    draft = save(engine.begin(TRIAL), budget="100")
    shares = [{"to": "Ads", "amount": "60"}]
    assert do(draft, Propose({"shares": Guess(shares, "why")})).draft == draft
    step = replace(TRIAL.steps[1], checks=(Check(("budget", "shares"), lambda *_: {"budget": "Too little"}),))
    strict = replace(TRIAL, steps=(TRIAL.steps[0], step, *TRIAL.steps[2:]))
    whole = Propose({"shares": Guess(RIGHT["shares"], "why")})
    assert engine.apply(strict, draft, whole, AROUND).draft == draft


def test_a_guess_for_a_field_that_is_not_asked_for_is_left_out() -> None:
    way = Field("way", "Way", "choice", choices=(Choice("a", "A"), Choice("b", "B")), initial="a")
    detail = Field("detail", "Detail", shown_when=When("way", "is", ("b",)))
    wizard = replace(TRIAL, steps=(Step("first", "First", "Now.", (way, detail)),))
    both = Propose({"way": Guess("b", "why"), "detail": Guess("x", "why")})
    assert engine.apply(wizard, engine.begin(wizard), both, AROUND).draft.answers == {"way": "b", "detail": "x"}
    typed = engine.apply(wizard, engine.begin(wizard, {"way": "a"}), both, AROUND).draft
    assert (typed.answers, typed.guesses) == ({"way": "a"}, {})


def test_rows_are_proposed_into_an_empty_list_and_not_into_one_with_a_word_in_it() -> None:
    rows = Propose({"shares": Guess(RIGHT["shares"], "why")})
    draft = save(engine.begin(TRIAL), budget="100", shares=[{}, {"to": ""}])
    assert do(draft, rows).draft.answers["shares"] == RIGHT["shares"]
    begun = save(draft, shares=[{"to": "Ads"}])
    assert do(begun, rows).draft == begun


def test_what_only_the_server_knows_cannot_be_typed() -> None:
    with pytest.raises(InputInvalid) as refused:
        save(engine.begin(TRIAL), test=PASSED, token={"says": "…"}, foreign="x")
    assert set(refused.value.fields) == {"test", "token", "foreign"}
    with pytest.raises(InputInvalid):
        do(engine.begin(TRIAL), Keep("name", {"says": "x"}))


def test_an_outcome_holds_only_for_the_answers_it_was_found_for() -> None:
    assert "test" in filled().answers
    assert "test" not in save(filled(), budget="200").answers
    assert "test" not in do(filled(), Keep("token", {"says": "…1111"})).draft.answers
    assert "test" in save(filled(), name="Summer").answers


def test_an_outcome_that_failed_holds_the_step() -> None:
    draft = do(filled(), Keep("test", {"state": "failed", "says": "the key is wrong"})).draft
    outcome = do(draft, Complete())
    assert outcome.draft.step == "money"
    assert outcome.problems == {"test": "Run the test again: the key is wrong"}


def test_a_rule_over_several_fields_is_told_at_its_field() -> None:
    outcome = do(filled(shares=[{"to": "Ads", "amount": "60"}]), Complete())
    assert outcome.problems == {"shares": "The shares sum to 60.00, not to 100.00"}


def test_what_is_wrong_inside_of_rows_is_told_by_row_and_column() -> None:
    outcome = do(filled(shares=[{"to": "Ads", "amount": "60"}, {}, {"to": "", "amount": "much"}]), Complete())
    assert outcome.problems == {
        "shares.2.to": "Say whom it goes to",
        "shares.2.amount": "Use a number such as 12 or 12.50",
    }


def test_completing_gives_the_values_once() -> None:
    outcome = do(filled(), Complete())
    assert outcome.draft.status == "completed"
    assert outcome.values is not None
    assert outcome.values["name"] == "Spring"
    assert outcome.values["start"].isoformat() == "2026-12-01T08:00:00+00:00"
    again = do(outcome.draft, Complete())
    assert again.values is None
    assert again.draft == outcome.draft


@pytest.mark.parametrize("how", [Complete(), Discard()])
def test_nothing_changes_a_draft_that_is_closed(how: Operation) -> None:
    closed = do(filled(), how).draft
    for operation in (Save({"name": "Late"}, 0), Go("goal"), Propose({}), Keep("token", None), Discard()):
        with pytest.raises(DraftClosed):
            do(closed, operation)


def test_a_condition_sees_what_stands_in_a_field_before_anybody_has_answered() -> None:
    way = Field("way", "Way", "choice", choices=(Choice("a", "A"), Choice("b", "B")), initial="a")
    detail = Field("detail", "Detail", shown_when=When("way", "is", ("a",)))
    later = Step("later", "Later", "Then.", shown_when=When("way", "is", ("a",)))
    wizard = replace(TRIAL, steps=(Step("first", "First", "Now.", (way, detail)), later))
    draft = engine.begin(wizard)
    assert [step.key for step in wizard.shown_steps(draft.answers)] == ["first", "later"]
    assert engine.apply(wizard, draft, Complete(), AROUND).problems == {"detail": "Enter the detail"}
    other = engine.apply(wizard, draft, Save({"way": "b"}, 0), AROUND).draft
    assert engine.apply(wizard, other, Complete(), AROUND).values == {"way": "b"}
