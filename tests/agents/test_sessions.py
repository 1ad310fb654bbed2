"""Sessions: what the plan binds, who takes a step, what a tool's failure means, and runs inside a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agents.runtime import Runtime
from bizosaas_app.gateway.ports import ToolCall
from tests.agents.conftest import Ask
from tests.support.openai_server import Call, Say, helpful, in_turn
from tests.support.runs import MEMBER, Watch, order
from tests.support.trials import ThingArgs, Trials, trial_agent

CHAIN = ("find_thing", {"tool": "next_thing", "with": {"of": "$find_thing.thing"}})


async def test_a_step_takes_what_an_earlier_one_found(embedded: Callable[..., Runtime], trials: Trials) -> None:
    agent = trial_agent({"tool": "find_thing", "with": {"thing": "$input.what"}}, CHAIN[1])
    report = await embedded(agent).run(order("trial", input={"what": "shell"}), Watch())
    assert report.status == "succeeded"
    assert [(name, args.model_dump()) for name, args in trials.seen] == [
        ("find_thing", {"thing": "shell", "colour": None}),
        ("next_thing", {"of": "shell", "size": 1}),
    ]


async def test_a_step_is_taken_for_its_options_only_and_what_rests_on_it_is_left_out(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    first = {"tool": "find_thing", "only": {"depth": ["deep"]}}
    agent = trial_agent(first, CHAIN[1], options={"depth": ["flat", "deep"]}, headline=[{"text": ["Done"]}])
    runtime = embedded(agent)
    for depth, expected in (("flat", []), ("deep", ["find_thing", "next_thing"])):
        trials.seen.clear()
        report = await runtime.run(order("trial", input={"depth": depth}), Watch())
        assert (report.status, [name for name, _ in trials.seen]) == ("succeeded", expected)


async def test_a_model_that_asks_for_a_later_step_first_gets_it_with_what_it_needs(asking: Ask, trials: Trials) -> None:
    later = Call((("next_thing", '{"size": 3}'),))
    runtime, _ = asking(in_turn(later, Say("DONE"), helpful), trial_agent(*CHAIN))
    watch = Watch()
    report = await runtime.run(order("trial"), watch)
    assert report.status == "succeeded"
    assert [(call.tool, call.by, call.arguments) for call in watch.calls] == [
        ("find_thing", "runtime", {}),
        ("next_thing", "model", {"of": "stone", "size": 3}),
    ]


async def test_two_steps_of_one_tool_keep_their_facts_apart(embedded: Callable[..., Runtime], trials: Trials) -> None:
    plan = [{"tool": "find_thing", "name": name, "with": {"thing": name}} for name in ("left", "right")]
    report = await embedded(trial_agent(*plan)).run(order("trial"), Watch())
    assert report.output is not None
    assert [fact["key"] for fact in report.output["facts"]] == ["find_thing_count", "left.find_thing_count"]


async def test_what_a_tool_lacks_goes_back_to_the_model_which_puts_it_right(asking: Ask, trials: Trials) -> None:
    script = in_turn(Call((("picky", "{}"),)), Call((("picky", '{"colour": "red"}'),)), Say("DONE"), helpful)
    runtime, server = asking(script, trial_agent("picky"))
    watch = Watch()
    report = await runtime.run(order("trial"), watch)
    assert report.status == "succeeded"
    assert [(call.error, call.by) for call in watch.calls] == [("say which colour", "model"), (None, "model")]
    assert "say which colour" in str(server.asked[1]["messages"][-1])
    assert trials.seen[-1][1] == ThingArgs(colour="red")


async def test_a_model_sees_what_the_plan_leaves_open_with_its_description(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(helpful, trial_agent({"tool": "find_thing", "with": {"thing": "shell"}}))
    await runtime.run(order("trial"), Watch())
    function = server.asked[0]["tools"][0]["function"]
    assert function["description"] == "Find a thing."
    assert list(function["parameters"]["properties"]) == ["colour"]
    assert "Red, if that matters" in str(function["parameters"])


async def test_wrong_arguments_go_back_to_the_model_with_their_name(asking: Ask, trials: Trials) -> None:
    wrong = Call((("next_thing", '{"size": "huge"}'),))
    runtime, server = asking(in_turn(wrong, helpful), trial_agent(*CHAIN))
    assert (await runtime.run(order("trial"), Watch())).status == "succeeded"
    assert "size" in server.asked[1]["messages"][-1]["content"]


async def test_what_a_tool_lacks_ends_a_run_that_nobody_can_put_right(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    report = await embedded(trial_agent("picky")).run(order("trial"), Watch())
    assert (report.status, report.code, report.message) == ("failed", "tool_failed", "say which colour")


@pytest.mark.parametrize(
    ("step", "code", "message"),
    [
        ("hopeless", "tool_failed", "The books are closed"),
        ("forbidden", "not_permitted", "Only for the accountant"),
        ("guarded", "not_permitted", "Your role does not allow this"),
    ],
)
async def test_a_tool_that_fails_for_good_ends_the_run_with_its_words(
    embedded: Callable[..., Runtime], trials: Trials, step: str, code: str, message: str
) -> None:
    watch = Watch()
    report = await embedded(trial_agent(step)).run(order("trial"), watch)
    assert (report.status, report.code, report.message) == ("failed", code, message)
    assert [call.error for call in watch.calls] == [message]


async def test_a_bug_in_a_tool_is_raised_and_not_told_to_the_model(asking: Ask, trials: Trials) -> None:
    runtime, server = asking(helpful, trial_agent("broken"))
    with pytest.raises(ZeroDivisionError):
        await runtime.run(order("trial"), Watch())
    assert len(server.asked) == 1
    assert len(trials.seen) == 1


async def test_a_watch_that_cannot_keep_a_call_is_a_fault_of_the_run(asking: Ask, trials: Trials) -> None:
    class Full(Watch):
        async def called(self, call: ToolCall) -> None:  # noqa: ARG002
            raise OSError("no space left")

    runtime, server = asking(helpful, trial_agent("find_thing"))
    with pytest.raises(OSError, match="no space"):
        await runtime.run(order("trial"), Full())
    assert len(server.asked) == 1


async def test_runs_inside_a_run_share_its_meter_and_its_watch(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    inner = trial_agent("find_thing", id="inner")
    watch = Watch()
    report = await embedded(trial_agent("nested"), inner).run(order("trial"), watch)
    assert report.output is not None
    assert report.output["headline"] == "Found 14"
    assert report.usage.tool_calls == 3
    assert [call.tool for call in watch.calls] == ["find_thing", "find_thing", "nested"]
    assert [call.number for call in watch.calls] == [1, 2, 3]

    tight = trial_agent("nested", limits={"tool_calls": 2})
    report = await embedded(tight, inner).run(order("trial"), Watch())
    assert (report.status, report.code) == ("failed", "limit_tool_calls")


async def test_a_run_inside_a_run_needs_the_permission_of_its_own_agent(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    inner = trial_agent("find_thing", id="inner", permission="manage_agents")
    runtime = embedded(trial_agent("nested"), inner)
    report = await runtime.run(order("trial"), Watch())
    assert (report.code, trials.seen) == ("not_permitted", [])
    allowed = replace(MEMBER, permissions=frozenset({"use_agents", "manage_agents"}))
    assert (await runtime.run(order("trial", actor=allowed), Watch())).status == "succeeded"


async def test_a_proposal_is_made_when_its_facts_hold_with_its_arguments_bound(
    embedded: Callable[..., Runtime], trials: Trials
) -> None:
    def proposing(least: int) -> dict[str, object]:
        when = {"find_thing_count": {"at_least": least}}
        return {
            "action": "keep_thing",
            "title": "Keep {find_thing_count} things",
            "when": when,
            "with": {"thing": "$find_thing.thing", "place": "shelf"},
        }

    agent = trial_agent("find_thing", proposals=[proposing(7), proposing(8)])
    report = await embedded(agent).run(order("trial"), Watch())
    assert [(item.title, item.arguments) for item in report.proposals] == [
        ("Keep 7 things", {"thing": "stone", "place": "shelf"})
    ]
